import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/domain/decision/run-record.ts';
import { Secrets } from '../../src/octopus/secrets.ts';
import { createTaskLog } from '../../src/octopus/task-log.ts';
import { Variables } from '../../src/octopus/variables.ts';
import { readOperation, readSettings, type SettingsReading } from '../../src/settings/read-settings.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { RecordedLines } from '../octopus/recorded-lines.ts';

const least = {
  'JsmChange.BaseUrl': 'https://acme.atlassian.net',
  'JsmChange.Username': 'octopus@acme.example',
  'JsmChange.Token': 'hunter2-hunter2',
  'JsmChange.ServiceProject': 'chg',
  'Octopus.Project.Name': 'Web Site',
  'Octopus.Environment.Name': 'Dev',
  'Octopus.Release.Number': '1.0.1',
};

interface Read {
  readonly reading: SettingsReading;
  readonly lines: readonly string[];
  readonly record: RunRecord;
}

async function read(entries: Readonly<Record<string, string>>, env = {}): Promise<Read> {
  const out = new RecordedLines();
  const record: RunRecord = {};
  const secrets = new Secrets();
  const log = createTaskLog({ out, redact: secrets.redact, asciiOnly: false });
  const reading = await readSettings({ variables: new Variables(entries), env, secrets, log, record });
  return { reading, lines: out.plain, record };
}

async function settingsOf(entries: Readonly<Record<string, string>>): Promise<Settings> {
  const { reading } = await read(entries);
  if (reading.kind === 'ended') throw new Error(reading.outcome.reason.line);
  return reading.settings;
}

async function refusedFor(entries: Readonly<Record<string, string>>, env = {}): Promise<string> {
  const { reading } = await read(entries, env);
  if (reading.kind === 'settings') throw new Error('the settings are usable');
  expect(reading.outcome.verdict).toBe('Error');
  return reading.outcome.reason.line;
}

describe('the operation', () => {
  it.each([
    ['', 'Gate'],
    ['gate', 'Gate'],
    ['VERIFY', 'Verify'],
    ['Report', 'Report'],
    ['test', 'Test'],
    ['Approve', 'Gate'],
  ])('from %j is %s', (value, operation) => {
    expect(readOperation(new Variables({ 'JsmChange.Operation': value }))).toBe(operation);
  });
});

describe('the settings of a run', () => {
  it('are one flat value', async () => {
    expect(await settingsOf(least)).toMatchObject({
      operation: 'Gate',
      serviceProject: 'CHG',
      requestType: 'Request a change',
      whenPending: 'wait',
      title: 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"',
      rules: { projects: ['CHG'], states: { proceed: ['Implementing'] } },
      suppliedKey: undefined,
      fields: [],
    });
  });

  it('[I3] [R1] report different numbers of two Requests together with invalid values', async () => {
    const requested = (step: string, number: string) => ({
      [`Octopus.Action[${step}].Output.ChangeRequest.Number`]: number,
      [`Octopus.Action[${step}].Output.Decision`]: 'Pending',
    });
    const twice = { ...least, ...requested('A', 'CHG-1'), ...requested('B', 'CHG-2') };
    const line = await refusedFor({ ...twice, 'JsmChange.PollIntervalSeconds': 'x' });
    expect(line).toMatch(/JsmChange\.PollIntervalSeconds.*CHG-1.*CHG-2/);
    const supplied = { 'Octopus.JiraServiceManagement.ChangeRequest.Number': 'CHG-3' };
    const other = await refusedFor({ ...twice, ...supplied, 'JsmChange.PollIntervalSeconds': 'x' });
    expect(other).not.toContain('CHG-2');
  });

  it('[I3] report all invalid values together, by parameter name', async () => {
    const line = await refusedFor({
      'JsmChange.Operation': 'Approve',
      'JsmChange.BaseUrl': 'http://acme.example',
      'JsmChange.Username': '#{User}',
      'JsmChange.ServiceProject': '?',
      'Octopus.JiraServiceManagement.Field[Impact]': '#{e}',
      'JsmChange.AllowedProjects': 'OPS, !',
      'JsmChange.ProceedStatuses': 'Planning',
      'JsmChange.WaitStatuses': 'Planning',
      'JsmChange.ProjectChangeControlled': 'x',
      'JsmChange.EnvironmentChangeControlled': 'y',
      'JsmChange.RunbookChangeControlled': 'z',
      'JsmChange.CustomerComments': 'w',
      'JsmChange.WhenPending': 'v',
      'JsmChange.PollIntervalSeconds': 'a',
      'JsmChange.WaitLimitMinutes': 'b',
      'JsmChange.OutageMinutes': 'c',
      'JsmChange.FailureStatus': '#{d',
    });
    for (const name of [
      'JsmChange.Operation',
      'JsmChange.BaseUrl',
      'JsmChange.Username',
      'JsmChange.Token',
      'JsmChange.ServiceProject',
      'JsmChange.AllowedProjects',
      'JsmChange.WaitStatuses',
      'JsmChange.ProjectChangeControlled',
      'JsmChange.EnvironmentChangeControlled',
      'JsmChange.RunbookChangeControlled',
      'JsmChange.CustomerComments',
      'JsmChange.WhenPending',
      'JsmChange.PollIntervalSeconds',
      'JsmChange.WaitLimitMinutes',
      'JsmChange.OutageMinutes',
      'JsmChange.FailureStatus',
      'Octopus.Project.Name',
      'Octopus.Environment.Name',
      'Octopus.Release.Number',
      'Octopus.JiraServiceManagement.Field[Impact]',
    ]) {
      expect(line).toContain(name);
    }
  });

  it('[M2] name a parameter by its label and its name', async () => {
    expect(await refusedFor({ ...least, 'JsmChange.WaitLimitMinutes': 'long' })).toMatch(
      /\(JsmChange\.WaitLimitMinutes\) is "long"; expected a whole number from 0 to 43200\./,
    );
  });

  it('[X3] never show the token, even if a Field[...] contains it', async () => {
    for (const value of [
      'hunter2-hunter2',
      'see hunter2-hunter2',
      Buffer.from('hunter2-hunter2').toString('base64'),
    ]) {
      const line = await refusedFor({ ...least, 'Octopus.JiraServiceManagement.Field[description]': value });
      expect(line).toContain('Field[description]');
      expect(line).not.toContain(value);
    }
  });

  it('[X3] reject a worker whose Node would print every request', async () => {
    expect(await refusedFor(least, { NODE_DEBUG: 'fs,http' })).toContain('NODE_DEBUG');
    expect((await read(least, { NODE_DEBUG: 'fs' })).reading.kind).toBe('settings');
  });
});

describe('numbers from earlier steps', () => {
  const step = (name: string, number: string, decision?: string) => ({
    [`Octopus.Action[${name}].Output.ChangeRequest.Number`]: number,
    ...(decision !== undefined && { [`Octopus.Action[${name}].Output.Decision`]: decision }),
  });

  it.each(['Verify', 'Report'])('[L4] are used by %s if there is one', async (operation) => {
    const settings = await settingsOf({
      ...least,
      'JsmChange.Operation': operation,
      ...step('Gate', 'CHG-7', 'Proceed'),
    });
    expect(settings).toMatchObject({ earlierKey: 'CHG-7', earlierDecisions: ['Proceed'] });
  });

  it.each(['Verify', 'Report'])('[L4] stop %s if they differ', async (operation) => {
    const { reading } = await read({
      ...least,
      'JsmChange.Operation': operation,
      ...step('Gate', 'CHG-7', 'Proceed'),
      ...step('Gate 2', 'CHG-8', 'Proceed'),
    });
    expect(reading).toMatchObject({ kind: 'ended', outcome: { verdict: 'Stop' } });
  });

  it('[L4] are ignored by Gate even if they differ, so that a retried second gate keeps its own title', async () => {
    const settings = await settingsOf({
      ...least,
      ...step('Gate', 'CHG-7', 'Proceed'),
      ...step('Gate 2', 'CHG-8', 'Stop'),
    });
    expect(settings).toMatchObject({ suppliedKey: undefined, earlierKey: undefined });
  });

  it.each([
    ['no decision', undefined],
    ['another tool’s decision', 'Accepted'],
    ['an empty decision', ' '],
  ])('[I8] do not count from a step with %s', async (_what, decision) => {
    const settings = await settingsOf({
      ...least,
      'JsmChange.Operation': 'Report',
      ...step('Raise a ticket', 'CHG0040002', decision),
      ...step('Gate', 'CHG-7', 'Proceed'),
    });
    expect(settings).toMatchObject({ earlierKey: 'CHG-7', earlierDecisions: ['Proceed'] });
  });
});

describe('the change request in an ending for invalid input', () => {
  it('is the supplied one if the site is known', async () => {
    const { record } = await read({
      ...least,
      'JsmChange.OutageMinutes': 'x',
      'Octopus.JiraServiceManagement.ChangeRequest.Number': 'chg-12',
    });
    expect(record).toMatchObject({ key: 'CHG-12', source: 'Supplied' });
  });

  const number = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
  const alias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';
  const link = 'https://acme.atlassian.net/browse/CHG-12';

  it.each([
    ["site's URL", { 'JsmChange.BaseUrl': 'nowhere' }],
    ['policy', { 'JsmChange.Policy': 'version: 2' }],
  ])('[O2] is the supplied one without the site if the %s is invalid', async (_what, invalid) => {
    const { record } = await read({ ...least, ...invalid, [number]: 'chg-12' });
    expect(record).toEqual({ key: 'CHG-12', source: 'Supplied' });
  });

  it.each([
    ['a link', { [number]: link }],
    ['a key and a link', { [number]: 'chg-12', [alias]: link }],
  ])("[O2] is unknown if %s is given and the site's URL is invalid", async (_what, given) => {
    const { record } = await read({ ...least, 'JsmChange.BaseUrl': 'nowhere', ...given });
    expect(record).toEqual({});
  });

  it.each(['hello', 'acme.atlassian.net/browse/CHG-12'])(
    "[I3] [L2] with the number %s is reported together with the site's invalid URL",
    async (value) => {
      const line = await refusedFor({ ...least, 'JsmChange.BaseUrl': 'nowhere', [number]: value });
      expect(line).toContain('JsmChange.BaseUrl');
      expect(line).toContain(`is "${value}", which is not a change request number`);
    },
  );
});

describe('a policy that cannot decide', () => {
  const policy = `version: 1
connections:
  - name: Acme
    baseUrl: https://acme.atlassian.net
    username: octopus@acme.example
    tokenVariable: JsmChange.Token
projects:
  - name: Web Site
    connection: Acme
    serviceProject: CHG
    requestType: Request a change
environments:
  - name: Dev
`;

  it('[I6] is an error for a runbook run without a name, instead of "not required"', async () => {
    const entries = { ...least, 'JsmChange.Policy': policy, 'Octopus.Runbook.Id': 'Runbooks-7' };
    expect(await refusedFor(entries)).toContain('Octopus.Runbook.Name');
    const named = { ...entries, 'Octopus.Runbook.Name': 'Rotate' };
    expect((await read(named)).reading).toMatchObject({ outcome: { verdict: 'NotRequired' } });
  });

  it('[Y3] names the project that no entry lists', async () => {
    const other = { ...least, 'JsmChange.Policy': policy, 'Octopus.Project.Name': 'Mobile' };
    const { reading, lines } = await read(other);
    expect(reading).toMatchObject({ outcome: { verdict: 'NotRequired' } });
    expect(lines.join()).toContain('Mobile');
    const stopping = { ...other, 'JsmChange.Policy': `${policy}unlisted: stop\n` };
    const stopped = (await read(stopping)).reading;
    expect(stopped).toMatchObject({ outcome: { verdict: 'Stop' } });
    expect(stopped.kind === 'ended' && stopped.outcome.reason.line).toContain('Mobile');
  });
});
