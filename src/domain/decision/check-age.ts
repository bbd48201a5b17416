import type { TimedCheck } from './run-record.ts';

/** W8: no run ends with exit 0 on a check that is older. */
export const oldestMs = 10_000;
/** How long writing the outcome takes, generously. */
const spareMs = 1000;

/** An instant by both of the worker's clocks: some systems stop the steady one while they are suspended, and people set the other. */
export interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

/** How old a check is, by whichever clock says more; it counts from when the request left. */
export function checkAgeMs(check: Pick<TimedCheck, 'askedAt' | 'askedAtWallMs'>, now: Moment): number {
  return Math.max(now.steadyMs - check.askedAt, now.wallMs - check.askedAtWallMs);
}

/** W8: whether a check may still allow the deployment, with time left to say so. */
export function isFresh(check: Pick<TimedCheck, 'askedAt' | 'askedAtWallMs'>, now: Moment): boolean {
  return checkAgeMs(check, now) <= oldestMs - spareMs;
}

/**
 * W8: whether exit 0 may stand, as the last act of the process: it may have been stopped, suspended or held up by
 * its output since the check was judged. A time that is not a number counts as too old.
 */
export function mayStillProceed(check: Pick<TimedCheck, 'askedAt' | 'askedAtWallMs'>, now: Moment): boolean {
  return checkAgeMs(check, now) <= oldestMs;
}

/** When an answer came, by the site's clock and by the steady one. */
interface AnswerTime {
  readonly serverTime: Date | undefined;
  readonly answeredAt: number;
}

/**
 * W8: whether a later answer shows that this one came from a cache. The first answer of a run has none before it by
 * which it would be old; then its time is doubted (W9).
 */
export function isFromCache(
  { serverTime, answeredAt, isTimeDoubted }: AnswerTime & { readonly isTimeDoubted: boolean },
  later: AnswerTime,
): boolean {
  if (!isTimeDoubted || serverTime === undefined || later.serverTime === undefined) return false;
  const elapsedMs = later.answeredAt - answeredAt;
  return later.serverTime.getTime() - serverTime.getTime() - elapsedMs > oldestMs;
}
