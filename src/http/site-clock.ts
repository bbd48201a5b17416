import { oldestMs } from '../domain/decision/check-age.ts';
import { clockOff } from '../domain/decision/worker-clock.ts';
import type { HttpAnswer } from './transport.ts';

/** The times of an answer. */
export interface AnswerTimes {
  /** The `Date` header. */
  readonly serverTime: Date | undefined;
  /** Steady clock when the request was sent, and when the answer had arrived. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** W9: how far a `Date` may run ahead of the steady clock. */
const mostAheadMs = 10_000;
/** How much faster than the site's clock the steady clock may run, over a wait of days. */
const driftPerMs = 0.0005;

/** Compares the clock of a site, or of Octopus, with the steady clock, by the `Date` of its answers. */
export class SiteClock {
  /** The site's clock is ahead of the steady clock by at least this many ms. */
  #ahead: number | undefined;
  /** The same, according to a `Date` that no other answer has confirmed. */
  #doubted: number | undefined;
  #learnedAt = 0;

  /**
   * W8: how old an answer is, according to `Age` or because its `Date` is earlier than its request.
   * @returns ms; undefined if it is not too old
   */
  staleMs({ header, serverTime, askedAt }: Pick<HttpAnswer, 'header'> & AnswerTimes): number | undefined {
    const ages = (header('age') ?? '').split(',').map((age) => (/^\s*\d+\s*$/.test(age) ? Number(age) : 0));
    const ahead = this.#ahead;
    const isKnown = serverTime !== undefined && ahead !== undefined;
    const behindMs = isKnown ? askedAt + ahead - serverTime.getTime() : 0;
    const oldMs = Math.max(behindMs, ...ages.map((seconds) => seconds * 1000));
    return oldMs > oldestMs ? oldMs : undefined;
  }

  /**
   * W9: whether another answer must confirm a `Date`.
   * @param wallTime the worker's clock at the answer
   */
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
