import { type Approval, checkApprovals, latestApprovals } from '../domain/change/approval-check.ts';
import type { StopDecision } from '../domain/decision/decision.ts';
import type { TimedCheck } from '../domain/decision/run-record.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { RunContext } from './run-context.ts';

const decided = [
  ['approved', 'Approved by'],
  ['declined', 'Declined by'],
  ['pending', 'Still pending'],
] as const;
/** How many people one line names. */
const mostNames = 10;
/** How long one read of what is only shown may take, generously. */
const longestReadMs = 6000;

/**
 * M4, A3: the approvals, to be shown: those of the check, or what one try of one read gives. It is not an error if JSM
 * does not show them, and nothing is decided by it.
 */
export async function approvalsToShow(
  context: RunContext,
  { approvals, changeRequest }: TimedCheck,
): Promise<readonly Approval[] | undefined> {
  if (approvals !== undefined) return approvals;
  if (!mayReadToShow(context)) return undefined;
  const { serviceDesk, record } = context;
  const shown = await attempt(() => serviceDesk.approvals(changeRequest.key, 'once'));
  if (shown instanceof Fault) return undefined;
  record.approvals = shown;
  return shown;
}

/** P4: the wait limit must not end a run over what is only shown. */
export function mayReadToShow({ clock, deadline }: RunContext): boolean {
  return deadline === undefined || deadline - clock.now() >= longestReadMs;
}

/** M2: for a refusal, who declined may matter. */
export async function approvalsOfRefusal(
  context: RunContext,
  { reason }: StopDecision,
  check: TimedCheck,
): Promise<readonly Approval[] | undefined> {
  return reason === 'status-refuses' ? approvalsToShow(context, check) : undefined;
}

/** M4: who has approved and who still has to. */
export function approverWords(approvals: readonly Approval[] | undefined): Text | undefined {
  // Jira leaves those at pending who no longer need to answer.
  const approvers = (approvals ?? []).flatMap(({ finalDecision, approvers }) =>
    approvers.filter(({ decision }) => decision !== 'pending' || finalDecision === 'pending'),
  );
  const said = decided.flatMap(([decision, what]) => {
    const names = approvers.filter((approver) => approver.decision === decision).map(({ name }) => name);
    return names.length === 0 ? [] : [text`${what}: ${nameList(names)}.`];
  });
  return said.length === 0 ? undefined : join(said, ' ');
}

/** A3: who approved, and when that was final. */
export function approvedBy(approvals: readonly Approval[] | undefined): Text | undefined {
  const given = latestApprovals(approvals ?? []).filter(({ finalDecision }) => finalDecision === 'approved');
  const said = given.flatMap(({ approvers, completed }) => {
    const names = approvers.filter(({ decision }) => decision === 'approved').map(({ name }) => name);
    if (names.length === 0) return [];
    return [completed === undefined ? text`${nameList(names)}` : text`${nameList(names)} at ${completed}`];
  });
  return said.length === 0 ? undefined : text`approved by ${join(said, ', and by ')}`;
}

/** M2: who declined. */
export function declinedBy(approvals: readonly Approval[] | undefined): Text | undefined {
  const names = latestApprovals(approvals ?? [])
    .flatMap(({ approvers }) => approvers)
    .filter(({ decision }) => decision === 'declined')
    .map(({ name }) => name);
  return names.length === 0 ? undefined : text`declined by ${nameList(names)}`;
}

/** M1: nobody is left to approve, so somebody has to move the change request. */
export function isAllGiven(approvals: readonly Approval[] | undefined): boolean {
  const rule = { check: 'approved', deployer: undefined } as const;
  return approvals !== undefined && checkApprovals(approvals, rule).kind === 'holds';
}

export function nameList(names: readonly string[]): Text {
  const different = [...new Set(names)];
  const shown = text`${different.slice(0, mostNames).join(', ')}`;
  return different.length > mostNames ? text`${shown} and ${different.length - mostNames} more` : shown;
}
