import { describe, expect, it } from 'vitest';
import { checks, creations, said, siteWith } from '../app/gate-run.ts';
import { defaultPersonalAccessToken, defaultScopedToken, defaultToken } from '../sandbox/defaults.ts';
import type { Fault } from '../sandbox/fault.ts';
import { deploymentTitle, runbookRun, runbookTitle } from '../sandbox/octopus-variables.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { earlierGate, fieldVariable, numberVariable, operate } from './operation-run.ts';

const numberAlias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';

interface PolicyParts {
  readonly top?: string;
  readonly connection?: string;
  readonly project?: string;
  readonly projects?: string;
  readonly environments?: string;
}

/** The variables for a policy; the parameters that it replaces are empty. */
function policy(site: Pick<SimulatedSite, 'baseUrl'>, parts: PolicyParts = {}): Record<string, string> {
  const text = [
    'version: 1',
    parts.top ?? '',
    'connections:',
    '  - name: Acme Cloud',
    `    baseUrl: ${site.baseUrl}`,
    parts.connection ?? '    username: octopus@acme.example\n    tokenVariable: JsmChange.Token[Acme]',
    'projects:',
    parts.projects ??
      `  - name: Web Site\n    connection: Acme Cloud\n    serviceProject: CHG\n${parts.project ?? ''}`,
    'environments:',
    parts.environments ?? '  - name: Production',
    '',
  ].join('\n');
  return {
    'JsmChange.Policy': text,
    'JsmChange.Token[Acme]': defaultToken,
    'JsmChange.BaseUrl': '',
    'JsmChange.Username': '',
    'JsmChange.Token': '',
    'JsmChange.ServiceProject': '',
  };
}

const approved = { status: 'Implementing' };

describe('a policy', () => {
  it('[Y1] overrides the parameters from BaseUrl to ApprovalCheck, even invalid ones', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Gate', {
      ...policy(site),
      'JsmChange.BaseUrl': 'nowhere',
      'JsmChange.ServiceProject': '#{Unresolved}',
      'JsmChange.ProjectChangeControlled': 'perhaps',
      'JsmChange.EnvironmentChangeControlled': 'False',
      'JsmChange.CustomerComments': 'True',
      'JsmChange.ProceedStatuses': 'Review',
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key } });
    expect(site.issue(key).comments).toEqual([]);
  });

  it.each<[string, PolicyParts, Partial<ConstructorParameters<typeof SimulatedSite>[0]>, RegExp]>([
    [
      'a login',
      {},
      { captcha: false },
      /username in the policy .*, and JsmChange\.Token\[Acme\] an API token/,
    ],
    [
      'a planned field',
      { top: 'plannedStart: Nowhere' },
      {},
      /named in plannedStart in the policy, plannedEnd in the policy or/,
    ],
    [
      'a planned date',
      {},
      {},
      /name another field in plannedStart in the policy or plannedEnd in the policy\./,
    ],
    ['a request type', { project: '    requestType: None' }, {}, /Set requestType in the policy to/],
    ['a project', { project: '' }, { projects: [{ key: 'NEW' }] }, /Check serviceProject in the policy/],
  ])(
    '[M2] reports %s that is wrong by its place in the policy, not by a parameter',
    async (what, parts, over, words) => {
      const site = new SimulatedSite(over);
      const fields = what === 'a planned date' ? { 'Planned start': 'soon' } : {};
      if (what.startsWith('a planned'))
        site.createRequest({ summary: deploymentTitle, fields, lagged: false });
      const token = what === 'a login' ? 'another-token-000' : defaultToken;
      const run = await operate(site, 'Gate', { ...policy(site, parts), 'JsmChange.Token[Acme]': token });
      expect(run.exitCode).toBe(1);
      expect(run.resultMessage).toMatch(words);
      expect(said(run)).not.toMatch(/JsmChange\.(?!Token\[)/);
    },
  );

  it('[M2] names the variable of its secret if that is wrong', async () => {
    const site = new SimulatedSite();
    const parts = { connection: '    username: octopus@acme.example\n    tokenVariable: JsmChange.Token' };
    const run = await operate(site, 'Gate', policy(site, parts));
    expect(run.resultMessage).toMatch(/Jira token \(JsmChange\.Token\) is empty; the policy's connection/);
  });

  it('[X3] rejects the token of another connection in a field, and hides it', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...policy(site),
      'JsmChange.Token[Other site]': 'token-of-elsewhere',
      [fieldVariable('description')]: 'Log in with token-of-elsewhere',
      'JsmChange.PollIntervalSeconds': 'token-of-elsewhere',
    });
    expect(run.resultMessage).toMatch(/Field\[description\] contains a token of a JSM account/);
    expect(run.resultMessage).toMatch(/is "\*{8}"/);
    expect(run.lines.join('\n')).not.toMatch(/token-of-elsewhere/);
    expect(run.requests).toEqual([]);
  });

  it('[S1] requires no approval for a project that is not change controlled, and no other entry', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...policy(site, {
        projects: '  - name: Web Site\n    changeControlled: false',
        environments: '  - name: Other',
      }),
      'JsmChange.Token[Acme]': '',
    });
    expect(run).toMatchObject({
      exitCode: 0,
      requests: [],
      warnings: [],
      outputs: { Decision: 'NotRequired' },
    });
  });

  it('[S1] requires no approval for an environment that is not change controlled', async () => {
    const site = new SimulatedSite();
    const run = await operate(
      site,
      'Gate',
      policy(site, { environments: '  - name: "*"\n  - name: production\n    changeControlled: false' }),
    );
    expect(run).toMatchObject({
      exitCode: 0,
      requests: [],
      warnings: [],
      outputs: { Decision: 'NotRequired' },
    });
  });

  it.each([
    ['project', { 'Octopus.Project.Name': 'Intranet' }],
    ['environment', { 'Octopus.Environment.Name': 'Staging' }],
  ])('[Y3] lets an unlisted %s proceed with a highlighted warning, or stops', async (what, variables) => {
    const site = new SimulatedSite();
    const warned = await operate(site, 'Gate', { ...policy(site), ...variables });
    expect(warned).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
    expect(warned.warnings.join()).toMatch(new RegExp(`has no entry for the ${what}`));
    const stopped = await operate(site, 'Gate', { ...policy(site, { top: 'unlisted: stop' }), ...variables });
    expect(stopped).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Stop' } });
    expect(stopped.resultMessage).toMatch(new RegExp(`the ${what}`));
  });

  it('[Y4] compares names trimmed and without case, and an exact name beats "*" and inherits nothing from it', async () => {
    const { site, key } = siteWith(
      { ...approved, project: 'OPS' },
      { projects: [{ key: 'CHG' }, { key: 'OPS' }] },
    );
    const run = await operate(site, 'Gate', {
      ...policy(site, {
        projects: `  - { name: "*", connection: Acme Cloud, serviceProject: CHG, preApproved: true }
  - { name: " WEB site ", connection: acme cloud, serviceProject: ops }`,
        environments: '  - name: PRODUCTION',
      }),
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
    const preApproved = await operate(site, 'Gate', {
      ...policy(site, {
        projects: `  - { name: "*", connection: Acme Cloud, serviceProject: CHG, preApproved: true }
  - { name: Web Site, connection: Acme Cloud, serviceProject: OPS }`,
      }),
      'JsmChange.ApproveTransition': '61',
    });
    expect(preApproved).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
  });

  it.each(['Gate', 'Verify'] as const)(
    '[S3] that is switched off allows %s with a warning',
    async (operation) => {
      const site = new SimulatedSite();
      const run = await operate(site, operation, {
        ...policy(site, { top: 'enabled: false' }),
        'Octopus.Project.Name': '',
        'JsmChange.Token[Acme]': '',
      });
      expect(run).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
      expect(run.warnings.join()).toMatch(/enabled: false/);
    },
  );

  it.each(['Gate', 'Verify', 'Report', 'Test'] as const)(
    '[S4] reports all its problems together, with their lines, in %s',
    async (operation) => {
      const site = new SimulatedSite();
      const broken = policy(site, {
        top: 'enabeld: true',
        project: '    requestTyp: X\n    preApproved: maybe',
        environments: '  - name: Production\n  - name: production',
      });
      const text = (broken['JsmChange.Policy'] ?? '').replace(
        'connection: Acme Cloud',
        'connection: Acme Clod',
      );
      const run = await operate(site, operation, { ...broken, 'JsmChange.Policy': text });
      expect(run.requests).toEqual([]);
      expect(run.exitCode).toBe(operation === 'Report' ? 0 : 1);
      if (operation === 'Gate' || operation === 'Verify') expect(run.outputs['Decision']).toBe('Error');
      const told = said(run);
      for (const problem of [
        /line 2, column 1.*enabeld.*enabled/,
        /line 10.*Acme Clod.*Acme Cloud/,
        /line 12.*requestTyp.*requestType/,
        /line 13.*preApproved.*true or false/,
        /line 16.*Duplicate name.*production/i,
      ]) {
        expect(told).toMatch(problem);
      }
    },
  );

  it('[Y2] rejects an empty proceed list', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', policy(site, { top: 'states: { proceed: [] }' }));
    expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Error' } });
  });

  it.each(['Gate', 'Verify', 'Test'] as const)(
    '[I6] rejects an empty project name in %s',
    async (operation) => {
      const site = new SimulatedSite();
      const run = await operate(site, operation, { ...policy(site), 'Octopus.Project.Name': ' ' });
      expect(run).toMatchObject({ exitCode: 1, requests: [] });
      if (operation !== 'Test') expect(run.outputs['Decision']).toBe('Error');
      expect(run.resultMessage).toContain('Octopus.Project.Name');
    },
  );

  it('[Y5] accepts names that contain #{', async () => {
    const { site } = siteWith({ ...approved, summary: deploymentTitle.replace('Web Site', 'Web #{x}') });
    const run = await operate(site, 'Gate', {
      ...policy(site, { projects: '  - { name: "Web #{x}", connection: Acme Cloud, serviceProject: CHG }' }),
      'Octopus.Project.Name': 'Web #{x}',
    });
    expect(run.exitCode).toBe(0);
  });
});

describe("a policy's settings for change requests", () => {
  it('[T4] states replaces the status lists, and may move a status between them', async () => {
    const { site, key } = siteWith({ status: 'Authorize' });
    const states = 'states: { proceed: [authorize, " Awaiting  implementation "], wait: [Pending] }';
    const run = await operate(site, 'Gate', policy(site, { top: states }));
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Status': 'Authorize' } });
    site.moveTo(key, 'Implementing');
    const stopped = await operate(site, 'Gate', { ...policy(site, { top: states }), [numberVariable]: key });
    expect(stopped).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    site.moveTo(key, 'Pending');
    const waiting = await operate(site, 'Gate', {
      ...policy(site, { top: states }),
      [numberVariable]: key,
      'JsmChange.WaitLimitMinutes': '1',
    });
    expect(waiting.outputs['Decision']).toBe('TimedOut');
  });

  it('[T4] [Y2] states removes a status from the defaults of the other list', async () => {
    const { site, key } = siteWith({ status: 'Planning' });
    const states = { top: 'states: { proceed: [Planning] }' };
    expect((await operate(site, 'Gate', policy(site, states))).exitCode).toBe(0);
    site.moveTo(key, 'Implementing');
    expect((await operate(site, 'Gate', { ...policy(site, states), [numberVariable]: key })).exitCode).toBe(
      1,
    );
    site.moveTo(key, 'Review');
    const waiting = await operate(site, 'Gate', {
      ...policy(site, states),
      [numberVariable]: key,
      'JsmChange.WhenPending': 'Fail',
    });
    expect(waiting.resultMessage).toMatch(/not ready/);
  });

  it('[L14] issueTypes neither matches nor accepts another type', async () => {
    const { site, key } = siteWith({ ...approved, issueType: '[System] Service request' });
    const types = { top: 'issueTypes: ["[system] change"]' };
    const accepted = await operate(site, 'Gate', { ...policy(site, types), [numberVariable]: key });
    expect(accepted).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(accepted.resultMessage).toContain('Service request');
    const matched = await operate(site, 'Gate', { ...policy(site, types), 'JsmChange.WhenPending': 'Fail' });
    expect(matched.outputs).toMatchObject({ 'ChangeRequest.Source': 'Created' });
    expect(matched.outputs['ChangeRequest.Number']).not.toBe(key);
  });

  it('[L14] issueTypes accepts an id', async () => {
    const { site } = siteWith(approved);
    const run = await operate(site, 'Gate', policy(site, { top: 'issueTypes: ["10005"]' }));
    expect(run.exitCode).toBe(0);
  });

  it('[L4] allowedProjects accepts a supplied change request from there, but matches none by title', async () => {
    const { site, key } = siteWith(
      { ...approved, project: 'OPS' },
      { projects: [{ key: 'CHG' }, { key: 'OPS' }] },
    );
    const allowed = policy(site, { top: 'allowedProjects: [ops]' });
    const run = await operate(site, 'Gate', { ...allowed, [numberVariable]: key });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Source': 'Supplied' } });
    const refused = await operate(site, 'Gate', { ...policy(site), [numberVariable]: key });
    expect(refused).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    const byTitle = await operate(site, 'Gate', { ...allowed, 'JsmChange.WhenPending': 'Fail' });
    expect(byTitle.outputs['ChangeRequest.Source']).toBe('Created');
  });

  it('[W13] requirePlannedEnd stops an approved change request without Planned end, but not a pending one', async () => {
    const { site, key } = siteWith({ status: 'Planning' });
    const strict = policy(site, { top: 'requirePlannedEnd: true' });
    const run = await operate(site, 'Gate', strict, {
      at: [[60_000, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.endedAtMs).toBeGreaterThan(60_000);
    expect(run.resultMessage).toMatch(/no Planned end.*Set Planned end/s);
    site.setField(key, 'Planned end', site.dateIn(3_600_000));
    expect((await operate(site, 'Gate', strict)).exitCode).toBe(0);
  });

  it('[W12] plannedStart and plannedEnd name fields that must exist', async () => {
    const { site, key } = siteWith(approved, { dateFields: 'both' });
    site.setField(key, 'Change start date', site.dateIn(3_600_000));
    const named = policy(site, { top: 'plannedStart: Change start date\nplannedEnd: customfield_10009' });
    const run = await operate(site, 'Gate', { ...named, 'JsmChange.WhenPending': 'Fail' });
    expect(run.resultMessage).toMatch(/Planned start 2026-06-13T09:00:00Z/);
    const missing = await operate(site, 'Gate', policy(site, { top: 'plannedEnd: Finish' }));
    expect(missing).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(missing.resultMessage).toContain('Finish');
  });

  it('requestType accepts a name or an id, and serviceProject any case', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...policy(site, {
        projects: '  - { name: Web Site, connection: Acme Cloud, serviceProject: chg, requestType: 25 }',
      }),
      'JsmChange.WhenPending': 'Fail',
    });
    expect(creations(run)).toHaveLength(1);
    expect(JSON.parse(creations(run)[0]?.body ?? '{}')).toMatchObject({ requestTypeId: '25' });
  });

  it('[V3] customerComments turns comments on', async () => {
    const { site, key } = siteWith(approved);
    await operate(site, 'Gate', policy(site, { top: 'customerComments: true' }));
    await operate(site, 'Report', {
      ...policy(site, { top: 'customerComments: true' }),
      ...earlierGate(key),
    });
    expect(site.issue(key).comments).toHaveLength(2);
  });
});

describe('the secret of a connection', () => {
  const secret = 'p0licy/secret+with=signs&more';
  const forms = (username: string): readonly string[] => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`${username}:${secret}`).toString('base64'),
  ];

  it('[X3] comes from tokenVariable, and its forms are masked before the first request and never shown', async () => {
    const username = 'octopus@acme.example';
    const site = new SimulatedSite({ logins: [{ kind: 'basic', username, secret }] });
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    const run = await operate(site, 'Gate', {
      ...policy(site, { top: 'customerComments: true' }),
      'JsmChange.Token[Acme]': secret,
      'Octopus.Deployment.Comments': secret,
    });
    expect(run.exitCode).toBe(0);
    const [, ...others] = forms(username);
    for (const form of others) expect(run.masked).toContain(form);
    expect(run.masked).not.toContain(secret);
    const shown = [
      said(run),
      ...Object.values(run.outputs),
      ...site.issue(key).comments.map(({ body }) => body),
    ];
    for (const form of forms(username)) expect(shown.join('\n')).not.toContain(form);
  });

  it('[X3] is not shown in any error, even if it is not sensitive or invalid', async () => {
    const site = new SimulatedSite();
    for (const variables of [
      { 'JsmChange.Token[Acme]': secret },
      {
        'JsmChange.Token[Acme]': secret,
        [fieldVariable(`Impact ${secret}`)]: 'x',
        'JsmChange.PollIntervalSeconds': secret,
      },
      { 'JsmChange.Token[Acme]': `${secret}\nx` },
    ]) {
      const run = await operate(site, 'Gate', { ...policy(site), ...variables });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect([said(run), run.resultMessage, ...Object.values(run.outputs)].join('\n')).not.toContain(secret);
    }
  });

  it('is reported by its variable if it is empty', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', { ...policy(site), 'JsmChange.Token[Acme]': ' ' });
    expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/JsmChange\.Token\[Acme\].*empty.*Acme Cloud/);
  });

  it('may be a personal access token without a user name, and is checked as such', async () => {
    const site = new SimulatedSite({ flavour: 'dc' });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    const pat = policy(site, { connection: '    tokenVariable: JsmChange.Token[Acme]' });
    const run = await operate(site, 'Gate', {
      ...pat,
      'JsmChange.Token[Acme]': ` ${defaultPersonalAccessToken} `,
    });
    expect(run.exitCode).toBe(0);
    const odd = await operate(site, 'Gate', { ...pat, 'JsmChange.Token[Acme]': 'tökén-12345' });
    expect(odd).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Error' } });
    expect(odd.resultMessage).toContain('JsmChange.Token[Acme]');
  });

  it('[F3] may be a scoped token that works through the gateway, and links go to the site', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Gate', { ...policy(site), 'JsmChange.Token[Acme]': defaultScopedToken });
    expect(run.exitCode).toBe(0);
    expect(checks(run)[0]?.path).toMatch(/^\/ex\/jira\//);
    expect(run.outputs['ChangeRequest.Url']).toBe(`https://acme.atlassian.net/browse/${key}`);
  });

  it.each<[string, Fault]>([
    ['a reset', { kind: 'reset' }],
    ['a 503', { kind: 'status', status: 503 }],
    ['a 429', { kind: 'status', status: 429, retryAfterSeconds: 2 }],
    ['a time-out', { kind: 'hang' }],
  ])('[F1] may be a scoped token whose gateway is found after %s', async (_what, fault) => {
    const { site } = siteWith(approved);
    site.faults.add({ path: /tenant_info/, fault, at: 1 });
    const run = await operate(site, 'Gate', { ...policy(site), 'JsmChange.Token[Acme]': defaultScopedToken });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed' });
  });

  it('is reported together with all other problems', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...policy(site),
      'JsmChange.Token[Acme]': '',
      'JsmChange.PollIntervalSeconds': '0',
      'JsmChange.ApproveTransition': 'Implementing',
      'Octopus.Release.Number': '',
    });
    expect(run.requests).toEqual([]);
    for (const name of [
      'JsmChange.Token[Acme]',
      'JsmChange.PollIntervalSeconds',
      'JsmChange.ApproveTransition',
      'Octopus.Release.Number',
    ]) {
      expect(run.resultMessage).toContain(name);
    }
  });
});

describe('an unusable policy', () => {
  it.each<[string, Record<string, string>, string]>([
    ['that is only an expression', { 'JsmChange.Policy': '#{Change.Policy}' }, '#{Change.Policy}'],
    [
      'that lacks a name to decide by',
      { 'Octopus.Environment.Name': '' },
      'Octopus.Environment.Name is empty',
    ],
  ])('[I3] %s is reported together with all other problems', async (_what, variables, message) => {
    const site = new SimulatedSite();
    const bad = { 'JsmChange.PollIntervalSeconds': 'abc', 'JsmChange.Operation': 'Gatte' };
    const run = await operate(site, 'Gate', { ...policy(site), ...variables, ...bad });
    expect(run.resultMessage?.split(message)).toHaveLength(2);
    for (const name of Object.keys(bad)) expect(run.resultMessage).toContain(name);
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'InputInvalid' } });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a number', { [numberVariable]: 'hello' }, 'hello'],
    ['two numbers', { [numberVariable]: 'CHG-1', [numberAlias]: 'CHG-2' }, 'Different change requests'],
    ['a title', { [fieldVariable('summary')]: 'x'.repeat(300) }, 'Field[summary]'],
    ['an empty name', { 'Octopus.Environment.Name': '' }, 'Octopus.Environment.Name'],
    ['a runbook without a name', { 'Octopus.Runbook.Id': 'Runbooks-7' }, 'Octopus.Runbook.Name'],
    ['a run that cannot be parked', { 'Octopus.Deployment.Id': '' }, 'Octopus.Deployment.Id'],
    ['a Node that traces', { NODE_DEBUG: 'http' }, 'NODE_DEBUG'],
  ])('[I3] that is invalid is reported together with %s', async (_what, variables, named) => {
    const run = await operate(new SimulatedSite(), 'Request', {
      'JsmChange.Policy': 'version: 2',
      ...variables,
    });
    expect(run.resultMessage).toContain('version: Expected 1');
    expect(run.resultMessage).toContain(named);
    expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { DecisionCode: 'InputInvalid' } });
  });

  it('[I3] that is invalid is reported without a link, which only a known site explains', async () => {
    const link = 'https://acme.atlassian.net/browse/CHG-1';
    const run = await operate(new SimulatedSite(), 'Gate', {
      'JsmChange.Policy': 'version: 2',
      [numberVariable]: link,
    });
    expect(run.resultMessage).not.toContain('CHG-1');
    expect(run.outputs).not.toHaveProperty(['ChangeRequest.Number']);
  });
});

describe('a runbook run', () => {
  const listed = (runbooks: string): PolicyParts => ({ project: `    runbooks: ${runbooks}` });

  it('[S2] is not change controlled by default', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...policy(site),
      ...runbookRun,
      'JsmChange.RunbookChangeControlled': 'True',
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
  });

  it.each(['[rotate CERTIFICATES]', '[Other, " Rotate certificates "]', '"*"', '["*"]'])(
    '[S2] is change controlled if the project lists %s',
    async (runbooks) => {
      const { site, key } = siteWith({ ...approved, summary: runbookTitle });
      const run = await operate(site, 'Gate', { ...policy(site, listed(runbooks)), ...runbookRun });
      expect(run).toMatchObject({
        exitCode: 0,
        outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key },
      });
    },
  );

  it('[S2] is not change controlled if another runbook is listed', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', { ...policy(site, listed('[Other]')), ...runbookRun });
    expect(run).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
  });

  it('[L6] [C1] raises a change request with its own title, names and links, and without a release', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...policy(site, listed('"*"')),
      ...runbookRun,
      'Octopus.Deployment.CreatedBy.DisplayName': '',
      'Octopus.Deployment.CreatedBy.Username': '',
      'Octopus.Deployment.CreatedBy.EmailAddress': '',
      'Octopus.Task.Id': '',
      'JsmChange.WhenPending': 'Fail',
    });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', 'ChangeRequest.Source': 'Created' });
    const { values } = site.issue('CHG-1');
    expect(values.get('summary')).toBe(runbookTitle);
    const lines = String(values.get('description')).split('\n');
    expect(lines[0]).toMatch(/runbook run/);
    expect(lines).toContain('Runbook: Rotate certificates');
    expect(lines).toContain('Snapshot: Snapshot 4');
    expect(lines).toContain('Link: https://octopus.acme.example/app#/Spaces-1/runbookRuns/RunbookRuns-88');
    expect(lines.join('\n')).not.toMatch(/Release|Requested by/);
    expect(lines.at(-1)).toBe('Octopus run: https://octopus.acme.example Spaces-1 RunbookRuns-88');
  });

  it('[L6] is reported if its runbook has no name', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Gate', {
      ...runbookRun,
      'JsmChange.RunbookChangeControlled': 'True',
      'Octopus.Runbook.Name': '',
    });
    expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toContain('Octopus.Runbook.Name');
  });

  it('[C1] [L9] continues with its own change request in a retry, and another run with the same open one', async () => {
    const site = new SimulatedSite();
    const variables = {
      ...runbookRun,
      'JsmChange.RunbookChangeControlled': 'True',
      'JsmChange.WhenPending': 'Fail',
    };
    for (const id of ['RunbookRuns-88', 'RunbookRuns-88', 'RunbookRuns-89']) {
      await operate(site, 'Gate', { ...variables, 'Octopus.RunbookRun.Id': id });
    }
    expect(site.issues()).toHaveLength(1);
    site.moveTo('CHG-1', 'Declined');
    const own = await operate(site, 'Gate', variables);
    expect(own).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(own.resultMessage).toContain('CHG-1');
    expect(site.issues()).toHaveLength(1);
    await operate(site, 'Gate', { ...variables, 'Octopus.RunbookRun.Id': 'RunbookRuns-90' });
    expect(site.issues()).toHaveLength(2);
  });
});
