import { attempt, Fault } from '../domain/fault.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { RunContext } from './run-context.ts';

const decided = [
  ['approved', 'Approved by'],
  ['declined', 'Declined by'],
  ['pending', 'Still pending'],
] as const;

/** M4: who has approved and who still has to, if JSM shows it; it is not an error if it does not. */
export async function approversOf({ serviceDesk }: RunContext, key: string): Promise<Text | undefined> {
  const approvals = await attempt(() => serviceDesk.approvals(key, 'once'));
  if (approvals instanceof Fault) return undefined;
  // Jira leaves those at pending who no longer need to answer.
  const approvers = approvals.flatMap(({ finalDecision, approvers }) =>
    approvers.filter(({ decision }) => decision !== 'pending' || finalDecision === 'pending'),
  );
  const said = decided.flatMap(([decision, what]) => {
    const names = approvers.filter((approver) => approver.decision === decision).map(({ name }) => name);
    return names.length === 0 ? [] : [text`${what}: ${names.join(', ')}.`];
  });
  return said.length === 0 ? undefined : join(said, ' ');
}
