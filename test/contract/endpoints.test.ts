import {
  addComment,
  bulkFetchIssues,
  doTransition,
  editIssue,
  findUsers,
  getAllStatuses,
  getComments,
  getCurrentUser,
  getFields,
  getFieldsPaginated,
  getIssue,
  getMyPermissions,
  getServerInfo,
  getTransitions,
  SearchResultsSchema,
  searchAndReconsileIssuesUsingJqlPost,
} from 'jira.js/cloud';
import {
  AuthError,
  type Client,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ScopeError,
} from 'jira.js/core';
import {
  createCustomerRequest,
  createRequestComment,
  getApprovals,
  getRequestComments,
  getRequestTypeFields,
  getRequestTypes,
  getServiceDeskById,
  getServiceDesks,
} from 'jira.js/serviceDesk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentedCallOf, documentedCalls } from '../docs/documented-calls.ts';
import type { Flavour } from '../sandbox/account.ts';
import { SettableClock } from '../sandbox/clock.ts';
import {
  defaultCloudId,
  defaultScopedToken,
  defaultUsername,
  plannedEndId,
  plannedStartId,
} from '../sandbox/defaults.ts';
import type { Issue } from '../sandbox/issue.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { jiraJs, version2 } from './jira-js.ts';

const title = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"';
const start = '2026-06-13T10:00:00.000+1000';
const startsAt = new Date('2026-06-13T00:00:00Z');
const jql = 'project = "CHG" AND statusCategory != Done ORDER BY created DESC';

interface Tools {
  readonly sandbox: Sandbox;
  /** jira.js itself. */
  readonly client: Client;
  /** jira.js with version 2 of the platform API, which the action calls. */
  readonly platform: Client;
  /** A change request that awaits approval, with a planned start and no comment. */
  readonly issue: Issue;
  readonly issueIdOrKey: string;
}

/** How jira.js makes each call of the action, and what it must find in the answer. */
const drives: Readonly<Record<string, (tools: Tools) => Promise<void>>> = {
  'GET /rest/api/2/issue/{key}': async ({ platform, sandbox, issue, issueIdOrKey }) => {
    const read = await getIssue(platform, { issueIdOrKey, expand: ['names', 'schema'] });
    expect(read).toMatchObject({ id: issue.id, key: issueIdOrKey });
    expect(read.self).toBe(`${sandbox.url}/rest/api/2/issue/${issue.id}`);
    expect(read.names).toMatchObject({ [plannedStartId]: 'Planned start' });
    expect(read.fields).toMatchObject({ summary: title, description: 'First line\nsecond line' });
    expect(read.fields?.['status']).toMatchObject({
      name: 'Review',
      statusCategory: { key: 'new' },
    });
    expect(new Date(read.fields?.[plannedStartId])).toEqual(startsAt);
  },
  'POST /rest/api/3/issue/bulkfetch': async ({ client, issue, issueIdOrKey }) => {
    const fields = ['summary', 'status'];
    const found = await bulkFetchIssues(client, { issueIdsOrKeys: [issueIdOrKey, 'CHG-999'], fields });
    expect(found.issues).toMatchObject([{ id: issue.id, key: issueIdOrKey, fields: { summary: title } }]);
  },
  'POST /rest/api/3/search/jql': async ({ client, issueIdOrKey }) => {
    const fields = ['summary', 'status'];
    const found = await searchAndReconsileIssuesUsingJqlPost(client, { jql, fields, maxResults: 50 });
    expect(found).toMatchObject({
      isLast: true,
      issues: [{ key: issueIdOrKey, fields: { summary: title } }],
    });
  },
  'POST /rest/api/2/search': async ({ client, issueIdOrKey }) => {
    // jira.js no longer has the call, but still the schema of its answer.
    const found = await client.sendRequest({
      url: '/rest/api/2/search',
      method: 'POST',
      body: { jql, fields: ['summary', 'status'], startAt: 0, maxResults: 50 },
      schema: SearchResultsSchema,
    });
    expect(found).toMatchObject({ total: 1, issues: [{ key: issueIdOrKey, fields: { summary: title } }] });
  },
  'GET /rest/servicedeskapi/request/{key}/approval': async ({ client, issueIdOrKey }) => {
    const { values } = await getApprovals(client, { issueIdOrKey });
    expect(values).toMatchObject([
      {
        finalDecision: 'pending',
        approvers: [{ approver: { displayName: 'Ann Approver' }, approverDecision: 'pending' }],
      },
    ]);
  },
  'GET /rest/api/2/myself': async ({ platform }) => {
    expect(await getCurrentUser(platform)).toMatchObject({
      emailAddress: defaultUsername,
      timeZone: 'Europe/Berlin',
      active: true,
    });
  },
  'GET /rest/api/2/serverInfo': async ({ platform, sandbox }) => {
    const { deploymentType, serverTime } = await getServerInfo(platform);
    expect(deploymentType).toBe(sandbox.site.flavour === 'cloud' ? 'Cloud' : 'Server');
    expect(new Date(String(serverTime)).getTime()).toBe(sandbox.site.now());
  },
  'GET /_edge/tenant_info': async ({ client }) => {
    const told = await client.sendRequest({ url: '/_edge/tenant_info', method: 'GET' });
    expect(told).toEqual({ cloudId: defaultCloudId });
  },
  'GET /rest/servicedeskapi/servicedesk/projectKey:{key}': async ({ client }) => {
    const desk = await getServiceDeskById(client, { serviceDeskId: 'projectKey:CHG' });
    expect(desk).toMatchObject({ id: '10', projectKey: 'CHG' });
  },
  'GET /rest/servicedeskapi/servicedesk': async ({ client }) => {
    const desks = await getServiceDesks(client, { start: 0, limit: 50 });
    expect(desks).toMatchObject({ start: 0, isLastPage: true, values: [{ id: '10', projectKey: 'CHG' }] });
  },
  'GET /rest/servicedeskapi/servicedesk/{id}/requesttype': async ({ client }) => {
    const { values } = await getRequestTypes(client, { serviceDeskId: '10', start: 0, limit: 50 });
    expect(values).toContainEqual(expect.objectContaining({ id: '25', name: 'Request a change' }));
  },
  'GET /rest/servicedeskapi/servicedesk/{id}/requesttype/{id}/field': async ({ client }) => {
    const form = await getRequestTypeFields(client, { serviceDeskId: '10', requestTypeId: 25 });
    expect(form.requestTypeFields).toContainEqual(
      expect.objectContaining({
        fieldId: 'summary',
        required: true,
        jiraSchema: expect.objectContaining({ type: 'string' }),
      }),
    );
  },
  'GET /rest/api/2/field': async ({ platform }) => {
    expect(await getFields(platform)).toContainEqual(
      expect.objectContaining({ id: plannedStartId, name: 'Planned start', custom: true }),
    );
  },
  'GET /rest/api/2/field/search': async ({ platform }) => {
    const { values } = await getFieldsPaginated(platform, { query: 'Planned start', type: ['custom'] });
    expect(values).toContainEqual(expect.objectContaining({ id: plannedStartId, name: 'Planned start' }));
  },
  'GET /rest/api/2/user/search': async ({ platform }) => {
    const users = await findUsers(platform, { query: defaultUsername });
    expect(users).toEqual([expect.objectContaining({ emailAddress: defaultUsername })]);
  },
  'POST /rest/servicedeskapi/request': async ({ client, sandbox }) => {
    const requestFieldValues = { summary: 'Another', description: 'd', [plannedStartId]: start };
    const raised = await createCustomerRequest(client, {
      serviceDeskId: '10',
      requestTypeId: '25',
      requestFieldValues,
    });
    expect(raised).toMatchObject({ issueKey: 'CHG-2', serviceDeskId: '10', requestTypeId: '25' });
    expect(raised.createdDate?.epochMillis).toBe(sandbox.site.now());
    expect(sandbox.site.issue('CHG-2').values.get('summary')).toBe('Another');
  },
  'PUT /rest/api/2/issue/{key}': async ({ platform, issue, issueIdOrKey }) => {
    await editIssue(platform, { issueIdOrKey, fields: { summary: 'Given up', [plannedEndId]: start } });
    expect(issue.values.get('summary')).toBe('Given up');
    expect(new Date(String(issue.values.get(plannedEndId)))).toEqual(startsAt);
  },
  'GET /rest/servicedeskapi/request/{key}/comment': async ({ client, sandbox, issue, issueIdOrKey }) => {
    sandbox.site.addComment(issue, issue.reporter, 'Ready?', true);
    const { values } = await getRequestComments(client, { issueIdOrKey, public: true, start: 0, limit: 50 });
    expect(values).toMatchObject([
      { body: 'Ready?', public: true, author: { displayName: issue.reporter.displayName } },
    ]);
    expect(values?.[0]?.created?.epochMillis).toBe(sandbox.site.now());
  },
  'POST /rest/servicedeskapi/request/{key}/comment': async ({ client, issue, issueIdOrKey }) => {
    const added = await createRequestComment(client, { issueIdOrKey, body: 'Withdrawn', public: false });
    expect(added).toMatchObject({ body: 'Withdrawn', public: false });
    expect(issue.comments).toMatchObject([{ body: 'Withdrawn', public: false }]);
  },
  'GET /rest/api/2/issue/{key}/comment': async ({ platform, sandbox, issue, issueIdOrKey }) => {
    sandbox.site.addComment(issue, issue.reporter, 'Ready?', true);
    const page = await getComments(platform, { issueIdOrKey });
    expect(page).toMatchObject({ startAt: 0, total: 1, comments: [{ body: 'Ready?' }] });
    expect(page.comments?.[0]?.created?.getTime()).toBe(sandbox.site.now());
  },
  'POST /rest/api/2/issue/{key}/comment': async ({ platform, issue, issueIdOrKey }) => {
    const added = await addComment(platform, { issueIdOrKey, body: 'Begins' });
    expect(added).toMatchObject({ body: 'Begins' });
    expect(issue.comments).toMatchObject([{ body: 'Begins', id: added.id }]);
  },
  'GET /rest/api/2/issue/{key}/transitions': async ({ platform, sandbox, issueIdOrKey }) => {
    sandbox.site.moveTo(issueIdOrKey, 'Implementing');
    const { transitions } = await getTransitions(platform, { issueIdOrKey, expand: 'transitions.fields' });
    expect(transitions?.map(({ to }) => to?.name)).toContain('Completed');
  },
  'POST /rest/api/2/issue/{key}/transitions': async ({ platform, sandbox, issueIdOrKey }) => {
    sandbox.site.moveTo(issueIdOrKey, 'Implementing');
    const { transitions = [] } = await getTransitions(platform, { issueIdOrKey });
    const { id = '' } = transitions.find(({ to }) => to?.name === 'Completed') ?? {};
    await doTransition(platform, { issueIdOrKey, transition: { id } });
    expect(sandbox.site.issue(issueIdOrKey).status.name).toBe('Completed');
  },
  'GET /rest/api/2/project/{key}/statuses': async ({ platform }) => {
    const [type] = await getAllStatuses(platform, { projectIdOrKey: 'CHG' });
    expect(type?.statuses?.map(({ name }) => name)).toContain('Implementing');
  },
  'GET /rest/api/2/mypermissions': async ({ platform }) => {
    const asked = { projectKey: 'CHG', permissions: 'BROWSE_PROJECTS,ADD_COMMENTS' };
    const { permissions } = await getMyPermissions(platform, asked);
    expect(permissions).toMatchObject({ ADD_COMMENTS: { key: 'ADD_COMMENTS', havePermission: true } });
  },
};

/** The calls that only one kind of site has. */
const onlyOn: Readonly<Record<string, Flavour>> = {
  'GET /_edge/tenant_info': 'cloud',
  'GET /rest/api/2/field/search': 'cloud',
  'GET /rest/api/2/user/search': 'cloud',
  'POST /rest/api/3/issue/bulkfetch': 'cloud',
  'POST /rest/api/3/search/jql': 'cloud',
  'POST /rest/api/2/search': 'dc',
};

let sandbox: Sandbox;

async function open(flavour: Flavour): Promise<Tools> {
  sandbox = await startSandbox({
    flavour,
    contextPath: flavour === 'dc' ? '/jira' : '',
    projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver'] } }],
    clock: new SettableClock(),
  });
  const issue = sandbox.site.createRequest({
    summary: title,
    description: 'First line\nsecond line',
    fields: { 'Planned start': startsAt },
    lagged: false,
  });
  const client = jiraJs(sandbox);
  return { sandbox, client, platform: version2(client), issue, issueIdOrKey: issue.key };
}

afterEach(() => sandbox.close());

describe.each<Flavour>(['cloud', 'dc'])('the sandbox, used by an independent client (%s)', (flavour) => {
  const calls = documentedCalls
    .map(({ call }) => call)
    .filter((call) => (onlyOn[call] ?? flavour) === flavour);

  it.each(calls)('answers %s with what the client can parse', async (call) => {
    const tools = await open(flavour);
    const drive = drives[call];
    if (drive === undefined) throw new Error('The client does not make this call');
    await drive(tools);
    const made = sandbox.requests.map(({ method, path }) =>
      documentedCallOf(method, path.slice(sandbox.site.contextPath.length).replace(/\?.*/, '')),
    );
    expect(made).toContain(call);
  });
});

describe('the sandbox on Cloud, used by an independent client', () => {
  let tools: Tools;
  beforeEach(async () => {
    tools = await open('cloud');
  });

  it('returns version 3 texts as Atlassian Document Format', async () => {
    const { client, issue, issueIdOrKey } = tools;
    sandbox.site.addComment(issue, issue.reporter, 'Ready?', true);
    const [comment] = (await getComments(client, { issueIdOrKey })).comments ?? [];
    expect(JSON.stringify(comment?.body?.content)).toContain('"text":"Ready?"');
    const { fields } = await getIssue(client, { issueIdOrKey });
    expect(fields?.['description']).toMatchObject({ type: 'doc', version: 1 });
  });

  it('accepts a scoped token only at the gateway', async () => {
    const { issueIdOrKey } = tools;
    const auth = { type: 'basic', email: defaultUsername, apiToken: defaultScopedToken } as const;
    await expect(getCurrentUser(jiraJs(sandbox, { auth }))).rejects.toThrow(AuthError);
    const gateway = jiraJs(sandbox, { auth, host: sandbox.gatewayUrl });
    expect(await getIssue(gateway, { issueIdOrKey })).toMatchObject({ key: issueIdOrKey });
  });

  it('rejects requests in a way that the client understands', async () => {
    const { client, issueIdOrKey } = tools;
    const { site } = sandbox;
    const wrong = jiraJs(sandbox, { auth: { type: 'basic', email: defaultUsername, apiToken: 'expired' } });
    await expect(getCurrentUser(wrong)).rejects.toThrow(AuthError);
    await expect(getIssue(client, { issueIdOrKey: 'CHG-99' })).rejects.toThrow(NotFoundError);
    const noValues = { serviceDeskId: '10', requestTypeId: '25', requestFieldValues: {} };
    await expect(createCustomerRequest(client, noValues)).rejects.toMatchObject({
      status: 400,
      body: { errorMessage: expect.stringContaining('Summary is required') },
    });
    site.behaviour.permissions.create = false;
    await expect(createCustomerRequest(client, noValues)).rejects.toThrow(ForbiddenError);
    site.behaviour.rateLimitPerSecond = 1;
    await getIssue(client, { issueIdOrKey });
    const limited = await getIssue(client, { issueIdOrKey }).catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(RateLimitError);
    expect(limited).toMatchObject({ retryAfterMs: 1000 });
  });

  it('names a missing scope in a way that the client understands', async () => {
    const secret = 'reads-issues-only';
    sandbox.site.logins.push({
      kind: 'scoped',
      username: defaultUsername,
      secret,
      scopes: ['read:jira-work'],
    });
    const auth = { type: 'basic', email: defaultUsername, apiToken: secret } as const;
    const reader = jiraJs(sandbox, { auth, host: sandbox.gatewayUrl });
    expect(await getIssue(reader, tools)).toMatchObject({ key: tools.issueIdOrKey });
    await expect(getCurrentUser(reader)).rejects.toThrow(ScopeError);
  });
});
