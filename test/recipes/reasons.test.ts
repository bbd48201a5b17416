import { describe, expect } from 'vitest';
import { type Jsm, number, scenario } from '../black-box/scenario.ts';
import { createOctopus } from '../sandbox/octopus/octopus.ts';
import type { RunResult } from '../sandbox/octopus/run-process.ts';
import { action } from '../sandbox/octopus/script.ts';
import { deploymentVariables } from '../sandbox/octopus-variables.ts';
import { blocks, conditions, recipe } from './recipe.ts';
import { workerScript } from './worker-script.ts';

const title = 'Act on the reason';

/** A deployment with the recipe. */
async function deploy({ sandbox }: Jsm, key: string): Promise<RunResult> {
  const octopus = createOctopus();
  const [atPlannedStart = '', alert = ''] = conditions(title);
  const [redeploy = '', post = ''] = blocks(title);
  const inherited = Object.entries(deploymentVariables(sandbox)).filter(([name]) =>
    name.startsWith('JsmChange.'),
  );
  const { ended } = octopus.deploy({
    process: {
      variables: { ChangeControlled: 'True', 'Alert.Url': 'https://chat.acme.example/hook', [number]: key },
      steps: [
        {
          kind: 'script',
          name: 'Change gate',
          script: action(),
          parameters: { ...Object.fromEntries(inherited), ...recipe(title).variables },
        },
        { kind: 'script', name: 'Deploy', script: workerScript('echo deployed') },
        {
          kind: 'script',
          name: 'Deploy at planned start',
          script: workerScript(redeploy),
          condition: { variable: atPlannedStart },
        },
        { kind: 'script', name: 'Alert', script: workerScript(post), condition: { variable: alert } },
      ],
    },
  });
  return ended;
}

const ran = ({ steps }: RunResult): readonly string[] =>
  steps.map(({ name, status }) => `${name}: ${status}`);
const printed = ({ steps }: RunResult, name: string): string =>
  steps.find((step) => step.name === name)?.stdout ?? '';

describe(title, () => {
  scenario('[O3] schedules the release for Planned start', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({
      status: 'Implementing',
      fields: { 'Planned start': new Date('2099-01-01T12:00:00Z') },
    });
    const run = await deploy(site, key);
    expect(ran(run)).toEqual([
      'Change gate: Failed',
      'Deploy: Skipped',
      'Deploy at planned start: Succeeded',
      'Alert: Skipped',
    ]);
    expect(printed(run, 'Deploy at planned start')).toMatch(
      /^octopus <release> <deploy> <--no-prompt> .*<--deploy-at> <2099-01-01T12:00:00(?:\.000)?Z>$/m,
    );
  });

  scenario('[O3] alerts if the change was refused', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Declined' });
    const run = await deploy(site, key);
    expect(ran(run)).toEqual([
      'Change gate: Failed',
      'Deploy: Skipped',
      'Deploy at planned start: Skipped',
      'Alert: Succeeded',
    ]);
    expect(printed(run, 'Alert')).toContain(`<text=The change request ${key} is Declined`);
    expect(printed(run, 'Alert')).toContain(
      `${site.sandbox.url}/browse/${key}> <https://chat.acme.example/hook>`,
    );
  });

  scenario.for(['Review', 'Implementing'])(
    '[O3] does neither for a change request in %s',
    async (status, { jsm }) => {
      const site = await jsm();
      const run = await deploy(site, site.raise({ status }));
      const passed = status === 'Implementing';
      expect(ran(run)).toEqual([
        `Change gate: ${passed ? 'Succeeded' : 'Failed'}`,
        `Deploy: ${passed ? 'Succeeded' : 'Skipped'}`,
        'Deploy at planned start: Skipped',
        'Alert: Skipped',
      ]);
    },
  );
});
