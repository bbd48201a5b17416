import { describe, expect } from 'vitest';
import { runbookRun, runbookTitle } from '../sandbox/octopus-variables.ts';
import { isRead, number, scenario } from './scenario.ts';

const project = 'JsmChange.ProjectChangeControlled';
const environment = 'JsmChange.EnvironmentChangeControlled';
const runbook = 'JsmChange.RunbookChangeControlled';

describe('no approval is required', () => {
  scenario.for<[string, Record<string, string>]>([
    ['[S1] if the project is not change controlled', { [project]: 'False' }],
    ['[S1] if the environment is not change controlled', { [environment]: 'false' }],
    ['[S1] if neither is change controlled', { [project]: ' FALSE ', [environment]: 'False' }],
    ['[S2] for a runbook run whose runbook is not change controlled', runbookRun],
  ])('%s, and nothing is sent', async ([, variables], { jsm }) => {
    const { run, sandbox } = await jsm();
    const ended = await run(variables);
    expect(ended).toMatchObject({ exitCode: 0, decision: 'NotRequired', result: undefined });
    expect(Object.keys(ended.outputs)).toEqual(['Decision', 'DecisionCode', 'DecisionReason']);
    expect(sandbox.connectionCount()).toBe(0);
  });

  scenario('[S1] [I4] and a token that is scoped to another environment does no harm', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ [environment]: 'False', 'JsmChange.Token': '#{Jira.Token}', [number]: 'none' });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'NotRequired' });
  });
});

describe('the deployment proceeds', () => {
  scenario('[L1] [O2] with a supplied number that is ready, after one check', async ({ jsm }) => {
    const { raise, run, sandbox } = await jsm();
    const key = raise({
      status: 'Implementing',
      fields: {
        'Planned start': new Date(Date.now() - 3_600_000),
        'Planned end': new Date('2099-01-01T12:00:00Z'),
      },
    });
    const ended = await run({ [number]: key });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed', result: undefined });
    expect(ended.outputs).toEqual({
      'ChangeRequest.Number': key,
      'ChangeRequest.Url': `${sandbox.url}/browse/${key}`,
      'ChangeRequest.Status': 'Implementing',
      'ChangeRequest.Source': 'Supplied',
      'ChangeRequest.PlannedStart': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      'ChangeRequest.PlannedEnd': expect.stringMatching(/^2099-01-01T12:00:00(?:\.000)?Z$/),
      Decision: 'Proceed',
      DecisionCode: 'Approved',
      DecisionReason: expect.stringContaining(key),
    });
    // [A3] The second request only reads who approved.
    expect(ended.requests.map(({ path }) => path.includes('/approval'))).toEqual([false, true]);
  });

  scenario('[L5] with an open change request that has its title', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const key = raise({ status: 'Implementing' });
    const ended = await run();
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
  });

  scenario('[C1] with a change request that the run raised', async ({ jsm }) => {
    const { site, run } = await jsm({ speed: 10 });
    site.onCreate = (model, key) => model.after(4000, () => model.moveTo(key, 'Implementing'));
    const ended = await run();
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Created',
    });
  });

  scenario('[S2] for a runbook run whose runbook is change controlled', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const key = raise({ summary: runbookTitle, status: 'Implementing' });
    const ended = await run({ ...runbookRun, [runbook]: 'True' });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, Decision: 'Proceed' });
  });
});

describe('the deployment stops', () => {
  const yesterday = new Date(Date.now() - 86_400_000);
  const tomorrow = new Date(Date.now() + 86_400_000);

  scenario.for<[string, string, Record<string, unknown>, Record<string, string>, RegExp]>([
    [
      '[T3] in a status that is in neither list',
      'Declined',
      {},
      {},
      /is Declined, so the deployment is blocked/,
    ],
    [
      '[W6] if not approved after Planned end',
      'Review',
      { 'Planned end': yesterday },
      {},
      /not approved before/,
    ],
    [
      '[W7] if approved after Planned end',
      'Implementing',
      { 'Planned end': yesterday },
      {},
      /end .* has passed/,
    ],
    [
      '[W11] if Planned start is after Planned end',
      'Implementing',
      { 'Planned start': tomorrow, 'Planned end': yesterday },
      {},
      /is after its Planned end/,
    ],
    [
      '[W13] if Planned start is beyond the wait limit',
      'Implementing',
      { 'Planned start': tomorrow },
      {},
      /beyond the wait limit/,
    ],
    [
      '[P1] if not ready and set not to wait',
      'Planning',
      {},
      { 'JsmChange.WhenPending': 'Fail' },
      /not ready/,
    ],
    [
      '[W12] if a named planned field is missing',
      'Implementing',
      {},
      { 'JsmChange.PlannedStartField': 'Go live' },
      /"Go live"/,
    ],
    [
      '[W10] if a date is not a date',
      'Implementing',
      { 'Planned start': 'next Friday' },
      {},
      /"next Friday"/,
    ],
  ])('%s', async ([, status, fields, variables, reason], { jsm }) => {
    const { raise, run } = await jsm();
    const key = raise({ status, fields });
    const ended = await run({ [number]: key, ...variables });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop', reason: expect.stringMatching(reason) });
    // [M2] The result says what happened and why, and then what to do.
    expect(ended.result).toContain(`${ended.reason} `);
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Status': status });
    expect(ended.requests.filter(isRead)).toHaveLength(1);
  });
});

describe('the deployment is blocked', () => {
  scenario('[P4] at the wait limit', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 15 });
    const key = raise();
    const ended = await run({ [number]: key, 'JsmChange.WaitLimitMinutes': '1' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'TimedOut' });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Status': 'Review' });
    expect(ended.result).toMatch(/CHG-1 .*last status: Review.*WaitLimitMinutes/);
  });

  scenario('[F4] if the login failed', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const ended = await run({ [number]: raise(), 'JsmChange.Token': 'a-token-that-has-expired' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expect(ended.result).toMatch(/login at the JSM site failed.*JsmChange\.Token/);
  });
});
