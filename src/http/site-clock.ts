import { oldestMs } from '../domain/decision/check-age.ts';
import { clockOff } from '../domain/decision/worker-clock.ts';
import type { HttpAnswer } from './transport.ts';

/** An answer as far as its time is concerned. */
export interface AnswerTimes {
  /** The `Date` header. */
  readonly serverTime: Date | undefined;
  /** Steady clock when the request left, and when the answer was here. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** W9: how far a `Date` may run ahead of the steady clock. */
const mostAheadMs = 10_000;
/** How fast the steady clock may run, beyond the site's, over a wait of days. */
const driftPerMs = 0.0005;

/** What the answers of a site, or of Octopus, show of its clock, held against the steady one. */
export class SiteClock {
  /** At least so far is the site's clock ahead of the steady one. */
  #ahead: number | undefined;
  /** The same, by a `Date` that no other answer has confirmed. */
  #doubted: number | undefined;
  #learnedAt = 0;

  /**
   * W8: how old an answer says it is, by `Age` or since it is dated before it was asked for.
   * @returns ms; undefined if that is young enough
   */
  staleMs({ header, serverTime, askedAt }: Pick<HttpAnswer, 'header'> & AnswerTimes): number | undefined {
    const ages = (header('age') ?? '').split(',').map((age) => (/^\s*\d+\s*$/.test(age) ? Number(age) : 0));
    const isUnknown = serverTime === undefined || this.#ahead === undefined;
    const behindMs = isUnknown ? 0 : askedAt + (this.#ahead ?? 0) - serverTime.getTime();
    const oldMs = Math.max(behindMs, ...ages.map((seconds) => seconds * 1000));
    return oldMs > oldestMs ? oldMs : undefined;
  }

  /** W9: whether a `Date` needs another answer that says so too, by the worker's clock at the answer. */
  isDoubted({ serverTime, answeredAt }: AnswerTimes, wallTime: Date): boolean {
    if (serverTime === undefined) return false;
    const ahead = serverTime.getTime() - answeredAt;
    if (this.#doubted !== undefined && Math.abs(ahead - this.#doubted) <= mostAheadMs) return false;
    return this.#ahead === undefined
      ? clockOff(wallTime, serverTime) !== undefined
      : ahead - this.#ahead > mostAheadMs;
  }

  /** Remembers the `Date` of an answer that was understood. */
  learn({ serverTime, answeredAt }: AnswerTimes, isDoubted: boolean): void {
    if (serverTime === undefined) return;
    const ahead = serverTime.getTime() - answeredAt;
    this.#doubted = isDoubted ? ahead : undefined;
    if (isDoubted) return;
    const drifted = (this.#ahead ?? ahead) - (answeredAt - this.#learnedAt) * driftPerMs;
    this.#ahead = Math.max(ahead, drifted);
    this.#learnedAt = answeredAt;
  }
}
