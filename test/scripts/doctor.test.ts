import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../scripts/command.ts';
import { examine } from '../../scripts/doctor/examine.ts';
import { doctorVariables, shellName } from '../../scripts/doctor/variables.ts';
import { secretForms } from '../../src/octopus/secrets.ts';
import { variableNames } from '../../src/octopus/variable-names.ts';
import { createCertificates } from '../black-box/certificates.ts';
import { examplePolicy } from '../policy/example.ts';
import { OffsetClock } from '../sandbox/clock.ts';
import { defaultToken, defaultUsername } from '../sandbox/defaults.ts';
import { changeForm, requestTypesWithForm } from '../sandbox/project.ts';
import { type SandboxOptions, startSandbox } from '../sandbox/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Examined extends Ended {
  /** The result and text of each line, by name. */
  readonly checks: Readonly<Record<string, string>>;
  readonly writes: readonly string[];
}

/** Runs the doctor against a new site; `SITE` in the environment is replaced by its URL. */
async function examined(
  call: typeof inProcess,
  options: SandboxOptions = {},
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Examined> {
  const sandbox = await startSandbox(options);
  const given = {
    JSM_BASE_URL: 'SITE',
    JSM_USERNAME: defaultUsername,
    JSM_TOKEN: defaultToken,
    JSM_SERVICE_PROJECT: 'CHG',
    ...env,
  };
  const entries = Object.entries(given).map(([name, value]) => [name, value.replace('SITE', sandbox.url)]);
  const ended = await call(Object.fromEntries(entries), args);
  await sandbox.close();
  const checks = [...ended.stdout.matchAll(/^(pass|warning|fail) +([a-z ]+): (.*)$/gm)];
  const writes = sandbox.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('/search'));
  return {
    ...ended,
    checks: Object.fromEntries(checks.map(([, result, name, says]) => [name, `${result}: ${says}`])),
    writes: writes.map(({ method, path }) => `${method} ${path}`),
  };
}

/** No test contacts Cloud's gateway: this proxy does not exist. */
const proxy = { HTTPS_PROXY: 'http://127.0.0.1:1' };

async function inProcess(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Ended> {
  let stdout = '';
  const code = await examine(
    await doctorVariables(env, args, async () => ''),
    proxy,
    (line) => {
      stdout += `${line}\n`;
    },
    new AbortController().signal,
  );
  return { code, stdout, stderr: '' };
}

/** Runs `npm run doctor` without npm. */
function asProcess(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'scripts/doctor.ts', ...args],
      { cwd: root, env: { PATH: process.env['PATH'], ...proxy, ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** A site, and the environment for a doctor that logs in to it. */
async function siteOf(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  const env = {
    JSM_BASE_URL: sandbox.url,
    JSM_USERNAME: defaultUsername,
    JSM_TOKEN: defaultToken,
    JSM_SERVICE_PROJECT: 'CHG',
  };
  return { sandbox, env };
}

const rollbackPlan = { id: 'customfield_10060', name: 'Rollback plan', kind: 'textarea' } as const;
const rollbackForm = [...changeForm, { fieldId: rollbackPlan.id, required: true }];

describe('npm run doctor', () => {
  it('[V4] prints a line for each thing tested, and exits with 0 if none fails', async () => {
    const { code, stdout, stderr, checks, writes } = await examined(asProcess);
    expect({ code, stderr, writes }).toEqual({ code: 0, stderr: '', writes: [] });
    expect(Object.keys(checks)).toEqual([
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
    ]);
    // The account has raised nothing on this site yet.
    const others = Object.entries(checks).filter(([, check]) => !check.startsWith('pass:'));
    expect(others).toEqual([
      ['approvers', expect.stringMatching(/^warning: no change request that this account raised /)],
    ]);
    expect(stdout).not.toContain('##octopus');
    for (const form of secretForms(defaultUsername, defaultToken)) expect(stdout).not.toContain(form);
  });

  it('[X3] sends nothing if Node would print its requests', async () => {
    const { sandbox, env } = await siteOf();
    const { code, stderr } = await asProcess({ ...env, NODE_DEBUG: 'http' });
    await sandbox.close();
    for (const form of secretForms(defaultUsername, defaultToken)) expect(stderr).not.toContain(form);
    expect(stderr).toMatch(/^NODE_DEBUG is set, so Node would print every request/m);
    expect(code).toBe(1);
    expect(sandbox.requests).toHaveLength(0);
  });

  it("[F2] checks the site's certificate whatever the environment says, like the step", async () => {
    const { key, cert } = createCertificates(['IP:127.0.0.1']);
    const { sandbox, env } = await siteOf({ tls: { key, cert } });
    const { code, stdout, stderr } = await asProcess({ ...env, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    await sandbox.close();
    expect(stdout).toContain('certificate is not trusted');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(sandbox.requests).toHaveLength(0);
  });

  it.concurrent.each<[string, SandboxOptions, Record<string, string>, string, RegExp, string[]?]>([
    [
      'another path',
      {},
      { JSM_BASE_URL: 'SITE/wiki' },
      'reachable',
      /^fail: .*status 404.*JsmChange\.BaseUrl/,
    ],
    [
      'a host where nobody listens',
      {},
      { JSM_BASE_URL: 'http://127.0.0.1:1' },
      'reachable',
      /^fail: .*could not be reached/,
    ],
    [
      'plain http',
      {},
      { JSM_BASE_URL: 'http://jira.acme.example' },
      'configuration',
      /^fail: .*\(JsmChange\.BaseUrl\) is invalid.*https/,
    ],
    ['a login page', { frontDoor: 'login-page' }, {}, 'reachable', /^fail: .*a web page instead of JSON/],
    ['a redirect', { frontDoor: 'redirect' }, {}, 'reachable', /^fail: .*redirect .*login\.acme\.example/],
    [
      'a wrong token',
      {},
      { JSM_TOKEN: 'expired-token' },
      'login',
      /^fail: The login at the JSM site failed: .*status 401/,
    ],
    [
      'a wrong user name',
      {},
      { JSM_USERNAME: 'nobody@acme.example' },
      'login',
      /^fail: .*JsmChange\.Username/,
    ],
    ['a CAPTCHA', { flavour: 'dc', captcha: true }, { JSM_USERNAME: 'octopus' }, 'login', /^fail: .*CAPTCHA/],
    [
      'a site without Basic authentication',
      { flavour: 'dc', basicDisabled: true },
      { JSM_USERNAME: 'octopus' },
      'login',
      /^fail: .*Basic authentication is switched off/,
    ],
    [
      'a wrong project',
      {},
      { JSM_SERVICE_PROJECT: 'CHX' },
      'service project',
      /^fail: There is no service project CHX.*Visible projects: CHG/,
    ],
    [
      'an invalid project key',
      {},
      { JSM_SERVICE_PROJECT: 'C H G' },
      'configuration',
      /^fail: .*not a project key/,
    ],
    [
      'a wrong request type',
      {},
      { JSM_REQUEST_TYPE: 'Ask for a change' },
      'request type',
      /^fail: .*no request type "Ask for a change".*Request a change \(25\)/,
    ],
    [
      'a required field that nothing covers',
      {
        fields: [rollbackPlan],
        projects: [{ key: 'CHG', requestTypes: requestTypesWithForm(rollbackForm) }],
      },
      {},
      'required fields',
      /^fail: .*requires: Rollback plan \(customfield_10060\)/,
    ],
    [
      'a Field that Jira lacks',
      {},
      {},
      'required fields',
      /^fail: .*no field "Planed start" for Field\[Planed start\].*Planned start/,
      ['Octopus.JiraServiceManagement.Field[Planed start]=x'],
    ],
    [
      'a status that no workflow has',
      {},
      { JSM_SUCCESS_STATUS: 'Compleated' },
      'statuses',
      /^warning: the service project does not have: Compleated; similar names: Completed/,
    ],
    [
      'a named planned field that is missing',
      {},
      { JSM_PLANNED_START_FIELD: 'Go live' },
      'planned fields',
      /^fail: .*no field "Go live"/,
    ],
    [
      'no planned fields',
      { dateFields: 'none' },
      {},
      'planned fields',
      /Planned start: no field called Planned start or Change start date/,
    ],
    ['no permission to browse', { permissions: { browse: false } }, {}, 'may browse', /^fail: /],
    [
      'no permission to create',
      { permissions: { create: false } },
      {},
      'may create',
      /^fail: .*Create issues in CHG/,
    ],
    [
      'no permission to comment',
      { permissions: { comment: false } },
      { JSM_CUSTOMER_COMMENTS: 'true' },
      'may comment',
      /^fail: .*Add comments in CHG/,
    ],
    [
      'no permission to comment if no comment is written',
      { permissions: { comment: false } },
      {},
      'may comment',
      /^warning: /,
    ],
    [
      'no permission to transition',
      { permissions: { transition: false } },
      { JSM_SUCCESS_STATUS: 'Completed' },
      'may transition',
      /^fail: .*Transition issues in CHG/,
    ],
    [
      'no permission to edit',
      { permissions: { edit: false } },
      {},
      'may edit',
      /^warning: .*Edit issues in CHG/,
    ],
    [
      'a worker clock that is off',
      { clock: Object.assign(new OffsetClock(), { offsetMs: 600_000 }) },
      {},
      'clock',
      /^warning: the worker's clock is (?:599|60[01]) s behind the site's/,
    ],
    [
      'no Date header',
      { dateHeader: 'none', serverTime: 'none' },
      {},
      'clock',
      /^fail: neither the Date header nor serverInfo/,
    ],
    [
      'a supplied number that is missing',
      {},
      { OCTOPUS_JIRA_SERVICE_MANAGEMENT_CHANGE_REQUEST_NUMBER: 'CHG-404' },
      'change request',
      /^fail: .*CHG-404/,
    ],
  ])('[V4] finds %s', async (_what, options, env, check, says, args) => {
    const found = await examined(inProcess, options, env, args);
    expect(found.checks[check]).toMatch(says);
    expect(found.code).toBe(found.checks[check]?.startsWith('fail') ? 1 : 0);
    expect(found.writes).toEqual([]);
  });
});

describe('the input of the doctor', () => {
  const read = async (path: string): Promise<string> => `read from ${path}`;

  it('accepts every variable of the step under a name that a shell allows', () => {
    const names = variableNames.map(shellName);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(?:JSM|OCTOPUS)_[A-Z0-9_]+$/);
    expect(shellName('JsmChange.PlannedStartField')).toBe('JSM_PLANNED_START_FIELD');
    expect(shellName('Octopus.Project.Name')).toBe('OCTOPUS_PROJECT_NAME');
  });

  it('accepts Octopus names unchanged, and prefers them to shell names', async () => {
    const env = {
      JSM_BASE_URL: 'a',
      'JsmChange.BaseUrl': 'b',
      'Octopus.JiraServiceManagement.Field[X]': 'x',
    };
    expect(await doctorVariables(env, [], read)).toEqual({
      'JsmChange.BaseUrl': 'b',
      'Octopus.JiraServiceManagement.Field[X]': 'x',
      'JsmChange.Operation': 'Test',
      'JsmChange.OutageMinutes': '0',
    });
  });

  it('prefers arguments to the environment, and accepts brackets and equals signs', async () => {
    const args = ['JSM_BASE_URL=https://a?b=c', 'Octopus.JiraServiceManagement.Field[a=b]=c=d'];
    expect(await doctorVariables({ JSM_BASE_URL: 'b', JSM_OUTAGE_MINUTES: '3' }, args, read)).toEqual({
      'JsmChange.BaseUrl': 'https://a?b=c',
      'Octopus.JiraServiceManagement.Field[a=b]': 'c=d',
      'JsmChange.Operation': 'Test',
      'JsmChange.OutageMinutes': '3',
    });
  });

  it('prefers arguments to the environment, whichever of its names a variable has in each', async () => {
    const old = {
      'JsmChange.BaseUrl': 'https://old.example',
      JSM_USERNAME: 'old',
      'jsmchange.username': 'old',
    };
    const args = ['JSM_BASE_URL=https://new.example', 'JsmChange.Username=new'];
    expect(await doctorVariables(old, args, read)).toEqual({
      'JsmChange.BaseUrl': 'https://new.example',
      'JsmChange.Username': 'new',
      'JsmChange.Operation': 'Test',
      'JsmChange.OutageMinutes': '0',
    });
    const env = { JSM_POLICY_FILE: 'old.yaml' };
    for (const [arg, policy] of [
      ['JSM_POLICY=new', 'new'],
      ['JSM_POLICY_FILE=new.yaml', 'read from new.yaml'],
    ] as const)
      expect(await doctorVariables(env, [arg], read)).toHaveProperty(['JsmChange.Policy'], policy);
  });

  it('[V4] only tests, in whatever case the environment names another operation', async () => {
    const variables = await doctorVariables({ 'jsmchange.operation': 'Gate', JSM_BASE_URL: 'a' }, [], read);
    expect(Object.entries(variables).filter(([name]) => /operation/i.test(name))).toEqual([
      ['JsmChange.Operation', 'Test'],
    ]);
  });

  it('accepts a field whose name only contains the word token', async () => {
    const argument = 'Octopus.JiraServiceManagement.Field[Tokens needed]=3';
    expect(Object.values(await doctorVariables({}, [argument], read))).toContain('3');
  });

  it('reads a policy from a file, and finds the secret that it names', async () => {
    const env = { JSM_POLICY_FILE: 'policy.yaml', JSM_TOKEN_ACME: 's' };
    const policy = examplePolicy.replace('[Acme Cloud]', '[Acme]');
    const variables = await doctorVariables(env, [], async () => policy);
    expect(variables).toMatchObject({ 'JsmChange.Policy': policy, 'JsmChange.Token[Acme]': 's' });
  });

  it.each([
    [[], /no variable is set/],
    [['https://acme.atlassian.net'], /is not NAME=VALUE/],
    [['PATH=x'], /PATH is not a variable of the step/],
    [['JSM_TOKEN=secret-in-the-open'], /Set JSM_TOKEN in the environment/],
    [['JsmChange.Token=secret-in-the-open'], /Set JsmChange\.Token in the environment/],
    [['JSM_TOKEN_ACME=secret-in-the-open'], /Set JSM_TOKEN_ACME in the environment/],
    [['jsmchange.token[Acme]=secret-in-the-open'], /Set jsmchange\.token\[Acme\] in the environment/],
    [['JSM_OCTOPUS_API_KEY=secret-in-the-open'], /Set JSM_OCTOPUS_API_KEY in the environment/],
    [['JsmChange.OctopusApiKey=secret-in-the-open'], /Set JsmChange\.OctopusApiKey in the environment/],
    [['jsmchange.octopusapikey =secret-in-the-open'], /Set jsmchange\.octopusapikey {2}in the environment/],
  ])('[X3] [R7] rejects %j', async (args, says) => {
    const refused = doctorVariables({ PATH: '/bin' }, args, read);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(says);
    await expect(refused).rejects.not.toThrow(/in-the-open/);
  });

  it('shows its usage and exits with 2 if nothing is set', async () => {
    const { code, stdout, stderr } = await asProcess({});
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^There is nothing to test.*\n\nUsage: npm run doctor/);
  });

  it('names a policy file that it cannot read', async () => {
    const { code, stderr } = await asProcess({ JSM_POLICY_FILE: 'no/such/policy.yaml' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^File not found: .*no\/such\/policy\.yaml\n$/);
  });
});
