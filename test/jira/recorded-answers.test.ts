import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { ServiceDesk } from '../../src/app/ports.ts';
import { isOpen } from '../../src/domain/change/change-state.ts';
import { Fault } from '../../src/domain/fault.ts';
import { parseStatus } from '../../src/jira/issue.ts';
import { prepareRequest } from '../../src/jira/request/request-form.ts';
import { createServiceDesk } from '../../src/jira/service-desk.ts';
import { createConnectionProbe } from '../../src/jira/site-probe.ts';
import { search } from '../../src/jira/title-search.ts';
import { describeWith } from '../atlassian.ts';
import { aTransition } from './a-transition.ts';
import {
  byPath,
  good,
  inOrder,
  provenHeaders,
  type Reply,
  type Script,
  scriptedSession,
} from './scripted-site.ts';

type Json = Readonly<Record<string, unknown>>;

function desk(script: Script, over: Parameters<typeof scriptedSession>[1] = {}): ServiceDesk {
  const { session, patience } = scriptedSession(script, { outageMs: 0, ...over });
  return createServiceDesk({
    session,
    patience,
    serviceProject: 'ITH',
    requestType: 'Get IT Help',
    openStatuses: [],
    withApprovals: false,
    withDescription: false,
    plannedFields: { start: undefined, end: undefined, set: [] },
  });
}

function probe(reply: Reply) {
  const { session } = scriptedSession(inOrder(reply), { outageMs: 0 });
  return createConnectionProbe(session, { serviceProject: 'ITH', requestType: 'x' });
}

/** A listing whose sample says that more follows, and then an empty last page. */
function listing(json: unknown): Script {
  return (_request, index) => good(index === 0 ? json : { isLastPage: true, values: [] });
}

async function faultOf(attempt: Promise<unknown>): Promise<Fault> {
  const outcome = await attempt.catch((error: unknown) => error);
  if (!(outcome instanceof Fault)) throw new Error(`expected a fault, not ${String(outcome)}`);
  return outcome;
}

const siteDesk = '/rest/servicedeskapi/servicedesk';

/** Sets a field that is in the site's list of fields but not on the form. */
async function laterField(siteFields: unknown, field: string, value: string): Promise<unknown> {
  const { session } = scriptedSession(
    byPath({
      [`GET ${siteDesk}/projectKey:ITH`]: good({ id: '10' }),
      [`GET ${siteDesk}/10/requesttype?`]: good({ isLastPage: true, values: [{ id: '1', name: 'x' }] }),
      [`GET ${siteDesk}/10/requesttype/1/field`]: good({ requestTypeFields: [] }),
      'GET /rest/api/2/field': good(siteFields),
    }),
    { outageMs: 0 },
  );
  const draft = { title: 't', description: 'd', fields: [{ field, value }] };
  return (await prepareRequest(session, { serviceProject: 'ITH', requestType: 'x' }, draft)).later;
}

async function zoneIn(json: unknown): Promise<string | undefined> {
  // Without a header that names the account, the answer must also prove the login.
  return desk(inOrder({ json }), { site: new URL('https://jira.acme.example') }).timeZone();
}

/** What the client makes of each file. A new file without an entry fails the test. */
const files: Readonly<Record<string, (json: unknown) => Promise<void> | void>> = {
  'cloud-recorded/field-list-excerpt.json': async (json) => {
    await expect(laterField(json, 'time to RESOLUTION', '{"x":1}')).resolves.toEqual([
      { id: 'customfield_10071', name: 'Time to resolution', value: { x: 1 } },
    ]);
    await expect(probe(good(json)).fields([])).resolves.toMatchObject({ 1: { id: 'parent' } });
  },
  'cloud-recorded/myself-gateway.json': async (json) => {
    await expect(zoneIn(json)).resolves.toBe('America/Detroit');
    await expect(probe(good(json)).account()).resolves.toMatchObject({ name: 'Example User' });
  },
  'cloud-recorded/comment-create-v3.json': async (json) => {
    await expect(
      desk(inOrder(good({ accountId: '1' }), { ...good(json), status: 201 })).addIssueComment(
        'CHG-12',
        'text',
        'customers',
      ),
    ).resolves.toBeUndefined();
  },
  'dc-recorded/field-list-server.json': async (json) => {
    await expect(laterField(json, 'Due Date', '2026-06-13')).resolves.toEqual([
      { id: 'duedate', name: 'Due Date', value: '2026-06-13' },
    ]);
    await expect(faultOf(laterField(json, 'Du Date', 'x'))).resolves.toMatchObject({
      message: expect.stringContaining('Due Date'),
    });
  },
  'dc-recorded/myself-onprem.json': async (json) => {
    await expect(zoneIn(json)).resolves.toBe('America/Detroit');
    await expect(probe(good(json)).account()).resolves.toMatchObject({ name: 'Example User' });
  },
  'dc-recorded/serverInfo-anonymous.json': async (json) => {
    await expect(desk(inOrder(good(json, { date: '' }))).serverInfoTime()).resolves.toBeUndefined();
    await expect(probe(good(json, { date: '' })).serverInfo()).resolves.toMatchObject({
      kind: 'data-center',
      serverTime: undefined,
    });
  },
  'dc-recorded/serverInfo-authenticated.json': async (json) => {
    await expect(desk(inOrder(good(json, { date: '' }))).serverInfoTime()).resolves.toEqual(
      new Date('2010-09-30T14:11:09.767Z'),
    );
  },
  'dc-recorded/statuscategory-asf.json': (json) => {
    const sets = { proceed: ['Implementing'], wait: [] };
    const open = (json as readonly Json[]).map((category) =>
      isOpen(parseStatus({ id: 1, name: 'Some', statusCategory: category }), sets),
    );
    expect(open).toEqual([true, true, true, false]);
  },
  'jsm-spec-examples/request-create-body.json': async (json) => {
    const { session, site, patience } = scriptedSession(
      inOrder(good({ accountId: '1' }), good({ issueKey: 'ITH-1' })),
    );
    const service = createServiceDesk({
      session,
      patience,
      serviceProject: 'ITH',
      requestType: 'x',
      openStatuses: [],
      withApprovals: false,
      withDescription: false,
      plannedFields: { start: undefined, end: undefined, set: [] },
    });
    await service.createRequest({
      serviceDeskId: '10',
      requestTypeId: '25',
      values: { summary: 's' },
      later: [],
      fieldIds: new Map(),
      hasRunLine: false,
      people: [],
    });
    const sent = site.body(site.requests.length - 1);
    expect(Object.keys(json as Json)).toEqual(expect.arrayContaining(Object.keys(sent)));
  },
  'jsm-spec-examples/request-create-201.json': async (json) => {
    const service = desk(inOrder(good({ accountId: '1' }), { ...good(json), status: 201 }));
    await service.timeZone();
    const prepared = {
      serviceDeskId: '10',
      requestTypeId: '25',
      values: {},
      later: [],
      fieldIds: new Map(),
      people: [],
    };
    await expect(service.createRequest({ ...prepared, hasRunLine: false })).resolves.toEqual({
      kind: 'created',
      key: 'HELPDESK-1',
    });
  },
  'jsm-spec-examples/request-get-200.json': async (json) => {
    // The step reads issues only through the platform API, and does not accept this answer as one.
    await expect(faultOf(desk(inOrder(good(json))).read('HELPDESK-1', undefined))).resolves.toMatchObject({
      kind: 'unreachable',
    });
  },
  'jsm-spec-examples/info-200.json': async (json) => {
    await expect(desk(inOrder(good(json, { date: '' }))).serverInfoTime()).resolves.toBeUndefined();
  },
  'jsm-spec-examples/servicedesk-get-200.json': async (json) => {
    await expect(probe(good(json)).serviceDeskId()).resolves.toBe('10001');
  },
  'jsm-spec-examples/servicedesk-list-200.json': async (json) => {
    const missing = { status: 404, json: { errorMessage: 'No.' }, headers: provenHeaders };
    const { session } = scriptedSession(
      byPath({ [`GET ${siteDesk}/projectKey:FL`]: missing, [`GET ${siteDesk}?`]: listing(json) }),
    );
    const found = createConnectionProbe(session, { serviceProject: 'FL', requestType: 'x' });
    await expect(found.serviceDeskId()).resolves.toBe('10003');
  },
  'jsm-spec-examples/requesttype-list-200.json': async (json) => {
    const { session } = scriptedSession(listing(json));
    const found = createConnectionProbe(session, {
      serviceProject: 'ITH',
      requestType: 'request a NEW account',
    });
    await expect(found.requestType('28')).resolves.toMatchObject({ id: '11002' });
  },
  'jsm-spec-examples/requesttype-fields-200.json': async (json) => {
    const { session } = scriptedSession(
      byPath({
        [`GET ${siteDesk}/projectKey:ITH`]: good({ id: '10' }),
        [`GET ${siteDesk}/10/requesttype?`]: good({ isLastPage: true, values: [{ id: '1', name: 'x' }] }),
        [`GET ${siteDesk}/10/requesttype/1/field`]: good(json),
      }),
    );
    const fields = [
      { field: 'Nominee', value: '557058:11' },
      { field: 'gifts', value: 'threadless voucher' },
    ];
    const draft = { title: 't', description: 'd', fields };
    const where = { serviceProject: 'ITH', requestType: 'x' };
    await expect(prepareRequest(session, where, draft)).resolves.toMatchObject({
      values: {
        summary: 't',
        customfield_10000: { accountId: '557058:11' },
        customfield_10001: { id: '10001' },
      },
      hasRunLine: false,
    });
    const bare = prepareRequest(session, where, { ...draft, fields: [] });
    expect((await faultOf(bare)).message).toContain('Nominee (customfield_10000), Gifts (customfield_10001)');
  },
  'jsm-spec-examples/approval-list-200.json': async (json) => {
    const approvals = await desk(listing(json)).approvals('ITH-1', 'retried');
    expect(approvals.map(({ finalDecision }) => finalDecision)).toEqual(['approved', 'declined']);
    expect(approvals[0]).toMatchObject({
      name: 'Please approve this request',
      approvers: [{ name: 'Fred F. User', decision: 'approved' }],
    });
  },
  'jsm-spec-examples/comment-create-201.json': async (json) => {
    await expect(
      desk(inOrder(good({ accountId: '1' }), { ...good(json), status: 201 })).addComment(
        'ITH-1',
        'text',
        'customers',
      ),
    ).resolves.toBeUndefined();
  },
  'jsm-spec-examples/comment-list-200.json': async (json) => {
    await expect(desk(listing(json)).comments('ITH-1')).resolves.toEqual({
      isCustomerRequest: true,
      list: [{ body: 'Hello there', created: new Date('2015-10-09T03:22:00Z') }],
    });
  },
  'jsm-spec-examples/transition-list-200.json': async (json) => {
    // The transitions for customers do not count as a list of those for agents.
    await expect(faultOf(desk(inOrder(good(json))).transitions('ITH-1', []))).resolves.toMatchObject({
      kind: 'unreachable',
    });
  },
  'jsm-spec-examples/status-history-200.json': async (json) => {
    await expect(faultOf(desk(inOrder(good(json))).read('ITH-1', undefined))).resolves.toMatchObject({
      kind: 'unreachable',
    });
  },
  'cloud-spec-examples/transitions-200.json': async (json) => {
    const settings = [{ field: 'Colour', value: 'red, blue' }];
    const screen = { body: { fields: {}, update: {} }, problems: [] };
    await expect(desk(inOrder(good(json))).transitions('EX-1', settings)).resolves.toEqual([
      {
        id: '2',
        name: 'Close Issue',
        to: { id: '10000', name: 'In Progress', category: 'in-flight' },
        screen: { ...screen, lacks: ['Colour'] },
      },
      {
        id: '711',
        name: 'QA Review',
        to: { id: '5', name: 'Closed', category: 'completed' },
        screen: {
          body: { fields: { colour: [{ value: 'red' }, { value: 'blue' }] }, update: {} },
          problems: [],
          lacks: [],
        },
      },
    ]);
  },
  'cloud-spec-examples/issue-get-200.json': async (json) => {
    // The example lacks summary and status, so the step rejects it.
    const thrown = await faultOf(desk(inOrder(good(json))).read('EX-1', undefined));
    expect(thrown.message).toContain('unexpected JSON');
  },
  'cloud-spec-examples/search-jql-200.json': async (json) => {
    const { session } = scriptedSession(inOrder(good(json)), { outageMs: 0 });
    expect((await faultOf(search(session, 'x'))).message).toContain('the answer has no summary');
  },
  'cloud-spec-examples/remotelink-create-400.json': async (json) => {
    const thrown = await faultOf(
      desk(inOrder({ status: 400, json, headers: provenHeaders })).edit('EX-1', { title: '' }),
    );
    expect(thrown.message).toContain("title: 'title' is required");
  },
  'cloud-spec-examples/serverInfo-200.json': async (json) => {
    await expect(desk(inOrder(good(json, { date: '' }))).serverInfoTime()).resolves.toEqual(
      new Date('2020-03-31T16:43:50Z'),
    );
  },
  'cloud-spec-examples/myself-200.json': async (json) => {
    await expect(zoneIn(json)).resolves.toBe('Australia/Sydney');
  },
  'observed/observed-responses.json': async (json) => {
    for (const observed of json as readonly Observed[]) await asObserved(observed);
  },
};

interface Observed {
  readonly what: string;
  readonly status: number | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly bodyText?: string;
}

const elsewhere = { site: new URL('https://jira.acme.example'), outageMs: 0 };

/** Checks what the client makes of an answer that somebody reported. */
async function asObserved(observed: Observed): Promise<void> {
  const { what, status, headers = {}, body, bodyText } = observed;
  const reply: Reply = {
    status: typeof status === 'number' ? status : 400,
    headers,
    ...(body !== undefined && { json: body }),
    ...(bodyText !== undefined && { text: bodyText }),
  };
  const proven = { ...reply, headers: { ...provenHeaders, ...headers } };
  const read = (script: Script, over = elsewhere) => faultOf(desk(script, over).read('CHG-12', undefined));
  const key = Object.keys(meanings).find((words) => what.includes(words));
  if (key === undefined) throw new Error(`nothing is said of "${what}"`);
  await meanings[key]?.({ reply, proven, read });
}

interface Meaning {
  readonly reply: Reply;
  readonly proven: Reply;
  readonly read: (script: Script) => Promise<Fault>;
}

const meanings: Readonly<Record<string, (meaning: Meaning) => Promise<void>>> = {
  'removed search endpoint': async ({ proven }) => {
    const { session } = scriptedSession(
      byPath({
        'POST /rest/api/2/search': proven,
        'POST /rest/api/3/search/jql': good({ issues: [], isLast: true }),
      }),
      elsewhere,
    );
    session.learnSiteKind('data-center');
    await expect(search(session, 'x')).resolves.toEqual([]);
  },
  'expired/invalid API token': async ({ reply, read }) => {
    const thrown = await read(inOrder({ ...reply, json: { key: 'CHG-12' } }));
    expect(thrown.kind).toBe('login');
    expect(thrown.message).toContain('anonymously');
  },
  'successful empty result': async ({ reply }) => {
    const { session } = scriptedSession(
      byPath({ 'POST /rest/api/3/search/jql': reply, 'GET /rest/api/2/myself': { status: 401 } }),
      elsewhere,
    );
    await expect(faultOf(search(session, 'x'))).resolves.toMatchObject({ kind: 'login' });
  },
  'needs a login': async ({ reply, read }) => {
    const thrown = await read(inOrder(reply));
    expect(thrown.kind).toBe('login');
    // A plain-text body is not quoted.
    expect(thrown.message).not.toContain('Client must be authenticated');
  },
  'issue missing OR not visible': async ({ proven, read }) => {
    await expect(read(inOrder(proven))).resolves.toMatchObject({ kind: 'missing' });
  },
  'wording of the same': async ({ proven, read }) => {
    await expect(read(inOrder(proven))).resolves.toMatchObject({ kind: 'missing' });
  },
  'unknown REST path': async ({ reply, proven, read }) => {
    const thrown = await read(inOrder(proven));
    expect(thrown).toMatchObject({ kind: 'wrong-url' });
    expect(thrown.advice.line).toContain('JsmChange.BaseUrl');
    const { session } = scriptedSession(
      byPath({
        'POST /rest/api/3/search/jql': reply,
        'POST /rest/api/2/search': good(
          { issues: [], total: 0 },
          { 'x-aaccountid': '', 'x-ausername': 'octopus' },
        ),
        'GET /rest/api/2/myself': { json: { name: 'octopus' } },
      }),
      elsewhere,
    );
    await expect(search(session, 'x')).resolves.toEqual([]);
    expect(session.siteKind).toBe('data-center');
  },
  'transition id not valid': async ({ proven }) => {
    const { session, site, patience } = scriptedSession(inOrder(good({ accountId: '1' }), proven));
    const service = createServiceDesk({
      session,
      patience,
      serviceProject: 'ITH',
      requestType: 'x',
      openStatuses: [],
      withApprovals: false,
      withDescription: false,
      plannedFields: { start: undefined, end: undefined, set: [] },
    });
    await service.timeZone();
    expect(await service.transition('CHG-12', aTransition('42'))).toMatchObject({ kind: 'lost' });
    expect(site.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  },
  'JQL names a value': async ({ proven }) => {
    const { session } = scriptedSession(inOrder(proven), elsewhere);
    const thrown = await faultOf(search(session, 'x'));
    expect(thrown.kind).toBe('rejected');
    expect(thrown.message).toContain("The value 'asdf' does not exist for the field 'type'.");
  },
  'JSM error envelope': async ({ proven, read }) => {
    const thrown = await read(inOrder(proven));
    expect(thrown.message).toContain('Here is an error message');
  },
  'without the opt-in header': async ({ reply, read }) => {
    await expect(read(inOrder(reply))).resolves.toMatchObject({ kind: 'refused', status: 412 });
  },
  'rate limit headers': async ({ reply }) => {
    const { session, clock } = scriptedSession(
      inOrder({ ...reply, headers: { ...reply.headers, 'retry-after': '0' } }, good({ timeZone: 'UTC' })),
    );
    await session.call({ method: 'GET', path: '/rest/api/2/myself', parse: () => undefined });
    expect(clock.sleeps[0]).toBeGreaterThan(500);
  },
  'change date fields': async ({ reply }) => {
    await expect(laterField(reply.json, 'Change start date', '2026-06-13T10:00:00Z')).resolves.toEqual([
      { id: 'customfield_10008', name: 'Change start date', value: '2026-06-13T10:00:00.000+0000' },
    ]);
  },
};

describeWith('jira-samples', 'every recorded answer', (folder) => {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.json'));

  it.each(paths)('[F5] understands %s, or rejects it for what it lacks', async (path) => {
    const check = files[path];
    if (check === undefined) throw new Error(`no check for ${path}`);
    await check(JSON.parse(readFileSync(`${folder}${path}`, 'utf8')));
  });
});
