import type { WaitDecision } from '../../domain/decision/decision.ts';
import type { RunContext } from '../run-context.ts';

/** The fraction by which an interval may be lengthened, so that many runs don't check at the same moment. */
const mostJitter = 0.2;
/** After this long without a change, the step checks less often. */
const quietAfterMs = 30 * 60_000;
/** Shortest interval of a quiet wait: even with jitter, an approval is seen within 60 s. */
const quietIntervalMs = 45_000;
/** P3: the interval while an approved change request waits for its Planned start. */
const approvedIntervalMs = 5 * 60_000;
/** W8: checks near Planned start need not keep the polling interval, but `Date` has whole seconds. */
export const shortestIntervalMs = 1000;

/**
 * Returns how long to wait until the next check (P2, P3): never less than the polling interval, except for
 * the check at Planned start.
 * @param quietMs how long nothing has changed
 * @param msToStart time until Planned start, by the server's time; undefined while not approved
 * @param random a number from 0 up to 1
 */
export function nextCheckMs(wait: {
  readonly reason: WaitDecision['reason'];
  readonly pollIntervalMs: number;
  readonly quietMs: number;
  readonly msToStart: number | undefined;
  readonly random: number;
}): number {
  const jitter = 1 + mostJitter * wait.random;
  if (wait.reason === 'before-planned-start' && wait.msToStart !== undefined) {
    const rare = Math.max(wait.pollIntervalMs, approvedIntervalMs) * jitter;
    return Math.min(rare, Math.max(wait.msToStart, shortestIntervalMs));
  }
  const interval =
    wait.quietMs >= quietAfterMs ? Math.max(wait.pollIntervalMs, quietIntervalMs) : wait.pollIntervalMs;
  return interval * jitter;
}

/** P2: returns one polling interval with jitter. */
export function jittered({ settings, random }: Pick<RunContext, 'settings' | 'random'>): number {
  return settings.pollIntervalMs * (1 + mostJitter * random());
}
