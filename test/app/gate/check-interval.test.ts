import { describe, expect, it } from 'vitest';
import { nextCheckMs } from '../../../src/app/gate/check-interval.ts';
import { hourMs, minuteMs, secondMs } from '../gate-run.ts';

type Wait = Parameters<typeof nextCheckMs>[0];

/** Not approved, with the step's default interval, right after a change. */
const wait: Wait = {
  reason: 'not-approved',
  pollIntervalMs: 15 * secondMs,
  quietMs: 0,
  msToStart: undefined,
  random: 0,
};
const approved: Wait = { ...wait, reason: 'before-planned-start', msToStart: 2 * hourMs };

describe('the time until the next check', () => {
  it.each<[string, Wait, number]>([
    ['[P2] is at least the interval', wait, 15 * secondMs],
    ['[P2] is at most a fifth longer', { ...wait, random: 1 }, 18 * secondMs],
    [
      '[P2] is the interval until half an hour without changes',
      { ...wait, quietMs: 30 * minuteMs - 1 },
      15 * secondMs,
    ],
    ['[P2] is 45 s after half an hour without changes', { ...wait, quietMs: 30 * minuteMs }, 45 * secondMs],
    [
      '[P2] is a longer interval then, if one is set',
      { ...wait, quietMs: hourMs, pollIntervalMs: minuteMs },
      minuteMs,
    ],
    ['[P2] is less than 60 s then', { ...wait, quietMs: hourMs, random: 1 }, 54 * secondMs],
    ['[P3] is 5 minutes once approved', approved, 5 * minuteMs],
    ['[P3] is at most a fifth longer', { ...approved, random: 1 }, 6 * minuteMs],
    [
      '[P3] is a longer interval, if one is set',
      { ...approved, pollIntervalMs: 10 * minuteMs },
      10 * minuteMs,
    ],
    ['[P3] is the time left until Planned start', { ...approved, msToStart: 4 * secondMs }, 4 * secondMs],
    ['[W8] is a second if Planned start is sooner', { ...approved, msToStart: 200 }, secondMs],
    ['[W8] is a second if Planned start has passed', { ...approved, msToStart: -5000 }, secondMs],
    ['[W9] is the interval if the time is unknown', { ...approved, msToStart: undefined }, 15 * secondMs],
  ])('%s', (_name, given, expected) => {
    expect(nextCheckMs(given)).toBeCloseTo(expected, 6);
  });
});
