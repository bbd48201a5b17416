import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { changeState, isOpen } from '../../domain/change/change-state.ts';
import { type ChangeRules, type Decision, decide } from '../../domain/decision/decision.ts';
import type { TimedLook } from '../../domain/decision/run-record.ts';
import { isOfAnotherServerOrSpace, readRunLine } from '../../domain/deployment/run-line.ts';
import { isTitleOfWithdrawn, mostWithdrawals, withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ParkedRun, ParkedSite } from './parked-run.ts';
import type { PassContext } from './pass-context.ts';

export type Judgement =
  | { readonly kind: 'judged'; readonly look: TimedLook; readonly decision: Decision }
  /** Its approvals cannot be read, or it was withdrawn for one that cannot be used (L10): people have to see to it. */
  | { readonly kind: 'left'; readonly why: Text };

/** R4: what a gate without a wait limit would decide on a parked run now. */
export async function judge(
  { here }: PassContext,
  { site }: Pick<ParkedRun, 'site'>,
  first: TimedLook,
  lookAt: (key: string) => Promise<TimedLook>,
): Promise<Judgement> {
  const { summary, key } = first.changeRequest;
  let look = first;
  if (withdrawnInFavourOf(summary) !== undefined) {
    const followed = await inFavourOf(summary, site, here);
    if (typeof followed !== 'string') {
      return { kind: 'left', why: text`${key} was withdrawn, and ${followed}. Answer it by hand.` };
    }
    look = await lookAt(followed);
  }
  if (withdrawnInFavourOf(look.changeRequest.summary) !== undefined) {
    return { kind: 'left', why: text`${look.changeRequest.key} was withdrawn meanwhile.` };
  }
  return withApprovals(site, look);
}

/**
 * A2: approvals are read only of a change request in a status that proceeds; who deploys is not known here, so that
 * they have to be given, by whomever. The age of the look, which is the older answer, counts for both.
 */
async function withApprovals(
  { approvalCheck, rules, serviceDesk }: ParkedSite,
  look: TimedLook,
): Promise<Judgement> {
  const { key, status } = look.changeRequest;
  if (approvalCheck === 'status' || changeState(status, rules.states) !== 'proceed') {
    return judged(look, rules);
  }
  const approvals = await attempt(() => serviceDesk.approvals(key, 'retried'));
  if (approvals instanceof Fault) {
    if (approvals.kind === 'login' || approvals.kind === 'unreachable') throw approvals;
    return { kind: 'left', why: text`the approvals of ${key} cannot be read: ${approvals.summary}` };
  }
  const approval = { check: 'approved', deployer: undefined } as const;
  const both = { ...look, approvals };
  return judged(both, { ...rules, approval });
}

function judged(look: TimedLook, rules: ChangeRules): Judgement {
  return { kind: 'judged', look, decision: decide(look, rules) };
}

/** L10: the key of the open change request in whose favour one was withdrawn, or why there is none. */
async function inFavourOf(
  summary: string,
  site: ParkedSite,
  here: PassContext['here'],
): Promise<string | Text> {
  let named = withdrawnInFavourOf(summary);
  for (let followed = 0; named !== undefined && followed < mostWithdrawals; followed += 1) {
    const key = named;
    const other = await attempt(() => site.serviceDesk.glance(key));
    if (other instanceof Fault) {
      if (other.kind === 'missing') return text`${key} cannot be read`;
      throw other;
    }
    named = withdrawnInFavourOf(other.summary);
    if (named === undefined) return whyUnusable(other, summary, site, here) ?? key;
  }
  return text`its withdrawals lead nowhere`;
}

function whyUnusable(
  { key, summary, status, description }: ChangeRequest,
  withdrawn: string,
  site: ParkedSite,
  here: PassContext['here'],
): Text | undefined {
  if (!isTitleOfWithdrawn(summary, withdrawn)) return text`${key} has another title`;
  const line = readRunLine(description);
  if (line !== undefined && isOfAnotherServerOrSpace(line, { ...here, runId: '' })) {
    return text`${key} belongs to another Octopus server or space`;
  }
  return isOpen(status, site.rules.states) ? undefined : text`${key} is closed (status ${status.name})`;
}
