import type { Approval } from '../../domain/change/approval-check.ts';
import type { ChangeRequestSource } from '../../domain/change/change-request.ts';
import {
  type Decision,
  decide,
  latestStart,
  type StopDecision,
  type WaitDecision,
} from '../../domain/decision/decision.ts';
import { isFresh, lookAgeMs } from '../../domain/decision/look-age.ts';
import type { Ended, Outcome } from '../../domain/decision/outcome.ts';
import type { TimedLook } from '../../domain/decision/run-record.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { approvalsOfRefusal, approvalsToShow } from '../approvers.ts';
import { CustomerComments } from '../customer-comments.ts';
import { namesTime, notReady, proceed, stopped, tooSlow } from '../decided-outcomes.ts';
import { changeRequestLink, gone, ofAnotherServer } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';
import { momentOf, mostQuickTries, takeLook } from '../take-look.ts';
import { learnTimeZone } from '../time-zone.ts';
import { believedTwice } from './doubt.ts';
import { jittered, nextLookMs, shortestIntervalMs } from './look-interval.ts';
import { isForeignMatch } from './lookup.ts';
import { hasRunBefore, runApproveTransition } from './pre-approval.ts';
import type { RaceWatch } from './race-watch.ts';
import { WaitReport } from './wait-report.ts';
import { followWithdrawals } from './withdrawal-chain.ts';

/** The change request that a run goes by. */
export interface Subject {
  readonly key: string;
  readonly source: ChangeRequestSource;
  /** A look that was taken already. */
  readonly look?: TimedLook;
  /** Set while it is the run's own, and a racing run may have raised an older one (C4). */
  readonly race?: RaceWatch;
}

export type Found = { readonly kind: 'subject'; readonly subject: Subject } | Ended;

/** How a run ends that would proceed or wait: a `Request` has endings of its own (R1). */
export type EndInstead = (decision: Exclude<Decision, StopDecision>, look: TimedLook) => Promise<Outcome>;

/**
 * Checks the change request until it allows the deployment or stops it (P1, P2), and keeps watch for a
 * racing run's meanwhile (C4).
 * @param findAgain the lookup that starts over, once, when the change request was withdrawn (L10)
 * @param endInstead replaces the endings of a gate other than those that stop it
 */
export async function waitForApproval(
  context: RunContext,
  subject: Subject,
  findAgain: (withdrawn: string) => Promise<Found>,
  endInstead?: EndInstead,
): Promise<Outcome> {
  const wait = new Wait(context, subject, findAgain, endInstead);
  const outcome = await attempt(() => wait.run());
  if (!(outcome instanceof Fault)) return outcome;
  if (outcome.kind === 'missing') return gone(wait.key);
  throw outcome;
}

class Wait {
  readonly #context: RunContext;
  readonly #findAgain: (withdrawn: string) => Promise<Found>;
  readonly #endInstead: EndInstead | undefined;
  readonly #report: WaitReport;
  readonly #comments: CustomerComments;
  #subject: Subject;
  #foundAgain = false;
  #staleLooks = 0;
  #preApproved = false;
  /** A3: as they were read to be shown. */
  #approvals: { readonly key: string; readonly list: readonly Approval[] | undefined } | undefined;

  constructor(
    context: RunContext,
    subject: Subject,
    findAgain: (withdrawn: string) => Promise<Found>,
    endInstead: EndInstead | undefined,
  ) {
    this.#context = context;
    this.#subject = subject;
    this.#findAgain = findAgain;
    this.#endInstead = endInstead;
    this.#report = new WaitReport(context);
    this.#comments = new CustomerComments(context);
  }

  get key(): string {
    return this.#subject.key;
  }

  async run(): Promise<Outcome> {
    const { settings, deadline, trail } = this.#context;
    let look = this.#subject.look ?? (await this.#look());
    for (;;) {
      const next = await this.#followWithdrawal(look);
      if (next?.kind === 'ended') return next.outcome;
      if (next?.kind === 'subject') {
        look = await this.#switchTo(next.subject);
        continue;
      }
      if (isForeignMatch(this.#context, look)) return ofAnotherServer(this.#context, look.changeRequest);
      const latest = latestStart(look, deadline);
      const decision = decide(look, settings.rules, latest);
      trail.decided(look, decision);
      await this.#report.say(look, decision, latest);
      const step = await this.#act(decision, look);
      if ('verdict' in step) return step;
      look = step;
    }
  }

  /** Ends, or comes back with the next look. */
  async #act(decision: Decision, look: TimedLook): Promise<Outcome | TimedLook> {
    const approved = await this.#preApprove(decision, look);
    if (approved !== undefined) return approved;
    if (decision.kind === 'wait' && this.#context.settings.whenPending === 'wait') {
      return this.#sleepAndLook(decision, look);
    }
    const race = await this.#endRace();
    if (race !== undefined) return race;
    if (decision.kind === 'stop') {
      if (namesTime(decision)) await learnTimeZone(this.#context);
      const approvals = await approvalsOfRefusal(this.#context, decision, look);
      return stopped(this.#context, decision, look, approvals);
    }
    if (this.#endInstead !== undefined) return this.#endInstead(decision, look);
    return decision.kind === 'wait' ? this.#notReady(decision, look) : this.#proceedIfFresh(look);
  }

  async #notReady(decision: WaitDecision, look: TimedLook): Promise<Outcome> {
    if (namesTime(decision)) await learnTimeZone(this.#context);
    const isOfPeople = decision.reason !== 'before-planned-start';
    const approvals = isOfPeople ? await approvalsToShow(this.#context, look) : undefined;
    return notReady(this.#context, decision, look, approvals);
  }

  /** W8: what allows the deployment is a look at all fields that is fresh, and that came after everything that was written. */
  async #proceedIfFresh(look: TimedLook): Promise<Outcome | TimedLook> {
    const { clock } = this.#context;
    if (!look.isWhole) return this.#lookAgain(look);
    const announced = await this.#comments.announce(this.key, {
      event: 'deployment-starts',
      at: look.serverTime,
    });
    if (announced) return this.#lookAgain(look);
    if (!isFresh(look, momentOf(clock))) return this.#lookUntilFresh(look);
    const approvals = await this.#approvalsOf(look);
    return isFresh(look, momentOf(clock))
      ? proceed(look, approvals, this.#context.record)
      : this.#lookAgain(look);
  }

  /** A3: asked for once, whatever comes of it. */
  async #approvalsOf(look: TimedLook): Promise<readonly Approval[] | undefined> {
    const { key } = look.changeRequest;
    if (look.approvals !== undefined || this.#approvals?.key !== key) {
      this.#approvals = { key, list: await approvalsToShow(this.#context, look) };
    }
    return this.#approvals.list;
  }

  /** W8: a site may answer so slowly that every look is too old on arrival; then only a quicker answer will do. */
  async #lookUntilFresh(look: TimedLook): Promise<Outcome | TimedLook> {
    const { clock, settings, log } = this.#context;
    this.#staleLooks += 1;
    if (this.#staleLooks < mostQuickTries) return this.#lookAgain(look);
    const tookSeconds = Math.round(lookAgeMs(look, momentOf(clock)) / 1000);
    if (settings.whenPending === 'fail') return tooSlow(look, tookSeconds);
    if (this.#staleLooks === mostQuickTries) {
      log.warning(
        text`The change request is approved, but Jira took ${tookSeconds} s to answer, and the step only acts on results at most 10 s old. Waiting for a faster answer.`,
      );
    }
    await this.#context.sleep(jittered(this.#context));
    return this.#look('all');
  }

  /** V5: the transition of a pre-approved change, once, on the run's own change request. */
  async #preApprove(decision: Decision, look: TimedLook): Promise<Outcome | TimedLook | undefined> {
    const context = this.#context;
    const { race, source } = this.#subject;
    const isAsked = context.settings.approveTransition !== '' && !this.#preApproved;
    if (!isAsked || decision.reason !== 'not-approved') return undefined;
    if (race === undefined) {
      this.#preApproved = true;
      context.log.info(
        text`Approval transition (JsmChange.ApproveTransition) is not run on ${changeRequestLink(context, this.key)}: it applies only to a change request that this run raised.`,
      );
      return undefined;
    }
    const moved = await this.#endRace();
    if (moved !== undefined) return moved;
    this.#preApproved = true;
    // A retried step: what its first attempt has done is not done again.
    const isRetry = source !== 'Created';
    if (isRetry && look.changeRequest.status.category !== 'new') return undefined;
    if (isRetry && (await hasRunBefore(context, this.key))) return undefined;
    const outcome = await believedTwice(this.#context, () => runApproveTransition(context, look));
    return outcome ?? this.#lookAgain(look);
  }

  async #lookAgain(last: TimedLook): Promise<TimedLook> {
    const { clock } = this.#context;
    await this.#context.sleep(Math.max(0, last.answeredAt + shortestIntervalMs - clock.now()));
    return this.#look('all');
  }

  /** P2, P3: sleeps until the next look is due, with the checks of C4 in between. */
  async #sleepAndLook(decision: WaitDecision, look: TimedLook): Promise<Outcome | TimedLook> {
    const { clock, settings, random } = this.#context;
    const interval = nextLookMs({
      reason: decision.reason,
      pollIntervalMs: settings.pollIntervalMs,
      quietMs: this.#report.quietMs(),
      msToStart: msToStart(decision, look),
      random: random(),
    });
    const wakeAt = look.answeredAt + interval;
    // Before the first check of C4 the change request may still give way to another.
    if (this.#subject.race?.mayEnd() !== false) {
      await this.#comments.announce(this.key, { event: 'wait-begins', at: look.serverTime });
    }
    for (;;) {
      const due = this.#subject.race?.dueAt();
      if (due === undefined || due >= wakeAt) break;
      const moved = await this.#checkRace();
      if (moved !== undefined) return moved;
    }
    await this.#context.sleep(Math.max(0, wakeAt - clock.now()));
    // W8: an approved change request is likely to proceed on the next look.
    return this.#look(decision.reason === 'before-planned-start' ? 'all' : 'known');
  }

  async #look(fields: 'known' | 'all' = 'known'): Promise<TimedLook> {
    const known = this.#context.record.look?.changeRequest;
    const look = await believedTwice(this.#context, () =>
      takeLook(this.#context, this.key, known?.key === this.key ? known : undefined, fields),
    );
    this.#followMove(look);
    this.#subject.race?.sawStatus(look.changeRequest);
    return look;
  }

  /** L11 */
  #followMove({ changeRequest }: TimedLook): void {
    if (changeRequest.key !== this.key) this.#subject = { ...this.#subject, key: changeRequest.key };
  }

  /** C4: before the run ends, what must have been checked is checked. */
  async #endRace(): Promise<Outcome | TimedLook | undefined> {
    while (this.#subject.race?.mayEnd() === false) {
      const moved = await this.#checkRace();
      if (moved !== undefined) return moved;
    }
    return undefined;
  }

  async #checkRace(): Promise<Outcome | TimedLook | undefined> {
    const { race } = this.#subject;
    const checked =
      race === undefined ? undefined : await believedTwice(this.#context, () => race.checkNext());
    if (checked?.kind === 'ended') return checked.outcome;
    if (checked?.kind !== 'older') return undefined;
    return this.#switchTo({ key: checked.changeRequest.key, source: 'Matched' });
  }

  /** L10: a change request that was withdrawn in favour of another is left for that one. */
  async #followWithdrawal(look: TimedLook): Promise<Found | undefined> {
    const context = this.#context;
    if (this.#subject.source === 'Supplied') return undefined;
    const followed = await followWithdrawals(context, look.changeRequest.summary, (glance) =>
      believedTwice(context, glance),
    );
    if (followed.kind === 'not-withdrawn') return undefined;
    if (followed.kind === 'ended') return followed;
    if (followed.kind === 'open') {
      return { kind: 'subject', subject: { key: followed.changeRequest.key, source: 'Matched' } };
    }
    if (this.#foundAgain) return undefined;
    this.#foundAgain = true;
    return believedTwice(this.#context, () => this.#findAgain(this.key));
  }

  async #switchTo(subject: Subject): Promise<TimedLook> {
    this.#context.log.highlight(
      text`The step continues with the change request ${changeRequestLink(this.#context, subject.key)} instead of ${this.key}.`,
    );
    this.#subject = subject;
    this.#context.record.key = subject.key;
    this.#context.record.source = subject.source;
    return subject.look ?? (await this.#look());
  }
}

/** From the look's arrival until Planned start; the `Date` header is truncated, so this is never too short. */
function msToStart(decision: WaitDecision, look: TimedLook): number | undefined {
  if (decision.reason !== 'before-planned-start' || look.serverTime === undefined) return undefined;
  return decision.start.getTime() - look.serverTime.getTime();
}
