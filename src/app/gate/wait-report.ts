import type { Approval } from '../../domain/change/approval-check.ts';
import { type ChangeWindow, defaultPlannedFields, hasBound } from '../../domain/change/change-window.ts';
import type { Decision, WaitDecision } from '../../domain/decision/decision.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { durationText } from '../../domain/deployment/announcement.ts';
import { attempt } from '../../domain/fault.ts';
import { shownTime } from '../../domain/instant.ts';
import { foldName } from '../../domain/names.ts';
import { type Text, text } from '../../domain/text.ts';
import { approvalsOfWait, approverWords } from '../approvers.ts';
import { awaited } from '../decided-outcomes.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';
import { learnTimeZone } from '../time-zone.ts';

/** P5: how often the task log mentions a wait without changes. */
const stillWaitingMs = 30 * 60_000;
/** How often the task's progress text is updated while nothing changes. */
const progressMs = 60_000;

/** Reports each change of the status or window once, with what the run is waiting for (P5, M1, M4). */
export class WaitReport {
  readonly #context: RunContext;
  readonly #startedAt: number;
  #seen: string | undefined;
  #seenWindow: string | undefined;
  /** Key of the change request whose missing Planned end was last reported. */
  #notedEndless: string | undefined;
  #saidReason: WaitDecision['reason'] | undefined;
  #changedAt: number;
  #saidAt: number;
  #progressAt = Number.NEGATIVE_INFINITY;
  #notedClock = false;
  #askedForFields = false;
  #approvals: readonly Approval[] | undefined;

  constructor(context: RunContext) {
    this.#context = context;
    this.#startedAt = context.clock.now();
    this.#changedAt = this.#startedAt;
    this.#saidAt = this.#startedAt;
  }

  /** Returns how long nothing has changed. */
  quietMs(): number {
    return this.#context.clock.now() - this.#changedAt;
  }

  /**
   * @param until the server time of the wait limit; undefined without a limit or without the server's time
   */
  async say(check: TimedCheck, decision: Decision, until?: Date): Promise<void> {
    const seen = signature(check, decision);
    const changed = seen !== this.#seen;
    this.#seen = seen;
    await this.note(check, decision);
    if (changed) this.#changedAt = this.#context.clock.now();
    if (decision.kind !== 'wait' || this.#context.settings.whenPending === 'fail') return;
    // P2: approvals are read only after a change.
    if (changed) this.#approvals = await approvalsOfWait(this.#context, decision, check);
    if (changed && hasBound(check.window)) await learnTimeZone(this.#context);
    const what = awaited(this.#context, decision, check.approvals ?? this.#approvals);
    const state = text`${changeRequestLink(this.#context, check.changeRequest.key)} is ${check.changeRequest.status.name}: waiting for ${what}`;
    if (changed) this.#sayChange(decision, state, until);
    else this.#sayStillWaiting(state);
    this.#progress(check, what, changed);
  }

  /** Logs what people should know about a check, whether the run waits or not. */
  async note(check: TimedCheck, decision: Decision): Promise<void> {
    this.#noteClock(check);
    this.#noteWindow(check);
    this.#noteEndless(check, decision);
    await this.#noteNoFields(check);
  }

  #sayChange(decision: WaitDecision, state: Text, until: Date | undefined): void {
    const approvers = approverWords(this.#approvals);
    const line = text`${state}. ${approvers === undefined ? text`` : text`${approvers} `}${this.#limit(until)}`;
    this.#context.log.highlight(line);
    if (decision.reason !== this.#saidReason) this.#context.log.wait(this.#whenNext(decision));
    this.#saidReason = decision.reason;
    this.#saidAt = this.#context.clock.now();
  }

  #limit(until: Date | undefined): Text {
    const { record, deadline, clock } = this.#context;
    if (deadline === undefined) return text`The step waits without a limit.`;
    return until === undefined
      ? text`The step waits for at most ${durationText(deadline - clock.now())}.`
      : text`The step waits until ${shownTime(until, record.timeZone)} at the latest.`;
  }

  #whenNext({ reason }: WaitDecision): Text {
    if (reason === 'before-planned-start') {
      return text`Waiting; checking again at Planned start, and only occasionally before then.`;
    }
    return text`Waiting; checking again about every ${Math.round(this.#context.settings.pollIntervalMs / 1000)} s.`;
  }

  #sayStillWaiting(state: Text): void {
    const now = this.#context.clock.now();
    if (now - this.#saidAt < stillWaitingMs) return;
    this.#saidAt = now;
    this.#context.log.wait(
      text`${state}, for ${Math.round((now - this.#startedAt) / 60_000)} minutes so far.`,
    );
  }

  #progress({ changeRequest }: TimedCheck, what: Text, changed: boolean): void {
    const now = this.#context.clock.now();
    if (!changed && now - this.#progressAt < progressMs) return;
    this.#progressAt = now;
    this.#context.log.progress(
      text`${changeRequest.key} is ${changeRequest.status.name}: waiting for ${what}`,
    );
  }

  /** W10, W12: logs the window when it changes, with fields that are missing and dates without a time. */
  #noteWindow({ window, changeRequest }: TimedCheck): void {
    const { log } = this.#context;
    const { key } = changeRequest;
    const seen = [key, ...timesOf(window)].join('|');
    if (seen === this.#seenWindow) return;
    this.#seenWindow = seen;
    for (const [name, time] of [
      ['Planned start', window.start],
      ['Planned end', window.end],
    ] as const) {
      if (time.kind === 'no-field') log.verbose(text`The change request ${key} has no field for ${name}.`);
      if (time.kind === 'set')
        log.info(
          text`${name} of ${key} is ${time.at}${time.wholeDay ? text` (a date without a time, read in the time zone of the account)` : ''}.`,
        );
    }
  }

  /** W13 */
  #noteEndless({ window, changeRequest: { key } }: TimedCheck, decision: Decision): void {
    const approved = decision.kind === 'proceed' || decision.reason === 'before-planned-start';
    if (!approved || window.end.kind === 'set' || key === this.#notedEndless) return;
    this.#notedEndless = key;
    this.#context.log.info(
      text`The change request ${key} has no Planned end: it covers every later run with its title until it is closed.`,
    );
  }

  /** W12: warns if the site lacks a planned field: on a site in another language, nobody would notice. */
  async #noteNoFields({ window, changeRequest: { key } }: TimedCheck): Promise<void> {
    const absent = bounds.filter((bound) => window[bound].kind === 'no-field');
    if (absent.length === 0 || this.#askedForFields) return;
    this.#askedForFields = true;
    // No decision depends on this list, so a fault does not matter.
    const names = await attempt(() => this.#context.serviceDesk.plannedFieldNames());
    if (!Array.isArray(names)) return;
    const lacking = absent.filter((bound) => !names.some((name) => isDefaultName(name, bound)));
    const link = changeRequestLink(this.#context, key);
    if (lacking.length === bounds.length) {
      this.#context.log.warning(
        text`${link} has no change window: the site has no field called Planned start, Planned end, Change start date or Change completion date. If its planned fields have other names, set Planned start field (JsmChange.PlannedStartField) and Planned end field (JsmChange.PlannedEndField), or plannedStart and plannedEnd in a policy.`,
      );
      return;
    }
    for (const bound of lacking) {
      this.#context.log.warning(
        bound === 'start'
          ? text`The change window of ${link} has no beginning: the site has no field called Planned start or Change start date. If it has another name, set Planned start field (JsmChange.PlannedStartField), or plannedStart in a policy.`
          : text`The change window of ${link} has no end: the site has no field called Planned end or Change completion date. If it has another name, set Planned end field (JsmChange.PlannedEndField), or plannedEnd in a policy.`,
      );
    }
  }

  /** W9 */
  #noteClock({ workerClockOff }: TimedCheck): void {
    if (workerClockOff === undefined || this.#notedClock) return;
    this.#notedClock = true;
    this.#context.log.warning(
      text`The worker's clock is ${workerClockOff} the JSM site's; the site's time is used.`,
    );
  }
}

const bounds = ['start', 'end'] as const;

function isDefaultName(name: string, bound: (typeof bounds)[number]): boolean {
  return defaultPlannedFields[bound].some((usual) => foldName(usual) === foldName(name));
}

function signature({ changeRequest, window, approvals }: TimedCheck, decision: Decision): string {
  const { key, status } = changeRequest;
  // A2: each decision of an approver may change what the run is waiting for.
  const decided = (approvals ?? []).flatMap(({ id, finalDecision, approvers }) => [
    id,
    finalDecision,
    ...approvers.map((approver) => approver.decision),
  ]);
  return [key, status.id, status.name, ...timesOf(window), decision.kind, ...decided].join('|');
}

function timesOf({ start, end }: ChangeWindow): readonly string[] {
  return [start, end].map((time) => (time.kind === 'set' ? time.at.toISOString() : time.kind));
}
