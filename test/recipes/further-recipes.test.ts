import { describe, expect } from 'vitest';
import { type Jsm, number, scenario } from '../black-box/scenario.ts';
import { defaultToken, defaultUsername } from '../sandbox/defaults.ts';
import { deployment, deploymentTitle, runbookRun } from '../sandbox/octopus-variables.ts';
import { changeForm, type RequestType, requestTypesWithForm } from '../sandbox/project.ts';
import { changeWorkflow } from '../sandbox/workflow.ts';
import { blocks, optionsOf, outputsOf, recipe, resolved } from './recipe.ts';
import { workerScript } from './worker-script.ts';

/** How many times faster than real time the deployments run. */
const speed = 5;
const approver = 'Ann Approver';
const once = { 'JsmChange.WhenPending': 'Fail' };

/** A deployment's variables from a recipe's table, evaluated. */
function by(title: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const known = { ...deployment, ChangeControlled: 'True', ...more };
  return { ...more, ...resolved(recipe(title).variables, known) };
}

describe('Kind of change chosen when deploying', () => {
  const title = 'Kind of change chosen when deploying';
  const kinds = optionsOf(title);
  const requestTypes: readonly RequestType[] = kinds.map((name, index) => ({
    id: `${30 + index}`,
    name,
    description: '',
    issueTypeId: '10005',
    fields: changeForm,
  }));
  const options = { projects: [{ key: 'CHG', requestTypes }], speed };

  scenario.for(kinds.map((name, index) => [name, `${30 + index}`] as const))(
    '[C1] raises a change request of the type %s',
    async ([kind, id], { jsm }) => {
      const site = await jsm(options);
      const ended = await site.run({ ...by(title, { 'Change.Kind': kind }), ...once });
      expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
      expect(site.site.issue('CHG-1').requestTypeId).toBe(id);
    },
  );

  scenario('[C5] lists the existing kinds for an unknown one', async ({ jsm }) => {
    const site = await jsm(options);
    const ended = await site.run(by(title, { 'Change.Kind': 'Urgent change' }));
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    for (const kind of kinds) expect(ended.text).toContain(kind);
    expect(site.site.issues()).toEqual([]);
  });

  scenario('[L7] uses the open change request of any kind', async ({ jsm }) => {
    const site = await jsm(options);
    const key = site.raise({ status: 'Implementing' });
    const ended = await site.run(by(title, { 'Change.Kind': kinds[1] ?? '' }));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs['ChangeRequest.Number']).toBe(key);
  });
});

describe('Automatic triggers', () => {
  const title = 'Automatic triggers';
  const triggered = (name: string): Record<string, string> => ({
    'Octopus.Deployment.Trigger.Id': 'ProjectTriggers-7',
    'Octopus.Deployment.Trigger.Name': name,
    'Octopus.Deployment.CreatedBy.DisplayName': '',
    'Octopus.Deployment.CreatedBy.Username': '',
    'Octopus.Deployment.CreatedBy.EmailAddress': '',
  });

  scenario('[S1] lets the named trigger scale out without a request', async ({ jsm }) => {
    const ended = await (await jsm()).run(by(title, triggered('Scale out')));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'NotRequired', requests: [] });
  });

  scenario.for([
    ['another trigger', triggered('Nightly release')],
    ['a person', {}],
  ] as const)('[S1] gates the deployment of %s', async ([, run], { jsm }) => {
    const ended = await (await jsm({ speed })).run({ ...by(title, run), ...once });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
  });

  scenario('[A2] covers a trigger by the release in an environment that is not exempt', async ({ jsm }) => {
    const site = await jsm({ projects: [{ key: 'CHG', approvals: { Authorize: [approver] } }] });
    const key = site.raise({ status: 'Authorize' });
    site.site.decide(key, approver, 'approved');
    site.site.moveTo(key, 'Implementing');
    const approvers = { 'JsmChange.ApprovalCheck': 'OtherApprover' };
    const ended = await site.run({
      ...by('Gate as the first step', triggered('Scale out')),
      ...approvers,
    });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': key,
      'ChangeRequest.Source': 'Matched',
    });
  });
});

describe('One change request for a bundle', () => {
  const bundle = {
    'Octopus.Project.Name': 'Bundle',
    'Octopus.Release.Notes': `Deploys ${deployment['Octopus.Project.Name']} ${deployment['Octopus.Release.Number']}`,
  };
  const inBundle = { ...bundle, 'Octopus.Deployment.Id': 'Deployments-400' };

  /** Deploys the bundle; returns what its *Deploy a Release* step passes on. */
  async function deployBundle(site: Jsm): Promise<Record<string, string>> {
    site.site.onCreate = (model, key) => model.after(5_000, () => model.moveTo(key, 'Implementing'));
    const gate = await site.run(by('Gate as the first step', inBundle));
    expect(gate).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    const { variables } = recipe('One change request for a bundle');
    return resolved(variables, outputsOf('Change gate', gate.outputs));
  }

  scenario('[L1] covers a child release, which raises no change request', async ({ jsm }) => {
    const site = await jsm({ speed });
    const child = await site.run(by('Gate as the first step', await deployBundle(site)));
    expect(child).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(child.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Supplied',
    });
    expect(child.text).not.toContain('mentions neither');
    expect(site.site.issues()).toHaveLength(1);
  });

  scenario('[L1] covers no child release once it is withdrawn', async ({ jsm }) => {
    const site = await jsm({ speed });
    const passed = await deployBundle(site);
    expect(Object.keys(passed)).toEqual([number]);
    site.site.moveTo('CHG-1', 'Declined');
    const child = await site.run(by('Gate as the first step', passed));
    expect(child).toMatchObject({ exitCode: 1, decision: 'Stop' });
  });
});

describe('Window from the schedule', () => {
  const title = 'Window from the schedule';
  const asked = {
    Release: '1.0.1',
    Target: 'Production',
    Start: '2099-06-13T22:00:00+02:00',
    End: '2099-06-13T23:30:00+02:00',
  };

  scenario('[C1] raises the change request with the window, and the deployment finds it', async ({ jsm }) => {
    const site = await jsm({ speed });
    const requested = await site.run(by(title, { ...runbookRun, ...asked }));
    expect(requested).toMatchObject({ exitCode: 0, decision: 'Pending' });
    const { values } = site.site.issue('CHG-1');
    expect(values.get('summary')).toBe(deploymentTitle);
    site.site.moveTo('CHG-1', 'Implementing');
    const gate = await site.run({ ...by('Gate as the first step'), ...once });
    expect(gate.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.PlannedStart': '2099-06-13T20:00:00Z',
      'ChangeRequest.PlannedEnd': '2099-06-13T21:30:00Z',
      DecisionCode: 'AwaitingPlannedStart',
    });
  });

  scenario('schedules the deployment for the start of the window', async () => {
    let printed = '';
    const [schedule = ''] = blocks(title);
    const exitCode = await workerScript(schedule)({
      variables: { ...deployment, ...asked },
      folder: process.cwd(),
      print: (text) => {
        printed += text;
      },
      printError: (text) => {
        printed += text;
      },
      signal: new AbortController().signal,
    });
    expect(exitCode).toBe(0);
    expect(printed.trim()).toBe(
      'octopus <release> <deploy> <--no-prompt> <--space> <Default> <--project> <Web Site> <--version> <1.0.1> <--environment> <Production> <--deploy-at> <2099-06-13T22:00:00+02:00>',
    );
  });
});

describe('Find what Octopus raised', () => {
  const title = 'Find what Octopus raised';

  async function found({ sandbox }: Jsm, jql: string): Promise<readonly unknown[]> {
    const url = `${sandbox.url}/rest/api/3/search/jql?${new URLSearchParams({ jql, fields: 'summary' })}`;
    const authorization = `Basic ${Buffer.from(`${defaultUsername}:${defaultToken}`).toString('base64')}`;
    const answer = (await (await fetch(url, { headers: { authorization } })).json()) as {
      issues: readonly { key: string }[];
    };
    return answer.issues.map(({ key }) => key);
  }

  scenario.for([
    ['is on the form', [...changeForm, { fieldId: 'labels' }]],
    ['is not on the form', changeForm],
  ] as const)('[C1] by the label, which %s', async ([, form], { jsm }) => {
    const site = await jsm({
      speed,
      indexLagMs: 0,
      projects: [{ key: 'CHG', requestTypes: requestTypesWithForm(form) }],
    });
    site.raise({ summary: 'Raised by a person' });
    await site.run({ ...by('Gate as the first step'), ...by(title), ...once });
    const [jql = ''] = blocks(title, 'jql');
    expect(await found(site, jql)).toEqual(['CHG-2']);
    site.site.moveTo('CHG-2', 'Completed');
    expect(await found(site, jql)).toEqual([]);
  });
});

describe('Close with a resolution', () => {
  const title = 'Close with a resolution';
  const transitions = changeWorkflow.transitions.map((one) =>
    ['Completed', 'Failed'].includes(one.to) ? { ...one, requires: ['Resolution'] } : one,
  );
  const projects = [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }];

  scenario.for([
    ['Completed', 'Done', {}],
    ['Failed', 'Failed', { 'Octopus.Deployment.Error': 'The disk is full' }],
  ] as const)('[V2] moves to %s with the resolution %s', async ([status, resolution, more], { jsm }) => {
    const site = await jsm({ projects });
    const key = site.raise({ status: 'Implementing' });
    const gate = await site.run(by('Gate as the first step'));
    const ended = await site.run({ ...by(title, more), ...outputsOf('Change gate', gate.outputs) });
    expect(ended.exitCode).toBe(0);
    expect(site.site.issue(key).status.name).toBe(status);
    expect(site.site.issue(key).values.get('resolution')).toMatchObject({ name: resolution });
  });
});
