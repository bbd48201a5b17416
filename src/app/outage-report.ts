import { durationText } from '../domain/deployment/announcement.ts';
import type { Fault } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import type { Clock, TaskLog } from './ports.ts';

/** What the next try or two overcome is not worth a line. */
const shortestMs = 30_000;
const stillOutMs = 30 * 60_000;
const progressMs = 60_000;

/** P5: shows in the task log, while the site does not answer, that the run waits for it, since when and until when. */
export class OutageReport {
  readonly #clock: Clock;
  readonly #log: TaskLog;
  /** Steady clock at the beginning of what failed first. */
  #since: number | undefined;
  #saidAt: number | undefined;
  #progressAt: number | undefined;

  constructor(clock: Clock, log: TaskLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * A try has failed, and another one follows. All times are of the steady clock.
   * @param since when the first of them began
   * @param endsAt when the run gives up; undefined if it counts the tries
   */
  triesAgain(fault: Fault, since: number, nextAt: number, endsAt: number | undefined): void {
    this.#since ??= since;
    const now = this.#clock.now();
    const from = this.#calendar(this.#since);
    if (this.#saidAt === undefined) {
      if (nextAt - this.#since < shortestMs) return;
      const until = endsAt === undefined ? text`` : text` until ${this.#calendar(endsAt)} at the latest`;
      this.#say(
        text`No usable answer from Jira since ${from}: ${fault.summary} The step tries again${until}.`,
      );
    } else if (now - this.#saidAt >= stillOutMs) {
      this.#say(text`No usable answer from Jira for ${durationText(now - this.#since)}: ${fault.summary}`);
    }
    if (this.#progressAt !== undefined && now - this.#progressAt < progressMs) return;
    this.#progressAt = now;
    this.#log.progress(text`Waiting for Jira: no usable answer since ${from}`);
  }

  /** An answer was understood. */
  over(): void {
    if (this.#since !== undefined && this.#saidAt !== undefined) {
      const line = text`Jira answers again, after ${durationText(this.#clock.now() - this.#since)}.`;
      this.#say(line);
      this.#log.progress(line);
    }
    this.#since = undefined;
    this.#saidAt = undefined;
    this.#progressAt = undefined;
  }

  #say(line: Text): void {
    this.#saidAt = this.#clock.now();
    this.#log.wait(line);
  }

  #calendar(at: number): Date {
    const ms = this.#clock.wallTime().getTime() + at - this.#clock.now();
    return new Date(Math.round(ms / 1000) * 1000);
  }
}
