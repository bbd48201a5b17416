import { describe, expect, it } from 'vitest';
import { writes } from '../app/gate-run.ts';
import { runbookRun } from '../sandbox/octopus-variables.ts';
import { changeForm, requestTypesWithForm } from '../sandbox/project.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import {
  decidedNothing,
  earlierGate,
  fieldVariable,
  numberVariable,
  operate,
  requestsTo,
} from './operation-run.ts';

type SiteOptions = ConstructorParameters<typeof SimulatedSite>[0];

/** The result of each line, by name. */
function checks(run: SimulatedRun): Readonly<Record<string, string>> {
  return Object.fromEntries(
    run.said.flatMap(({ line }) => {
      const [, result, name] = /^(pass|warning|fail) +([^:]+):/.exec(line) ?? [];
      return result === undefined || name === undefined ? [] : [[name, result]];
    }),
  );
}

function lineOf(run: SimulatedRun, name: string): string {
  return run.said.find(({ line }) => new RegExp(`^\\w+ +${name}:`).test(line))?.line ?? '';
}

const allChecks = [
  'reachable',
  'clock',
  'kind of site',
  'login',
  'service project',
  'request type',
  'required fields',
  'planned fields',
  'may browse',
  'may create',
  'may edit',
  'may comment',
  'may transition',
  'statuses',
  'approvers',
];

/** A site where somebody was asked to approve what the account raised earlier. */
function siteInUse(options: SiteOptions = {}): SimulatedSite {
  const site = new SimulatedSite(options);
  const { key } = site.createRequest({ summary: 'Earlier', reporter: site.octopus });
  site.setApproval(key, { approvers: { 'Ann Approver': 'pending' } });
  return site;
}

function policyFor(site: SimulatedSite, more = ''): string {
  return `version: 1
connections: [{ name: Acme, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects:
  - { name: Web Site, connection: Acme, serviceProject: CHG }
  - { name: Intranet, changeControlled: false }
environments: [{ name: Staging }]
${more}
`;
}

describe('test', () => {
  it.each<[string, SiteOptions, string]>([
    ['Cloud', {}, 'Jira Cloud'],
    [
      'Data Center behind a context path',
      { flavour: 'dc', contextPath: '/jira' },
      'Jira Data Center 10.3.24',
    ],
  ])(
    '[V4] of a good configuration on %s passes with a line for each thing tested',
    async (_what, options, kind) => {
      const site = siteInUse(options);
      const run = await operate(site, 'Test');
      expect(run).toMatchObject({ exitCode: 0, resultMessage: undefined, warnings: [] });
      expect(checks(run)).toEqual(Object.fromEntries(allChecks.map((name) => [name, 'pass'])));
      expect(lineOf(run, 'kind of site')).toContain(kind);
      expect(lineOf(run, 'login')).toContain('Octopus Deploy');
      expect(lineOf(run, 'planned fields')).toContain('customfield_10041');
      expect(writes(run)).toEqual([]);
      expect(site.issues()).toHaveLength(1);
    },
  );

  it('[V4] sets no decision, and says in the Task Summary that it gated nothing', async () => {
    const run = await operate(new SimulatedSite(), 'Test');
    expect(decidedNothing(run)).toBe(true);
    expect(run.outputs).toEqual({});
    expect(run.summary.at(-1)).toMatch(/gated nothing/);
  });

  it('[V4] can be run from a runbook, regardless of what is change controlled', async () => {
    const run = await operate(new SimulatedSite(), 'Test', {
      ...runbookRun,
      'JsmChange.ProjectChangeControlled': 'False',
      'JsmChange.EnvironmentChangeControlled': 'False',
    });
    expect(run.exitCode).toBe(0);
    expect(Object.keys(checks(run))).toEqual(allChecks);
  });

  it.each(['', '\nversion: 2'])(
    '[V4] [I6] needs the name of the project if a policy decides by it',
    async (invalid) => {
      const run = await operate(siteInUse(), 'Test', {
        'JsmChange.Policy': `${policyFor(siteInUse(), 'enabled: false')}${invalid}`,
        'Octopus.Project.Name': '',
        'Octopus.Environment.Name': '',
      });
      expect(run).toMatchObject({ exitCode: 1, requests: [] });
      expect(run.resultMessage).toContain('Octopus.Project.Name is empty');
      expect(run.resultMessage).not.toContain('Octopus.Environment.Name');
    },
  );

  it('[M2] names a place in the policy, and not what it would be without one', async () => {
    const site = siteInUse({ dateFields: 'none' });
    const run = await operate(site, 'Test', { 'JsmChange.Policy': policyFor(site) });
    expect(lineOf(run, 'planned fields')).toMatch(
      /set plannedStart in the policy or plannedEnd in the policy\.$/,
    );
  });

  it('[V4] needs none of the variables that Octopus sets', async () => {
    const run = await operate(siteInUse(), 'Test', {
      'Octopus.Project.Name': '',
      'Octopus.Environment.Name': '',
      'Octopus.Release.Number': '',
    });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
  });

  const misconfigured: readonly [
    what: string,
    failing: string,
    variables: Record<string, string>,
    options: SiteOptions,
    says: RegExp,
  ][] = [
    ['a wrong token on Cloud', 'login', { 'JsmChange.Token': 'wrong-token' }, {}, /email.*API token/],
    [
      'a wrong password on Data Center',
      'login',
      { 'JsmChange.Token': 'wrong-token' },
      { flavour: 'dc' },
      /user name on Data Center/,
    ],
    [
      'a wrong personal access token',
      'login',
      { 'JsmChange.Username': '', 'JsmChange.Token': 'wrong-token' },
      { flavour: 'dc' },
      /personal access token/,
    ],
    ['a CAPTCHA', 'login', {}, { flavour: 'dc', captcha: true }, /CAPTCHA/],
    ['Basic switched off', 'login', {}, { flavour: 'dc', basicDisabled: true }, /personal access token/],
    ['a login page', 'reachable', {}, { frontDoor: 'login-page' }, /web page/],
    ['a single sign-on', 'reachable', {}, { frontDoor: 'redirect' }, /redirect/],
    [
      'a lost context path',
      'reachable',
      { 'JsmChange.BaseUrl': 'https://jira.acme.example' },
      { flavour: 'dc', contextPath: '/jira' },
      /context path/,
    ],
    [
      'a wrong service project',
      'service project',
      { 'JsmChange.ServiceProject': 'CHNG' },
      {},
      /Visible projects: CHG/,
    ],
    [
      'a wrong request type',
      'request type',
      { 'JsmChange.RequestType': 'Raise change' },
      {},
      /Request a change \(25\)/,
    ],
    ['an unknown field', 'required fields', { [fieldVariable('Change tpye')]: 'Normal' }, {}, /Change type/],
    [
      'a value that a field does not take',
      'required fields',
      { [fieldVariable('Affected users')]: 'many' },
      {},
      /a number/,
    ],
    [
      'a planned field that is not there',
      'planned fields',
      { 'JsmChange.PlannedStartField': 'Planed start' },
      {},
      /no field "Planed start"; similar names: Planned start/,
    ],
    [
      'a planned field that holds no time',
      'planned fields',
      { 'JsmChange.PlannedEndField': 'Backout plan' },
      {},
      /must be a date-time field/,
    ],
    [
      'no status to proceed in',
      'statuses',
      { 'JsmChange.ProceedStatuses': 'Implementng' },
      {},
      /similar names: Implementing/,
    ],
    ['no permission to browse', 'may browse', {}, { permissions: { browse: false } }, /access/],
    ['no permission to create', 'may create', {}, { permissions: { create: false } }, /Create issues/],
    [
      'no permission to comment',
      'may comment',
      { 'JsmChange.CustomerComments': 'True' },
      { permissions: { comment: false } },
      /Add comments/,
    ],
    [
      'no permission to transition',
      'may transition',
      { 'JsmChange.FailureStatus': 'Failed' },
      { permissions: { transition: false } },
      /Transition issues/,
    ],
    [
      'no permission to transition for ApproveTransition',
      'may transition',
      { 'JsmChange.ApproveTransition': '61' },
      { permissions: { transition: false } },
      /Transition issues/,
    ],
    ['no time at all', 'clock', {}, { dateHeader: 'none', serverTime: 'none' }, /Date/],
    ['a number that is not there', 'change request', { [numberVariable]: 'CHG-7' }, {}, /does not exist/],
  ];

  it.each(misconfigured)(
    '[V4] reports %s as a failed line "%s"',
    async (_what, failing, variables, options, says) => {
      const site = new SimulatedSite(options);
      const run = await operate(site, 'Test', variables);
      expect(run.exitCode).toBe(1);
      const failed = Object.entries(checks(run)).flatMap(([name, result]) =>
        result === 'fail' ? [name] : [],
      );
      expect(failed).toEqual([failing]);
      expect(lineOf(run, failing)).toMatch(says);
      expect(run.resultMessage).toMatch(says);
      expect(run.summary.join('\n')).toMatch(/gated nothing/);
      expect(writes(run)).toEqual([]);
      expect(site.issues()).toEqual([]);
    },
  );

  it('[V4] only warns of a missing transition permission if no status is to be changed', async () => {
    const site = new SimulatedSite({ permissions: { transition: false } });
    const run = await operate(site, 'Test');
    expect(run.exitCode).toBe(0);
    expect(checks(run)).toMatchObject({ 'may transition': 'warning' });
  });

  it('[V4] does not read the statuses if the account cannot browse', async () => {
    const site = new SimulatedSite({ permissions: { browse: false } });
    const run = await operate(site, 'Test');
    expect(checks(run)).toMatchObject({ 'may browse': 'fail' });
    expect(checks(run)).not.toHaveProperty('statuses');
    expect(requestsTo(run, 'GET', /\/statuses$/)).toEqual([]);
  });

  it('[V4] [X5] searches for the planned fields by name if the list of all fields is too large', async () => {
    const site = siteInUse();
    site.faults.add({ fault: { kind: 'oversized' }, path: /\/field$/ });
    const run = await operate(site, 'Test', {
      'JsmChange.PlannedStartField': 'Updated',
      'JsmChange.PlannedEndField': 'Resolved',
    });
    expect(lineOf(run, 'planned fields')).toMatch(/^pass/);
  });

  it('[V4] names required fields that nothing covers', async () => {
    const form = [
      ...changeForm,
      { fieldId: 'customfield_10004', required: true },
      { fieldId: 'customfield_10054', required: true },
    ];
    const site = new SimulatedSite({ projects: [{ key: 'CHG', requestTypes: requestTypesWithForm(form) }] });
    const run = await operate(site, 'Test');
    expect(run.exitCode).toBe(1);
    expect(lineOf(run, 'required fields')).toMatch(/^fail.*Impact \(customfield_10004\), Backout plan/);
    const covered = await operate(site, 'Test', {
      [fieldVariable('impact')]: 'minor',
      [fieldVariable('customfield_10054')]: 'Deploy 1.0.0 again',
    });
    expect(covered.exitCode).toBe(0);
  });

  it.each<[string, string, Record<string, string>, SiteOptions, RegExp]>([
    ['a clock that is off', 'clock', {}, { startMs: Date.UTC(2026, 5, 13, 8) }, /3600 s (ahead of|behind)/],
    [
      'a status that no workflow has',
      'statuses',
      { 'JsmChange.SuccessStatus': 'Compleeted' },
      {},
      /Compleeted; similar names: Completed/,
    ],
    [
      'a wait status that no workflow has',
      'statuses',
      { 'JsmChange.WaitStatuses': 'Planing' },
      {},
      /Planing; similar names: Planning/,
    ],
    [
      'a request type whose workflow has no status that proceeds',
      'statuses',
      {},
      {
        projects: [
          {
            key: 'CHG',
            issueTypes: [
              { id: '10005', name: '[System] Change', statuses: ['Review', 'Completed'] },
              { id: '10006', name: '[System] Service request' },
            ],
          },
        ],
      },
      /the request type has none of these statuses: Implementing/,
    ],
    [
      'statuses that the site does not list',
      'statuses',
      {},
      { faults: [{ fault: { kind: 'status', status: 404 }, path: /\/statuses$/ }] },
      /404/,
    ],
    [
      'a permission that Jira does not show',
      'may create',
      {},
      {
        faults: [
          {
            fault: {
              kind: 'status',
              status: 200,
              body: JSON.stringify({ permissions: { BROWSE_PROJECTS: { havePermission: true } } }),
            },
            path: /\/mypermissions\?/,
          },
        ],
      },
      /does not show/,
    ],
    ['a field that the form lacks', 'required fields', { [fieldVariable('Impact')]: 'Minor' }, {}, /Impact/],
    ['a missing edit permission', 'may edit', {}, { permissions: { edit: false } }, /Edit issues/],
    [
      'a missing comment permission if no comment is written',
      'may comment',
      {},
      { permissions: { comment: false } },
      /Add comments/,
    ],
  ])('[V4] warns of %s, and passes', async (_what, name, variables, options, says) => {
    const site = new SimulatedSite(options);
    const worker = { offsetMs: name === 'clock' ? -3_600_000 : 0 };
    const run = await operate(site, 'Test', variables, { worker });
    expect(run).toMatchObject({ exitCode: 0, resultMessage: undefined });
    expect(checks(run)).toMatchObject({ [name]: 'warning' });
    expect(lineOf(run, name)).toMatch(says);
  });

  it('[V4] passes with the older names of the planned fields', async () => {
    const run = await operate(new SimulatedSite({ dateFields: 'older' }), 'Test');
    expect(checks(run)).toMatchObject({ 'planned fields': 'pass' });
    expect(lineOf(run, 'planned fields')).toContain('Change start date (customfield_10008)');
  });

  it('[V4] warns of a form without a description', async () => {
    const form = changeForm.filter(({ fieldId }) => fieldId !== 'description');
    const site = new SimulatedSite({ projects: [{ key: 'CHG', requestTypes: requestTypesWithForm(form) }] });
    const run = await operate(site, 'Test');
    expect(run.exitCode).toBe(0);
    expect(lineOf(run, 'required fields')).toMatch(/^warning.*description/);
  });

  it('[V4] [L4] fails for a supplied number in a project that is not allowed', async () => {
    const site = new SimulatedSite({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const { key } = site.createRequest({ project: 'OPS', summary: 'Any' });
    const run = await operate(site, 'Test', { [numberVariable]: key });
    expect(checks(run)).toMatchObject({ 'change request': 'fail' });
    const allowed = await operate(site, 'Test', {
      [numberVariable]: key,
      'JsmChange.AllowedProjects': 'OPS',
    });
    expect(checks(allowed)).toMatchObject({ 'change request': 'pass' });
  });

  it('[V4] [L14] fails for a supplied number of an issue type that the policy does not accept', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: 'Any' });
    const run = await operate(site, 'Test', {
      [numberVariable]: key,
      'JsmChange.Policy': policyFor(site, 'issueTypes: [Normal change, Emergency change]'),
    });
    expect(checks(run)).toMatchObject({ 'change request': 'fail' });
    expect(lineOf(run, 'change request')).toMatch(/is not one of Normal change, Emergency change/);
  });

  it('[V4] ignores what gates of the same run found', async () => {
    const site = siteInUse();
    const run = await operate(site, 'Test', {
      ...earlierGate('CHG-1'),
      ...earlierGate('CHG-2', 'Stop', 'Other'),
    });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
  });

  it('[I3] [R7] reports invalid inputs for Jira and for Octopus together, and sends nothing', async () => {
    const run = await operate(new SimulatedSite(), 'Test', {
      'JsmChange.BaseUrl': '',
      'JsmChange.OctopusUrl': 'nowhere',
      'JsmChange.OctopusApiKey': 'API-ABCDEFGHIJKLMNOP',
    });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
    expect(run.resultMessage).toContain('JsmChange.BaseUrl');
    expect(run.resultMessage).toContain('JsmChange.OctopusUrl');
  });

  it.each([
    ['an invalid base URL', { 'JsmChange.BaseUrl': 'acme' }, 'JsmChange.BaseUrl'],
    [
      'several bad values',
      { 'JsmChange.PollIntervalSeconds': 'soon', 'JsmChange.Token': '' },
      'JsmChange.Token',
    ],
    ['a broken policy', { 'JsmChange.Policy': 'version: 2' }, 'JsmChange.Policy'],
  ])('[V4] of %s fails before any request', async (_what, variables, named) => {
    const run = await operate(new SimulatedSite(), 'Test', variables);
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
    expect(checks(run)).toEqual({ configuration: 'fail' });
    expect(run.resultMessage).toContain(named);
    expect(decidedNothing(run)).toBe(true);
  });

  it("[V4] with a policy tries the project's connection, regardless of the environment", async () => {
    const site = siteInUse();
    const policy = {
      'JsmChange.Policy': policyFor(site),
      'JsmChange.BaseUrl': '',
      'JsmChange.ServiceProject': '',
    };
    const run = await operate(site, 'Test', { ...policy, ...runbookRun });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(Object.keys(checks(run))).toEqual(allChecks);
  });

  it('[V4] [S3] runs even if the policy is switched off', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Test', { 'JsmChange.Policy': policyFor(site, 'enabled: false') });
    expect(Object.keys(checks(run))).toEqual(allChecks);
  });

  it('[V4] has nothing to try for a project that is not change controlled', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Test', {
      'JsmChange.Policy': policyFor(site),
      'Octopus.Project.Name': 'Intranet',
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [] });
    expect(checks(run)).toEqual({ configuration: 'warning' });
  });

  it('[V4] [V5] fails for ApproveTransition without preApproved in the policy', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Test', {
      'JsmChange.Policy': policyFor(site),
      'JsmChange.ApproveTransition': '61',
    });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('preApproved');
  });

  it('[F4] fails the login for a token that Cloud serves anonymously', async () => {
    const site = new SimulatedSite({ loginHeaders: false });
    const run = await operate(site, 'Test', { 'JsmChange.Token': 'expired-token' });
    expect(run.exitCode).toBe(1);
    expect(checks(run)).toMatchObject({ login: 'fail' });
    expect(checks(run)).not.toHaveProperty('service project');
  });

  it('[F2] ends within 2 minutes if the site is unreachable, even after some answers', async () => {
    for (const answered of [0, 1, 4]) {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'hang' }, at: answered + 1, count: 1000 });
      const run = await operate(site, 'Test', { 'JsmChange.OutageMinutes': '60' });
      expect(run.exitCode).toBe(1);
      expect(run.endedAtMs - run.startedAtMs).toBeLessThanOrEqual(130_000);
    }
  });

  it('[F2] ends within 2 minutes with OutageMinutes 0 as well', async () => {
    const site = new SimulatedSite();
    site.faults.add({ fault: { kind: 'hang' }, at: 5, count: 1000 });
    const run = await operate(site, 'Test', { 'JsmChange.OutageMinutes': '0' });
    expect(run.exitCode).toBe(1);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThanOrEqual(130_000);
  });

  it('[F6] ends with exit code 1 on a signal', async () => {
    const site = new SimulatedSite();
    site.faults.add({ fault: { kind: 'hang' } });
    const run = await operate(site, 'Test', {}, { terminateMs: 2000 });
    expect(run).toMatchObject({ exitCode: 1, endedAtMs: 2000 });
    expect(run.resultMessage).toMatch(/cancelled/);
  });

  it('[X3] never shows the token', async () => {
    const token = 'sandbox-token-1234567890';
    const run = await operate(new SimulatedSite(), 'Test', {
      [fieldVariable(`x ${token}`)]: token,
      'JsmChange.RequestType': `Request ${token}`,
    });
    expect(run.said.map(({ line }) => line).join('\n')).not.toContain(token);
    expect(run.resultMessage).not.toContain(token);
  });

  it('reads each thing once', async () => {
    const run = await operate(new SimulatedSite(), 'Test');
    expect(requestsTo(run, 'GET', /\/(?:field|statuses|myself|serverInfo|mypermissions)$/)).toHaveLength(6);
    expect(run.requests.length).toBeLessThanOrEqual(11);
  });
});
