import { describe, expect, it } from 'vitest';
import {
  checkAgeMs,
  checkAgeSeconds,
  isFresh,
  isFromCache,
  mayStillProceed,
} from '../../../src/domain/decision/check-age.ts';

/** A check requested at 5 s of the steady clock and 1,000 s of the wall clock. */
const check = { askedAt: 5000, askedAtWallMs: 1_000_000 };

describe('the age of a check', () => {
  it.each<[string, number, number, number, boolean, boolean]>([
    ['no time', 0, 0, 0, true, true],
    ['nearly 9 s by both clocks', 8999, 8999, 8999, true, true],
    ['9 s', 9000, 9000, 9000, true, true],
    ['over 9 s by the steady clock', 9001, 9001, 9001, false, true],
    ['10 s', 10_000, 10_000, 10_000, false, true],
    ['over 10 s by both', 10_001, 10_001, 10_001, false, false],
    ['a suspension that stops the steady clock', 40, 3_600_000, 3_600_000, false, false],
    ['a wall clock that was set back', 10_001, -3_600_000, 10_001, false, false],
    ['a wall clock that was set back a little', 500, -3_600_000, 500, true, true],
  ])('[W8] is judged after %s', (_what, steadyMs, wallMs, ageMs, fresh, proceeds) => {
    const now = { steadyMs: check.askedAt + steadyMs, wallMs: check.askedAtWallMs + wallMs };
    expect(checkAgeMs(check, now)).toBe(ageMs);
    expect(checkAgeSeconds(check, now)).toBe(Math.round(ageMs / 1000));
    expect(isFresh(check, now)).toBe(fresh);
    expect(mayStillProceed(check, now)).toBe(proceeds);
  });

  it('[W8] is too old if a clock gives no time', () => {
    const now = { steadyMs: check.askedAt, wallMs: Number.NaN };
    expect(isFresh(check, now)).toBe(false);
    expect(mayStillProceed(check, now)).toBe(false);
  });
});

describe('a cached answer', () => {
  const at = (seconds: number): Date => new Date(Date.UTC(2026, 5, 13, 8, 0, seconds));
  const doubted = { serverTime: at(0), answeredAt: 5000, isTimeDoubted: true };

  it.each([
    ['is not assumed if its age matches the next answer', doubted, at(3), false],
    ['is not assumed at 10 s of extra age', doubted, at(13), false],
    ['is assumed at over 10 s of extra age', doubted, at(14), true],
    ['is not assumed if the next answer has no time', doubted, undefined, false],
    ['is not assumed if the answer has no time', { ...doubted, serverTime: undefined }, at(14), false],
    ['is not assumed if the time is not doubtful', { ...doubted, isTimeDoubted: false }, at(14), false],
  ])('[W8] %s', (_what, answer, serverTime, expected) => {
    expect(isFromCache(answer, { serverTime, answeredAt: 8000 })).toBe(expected);
  });
});
