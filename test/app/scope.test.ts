import { describe, expect, it } from 'vitest';
import { runbookRun } from '../sandbox/octopus-variables.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { gate, siteWith } from './gate-run.ts';

const project = 'JsmChange.ProjectChangeControlled';
const environment = 'JsmChange.EnvironmentChangeControlled';

describe('scope', () => {
  it.each([
    ['False', 'True'],
    ['true', 'FALSE'],
    ['false', 'false'],
  ])('[S1] requires no approval and sends nothing with project %s and environment %s', async (a, b) => {
    const run = await gate(new SimulatedSite(), {
      [project]: a,
      [environment]: b,
      // A token scoped to another environment must not fail a deployment that needs no approval.
      'JsmChange.Token': '',
      'JsmChange.BaseUrl': '',
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [], resultMessage: undefined });
    expect(run.outputs['Decision']).toBe('NotRequired');
  });

  it.each(['#{Rotate.Controlled}', 'perhaps'])(
    '[S1] [I4] a deployment that needs no approval does not depend on whether runbook runs are controlled: %s',
    async (value) => {
      const runbook = { 'JsmChange.RunbookChangeControlled': value };
      const run = await gate(new SimulatedSite(), { [project]: 'False', ...runbook });
      expect(run).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
      const controlled = await gate(new SimulatedSite(), runbook);
      expect(controlled).toMatchObject({ exitCode: 1, requests: [] });
      expect(controlled.resultMessage).toContain('JsmChange.RunbookChangeControlled');
    },
  );

  it('[S1] requires approval if both the project and the environment are change controlled', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, { [project]: 'TRUE', [environment]: ' true ' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
  });

  it('[S2] requires approval for a runbook run only if its runbook is change controlled', async () => {
    const site = new SimulatedSite();
    const usual = await gate(site, { ...runbookRun });
    expect(usual).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
    const controlled = await gate(site, {
      ...runbookRun,
      'JsmChange.RunbookChangeControlled': 'True',
      'JsmChange.WhenPending': 'Fail',
    });
    expect(controlled).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(controlled.requests.length).toBeGreaterThan(0);
  });

  it.each(['', '  ', '#{Jira.Token}', 'two\nlines', 'tök€n'])(
    '[S4] names the variable of a secret %j that the connection cannot use, and sends nothing',
    async (token) => {
      const site = new SimulatedSite();
      const run = await gate(site, {
        'JsmChange.Token[Jira]': token,
        'JsmChange.Policy': `
version: 1
connections: [{ name: A, baseUrl: "${site.baseUrl}", tokenVariable: "JsmChange.Token[Jira]" }]
projects: [{ name: "*", connection: A, serviceProject: CHG }]
environments: [{ name: "*" }]
`,
      });
      expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Error' } });
      expect(run.resultMessage).toMatch(
        /JsmChange\.Token\[Jira\] (?:is empty|contains an Octopus expression|contains a line break|is shorter)/,
      );
      if (token.trim() !== '') expect(run.lines.join('\n')).not.toContain(token);
    },
  );
});
