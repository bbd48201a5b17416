import { describe, expect, it } from 'vitest';
import { isRead, type Jsm, number, type Run, scenario } from '../black-box/scenario.ts';
import type { Issue } from '../sandbox/issue.ts';
import { deployment, deploymentTitle, runbookRun } from '../sandbox/octopus-variables.ts';
import { outputsOf, recipe, recipeTitles, resolved } from './recipe.ts';

/** How many times faster than real time the deployments run. */
const speed = 8;
const production = { ChangeControlled: 'True' };
const staging = { ChangeControlled: 'False', 'Octopus.Environment.Name': 'Staging' };
const nextDeployment = { 'Octopus.Deployment.Id': 'Deployments-422', 'Octopus.Task.Id': 'ServerTasks-9002' };

/** A deployment's variables from a recipe's table. */
function by(title: string, more: Readonly<Record<string, string>> = production): Record<string, string> {
  const known = { ...deployment, ...more };
  return { ...more, ...resolved(recipe(title).variables, known) };
}

function approveAfter(jsm: Jsm, ms: number): void {
  jsm.site.onCreate = (model, key) => model.after(ms, () => model.moveTo(key, 'Implementing'));
}

/** The title of an issue. */
function titleOf({ values }: Issue): unknown {
  return values.get('summary');
}

function comments({ site }: Jsm, key: string): string[] {
  return site
    .issue(key)
    .comments.map(({ body, public: isPublic }) => `${isPublic ? 'public' : 'internal'}: ${body}`);
}

function creations({ requests }: Run): number {
  return requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/servicedeskapi/request'))
    .length;
}

it('each recipe has a test', () => {
  expect(recipeTitles).toEqual([
    'Gate as the first step',
    'Verify in the middle',
    'Report at the end',
    'Request early, gate later',
    'Request from a runbook',
    'One policy for many projects',
    'Emergency',
    'Tenants',
    'Standard changes',
    // In reasons.test.ts
    'Act on the reason',
    // In further-recipes.test.ts
    'Kind of change chosen when deploying',
    'Automatic triggers',
    'One change request for a bundle',
    'Window from the schedule',
    'Find what Octopus raised',
    'Close with a resolution',
  ]);
});

describe('Gate as the first step', () => {
  const title = 'Gate as the first step';

  scenario('[C1] waits in Production for the change request that it raises', async ({ jsm }) => {
    const site = await jsm({ speed });
    approveAfter(site, 30_000);
    const ended = await site.run(by(title));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs['ChangeRequest.Source']).toBe('Created');
    expect(titleOf(site.site.issue('CHG-1'))).toBe(deploymentTitle);
  });

  scenario('[L1] uses the number that was entered', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ summary: 'Renew the certificates', status: 'Implementing' });
    const ended = await site.run({ ...by(title), [number]: key });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs['ChangeRequest.Source']).toBe('Supplied');
  });

  scenario('[S1] proceeds immediately in other environments', async ({ jsm }) => {
    const site = await jsm();
    const ended = await site.run(by(title, staging));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'NotRequired' });
    expect(ended.requests).toEqual([]);
  });
});

describe('Verify in the middle', () => {
  scenario('[V1] checks the change request of the gate again', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Implementing' });
    const gate = await site.run(by('Gate as the first step'));
    const later = { ...by('Verify in the middle'), ...outputsOf('Change gate', gate.outputs) };
    const good = await site.run(later);
    expect(good).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(good.requests.filter(isRead)).toHaveLength(1);
    site.site.moveTo(key, 'Planning');
    const moved = await site.run(later);
    expect(moved).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(moved.outputs['ChangeRequest.Number']).toBe(key);
  });

  scenario('[V1] stops when the window is over', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Implementing' });
    const gate = await site.run(by('Gate as the first step'));
    site.site.setField(key, 'Planned end', new Date(Date.now() - 60_000));
    const ended = await site.run({
      ...by('Verify in the middle'),
      ...outputsOf('Change gate', gate.outputs),
    });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/has passed/),
    });
  });

  scenario('[S1] proceeds immediately in other environments', async ({ jsm }) => {
    const ended = await (await jsm()).run(by('Verify in the middle', staging));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'NotRequired' });
  });
});

describe('Report at the end', () => {
  const withComments = { 'JsmChange.CustomerComments': 'True' };
  const report = (gate: Run, more: Record<string, string> = {}): Record<string, string> => ({
    ...by('Report at the end'),
    ...outputsOf('Change gate', gate.outputs),
    ...more,
  });

  scenario('[V2] reports a success and moves the change request', async ({ jsm }) => {
    const site = await jsm({ speed });
    const key = site.raise();
    site.afterChecks(2, () => site.site.moveTo(key, 'Implementing'));
    const gate = await site.run({ ...by('Gate as the first step'), ...withComments });
    expect(gate.decision).toBe('Proceed');
    const ended = await site.run(report(gate));
    expect(ended.exitCode).toBe(0);
    expect(site.site.issue(key).status.name).toBe('Completed');
    expect(comments(site, key)).toEqual([
      expect.stringMatching(/^public: The deployment is waiting /),
      expect.stringMatching(/^public: This change is approved/),
      expect.stringMatching(/^public: The deployment succeeded\.[\s\S]*Duration: /),
    ]);
  });

  scenario('[V2] reports a failure with its first line', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Implementing' });
    const gate = await site.run(by('Gate as the first step'));
    const error = { 'Octopus.Deployment.Error': 'The disk is full\nat step 4' };
    const ended = await site.run(report(gate, error));
    expect(ended.exitCode).toBe(0);
    expect(site.site.issue(key).status.name).toBe('Failed');
    expect(comments(site, key)).toEqual([expect.stringMatching(/^public: The deployment failed\./)]);
    expect(comments(site, key).join()).toContain('The disk is full');
    expect(comments(site, key).join()).not.toContain('at step 4');
  });

  scenario('[V2] writes no comment if the gate did not allow the deployment', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Declined' });
    const gate = await site.run({ ...by('Gate as the first step'), [number]: key });
    expect(gate.decision).toBe('Stop');
    const ended = await site.run(report(gate, { 'Octopus.Deployment.Error': 'The gate stopped it' }));
    expect(ended.exitCode).toBe(0);
    expect(ended.text).toMatch(/is not changed: no step of this run has allowed the deployment/);
    expect(comments(site, key)).toEqual([]);
  });
});

describe('Request early, gate later', () => {
  const title = 'Request early, gate later';

  scenario(
    '[P1] raises and stops, and the next deployment finds the change request approved',
    async ({ jsm }) => {
      const site = await jsm({ speed });
      const first = await site.run(by(title));
      expect(first).toMatchObject({
        exitCode: 1,
        decision: 'Stop',
        reason: expect.stringMatching(/not ready/),
      });
      expect(first.outputs['ChangeRequest.Source']).toBe('Created');
      site.site.moveTo('CHG-1', 'Implementing');
      const second = await site.run(by(title, { ...production, ...nextDeployment }));
      expect(second).toMatchObject({ exitCode: 0, decision: 'Proceed' });
      expect(second.outputs).toMatchObject({
        'ChangeRequest.Number': 'CHG-1',
        'ChangeRequest.Source': 'Matched',
      });
      expect(site.site.issues()).toHaveLength(1);
    },
  );

  scenario('[F6] continues with its own change request in a retry', async ({ jsm }) => {
    const site = await jsm({ speed });
    await site.run(by(title));
    site.site.moveTo('CHG-1', 'Implementing');
    const retried = await site.run(by(title));
    expect(retried).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(site.site.issues()).toHaveLength(1);
  });

  scenario('[L9] raises no other in a retry after a refusal', async ({ jsm }) => {
    const site = await jsm({ speed });
    await site.run(by(title));
    site.site.moveTo('CHG-1', 'Declined');
    const retried = await site.run(by(title));
    expect(retried).toMatchObject({ exitCode: 1, decision: 'Stop', reason: expect.stringMatching(/CHG-1/) });
    expect(creations(retried)).toBe(0);
  });
});

describe('Request from a runbook', () => {
  scenario('[L7] raises what the deployment will look for', async ({ jsm }) => {
    const site = await jsm({ speed });
    const asked = { ...runbookRun, Release: '1.0.1', Target: 'Production' };
    const requested = await site.run(by('Request from a runbook', asked));
    expect(requested).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/not ready/),
    });
    expect(titleOf(site.site.issue('CHG-1'))).toBe(deploymentTitle);
    site.site.moveTo('CHG-1', 'Implementing');
    const ended = await site.run(by('Gate as the first step'));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Matched',
    });
  });
});

describe('One policy for many projects', () => {
  const title = 'One policy for many projects';
  const policyOf = ({ sandbox }: Jsm, more: Record<string, string> = {}): Record<string, string> => {
    const policy = recipe(title).yaml.replace('https://acme.atlassian.net', sandbox.url);
    return {
      // The token is in the policy's own variable.
      'JsmChange.Token[Acme Cloud]': 'sandbox-token-1234567890',
      'JsmChange.Token': '',
      'JsmChange.BaseUrl': '',
      ...by(title, { ...more, 'Change.Policy': policy }),
    };
  };
  const window = { 'Planned end': new Date('2099-01-01T00:00:00Z') };

  scenario('[S1] gates the entries that it names', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Implementing', fields: window });
    const ended = await site.run(policyOf(site));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs['ChangeRequest.Number']).toBe(key);
    expect(comments(site, key)).toEqual([expect.stringMatching(/^public: This change is approved/)]);
  });

  scenario('[W13] stops on an approved change request without Planned end', async ({ jsm }) => {
    const site = await jsm();
    site.raise({ status: 'Implementing' });
    const ended = await site.run(policyOf(site));
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/no Planned end/),
    });
  });

  scenario.for<[string, Record<string, string>, string]>([
    ['a project that is not change controlled', { 'Octopus.Project.Name': 'Intranet' }, 'NotRequired'],
    ['another environment', { 'Octopus.Environment.Name': 'Staging' }, 'NotRequired'],
    ['an unlisted runbook', { ...runbookRun, 'Octopus.Runbook.Name': 'Clean up' }, 'NotRequired'],
    ['a project that no entry names', { 'Octopus.Project.Name': 'Shop' }, 'Stop'],
  ])('[S1] decides without a request for %s', async ([, more, decision], { jsm }) => {
    const site = await jsm();
    const ended = await site.run(policyOf(site, more));
    expect(ended.decision).toBe(decision);
    expect(ended.requests).toEqual([]);
  });
});

describe('Emergency', () => {
  const projects = [{ key: 'CHG' }, { key: 'OPS' }, { key: 'HR' }];

  scenario('[L4] accepts an approved change request of the allowed project', async ({ jsm }) => {
    const site = await jsm({ projects });
    const key = site.raise({
      project: 'OPS',
      summary: 'Emergency: restore the shop',
      status: 'Implementing',
    });
    const link = `${site.sandbox.url}/browse/${key}`;
    const ended = await site.run({ ...by('Emergency'), [number]: link });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs['ChangeRequest.Number']).toBe(key);
    expect(site.site.issues()).toHaveLength(1);
  });

  scenario('[L4] accepts no change request of another project', async ({ jsm }) => {
    const site = await jsm({ projects });
    const key = site.raise({ project: 'HR', status: 'Implementing' });
    const ended = await site.run({ ...by('Emergency'), [number]: key });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/project HR/),
    });
  });
});

describe('Tenants', () => {
  const tenant = (name: string): Record<string, string> => ({
    ...production,
    'Octopus.Deployment.Tenant.Name': name,
    'Octopus.Deployment.Id': `Deployments-${name.length}`,
  });

  scenario('[L7] each get their own change request', async ({ jsm }) => {
    const site = await jsm({ speed });
    approveAfter(site, 10_000);
    const variables = (name: string) => ({
      ...by('Gate as the first step', tenant(name)),
      ...by('Tenants', tenant(name)),
    });
    const runs = [await site.run(variables('Northwind')), await site.run(variables('Contoso'))];
    expect(runs.map(({ decision }) => decision)).toEqual(['Proceed', 'Proceed']);
    expect(site.site.issues().map(titleOf)).toEqual([
      `${deploymentTitle} for "Northwind"`,
      `${deploymentTitle} for "Contoso"`,
    ]);
    const again = await site.run({ ...variables('Contoso'), ...nextDeployment });
    expect(again.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-2',
      'ChangeRequest.Source': 'Matched',
    });
    const report = {
      ...by('Report at the end', tenant('Contoso')),
      ...outputsOf('Change gate', again.outputs),
    };
    expect((await site.run(report)).exitCode).toBe(0);
    expect(site.site.issues().map(({ status }) => status.name)).toEqual(['Implementing', 'Completed']);
  });

  scenario('[V2] that share a change request are reported without a status change', async ({ jsm }) => {
    const site = await jsm();
    const key = site.raise({ status: 'Implementing' });
    const gate = await site.run(by('Gate as the first step', tenant('Contoso')));
    await site.run({
      ...by('Report at the end', tenant('Contoso')),
      ...outputsOf('Change gate', gate.outputs),
    });
    expect(site.site.issue(key).status.name).toBe('Implementing');
    expect(comments(site, key).join()).toContain('Contoso');
  });
});

describe('Standard changes', () => {
  scenario('[V5] are approved by the step on its own change request', async ({ jsm }) => {
    const site = await jsm({ speed });
    const ended = await site.run(by('Standard changes'));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(site.site.issue('CHG-1').status.name).toBe('Implementing');
    expect(comments(site, 'CHG-1')).toEqual([
      expect.stringMatching(/^internal: This change is pre-approved/),
    ]);
  });

  scenario('[V5] that somebody else raised are left to people', async ({ jsm }) => {
    const site = await jsm({ speed });
    const key = site.raise();
    const ended = await site.run({ ...by('Standard changes'), 'JsmChange.WhenPending': 'Fail' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(site.site.issue(key).status.name).toBe('Review');
  });
});
