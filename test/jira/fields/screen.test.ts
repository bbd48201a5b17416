import { describe, expect, it } from 'vitest';
import type { FieldSetting } from '../../../src/app/ports.ts';
import { transition, transitions } from '../../../src/jira/transitions.ts';
import { byPath, failure, good, provenHeaders, refusal, scriptedSession } from '../scripted-site.ts';

const custom = 'com.atlassian.jira.plugin.system.customfieldtypes';

/** A screen as `GET .../transitions?expand=transitions.fields` returns it. */
const screen = {
  resolution: {
    required: true,
    hasDefaultValue: false,
    name: 'Resolution',
    schema: { type: 'resolution', system: 'resolution' },
    operations: ['set'],
    allowedValues: [
      { id: '10000', name: 'Done' },
      { id: '10001', name: "Won't do" },
    ],
  },
  customfield_10054: {
    required: false,
    name: 'Close notes',
    schema: { type: 'string', custom: `${custom}:textarea` },
    operations: ['set'],
  },
  customfield_10055: {
    required: false,
    name: 'Close code',
    schema: { type: 'option', custom: `${custom}:select` },
    operations: ['set'],
    allowedValues: [
      { id: '1', value: 'Successful' },
      { id: '2', value: 'Backed out' },
    ],
  },
  customfield_10056: {
    required: false,
    name: 'Affected services',
    schema: { type: 'array', items: 'option', custom: `${custom}:multiselect` },
    operations: ['add', 'set', 'remove'],
    allowedValues: [
      { id: '7', value: 'Web, mobile' },
      { id: '8', value: 'Billing' },
    ],
  },
  customfield_10057: {
    required: false,
    name: 'Actual end',
    schema: { type: 'datetime', custom: `${custom}:datetime` },
    operations: ['set'],
  },
  customfield_10058: {
    required: false,
    name: 'Users affected',
    schema: { type: 'number', custom: `${custom}:float` },
    operations: ['set'],
  },
  assignee: {
    required: false,
    name: 'Assignee',
    schema: { type: 'user', system: 'assignee' },
    operations: ['set'],
  },
  comment: {
    required: false,
    name: 'Comment',
    schema: { type: 'comments-page', system: 'comment' },
    operations: ['add'],
  },
};

type Routes = Parameters<typeof byPath>[0];

function sessionWith(fields: unknown, more: Routes = {}) {
  const offered = { id: '81', name: 'Complete', to: { id: '5', name: 'Completed' }, fields };
  return scriptedSession(
    byPath({
      'GET /rest/api/2/issue/CHG-1/transitions?expand=transitions.fields': good({ transitions: [offered] }),
      'GET /rest/api/2/issue/CHG-1?fields=resolution': good({ fields: { resolution: null } }),
      'POST /rest/api/2/issue/CHG-1/transitions': { status: 204, headers: provenHeaders },
      ...more,
    }),
  );
}

async function filled(
  values: Readonly<Record<string, string>>,
  { fields = screen, more = {} }: { readonly fields?: unknown; readonly more?: Routes } = {},
) {
  const { session, site } = sessionWith(fields, more);
  const settings: readonly FieldSetting[] = Object.entries(values).map(([field, value]) => ({
    field,
    value,
  }));
  const [only] = await transitions(session, 'CHG-1', settings);
  if (only === undefined) throw new Error('no transition');
  return { session, site, only, screen: only.screen };
}

describe("a transition's screen", () => {
  it.each<[string, string, string, unknown]>([
    ['a resolution by its name', 'Resolution', 'done', { id: '10000' }],
    ['a resolution by its id', 'resolution', '10001', { id: '10001' }],
    ['a text as it is', 'close NOTES', ' [1, 2]\n{x} ', ' [1, 2]\n{x} '],
    ['an option by its label', 'customfield_10055', 'backed out', { id: '2' }],
    ['an option as JSON', 'Close code', '{"id": "2"}', { id: '2' }],
    ['a list whole, then by comma', 'Affected services', 'Web, mobile\nBilling', [{ id: '7' }, { id: '8' }]],
    ['a time', 'Actual end', '2026-06-13T10:00:00+02:00', '2026-06-13T08:00:00.000+0000'],
    ['a number', 'Users affected', '12', 12],
  ])('[V2] [C1] sets %s', async (_what, name, value, sent) => {
    const covered = name.toLowerCase() === 'resolution' ? {} : { resolution: 'Done' };
    const { screen: got } = await filled({ ...covered, [name]: value });
    expect(got.problems).toEqual([]);
    expect(Object.values(got.body.fields)).toContainEqual(sent);
  });

  it('[V2] is sent with the transition, without fields that it lacks', async () => {
    const { session, site, only } = await filled({
      Resolution: 'Done',
      'Close notes': 'All well.',
      'Root cause': 'None',
    });
    expect(only.screen.lacks).toEqual(['Root cause']);
    await transition(session, 'CHG-1', only);
    expect(site.body(site.requests.length - 1)).toEqual({
      transition: { id: '81' },
      fields: { resolution: { id: '10000' }, customfield_10054: 'All well.' },
    });
  });

  it('[V2] gets a comment that only agents see', async () => {
    const { session, site, only } = await filled({ resolution: 'Done', Comment: 'All well.' });
    await transition(session, 'CHG-1', only);
    expect(site.body(site.requests.length - 1)).toMatchObject({
      update: {
        comment: [
          {
            add: {
              body: 'All well.',
              properties: [{ key: 'sd.public.comment', value: { internal: true } }],
            },
          },
        ],
      },
    });
  });

  it('[V2] names a required field that nothing covers, and its values', async () => {
    const { screen: got } = await filled({ 'Close notes': 'All well.' });
    expect(got.problems).toEqual([
      "Its screen requires: Resolution (resolution). Resolution accepts: Done, Won't do. Set each with a variable Octopus.JiraServiceManagement.TransitionField[name].",
    ]);
  });

  it.each<[string, unknown, Routes]>([
    ['a default', { resolution: { ...screen.resolution, hasDefaultValue: true } }, {}],
    [
      'a value of the change request',
      screen,
      { 'GET /rest/api/2/issue/CHG-1?fields=resolution': good({ fields: { resolution: { id: '1' } } }) },
    ],
    [
      'a value that cannot be read',
      screen,
      { 'GET /rest/api/2/issue/CHG-1?fields=resolution': refusal(403, 'No.') },
    ],
  ])('[V2] needs no value for a required field with %s', async (_what, fields, more) => {
    const { screen: got } = await filled({}, { fields, more });
    expect(got.problems).toEqual([]);
    expect(got.body.fields).toEqual({});
  });

  it.each<[unknown]>([[''], [[]], [null], [undefined]])(
    '[V2] counts a required field with the value %j as empty',
    async (resolution) => {
      const more = { 'GET /rest/api/2/issue/CHG-1?fields=resolution': good({ fields: { resolution } }) };
      expect((await filled({}, { more })).screen.problems).toHaveLength(1);
    },
  );

  it('[V2] needs no further request if nothing is required', async () => {
    const { site } = await filled({}, { fields: { customfield_10054: screen.customfield_10054 } });
    expect(site.calls).toHaveLength(1);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['a label that it does not have', { resolution: 'Fixed' }, "accepts one of: Done, Won't do."],
    [
      'a word for a number',
      { 'Users affected': 'many' },
      'TransitionField[Users affected] accepts a number.',
    ],
    [
      'two values for one field',
      { 'Close notes': 'a', customfield_10054: 'b' },
      'TransitionField[Close notes] and TransitionField[customfield_10054] set the same field (customfield_10054) to different values.',
    ],
  ])('[V2] reports %s', async (_what, values, words) => {
    const { screen: got } = await filled({ resolution: 'Done', ...values });
    expect(got.problems.join()).toContain(words);
  });

  it('[V2] reports a name that two fields share, but accepts the id', async () => {
    const fields = { a: { ...screen.customfield_10054 }, b: { ...screen.customfield_10054 } };
    expect((await filled({ 'Close notes': 'x' }, { fields })).screen.problems).toEqual([
      'TransitionField[Close notes] names 2 fields (a, b): use the id.',
    ]);
    expect((await filled({ B: 'x' }, { fields })).screen).toMatchObject({
      problems: [],
      body: { fields: { b: 'x' } },
    });
  });

  it('[V2] [C1] looks up a user on Cloud', async () => {
    const more = {
      'GET /rest/api/2/user/search?query=Ann+Lee': good([{ accountId: '557058:1', displayName: 'Ann Lee' }]),
    };
    const { screen: got } = await filled({ resolution: 'Done', assignee: 'Ann Lee' }, { more });
    expect(got.body.fields).toMatchObject({ assignee: { accountId: '557058:1' } });
  });

  it.each([[null], ['x'], [[]], [{ resolution: null }]])(
    '[V2] counts as absent if it is %j',
    async (fields) => {
      const { screen: got } = await filled({ Resolution: 'Done' }, { fields });
      expect(got).toMatchObject({ problems: [], lacks: ['Resolution'], body: { fields: {}, update: {} } });
    },
  );

  it('[X5] is not requested with the transitions if the answer would be too large', async () => {
    const { session, site } = sessionWith(screen, {
      'GET /rest/api/2/issue/CHG-1/transitions?expand=transitions.fields': failure('too-large'),
      'GET /rest/api/2/issue/CHG-1/transitions': good({
        transitions: [{ id: '81', name: 'Complete', to: { id: '5', name: 'Completed' } }],
      }),
    });
    await expect(transitions(session, 'CHG-1', [])).resolves.toMatchObject([{ id: '81' }]);
    expect(site.calls).toHaveLength(2);
  });
});
