import type { WaitDecision } from '../../domain/decision/decision.ts';
import type { RunContext } from '../run-context.ts';

/** How much longer than asked for an interval may become, so that many runs don't look at the same moment. */
const mostJitter = 0.2;
/** After this long without a change, a wait looks less often. */
const quietAfterMs = 30 * 60_000;
/** Shortest interval of a quiet wait: with its jitter, an approval is seen within 60 s. */
const quietIntervalMs = 45_000;
/** P3: the interval while approved and before Planned start. */
const approvedIntervalMs = 5 * 60_000;
/** W8: checks near Planned start are exempt from the interval, but never closer than the `Date` header's step. */
export const shortestIntervalMs = 1000;

/**
 * How long to wait until the next check (P2, P3), never shorter than the poll interval except for the look at
 * Planned start.
 * @param quietMs how long nothing has changed
 * @param msToStart from now until Planned start by the server's time; undefined while not approved
 * @param random 0 up to 1
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

/** P2: one poll interval with its jitter. */
export function jittered({ settings, random }: Pick<RunContext, 'settings' | 'random'>): number {
  return settings.pollIntervalMs * (1 + mostJitter * random());
}
