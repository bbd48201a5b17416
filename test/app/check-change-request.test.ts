import { describe, expect, it } from 'vitest';
import { checkChangeRequest } from '../../src/app/check-change-request.ts';
import type { Reading, ServiceDesk } from '../../src/app/ports.ts';
import type { RunContext } from '../../src/app/run-context.ts';
import { checkAgeMs } from '../../src/domain/decision/check-age.ts';
import { aChangeRequest } from '../domain/change/a-change-request.ts';
import { ManualClock } from '../jira/manual-clock.ts';

const ten = new Date('2026-06-13T10:00:00Z');
const farAhead = new Date('2026-06-14T10:00:00Z');
const startsAtEleven = aChangeRequest({
  plannedStart: {
    candidates: [{ id: 'customfield_1', name: 'Planned start', value: '2026-06-13T11:00:00.000+0000' }],
    missing: [],
  },
});

/** A run whose service desk only supplies reads and server times. */
function atDesk(
  reading: Partial<Reading>,
  secondTime: Date | undefined,
  duringRead?: (clock: ManualClock) => void,
) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const serviceDesk = {
    read: (_key: string, _known: unknown, fields: string) => {
      asked.push(fields);
      duringRead?.(clock);
      const askedAt = clock.now();
      clock.advance(100);
      return Promise.resolve({
        changeRequest: aChangeRequest(),
        serverTime: ten,
        isTimeDoubted: false,
        askedAt,
        answeredAt: clock.now(),
        ...reading,
      });
    },
    serverInfoTime: () => {
      asked.push('serverInfo');
      return Promise.resolve(secondTime);
    },
  } as unknown as ServiceDesk;
  const trail = { checked: () => undefined };
  const context = { serviceDesk, clock, trail, record: {} } as unknown as RunContext;
  return { context, clock, asked };
}

describe('a check', () => {
  it.each([
    ['confirmed by the next answer', farAhead, farAhead],
    ['not confirmed', ten, ten],
    ['followed by an answer without a time', undefined, undefined],
  ])('[W9] checks a doubtful time that is %s, if there is a window', async (_what, second, expected) => {
    const { context, asked } = atDesk(
      { changeRequest: startsAtEleven, serverTime: farAhead, isTimeDoubted: true },
      second,
    );
    expect((await checkChangeRequest(context, 'CHG-12', 'known')).serverTime).toEqual(expected);
    expect(asked).toEqual(['known', 'serverInfo']);
  });

  it('[W9] [P2] spends no request on a doubtful time if there is no window', async () => {
    const { context, asked } = atDesk({ serverTime: farAhead, isTimeDoubted: true }, ten);
    expect((await checkChangeRequest(context, 'CHG-12', 'known')).serverTime).toEqual(farAhead);
    expect(asked).toEqual(['known']);
  });

  it('[W8] is whole if nothing was known before, or if all fields were read', async () => {
    const { context } = atDesk({}, undefined);
    expect((await checkChangeRequest(context, 'CHG-12', 'known')).isWhole).toBe(true);
    expect((await checkChangeRequest(context, 'CHG-12', 'known')).isWhole).toBe(false);
    expect((await checkChangeRequest(context, 'CHG-12', 'all')).isWhole).toBe(true);
  });

  it('[W8] counts its age by both clocks from its last request, however many tries came before', async () => {
    const { context, clock } = atDesk({}, undefined, (during) => during.advance(40_000));
    const check = await checkChangeRequest(context, 'CHG-12', 'known');
    const now = { steadyMs: clock.now(), wallMs: clock.wallTime().getTime() };
    expect(checkAgeMs(check, now)).toBe(100);
    expect(checkAgeMs(check, { ...now, wallMs: now.wallMs + 3_600_000 })).toBe(3_600_100);
  });
});
