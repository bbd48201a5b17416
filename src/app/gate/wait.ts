import type { Approval } from '../../domain/change/approval-check.ts';
import { checkAgeSeconds, isFresh } from '../../domain/decision/check-age.ts';
import {
  type Decision,
  decide,
  isByApprovals,
  latestStart,
  type StopDecision,
  type WaitDecision,
} from '../../domain/decision/decision.ts';
import { ended, type Outcome } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { mostWithdrawals } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { approvalsOfRefusal, approvalsOfWait, approvalsToShow } from '../approvers.ts';
import { checkChangeRequest, momentOf, mostQuickTries } from '../check-change-request.ts';
import { CustomerComments } from '../customer-comments.ts';
import { namesTime, notReady, proceed, stopped, tooSlow } from '../decided-outcomes.ts';
import { changeRequestLink, gone, ofAnotherServer, withdrawnToNothing } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';
import { learnTimeZone } from '../time-zone.ts';
import { jittered, nextCheckMs, shortestIntervalMs } from './check-interval.ts';
import { adopt, checkRace, type Found, findAgain, type Subject } from './choice.ts';
import { believedTwice } from './doubt.ts';
import { isForeignMatch } from './lookup.ts';
import { hasRunBefore, runApproveTransition } from './pre-approval.ts';
import { WaitReport } from './wait-report.ts';
import { continueWith, followWithdrawals } from './withdrawal-chain.ts';

/** Ends a run that would proceed or wait: `Request` ends differently from `Gate` (R1). */
export type EndInstead = (decision: Exclude<Decision, StopDecision>, check: TimedCheck) => Promise<Outcome>;

/**
 * Checks the change request until it allows or stops the deployment (P1, P2), and watches for races (C4).
 * @param endInstead replaces the endings of a gate other than stops
 */
export async function waitForApproval(
  context: RunContext,
  subject: Subject,
  endInstead?: EndInstead,
): Promise<Outcome> {
  const wait = new Wait(context, subject, endInstead);
  let outcome = await attempt(() => wait.run());
  if (isMissing(outcome) && !wait.mayEnd()) outcome = await attempt(() => wait.runAfterRace());
  if (isMissing(outcome)) return gone(context.record.key ?? subject.key);
  if (outcome instanceof Fault) throw outcome;
  return outcome;
}

function isMissing(outcome: Outcome | Fault): boolean {
  return outcome instanceof Fault && outcome.kind === 'missing';
}

class Wait {
  readonly #context: RunContext;
  readonly #endInstead: EndInstead | undefined;
  readonly #report: WaitReport;
  readonly #comments: CustomerComments;
  #subject: Subject;
  #foundAgain = false;
  /** L10: how often the run has followed a withdrawal. */
  #switches = 0;
  #staleChecks = 0;
  #mixedChecks = 0;
  #preApproved = false;
  #saidNotOwn = false;
  /** A3: the approvals that were read to be shown. */
  #approvals: { readonly key: string; readonly list: readonly Approval[] | undefined } | undefined;

  constructor(context: RunContext, subject: Subject, endInstead: EndInstead | undefined) {
    this.#context = context;
    this.#subject = subject;
    this.#endInstead = endInstead;
    this.#report = new WaitReport(context);
    this.#comments = new CustomerComments(context);
  }

  /** C4: returns whether the run may end: not before the first check for racing runs. */
  mayEnd(): boolean {
    return this.#subject.race?.mayEnd() !== false;
  }

  async run(): Promise<Outcome> {
    return this.#runFrom(this.#subject.check ?? (await this.#check()));
  }

  /** C4: makes the first check for racing runs, and goes on. */
  async runAfterRace(): Promise<Outcome> {
    const moved = await this.#endRace();
    if (moved !== undefined && 'verdict' in moved) return moved;
    return this.#runFrom(moved ?? (await this.#check()));
  }

  async #runFrom(first: TimedCheck): Promise<Outcome> {
    const { settings, deadline, trail } = this.#context;
    let check = first;
    for (;;) {
      const next = await this.#followWithdrawal(check);
      if (next?.kind === 'ended') return next.outcome;
      if (next?.kind === 'subject') {
        check = await this.#switchTo(next.subject);
        continue;
      }
      if (isForeignMatch(this.#context, check)) return ofAnotherServer(this.#context, check.changeRequest);
      const latest = latestStart(check, deadline);
      const decision = decide(check, settings.rules, latest);
      trail.decided(check, decision);
      await this.#report.say(check, decision, latest);
      const step = await this.#act(decision, check);
      if ('verdict' in step) return step;
      check = step;
    }
  }

  /** Acts on a decision. Returns the outcome, or the next check if the run continues. */
  async #act(decision: Decision, check: TimedCheck): Promise<Outcome | TimedCheck> {
    const approved = await this.#preApprove(decision, check);
    if (approved !== undefined) return approved;
    if (decision.kind === 'wait' && this.#context.settings.whenPending === 'wait') {
      this.#mixedChecks = 0;
      return this.#sleepAndCheck(decision, check);
    }
    const race = await this.#endRace();
    if (race !== undefined) return race;
    if (this.#mixesTimes(decision, check)) return this.#checkAgain(check);
    if (decision.kind === 'stop') {
      if (namesTime(decision)) await learnTimeZone(this.#context);
      const approvals = await approvalsOfRefusal(this.#context, decision, check);
      return stopped(this.#context, decision, check, approvals);
    }
    if (this.#endInstead !== undefined) return this.#endInstead(decision, check);
    return decision.kind === 'wait' ? this.#notReady(decision, check) : this.#proceedIfFresh(check);
  }

  /**
   * A2: returns whether the approvals, which are read before the status, may no longer belong to it, so that
   * another check is due before the run ends because of them. A site that stays slow does not prevent the end.
   */
  #mixesTimes(decision: Decision, check: TimedCheck): boolean {
    const isMixed = isByApprovals(decision) && !isFresh(check, momentOf(this.#context.clock));
    this.#mixedChecks = isMixed ? this.#mixedChecks + 1 : 0;
    return isMixed && this.#mixedChecks <= mostQuickTries;
  }

  async #notReady(decision: WaitDecision, check: TimedCheck): Promise<Outcome> {
    if (namesTime(decision)) await learnTimeZone(this.#context);
    const approvals = await approvalsOfWait(this.#context, decision, check);
    return notReady(this.#context, decision, check, approvals);
  }

  /** W8: allows the deployment only on a fresh check of all fields that came after all writes of the step. */
  async #proceedIfFresh(check: TimedCheck): Promise<Outcome | TimedCheck> {
    const { clock } = this.#context;
    if (!check.isWhole) return this.#checkAgain(check);
    const announced = await this.#comments.announce(this.#subject.key, {
      event: 'deployment-starts',
      at: check.serverTime,
    });
    if (announced) return this.#checkAgain(check);
    if (!isFresh(check, momentOf(clock))) return this.#checkUntilFresh(check);
    const approvals = await this.#approvalsOf(check);
    return isFresh(check, momentOf(clock))
      ? proceed(check, approvals, this.#context.record)
      : this.#checkAgain(check);
  }

  /** A3: reads the approvals once per change request, even if the read fails. */
  async #approvalsOf(check: TimedCheck): Promise<readonly Approval[] | undefined> {
    const { key } = check.changeRequest;
    if (check.approvals !== undefined || this.#approvals?.key !== key) {
      this.#approvals = { key, list: await approvalsToShow(this.#context, check) };
    }
    return this.#approvals.list;
  }

  /**
   * W8: repeats a check that is too old: a few times quickly, then at the polling interval if the run waits.
   */
  async #checkUntilFresh(check: TimedCheck): Promise<Outcome | TimedCheck> {
    const { clock, settings, log } = this.#context;
    this.#staleChecks += 1;
    if (this.#staleChecks < mostQuickTries) return this.#checkAgain(check);
    const tookSeconds = checkAgeSeconds(check, momentOf(clock));
    if (settings.whenPending === 'fail') return tooSlow(check, tookSeconds);
    if (this.#staleChecks === mostQuickTries) {
      log.warning(
        text`The change request is approved, but Jira took ${tookSeconds} s to answer, and the step only acts on results at most 10 s old. Waiting for a faster answer.`,
      );
    }
    await this.#context.sleep(jittered(this.#context));
    return this.#check('all');
  }

  /** V5: runs the transition of a pre-approved change, once, on the run's own change request. */
  async #preApprove(decision: Decision, check: TimedCheck): Promise<Outcome | TimedCheck | undefined> {
    const context = this.#context;
    const { race, source } = this.#subject;
    const isAsked = context.settings.approveTransition !== '' && !this.#preApproved;
    if (!isAsked || decision.reason !== 'not-approved') return undefined;
    if (race === undefined) {
      if (!this.#saidNotOwn) {
        context.log.info(
          text`Approval transition (JsmChange.ApproveTransition) is not run on ${changeRequestLink(context, this.#subject.key)}: it applies only to a change request that this run raised.`,
        );
      }
      this.#saidNotOwn = true;
      return undefined;
    }
    const moved = await this.#endRace();
    if (moved !== undefined) return moved;
    this.#preApproved = true;
    // A retried step does not repeat what its first attempt did.
    const isRetry = source !== 'Created';
    if (isRetry && check.changeRequest.status.category !== 'new') return undefined;
    if (isRetry && (await hasRunBefore(context, this.#subject.key))) return undefined;
    const outcome = await believedTwice(this.#context, () => runApproveTransition(context, check));
    return outcome ?? this.#checkAgain(check);
  }

  async #checkAgain(last: TimedCheck): Promise<TimedCheck> {
    const { clock } = this.#context;
    await this.#context.sleep(Math.max(0, last.answeredAt + shortestIntervalMs - clock.now()));
    return this.#check('all');
  }

  /** P2, P3: sleeps until the next check is due, and makes the checks of C4 in between. */
  async #sleepAndCheck(decision: WaitDecision, check: TimedCheck): Promise<Outcome | TimedCheck> {
    const { clock, settings, random } = this.#context;
    const interval = nextCheckMs({
      reason: decision.reason,
      pollIntervalMs: settings.pollIntervalMs,
      quietMs: this.#report.quietMs(),
      msToStart: msToStart(decision, check),
      random: random(),
    });
    const wakeAt = check.answeredAt + interval;
    // Until the first check of C4, the change request may still give way to another one.
    if (this.mayEnd()) {
      await this.#comments.announce(this.#subject.key, { event: 'wait-begins', at: check.serverTime });
    }
    for (;;) {
      const due = this.#subject.race?.dueAt();
      if (due === undefined || due >= wakeAt) break;
      const moved = await this.#checkRace();
      if (moved !== undefined) return moved;
    }
    await this.#context.sleep(Math.max(0, wakeAt - clock.now()));
    // W8: an approved change request will probably proceed on the next check: that one must read all fields.
    return this.#check(decision.reason === 'before-planned-start' ? 'all' : 'known');
  }

  async #check(fields: 'known' | 'all' = 'known'): Promise<TimedCheck> {
    const check = await believedTwice(this.#context, () =>
      checkChangeRequest(this.#context, this.#subject.key, fields),
    );
    this.#followMove(check);
    this.#subject.race?.sawStatus(check.changeRequest);
    return check;
  }

  /** L11 */
  #followMove({ changeRequest }: TimedCheck): void {
    if (changeRequest.key !== this.#subject.key) this.#subject = { ...this.#subject, key: changeRequest.key };
  }

  /** C4: makes the checks for racing runs that are required before the run may end. */
  async #endRace(): Promise<Outcome | TimedCheck | undefined> {
    while (!this.mayEnd()) {
      const moved = await this.#checkRace();
      if (moved !== undefined) return moved;
    }
    return undefined;
  }

  async #checkRace(): Promise<Outcome | TimedCheck | undefined> {
    const { race } = this.#subject;
    const found = race === undefined ? undefined : await checkRace(this.#context, race);
    if (found === undefined) return undefined;
    return found.kind === 'ended' ? found.outcome : this.#switchTo(found.subject);
  }

  /** L10: if the change request was withdrawn in favour of another, finds the one to continue with. */
  async #followWithdrawal(check: TimedCheck): Promise<Found | undefined> {
    const context = this.#context;
    if (this.#subject.source === 'Supplied') return undefined;
    const followed = await followWithdrawals(context, check.changeRequest.summary);
    if (followed.kind === 'not-withdrawn') return undefined;
    if (followed.kind === 'ended') return followed;
    if (this.#switches === mostWithdrawals) return ended(withdrawnToNothing(context, this.#subject.key));
    this.#switches += 1;
    if (followed.kind === 'found') return adopt(context, followed.changeRequest);
    if (this.#foundAgain) return undefined;
    this.#foundAgain = true;
    return findAgain(context, this.#subject.key);
  }

  async #switchTo(subject: Subject): Promise<TimedCheck> {
    continueWith(this.#context, subject, this.#subject.key);
    this.#subject = subject;
    return subject.check ?? (await this.#check());
  }
}

/** Returns the time from the answer until Planned start; never too short, because `Date` is truncated. */
function msToStart(decision: WaitDecision, check: TimedCheck): number | undefined {
  if (decision.reason !== 'before-planned-start' || check.serverTime === undefined) return undefined;
  return decision.start.getTime() - check.serverTime.getTime();
}
