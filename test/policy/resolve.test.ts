import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Connection, ControlledProject, Policy } from '../../src/policy/policy.ts';
import { type PolicyRun, resolvePolicy } from '../../src/policy/resolve.ts';

const cloud: Connection = {
  name: 'Acme Cloud',
  baseUrl: 'https://acme.atlassian.net',
  username: 'octopus@acme.example',
  tokenVariable: 'JsmChange.Token',
};
const dataCenter: Connection = {
  name: 'Data Center',
  baseUrl: 'https://jira.acme.example/jira',
  username: '',
  tokenVariable: 'JsmChange.Token[Data Center]',
};

const project = (name: string, rest: Partial<ControlledProject> = {}): ControlledProject => ({
  name,
  changeControlled: true,
  connection: cloud,
  serviceProject: 'CHG',
  requestType: 'Request a change',
  runbooks: [],
  preApproved: false,
  ...rest,
});

const policy = (rest: Partial<Policy> = {}): Policy => ({
  enabled: true,
  customerComments: 'none',
  unlisted: 'warn',
  connections: [cloud, dataCenter],
  projects: [
    project('Web Site', { runbooks: ['Rotate certificates'] }),
    { name: 'Tools', changeControlled: false },
    project('Shop', { runbooks: ['*'], connection: dataCenter, serviceProject: 'OPS', preApproved: true }),
  ],
  environments: [
    { name: 'Production', changeControlled: true },
    { name: 'Dev', changeControlled: false },
  ],
  states: { proceed: ['Implementing'], wait: ['Review'] },
  plannedStart: undefined,
  plannedEnd: undefined,
  suppliedMustMention: [],
  approvalCheck: 'status',
  requirePlannedEnd: false,
  issueTypes: [],
  allowedProjects: [],
  ...rest,
});

const web: PolicyRun = { project: 'Web Site', environment: 'Production' };
const runbook = (run: PolicyRun, name: string): PolicyRun => ({ ...run, runbook: name });

describe('the resolution of a policy for a run', () => {
  it.each<[title: string, run: PolicyRun, reason: string | undefined, warning: boolean]>([
    ['[S1] requires approval if project and environment are change controlled', web, undefined, false],
    [
      '[S1] requires none if the project is not change controlled',
      { ...web, project: 'Tools' },
      'project-not-controlled',
      false,
    ],
    [
      '[S1] requires none if the environment is not change controlled',
      { ...web, environment: 'Dev' },
      'environment-not-controlled',
      false,
    ],
    [
      '[S1] requires none if neither is change controlled',
      { project: 'Tools', environment: 'Dev' },
      'project-not-controlled',
      false,
    ],
    [
      '[S1] requires none, with a warning, if no entry names the project',
      { ...web, project: 'Other' },
      'project-unlisted',
      true,
    ],
    [
      '[S1] requires none, with a warning, if no entry names the environment',
      { ...web, environment: 'Other' },
      'environment-unlisted',
      true,
    ],
    [
      '[S1] ignores the environment of an uncontrolled project',
      { project: 'Tools', environment: '?' },
      'project-not-controlled',
      false,
    ],
    ['[S2] requires approval for a listed runbook', runbook(web, 'Rotate certificates'), undefined, false],
    ['[S2] requires none for an unlisted runbook', runbook(web, 'Clean up'), 'runbook-not-controlled', false],
    [
      '[S2] requires approval for any runbook with "*"',
      runbook({ ...web, project: 'Shop' }, 'Clean up'),
      undefined,
      false,
    ],
    [
      '[S2] requires none for a listed runbook in an uncontrolled environment',
      runbook({ ...web, environment: 'Dev' }, 'Rotate certificates'),
      'environment-not-controlled',
      false,
    ],
    [
      '[S2] ignores the environment of an unlisted runbook',
      runbook({ ...web, environment: '?' }, 'Clean up'),
      'runbook-not-controlled',
      false,
    ],
    [
      '[S2] requires none, with a warning, for a listed runbook in an unlisted environment',
      runbook({ ...web, environment: '?' }, 'Rotate certificates'),
      'environment-unlisted',
      true,
    ],
  ])('%s', (_title, run, reason, warning) => {
    const resolution = resolvePolicy(policy(), run);
    if (reason === undefined) expect(resolution.kind).toBe('required');
    else expect(resolution).toEqual({ kind: warning ? 'warn' : 'not-required', reason });
  });

  it('[S3] requires nothing and warns with enabled: false, regardless of the entries', () => {
    const off = policy({ enabled: false, unlisted: 'stop' });
    for (const run of [web, { project: '?', environment: '?' }, { project: 'Tools', environment: 'Dev' }]) {
      expect(resolvePolicy(off, run)).toEqual({ kind: 'warn', reason: 'disabled' });
    }
  });

  it.each<[title: string, run: PolicyRun, kind: string, reason: string | undefined]>([
    ['a project that no entry names', { ...web, project: '?' }, 'stop', 'project-unlisted'],
    ['an environment that no entry names', { ...web, environment: '?' }, 'stop', 'environment-unlisted'],
    [
      'neither named, with the project as the reason',
      { project: '?', environment: '?' },
      'stop',
      'project-unlisted',
    ],
    [
      'an unlisted project in an uncontrolled environment',
      { project: '?', environment: 'Dev' },
      'stop',
      'project-unlisted',
    ],
    [
      'an uncontrolled project anywhere',
      { project: 'Tools', environment: '?' },
      'not-required',
      'project-not-controlled',
    ],
    ['a listed pair', web, 'required', undefined],
  ])('[Y3] with unlisted: stop decides for %s', (_title, run, kind, reason) => {
    const resolution = resolvePolicy(policy({ unlisted: 'stop' }), run);
    expect(resolution.kind).toBe(kind);
    expect('reason' in resolution ? resolution.reason : undefined).toBe(reason);
  });

  it.each([
    ['web site', true],
    [' WEB SITE ', true],
    ['Web \u017fite', true],
    ['Web  Site', false],
    ['Web\u00a0Site', false],
  ])('[Y4] compares a name trimmed and without case, and folds nothing else: %j', (name, isSame) => {
    const isRequired = (...given: Parameters<typeof resolvePolicy>) =>
      resolvePolicy(...given).kind === 'required';
    expect(isRequired(policy(), { ...web, project: name })).toBe(isSame);
    const run = { project: 'Web Site', environment: name };
    const environments = policy({ environments: [{ name: 'Web Site', changeControlled: true }] });
    expect(isRequired(environments, run)).toBe(isSame);
    const runbooks = policy({ projects: [project('Web Site', { runbooks: ['Web Site'] })] });
    expect(isRequired(runbooks, runbook(web, name))).toBe(isSame);
  });

  it('[Y4] does not exempt a name with other spaces by an uncontrolled entry', () => {
    const projects = [project('*'), { name: 'Web Site', changeControlled: false as const }];
    expect(resolvePolicy(policy({ projects }), web).kind).toBe('not-required');
    for (const name of ['Web  Site', 'Web\u00a0Site', 'WebSite']) {
      expect(resolvePolicy(policy({ projects }), { ...web, project: name }).kind).toBe('required');
    }
  });

  it('[Y4] prefers an exact name to "*" in any order, and inherits nothing from it', () => {
    const any = project('*', {
      connection: dataCenter,
      serviceProject: 'OPS',
      runbooks: ['*'],
      preApproved: true,
    });
    for (const projects of [
      [any, project('Web Site')],
      [project('Web Site'), any],
    ]) {
      expect(resolvePolicy(policy({ projects }), web)).toMatchObject({
        connection: cloud,
        serviceProject: 'CHG',
        preApproved: false,
      });
      expect(resolvePolicy(policy({ projects }), { ...web, project: 'Else' })).toMatchObject({
        connection: dataCenter,
        serviceProject: 'OPS',
        preApproved: true,
      });
    }
  });

  it('prefers an exact uncontrolled entry to a controlled "*"', () => {
    const environments = [
      { name: '*', changeControlled: true },
      { name: 'Dev', changeControlled: false },
    ];
    expect(resolvePolicy(policy({ environments }), { ...web, environment: 'dev' })).toMatchObject({
      reason: 'environment-not-controlled',
    });
    expect(resolvePolicy(policy({ environments }), { ...web, environment: 'Staging' }).kind).toBe('required');
  });

  it('treats "*" inside a name as itself', () => {
    const projects = [project('Web*')];
    expect(resolvePolicy(policy({ projects }), web)).toMatchObject({ reason: 'project-unlisted' });
    expect(resolvePolicy(policy({ projects }), { ...web, project: 'web*' }).kind).toBe('required');
  });

  it('[S4] [T4] [V5] [W12] [W13] [L4] [L14] contains the settings of the project and of the policy if approval is required', () => {
    const settings = {
      customerComments: 'public' as const,
      states: { proceed: ['Go'], wait: ['Hold'] },
      plannedStart: 'customfield_1',
      plannedEnd: 'Ends',
      requirePlannedEnd: true,
      issueTypes: ['Change'],
      allowedProjects: ['ITSM'],
      suppliedMustMention: ['project' as const],
      approvalCheck: 'approved' as const,
    };
    expect(resolvePolicy(policy(settings), { ...web, project: 'Shop' })).toEqual({
      kind: 'required',
      ...settings,
      connection: dataCenter,
      serviceProject: 'OPS',
      requestType: 'Request a change',
      preApproved: true,
    });
  });
});

describe('for any policy and run', () => {
  const names = fc.constantFrom('Web Site', 'WEB site ', 'Shop', 'Prod', 'Dev', '*', 'Other', '');
  const entries = fc.array(fc.record({ name: names, changeControlled: fc.boolean() }), { maxLength: 5 });
  const policies = fc.record({
    enabled: fc.boolean(),
    unlisted: fc.constantFrom('warn' as const, 'stop' as const),
    environments: entries,
    projects: entries.map((each) =>
      each.map(({ name, changeControlled }) =>
        changeControlled ? project(name, { runbooks: ['Fix'] }) : { name, changeControlled },
      ),
    ),
  });
  const runs = fc.record({
    project: names,
    environment: names,
    runbook: fc.constantFrom(undefined, 'Fix', 'fix', 'Other'),
  });
  const entryOf = <Entry extends { name: string }>(all: readonly Entry[], name: string) =>
    all.find((entry) => same(entry.name, name)) ?? all.find((entry) => entry.name === '*');
  const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

  it('[S1] [S2] [S3] requires approval if and only if everything that decides says so', () => {
    fc.assert(
      fc.property(policies, runs, (parts, run) => {
        const required =
          parts.enabled &&
          entryOf(parts.projects, run.project)?.changeControlled === true &&
          entryOf(parts.environments, run.environment)?.changeControlled === true &&
          (run.runbook === undefined || run.runbook.toLowerCase() === 'fix');
        expect(resolvePolicy(policy(parts), run).kind === 'required').toBe(required);
      }),
    );
  });

  it('stops only with unlisted: stop, and warns only if switched off or unlisted', () => {
    fc.assert(
      fc.property(policies, runs, (parts, run) => {
        const resolution = resolvePolicy(policy(parts), run);
        if (resolution.kind === 'stop') expect(parts.unlisted).toBe('stop');
        if (resolution.kind === 'warn' && parts.enabled) expect(parts.unlisted).toBe('warn');
        if (resolution.kind === 'required') return;
        expect(resolution.kind === 'not-required').toBe(!/unlisted|disabled/.test(resolution.reason));
      }),
    );
  });
});
