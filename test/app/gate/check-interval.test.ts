import { describe, expect, it } from 'vitest';
import { nextCheckMs } from '../../../src/app/gate/check-interval.ts';
import { hourMs, minuteMs, secondMs } from '../gate-run.ts';

type Wait = Parameters<typeof nextCheckMs>[0];

/** Not approved, with the step's default interval, and something has just changed. */
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
    ['[P2] the interval at least', wait, 15 * secondMs],
    ['[P2] a fifth more at most', { ...wait, random: 1 }, 18 * secondMs],
    [
      '[P2] the interval just before a quiet half hour',
      { ...wait, quietMs: 30 * minuteMs - 1 },
      15 * secondMs,
    ],
    ['[P2] 45 s from a quiet half hour on', { ...wait, quietMs: 30 * minuteMs }, 45 * secondMs],
    ['[P2] a longer interval then, too', { ...wait, quietMs: hourMs, pollIntervalMs: minuteMs }, minuteMs],
    ['[P2] less than 60 s then', { ...wait, quietMs: hourMs, random: 1 }, 54 * secondMs],
    ['[P3] 5 minutes once approved', approved, 5 * minuteMs],
    ['[P3] a fifth more at most', { ...approved, random: 1 }, 6 * minuteMs],
    ['[P3] a longer interval, too', { ...approved, pollIntervalMs: 10 * minuteMs }, 10 * minuteMs],
    ['[P3] the time left until the start', { ...approved, msToStart: 4 * secondMs }, 4 * secondMs],
    ['[W8] a second where the start is nearer', { ...approved, msToStart: 200 }, secondMs],
    ['[W8] a second where the start has passed', { ...approved, msToStart: -5000 }, secondMs],
    ['[W9] the interval where nobody tells the time', { ...approved, msToStart: undefined }, 15 * secondMs],
  ])('%s', (_name, given, expected) => {
    expect(nextCheckMs(given)).toBeCloseTo(expected, 6);
  });
});
