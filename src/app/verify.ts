import type { Approval } from '../domain/change/approval-check.ts';
import { checkAgeSeconds, isFresh } from '../domain/decision/check-age.ts';
import { decide, type WaitDecision } from '../domain/decision/decision.ts';
import { endingOf } from '../domain/decision/decision-rule.ts';
import { type Ended, ended, type Outcome } from '../domain/decision/outcome.ts';
import type { TimedCheck } from '../domain/decision/run-record.ts';
import { mostWithdrawals } from '../domain/deployment/title.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { shownTime } from '../domain/instant.ts';
import { text } from '../domain/text.ts';
import { approvalsOfRefusal, approvalsToShow, approverWords, isAllGiven } from './approvers.ts';
import { checkChangeRequest, momentOf, mostQuickTries } from './check-change-request.ts';
import { awaited, namesTime, proceed, stopped, tooSlow } from './decided-outcomes.ts';
import { shortestIntervalMs } from './gate/check-interval.ts';
import { believedTwice } from './gate/doubt.ts';
import { isForeignMatch, type Lookup, lookUpByTitle } from './gate/lookup.ts';
import { WaitReport } from './gate/wait-report.ts';
import { continueWith, type Followed, followWithdrawals } from './gate/withdrawal-chain.ts';
import { changeRequestLink, gone, missingAtFirst, ofAnotherServer, several } from './outcomes.ts';
import type { RunContext } from './run-context.ts';
import { showSupplied } from './supplied.ts';
import { learnTimeZone } from './time-zone.ts';

/**
 * Operation `Verify` (V1): requires that the change request allows the deployment now. It never creates a
 * change request and never waits.
 * @param earlierKey key of the change request that an earlier step of this run left
 */
export async function verify(context: RunContext, earlierKey: string | undefined): Promise<Outcome> {
  const { suppliedKey } = context.settings;
  const known = suppliedKey ?? earlierKey;
  if (known !== undefined) {
    const source = suppliedKey === undefined ? 'Matched' : 'Supplied';
    return verifyKey(context, known, source, () => missingAtFirst(known, source));
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
        code: 'NotFound',
        rule: 'V1',
        reason: text`No open change request has the title "${context.settings.title}".`,
        advice: text`Add a step with the operation Gate before this one, or supply the number of a change request.`,
      };
    case 'found':
      return verifyKey(context, lookup.changeRequest.key, 'Matched', () => gone(lookup.changeRequest.key));
  }
}

/** @param missing returns the outcome for a change request that cannot be read (L3) */
async function verifyKey(
  context: RunContext,
  key: string,
  source: 'Supplied' | 'Matched',
  missing: () => Outcome,
): Promise<Outcome> {
  context.record.key = key;
  context.record.source = source;
  const outcome = await attempt(async () => {
    const check = await freshCheck(context, key);
    if (source === 'Supplied') showSupplied(context, check);
    return judge(context, check);
  });
  if (!(outcome instanceof Fault)) return outcome;
  if (outcome.kind !== 'missing') throw outcome;
  const { check } = context.record;
  return check === undefined ? missing() : gone(context.record.key ?? key);
}

/** @param shown the approvals, if they were already read to be shown */
async function judge(context: RunContext, first: TimedCheck, shown?: ShownApprovals): Promise<Outcome> {
  const { clock, settings, trail } = context;
  const current = await followed(context, first);
  if (current.kind === 'ended') return current.outcome;
  const { check } = current;
  const { key } = check.changeRequest;
  if (isForeignMatch(context, check)) return ofAnotherServer(context, check.changeRequest);
  const decision = decide(check, settings.rules);
  trail.decided(check, decision);
  await new WaitReport(context).note(check, decision);
  if (namesTime(decision)) await learnTimeZone(context);
  switch (decision.kind) {
    case 'proceed': {
      const now = momentOf(clock);
      if (!isFresh(check, now)) return tooSlow(check, checkAgeSeconds(check, now));
      const list = shown?.key === key ? shown.list : await approvalsToShow(context, check);
      if (isFresh(check, momentOf(clock))) return proceed(check, list, context.record);
      // A3: the read of the approvals, which are only shown, took so long that the check is no longer fresh.
      await context.sleep(shortestIntervalMs);
      return judge(context, await freshCheck(context, key), { key, list });
    }
    case 'stop':
      return stopped(context, decision, check, await approvalsOfRefusal(context, decision, check));
    case 'wait':
      return notApproved(context, decision, check);
  }
}

interface ShownApprovals {
  /** Key of their change request. */
  readonly key: string;
  readonly list: readonly Approval[] | undefined;
}

/**
 * L10: returns the check to judge: the given one or, if its change request was withdrawn, one of the change
 * request to continue with. A withdrawn one without such another is judged itself, which stops the run.
 */
async function followed(
  context: RunContext,
  first: TimedCheck,
): Promise<{ readonly kind: 'check'; readonly check: TimedCheck } | Ended> {
  let check = first;
  let mayLookUp = true;
  if (context.settings.suppliedKey !== undefined) return { kind: 'check', check };
  for (let turns = 0; turns < mostWithdrawals; turns += 1) {
    const { key, summary } = check.changeRequest;
    let next: Followed | Lookup = await followWithdrawals(context, summary);
    if (next.kind === 'nowhere' && mayLookUp) {
      mayLookUp = false;
      next = await believedTwice(context, () => lookUpByTitle(context));
    }
    if (next.kind === 'ended') return next;
    if (next.kind === 'own-is-younger') return ended(several(context, next.open));
    if (next.kind !== 'found') break;
    continueWith(context, { key: next.changeRequest.key, source: 'Matched' }, key);
    check = await freshCheck(context, next.changeRequest.key);
  }
  return { kind: 'check', check };
}

/** W8: makes a check, and repeats it a few times while it is too old on arrival. */
async function freshCheck(context: RunContext, key: string): Promise<TimedCheck> {
  const checked = (): Promise<TimedCheck> => believedTwice(context, () => checkChangeRequest(context, key));
  let check = await checked();
  for (let tries = 1; tries < mostQuickTries && !isFresh(check, momentOf(context.clock)); tries += 1) {
    await context.sleep(shortestIntervalMs);
    check = await checked();
  }
  return check;
}

async function notApproved(context: RunContext, decision: WaitDecision, check: TimedCheck): Promise<Outcome> {
  const { key, status } = check.changeRequest;
  const where = changeRequestLink(context, key);
  if (decision.reason === 'before-planned-start') {
    return {
      verdict: 'Stop',
      ...endingOf(decision, check.window),
      reason: text`The Planned start ${shownTime(decision.start, context.record.timeZone)} of the change request ${where} has not been reached.`,
      advice: text`Deploy again inside its window, or complete the remaining steps manually.`,
    };
  }
  const advice = text`Have it approved and deploy again, or complete the remaining steps manually.`;
  const approvals = await approvalsToShow(context, check);
  const approvers = approverWords(approvals);
  // The message already says that it is not approved.
  const isPlain = decision.reason === 'not-approved' && !isAllGiven(approvals);
  const needed = isPlain ? text`` : text`, and the deployment needs ${awaited(context, decision, approvals)}`;
  return {
    verdict: 'Stop',
    ...endingOf(decision, check.window),
    reason: text`The change request ${where} is not approved: it is ${status.name}${needed}.`,
    advice: approvers === undefined ? advice : text`${approvers} ${advice}`,
  };
}
