import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { changeState, isOpen } from '../../domain/change/change-state.ts';
import { type ChangeRules, type Decision, decide } from '../../domain/decision/decision.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { isOfAnotherServerOrSpace, readRunLine } from '../../domain/deployment/run-line.ts';
import { isTitleOfWithdrawn, mostWithdrawals, withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ParkedChecks } from './parked-checks.ts';
import type { ParkedRun, ParkedSite } from './parked-run.ts';
import type { PassContext } from './pass-context.ts';

export type Judgement =
  | { readonly kind: 'judged'; readonly check: TimedCheck; readonly decision: Decision }
  /**
   * Its approvals cannot be read, or it was withdrawn and no other one can be used (L10): it is not answered.
   */
  | { readonly kind: 'left'; readonly why: Text };

/** R4: decides on a parked run as a gate without a wait limit would now. */
export async function judge(
  { here }: PassContext,
  { site }: Pick<ParkedRun, 'site'>,
  first: TimedCheck,
  checks: Pick<ParkedChecks, 'afterWithdrawal'>,
): Promise<Judgement> {
  const { summary, key } = first.changeRequest;
  const left = (why: Text): Judgement => ({
    kind: 'left',
    why: text`${key} was withdrawn, and ${why}. Answer the Manual Intervention yourself.`,
  });
  let check = first;
  let named = withdrawnInFavourOf(summary);
  for (let followed = 0; named !== undefined; followed += 1) {
    if (followed === mostWithdrawals)
      return left(text`following the change requests that replace it leads to no open one`);
    const [withdrawn, other] = [check, named];
    const next = await attempt(() => checks.afterWithdrawal(withdrawn, other));
    if (next instanceof Fault) {
      if (next.kind === 'missing') return left(text`${other} cannot be read`);
      throw next;
    }
    check = next;
    named = withdrawnInFavourOf(check.changeRequest.summary);
  }
  const why = check === first ? undefined : whyUnusable(check.changeRequest, summary, site, here);
  return why === undefined ? withApprovals(site, check) : left(why);
}

/**
 * A2: reads the approvals only of a change request in a status that proceeds. Who deploys is not known here,
 * so it does not matter who gave them. The age of the check counts, since its read is the older one.
 */
async function withApprovals(
  { approvalCheck, rules, serviceDesk }: ParkedSite,
  check: TimedCheck,
): Promise<Judgement> {
  const { key, status } = check.changeRequest;
  if (approvalCheck === 'status' || changeState(status, rules.states) !== 'proceed') {
    return judged(check, rules);
  }
  const approvals = await attempt(() => serviceDesk.approvals(key, 'retried'));
  if (approvals instanceof Fault) {
    if (approvals.kind === 'login' || approvals.kind === 'unreachable') throw approvals;
    return { kind: 'left', why: text`the approvals of ${key} cannot be read: ${approvals.summary}` };
  }
  const approval = { check: 'approved', deployer: undefined } as const;
  const both = { ...check, approvals };
  return judged(both, { ...rules, approval });
}

function judged(check: TimedCheck, rules: ChangeRules): Judgement {
  return { kind: 'judged', check, decision: decide(check, rules) };
}

/** L10: returns why the change request that a withdrawn one names cannot be used; undefined if it can. */
function whyUnusable(
  { key, projectKey, summary, status, description }: ChangeRequest,
  withdrawn: string,
  site: ParkedSite,
  here: PassContext['here'],
): Text | undefined {
  if (!isTitleOfWithdrawn(summary, withdrawn)) return text`${key} has another title`;
  if (!site.rules.projects.includes(projectKey)) return text`${key} is in another project`;
  const line = readRunLine(description);
  if (line !== undefined && isOfAnotherServerOrSpace(line, { ...here, runId: '' })) {
    return text`${key} belongs to another Octopus server or space`;
  }
  return isOpen(status, site.rules.states) ? undefined : text`${key} is closed (status ${status.name})`;
}
