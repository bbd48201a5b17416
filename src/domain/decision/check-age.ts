import type { TimedCheck } from './run-record.ts';

/** W8: the maximum age of a check on which a run may exit with 0. */
export const oldestMs = 10_000;
/** A generous allowance for writing the outcome. */
const spareMs = 1000;

/**
 * An instant on both of the worker's clocks. Neither is enough: some systems stop the steady clock while they
 * are suspended, and people can set the wall clock.
 */
export interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

/** When the request of a check was sent, on both clocks. */
export type AskedAt = Pick<TimedCheck, 'askedAt' | 'askedAtWallMs'>;

/** Returns the age of a check, counted from when its request was sent, by the clock that shows more. */
export function checkAgeMs(check: AskedAt, now: Moment): number {
  return Math.max(now.steadyMs - check.askedAt, now.wallMs - check.askedAtWallMs);
}

/** The same in whole seconds, for messages. */
export function checkAgeSeconds(check: AskedAt, now: Moment): number {
  return Math.round(checkAgeMs(check, now) / 1000);
}

/** W8: whether a check may still allow the deployment, with time left to write the outcome. */
export function isFresh(check: AskedAt, now: Moment): boolean {
  return checkAgeMs(check, now) <= oldestMs - spareMs;
}

/**
 * W8: whether the process may still exit with 0, asked as its last act: since the decision, the process may
 * have been stopped, suspended or blocked by its output. A time that is NaN counts as too old.
 */
export function mayStillProceed(check: AskedAt, now: Moment): boolean {
  return checkAgeMs(check, now) <= oldestMs;
}

/** When an answer arrived, by the site's clock and by the steady clock. */
interface AnswerTime {
  readonly serverTime: Date | undefined;
  readonly answeredAt: number;
}

/**
 * W8: whether a later answer shows that this one came from a cache. This is asked only of an answer whose
 * time is doubted (W9), such as the first of a run, which no earlier answer can show to be old.
 */
export function isFromCache(
  { serverTime, answeredAt, isTimeDoubted }: AnswerTime & { readonly isTimeDoubted: boolean },
  later: AnswerTime,
): boolean {
  if (!isTimeDoubted || serverTime === undefined || later.serverTime === undefined) return false;
  const elapsedMs = later.answeredAt - answeredAt;
  return later.serverTime.getTime() - serverTime.getTime() - elapsedMs > oldestMs;
}
