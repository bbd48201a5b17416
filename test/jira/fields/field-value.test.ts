import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FormField,
  fieldValue,
  jiraDateTime,
  parseFormField,
  type UserLookup,
} from '../../../src/jira/fields/field-value.ts';

const impacts = [
  { value: '10000', label: 'Extensive / Widespread' },
  { value: '10001', label: 'Minor / Localized' },
  { value: '10002', label: 'Twice' },
  { value: '10003', label: 'twice' },
];

const cities = [
  { value: '1', label: 'Oslo, Norway' },
  { value: '2', label: 'Bergen' },
  { value: '3', label: 'Oslo' },
];

function field(
  type: string,
  over: Partial<FormField> & { readonly items?: string; readonly custom?: string } = {},
): FormField {
  const { items, custom, ...rest } = over;
  return {
    id: 'cf',
    name: 'Field',
    required: false,
    hasDefault: false,
    schema: { type, items, custom },
    validValues: [],
    ...rest,
  };
}

/** Knows two users by name. */
const findUser: UserLookup = async (person) =>
  ['Ann', 'Doe, Jane'].includes(person)
    ? { kind: 'value', value: { accountId: person } }
    : { kind: 'bad', expected: `the account id of a user: no user matches "${person}"` };

async function sent(of: FormField, raw: string): Promise<unknown> {
  const value = await fieldValue(of, raw, findUser);
  return value.kind === 'value' ? value.value : value;
}

const organizations = field('array', {
  custom: 'com.atlassian.servicedesk:sd-customer-organizations',
  validValues: [{ value: '27', label: 'Acme' }],
});
const sprint = field('array', { items: 'json', custom: 'com.pyxis.greenhopper.jira:gh-sprint' });

describe('the form in which a field accepts a text', () => {
  it.each<[string, FormField, string, unknown]>([
    ['text', field('string'), ' keeps  blanks \n', ' keeps  blanks \n'],
    ['JSON in a text field as text', field('string'), '{"a":1}', '{"a":1}'],
    ['a list in a text field as text', field('string'), '["a"]', '["a"]'],
    ['a number', field('number'), ' 7.5 ', 7.5],
    ['a negative number', field('number'), '-3', -3],
    ['zero', field('number'), '0', 0],
    ['a date-time', field('datetime'), '2026-06-13T10:00:00+10:00', '2026-06-13T00:00:00.000+0000'],
    ['a date-time in UTC', field('datetime'), ' 2026-06-13T10:00:00Z ', '2026-06-13T10:00:00.000+0000'],
    ['a date', field('date'), ' 2026-06-13 ', '2026-06-13'],
    ['labels', field('array', { items: 'string' }), 'a, b\nc,,', ['a', 'b', 'c']],
    ['labels as JSON', field('array', { items: 'string' }), '["a, b"]', ['a, b']],
    ['a list of numbers', field('array', { items: 'number' }), '1, 2.5\n-3', [1, 2.5, -3]],
    [
      'options with a comma at the end',
      field('array', { items: 'option', validValues: cities }),
      'Bergen,',
      [{ id: '2' }],
    ],
    ['a project', field('project'), ' OPS ', { key: 'OPS' }],
    ['a parent', field('issuelink'), 'OPS-1', { key: 'OPS-1' }],
    ['a list of an unknown kind', field('array'), 'a,b', ['a', 'b']],
    [
      'an option by its label',
      field('option', { validValues: impacts }),
      'minor /  LOCALIZED',
      { id: '10001' },
    ],
    ['an option by its id', field('option', { validValues: impacts }), '10003', { id: '10003' }],
    ['an option without known values', field('option'), ' High ', { value: 'High' }],
    ['an option as JSON', field('option', { validValues: impacts }), '{"value":"x"}', { value: 'x' }],
    [
      'a select that JSM gives as text with values',
      field('string', { validValues: impacts }),
      'Minor / Localized',
      { id: '10001' },
    ],
    ['a select with values, as JSON', field('string', { validValues: impacts }), '{"id":"1"}', { id: '1' }],
    [
      'several options',
      field('array', { items: 'option', validValues: impacts }),
      'Minor / Localized, 10000',
      [{ id: '10001' }, { id: '10000' }],
    ],
    [
      'several options without known values',
      field('array', { items: 'option' }),
      'A,B',
      [{ value: 'A' }, { value: 'B' }],
    ],
    ['a priority', field('priority'), 'High', { name: 'High' }],
    ['a priority with values', field('priority', { validValues: impacts }), '10000', { id: '10000' }],
    ['components', field('array', { items: 'component' }), 'Web, API', [{ name: 'Web' }, { name: 'API' }]],
    ['groups', field('array', { items: 'group' }), 'cab', [{ name: 'cab' }]],
    ['an asset as JSON', field('array', { items: 'cmdb-object-field' }), '[{"id":"x:1"}]', [{ id: 'x:1' }]],
    ['a value of an unknown type', field('any'), ' raw ', ' raw '],
    ['a value of an unknown type, as JSON', field('any'), ' {"a":[1]} ', { a: [1] }],
    ['a text that only begins like JSON', field('any'), '[urgent] fix', '[urgent] fix'],
    [
      'an option with a comma',
      field('array', { items: 'option', validValues: cities }),
      'Oslo, Norway',
      [{ id: '1' }],
    ],
    [
      'options with a comma, one per line',
      field('array', { items: 'option', validValues: cities }),
      'Oslo, Norway\n\nBergen\n',
      [{ id: '1' }, { id: '2' }],
    ],
    [
      'options with a comma and a line of several',
      field('array', { items: 'option', validValues: cities }),
      'Oslo, Norway\nBergen, Oslo',
      [{ id: '1' }, { id: '2' }, { id: '3' }],
    ],
    ['an organization', organizations, '12', [12]],
    ['organizations', organizations, '12, acme', [12, 27]],
    ['organizations as JSON', organizations, '[12]', [12]],
    ['a sprint', sprint, ' 3401 ', 3401],
    ['a user', field('user'), ' Ann ', { accountId: 'Ann' }],
    ['a user with a comma', field('array', { items: 'user' }), 'Doe, Jane', [{ accountId: 'Doe, Jane' }]],
    [
      'users',
      field('array', { items: 'user' }),
      'Doe, Jane\nAnn, Ann',
      [{ accountId: 'Doe, Jane' }, { accountId: 'Ann' }, { accountId: 'Ann' }],
    ],
    ['a user as JSON', field('user'), '{"emailAddress":"x@y"}', { emailAddress: 'x@y' }],
  ])('[C1] sends %s', async (_what, of, raw, value) => {
    expect(await sent(of, raw)).toEqual(value);
  });

  it.each<[FormField, string, string]>([
    [field('number'), 'seven', 'a number'],
    [field('number'), ' ', 'a number'],
    [field('number'), '1,5', 'a number'],
    [field('number'), 'Infinity', 'a number'],
    [field('datetime'), 'tomorrow', 'a date-time with its offset, such as 2026-06-13T10:00:00+10:00'],
    [field('datetime'), '2026-06-13', 'a date-time with its offset, such as 2026-06-13T10:00:00+10:00'],
    [
      field('datetime'),
      '2026-06-13T10:00:00',
      'a date-time with its offset, such as 2026-06-13T10:00:00+10:00',
    ],
    [field('date'), '13.06.2026', 'a date such as 2026-06-13'],
    [field('date'), '2026-02-30', 'a date such as 2026-06-13'],
    [field('date'), '2026-06-13T10:00:00Z', 'a date such as 2026-06-13'],
    [
      field('option', { validValues: impacts }),
      'Huge',
      'one of: Extensive / Widespread, Minor / Localized, Twice, twice',
    ],
    [field('option', { validValues: impacts }), 'TWICE', 'an id, since 2 of its values have this label'],
    [
      field('array', { items: 'option', validValues: impacts }),
      'Minor / Localized, Huge',
      'one of: Extensive / Widespread, Minor / Localized, Twice, twice',
    ],
    [organizations, 'nobody', 'the ids of organizations'],
    [sprint, 'Sprint 7', 'the id of a sprint'],
    [field('user'), 'Bob', 'the account id of a user: no user matches "Bob"'],
    [field('array', { items: 'user' }), 'Ann, Bob', 'the account id of a user: no user matches "Bob"'],
  ])('[C5] says what the field accepts if it does not accept the text', async (of, raw, expected) => {
    expect(await fieldValue(of, raw, findUser)).toEqual({ kind: 'bad', expected });
  });

  it('[C5] lists the first twenty of many accepted values', async () => {
    const validValues = Array.from({ length: 30 }, (_, id) => ({ value: `${id}`, label: `L${id}` }));
    const value = await fieldValue(field('option', { validValues }), 'x', findUser);
    expect(value).toMatchObject({ expected: expect.stringMatching(/^one of: L0, .*, L19, \.\.\.$/) });
  });

  it('[C1] sends any text to a text field unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (raw) => {
        expect(await fieldValue(field('string'), raw, findUser)).toEqual({ kind: 'value', value: raw });
      }),
    );
  });

  it('[C1] sends JSON objects and lists to any other field unchanged', async () => {
    const structures = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()));
    const types = fc.constantFrom('option', 'array', 'user', 'any', 'datetime', 'number', 'priority');
    await fc.assert(
      fc.asyncProperty(structures, types, async (structure, type) => {
        const raw = JSON.stringify(structure);
        expect(await sent(field(type), raw)).toEqual(JSON.parse(raw));
      }),
    );
  });
});

describe("Jira's form of a date-time", () => {
  it.each([
    ['2026-06-13T10:00:00Z', '2026-06-13T10:00:00.000+0000'],
    ['2026-06-13T10:00:00.250-0330', '2026-06-13T13:30:00.250+0000'],
    ['2026-06-13', undefined],
    ['text', undefined],
    ['', undefined],
  ])('of %s is %s', (text, written) => {
    expect(jiraDateTime(text)).toBe(written);
  });
});

describe('a field of a request form', () => {
  it('is read with its schema and its values', () => {
    expect(
      parseFormField({
        fieldId: 'customfield_10001',
        name: 'Impact',
        required: true,
        visible: true,
        validValues: [
          { value: '10000', label: 'High', children: [] },
          { id: 10001, name: 'Low' },
          { value: 'x' },
          { label: 'nameless' },
          null,
        ],
        defaultValues: [],
        presetValues: [],
        jiraSchema: { type: 'option', custom: 'c', customId: 10001 },
      }),
    ).toEqual([
      {
        id: 'customfield_10001',
        name: 'Impact',
        required: true,
        hasDefault: false,
        schema: { type: 'option', items: undefined, custom: 'c' },
        validValues: [
          { value: '10000', label: 'High' },
          { value: '10001', label: 'Low' },
          { value: 'x', label: 'x' },
        ],
      },
    ]);
  });

  it.each([
    [{ fieldId: 'x', defaultValues: [{ value: '1' }] }, true],
    [{ fieldId: 'x', presetValues: ['1'] }, true],
    [{ fieldId: 'x' }, false],
  ])('%j has a default value: %s', (json, hasDefault) => {
    expect(parseFormField(json)).toMatchObject([{ id: 'x', name: 'x', required: false, hasDefault }]);
  });

  it.each([null, 'x', [], {}, { fieldId: null }])('%j is not a field', (json) => {
    expect(parseFormField(json)).toEqual([]);
  });
});
