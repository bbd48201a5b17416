import type { WaitDecision } from '../../domain/decision/decision.ts';
import { endingOf } from '../../domain/decision/decision-rule.ts';
import type { Outcome } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { text } from '../../domain/text.ts';
import { approvalsOfWait, approvalsToShow, approverWords } from '../approvers.ts';
import { CustomerComments } from '../customer-comments.ts';
import { awaited, proceed } from '../decided-outcomes.ts';
import { gate } from '../gate/gate.ts';
import type { RunContext } from '../run-context.ts';
import { waitInstructions } from './wait-instructions.ts';

/**
 * Operation `Request` (R1): finds or raises the change request as a gate does, stops where a gate would stop,
 * and never waits. It does not allow the deployment: a gate after it does.
 */
export function request(context: RunContext): Promise<Outcome> {
  return gate(context, {
    endInstead: async (decision, check) =>
      decision.kind === 'wait'
        ? pending(context, decision, check)
        : { ...proceed(check, await approvalsToShow(context, check)), verdict: 'Ready' },
  });
}

async function pending(context: RunContext, decision: WaitDecision, check: TimedCheck): Promise<Outcome> {
  const { key, status } = check.changeRequest;
  const approvals = await approvalsOfWait(context, decision, check);
  const approvers = approverWords(approvals);
  const needed = awaited(context, decision, approvals);
  const comments = new CustomerComments(context);
  await comments.announce(key, { event: 'wait-begins', at: check.serverTime });
  return {
    verdict: 'Pending',
    ...endingOf(decision, check.window),
    reason: text`The change request ${key} is ${status.name}, and the deployment needs ${needed}.`,
    ...(approvers !== undefined && { advice: approvers }),
    waitInstructions: waitInstructions(context, check, needed, approvers),
  };
}
