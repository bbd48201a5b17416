import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../src/domain/change/change-request.ts';
import { ShapeError } from '../../src/http/json.ts';
import {
  knownFieldIds,
  type PlannedFieldNames,
  parseHit,
  parseIssue,
  parseStatus,
} from '../../src/jira/issue.ts';

const startId = 'customfield_10010';
const endId = 'customfield_10011';
const plannedNames = { [startId]: 'Planned start', [endId]: 'Planned end' };
const asked = { key: 'CHG-12', earlier: undefined };
const byDefault: PlannedFieldNames = { start: undefined, end: undefined, set: [] };

function issueJson(
  fields: Readonly<Record<string, unknown>> = {},
  names: Readonly<Record<string, unknown>> | null = plannedNames,
) {
  return {
    id: '20001',
    key: 'CHG-12',
    self: 'https://acme.atlassian.net/rest/api/2/issue/20001',
    ...(names !== null && { names: { summary: 'Summary', ...names } }),
    fields: {
      summary: 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"',
      status: { id: '3', name: 'Implementing', statusCategory: { key: 'indeterminate' } },
      issuetype: { id: '10100', name: '[System] Change' },
      project: { id: '10000', key: 'CHG' },
      created: '2026-06-13T10:00:00.000+0200',
      description: 'text',
      ...fields,
    },
  };
}

function parse(
  fields: Readonly<Record<string, unknown>> = {},
  names: Readonly<Record<string, unknown>> | null = plannedNames,
  planned: Partial<PlannedFieldNames> = {},
  earlier?: ChangeRequest,
): ChangeRequest {
  return parseIssue(issueJson(fields, names), { ...byDefault, ...planned }, { key: 'CHG-12', earlier });
}

const nine = '2026-06-13T09:00:00.000+0000';
const filled = { [startId]: nine, [endId]: null };

describe('an issue', () => {
  it('is parsed as a change request', () => {
    expect(parse(filled)).toEqual({
      id: '20001',
      key: 'CHG-12',
      projectKey: 'CHG',
      issueType: { id: '10100', name: '[System] Change' },
      summary: 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"',
      description: 'text',
      status: { id: '3', name: 'Implementing', category: 'indeterminate' },
      created: new Date('2026-06-13T08:00:00Z'),
      plannedStart: { candidates: [{ id: startId, name: 'Planned start', value: nine }], missing: [] },
      plannedEnd: { candidates: [{ id: endId, name: 'Planned end', value: null }], missing: [] },
    });
  });

  it('[L4] takes its project from the answer, not from the key', () => {
    expect(parse({ project: { key: 'OPS' } }).projectKey).toBe('OPS');
    expect(parse({ project: undefined }).projectKey).toBe('CHG');
    expect(parse({ project: { key: null } }).projectKey).toBe('CHG');
  });

  it('accepts what Data Center omits, and numeric ids', () => {
    const change = parse({
      description: null,
      created: null,
      issuetype: { id: 10100, name: 'Change' },
      status: { id: 3, name: 'Implementing' },
    });
    expect(change).toMatchObject({
      description: '',
      created: undefined,
      issueType: { id: '10100', name: 'Change' },
      status: { id: '3', name: 'Implementing', category: '' },
    });
  });

  it('[T4] keeps untranslated names', () => {
    const change = parse({
      status: {
        id: '3',
        name: '実装中',
        untranslatedName: 'Implementing',
        statusCategory: { key: 'indeterminate' },
      },
      issuetype: { id: '1', name: '変更', untranslatedName: 'Change' },
    });
    expect(change.status.untranslatedName).toBe('Implementing');
    expect(change.issueType.untranslatedName).toBe('Change');
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['no fields', { id: '1', key: 'CHG-12' }],
    ['no key', { ...issueJson(), key: undefined }],
    ['no summary', issueJson({ summary: null })],
    ['a summary that is a number', issueJson({ summary: 7 })],
    ['no status', issueJson({ status: null })],
    ['a status without a name', issueJson({ status: { id: '3' } })],
    ['a status whose name is a number', issueJson({ status: { id: '3', name: 7 } })],
    ['a status that is a text', issueJson({ status: 'Implementing' })],
  ])('[F5] is not parsed with %s', (_what, json) => {
    expect(() => parseIssue(json, byDefault, asked)).toThrow(ShapeError);
  });

  it('is identified by its key if the answer has no id', () => {
    expect(parseIssue({ ...issueJson(), id: undefined }, byDefault, asked)).toMatchObject({
      id: 'CHG-12',
      key: 'CHG-12',
    });
  });

  it('[F5] is either a change request or a shape error for any JSON', () => {
    const json = fc.oneof(
      fc.jsonValue(),
      fc.record({ id: fc.jsonValue(), key: fc.jsonValue(), names: fc.jsonValue(), fields: fc.jsonValue() }),
      fc
        .record({ summary: fc.jsonValue(), status: fc.jsonValue(), project: fc.jsonValue() })
        .map((fields) => issueJson(fields)),
    );
    fc.assert(
      fc.property(json, (value) => {
        try {
          const change = parseIssue(value, byDefault, asked);
          expect(
            [change.id, change.key, change.summary, change.status.name].every(
              (text) => typeof text === 'string',
            ),
          ).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ShapeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('can be read with only a status', () => {
    expect(parseStatus({ name: 'Done', statusCategory: { key: 'done' } })).toEqual({
      id: '',
      name: 'Done',
      category: 'done',
    });
  });
});

describe('the planned fields of an issue', () => {
  it('[W12] are unset if null, and unknown if absent', () => {
    expect(parse({ [startId]: null }).plannedStart.candidates[0]?.value).toBeNull();
    const absent = parse({}).plannedStart.candidates[0];
    expect(absent).toEqual({ id: startId, name: 'Planned start', value: undefined });
  });

  it.each([
    ['Planned start', 'Planned end'],
    ['planned  START', 'PLANNED end'],
    ['Change start date', 'Change completion date'],
  ])('are found by the default names %s and %s', (start, end) => {
    const change = parse({ cf1: nine, cf2: null }, { cf1: start, cf2: end });
    expect(change.plannedStart).toEqual({
      candidates: [{ id: 'cf1', name: start, value: nine }],
      missing: [],
    });
    expect(change.plannedEnd.candidates.map(({ id }) => id)).toEqual(['cf2']);
  });

  it('[W12] are all candidates if they have the same purpose', () => {
    const change = parse(
      { cf1: null, cf2: nine, cf3: null },
      { cf1: 'Planned start', cf2: 'Planned start', cf3: 'Change start date' },
    );
    expect(change.plannedStart.candidates.map(({ id, value }) => [id, value])).toEqual([
      ['cf1', null],
      ['cf2', nine],
      ['cf3', null],
    ]);
  });

  it('[W12] do not exist if a default field was never there, rather than being missing', () => {
    const change = parse({}, {});
    expect(change.plannedStart).toEqual({ candidates: [], missing: [] });
    expect(change.plannedEnd).toEqual({ candidates: [], missing: [] });
  });

  it.each(['Go live', 'GO  live', 'cf7', 'CF7'])(
    'can be named by a parameter, by name or id: %s',
    (start) => {
      const change = parse({ ...filled, cf7: nine }, { ...plannedNames, cf7: 'Go live' }, { start });
      expect(change.plannedStart).toEqual({
        candidates: [{ id: 'cf7', name: 'Go live', value: nine }],
        missing: [],
      });
    },
  );

  it('can be named by id if the answer has no names', () => {
    const change = parse({ cf7: nine }, null, { start: 'cf7' });
    expect(change.plannedStart).toEqual({
      candidates: [{ id: 'cf7', name: 'cf7', value: nine }],
      missing: [],
    });
  });

  it('[W12] are missing if a parameter or the policy names them and the answer lacks them', () => {
    expect(parse(filled, plannedNames, { start: 'Go live', end: 'cf9' })).toMatchObject({
      plannedStart: { candidates: [], missing: ['Go live'] },
      plannedEnd: { candidates: [], missing: ['cf9'] },
    });
  });

  it('[W12] are missing if a Field variable sets them and the answer lacks them; other fields are ignored', () => {
    expect(parse({}, {}, { set: ['planned START', 'Impact', 'Change completion date'] })).toMatchObject({
      plannedStart: { missing: ['planned START'] },
      plannedEnd: { missing: ['Change completion date'] },
    });
    expect(parse(filled, plannedNames, { set: ['Planned start'] }).plannedStart.missing).toEqual([]);
  });

  it('[W12] are unknown if an earlier check saw them and this answer lacks them', () => {
    const known = parse(filled);
    const later = parse({ [endId]: null }, null, {}, known);
    expect(later.plannedStart.candidates).toEqual([{ id: startId, name: 'Planned start', value: undefined }]);
    expect(later.plannedEnd.candidates).toEqual([{ id: endId, name: 'Planned end', value: null }]);
  });

  it.each([undefined, 'Planned start', startId])(
    'keep their names at a later check, which requests only ids (named by %s)',
    (start) => {
      const known = parse(filled, plannedNames, { start });
      const later = parse(filled, null, { start }, known);
      expect(later.plannedStart).toEqual({
        candidates: [{ id: startId, name: 'Planned start', value: nine }],
        missing: [],
      });
    },
  );

  it('are requested by id at a later check if the first one found both', () => {
    expect(knownFieldIds(parse(filled))).toEqual([startId, endId]);
    expect(knownFieldIds(parse({}, { [startId]: 'Planned start' }))).toBeUndefined();
    expect(knownFieldIds(parse({}, {}))).toBeUndefined();
  });

  it('are not found by accident in a property that every object has', () => {
    const change = parse({}, {}, { start: 'constructor', end: 'toString' });
    expect(change).toMatchObject({
      plannedStart: { candidates: [], missing: ['constructor'] },
      plannedEnd: { candidates: [], missing: ['toString'] },
    });
  });
});

describe('a search hit', () => {
  it('has a key, a summary and the status from the index', () => {
    const status = { id: '6', name: 'Completed', statusCategory: { key: 'done' } };
    expect(parseHit({ id: '1', key: 'CHG-12', fields: { summary: 'x', status, other: 1 } })).toEqual({
      key: 'CHG-12',
      summary: 'x',
      status: { id: '6', name: 'Completed', category: 'done' },
    });
    expect(parseHit({ key: 'CHG-12', fields: { summary: 'x' } })).toEqual({
      key: 'CHG-12',
      summary: 'x',
      status: undefined,
    });
  });

  it.each([null, 'CHG-12', {}, { id: '1' }, { key: 'CHG-12' }, { key: 'CHG-12', fields: {} }])(
    '[F5] is not parsed from %j',
    (json) => {
      expect(() => parseHit(json)).toThrow(ShapeError);
    },
  );
});
