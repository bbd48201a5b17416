import { describe, expect, it } from 'vitest';
import { type AnswerTimes, SiteClock } from '../../src/http/site-clock.ts';

const tenOClock = Date.UTC(2026, 5, 13, 10);

/** An answer at a second of the steady clock whose `Date` is the given number of seconds after 10:00. */
function at(steady: number, date: number | undefined): AnswerTimes {
  return {
    serverTime: date === undefined ? undefined : new Date(tenOClock + date * 1000),
    askedAt: steady * 1000,
    answeredAt: steady * 1000,
  };
}

/** For each answer, whether its time is doubtful to a worker whose clock is right at second 0. */
function doubts(...answers: readonly AnswerTimes[]): readonly boolean[] {
  const clock = new SiteClock();
  return answers.map((answer) => {
    const isDoubted = clock.isDoubted(answer, new Date(tenOClock + answer.answeredAt));
    clock.learn(answer, isDoubted);
    return isDoubted;
  });
}

describe("a site's Date", () => {
  it.each<[string, readonly AnswerTimes[], readonly boolean[]]>([
    ['in step with the steady clock', [at(0, 0), at(15, 15), at(3600, 3600)], [false, false, false]],
    ['first a minute off the worker', [at(0, 60), at(15, 75)], [false, false]],
    ['first over a minute ahead, and confirmed', [at(0, 61), at(15, 76)], [true, false]],
    ['first over a minute behind, and confirmed', [at(0, -61), at(15, -46)], [true, false]],
    ['first over a minute off, and contradicted', [at(0, 90_000), at(15, 15)], [true, false]],
    ['first over a minute off, differently each time', [at(0, 90_000), at(15, -900)], [true, true]],
    ['ten seconds ahead', [at(0, 0), at(15, 25)], [false, false]],
    ['over ten seconds ahead, once', [at(0, 0), at(15, 86_400), at(30, 30)], [false, true, false]],
    ['over ten seconds ahead, twice', [at(0, 0), at(15, 100), at(30, 115)], [false, true, false]],
    ['ahead by a day and then by an hour', [at(0, 0), at(15, 86_400), at(30, 3600)], [false, true, true]],
    ['missing in between', [at(0, 0), at(15, undefined), at(30, 86_400)], [false, false, true]],
  ])('[W9] is doubtful or not: %s', (_what, answers, expected) => {
    expect(doubts(...answers)).toEqual(expected);
  });

  const noAge = { header: () => undefined };

  it.each([
    ['now', 30, 30, undefined],
    ['ten seconds before', 30, 20, undefined],
    ['eleven seconds before', 30, 19, 11_000],
    ['like the first answer', 30, 0, 30_000],
  ])('[W8] of an answer dated %s', (_what, steady, date, staleMs) => {
    const clock = new SiteClock();
    clock.learn(at(0, 0), false);
    const stale = clock.staleMs({ ...noAge, ...at(steady, date) });
    if (staleMs === undefined) expect(stale).toBeUndefined();
    else expect(Math.abs((stale ?? 0) - staleMs)).toBeLessThan(100);
  });

  it('[W8] that was doubtful does not make the next answer old', () => {
    const clock = new SiteClock();
    clock.learn(at(0, 0), false);
    clock.learn(at(15, 86_400), true);
    expect(clock.staleMs({ ...noAge, ...at(30, 30) })).toBeUndefined();
  });

  it("[W8] does not make answers old if the worker's steady clock runs fast for 30 days", () => {
    const clock = new SiteClock();
    for (let day = 0; day <= 30; day += 1) {
      const answer = at(day * 86_400, day * 86_395);
      expect(clock.staleMs({ ...noAge, ...answer })).toBeUndefined();
      clock.learn(answer, false);
    }
  });

  it.each([
    ['10', undefined],
    ['11', 11_000],
    ['3, 900', 900_000],
    ['-900', undefined],
    ['old', undefined],
    [undefined, undefined],
  ])('[W8] with an Age of %s', (age, staleMs) => {
    expect(new SiteClock().staleMs({ header: () => age, ...at(0, 0) })).toBe(staleMs);
  });
});
