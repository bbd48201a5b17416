import { describe, expect } from 'vitest';
import { number, scenario } from './scenario.ts';

describe('invalid input', () => {
  const bad: Record<string, string> = {
    'JsmChange.BaseUrl': 'acme.atlassian.net',
    'JsmChange.Token': '#{Jira.Token}',
    'JsmChange.ServiceProject': 'Change management',
    'JsmChange.ProceedStatuses': 'Implementing\nPlanning',
    'JsmChange.WaitStatuses': 'planning\nReview',
    'JsmChange.AllowedProjects': 'OPS, my project',
    'JsmChange.CustomerComments': 'perhaps',
    'JsmChange.WhenPending': 'Hope',
    'JsmChange.PollIntervalSeconds': '0',
    'JsmChange.WaitLimitMinutes': '1.5',
    'JsmChange.OutageMinutes': '1e3',
    'Octopus.Project.Name': ' ',
    'Octopus.Environment.Name': '',
  };
  // A problem between two parameters is reported under one of them.
  const named = Object.keys(bad).filter((name) => name !== 'JsmChange.ProceedStatuses');

  scenario('[I3] is reported in one message, before any request', async ({ jsm }) => {
    const { run, sandbox } = await jsm();
    const ended = await run({ ...bad, [number]: 'CHG-1' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    for (const name of named) expect(ended.result).toContain(name);
    const reported = ended.lines
      .filter(({ level }) => level === 'warning')
      .map(({ text }) => /((?:JsmChange|Octopus)\.[A-Za-z.]+)/.exec(text)?.[1]);
    expect(reported.sort()).toEqual(named.sort());
    expect(sandbox.connectionCount()).toBe(0);
  });

  scenario('for the number is reported together with the other problems', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ [number]: 'twelve', 'JsmChange.PollIntervalSeconds': 'x' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.reason).toMatch(/PollIntervalSeconds.*ChangeRequest\.Number is "twelve"/);
  });

  scenario('for the policy is reported together with the other problems', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ 'JsmChange.Policy': 'version: 2', 'JsmChange.PollIntervalSeconds': 'x' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.reason).toMatch(/\(JsmChange\.Policy\) is invalid: line 1.*PollIntervalSeconds\) is "x"/);
  });

  scenario('includes a policy that is an unresolved expression, which the message names', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ 'JsmChange.Policy': ' #{JsmPolicy} ' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.reason).toMatch(/\(JsmChange\.Policy\) contains an Octopus expression .*# \{JsmPolicy\}/);
  });

  scenario('does not keep the supplied number from being an output', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ [number]: ' chg-1 ', 'JsmChange.PollIntervalSeconds': 'x' });
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Supplied',
      Decision: 'Error',
    });
  });

  scenario.for(['JsmChange.BaseUrl', 'JsmChange.ServiceProject', 'JsmChange.Token'])(
    'includes an empty %s',
    async (name, { jsm }) => {
      const { run } = await jsm();
      const ended = await run({ [name]: '  ', [number]: 'CHG-1' });
      expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
      expect(ended.reason).toContain(`(${name}) is empty`);
    },
  );

  scenario.for([
    'JsmChange.Operation',
    'JsmChange.ProjectChangeControlled',
    'JsmChange.RunbookChangeControlled',
  ])('[I5] includes an unresolved expression in %s, which the message names', async (name, { jsm }) => {
    const { run } = await jsm();
    const ended = await run({ [name]: '#{if Secure}True#{/if}' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.reason).toMatch(new RegExp(`\\(${name}\\) .*# \\{if Secure\\}`));
  });

  scenario.for(['1', ' 3600 ', ''])(
    'does not include an interval of "%s" seconds',
    async (interval, { jsm }) => {
      const { raise, run } = await jsm();
      const key = raise({ status: 'Implementing' });
      const ended = await run({ [number]: key, 'JsmChange.PollIntervalSeconds': interval });
      expect(ended.decision).toBe('Proceed');
    },
  );

  scenario('includes a run without any variables', async ({ jsm }) => {
    const { run } = await jsm();
    const nothing = Object.fromEntries(
      Object.keys((await run({ [number]: 'none' })).variables).map((name) => [name, '']),
    );
    const ended = await run(nothing);
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    for (const name of [
      'JsmChange.BaseUrl',
      'JsmChange.Token',
      'JsmChange.ServiceProject',
      'Octopus.Project.Name',
    ]) {
      expect(ended.reason).toContain(name);
    }
  });
});
