import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { createConnectionProbe } from '../../src/jira/site-probe.ts';
import { good, inOrder, provenHeaders, type Reply, refusal, scriptedSession } from './scripted-site.ts';

function aProbe(...replies: readonly Reply[]) {
  const scripted = scriptedSession(inOrder(...replies), { outageMs: 0 });
  return {
    ...scripted,
    probe: createConnectionProbe(scripted.session, {
      serviceProject: 'CHG',
      requestType: 'Request a change',
    }),
  };
}

describe('the reads of a connection test', () => {
  it.each([
    ['Cloud', 'cloud'],
    ['Server', 'data-center'],
    ['DataCenter', 'data-center'],
    [undefined, 'data-center'],
  ])('[V4] find the kind of site by deploymentType %s: %s', async (deploymentType, kind) => {
    const { probe, site } = aProbe(good({ version: '10.3.0', deploymentType }));
    await expect(probe.serverInfo()).resolves.toMatchObject({
      kind,
      version: '10.3.0',
      serverTime: new Date('2026-06-13T10:00:00Z'),
    });
    expect(site.calls).toEqual(['GET /rest/api/2/serverInfo']);
  });

  it('[V4][W9] take the time from the body if the header lacks it', async () => {
    const { probe } = aProbe({ json: { version: '10', serverTime: '2026-06-13T12:00:00.000+0200' } });
    await expect(probe.serverInfo()).resolves.toMatchObject({
      serverTime: new Date('2026-06-13T10:00:00Z'),
    });
  });

  it('[V4] do not fail without a login, which another line reports', async () => {
    const { probe, site } = aProbe({
      json: { version: '10' },
      headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
    });
    await expect(probe.serverInfo()).resolves.toMatchObject({ version: '10' });
    expect(site.requests).toHaveLength(1);
  });

  it('[V4] report a CAPTCHA immediately', async () => {
    const { probe } = aProbe({
      status: 403,
      text: '<html>',
      headers: { 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' },
    });
    await expect(probe.serverInfo()).rejects.toMatchObject({
      kind: 'login',
      message: expect.stringContaining('CAPTCHA'),
    });
  });

  it.each([
    [
      { displayName: 'Ada', name: 'ada', timeZone: 'UTC' },
      { name: 'Ada', timeZone: 'UTC' },
    ],
    [{ name: 'ada' }, { name: 'ada', timeZone: undefined }],
    [{ accountId: '557058:11' }, { name: '557058:11', timeZone: undefined }],
  ])('[V4] return the account %j', async (json, account) => {
    await expect(aProbe(good(json)).probe.account()).resolves.toEqual(account);
  });

  it('[V4] return every field with its type', async () => {
    const { probe } = aProbe(
      good([
        { id: 'summary', name: 'Summary', schema: { type: 'string' } },
        { id: 'cf1', name: '開始', untranslatedName: 'Planned start', schema: { type: 'datetime' } },
        { id: 'parent', name: 'Parent' },
      ]),
    );
    await expect(probe.fields([])).resolves.toEqual([
      { id: 'summary', name: 'Summary', type: 'string' },
      { id: 'cf1', name: 'Planned start', type: 'datetime' },
      { id: 'parent', name: 'Parent', type: '' },
    ]);
  });

  it.each([
    [[]],
    [[{ unexpected: true }]],
    [[{ id: 'summary', name: 'Summary' }, { name: 'no id' }]],
    [[{ id: 'summary', name: 'Summary' }, { id: 'customfield_1' }]],
  ])('[F5][W12] reject the list of fields %j', async (list) => {
    const { probe } = aProbe(good(list));
    await expect(probe.fields([])).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('[V4] return every status of the service project', async () => {
    const status = { id: '3', name: '実装中', untranslatedName: 'Implementing' };
    const { probe } = aProbe(good([{ id: '1', name: 'Change', statuses: [status] }]));
    await expect(probe.statuses()).resolves.toMatchObject([
      { id: '3', name: '実装中', untranslatedName: 'Implementing' },
    ]);
  });

  it('[V4] return the permissions in the service project; one that Jira does not show is unknown', async () => {
    const { probe, site } = aProbe(
      good({
        permissions: { BROWSE_PROJECTS: { havePermission: true }, ADD_COMMENTS: { havePermission: false } },
      }),
    );
    const rights = await probe.permissions(['BROWSE_PROJECTS', 'ADD_COMMENTS', 'TRANSITION_ISSUES']);
    expect(Object.fromEntries(rights)).toEqual({
      BROWSE_PROJECTS: true,
      ADD_COMMENTS: false,
    });
    const asked = new URL(site.requests[0]?.url ?? '').searchParams;
    expect(asked.get('projectKey')).toBe('CHG');
    expect(asked.get('permissions')).toBe('BROWSE_PROJECTS,ADD_COMMENTS,TRANSITION_ISSUES');
  });

  it('[V4] report a project that the account cannot see, with advice', async () => {
    const { probe } = aProbe(refusal(404, "No project could be found with key 'CHG'."));
    await expect(probe.permissions(['BROWSE_PROJECTS'])).rejects.toMatchObject({
      message: expect.stringContaining('access to the service project CHG'),
    });
  });

  it.each(['serverInfo', 'account', 'fields', 'statuses'] as const)(
    '[F5] reject an answer of another shape for %s',
    async (question) => {
      for (const json of [null, 'x', 7, [null]]) {
        const { probe } = aProbe({ json, headers: provenHeaders });
        const outcome = await probe[question]([]).catch((error: unknown) => error);
        const isNothing = Array.isArray(outcome) && outcome.length === 0;
        expect(outcome instanceof Fault || isNothing).toBe(true);
      }
    },
  );
});
