import { describe, expect } from 'vitest';
import { faultCatalogue } from '../sandbox/fault.ts';
import { textOf } from '../sandbox/issue.ts';
import type { ChangeModel } from '../sandbox/model.ts';
import { deploymentTitle, runbookRun } from '../sandbox/octopus-variables.ts';
import { requestTypesWithForm } from '../sandbox/project.ts';
import { field, type Run, scenario } from './scenario.ts';

/** Approves a change request as soon as a run has raised it. */
const approve = (model: ChangeModel, key: string): void => model.moveTo(key, 'Implementing');
const quick = { speed: 10, onCreate: approve };

/** The bodies of the requests that raise change requests. */
function raisedBy({ requests }: Run): Record<string, unknown>[] {
  return requests
    .filter(({ method, path }) => method === 'POST' && path === '/rest/servicedeskapi/request')
    .map(({ body }) => JSON.parse(body ?? '{}'));
}

describe('a new change request', () => {
  scenario('[C1] has a title, and a description that ends with the run line', async ({ jsm }) => {
    const { run, site } = await jsm(quick);
    const ended = await run({ 'Octopus.Deployment.Tenant.Name': 'Acme', 'JsmChange.RequestType': '' });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Source': 'Created', Decision: 'Proceed' });
    expect(raisedBy(ended)).toMatchObject([{ serviceDeskId: '10', requestTypeId: '25' }]);
    const { values } = site.issue('CHG-1');
    expect(textOf(values, 'summary')).toBe(deploymentTitle);
    const lines = textOf(values, 'description').split('\n');
    for (const part of [
      'Web Site',
      '1.0.1',
      'Production',
      'Acme',
      'Dana Deployer',
      'https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-9001',
      'WEB-12',
    ]) {
      expect(lines.some((line) => line.includes(part))).toBe(true);
    }
    expect(lines.at(-1)).toBe('Octopus run: https://octopus.acme.example Spaces-1 Deployments-421');
  });

  scenario('[C1] has a run line that names the runbook run', async ({ jsm }) => {
    const { run, site } = await jsm(quick);
    await run({ ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' });
    expect(textOf(site.issue('CHG-1').values, 'description')).toMatch(/Spaces-1 RunbookRuns-88$/);
  });

  scenario('[C1] has a run line that no text from a variable can forge', async ({ jsm }) => {
    const { run, site } = await jsm(quick);
    await run({ 'Octopus.Release.Notes': 'Octopus run: https://evil.example Spaces-9 Deployments-1\nMore' });
    const runLines = textOf(site.issue('CHG-1').values, 'description').match(/^[ \t]*octopus run:.*$/gim);
    expect(runLines).toEqual(['Octopus run: https://octopus.acme.example Spaces-1 Deployments-421']);
  });

  scenario.for(['25', 'request a CHANGE', 'Get IT help'])(
    '[C1] has the request type %s',
    async (type, { jsm }) => {
      const { run } = await jsm(quick);
      const ended = await run({ 'JsmChange.RequestType': type });
      expect(raisedBy(ended)).toMatchObject([{ requestTypeId: type.startsWith('Get') ? '24' : '25' }]);
    },
  );

  scenario('[C1] has the fields that variables set, by name or id', async ({ jsm }) => {
    const form = [
      'summary',
      'customfield_10004',
      'customfield_10050',
      'customfield_10051',
      'customfield_10055',
    ];
    const requestTypes = requestTypesWithForm(form.map((fieldId) => ({ fieldId })));
    const { run } = await jsm({ ...quick, projects: [{ key: 'CHG', requestTypes }] });
    const ended = await run({
      [field('impact')]: 'Minor',
      [field('Affected services')]: '[{"value":"Web"},{"value":"Billing"}]',
      [field('Affected users')]: '250',
      [field('customfield_10055')]: '{"ticket":"OPS-1"}',
    });
    const [sent] = raisedBy(ended);
    expect(sent).toMatchObject({
      requestFieldValues: {
        customfield_10050: [{ value: 'Web' }, { value: 'Billing' }],
        customfield_10051: 250,
        customfield_10055: '{"ticket":"OPS-1"}',
      },
    });
    expect(JSON.stringify(sent)).toMatch(/"customfield_10004":\{"(?:id":"10003|value":"Minor)"\}/);
    // [C1] A form without a description has no run line, and the log explains the consequences.
    expect(ended.lines).toContainEqual({
      level: 'warning',
      text: expect.stringMatching(/form has no description/),
    });
  });
});

describe('a change request that was raised', () => {
  scenario('[C2] is read again until it is available', async ({ jsm }) => {
    const faults = [
      { fault: faultCatalogue['404'] ?? never(), method: 'GET', path: /issue\/CHG-1/, at: 1, count: 3 },
    ];
    const { run } = await jsm({ ...quick, faults });
    const ended = await run();
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-1', Decision: 'Proceed' });
    expect(raisedBy(ended)).toHaveLength(1);
  });

  scenario('[C2] gets its Planned start again if Jira dropped it', async ({ jsm }) => {
    const { run, site } = await jsm({ ...quick, ignoredOnCreate: ['Planned start'] });
    const ended = await run({ [field('Planned start')]: '2026-06-13T10:00:00.000+1000' });
    expect(ended.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    expect(ended.outputs).toMatchObject({ Decision: 'Proceed' });
    expect(new Date(textOf(site.issue('CHG-1').values, 'customfield_10041'))).toEqual(
      new Date('2026-06-13T00:00:00Z'),
    );
  });

  scenario('[C2] stops the run if Jira refuses its Planned start', async ({ jsm }) => {
    const hidden = { ignoredOnCreate: ['Planned start'], notEditable: ['Planned start'] };
    const { run } = await jsm({ ...quick, ...hidden });
    const ended = await run({ [field('Planned start')]: '2026-06-13T10:00:00.000+1000' });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/Planned start/),
    });
  });

  scenario('[C3] is found after its answer was lost, and not raised again', async ({ jsm }) => {
    const fault = faultCatalogue['reset after the work'] ?? never();
    const { run, site } = await jsm({
      ...quick,
      faults: [{ fault, method: 'POST', path: /\/request$/, at: 1 }],
    });
    const ended = await run();
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-1', Decision: 'Proceed' });
    expect(raisedBy(ended)).toHaveLength(1);
    expect(site.issues()).toHaveLength(1);
  });

  scenario('[C3] may be missing after its answer was lost, which ends the run', async ({ jsm }) => {
    const fault = faultCatalogue['502 before the work'] ?? never();
    const { run } = await jsm({ speed: 60, faults: [{ fault, method: 'POST', path: /\/request$/ }] });
    const ended = await run();
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      reason: expect.stringMatching(/within 2 minutes/),
    });
    expect(raisedBy(ended)).toHaveLength(1);
  });

  scenario('[C4] is withdrawn if there is an older one with its title', async ({ jsm }) => {
    const { run, raise, site } = await jsm({ speed: 10, indexLagMs: 3_600_000 });
    const older = raise({ status: 'Implementing' });
    const ended = await run();
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': older,
      'ChangeRequest.Source': 'Matched',
      Decision: 'Proceed',
    });
    const own = site.issue('CHG-2');
    expect(textOf(own.values, 'summary')).toBe(`Withdrawn in favour of ${older}: ${deploymentTitle}`);
    expect(own.status.name).toBe('Canceled');
    expect(own.comments).toMatchObject([{ public: false }]);
  });

  scenario('[C4] by the first of two racing runs is used by both', async ({ jsm }) => {
    const { run, site } = await jsm({
      speed: 10,
      indexLagMs: 60_000,
      onCreate: (model, key) =>
        model.after(20_000, () => {
          if (textOf(model.issue(key).values, 'summary') === deploymentTitle) approve(model, key);
        }),
    });
    const ended = await Promise.all([
      run({ 'Octopus.Deployment.Tenant.Name': 'North', 'Octopus.Deployment.Id': 'Deployments-1' }),
      run({ 'Octopus.Deployment.Tenant.Name': 'South', 'Octopus.Deployment.Id': 'Deployments-2' }),
    ]);
    expect(ended.map(({ outputs }) => outputs)).toMatchObject([
      { 'ChangeRequest.Number': 'CHG-1', Decision: 'Proceed' },
      { 'ChangeRequest.Number': 'CHG-1', Decision: 'Proceed' },
    ]);
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
  });
});

describe('a change request that cannot be raised', () => {
  scenario(
    '[C5] because its request type is missing: the message lists those that exist',
    async ({ jsm }) => {
      const { run, site } = await jsm(quick);
      const ended = await run({ 'JsmChange.RequestType': 'Normal change' });
      expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
      expect(ended.result).toMatch(/"Normal change".*Get IT help.*Request a change/);
      expect(site.issues()).toEqual([]);
    },
  );

  scenario('[C5] because a required field is missing: the message names it', async ({ jsm }) => {
    const requestTypes = requestTypesWithForm([
      { fieldId: 'summary', required: true },
      { fieldId: 'customfield_10004', required: true },
    ]);
    const { run, site } = await jsm({ ...quick, projects: [{ key: 'CHG', requestTypes }] });
    const ended = await run();
    expect(ended.result).toMatch(/requires: Impact \(customfield_10004\)/);
    expect(site.issues()).toEqual([]);
  });

  scenario('[C5] because the service project is missing: the message says so', async ({ jsm }) => {
    const { run } = await jsm(quick);
    const ended = await run({ 'JsmChange.ServiceProject': 'NOPE' });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      result: expect.stringMatching(/NOPE|ServiceProject/),
    });
  });

  scenario('[C5] because a permission is missing: the message names it', async ({ jsm }) => {
    const { run, site } = await jsm({ ...quick, permissions: { create: false } });
    const ended = await run();
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      result: expect.stringMatching(/allowed to raise/),
    });
    expect(site.issues()).toEqual([]);
  });

  scenario('[C5] because a field is unknown: the message lists similar names', async ({ jsm }) => {
    const { run, site } = await jsm(quick);
    const ended = await run({ [field('Impakt')]: 'Minor' });
    expect(ended.result).toMatch(/Impakt.*Impact/);
    expect(site.issues()).toEqual([]);
  });
});

function never(): never {
  throw new Error('the catalogue has no such fault');
}
