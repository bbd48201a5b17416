import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoUtc, parseInstant, shownTime } from '../../src/domain/instant.ts';

function at(text: string, bound: 'start' | 'end' = 'start', timeZone?: string): string {
  const parsed = parseInstant(text, bound, timeZone);
  return parsed.kind === 'instant' ? parsed.at.toISOString() : parsed.kind;
}

describe('a date-time', () => {
  it.each([
    ['2026-06-13T10:00:00.000+1000', '2026-06-13T00:00:00.000Z'],
    ['2026-06-13T10:00:00.000+10:00', '2026-06-13T00:00:00.000Z'],
    ['2026-06-13T10:00:00.000Z', '2026-06-13T10:00:00.000Z'],
    ['2026-06-13T10:00:00Z', '2026-06-13T10:00:00.000Z'],
    ['2026-06-13T10:00:00+0000', '2026-06-13T10:00:00.000Z'],
    ['2026-06-13T10:00:00-0330', '2026-06-13T13:30:00.000Z'],
    ['2026-06-13T10:00:00.5+05:45', '2026-06-13T04:15:00.500Z'],
    ['2023-02-14T23:40:12.345+0300', '2023-02-14T20:40:12.345Z'],
    ['2026-06-13T10:00:00.123999999Z', '2026-06-13T10:00:00.123Z'],
    ['2026-12-31T23:59:59.999-1200', '2027-01-01T11:59:59.999Z'],
    ['2028-02-29T00:00:00.000+1400', '2028-02-28T10:00:00.000Z'],
  ])('[W10] %s is %s', (text, iso) => {
    expect(at(text)).toBe(iso);
    expect(at(text, 'end', 'Asia/Tokyo')).toBe(iso);
  });

  it('[W10] every notation of an instant is read back', () => {
    const instants = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    const offsets = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(instants, offsets, fc.boolean(), (instant, offset, colon) => {
        const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const minutes = Math.abs(offset);
        const two = (n: number): string => String(n).padStart(2, '0');
        const sign = offset < 0 ? '-' : '+';
        const zone = `${sign}${two(Math.floor(minutes / 60))}${colon ? ':' : ''}${two(minutes % 60)}`;
        expect(at(`${local}${zone}`)).toBe(instant.toISOString());
        expect(at(instant.toISOString())).toBe(instant.toISOString());
      }),
    );
  });

  it('[W10] keeps every millisecond', () => {
    const read = Array.from({ length: 1000 }, (_, ms) =>
      at(`2026-06-13T10:00:00.${String(ms).padStart(3, '0')}Z`),
    );
    expect(read.map((iso) => Number(iso.slice(20, 23)))).toEqual(Array.from({ length: 1000 }, (_, ms) => ms));
  });

  it('is not marked as a whole day', () => {
    expect(parseInstant('2026-06-13T10:00:00Z', 'end', 'UTC')).toMatchObject({ wholeDay: false });
  });
});

describe('an unreliable time', () => {
  it.each([
    '',
    'tomorrow',
    '2026-06-13T10:00:00',
    '2026-06-13T10:00Z',
    '2026-06-13T10:00:00.000',
    '2026-06-13 10:00:00Z',
    '2026-06-13T10:00:00z',
    '2026-06-13T10:00:00.Z',
    '2026-06-13T10:00:00+10',
    '2026-06-13T10:00:00+1:00',
    '2026-06-13T24:00:00Z',
    '2026-06-13T10:60:00Z',
    '2026-06-13T10:00:60Z',
    '2026-06-13T10:00:00+2400',
    '2026-06-13T10:00:00+1060',
    '2026-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-10T10:00:00Z',
    '2026-01-00T10:00:00Z',
    '0050-01-01T10:00:00Z',
    '+002026-06-13T10:00:00Z',
    ' 2026-06-13T10:00:00Z',
    '2026-06-13T10:00:00Z\n',
    '２０２６-06-13T10:00:00Z',
    '2026-02-29',
    '2026-02-30',
    '2026-6-13',
    '26-06-13',
    '13.06.2026',
    '06/13/2026',
    '13/Jun/26 10:00 AM',
    'Sat, 13 Jun 2026 10:00:00 GMT',
    '1781344800000',
    '2026-06-13T',
    'on 2026-06-13',
  ])('[W10] rejects %j', (text) => {
    expect(parseInstant(text, 'start', 'UTC')).toEqual({ kind: 'unreadable' });
    expect(parseInstant(text, 'end', 'UTC')).toEqual({ kind: 'unreadable' });
  });

  it('[W10] never gives an invalid date for any text', () => {
    const near = fc.stringMatching(
      /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2}))?$/,
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), fc.constantFrom('start', 'end'), (text, bound) => {
        const parsed = parseInstant(text, bound as 'start' | 'end', 'Europe/Berlin');
        if (parsed.kind === 'instant') expect(Number.isFinite(parsed.at.getTime())).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a date without a time', () => {
  it.each([
    ['UTC', '2026-06-13', '2026-06-13T00:00:00.000Z', '2026-06-13T23:59:59.999Z'],
    ['Australia/Sydney', '2026-06-13', '2026-06-12T14:00:00.000Z', '2026-06-13T13:59:59.999Z'],
    ['America/Los_Angeles', '2026-06-13', '2026-06-13T07:00:00.000Z', '2026-06-14T06:59:59.999Z'],
    ['Asia/Kathmandu', '2026-06-13', '2026-06-12T18:15:00.000Z', '2026-06-13T18:14:59.999Z'],
    ['Pacific/Kiritimati', '2026-06-13', '2026-06-12T10:00:00.000Z', '2026-06-13T09:59:59.999Z'],
    // Midnight is skipped: the day begins at 1:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', '2018-11-05T01:59:59.999Z'],
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z', '2024-04-26T20:59:59.999Z'],
    ['Asia/Beirut', '2024-03-31', '2024-03-30T22:00:00.000Z', '2024-03-31T20:59:59.999Z'],
    // The next day has no midnight: this day ends where the clock skips.
    ['America/Sao_Paulo', '2018-11-03', '2018-11-03T03:00:00.000Z', '2018-11-04T02:59:59.999Z'],
    // The hour before midnight comes twice: the day ends after the second one.
    ['America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00.000Z', '2018-02-18T02:59:59.999Z'],
    // The hour after midnight comes twice: the day begins with the first one.
    ['America/Havana', '2024-11-03', '2024-11-03T04:00:00.000Z', '2024-11-04T04:59:59.999Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', '2026-04-05T13:29:59.999Z'],
    ['Europe/Berlin', '2028-02-29', '2028-02-28T23:00:00.000Z', '2028-02-29T22:59:59.999Z'],
  ])('[W10] in %s, %s lasts from %s to %s', (zone, date, from, to) => {
    expect(at(date, 'start', zone)).toBe(from);
    expect(at(date, 'end', zone)).toBe(to);
    expect(parseInstant(date, 'start', zone)).toMatchObject({ wholeDay: true });
  });

  it('[W10] begins with its first and ends with its last millisecond in any zone of the world', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const formats = new Map<string, Intl.DateTimeFormat>();
    const localDay = (ms: number, zone: string): string => {
      const known = formats.get(zone);
      // The calendar day in Swedish notation: 2026-06-13.
      const format = known ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
      formats.set(zone, format);
      return format.format(ms);
    };
    const days = fc.date({
      min: new Date('1990-01-01T00:00:00Z'),
      max: new Date('2037-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, fc.constantFrom(...zones), (day, zone) => {
        const date = day.toISOString().slice(0, 10);
        // These islands moved across the date line and skipped a whole day.
        fc.pre(!(zone === 'Pacific/Apia' && /^2011-12-(29|30)/.test(date)));
        fc.pre(!(zone === 'Pacific/Fakaofo' && /^2011-12-(29|30)/.test(date)));
        fc.pre(!(zone === 'Pacific/Kwajalein' && /^1993-08-(20|21)/.test(date)));
        fc.pre(!(/Pacific\/(Kiritimati|Enderbury|Kanton)/.test(zone) && /^1994-12-3|^1995-01-0/.test(date)));
        const start = Date.parse(at(date, 'start', zone));
        const end = Date.parse(at(date, 'end', zone));
        expect([start - 1, start, end, end + 1].map((ms) => localDay(ms, zone) === date)).toEqual([
          false,
          true,
          true,
          false,
        ]);
      }),
      { numRuns: 1500 },
    );
  });

  it('[W10] a day that a zone skipped has no length', () => {
    const start = Date.parse(at('2011-12-30', 'start', 'Pacific/Apia'));
    const end = Date.parse(at('2011-12-30', 'end', 'Pacific/Apia'));
    expect(end).toBeLessThanOrEqual(start);
  });

  it.each([undefined, '', 'Mars/Olympus', 'not a zone'])('[W10] needs a zone if the zone is %s', (zone) => {
    expect(parseInstant('2026-06-13', 'start', zone)).toEqual({ kind: 'zone-needed' });
  });
});

describe('a time for people', () => {
  it.each([
    ['2026-06-13T10:00:00.000Z', '2026-06-13T10:00:00Z'],
    ['2026-06-13T10:00:00.250Z', '2026-06-13T10:00:00.250Z'],
  ])('%s is shown as %s', (iso, shown) => {
    expect(isoUtc(new Date(iso))).toBe(shown);
  });

  it.each([
    [undefined, '2026-06-13T10:00:00Z'],
    ['Australia/Sydney', '2026-06-13T10:00:00Z (2026-06-13 20:00:00 Australia/Sydney)'],
    ['America/New_York', '2026-06-13T10:00:00Z (2026-06-13 06:00:00 America/New_York)'],
    ['Africa/Abidjan', '2026-06-13T10:00:00Z'],
    ['Mars/Olympus', '2026-06-13T10:00:00Z'],
  ])(
    'in the zone %s is shown to the second, in UTC and in that zone if the offset differs: %s',
    (zone, shown) => {
      expect(shownTime(new Date('2026-06-13T10:00:00.250Z'), zone)).toBe(shown);
    },
  );
});
