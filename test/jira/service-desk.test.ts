import { describe, expect, it } from 'vitest';
import type { PreparedRequest, ServiceDesk } from '../../src/app/ports.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { TransportError } from '../../src/http/transport.ts';
import { createServiceDesk, type ServiceDeskOptions } from '../../src/jira/service-desk.ts';
import { aTransition } from './a-transition.ts';
import {
  byPath,
  failure,
  good,
  inOrder,
  provenHeaders,
  type Reply,
  refusal,
  type Script,
  type ScriptedSession,
  scriptedSession,
} from './scripted-site.ts';

interface Desk extends ScriptedSession {
  readonly desk: ServiceDesk;
}

function aDesk(
  script: Script,
  over: Parameters<typeof scriptedSession>[1] & {
    readonly planned?: Partial<ServiceDeskOptions['plannedFields']>;
  } = {},
): Desk {
  const { planned, ...session } = over;
  const scripted = scriptedSession(script, session);
  const desk = createServiceDesk({
    session: scripted.session,
    patience: scripted.patience,
    serviceProject: 'CHG',
    requestType: 'Request a change',
    openStatuses: [],
    withApprovals: false,
    withDescription: false,
    plannedFields: { start: undefined, end: undefined, set: [], ...planned },
  });
  return { ...scripted, desk };
}

const names = { customfield_10010: 'Planned start', customfield_10011: 'Planned end' };

function issueJson(
  fields: Readonly<Record<string, unknown>> = {},
  over: Readonly<Record<string, unknown>> = {},
) {
  return {
    id: '20001',
    key: 'CHG-12',
    names,
    fields: {
      summary: 'title',
      status: { id: '3', name: 'Implementing', statusCategory: { key: 'indeterminate' } },
      issuetype: { id: '1', name: 'Change' },
      project: { key: 'CHG' },
      created: '2026-06-13T10:00:00.000+0000',
      customfield_10010: '2026-06-13T09:00:00.000+0000',
      customfield_10011: null,
      ...fields,
    },
    ...over,
  };
}

function queries(desk: Desk): readonly Readonly<Record<string, string>>[] {
  return desk.site.requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
}

async function fault(attempt: Promise<unknown>): Promise<Fault> {
  const outcome = await attempt.catch((error: unknown) => error);
  if (!(outcome instanceof Fault)) throw new Error('expected a fault');
  return outcome;
}

describe('a check', () => {
  it('[W12] reads every field with its name the first time, and asks Jira to fail rather than omit one', async () => {
    const desk = aDesk(inOrder(good(issueJson())));
    const reading = await desk.desk.read('CHG-12', undefined);
    expect(reading).toMatchObject({
      changeRequest: { key: 'CHG-12', status: { name: 'Implementing' } },
      serverTime: new Date('2026-06-13T10:00:00Z'),
    });
    expect(desk.site.calls).toEqual(['GET /rest/api/2/issue/CHG-12']);
    expect(queries(desk)).toEqual([
      { fields: '*all,-comment,-attachment,-worklog', expand: 'names', failFast: 'true' },
    ]);
  });

  it('[P2] reads only the needed fields the second time, in one request', async () => {
    const desk = aDesk(inOrder(good(issueJson())));
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    await desk.desk.read('CHG-12', changeRequest);
    expect(desk.site.requests).toHaveLength(2);
    expect(queries(desk)[1]).toEqual({
      fields: 'summary,status,issuetype,project,created,customfield_10010,customfield_10011',
      failFast: 'true',
    });
  });

  it('[W12] reads all fields again unless both planned fields are known', async () => {
    const desk = aDesk(
      byPath({
        'GET /rest/api/2/field': good([{ id: 'summary', name: 'Summary' }]),
        'GET /rest/api/2/issue/': good(issueJson({ customfield_10010: null }, { names: {} })),
      }),
    );
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    await desk.desk.read('CHG-12', changeRequest);
    expect(queries(desk).at(-1)).toMatchObject({ expand: 'names' });
    // The list of the site's fields is read once.
    expect(desk.site.requests).toHaveLength(3);
  });

  it('[W12] finds planned fields whose names in the answer are translated', async () => {
    const list = [
      { id: 'customfield_10010', name: '開始予定', untranslatedName: 'Planned start' },
      { id: 'customfield_10011', name: '終了予定', untranslatedName: 'Planned end' },
    ];
    const desk = aDesk(
      byPath({
        'GET /rest/api/2/field': good(list),
        'GET /rest/api/2/issue/': good(
          issueJson({}, { names: { customfield_10010: '開始予定', customfield_10011: '終了予定' } }),
        ),
      }),
    );
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    expect(changeRequest.plannedStart.candidates).toMatchObject([{ id: 'customfield_10010' }]);
    expect(changeRequest.plannedEnd.candidates).toMatchObject([{ id: 'customfield_10011' }]);
    const requests = desk.site.requests.length;
    const { changeRequest: again } = await desk.desk.read('CHG-12', changeRequest, 'all');
    expect(again.plannedEnd.candidates).toMatchObject([{ id: 'customfield_10011', name: 'Planned end' }]);
    expect(desk.site.requests).toHaveLength(requests + 1);
  });

  it.each([500, 400])(
    '[W12] learns the ids if the first read fails because of one field (%i), and the deciding read names them',
    async (status) => {
      const list = [
        { id: 'summary', name: 'Summary' },
        // A planned field that has lost both its name and its value in the answer.
        { id: 'customfield_10099', name: 'Change start date' },
      ];
      const desk = aDesk((request) => {
        const { searchParams, pathname } = new URL(request.url);
        if (pathname.endsWith('/field')) return good(list);
        if (searchParams.get('fields')?.startsWith('*all') && searchParams.get('failFast') === 'true') {
          return refusal(status, 'Field customfield_10099 did not load.');
        }
        return good(issueJson());
      });
      const { changeRequest } = await desk.desk.read('CHG-12', undefined);
      expect(changeRequest.plannedStart.candidates).toMatchObject([{ id: 'customfield_10010' }]);
      const asked = queries(desk);
      expect(asked.at(-3)).toEqual({ fields: '*all,-comment,-attachment,-worklog', expand: 'names' });
      expect(asked.at(-1)).toEqual({
        fields:
          'summary,status,issuetype,project,created,description,customfield_10010,customfield_10011,customfield_10099',
        failFast: 'true',
      });
      expect(asked).toHaveLength(status === 500 ? 6 : 4);
    },
  );

  it('[W12] treats a field that the deciding read lacks as unknown, not unset', async () => {
    const script: Script = (request) => {
      const { searchParams, pathname } = new URL(request.url);
      if (pathname.endsWith('/field')) return refusal(404, 'No.');
      if (!searchParams.get('fields')?.startsWith('*all')) {
        return good(issueJson({ customfield_10010: undefined }, { names: undefined }));
      }
      return searchParams.get('failFast') === 'true'
        ? refusal(400, 'A field did not load.')
        : good(issueJson());
    };
    const { changeRequest } = await aDesk(script).desk.read('CHG-12', undefined);
    expect(changeRequest.plannedStart.candidates).toEqual([
      { id: 'customfield_10010', name: 'Planned start', value: undefined },
    ]);
  });

  it('[F3] treats a 400 that mentions no field as final', async () => {
    const desk = aDesk(inOrder(refusal(400, 'Bad request.')));
    expect((await fault(desk.desk.read('CHG-12', undefined))).kind).toBe('rejected');
    expect(desk.site.requests).toHaveLength(1);
  });

  it('[W8] reads all fields again when it decides, and finds added and renamed fields', async () => {
    const added = issueJson(
      { customfield_10012: '2026-06-13T08:00:00.000+0000' },
      { names: { ...names, customfield_10010: 'Start', customfield_10012: 'Change completion date' } },
    );
    const desk = aDesk(inOrder(good(issueJson()), good(added)));
    const first = await desk.desk.read('CHG-12', undefined);
    const { changeRequest } = await desk.desk.read('CHG-12', first.changeRequest, 'all');
    expect(queries(desk)[1]).toEqual(queries(desk)[0]);
    expect(changeRequest.plannedStart.candidates).toMatchObject([{ id: 'customfield_10010' }]);
    expect(changeRequest.plannedEnd.candidates).toMatchObject([
      { id: 'customfield_10011', value: null },
      { id: 'customfield_10012', value: '2026-06-13T08:00:00.000+0000' },
    ]);
  });

  const unnamed = { customfield_10012: '2026-06-13T08:00:00.000+0000' };
  it.each<[string, object, readonly object[], string | undefined]>([
    [
      'one lacks its name',
      names,
      [{ id: 'customfield_10012', name: 'Change completion date' }],
      'Change completion date',
    ],
    [
      'none has a name',
      {},
      ['10010', '10011', '10012'].map((id) => ({ id: `customfield_${id}`, name: `${id}` })),
      undefined,
    ],
    [
      'one lacks its name in the answer and at the site',
      names,
      [{ id: 'customfield_10010', name: 'Planned start' }],
      'unknown',
    ],
  ])('[W12] reads filled fields of which %s', async (_what, told, listed, end) => {
    const desk = aDesk((request) =>
      new URL(request.url).pathname.endsWith('/field')
        ? good(listed)
        : good(issueJson(unnamed, { names: told })),
    );
    const reading = desk.desk.read('CHG-12', undefined);
    if (end === 'unknown') expect((await fault(reading)).message).toContain('its window is unknown');
    else {
      const { candidates } = (await reading).changeRequest.plannedEnd;
      expect(candidates.find(({ id }) => id === 'customfield_10012')?.name).toBe(end);
    }
  });

  it.each([
    [['Summary', 'Planned start'], ['Planned start']],
    [['Zusammenfassung', 'Geplanter Beginn'], []],
  ])("[W12] of the site's fields %j counts %j as planned fields", async (listed, planned) => {
    const desk = aDesk(inOrder(good(listed.map((name, index) => ({ id: `f${index}`, name })))));
    expect(await desk.desk.plannedFieldNames()).toEqual(planned);
    await desk.desk.plannedFieldNames();
    expect(desk.site.requests).toHaveLength(1);
  });

  it('[W12] does not know whether the site has planned fields if the site does not list its fields', async () => {
    expect(await aDesk(inOrder(refusal(404, 'None.'))).desk.plannedFieldNames()).toBeUndefined();
  });

  it('[X5] [W12] searches for the needed fields on Cloud if the list of fields is too large', async () => {
    const search = 'GET /rest/api/2/field/search?';
    const desk = aDesk(
      byPath({
        'GET /rest/api/2/field': failure('too-large'),
        [search]: good({ isLast: true, values: [] }),
        [`${search}query=Planned+end`]: good({
          isLast: true,
          values: [
            { id: 'customfield_1', name: 'Planned end' },
            { id: 'customfield_2', name: 'Planned end of life' },
          ],
        }),
      }),
    );
    expect(await desk.desk.plannedFieldNames()).toEqual(['Planned end']);
    expect(queries(desk).slice(1)).toContainEqual({
      query: 'Planned start',
      startAt: '0',
      maxResults: '100',
    });
  });

  it('[X5] [W12] reports a list of fields that is too large on Data Center with advice', async () => {
    const desk = aDesk(
      inOrder({ json: { name: 'octopus' }, headers: { 'x-ausername': 'octopus' } }, failure('too-large')),
      {
        site: new URL('https://jira.acme.example'),
      },
    );
    await desk.desk.timeZone();
    expect((await fault(desk.desk.plannedFieldNames())).message).toMatch(
      /too many fields.*JsmChange.PlannedStartField/,
    );
  });

  it('[W12] takes the names of the fields from the site if the answer lacks them', async () => {
    const desk = aDesk((request) =>
      new URL(request.url).pathname.endsWith('/field')
        ? good([{ id: 'customfield_10010', name: 'Planned start', schema: { type: 'datetime' } }])
        : good(issueJson({ customfield_10010: '2099-01-01T00:00:00.000+0000' }, { names: undefined })),
    );
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    expect(changeRequest.plannedStart.candidates).toEqual([
      { id: 'customfield_10010', name: 'Planned start', value: '2099-01-01T00:00:00.000+0000' },
    ]);
  });

  it.each([null, '', ' ', 7, {}, ['Planned start']])('[W12] ignores the name %j', async (name) => {
    const told = { ...names, customfield_10010: name };
    const answer = issueJson({ customfield_10010: '2099-01-01T00:00:00.000+0000' }, { names: told });
    const listing = (list: unknown[] | undefined) => (request: { readonly url: string }) => {
      if (!new URL(request.url).pathname.endsWith('/field')) return good(answer);
      return list === undefined ? refusal(404, 'No.') : good(list);
    };
    const { desk } = aDesk(listing([{ id: 'customfield_10010', name: 'Planned start' }]));
    const { changeRequest } = await desk.read('CHG-12', undefined);
    expect(changeRequest.plannedStart.candidates).toEqual([
      { id: 'customfield_10010', name: 'Planned start', value: '2099-01-01T00:00:00.000+0000' },
    ]);
    const nameless = aDesk(listing(undefined)).desk.read('CHG-12', undefined);
    expect((await fault(nameless)).summary.line).toContain('its window is unknown');
  });

  it('[W12] does not know the window if neither the answer nor the site gives names', async () => {
    const desk = aDesk((request) =>
      new URL(request.url).pathname.endsWith('/field')
        ? refusal(404, 'No.')
        : good(issueJson({ customfield_10010: '2099-01-01T00:00:00.000+0000' }, { names: undefined })),
    );
    const thrown = await fault(desk.desk.read('CHG-12', undefined));
    expect(thrown.summary.line).toContain('its window is unknown');
  });

  it('[W12] does not know the window if a field does not load either', async () => {
    const desk = aDesk((request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith('/field')) return refusal(404, 'No.');
      return searchParams.get('failFast') === 'true' && searchParams.get('fields')?.startsWith('*all')
        ? refusal(400, 'A field did not load.')
        : good(issueJson({ customfield_10010: '2099-01-01T00:00:00.000+0000' }, { names: undefined }));
    });
    const thrown = await fault(desk.desk.read('CHG-12', undefined));
    expect(thrown.summary.line).toContain('its window is unknown');
  });

  it('[P2] looks up a field once that a variable sets by an id unknown to the site', async () => {
    const script: Script = (request) =>
      new URL(request.url).pathname.endsWith('/field')
        ? good([{ id: 'summary', name: 'Summary' }])
        : good(issueJson({ customfield_10010: null }, { names: {} }));
    const desk = aDesk(script, { planned: { set: ['customfield_99999'] } });
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    const before = desk.site.requests.length;
    await desk.desk.read('CHG-12', changeRequest);
    expect(desk.site.requests.length - before).toBe(1);
  });

  it('[W12] does not know the window if a variable sets an id that neither the answer nor the site names', async () => {
    const script = byPath({
      'GET /rest/api/2/issue/': good(issueJson({ customfield_10010: undefined }, { names: {} })),
    });
    const { desk } = aDesk(script, { planned: { set: ['customfield_10010'] } });
    expect((await fault(desk.read('CHG-12', undefined))).kind).toBe('window-unknown');
  });

  it('[W12] treats a field that a variable sets by id as planned if the site says so', async () => {
    const planned = { set: ['CustomField_10010'] };
    const desk = aDesk(
      (request) =>
        new URL(request.url).pathname.endsWith('/field')
          ? good([{ id: 'customfield_10010', name: 'Planned start' }])
          : good(issueJson({ customfield_10010: undefined }, { names: {} })),
      { planned },
    );
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    expect(changeRequest.plannedStart.missing).toEqual(['Planned start']);
  });

  it('[L11] [F7] rejects an answer about another issue', async () => {
    const first = await aDesk(inOrder(good(issueJson()))).desk.read('CHG-12', undefined);
    const other = good(issueJson({}, { id: '777', key: 'CHG-2' }));
    const desk = aDesk(inOrder(other, other, other));
    const thrown = await fault(desk.desk.read('CHG-12', first.changeRequest));
    expect(thrown.summary.line).toContain('about another issue');
  });

  it.each([401, 403, 404])('[L3][F3] reports a %i as such', async (status) => {
    const desk = aDesk(inOrder(refusal(status, 'No.')), { site: new URL('https://jira.acme.example') });
    expect((await fault(desk.desk.read('CHG-12', undefined))).kind).toBe(
      { 401: 'login', 403: 'forbidden', 404: 'missing' }[status],
    );
    expect(desk.site.requests).toHaveLength(1);
  });

  it("[L3] points to the root URL after a 404 without Jira's JSON", async () => {
    const desk = aDesk(inOrder({ status: 404, text: '<html>nginx</html>', headers: provenHeaders }));
    const thrown = await fault(desk.desk.read('CHG-12', undefined));
    expect(thrown.kind).toBe('wrong-url');
    expect(thrown.advice.line).toContain('JsmChange.BaseUrl');
  });

  const moved = good(issueJson({ project: { key: 'OPS' } }, { key: 'OPS-3' }));

  it.each(['read', 'glance'] as const)(
    '[L11][L16] accepts a new key after a move if the id gives the same issue again: %s',
    async (how) => {
      const desk = aDesk(inOrder(moved));
      const answer =
        how === 'read'
          ? (await desk.desk.read('CHG-12', undefined)).changeRequest
          : await desk.desk.glance('CHG-12');
      expect(answer).toMatchObject({ key: 'OPS-3', projectKey: 'OPS', id: '20001' });
      expect(desk.site.calls).toEqual(['GET /rest/api/2/issue/CHG-12', 'GET /rest/api/2/issue/20001']);
    },
  );

  it('[L16] needs no confirmation of a move if the id is that of an earlier check', async () => {
    const desk = aDesk(inOrder(good(issueJson()), moved));
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    expect((await desk.desk.read('CHG-12', changeRequest)).changeRequest.key).toBe('OPS-3');
    expect(desk.site.requests).toHaveLength(2);
  });

  it.each([
    ['another issue', good(issueJson({}, { id: '777', key: 'OPS-3' })), 'refused'],
    ['another key', good(issueJson({}, { key: 'OPS-4' })), 'refused'],
    ['nothing', refusal(404, 'None.'), 'refused'],
  ])('[L16] does not accept a move if the id gives %s', async (_what, again, kind) => {
    const desk = aDesk(inOrder(moved, again));
    expect((await fault(desk.desk.read('CHG-12', undefined))).kind).toBe(kind);
  });

  it.each(['', 12, 'CHG-12\n', 'CHG', ' CHG-12', null])('[L16] rejects the key %j', async (key) => {
    const desk = aDesk(inOrder(good(issueJson({}, { key }))), { outageMs: 0 });
    expect((await fault(desk.desk.read('CHG-12', undefined))).summary.line).toContain('no issue key');
    expect((await fault(desk.desk.glance('CHG-12'))).summary.line).toContain('no issue key');
  });

  it('[W12] knows a field that a variable sets by id from an earlier answer', async () => {
    const desk = aDesk(
      inOrder(
        good(issueJson()),
        good(issueJson({ customfield_10010: undefined }, { names: {} })),
        good([{ id: 'customfield_10010', name: 'Planned start' }]),
      ),
      { planned: { set: ['customfield_10010'] } },
    );
    await desk.desk.read('CHG-12', undefined);
    const { changeRequest } = await desk.desk.read('CHG-12', undefined);
    expect(changeRequest.plannedStart.missing).toEqual(['Planned start']);
  });

  it('[F5] reports a good check to the retry', async () => {
    const desk = aDesk(
      inOrder(good(issueJson()), { text: '<html>', headers: provenHeaders }, good(issueJson())),
    );
    await desk.desk.read('CHG-12', undefined);
    expect(desk.patience.mostTries('broken-answer')).toBeUndefined();
    await expect(desk.desk.read('CHG-12', undefined)).resolves.toBeDefined();
  });

  it('encodes the key in the path even if it contains special characters', async () => {
    const desk = aDesk(inOrder(refusal(404, 'None.')));
    await fault(desk.desk.read('CHG-12/../../x?y#z', undefined));
    expect(desk.site.calls).toEqual(['GET /rest/api/2/issue/CHG-12%2F..%2F..%2Fx%3Fy%23z']);
  });

  it('[C2][C4] treats a 404 of any form as missing in a glance, but a 403 page as an outage', async () => {
    const page = (status: number) => ({ status, text: '<html>', headers: { 'x-aaccountid': '1' } });
    const desk = aDesk(inOrder(good(issueJson()), page(404), page(403), good(issueJson(), { date: 'none' })));
    await desk.desk.read('CHG-12', undefined);
    expect((await fault(desk.desk.glance('CHG-11'))).status).toBe(404);
    await expect(desk.desk.glance('CHG-12')).resolves.toBeDefined();
  });

  it('[P2] reads only a few fields in a glance, including the description', async () => {
    const desk = aDesk(inOrder(good(issueJson({ description: 'text' }))));
    await expect(desk.desk.glance('CHG-12')).resolves.toMatchObject({ description: 'text' });
    expect(queries(desk)).toEqual([{ fields: 'summary,status,issuetype,project,created,description' }]);
  });
});

describe('the other reads of a check', () => {
  it("[W10] include the account's time zone, once", async () => {
    const desk = aDesk(inOrder(good({ accountId: '1', timeZone: 'Europe/Berlin' })));
    expect(await desk.desk.timeZone()).toBe('Europe/Berlin');
    expect(await desk.desk.timeZone()).toBe('Europe/Berlin');
    expect(desk.site.calls).toEqual(['GET /rest/api/2/myself']);
  });

  it('[W10] give no time zone if Jira does not show it', async () => {
    await expect(aDesk(inOrder(good({ accountId: '1' }))).desk.timeZone()).resolves.toBeUndefined();
  });

  it.each([
    ['2026-06-13T12:00:00.767+0200', '2026-06-13T10:00:00.767Z'],
    [undefined, undefined],
    ['noon', undefined],
    ['2021', undefined],
    [7, undefined],
    ['2026-06-13', undefined],
    ['2026-06-13T12:00:00.000', undefined],
  ])('[W9] take the time from serverInfo without a Date: %s', async (serverTime, iso) => {
    const desk = aDesk(inOrder(good({ version: '10.3.0', serverTime }, { date: 'noon' })));
    expect((await desk.desk.serverInfoTime())?.toISOString()).toBe(iso);
    expect(desk.site.calls).toEqual(['GET /rest/api/2/serverInfo']);
  });

  const onDay = (day: number) => new Date(Date.UTC(2026, 5, day, 10)).toUTCString();
  const tomorrow = onDay(14);
  const today = provenHeaders.date;
  it.each([
    ['once', [tomorrow, today], '2026-06-13T10:00:00.000Z', 2],
    ['twice', [tomorrow, tomorrow], '2026-06-14T10:00:00.000Z', 2],
    ['differently each time', [14, 15, 16, 17].map(onDay), undefined, 4],
  ])('[W9] confirm a first Date that is off by a day, %s', async (_what, dates, iso, requests) => {
    const desk = aDesk((_request, index) =>
      good(index === 0 ? issueJson() : { version: '1' }, { date: dates[index % dates.length] ?? today }),
    );
    const reading = await desk.desk.read('CHG-12', undefined);
    expect(reading).toMatchObject({ isTimeDoubted: true, serverTime: new Date(Date.parse(tomorrow)) });
    expect((await desk.desk.serverInfoTime())?.toISOString()).toBe(iso);
    expect(desk.site.requests).toHaveLength(requests);
  });
});

describe('searching', () => {
  it.each([
    [
      'phrase',
      String.raw`project = "CHG" AND summary ~ "\"My title\"" AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC`,
    ],
    [
      'words',
      'project = "CHG" AND summary ~ "My title" AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC',
    ],
  ] as const)('[L5] by %s is limited to the service project', async (how, jql) => {
    const desk = aDesk(inOrder(good({ issues: [], isLast: true })));
    await desk.desk.search('My title', how);
    expect(desk.site.body(0)).toMatchObject({ jql });
  });
});

describe('creating', () => {
  const prepared: PreparedRequest = {
    serviceDeskId: '10',
    requestTypeId: '25',
    values: { summary: 'My title', customfield_10020: { id: '1' } },
    later: [],
    fieldIds: new Map(),
    hasRunLine: true,
    people: [],
  };

  async function created(...replies: readonly (Reply | TransportError)[]) {
    const desk = aDesk(inOrder(good({ accountId: '1' }), ...replies));
    await desk.desk.timeZone();
    return { desk, outcome: desk.desk.createRequest(prepared) };
  }

  it('[C1] sends the request in the form that JSM accepts, and returns its key', async () => {
    const { desk, outcome } = await created({ ...good({ issueId: '1', issueKey: 'CHG-13' }), status: 201 });
    await expect(outcome).resolves.toEqual({ kind: 'created', key: 'CHG-13' });
    expect(desk.site.calls[1]).toBe('POST /rest/servicedeskapi/request');
    expect(desk.site.body(1)).toEqual({
      serviceDeskId: '10',
      requestTypeId: '25',
      requestFieldValues: { summary: 'My title', customfield_10020: { id: '1' } },
    });
  });

  it.each([
    { ...good({ issueKey: 'CHG-\uD800' }), status: 201 },
    { ...good({ issueKey: '' }), status: 201 },
    failure('lost'),
    failure('timeout'),
    { status: 502 },
    { status: 201, text: '<html>', headers: provenHeaders },
  ])('[C3] reports a lost answer, and sends nothing again', async (reply) => {
    const { desk, outcome } = await created(reply);
    await expect(outcome).resolves.toMatchObject({ kind: 'lost' });
    expect(desk.site.requests).toHaveLength(2);
  });

  it('[C5] quotes Jira on a refusal, and says that nothing was raised and what to check', async () => {
    const { outcome } = await created({
      status: 400,
      json: { errorMessage: 'Your request could not be created.', i18nErrorMessage: {} },
      headers: provenHeaders,
    });
    const thrown = await fault(outcome);
    expect(thrown.kind).toBe('not-raised');
    expect(thrown.message).toContain('Your request could not be created.');
    expect(thrown.advice.line).toContain('Nothing was raised');
  });
});

describe('editing', () => {
  it('[C1] sends values by id, unchanged', async () => {
    const desk = aDesk(inOrder({ status: 204, headers: provenHeaders }));
    const values = { summary: 'Withdrawn', labels: ['a'], text: '2026-06-13T10:00:00Z' };
    await desk.desk.edit('CHG-12', values);
    expect(desk.site.calls).toEqual(['PUT /rest/api/2/issue/CHG-12']);
    expect(desk.site.body(0)).toEqual({ fields: values });
  });

  it.each([
    [' 2026-06-13T10:00:00+10:00 ', '2026-06-13T00:00:00.000+0000'],
    ['2026-06-13', '2026-06-13'],
  ])('[C2] sends the time "%s" in Jira\'s form', async (time, sent) => {
    const desk = aDesk(inOrder({ status: 204, headers: provenHeaders }));
    await desk.desk.editTime('CHG-12', 'customfield_10010', time, async () => true);
    expect(desk.site.body(0)).toEqual({ fields: { customfield_10010: sent } });
  });

  it('[C2] is retried after a lost answer, since a repeated edit has the same result', async () => {
    const desk = aDesk(inOrder(failure('lost'), { status: 204, headers: provenHeaders }));
    await expect(desk.desk.edit('CHG-12', { a: 1 })).resolves.toBeUndefined();
    expect(desk.site.requests).toHaveLength(2);
  });

  it('[C2] does not repeat a time that may no longer be sent', async () => {
    const desk = aDesk(inOrder(refusal(503, 'Down.')));
    const asked = [true, false];
    const mayBeSent = async () => asked.shift() === true;
    const edited = desk.desk.editTime('CHG-12', 'customfield_10010', '2026-06-13', mayBeSent);
    await expect(edited).resolves.toBeUndefined();
    expect(desk.site.requests).toHaveLength(1);
  });

  it('[C1] shows which fields are empty, and counts one that Jira leaves out as unknown', async () => {
    const fields = { a: null, b: '', c: [], d: 'x', e: 0, f: false, g: ['x'] };
    const desk = aDesk(inOrder(good({ key: 'CHG-12', fields })));
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await expect(desk.desk.unsetFields('CHG-12', ids)).resolves.toEqual(['a', 'b', 'c']);
    expect(desk.site.requests[0]?.url).toContain(`fields=${encodeURIComponent(ids.join(','))}`);
  });

  it('[C2] names the permission and the screen on a refusal', async () => {
    const desk = aDesk(inOrder(refusal(400, "Field 'customfield_10010' cannot be set.")));
    expect((await fault(desk.desk.edit('CHG-12', { a: 1 }))).advice.line).toMatch(/edit issues.*screen/);
  });
});

describe('approvals', () => {
  const approval = {
    id: '3',
    name: 'CAB',
    finalDecision: 'PENDING',
    createdDate: { iso8601: '2026-06-13T08:00:00+0000', jira: '2026-06-13T08:00:00.123+0000' },
    completedDate: { iso8601: '2026-06-13T09:00:00+0000' },
    approvers: [
      {
        approver: { displayName: 'Ada', name: 'ada', emailAddress: 'ada@acme.example' },
        approverDecision: 'approved',
      },
      { approver: { name: 'bob' }, approverDecision: 'Pending' },
      { approver: { emailAddress: 'eve@acme.example' } },
      { approver: null },
    ],
  };

  it('[M4] show who has decided and who has not', async () => {
    const desk = aDesk(inOrder(good({ values: [approval], isLastPage: true })));
    await expect(desk.desk.approvals('CHG-12', 'once')).resolves.toEqual([
      {
        id: '3',
        name: 'CAB',
        finalDecision: 'pending',
        created: new Date('2026-06-13T08:00:00.123Z'),
        completed: new Date('2026-06-13T09:00:00Z'),
        approvers: [
          { name: 'Ada', decision: 'approved', email: 'ada@acme.example', username: 'ada' },
          { name: 'bob', decision: 'pending', email: '', username: 'bob' },
          { name: 'eve@acme.example', decision: 'pending', email: 'eve@acme.example', username: '' },
          { name: 'somebody', decision: 'pending', email: '', username: '' },
        ],
      },
    ]);
    expect(desk.site.calls).toEqual(['GET /rest/servicedeskapi/request/CHG-12/approval']);
  });

  it('[M4] are read with one try if nothing depends on them', async () => {
    const desk = aDesk(inOrder({ status: 503 }));
    await fault(desk.desk.approvals('CHG-12', 'once'));
    expect(desk.site.requests).toHaveLength(1);
  });

  it('[C4] are retried and read to the end if something depends on them', async () => {
    const page = (start: number) =>
      good({ isLastPage: start === 1, values: [{ ...approval, id: `${start}`, name: `${start}` }] });
    const desk = aDesk(inOrder({ status: 503 }, page(0), page(1)));
    const all = await desk.desk.approvals('CHG-12', 'retried');
    expect(all.map(({ name }) => name)).toEqual(['0', '1']);
  });

  it.each([
    {},
    { values: null },
    { values: [{ name: 'CAB' }] },
    { values: [{ name: 'CAB', finalDecision: -1 }] },
    { values: [null] },
  ])('[A2] [C4] do not count as undecided if the answer is %j', async (json) => {
    const desk = aDesk(inOrder(good(json)), { outageMs: 0 });
    expect((await fault(desk.desk.approvals('CHG-12', 'retried'))).kind).toBe('unreachable');
  });
});

describe('comments', () => {
  it('[V3] are read to the end, with their times', async () => {
    const desk = aDesk(
      inOrder(
        good({
          isLastPage: false,
          values: [{ body: 'one', created: { iso8601: '2026-06-13T10:00:00+0000' } }],
        }),
        good({ isLastPage: true, values: [{ body: 'two' }] }),
      ),
    );
    await expect(desk.desk.comments('CHG-12')).resolves.toEqual({
      isCustomerRequest: true,
      list: [
        { body: 'one', created: new Date('2026-06-13T10:00:00Z') },
        { body: 'two', created: undefined },
      ],
    });
  });

  it.each([403, 404])('[V3] are read from the issue if it is not a customer request (%i)', async (status) => {
    const desk = aDesk(
      byPath({
        'GET /rest/servicedeskapi': refusal(status, 'No request.'),
        'GET /rest/api/2/issue/CHG-12/comment?startAt=0': good({ total: 2, comments: [{ body: 'one' }] }),
        'GET /rest/api/2/issue/CHG-12/comment?startAt=1': good({
          total: 2,
          comments: [{ body: 'two', created: '2026-06-13T10:00:00.000+0000' }],
        }),
      }),
    );
    await expect(desk.desk.comments('CHG-12')).resolves.toEqual({
      isCustomerRequest: false,
      list: [
        { body: 'one', created: undefined },
        { body: 'two', created: new Date('2026-06-13T10:00:00Z') },
      ],
    });
  });

  it.each([null, {}, { body: null }])('[V5] are rejected as a list if they contain %j', async (odd) => {
    const desk = aDesk(inOrder(good({ isLastPage: true, values: [{ body: 'one' }, odd] })), { outageMs: 0 });
    expect((await fault(desk.desk.comments('CHG-12'))).kind).toBe('unreachable');
  });

  it.each([
    ['customers', true],
    ['agents', false],
  ] as const)('[V3] for %s have public set to %s', async (audience, isPublic) => {
    const desk = aDesk(inOrder(good({ accountId: '1' }), good({ id: '1' })));
    await desk.desk.addComment('CHG-12', 'text', audience);
    expect(desk.site.calls.at(-1)).toBe('POST /rest/servicedeskapi/request/CHG-12/comment');
    expect(desk.site.body(desk.site.requests.length - 1)).toEqual({ body: 'text', public: isPublic });
  });

  it.each([
    ['customers', { body: 'text' }],
    ['agents', { body: 'text', properties: [{ key: 'sd.public.comment', value: { internal: true } }] }],
  ] as const)('[V3] for %s on an ordinary issue', async (audience, body) => {
    const desk = aDesk(inOrder(good({ accountId: '1' }), good({ id: '1' })));
    await desk.desk.addIssueComment('CHG-12', 'text', audience);
    expect(desk.site.calls.at(-1)).toBe('POST /rest/api/2/issue/CHG-12/comment');
    expect(desk.site.body(desk.site.requests.length - 1)).toEqual(body);
  });

  it('[V3] are not written twice after a lost answer', async () => {
    const desk = aDesk(inOrder(good({ accountId: '1' }), failure('lost')));
    const thrown = await fault(desk.desk.addComment('CHG-12', 'text', 'customers'));
    expect(thrown.advice.line).toContain('may have been added anyway');
    expect(desk.site.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });
});

describe('transitions', () => {
  it('[V2] are returned with the statuses that they lead to', async () => {
    const desk = aDesk(
      inOrder(
        good({
          transitions: [
            {
              id: '31',
              name: 'Approve',
              to: { id: '3', name: 'Planning', statusCategory: { key: 'indeterminate' } },
            },
            { id: 41, name: 'Close', to: { id: '6', name: '完了', untranslatedName: 'Completed' } },
          ],
        }),
      ),
    );
    const { screen } = aTransition('any');
    await expect(desk.desk.transitions('CHG-12', [])).resolves.toEqual([
      { id: '31', name: 'Approve', to: { id: '3', name: 'Planning', category: 'indeterminate' }, screen },
      {
        id: '41',
        name: 'Close',
        to: { id: '6', name: '完了', untranslatedName: 'Completed', category: '' },
        screen,
      },
    ]);
  });

  it.each([null, { name: 'Approve' }])('[V5] are rejected as a list if they contain %j', async (odd) => {
    const transitions = [{ id: '31', name: 'Approve', to: { id: '3', name: 'Planning' } }, odd];
    const desk = aDesk(inOrder(good({ transitions })), { outageMs: 0 });
    expect((await fault(desk.desk.transitions('CHG-12', []))).kind).toBe('unreachable');
  });

  it('[V2] are run once, by id', async () => {
    const desk = aDesk(inOrder(good({ accountId: '1' }), { status: 204, headers: provenHeaders }));
    await desk.desk.timeZone();
    expect(await desk.desk.transition('CHG-12', aTransition('31'))).toMatchObject({ kind: 'done' });
    expect(desk.site.body(1)).toEqual({ transition: { id: '31' } });
  });

  it('[V2] [C3] are not repeated after a 500, which Data Center returns for a wrong id', async () => {
    const desk = aDesk(inOrder(good({ accountId: '1' }), refusal(500, 'Internal server error')));
    await desk.desk.timeZone();
    const answer = await desk.desk.transition('CHG-12', aTransition('31'));
    expect(answer).toMatchObject({ kind: 'lost', why: { line: expect.stringContaining('status 500') } });
    expect(desk.site.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });
});

describe('links', () => {
  it('[M1] lead to the change request at the site', () => {
    expect(aDesk(inOrder(good({}))).desk.browseUrl('CHG-12').href).toBe(
      'https://acme.atlassian.net/browse/CHG-12',
    );
  });
});
