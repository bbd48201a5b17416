import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { withdrawnSummary } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { Transition } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { glanceIfVisible } from './lookup.ts';

/** C4: the statuses to which a withdrawn change request may be moved, preferred ones first. */
const withdrawnTargets = [/cancel/i, /withdraw/i, /declin/i, /^clos/i];

type Withdrawal = { readonly kind: 'withdrawn' } | { readonly kind: 'impossible'; readonly why: Text };

/**
 * C4: withdraws the run's own change request in favour of an older one with the same title, provided that
 * nobody has decided an approval on it and it is still in its first status.
 * @param isInFirstStatus returns whether the change request is still in its first status
 */
export async function withdrawOwn(
  context: RunContext,
  own: string,
  older: string,
  isInFirstStatus: (changeRequest: ChangeRequest) => boolean,
): Promise<Withdrawal> {
  const { serviceDesk, settings, log } = context;
  const now = await glanceIfVisible(context, own);
  if (now === undefined) return impossible(text`it cannot be read`);
  if (!isInFirstStatus(now)) return impossible(text`its status is already ${now.status.name}`);
  const undecided = await approvalsUndecided(context, own);
  if (undecided !== true) return impossible(undecided);

  const summary = withdrawnSummary(older, settings.title);
  // Only a read shows whether Jira stored the summary.
  const edited = await attempt(() => serviceDesk.edit(own, { summary }));
  const after = await glanceIfVisible(context, own);
  if (after?.summary !== summary)
    return impossible(edited instanceof Fault ? edited.summary : text`Jira did not store its new summary`);

  await harmless(context, () =>
    serviceDesk.addComment(
      own,
      `Withdrawn: ${older} with the same title was raised first, and only one may stay open.`,
      'agents',
    ),
  );
  await harmless(context, () => moveAway(context, own));
  log.highlight(
    text`Withdrew the change request ${changeRequestLink(context, own)}, which this run raised: ${changeRequestLink(context, older)} with the same title is older.`,
  );
  return { kind: 'withdrawn' };
}

function impossible(why: Text): Withdrawal {
  return { kind: 'impossible', why };
}

async function approvalsUndecided(context: RunContext, key: string): Promise<true | Text> {
  const approvals = await attempt(() => context.serviceDesk.approvals(key, 'retried'));
  if (approvals instanceof Fault) return text`its approvals cannot be read (${approvals.summary})`;
  const decided = approvals.some(
    (approval) =>
      approval.finalDecision !== 'pending' ||
      approval.approvers.some((approver) => approver.decision !== 'pending'),
  );
  return decided ? text`an approval on it is already decided` : true;
}

async function moveAway(context: RunContext, key: string): Promise<void> {
  const { serviceDesk, log } = context;
  const transitions = await serviceDesk.transitions(key, []);
  const away = bestTarget(transitions.filter(({ screen }) => screen.problems.length === 0));
  if (away === undefined) return;
  const answer = await serviceDesk.transition(key, away);
  if (answer.kind === 'lost') log.verbose(answer.why);
}

/** Returns a transition to a cancelled, withdrawn, declined or closed status; undefined if there is none. */
export function bestTarget(transitions: readonly Transition[]): Transition | undefined {
  for (const pattern of withdrawnTargets) {
    const found = transitions.find(
      ({ to }) => pattern.test(to.name) || pattern.test(to.untranslatedName ?? ''),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Runs an action that helps people but decides nothing: a fault is only logged. */
async function harmless(context: RunContext, action: () => Promise<void>): Promise<void> {
  const done = await attempt(action);
  if (done instanceof Fault) context.log.verbose(text`${done.summary}`);
}
