import { type Approval, checkApprovals, latestApprovals } from '../domain/change/approval-check.ts';
import type { StopDecision, WaitDecision } from '../domain/decision/decision.ts';
import type { TimedCheck } from '../domain/decision/run-record.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { RunContext } from './run-context.ts';

const decided = [
  ['approved', 'Approved by'],
  ['declined', 'Declined by'],
  ['pending', 'Still pending'],
] as const;
/** How many people one line names at most. */
const mostNames = 10;
/** A generous limit for the duration of one read whose result is only shown. */
const longestReadMs = 6000;

/**
 * M4, A3: returns the approvals to show: those of the check, or else the result of a single attempt to read
 * them. They decide nothing, so it is not an error if JSM does not return them.
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

/** P4: returns whether there is time for a read for display only: it must not run into the wait limit. */
export function mayReadToShow({ clock, deadline }: RunContext): boolean {
  return deadline === undefined || deadline - clock.now() >= longestReadMs;
}

/** M2: returns the approvals to show if the status refuses the deployment: they may say who declined. */
export async function approvalsOfRefusal(
  context: RunContext,
  { reason }: StopDecision,
  check: TimedCheck,
): Promise<readonly Approval[] | undefined> {
  return reason === 'status-refuses' ? approvalsToShow(context, check) : undefined;
}

/** M4: returns the approvals to show while a run waits, unless only Planned start is awaited. */
export async function approvalsOfWait(
  context: RunContext,
  { reason }: WaitDecision,
  check: TimedCheck,
): Promise<readonly Approval[] | undefined> {
  return reason === 'before-planned-start' ? undefined : approvalsToShow(context, check);
}

/** M4: says who approved, who declined and who still has to decide. */
export function approverWords(approvals: readonly Approval[] | undefined): Text | undefined {
  // Once an approval is decided, Jira leaves the approvers who no longer need to answer at pending.
  const approvers = latestApprovals(approvals ?? []).flatMap(({ finalDecision, approvers }) =>
    approvers.filter(({ decision }) => decision !== 'pending' || finalDecision === 'pending'),
  );
  const said = decided.flatMap(([decision, what]) => {
    const names = approvers.filter((approver) => approver.decision === decision).map(({ name }) => name);
    return names.length === 0 ? [] : [text`${what}: ${nameList(names)}.`];
  });
  return said.length === 0 ? undefined : join(said, ' ');
}

/** A3: says who approved, and when each approval was completed. */
export function approvedBy(approvals: readonly Approval[] | undefined): Text | undefined {
  const given = latestApprovals(approvals ?? []).filter(({ finalDecision }) => finalDecision === 'approved');
  const said = given.flatMap(({ approvers, completed }) => {
    const names = approvers.filter(({ decision }) => decision === 'approved').map(({ name }) => name);
    if (names.length === 0) return [];
    return [completed === undefined ? text`${nameList(names)}` : text`${nameList(names)} at ${completed}`];
  });
  return said.length === 0 ? undefined : text`approved by ${join(said, ', and by ')}`;
}

/** M2: says who declined. */
export function declinedBy(approvals: readonly Approval[] | undefined): Text | undefined {
  const names = latestApprovals(approvals ?? [])
    .flatMap(({ approvers }) => approvers)
    .filter(({ decision }) => decision === 'declined')
    .map(({ name }) => name);
  return names.length === 0 ? undefined : text`declined by ${nameList(names)}`;
}

/** M1: returns whether every approval is given, so that only a change of the status is missing. */
export function isAllGiven(approvals: readonly Approval[] | undefined): boolean {
  const rule = { check: 'approved', deployer: undefined } as const;
  return approvals !== undefined && checkApprovals(approvals, rule).kind === 'holds';
}

export function nameList(names: readonly string[]): Text {
  const different = [...new Set(names)];
  const shown = text`${different.slice(0, mostNames).join(', ')}`;
  return different.length > mostNames ? text`${shown} and ${different.length - mostNames} more` : shown;
}
