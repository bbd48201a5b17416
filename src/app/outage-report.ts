import { durationText } from '../domain/deployment/announcement.ts';
import type { Fault } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import type { Clock, TaskLog } from './ports.ts';

/** The shortest outage that is logged: the first retries usually overcome a shorter one. */
const shortestMs = 30_000;
const stillOutMs = 30 * 60_000;
const progressMs = 60_000;

/** P5: reports an outage in the task log: since when, and until when, the run waits for the site. */
export class OutageReport {
  readonly #clock: Clock;
  readonly #log: TaskLog;
  /** Steady clock at the start of the first failed try. */
  #since: number | undefined;
  #saidAt: number | undefined;
  #progressAt: number | undefined;

  constructor(clock: Clock, log: TaskLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Notes that a try failed and another one follows. All times are of the steady clock.
   * @param since when the first try of the request began
   * @param endsAt when the run gives up; undefined if the number of tries is limited instead
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

  /** Notes a usable answer, which ends the outage. */
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
