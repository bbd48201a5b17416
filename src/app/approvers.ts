import { Fault } from '../domain/fault.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { RunContext } from './run-context.ts';

const decided = [
  ['approved', 'Approved by'],
  ['declined', 'Declined by'],
  ['pending', 'Still pending'],
] as const;

/** M4: who has approved and who still has to, where JSM tells; that it does not tell is no error. */
export async function approversOf({ serviceDesk }: RunContext, key: string): Promise<Text | undefined> {
  try {
    const approvals = await serviceDesk.approvals(key, 'once');
    // Jira leaves at pending who need not answer any more.
    const approvers = approvals.flatMap(({ finalDecision, approvers }) =>
      approvers.filter(({ decision }) => decision !== 'pending' || finalDecision === 'pending'),
    );
    const said = decided.flatMap(([decision, what]) => {
      const names = approvers.filter((approver) => approver.decision === decision).map(({ name }) => name);
      return names.length === 0 ? [] : [text`${what}: ${names.join(', ')}.`];
    });
    return said.length === 0 ? undefined : join(said, ' ');
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
