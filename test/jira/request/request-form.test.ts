import { describe, expect, it } from 'vitest';
import type { ChangeRequestDraft, FieldSetting } from '../../../src/app/ports.ts';
import { Fault } from '../../../src/domain/fault.ts';
import { prepareRequest } from '../../../src/jira/request/request-form.ts';
import { byPath, good, inOrder, provenHeaders, refusal, scriptedSession } from '../scripted-site.ts';

const desk = '/rest/servicedeskapi/servicedesk';

function formField(fieldId: string, name: string, over: Readonly<Record<string, unknown>> = {}) {
  return {
    fieldId,
    name,
    required: false,
    visible: true,
    validValues: [],
    jiraSchema: { type: 'string' },
    ...over,
  };
}

const form = [
  formField('summary', 'What changes?', { required: true }),
  formField('description', 'Details'),
  formField('customfield_10010', 'When does it start?', { jiraSchema: { type: 'datetime' } }),
  formField('customfield_10020', 'Impact', {
    jiraSchema: { type: 'option' },
    validValues: [
      { value: '1', label: 'High' },
      { value: '2', label: 'Low' },
    ],
  }),
];

const siteFields = [
  { id: 'summary', name: 'Summary', schema: { type: 'string' } },
  { id: 'description', name: 'Description', schema: { type: 'string' } },
  {
    id: 'customfield_10010',
    name: 'Planned start',
    untranslatedName: 'Planned start',
    schema: { type: 'datetime' },
  },
  { id: 'customfield_10020', name: 'Impact', schema: { type: 'option' } },
  { id: 'customfield_10030', name: '影響', untranslatedName: 'Backout plan', schema: { type: 'string' } },
  { id: 'customfield_10041', name: 'Team', schema: { type: 'string' } },
  { id: 'customfield_10042', name: 'Team', schema: { type: 'string' } },
  { id: 'customfield_10051', name: 'Impact', schema: { type: 'string' } },
  { id: 'labels', name: 'Labels', schema: { type: 'array', items: 'string' } },
];

function site(routes: Parameters<typeof byPath>[0] = {}) {
  return byPath({
    [`GET ${desk}/projectKey:CHG`]: good({ id: '10', projectKey: 'CHG' }),
    [`GET ${desk}/10/requesttype?`]: good({
      isLastPage: true,
      values: [
        { id: '25', name: 'Request a change' },
        { id: '26', name: 'Report a fault' },
        { id: 27, name: 'Twice' },
        { id: '28', name: 'twice' },
        { id: '29', name: '25' },
      ],
    }),
    [`GET ${desk}/10/requesttype/25/field`]: good({ requestTypeFields: form }),
    'GET /rest/api/2/field': good(siteFields),
    ...routes,
  });
}

function draft(...fields: readonly FieldSetting[]): ChangeRequestDraft {
  return { title: 'My title', description: 'My description', fields };
}

function setting(field: string, value: string): FieldSetting {
  return { field, value };
}

async function prepared(
  fields: readonly FieldSetting[] = [],
  routes: Parameters<typeof byPath>[0] = {},
  where: { readonly serviceProject?: string; readonly requestType?: string } = {},
) {
  const scripted = scriptedSession(site(routes), { outageMs: 0 });
  const request = await prepareRequest(
    scripted.session,
    { serviceProject: 'CHG', requestType: 'Request a change', ...where },
    draft(...fields),
  );
  return { ...scripted, request };
}

async function refused(...args: Parameters<typeof prepared>): Promise<Fault> {
  const outcome = await prepared(...args).catch((error: unknown) => error);
  if (!(outcome instanceof Fault)) throw new Error('expected a fault');
  return outcome;
}

describe('a request of the configured type', () => {
  it('[C1] contains the title and the description, and needs no further requests', async () => {
    const { request, site: asked } = await prepared();
    expect(request).toEqual({
      serviceDeskId: '10',
      requestTypeId: '25',
      values: { summary: 'My title', description: 'My description' },
      later: [],
      fieldIds: new Map(),
      hasRunLine: true,
      people: [],
    });
    expect(asked.calls).toEqual([
      `GET ${desk}/projectKey:CHG`,
      `GET ${desk}/10/requesttype`,
      `GET ${desk}/10/requesttype/25/field`,
    ]);
  });

  it('[C1] omits the description and the run line if the form has no description', async () => {
    const { request } = await prepared([], {
      [`GET ${desk}/10/requesttype/25/field`]: good({ requestTypeFields: form.slice(0, 1) }),
    });
    expect(request).toMatchObject({ values: { summary: 'My title' }, hasRunLine: false });
    expect(request.values).not.toHaveProperty('description');
  });

  it.each(['Request a change', ' request  A change ', '26'])(
    '[C1] finds the type by its name or its id: %s',
    async (requestType) => {
      const routes = { [`GET ${desk}/10/requesttype/26/field`]: good({ requestTypeFields: form }) };
      const { request } = await prepared([], routes, { requestType });
      expect(request.requestTypeId).toBe(requestType === '26' ? '26' : '25');
    },
  );

  it('[C1] prefers a name to an id', async () => {
    const routes = { [`GET ${desk}/10/requesttype/29/field`]: good({ requestTypeFields: form }) };
    expect((await prepared([], routes, { requestType: '25' })).request.requestTypeId).toBe('29');
  });

  it.each([
    ['Deploy it', 'has no request type "Deploy it"'],
    ['Twice', 'has 2 request types named "Twice"'],
    ['30', 'has no request type "30"'],
  ])('[C5] reports that the type %s %s, and lists those that exist', async (requestType, words) => {
    const fault = await refused([], {}, { requestType });
    expect(fault.kind).toBe('configuration');
    expect(fault.summary.line).toContain(words);
    expect(fault.advice.line).toContain('Request a change (25), Report a fault (26), Twice (27), twice (28)');
  });

  it('[C5] reports a service project without request types', async () => {
    const routes = { [`GET ${desk}/10/requesttype?`]: good({ isLastPage: true, values: [] }) };
    expect((await refused([], routes)).advice.line).toContain('none');
  });
});

describe('the service project', () => {
  const desks = good({
    isLastPage: true,
    values: [
      { id: '10', projectKey: 'CHG' },
      { id: '11', projectKey: 'HR' },
    ],
  });

  it.each([
    ['404', refusal(404, 'None.')],
    ['a 404 that is not JSON', { status: 404, text: '<html>', headers: { 'x-aaccountid': '1' } }],
    ['400', refusal(400, 'No.')],
  ])('[C1] is found in the list if its key is not accepted in the URL: %s', async (_what, reply) => {
    const { request } = await prepared([], {
      [`GET ${desk}/projectKey:CHG`]: reply,
      [`GET ${desk}?`]: desks,
    });
    expect(request.serviceDeskId).toBe('10');
  });

  it('[C5] that does not exist is reported with those that exist', async () => {
    const fault = await refused(
      [],
      { [`GET ${desk}/projectKey:OPS`]: refusal(404, 'None.'), [`GET ${desk}?`]: desks },
      { serviceProject: 'OPS' },
    );
    expect(fault.kind).toBe('configuration');
    expect(fault.message).toContain('no service project OPS');
    expect(fault.message).toContain('Visible projects: CHG, HR.');
  });

  it.each(['NEW', 'chg'])(
    '[L9] stops the run only if it answers under another key, and names that key: %s',
    async (key) => {
      const routes = { [`GET ${desk}/projectKey:CHG`]: good({ id: '10', projectKey: key }) };
      const outcome = await prepared([], routes).catch((error: unknown) => error);
      if (key === 'chg') expect(outcome).not.toBeInstanceOf(Fault);
      else
        expect(outcome).toMatchObject({
          kind: 'configuration',
          advice: { line: expect.stringContaining('to NEW.') },
        });
    },
  );

  it('[C5] reports a refusal without further requests', async () => {
    const fault = await refused([], { [`GET ${desk}/projectKey:CHG`]: refusal(403, 'No licence.') });
    expect(fault.kind).toBe('forbidden');
    expect(fault.message).toContain('No licence.');
  });
});

describe('fields', () => {
  it.each([
    ['customfield_10020', 'High', { customfield_10020: { id: '1' } }],
    ['CustomField_10020', 'High', { customfield_10020: { id: '1' } }],
    ['Impact', 'low', { customfield_10020: { id: '2' } }],
    [' impact ', '{"id":"7"}', { customfield_10020: { id: '7' } }],
    ['When does it start?', '2026-06-13T10:00:00Z', { customfield_10010: '2026-06-13T10:00:00.000+0000' }],
  ])('[C1] Field[%s] = %s is sent with the request', async (field, value, values) => {
    const { request, site: asked } = await prepared([setting(field, value)]);
    expect(request.values).toEqual({ summary: 'My title', description: 'My description', ...values });
    expect(request.later).toEqual([]);
    expect(asked.calls).not.toContain('GET /rest/api/2/field');
  });

  it('[C1] can be set by their own names if the form shows other labels', async () => {
    const { request } = await prepared([setting('Planned start', '2026-06-13T10:00:00Z')]);
    expect(request.values).toMatchObject({ customfield_10010: '2026-06-13T10:00:00.000+0000' });
    expect(request.later).toEqual([]);
  });

  it('[C5] count as covered if the form requires them', async () => {
    const required = form.map((field) =>
      field.fieldId === 'customfield_10010' ? { ...field, required: true } : field,
    );
    const routes = { [`GET ${desk}/10/requesttype/25/field`]: good({ requestTypeFields: required }) };
    const { request } = await prepared([setting('Planned start', '2026-06-13T10:00:00Z')], routes);
    expect(request.values).toHaveProperty('customfield_10010');
  });

  it.each([
    ['Backout plan', 'x', { id: 'customfield_10030', name: 'Backout plan', value: 'x' }],
    ['labels', 'a,b', { id: 'labels', name: 'Labels', value: ['a', 'b'] }],
    ['customfield_10042', 'x', { id: 'customfield_10042', name: 'Team', value: 'x' }],
  ])('[C1] Field[%s], which the form lacks, is set afterwards', async (field, value, later) => {
    const { request } = await prepared([setting(field, value)]);
    expect(request.later).toEqual([later]);
    expect(Object.keys(request.values)).toEqual(['summary', 'description']);
  });

  it('[C1] are read from the site once', async () => {
    const { site: asked } = await prepared([
      setting('labels', 'a'),
      setting('Backout plan', 'b'),
      setting('Planned start', '2026-06-13T10:00:00Z'),
    ]);
    expect(asked.calls.filter((call) => call === 'GET /rest/api/2/field')).toHaveLength(1);
  });

  it.each(['summary', 'Description', ' DESCRIPTION '])(
    "[L7] Field[%s] does not replace the draft's own value",
    async (field) => {
      const { request } = await prepared([setting(field, 'other')]);
      expect(request.values).toEqual({ summary: 'My title', description: 'My description' });
    },
  );

  it('[C1] are not sent if empty', async () => {
    const { request } = await prepared([setting('Impact', ' ')]);
    expect(request.values).not.toHaveProperty('customfield_10020');
  });

  it.each([
    ['What changes?', 'Field[What changes?] is the summary of the request: use Field[summary].'],
    ['Details', 'Field[Details] is the description of the request: use Field[description].'],
  ])('[L7][C1] cannot replace the title or the run line through the label %s', async (field, words) => {
    expect((await refused([setting(field, 'other')])).message).toContain(words);
  });

  it.each([
    ['Impakt', 'High', 'Jira has no field "Impakt" for Field[Impakt]; similar fields: Impact'],
    ['Zzzzzz', 'x', 'Jira has no field "Zzzzzz" for Field[Zzzzzz].'],
    ['Team', 'x', 'Field[Team] names 2 fields (customfield_10041, customfield_10042): use the id.'],
    ['Impact', 'Huge', 'Field[Impact] accepts one of: High, Low.'],
    ['When does it start?', 'soon', 'Field[When does it start?] accepts a date-time with its offset'],
  ])('[C5] reports Field[%s] = %s as %s', async (field, value, words) => {
    const fault = await refused([setting(field, value)]);
    expect(fault.kind).toBe('configuration');
    expect(fault.message).toContain(words);
    expect(fault.message).toContain('nothing was raised');
  });

  it('[C1] may be set by two variables only to the same value', async () => {
    const twice = [setting('Impact', 'High'), setting('customfield_10020', 'Low')];
    expect((await refused(twice)).message).toContain(
      'Field[Impact] and Field[customfield_10020] set the same field (customfield_10020) to different values.',
    );
    const { request } = await prepared([setting('Impact', 'High'), setting('customfield_10020', 'High')]);
    expect(request.values).toMatchObject({ customfield_10020: { id: '1' } });
  });

  it('[C5] are all checked before problems are reported together', async () => {
    const { message } = await refused([
      setting('Impakt', 'x'),
      setting('Impact', 'Huge'),
      setting('Team', 'x'),
    ]);
    for (const name of ['Impakt', 'Impact', 'Team']) expect(message).toContain(`Field[${name}]`);
  });
});

describe('users', () => {
  const ann = {
    accountId: '5b10a2844c20165700ede21g',
    displayName: 'Ann Lee',
    emailAddress: 'ann@acme.example',
  };
  const hidden = { accountId: '5b10a2844c20165700ede21h', displayName: 'Bo' };
  const approver = formField('customfield_10070', 'Approver', { jiraSchema: { type: 'user' } });
  const withApprover = {
    [`GET ${desk}/10/requesttype/25/field`]: good({ requestTypeFields: [...form, approver] }),
  };

  it.each<[string, readonly object[], unknown]>([
    ['ann@acme.example', [ann, hidden], ann.accountId],
    ['ann lee', [hidden, ann], ann.accountId],
    ['bo@acme.example', [hidden], hidden.accountId],
    ['557058:f58131cb-b67d-43c7-b30d-6b58d40bd077', [], '557058:f58131cb-b67d-43c7-b30d-6b58d40bd077'],
    ['5b10a2844c20165700ede21f', [], '5b10a2844c20165700ede21f'],
  ])('[C1] are looked up on Cloud unless %s is an account id', async (value, found, accountId) => {
    const routes = { ...withApprover, 'GET /rest/api/2/user/search?': good(found) };
    const { request, site: asked } = await prepared([setting('Approver', value)], routes);
    expect(request.values).toMatchObject({ customfield_10070: { accountId } });
    const isLookedUp = asked.calls.includes('GET /rest/api/2/user/search');
    expect(isLookedUp).toBe(found.length > 0);
  });

  it('[C1] [F2] are looked up again after a temporary fault, which does not count as no match', async () => {
    const search = 'GET /rest/api/2/user/search?';
    const down = { status: 503, headers: provenHeaders };
    const twiceDown = { ...withApprover, [search]: inOrder(down, down, good([ann])) };
    const { request } = await prepared([setting('Approver', 'Ann Lee')], twiceDown);
    expect(request.values).toMatchObject({ customfield_10070: { accountId: ann.accountId } });
    const fault = await refused([setting('Approver', 'Ann Lee')], { ...withApprover, [search]: down });
    expect(fault.kind).toBe('unreachable');
  });

  it.each<[string, Parameters<typeof byPath>[0][string]]>([
    ['no user matches', good([])],
    ['no user matches', good([hidden])],
    ['2 users match', good([ann, { ...ann, accountId: '557058:2' }])],
    ['no user matches', refusal(403, 'No.')],
  ])('[C1] are reported if a name has no unique match on Cloud: %s', async (words, reply) => {
    const fault = await refused([setting('Approver', 'Ann Lee')], {
      ...withApprover,
      'GET /rest/api/2/user/search?': reply,
    });
    expect(fault.message).toContain(`Field[Approver] accepts the account id of a user: ${words} "Ann Lee".`);
  });

  it('[C1] are given by user name on Data Center', async () => {
    const headers = { 'x-ausername': 'octopus' };
    const onDataCenter = byPath({
      [`GET ${desk}/projectKey:CHG`]: { json: { id: '10', projectKey: 'CHG' }, headers },
      [`GET ${desk}/10/requesttype?`]: {
        json: { values: [{ id: '25', name: 'Request a change' }] },
        headers,
      },
      [`GET ${desk}/10/requesttype/25/field`]: { json: { requestTypeFields: [approver] }, headers },
    });
    const { session } = scriptedSession(onDataCenter, { site: new URL('https://jira.acme.example') });
    const where = { serviceProject: 'CHG', requestType: 'Request a change' };
    const request = await prepareRequest(session, where, draft(setting('Approver', 'ann')));
    expect(request.values).toMatchObject({ customfield_10070: { name: 'ann' } });
  });
});

describe('required fields', () => {
  it.each([
    [{ required: true }, false],
    [{ required: true, defaultValues: [{ value: '1' }] }, true],
    [{ required: true, presetValues: ['1'] }, true],
    [{ required: false }, true],
  ])('[C5] a field of %j that nothing covers allows the request: %s', async (over, isRaised) => {
    const routes = {
      [`GET ${desk}/10/requesttype/25/field`]: good({
        requestTypeFields: [...form, formField('customfield_10060', 'Risk', over)],
      }),
    };
    const outcome = await prepared([], routes).catch((error: unknown) => error);
    expect(outcome instanceof Fault).toBe(!isRaised);
    if (outcome instanceof Fault) {
      expect(outcome.message).toContain('requires: Risk (customfield_10060)');
      expect(outcome.message).toContain('Octopus.JiraServiceManagement.Field[name]');
    }
  });

  it('[C5] may be covered by a variable', async () => {
    const routes = {
      [`GET ${desk}/10/requesttype/25/field`]: good({
        requestTypeFields: [...form, formField('customfield_10060', 'Risk', { required: true })],
      }),
    };
    const { request } = await prepared([setting('risk', 'none')], routes);
    expect(request.values).toMatchObject({ customfield_10060: 'none' });
  });

  it('[C5] name the missing permission if the form cannot be read', async () => {
    const fault = await refused([], { [`GET ${desk}/10/requesttype/25/field`]: refusal(403, 'No.') });
    expect(fault.advice.line).toContain('allowed to raise requests of this type');
  });
});
