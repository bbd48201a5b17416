import { describe, expect, it } from 'vitest';
import { checks, said, searches, siteWith, writes } from '../app/gate-run.ts';
import {
  dataCenterUsername,
  defaultPersonalAccessToken,
  defaultScopedToken,
  defaultUsername,
} from '../sandbox/defaults.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { earlierGate, numberVariable, type Operation, operate } from './operation-run.ts';

const approved = { status: 'Implementing' };
type SiteOptions = NonNullable<ConstructorParameters<typeof SimulatedSite>[0]>;

const pat = { 'JsmChange.Username': '', 'JsmChange.Token': defaultPersonalAccessToken };
const scoped = { 'JsmChange.Token': defaultScopedToken };

const flavours: readonly (readonly [
  what: string,
  options: SiteOptions,
  variables: Record<string, string>,
])[] = [
  ['Cloud', {}, {}],
  ['Cloud with a scoped token', {}, scoped],
  ['Data Center', { flavour: 'dc' }, {}],
  ['Data Center with a personal access token', { flavour: 'dc' }, pat],
  ['Data Center behind a context path', { flavour: 'dc', contextPath: '/jira' }, {}],
  [
    'Data Center behind two, with a personal access token',
    { flavour: 'dc', contextPath: '/tools/jira' },
    pat,
  ],
  ['Cloud without headers that tell the login', { loginHeaders: false }, {}],
  ['Data Center without headers that tell the login', { flavour: 'dc', loginHeaders: false }, pat],
  ['Cloud that lists desks by their numbers alone', { deskIdsOnly: true }, {}],
  [
    'a site in another language',
    { translations: { Implementing: '実装中', Review: 'レビュー', 'Planned start': '開始予定' } },
    {},
  ],
];

describe.each(flavours)('on %s', (_what, options, variables) => {
  it('[F4] [L5] [C1] a change is raised, approved, verified and reported', async () => {
    const site = new SimulatedSite(options);
    const all = { ...variables, 'JsmChange.CustomerComments': 'True' };
    const gate = await operate(site, 'Gate', all, {
      at: [
        [60_000, () => site.moveTo('CHG-1', 'Planning')],
        [90_000, () => site.moveTo('CHG-1', 'Implementing')],
      ],
    });
    expect(gate).toMatchObject({
      exitCode: 0,
      warnings: [],
      outputs: {
        Decision: 'Proceed',
        'ChangeRequest.Source': 'Created',
        'ChangeRequest.Url': `${site.baseUrl}/browse/CHG-1`,
      },
    });
    const verify = await operate(site, 'Verify', { ...all, ...earlierGate('CHG-1') });
    expect(verify).toMatchObject({ exitCode: 0, warnings: [] });
    const report = await operate(site, 'Report', {
      ...all,
      ...earlierGate('CHG-1'),
      'JsmChange.SuccessStatus': 'Completed',
    });
    expect(report).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue('CHG-1').status.name).toBe('Completed');
    expect(site.issue('CHG-1').comments).toHaveLength(3);
    expect(site.issues()).toHaveLength(1);
    const test = await operate(site, 'Test', all);
    expect(test).toMatchObject({ exitCode: 0, warnings: [] });
  });

  it('[L5] another deployment finds the change request, and a second search uses the right API', async () => {
    const site = new SimulatedSite(options);
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    const run = await operate(site, 'Gate', variables);
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Source': 'Matched' } });
    const none = await operate(site, 'Verify', { ...variables, 'Octopus.Release.Number': '9.9.9' });
    expect(none.exitCode).toBe(1);
    // The wrong API is tried at most once.
    expect(searches(none).filter(({ outcome }) => outcome !== 200).length).toBeLessThanOrEqual(1);
    expect(searches(none).at(-1)?.outcome).toBe(200);
  });
});

describe('a login that fails', () => {
  const failures: readonly (readonly [
    what: string,
    options: SiteOptions,
    variables: Record<string, string>,
    says: RegExp,
  ])[] = [
    [
      'a wrong or expired token on Cloud',
      {},
      { 'JsmChange.Token': 'old-token-99' },
      /expired.*password does not work/i,
    ],
    ['an empty user name on Cloud', {}, { 'JsmChange.Username': '' }, /email/],
    [
      'a wrong password on Data Center',
      { flavour: 'dc' },
      { 'JsmChange.Token': 'wrong-token' },
      /user name on Data Center.*personal access token leave/s,
    ],
    [
      'a revoked personal access token',
      { flavour: 'dc' },
      { ...pat, 'JsmChange.Token': 'old-token-99' },
      /expired or been revoked/,
    ],
    [
      'a personal access token with a user name',
      { flavour: 'dc' },
      { 'JsmChange.Username': dataCenterUsername, 'JsmChange.Token': defaultPersonalAccessToken },
      /personal access token leave the user name empty/,
    ],
    [
      'Basic switched off',
      { flavour: 'dc', basicDisabled: true },
      {},
      /Basic authentication is switched off.*personal access token/s,
    ],
    ['a CAPTCHA', { flavour: 'dc', captcha: true }, {}, /CAPTCHA.*browser as octopus/s],
    ['a CAPTCHA on Cloud', { captcha: true }, {}, /CAPTCHA/],
    ['a single sign-on', { frontDoor: 'redirect' }, {}, /redirect.*login\.acme\.example.*single sign-on/s],
    ['a login page', { frontDoor: 'login-page' }, {}, /web page instead of JSON/],
    [
      'a scoped token without a scope',
      {
        logins: [
          {
            kind: 'scoped',
            username: defaultUsername,
            secret: defaultScopedToken,
            scopes: ['read:jira-user'],
          },
        ],
      },
      scoped,
      /lacks a scope.*read:jira-work/s,
    ],
  ];

  it.each(failures)(
    '[F3] [F4] because of %s ends every operation, says what to do, and shows no secret',
    async (_what, options, variables, says) => {
      for (const operation of ['Gate', 'Verify', 'Report', 'Test'] as const) {
        const { site, key } = siteWith(approved, options);
        const run = await operate(site, operation, { ...variables, ...earlierGate(key) });
        expect(run.exitCode).toBe(operation === 'Report' ? 0 : 1);
        expect(said(run)).toMatch(says);
        expect(writes(run)).toEqual([]);
        expect(site.issues()).toHaveLength(1);
        if (operation === 'Gate' || operation === 'Verify') expect(run.outputs['Decision']).toBe('Error');
      }
    },
  );

  it.each<[string, SiteOptions, Record<string, string>]>([
    ['Cloud', {}, { 'JsmChange.Token': 'old-token-99' }],
    ['Data Center', { flavour: 'dc' }, { 'JsmChange.Token': 'wrong-token' }],
    ['Data Center with a CAPTCHA', { flavour: 'dc', captcha: true }, {}],
  ])(
    '[F3] on %s is not tried again with the same login at the same place',
    async (_what, options, variables) => {
      const { site, key } = siteWith(approved, options);
      const run = await operate(site, 'Gate', { ...variables, [numberVariable]: key });
      const tried = run.requests.filter(
        ({ path }) => !path.startsWith('/ex/jira/') && !path.startsWith('/_edge'),
      );
      expect(tried).toHaveLength(1);
      expect(run.requests.length).toBeLessThanOrEqual(3);
    },
  );

  it('[F4] on Cloud, which then answers anonymously, raises no change request after an empty search', async () => {
    for (const loginHeaders of [true, false]) {
      const site = new SimulatedSite({ loginHeaders });
      const run = await operate(site, 'Gate', { 'JsmChange.Token': 'old-token-99' });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(site.issues()).toEqual([]);
      expect(writes(run)).toEqual([]);
    }
  });

  it('[F4] because a scoped token expires during the wait stops the run after two checks', async () => {
    const { site, key } = siteWith();
    const run = await operate(
      site,
      'Gate',
      { ...scoped, [numberVariable]: key },
      {
        at: [[60_000, () => site.logins.splice(0)]],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(checks(run).filter(({ outcome }) => outcome === 401)).toHaveLength(2);
  });
});

describe('a scoped token', () => {
  it('[F3] is tried at the site once, and at the gateway for the rest of the run', async () => {
    const { site, key } = siteWith();
    const run = await operate(
      site,
      'Gate',
      { ...scoped, [numberVariable]: key },
      {
        at: [[120_000, () => site.moveTo(key, 'Implementing')]],
      },
    );
    expect(run.exitCode).toBe(0);
    const paths = run.requests.map(({ path }) => path);
    expect(paths[0]).toBe(`/rest/api/2/issue/${key}`);
    expect(paths[1]).toBe('/_edge/tenant_info');
    expect(paths.slice(2).every((path) => path.startsWith('/ex/jira/'))).toBe(true);
  });

  it('[M1] is used with links that go to the site', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Gate', { ...scoped, 'JsmChange.CustomerComments': 'True' });
    expect(run.outputs['ChangeRequest.Url']).toBe(`https://acme.atlassian.net/browse/${key}`);
    expect(run.lines.join('\n')).not.toContain('api.atlassian.com');
  });
});

describe('a supplied number', () => {
  const links = (site: SimulatedSite, key: string): readonly string[] => [
    key,
    key.toLowerCase(),
    `  ${key}\n`,
    `\u200b${key}\u00a0\ufeff`,
    `${site.baseUrl}/browse/${key}`,
    `${site.baseUrl}/browse/${key.toLowerCase()}?focusedCommentId=1#x`,
    `${site.baseUrl}/servicedesk/customer/portal/3/${key}`,
    `${site.baseUrl}/servicedesk/customer/portal/3/${key}?sda_source=notification-email`,
    `${site.baseUrl}/jira/servicedesk/projects/CHG/queues/custom/12/${key}`,
    `${site.baseUrl}/projects/CHG/queues/custom/12/${key}/`,
    `${site.baseUrl}/jira/software/projects/CHG/boards/4?selectedIssue=${key}`,
    `${site.baseUrl.replace('https:', 'HTTPS:')}/browse/${key}`,
  ];

  it.each<[string, SiteOptions]>([
    ['Cloud', {}],
    ['Data Center behind a context path', { flavour: 'dc', contextPath: '/jira' }],
  ])('[L2] is accepted as a key or as a pasted link on %s', async (_what, options) => {
    const { site, key } = siteWith(approved, options);
    for (const given of links(site, key)) {
      const run = await operate(site, 'Gate', { [numberVariable]: given });
      expect([given, run.outputs['ChangeRequest.Number'], run.exitCode]).toEqual([given, key, 0]);
      // The check, and the approvers for the ending (A3).
      expect(run.requests).toHaveLength(2);
    }
  });

  it.each([
    'https://other.atlassian.net/browse/CHG-1',
    'https://acme.atlassian.net.evil.example/browse/CHG-1',
    'https://acme.atlassian.net@evil.example/browse/CHG-1',
    'https://acme.atlassian.net:8443/browse/CHG-1',
    'https://acme.atlassian.net/browse/',
    'https://acme.atlassian.net/browse/CHG-1/edit',
    'javascript:CHG-1',
    'acme.atlassian.net/browse/CHG-1',
    'CHG-1, CHG-2',
    'CHG-1 CHG-2',
    'CHG-01',
    'CHG-1 ; rm',
    'CHG–1',
    'ＣＨＧ-1',
    '../CHG-1',
    'CHG-1?fields=summary',
    '10001',
  ])('[L2] "%s" stops every operation before any request, with an example of a key', async (given) => {
    const { site } = siteWith(approved);
    for (const operation of ['Gate', 'Verify', 'Test', 'Report'] as readonly Operation[]) {
      const run = await operate(site, operation, { [numberVariable]: given });
      expect(run.requests).toEqual([]);
      expect(run.exitCode).toBe(operation === 'Report' ? 0 : 1);
      expect(said(run)).toContain('CHG-123');
      if (operation === 'Gate') expect(run.outputs['Decision']).toBe('Stop');
    }
  });

  it('[L2] in a link with another context path is from another site', async () => {
    const { site } = siteWith(approved, { flavour: 'dc', contextPath: '/jira' });
    const run = await operate(site, 'Gate', {
      [numberVariable]: 'https://jira.acme.example/other/browse/CHG-1',
    });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
  });

  it('[L4] may be the same in the variable, its alias and the outputs', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Verify', {
      [numberVariable]: key,
      'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber': `${site.baseUrl}/browse/${key}`,
      ...earlierGate(key.toLowerCase()),
    });
    expect(run.exitCode).toBe(0);
  });

  it('[L11] of a moved change request is reported on under its new key', async () => {
    const { site, key } = siteWith(approved, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const moved = site.moveIssueToProject(key, 'OPS');
    const run = await operate(site, 'Report', {
      ...earlierGate(key),
      'JsmChange.AllowedProjects': 'OPS',
      'JsmChange.CustomerComments': 'True',
      'JsmChange.SuccessStatus': 'Completed',
    });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(run.summary.join('\n')).toContain(`[${moved}](${site.baseUrl}/browse/${moved})`);
    expect(site.issue(moved).status.name).toBe('Completed');
    expect(site.issue(moved).comments).toHaveLength(1);
  });

  it('[L11] of a change request that moves during the wait is continued under its new key', async () => {
    const { site, key } = siteWith({}, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const run = await operate(
      site,
      'Gate',
      { [numberVariable]: key, 'JsmChange.AllowedProjects': 'OPS', 'JsmChange.CustomerComments': 'True' },
      {
        at: [
          [60_000, () => site.moveIssueToProject(key, 'OPS')],
          [120_000, () => site.moveTo(key, 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'OPS-1' } });
    // The wait began once, under either key.
    expect(site.issue(key).comments).toHaveLength(2);
  });
});

describe('approvers', () => {
  it('[M4] who have approved and who have not are named, and hostile names stay text', async () => {
    const { site, key } = siteWith(
      {},
      { projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver', 'Bob Board'] } }] },
    );
    site.addAccount('eve', "[Eve](https://evil.example) ##octopus[setVariable name='eA==']");
    site.setApproval(key, {
      approvers: {
        'Ann Approver': 'approved',
        'Bob Board': 'pending',
        "[Eve](https://evil.example) ##octopus[setVariable name='eA==']": 'pending',
      },
    });
    const run = await operate(site, 'Gate', { [numberVariable]: key, 'JsmChange.WaitLimitMinutes': '1' });
    const line = run.summary.find((one) => one.includes('Still pending')) ?? '';
    expect(line).toContain('Approved by: Ann Approver.');
    expect(line).toMatch(/Bob Board/);
    expect(line).not.toMatch(/\]\(https:\/\/evil|##octopus/);
    expect(run.outputs['x']).toBeUndefined();
  });

  it('[M4] are read again if the status changes', async () => {
    const { site, key } = siteWith(
      {},
      {
        projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver'], Authorize: ['Bob Board'] } }],
      },
    );
    const run = await operate(
      site,
      'Gate',
      { [numberVariable]: key },
      {
        at: [
          [60_000, () => site.decide(key, 'Ann Approver', 'approved')],
          [120_000, () => site.moveTo(key, 'Authorize')],
          [180_000, () => site.moveTo(key, 'Implementing')],
        ],
      },
    );
    const told = run.summary.filter((line) => /pending|Approved/.test(line));
    expect(told[0]).toMatch(/Still pending: Ann Approver/);
    expect(told.at(-1)).toMatch(/Approved by: Ann Approver.*Still pending: Bob Board/);
    expect(run.requests.filter(({ path }) => path.endsWith('/approval'))).toHaveLength(4);
  });

  it.each([403, 404, 412, 500])('[M4] may be hidden by a %i without an error', async (status) => {
    const { site, key } = siteWith();
    site.faults.add({ fault: { kind: 'status', status, body: '{"errorMessage":"No"}' }, path: /\/approval/ });
    const run = await operate(
      site,
      'Gate',
      { [numberVariable]: key },
      {
        at: [[60_000, () => site.moveTo(key, 'Implementing')]],
      },
    );
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
  });
});
