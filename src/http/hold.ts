import type { Fault } from '../domain/fault.ts';
import { firstDelayMs, TransientFailure } from './retry.ts';

/** How long a 429 that names no time delays the next request; no retry comes sooner. */
const shortestHoldMs = 0.7 * firstDelayMs;
/** How much too early a timer may fire. */
const timerSlackMs = 50;

/** F3: a 429 to any request delays the next one to the same server. */
export class Hold {
  #held: { readonly until: number; readonly fault: Fault } | undefined;

  /** @param now steady clock */
  begin({ fault, retryAfterMs }: TransientFailure, now: number): void {
    if (fault.status === 429) this.#held = { until: now + (retryAfterMs ?? shortestHoldMs), fault };
  }

  /** Throws a TransientFailure in place of a request that would come too soon, by the steady clock. */
  check(now: number): void {
    if (this.#held === undefined) return;
    const leftMs = this.#held.until - now;
    if (leftMs > timerSlackMs) throw new TransientFailure(this.#held.fault, 'outage', leftMs);
  }
}
