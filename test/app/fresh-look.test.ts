import { describe, expect, it } from 'vitest';
import { ageSeconds, isFresh } from '../../src/app/fresh-look.ts';
import { aLook } from '../domain/a-change-request.ts';
import { ManualClock } from '../jira/manual-clock.ts';

describe('the age of a look', () => {
  it.each([
    [0, true, 0],
    [8999, true, 9],
    [9000, true, 9],
    [9001, false, 9],
    [10_400, false, 10],
    [25_600, false, 26],
  ])('[W8] counts from when its request left: after %i ms', (ageMs, fresh, seconds) => {
    const clock = new ManualClock();
    const askedAt = clock.now();
    clock.advance(ageMs);
    const look = { ...aLook(), askedAt, answeredAt: clock.now() };
    expect(isFresh(look, clock)).toBe(fresh);
    expect(ageSeconds(look, clock)).toBe(seconds);
  });
});
