import { expect, it } from 'vitest';
import { describeWith } from '../atlassian.ts';
import { type Caller, createCaller } from '../sandbox/caller.ts';
import { SettableClock } from '../sandbox/clock.ts';
import type { SiteAnswer, SiteRequest } from '../sandbox/exchange.ts';
import { checkAnswer, checkRequest } from '../sandbox/openapi.ts';
import { createSite, type Site } from '../sandbox/site.ts';

type Step = readonly [what: string, status: number, method: string, path: string, body?: unknown];

const platform = '/rest/api/2';
const jsm = '/rest/servicedeskapi';
const summary = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"';
const jql = 'project = "CHG" AND statusCategory != Done ORDER BY created DESC';

/** One request of each kind, in an order in which each finds what it needs. */
const steps: readonly Step[] = [
  ['the request types', 200, 'GET', `${jsm}/servicedesk/10/requesttype?start=0&limit=50`],
  ['the form', 200, 'GET', `${jsm}/servicedesk/10/requesttype/25/field`],
  [
    'a new request',
    201,
    'POST',
    `${jsm}/request`,
    {
      serviceDeskId: '10',
      requestTypeId: '25',
      requestFieldValues: { summary, description: 'd', customfield_10041: '2026-06-13T10:00:00.000+1000' },
    },
  ],
  [
    'a refused request',
    400,
    'POST',
    `${jsm}/request`,
    { serviceDeskId: '10', requestTypeId: '25', requestFieldValues: {} },
  ],
  ['the service desks', 200, 'GET', `${jsm}/servicedesk`],
  ['one service desk', 200, 'GET', `${jsm}/servicedesk/CHG`],
  ['no such desk', 404, 'GET', `${jsm}/servicedesk/NOPE`],
  ['one request type', 200, 'GET', `${jsm}/servicedesk/10/requesttype/25`],
  ['a request', 200, 'GET', `${jsm}/request/CHG-1`],
  ['no such request', 404, 'GET', `${jsm}/request/CHG-99`],
  ['a public comment', 201, 'POST', `${jsm}/request/CHG-1/comment`, { body: 'Begins', public: true }],
  ['the comments', 200, 'GET', `${jsm}/request/CHG-1/comment?public=true&start=0&limit=50`],
  ['the approvals', 200, 'GET', `${jsm}/request/CHG-1/approval`],
  ['version of JSM', 200, 'GET', `${jsm}/info`],
  ['an issue with names', 200, 'GET', `${platform}/issue/CHG-1?expand=names`],
  ['an issue with everything', 200, 'GET', `${platform}/issue/CHG-1?fields=*all&expand=names,schema`],
  [
    'some fields of an issue',
    200,
    'GET',
    `${platform}/issue/CHG-1?fields=summary,status,customfield_10041&failFast=true`,
  ],
  ['no such issue', 404, 'GET', `${platform}/issue/CHG-99`],
  [
    'an edit',
    204,
    'PUT',
    `${platform}/issue/CHG-1`,
    { fields: { customfield_10042: '2026-06-14T10:00:00.000+0000' } },
  ],
  ['a refused edit', 400, 'PUT', `${platform}/issue/CHG-1`, { fields: { summary: '' } }],
  ['the transitions', 200, 'GET', `${platform}/issue/CHG-1/transitions`],
  ['a transition', 204, 'POST', `${platform}/issue/CHG-1/transitions`, { transition: { id: '11' } }],
  [
    'an internal comment',
    201,
    'POST',
    `${platform}/issue/CHG-1/comment`,
    { body: 'Inside', properties: [{ key: 'sd.public.comment', value: { internal: true } }] },
  ],
  ['the comments of the platform', 200, 'GET', `${platform}/issue/CHG-1/comment`],
  ['what can be edited', 200, 'GET', `${platform}/issue/CHG-1/editmeta`],
  ['the fields', 200, 'GET', `${platform}/field`],
  ['the account', 200, 'GET', `${platform}/myself`],
  [
    'the permissions',
    200,
    'GET',
    `${platform}/mypermissions?projectKey=CHG&permissions=BROWSE_PROJECTS,ADD_COMMENTS`,
  ],
  ['the statuses', 200, 'GET', `${platform}/project/CHG/statuses`],
  ['the server', 200, 'GET', `${platform}/serverInfo`],
];

const cloudSteps: readonly Step[] = [
  ...steps,
  [
    'the transitions with their fields',
    200,
    'GET',
    `${platform}/issue/CHG-1/transitions?expand=transitions.fields`,
  ],
  ['a search', 200, 'POST', '/rest/api/3/search/jql', { jql, fields: ['summary', 'status'], maxResults: 50 }],
  [
    'a search of version 2',
    200,
    'POST',
    '/rest/api/2/search/jql',
    { jql, fields: ['summary'], expand: 'names' },
  ],
  ['a search for ids', 200, 'POST', '/rest/api/3/search/jql', { jql, reconcileIssues: [107001] }],
  [
    'a search in the address',
    200,
    'GET',
    `/rest/api/3/search/jql?jql=${encodeURIComponent(jql)}&fields=summary&maxResults=5`,
  ],
  ['a refused search', 400, 'POST', '/rest/api/3/search/jql', { jql: 'project = NOPE' }],
  ['an issue of version 3', 200, 'GET', '/rest/api/3/issue/CHG-1'],
  ['a refused transition', 400, 'POST', `${platform}/issue/CHG-1/transitions`, { transition: { id: '999' } }],
];

const dataCenterSteps: readonly Step[] = [
  ...steps,
  [
    'a search',
    200,
    'POST',
    `${platform}/search`,
    { jql, fields: ['summary'], expand: ['names'], startAt: 0, maxResults: 50 },
  ],
  ['a search in the address', 200, 'GET', `${platform}/search?jql=${encodeURIComponent(jql)}&fields=summary`],
  ['a refused search', 400, 'POST', `${platform}/search`, { jql: 'project = NOPE' }],
  ['a refused transition', 500, 'POST', `${platform}/issue/CHG-1/transitions`, { transition: { id: '999' } }],
];

function start(flavour: 'cloud' | 'dc'): { site: Site; call: Caller } {
  const projects = [{ key: 'CHG', approvals: { Review: ['Ann Approver'] } }];
  const site = createSite({
    flavour,
    projects,
    dateFields: 'both',
    clock: new SettableClock(),
    record: true,
  });
  return { site, call: createCaller(site) };
}

describeWith('jira-openapi', 'the sandbox by the OpenAPI documents', () => {
  it.each([
    ['cloud', cloudSteps],
    ['dc', dataCenterSteps],
  ] as const)('accepts and returns what the documents describe (%s)', (flavour, all) => {
    const { site, call } = start(flavour);
    const problems: string[] = [];
    for (const [what, status, method, path, body] of all) {
      const answer = call(method, path, body);
      const request = site.requests.at(-1);
      expect([what, answer.status]).toEqual([what, status]);
      if (request !== undefined) {
        problems.push(...checkRequest(request, flavour), ...checkAnswer(request, answer, flavour));
      }
    }
    expect(problems).toEqual([]);
  });

  it('is also checked behind a context path and the gateway', () => {
    const wrong = { method: 'GET', path: '/jira/rest/api/2/nothing', headers: {} };
    expect(checkRequest(wrong, 'dc')).toEqual(['GET /api/2/nothing: is in no document']);
    const gateway = { method: 'GET', path: '/ex/jira/1111/rest/api/2/myself', headers: {} };
    expect(checkRequest(gateway, 'cloud')).toEqual([]);
  });
});

describeWith('jira-openapi', 'the check against the OpenAPI documents', () => {
  const post = (path: string, body: unknown): SiteRequest => ({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  it.each<[string, SiteRequest, string]>([
    ['an unknown path', { method: 'GET', path: '/rest/api/2/nope', headers: {} }, 'is in no document'],
    ['an unknown method', { method: 'PATCH', path: '/rest/api/2/myself', headers: {} }, 'is in no document'],
    [
      'an unknown query parameter',
      { method: 'GET', path: '/rest/api/2/issue/A-1?nope=1', headers: {} },
      'nope is not documented',
    ],
    [
      'a query parameter of another type',
      { method: 'GET', path: '/rest/api/3/search/jql?maxResults=many', headers: {} },
      'maxResults',
    ],
    ['a body that is not expected', { ...post('/rest/api/2/myself', {}), method: 'GET' }, 'a body is sent'],
    [
      'a body that is missing',
      { method: 'POST', path: '/rest/api/2/issue/A-1/transitions', headers: {} },
      'the body is missing',
    ],
    [
      'an unknown member',
      post('/rest/servicedeskapi/request', { nope: 1 }),
      'must NOT have additional properties',
    ],
    [
      'a member of another type',
      post('/rest/servicedeskapi/request', { serviceDeskId: 10 }),
      'must be string',
    ],
    [
      'expand as a list in a search',
      post('/rest/api/3/search/jql', { jql: '', expand: [] }),
      'must be string',
    ],
  ])('rejects a request with %s', (_, request, message) => {
    expect(checkRequest(request).join()).toContain(message);
  });

  const answerOf = (status: number, body: unknown): SiteAnswer => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  it.each<[string, string, string, SiteAnswer, string]>([
    [
      'a key of another type',
      'GET',
      '/rest/api/2/issue/A-1',
      answerOf(200, { key: 12 }),
      '/key must be string',
    ],
    [
      'issues that are not a list',
      'POST',
      '/rest/api/3/search/jql',
      answerOf(200, { issues: {} }),
      '/issues must be array',
    ],
    [
      'a desk with a number',
      'GET',
      '/rest/servicedeskapi/servicedesk/1',
      answerOf(200, { id: 1 }),
      '/id must be string',
    ],
    [
      'an unknown decision',
      'GET',
      '/rest/servicedeskapi/request/A-1/approval',
      answerOf(200, { values: [{ finalDecision: 'maybe' }] }),
      'allowed values',
    ],
    ['a status that is not documented', 'GET', '/rest/api/2/myself', answerOf(201, {}), 'not documented'],
    [
      'a page instead of JSON',
      'GET',
      '/rest/api/2/myself',
      { status: 200, headers: {}, body: '<html>' },
      'is not JSON',
    ],
    [
      'a transition without an object',
      'GET',
      '/rest/api/2/issue/A-1/transitions',
      answerOf(200, { transitions: [1] }),
      'must be object',
    ],
  ])('rejects an answer with %s', (_, method, path, answer, message) => {
    expect(checkAnswer({ method, path }, answer).join()).toContain(message);
  });

  it('accepts members of an answer that the documents do not name', () => {
    const answer = answerOf(200, [{ id: 'customfield_1', untranslatedName: 'Planned start' }]);
    expect(checkAnswer({ method: 'GET', path: '/rest/api/2/field' }, answer)).toEqual([]);
  });
});
