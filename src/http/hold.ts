import type { Fault } from '../domain/fault.ts';
import { firstDelayMs, TransientFailure } from './retry.ts';

/** How long a 429 without `Retry-After` delays the next request; no retry comes sooner. */
const shortestHoldMs = 0.7 * firstDelayMs;
/** How early a timer may fire. */
const timerSlackMs = 50;

/** F3: delays the next request to a server after a 429 to any request. */
export class Hold {
  #held: { readonly until: number; readonly fault: Fault } | undefined;

  /** @param now steady clock */
  begin({ fault, retryAfterMs }: TransientFailure, now: number): void {
    if (fault.status === 429) this.#held = { until: now + (retryAfterMs ?? shortestHoldMs), fault };
  }

  /** Throws a TransientFailure if it is too early, by the steady clock, to send a request. */
  check(now: number): void {
    if (this.#held === undefined) return;
    const leftMs = this.#held.until - now;
    if (leftMs > timerSlackMs) throw new TransientFailure(this.#held.fault, 'outage', leftMs);
  }
}
