import { decide, type WaitDecision } from '../domain/decision.ts';
import { Fault } from '../domain/fault.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { TimedLook } from '../domain/run-record.ts';
import { text } from '../domain/text.ts';
import { approversOf } from './approvers.ts';
import { ageSeconds, isFresh, mostQuickTries } from './fresh-look.ts';
import { shortestIntervalMs } from './gate/look-interval.ts';
import { lookUpByTitle } from './gate/lookup.ts';
import { WaitReport } from './gate/wait-report.ts';
import { changeRequestLink, proceed, several, stopped, suppliedMissing, tooSlow } from './outcomes.ts';
import type { RunContext } from './run-context.ts';
import { takeLook } from './take-look.ts';

/**
 * Operation `Verify` (V1): the change request must let the deployment go now. It never creates and never
 * waits.
 * @param earlierKey the change request of a gate earlier in this run
 */
export async function verify(context: RunContext, earlierKey: string | undefined): Promise<Outcome> {
  const { suppliedKey } = context.settings;
  const known = suppliedKey ?? earlierKey;
  if (known !== undefined) {
    context.record.source = suppliedKey === undefined ? 'Matched' : 'Supplied';
    return verifyKey(context, known);
  }
  const lookup = await lookUpByTitle(context);
  switch (lookup.kind) {
    case 'ended':
      return lookup.outcome;
    case 'own-is-younger':
      return several(context, lookup.open);
    case 'none':
      return {
        verdict: 'Stop',
        reason: text`No open change request has the title "${context.settings.title}".`,
        advice: text`Let a step with the operation Gate come first, or supply the number of a change request.`,
      };
    case 'found':
      context.record.source = 'Matched';
      return verifyKey(context, lookup.changeRequest.key);
  }
}

async function verifyKey(context: RunContext, key: string): Promise<Outcome> {
  context.record.key = key;
  const { clock, settings } = context;
  let look: TimedLook;
  try {
    look = await takeLook(context, key, undefined);
    // W8: an answer that was too long under way is asked for again.
    for (let tries = 1; tries < mostQuickTries && !isFresh(look, clock); tries += 1) {
      await context.sleep(shortestIntervalMs);
      look = await takeLook(context, key, undefined);
    }
  } catch (error) {
    if (error instanceof Fault && (error.kind === 'missing' || error.kind === 'wrong-url')) {
      return suppliedMissing(key, error);
    }
    throw error;
  }
  const decision = decide(look, settings.rules);
  new WaitReport(context).note(look, decision);
  switch (decision.kind) {
    case 'proceed':
      return isFresh(look, clock) ? proceed(look) : tooSlow(look, ageSeconds(look, clock));
    case 'stop':
      return stopped(context, decision, look);
    case 'wait':
      return notApproved(context, decision, look);
  }
}

async function notApproved(
  context: RunContext,
  decision: WaitDecision,
  { changeRequest: { key, status } }: TimedLook,
): Promise<Outcome> {
  const where = changeRequestLink(context, key);
  if (decision.reason === 'before-planned-start') {
    return {
      verdict: 'Stop',
      reason: text`The Planned start ${decision.start} of the change request ${where} is not reached.`,
      advice: text`Deploy again inside its window, or carry on by hand.`,
    };
  }
  const advice = text`Have it approved and deploy again, or carry on by hand.`;
  const approvers = await approversOf(context, key);
  return {
    verdict: 'Stop',
    reason: text`The change request ${where} is not approved: its status is ${status.name}.`,
    advice: approvers === undefined ? advice : text`${approvers} ${advice}`,
  };
}
