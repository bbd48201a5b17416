import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempt, Fault } from '../../src/domain/fault.ts';
import { text } from '../../src/domain/text.ts';
import {
  delayMs,
  type OutageWatch,
  Patience,
  parseRetryAfter,
  type RetryOptions,
  retried,
  TransientFailure,
  type TransientKind,
} from '../../src/http/retry.ts';
import { ManualClock } from '../jira/manual-clock.ts';
import { untilDone } from '../jira/scripted-site.ts';

const now = new Date('2026-06-13T10:00:00Z');

function failed(kind: TransientKind = 'outage', retryAfterMs?: number, status?: number): TransientFailure {
  const fault = new Fault('unreachable', text`It broke.`, text`Try later.`, { status });
  return new TransientFailure(fault, kind, retryAfterMs);
}

/**
 * Retries until the patience ends, with failures that take no time; returns the number of tries and the
 * duration.
 */
async function giveUp(
  patience: Patience,
  failures: (tries: number) => TransientFailure,
  over: Partial<RetryOptions> & { readonly takesMs?: number } = {},
): Promise<{ readonly tries: number; readonly sleeps: readonly number[]; readonly lastedMs: number }> {
  const clock = new ManualClock();
  const startedAt = clock.now();
  let tries = 0;
  const attempt = async (): Promise<never> => {
    tries += 1;
    if (tries > 10_000) throw new Error('never given up');
    clock.advance(over.takesMs ?? 0);
    throw failures(tries);
  };
  const options = { clock, random: () => 0.5, patience, signal: untilDone, ...over };
  await expect(retried(options, attempt)).rejects.toBeInstanceOf(Fault);
  return { tries, sleeps: clock.sleeps, lastedMs: clock.now() - startedAt };
}

function checkedAt(patience: Patience): Patience {
  patience.sawGoodCheck();
  return patience;
}

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['1', 1000],
    [' 120 ', 120_000],
    ['1.5', 1500],
    ['1.25', 1250],
    ['Sat, 13 Jun 2026 10:00:30 GMT', 30_000],
    ['Sat, 13 Jun 2026 10:00:00 GMT', 0],
    ['Sat, 13 Jun 2026 09:00:00 GMT', 0],
    ['Saturday, 13-Jun-26 10:00:30 GMT', 30_000],
    ['4, 6', 6000],
    ['6, 4, soon', 6000],
    ['Sat, 13 Jun 2026 10:00:30 GMT, 6', 30_000],
    ['40, Sat, 13 Jun 2026 10:00:30 GMT', 40_000],
  ])('[F1] "%s" is %i ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });

  it.each([
    undefined,
    '',
    ' ',
    '-5',
    'soon',
    '5s',
    '1e3',
    'NaN',
    'Infinity',
    '2026-06-13',
    'Sat, 99 Foo 2026',
  ])('[F1] ignores %j', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });

  it('[F1] always gives a valid delay for any header', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String)), (header) => {
        const ms = parseRetryAfter(header, now);
        if (ms !== undefined) expect(ms >= 0 && !Number.isNaN(ms)).toBe(true);
      }),
    );
  });
});

describe('the delay before the next try', () => {
  const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('[F1] grows within its jitter, up to half a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), randoms, (tries, random) => {
        const grown = Math.min(1000 * 2 ** (tries - 1), 30_000);
        const delay = delayMs(tries, undefined, random);
        expect(delay).toBeGreaterThanOrEqual(grown * 0.7);
        expect(delay).toBeLessThan(grown * 1.3);
      }),
    );
  });

  it('[F1] is never shorter than Retry-After, and spreads simultaneous retries', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.nat({ max: 3_600_000 }),
        randoms,
        (tries, after, random) => {
          const delay = delayMs(tries, after, random);
          expect(delay).toBeGreaterThanOrEqual(after);
          expect(delay).toBeGreaterThanOrEqual(delayMs(tries, undefined, random));
          expect(delay).toBeLessThan(Math.max(after * 1.1, 39_000) + 1);
        },
      ),
    );
  });

  it('[F1] is never zero, even with Retry-After: 0', () => {
    expect(delayMs(1, 0, 0)).toBeGreaterThanOrEqual(700);
  });
});

describe('a request that fails temporarily', () => {
  it('[F1] is retried until it succeeds, with growing delays', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const value = await retried(
      { clock, random: () => 0.5, patience: new Patience(900_000), signal: untilDone },
      async () => {
        tries += 1;
        if (tries < 5) throw failed();
        return 'answer';
      },
    );
    expect(value).toBe('answer');
    expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000]);
  });

  it('[F3] is not retried after a permanent error', async () => {
    const clock = new ManualClock();
    const fault = new Fault('login', text`No.`, text`Check it.`);
    const attempt = retried(
      { clock, random: () => 0.5, patience: new Patience(900_000), signal: untilDone },
      async () => {
        throw fault;
      },
    );
    await expect(attempt).rejects.toBe(fault);
    expect(clock.sleeps).toEqual([]);
  });

  it.each([
    ['for at most 2 minutes before any good answer', new Patience(900_000), 120_000],
    ['for a shorter permitted outage before any good answer', new Patience(60_000), 60_000],
    ['for the whole permitted outage after a good check', checkedAt(new Patience(900_000)), 900_000],
    ['for 2 minutes in an operation that never waits', checkedAt(new Patience(900_000, false)), 120_000],
    ['for a day if permitted', checkedAt(new Patience(86_400_000)), 86_400_000],
  ])('[F2] is retried %s', async (_what, patience, limitMs) => {
    const { lastedMs, tries } = await giveUp(patience, () => failed());
    expect(lastedMs).toBeLessThanOrEqual(limitMs);
    expect(lastedMs).toBeGreaterThan(limitMs - 31_000);
    expect(tries).toBeGreaterThan(3);
  });

  it('[F2] counts a good answer to any request of the run', async () => {
    const patience = new Patience(900_000);
    const clock = new ManualClock();
    await retried({ clock, random: () => 0, patience, signal: untilDone }, async () => 'answer');
    const { lastedMs } = await giveUp(patience, () => failed());
    expect(lastedMs).toBeGreaterThan(800_000);
  });

  it('[F2] counts the duration of the tries as outage', async () => {
    const { lastedMs } = await giveUp(checkedAt(new Patience(300_000)), () => failed(), { takesMs: 30_000 });
    expect(lastedMs).toBeLessThan(300_000 + 30_000);
  });

  it('[F2] is tried three times with OutageMinutes = 0', async () => {
    for (const patience of [new Patience(0), checkedAt(new Patience(0))]) {
      const { tries, sleeps } = await giveUp(patience, () => failed());
      expect(tries).toBe(3);
      expect(sleeps).toEqual([1000, 2000]);
      const mixed = await giveUp(patience, (count) => failed(count % 2 === 0 ? 'broken-answer' : 'outage'));
      expect(mixed.tries).toBe(3);
    }
  });

  it('[F1] ends immediately if Retry-After exceeds the rest of the outage', async () => {
    const { tries, lastedMs } = await giveUp(checkedAt(new Patience(60_000)), () => failed('outage', 61_000));
    expect({ tries, lastedMs }).toEqual({ tries: 1, lastedMs: 0 });
    // A Retry-After that ends exactly with the outage leads to one last try.
    const withIt = await giveUp(checkedAt(new Patience(60_000)), () => failed('outage', 60_000));
    expect(withIt).toEqual({ tries: 2, sleeps: [60_000], lastedMs: 60_000 });
  });

  it('[F1] with OutageMinutes = 0 ends if Retry-After exceeds 30 s, but waits for a shorter one', async () => {
    expect((await giveUp(new Patience(0), () => failed('outage', 30_001))).tries).toBe(1);
    const within = await giveUp(new Patience(0), () => failed('outage', 30_000));
    expect(within.tries).toBe(3);
    expect(within.lastedMs).toBeGreaterThanOrEqual(60_000);
  });

  it('[F1][F2] never sleeps less than Retry-After, or beyond the outage', async () => {
    const afters = fc.array(fc.option(fc.nat({ max: 90_000 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 20,
    });
    const limits = fc.integer({ min: 2500, max: 600_000 });
    await fc.assert(
      fc.asyncProperty(
        afters,
        limits,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (after, limit, random) => {
          const patience = checkedAt(new Patience(limit));
          const at = (tries: number): number | undefined => after[(tries - 1) % after.length];
          const { sleeps, lastedMs } = await giveUp(patience, (tries) => failed('outage', at(tries)), {
            random: () => random,
          });
          sleeps.forEach((sleep, index) => {
            expect(sleep).toBeGreaterThanOrEqual(at(index + 1) ?? 0);
          });
          expect(lastedMs).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it.each([
    ['within the limit is awaited', 11_000, 10_000, 3],
    ['beyond the limit ends the run immediately', 11_000, 10_001, 1],
    ['at the limit ends the run immediately', 1000, 1, 1],
    ['after the limit is awaited, as in the search for a lost create request', 999, 10_000, 3],
  ])(
    '[F1][P4] with Retry-After and a wait limit: a delay %s',
    async (_what, deadline, retryAfterMs, most) => {
      // The clock of these tests starts at 1000.
      const patience = checkedAt(new Patience(900_000, true, deadline));
      const { tries } = await giveUp(patience, () => failed('outage', retryAfterMs), { mostTries: 3 });
      expect(tries).toBe(most);
    },
  );

  it.each([
    ['2 minutes later before any good answer', new Patience(900_000), 125_000],
    ['sooner, if the permitted outage is shorter', new Patience(60_000), 65_000],
    ['the end of the outage after a good check', checkedAt(new Patience(900_000)), 905_000],
    ['its tries are used up if tries are counted', checkedAt(new Patience(0)), undefined],
    ['2 minutes later in an operation that never waits', new Patience(0, false), 125_000],
  ])('[F2] that began at 5 s is retried until %s', async (_what, patience, endsAt) => {
    expect(patience.endsAt(5000)).toBe(endsAt);
    const told: (number | undefined)[] = [];
    const clock = new ManualClock();
    clock.advance(4000);
    await retried({ clock, random: () => 0, patience, signal: untilDone }, async (ends) => told.push(ends));
    expect(told).toEqual([endsAt]);
  });

  it('[F2] shares one outage with all requests of an operation that never waits', async () => {
    const clock = new ManualClock();
    const patience = new Patience(900_000, false);
    const options = { clock, random: () => 0.5, patience, signal: untilDone };
    const lasted = async (): Promise<number> => {
      const from = clock.now();
      await expect(
        retried(options, async () => {
          throw failed();
        }),
      ).rejects.toBeInstanceOf(Fault);
      return clock.now() - from;
    };
    expect(await lasted()).toBeGreaterThan(80_000);
    expect(await lasted()).toBeLessThan(40_000);
    clock.advance(120_000);
    expect(await lasted()).toBe(0);
    await retried(options, async () => 'answer');
    expect(await lasted()).toBeGreaterThan(80_000);
  });

  it('[R6] adds up the outages of a pass, without the time between them', async () => {
    const clock = new ManualClock();
    const options = { clock, random: () => 0.5, patience: Patience.ofPass(), signal: untilDone };
    const lasted = async (failures: number): Promise<number> => {
      const from = clock.now();
      let count = 0;
      await attempt(() =>
        retried(options, async () => {
          count += 1;
          if (count <= failures) throw failed();
        }),
      );
      return clock.now() - from;
    };
    const first = await lasted(6);
    expect(first).toBeGreaterThan(50_000);
    clock.advance(600_000);
    const second = await lasted(Number.POSITIVE_INFINITY);
    expect(first + second).toBeGreaterThan(100_000);
    expect(first + second).toBeLessThanOrEqual(120_000);
    expect(await lasted(Number.POSITIVE_INFINITY)).toBe(0);
    // A site that answers slowly after an outage can still be read.
    await retried(options, async (endsAt = 0) => expect(endsAt - clock.now()).toBeGreaterThan(3000));
  });

  it('[F2] has a separate outage in a wait', async () => {
    const patience = checkedAt(new Patience(300_000));
    for (const _request of [1, 2]) {
      expect((await giveUp(patience, () => failed())).lastedMs).toBeGreaterThan(260_000);
    }
  });

  describe('and is preceded by other requests before each try', () => {
    const outages = () => {
      const seen: (string | number)[] = [];
      const watch: OutageWatch = {
        triesAgain: (_fault, since) => void seen.push(since),
        over: () => void seen.push('over'),
      };
      const patience = checkedAt(new Patience(300_000, true, undefined, watch));
      seen.length = 0;
      const clock = new ManualClock();
      const options = { clock, random: () => 0.5, patience, signal: untilDone };
      return { clock, options, seen };
    };

    it('[F2] [P5] has one outage with them, which their good answers do not end', async () => {
      const { clock, options, seen } = outages();
      const since = clock.now();
      const read = async (): Promise<void> => {
        await retried(options, async () => clock.advance(100));
      };
      let tries = 0;
      const write = retried({ ...options, beforeTry: read }, async () => {
        tries += 1;
        if (tries < 4) throw failed();
      });
      await write;
      // The good answer before the first try comes before the outage.
      expect(seen).toEqual(['over', since + 100, since + 100, since + 100, 'over']);
    });

    it('[F2] [P5] has one outage with them if they fail as well', async () => {
      const { clock, options, seen } = outages();
      const since = clock.now();
      let isDown = false;
      const read = async (): Promise<void> => {
        await retried(options, async () => {
          if (isDown) throw failed();
        });
      };
      const write = retried({ ...options, beforeTry: read }, async () => {
        isDown = true;
        throw failed();
      });
      await expect(write).rejects.toBeInstanceOf(Fault);
      expect(clock.now() - since).toBe(298_000);
      expect(new Set(seen)).toEqual(new Set(['over', since]));
    });

    it('[F2] has an outage of its own after one that they overcame before the first try', async () => {
      const { clock, options, seen } = outages();
      let reads = 0;
      const read = async (): Promise<void> => {
        await retried(options, async () => {
          reads += 1;
          if (reads < 10) throw failed();
        });
      };
      let writtenAt = 0;
      const write = retried({ ...options, beforeTry: read }, async () => {
        writtenAt ||= clock.now();
        throw failed();
      });
      await expect(write).rejects.toBeInstanceOf(Fault);
      expect(seen.indexOf('over')).toBe(9);
      expect(seen[10]).toBe(writtenAt);
      expect(clock.now() - writtenAt).toBe(298_000);
    });
  });

  it.each([
    ['70 s in a wait', true, 70_000, 3],
    ['70 s in an operation that never waits', false, 70_000, 2],
    ['119 s, so that the next try begins after 2 minutes', false, 119_000, 2],
    ['so long that the next try would begin later', false, 119_001, 1],
  ])('[F2] that takes %s is tried', async (_what, isWait, takesMs, expected) => {
    const { tries } = await giveUp(new Patience(0, isWait), () => failed(), { takesMs });
    expect(tries).toBe(expected);
  });

  it('[F2] is tried last 2 s before the end of the outage, and not after it', async () => {
    const { lastedMs, sleeps } = await giveUp(checkedAt(new Patience(100_000)), () => failed());
    expect(lastedMs).toBe(98_000);
    expect(sleeps.at(-1)).toBeLessThan(30_000);
  });

  it('[F5] with a broken answer is tried three times at first contact', async () => {
    expect((await giveUp(new Patience(900_000), () => failed('broken-answer'))).tries).toBe(3);
    const answered = new Patience(900_000);
    answered.sawGoodAnswer();
    expect((await giveUp(answered, () => failed('broken-answer'))).tries).toBe(3);
  });

  it('[F5] with a broken answer counts as an outage after a good check', async () => {
    const { lastedMs } = await giveUp(checkedAt(new Patience(900_000)), () => failed('broken-answer'));
    expect(lastedMs).toBeGreaterThan(800_000);
  });

  it('[F5] with a broken answer keeps its three tries after other failures', async () => {
    const { tries } = await giveUp(new Patience(900_000), (count) =>
      failed(count <= 3 ? 'outage' : 'broken-answer'),
    );
    expect(tries).toBe(6);
  });

  it('[F3] with a 409 is tried once more regardless of earlier failures', async () => {
    expect((await giveUp(checkedAt(new Patience(900_000)), () => failed('conflict'))).tries).toBe(2);
    const late = await giveUp(checkedAt(new Patience(900_000)), (count) =>
      failed(count <= 2 ? 'outage' : 'conflict'),
    );
    expect(late.tries).toBe(4);
  });

  it.each([
    { what: 'the outage', patience: [60_000], endsAt: 60_000 },
    { what: 'the wait limit, if that comes first', patience: [60_000, true, 30_000], endsAt: 30_000 },
    {
      what: 'the wait limit, if the next try is just within it',
      patience: [60_000, true, 2000],
      endsAt: 2000,
    },
    {
      what: 'the outage, if the request outlasts the wait limit',
      patience: [60_000, true, 1999],
      endsAt: 60_000,
    },
    { what: 'nothing, if tries are counted', patience: [0], endsAt: undefined },
    { what: 'the wait limit, if tries are counted', patience: [0, true, 30_000], endsAt: 30_000 },
    { what: 'nothing, if the request outlasts the wait limit', patience: [0, true, 1999], endsAt: undefined },
    { what: 'first contact, in an operation that never waits', patience: [0, false], endsAt: 120_000 },
  ] satisfies { patience: [number, boolean?, number?]; [key: string]: unknown }[])(
    '[P5] reports the next try to the watcher, and as the end that of $what',
    async ({ patience: [outageMs, isWait, deadlineMs = Number.POSITIVE_INFINITY], endsAt }) => {
      const clock = new ManualClock();
      const startedAt = clock.now();
      const heard: (readonly [Fault, number, number, number | undefined])[] = [];
      let over = 0;
      const watch: OutageWatch = {
        triesAgain: (fault, since, nextAt, end) =>
          void heard.push([
            fault,
            since - startedAt,
            nextAt - startedAt,
            end === undefined ? end : end - startedAt,
          ]),
        over: () => {
          over += 1;
        },
      };
      const failure = failed();
      const patience = new Patience(outageMs, isWait, startedAt + deadlineMs, watch);
      let tries = 0;
      const attempt = async (): Promise<string> => {
        tries += 1;
        if (tries > 1) return 'done';
        clock.advance(1000);
        throw failure;
      };
      await retried({ clock, random: () => 0.5, patience, signal: untilDone }, attempt);
      expect(heard).toEqual([[failure.fault, 0, 2000, endsAt]]);
      expect(over).toBe(1);
    },
  );

  it('is tried less often if the run can do without the answer', async () => {
    expect((await giveUp(new Patience(900_000), () => failed(), { mostTries: 1 })).tries).toBe(1);
  });

  it('[W12] stops after three answers of one status if there is an alternative', async () => {
    const failures = (count: number): TransientFailure =>
      failed('outage', undefined, count % 2 === 0 ? 500 : 503);
    expect((await giveUp(checkedAt(new Patience(900_000)), failures, { finalStatus: 500 })).tries).toBe(6);
  });

  it.each([
    ['at the limit is made', 2000, 2],
    ['beyond the limit is not made', 1999, 1],
    ['after the limit is not made either', 999, 1],
  ])('[P4] that writes and may outlast the wait limit: a further try %s', async (_what, deadline, tries) => {
    // The clock of these tests starts at 1000, and the first delay is 1000 ms.
    const patience = checkedAt(new Patience(900_000, true, deadline));
    const clock = new ManualClock();
    let made = 0;
    const write = retried(
      { clock, random: () => 0.5, patience, signal: untilDone, endsWithWait: true },
      async () => {
        made += 1;
        throw failed();
      },
    );
    await expect(write).rejects.toBeInstanceOf(Fault);
    expect(made).toBe(tries);
  });

  it('[P4] stops sleeping and trying at the end of the run', async () => {
    const clock = new ManualClock();
    const end = new AbortController();
    clock.onSleep = () => end.abort(new Error('told to end'));
    let tries = 0;
    const attempt = retried(
      { clock, random: () => 0.5, patience: new Patience(900_000), signal: end.signal },
      async () => {
        tries += 1;
        throw failed();
      },
    );
    await expect(attempt).rejects.toThrow('told to end');
    expect(tries).toBe(1);
  });

  it('keeps the reported fault as the cause of a failed try', () => {
    const { fault, cause, message } = failed();
    expect({ cause, message }).toEqual({ cause: fault, message: fault.message });
  });

  it('reports the last fault', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const attempt = retried(
      { clock, random: () => 0.5, patience: new Patience(0), signal: untilDone },
      async () => {
        tries += 1;
        throw new TransientFailure(new Fault('unreachable', text`Try ${tries}.`, text`x`), 'outage');
      },
    );
    await expect(attempt).rejects.toThrow('Try 3.');
  });
});
