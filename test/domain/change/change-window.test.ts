import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChangeWindow,
  changeWindow,
  hasBound,
  type PlannedField,
  type PlannedTime,
  placeInWindow,
  plannedTime,
} from '../../../src/domain/change/change-window.ts';
import { noField, setAt } from './a-change-request.ts';

const start: PlannedField = {
  id: 'customfield_1',
  name: 'Planned start',
  value: '2026-06-13T10:00:00.000+0000',
};
const older: PlannedField = { id: 'customfield_2', name: 'Change start date', value: null };

function read(candidates: readonly PlannedField[], missing: readonly string[] = []): PlannedTime {
  return plannedTime({ candidates, missing }, 'start', 'Europe/Berlin');
}

describe('the time that the planned fields of one read give', () => {
  it('[W10] is an instant for a date-time, with its field', () => {
    expect(read([start])).toEqual({
      kind: 'set',
      at: new Date('2026-06-13T10:00:00Z'),
      wholeDay: false,
      field: 'Planned start',
    });
  });

  it('[W10] ignores spaces around a date-time', () => {
    expect(read([{ ...start, value: ' 2026-06-13T10:00:00Z ' }])).toMatchObject({
      at: new Date('2026-06-13T10:00:00Z'),
    });
  });

  it.each([
    ['start', '2026-06-12T22:00:00.000Z'],
    ['end', '2026-06-13T21:59:59.999Z'],
  ] as const)(
    "[W10] is the %s of the day in the account's time zone for a date without a time",
    (bound, iso) => {
      const field = { ...start, value: '2026-06-13' };
      expect(plannedTime({ candidates: [field], missing: [] }, bound, 'Europe/Berlin')).toEqual({
        kind: 'set',
        at: new Date(iso),
        wholeDay: true,
        field: 'Planned start',
      });
      expect(plannedTime({ candidates: [field], missing: [] }, bound, undefined)).toEqual({
        kind: 'zone-needed',
        field: 'Planned start',
      });
    },
  );

  it.each([
    ['soon', 'soon'],
    ['', ''],
    ['2026-02-30', '2026-02-30'],
    [1781344800000, '1781344800000'],
    [true, 'true'],
    [{ value: '2026-06-13' }, '{"value":"2026-06-13"}'],
    [['2026-06-13'], '["2026-06-13"]'],
  ])('[W10] reports %j as unreadable', (value, told) => {
    expect(read([{ ...start, value }])).toEqual({ kind: 'unreadable', field: 'Planned start', value: told });
  });

  it('[W12] distinguishes unset (null) from missing (absent)', () => {
    expect(read([{ ...start, value: null }])).toEqual({ kind: 'unset', field: 'Planned start' });
    expect(read([{ ...start, value: undefined }])).toEqual({ kind: 'missing', field: 'Planned start' });
    expect(read([])).toEqual({ kind: 'no-field' });
    expect(read([], ['Go live'])).toEqual({ kind: 'missing', field: 'Go live' });
  });

  it('[W12] is missing if one field is missing, even if another one has a value', () => {
    expect(read([start], ['Go live'])).toEqual({ kind: 'missing', field: 'Go live' });
    expect(read([start, { ...older, value: undefined }])).toEqual({
      kind: 'missing',
      field: 'Change start date',
    });
  });

  it.each([[[start, older]], [[older, start]]])(
    '[W12] prefers a filled field to an empty one',
    (candidates) => {
      expect(read(candidates)).toMatchObject({ kind: 'set', at: new Date('2026-06-13T10:00:00Z') });
    },
  );

  it('[W12] is unset if both fields are empty', () => {
    expect(read([{ ...start, value: null }, older])).toMatchObject({ kind: 'unset' });
  });

  it('[W12] accepts one instant in two notations', () => {
    expect(read([start, { ...older, value: '2026-06-13T12:00:00.000+0200' }])).toMatchObject({ kind: 'set' });
  });

  it('[W12] reports two different values with the ids of their fields', () => {
    expect(read([start, { ...older, value: '2026-06-14T10:00:00.000+0000' }])).toEqual({
      kind: 'differ',
      fields: [
        { field: 'Planned start (customfield_1)', value: '2026-06-13T10:00:00.000+0000' },
        { field: 'Change start date (customfield_2)', value: '2026-06-14T10:00:00.000+0000' },
      ],
    });
  });

  it('[W12] is unreadable if one of two fields is unreadable', () => {
    expect(read([start, { ...older, value: 'soon' }])).toMatchObject({ kind: 'unreadable' });
  });

  it('[W10][W12] is set only if every filled field gives the same time', () => {
    const values = fc.constantFrom(
      null,
      undefined,
      '2026-06-13T10:00:00Z',
      '2026-06-13T10:00:00+0000',
      '2026-06-14T10:00:00Z',
      '2026-06-13',
      'soon',
      7,
    );
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (given) => {
        const candidates = given.map((value, id) => ({ id: `cf${id}`, name: `Field ${id}`, value }));
        const time = read(candidates);
        if (time.kind !== 'set') return;
        expect(given).not.toContain(undefined);
        for (const value of given.filter((each) => each !== null)) {
          const alone = read([{ ...start, value }]);
          expect(alone).toMatchObject({ kind: 'set', at: time.at });
        }
      }),
    );
  });
});

it('[W10] the window consists of Planned start and Planned end, each read for its purpose', () => {
  const on = (name: string) => ({ candidates: [{ ...start, name, value: '2026-06-13' }], missing: [] });
  const fields = { plannedStart: on('Planned start'), plannedEnd: on('Planned end') };
  expect(changeWindow(fields, 'UTC')).toMatchObject({
    start: { kind: 'set', at: new Date('2026-06-13T00:00:00Z'), field: 'Planned start' },
    end: { kind: 'set', at: new Date('2026-06-13T23:59:59.999Z'), field: 'Planned end' },
  });
});

describe('the place of an instant in the window', () => {
  const from = setAt('2026-06-13T10:00:00Z');
  const to = setAt('2026-06-13T12:00:00Z', 'Planned end');
  const unset: PlannedTime = { kind: 'unset', field: 'Planned start' };
  const neither: ChangeWindow = { start: unset, end: noField };
  const onlyStart: ChangeWindow = { start: from, end: unset };
  const onlyEnd: ChangeWindow = { start: noField, end: to };
  const both: ChangeWindow = { start: from, end: to };

  it.each([
    ['[W1]', neither, '1970-01-01T00:00:00.000Z', 'inside'],
    ['[W1]', neither, '2999-01-01T00:00:00.000Z', 'inside'],
    ['[W2]', onlyStart, '2026-06-13T09:59:59.999Z', 'before'],
    ['[W2]', onlyStart, '2026-06-13T10:00:00.000Z', 'inside'],
    ['[W2]', onlyStart, '2999-01-01T00:00:00.000Z', 'inside'],
    ['[W3]', onlyEnd, '1970-01-01T00:00:00.000Z', 'inside'],
    ['[W3]', onlyEnd, '2026-06-13T12:00:00.000Z', 'inside'],
    ['[W3]', onlyEnd, '2026-06-13T12:00:00.001Z', 'after'],
    ['[W4]', both, '2026-06-13T09:59:59.999Z', 'before'],
    ['[W4]', both, '2026-06-13T10:00:00.000Z', 'inside'],
    ['[W4]', both, '2026-06-13T12:00:00.000Z', 'inside'],
    ['[W4]', both, '2026-06-13T12:00:00.001Z', 'after'],
  ])('%s at %3$s is %4$s', (_rule, window, now, place) => {
    expect(placeInWindow(window, new Date(now))).toBe(place);
  });

  it('[W11] is never inside a window that ends before it starts', () => {
    const upsideDown: ChangeWindow = { start: to, end: from };
    const times = fc.date({ noInvalidDate: true });
    fc.assert(fc.property(times, (now) => placeInWindow(upsideDown, now) !== 'inside'));
  });

  it('a window has a bound if Planned start or Planned end is set', () => {
    expect([neither, onlyStart, onlyEnd, both].map(hasBound)).toEqual([false, true, true, true]);
  });
});
