import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeStep } from '../sandbox/octopus/change-steps.ts';
import type { Process } from '../sandbox/octopus/process.ts';
import { action, pretend } from '../sandbox/octopus/script.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';

describe('A process of the Octopus stand-in with the bundle as its steps', () => {
  let jira: Sandbox;
  let octopus: OctopusServer;
  beforeEach(async () => {
    [jira, octopus] = await Promise.all([startSandbox(), startOctopus()]);
  });
  afterEach(async () => {
    await Promise.all([jira.close(), octopus.close()]);
  });

  const process = (): Process => ({
    steps: [
      changeStep(jira, {
        name: 'Change gate',
        operation: 'Gate',
        parameters: { 'JsmChange.WhenPending': 'Fail', 'JsmChange.CustomerComments': 'True' },
      }),
      { kind: 'script', name: 'Deploy', script: pretend('Deploying #{nothing}') },
      changeStep(jira, {
        name: 'Change report',
        operation: 'Report',
        condition: 'Always',
        parameters: { 'JsmChange.CustomerComments': 'True', 'JsmChange.SuccessStatus': 'Completed' },
      }),
    ],
  });

  it('gives a step its variables, and later steps its outputs', async () => {
    const dana = octopus.addUser({ username: 'dana', displayName: 'Dana Deployer' });
    const title = 'Octopus: Deploy "Web Site" version 2.0.0 to "Test"';
    const { key } = jira.site.createRequest({ summary: title, status: 'Implementing' });
    const run = octopus.deploy({
      release: '2.0.0',
      environment: 'Test',
      createdBy: dana,
      process: process(),
    });
    const { steps, task } = await run.ended;
    expect(steps.map(({ name, exitCode, stderr }) => [name, exitCode, stderr])).toEqual([
      ['Change gate', 0, ''],
      ['Deploy', 0, ''],
      ['Change report', 0, ''],
    ]);
    expect(steps[0]?.outputs).toMatchObject({ 'ChangeRequest.Number': key, Decision: 'Proceed' });
    expect(task.state).toBe('Success');
    expect(jira.site.issue(key).status.name).toBe('Completed');
    expect(task.log.map(({ text }) => text)).toContain('Deploying #{nothing}');
  });

  it('fails if the gate stops, and reports that', async () => {
    const run = octopus.deploy({ process: process() });
    const { steps, task } = await run.ended;
    expect(steps.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      'Change gate: Failed',
      'Deploy: Skipped',
      'Change report: Succeeded',
    ]);
    expect(task.state).toBe('Failed');
    expect(task.errorMessage).toContain('CHG-1');
    const [issue] = jira.site.issues();
    expect(issue?.values.get('description')).toContain(`Octopus run: ${octopus.url} Spaces-1 ${task.run.id}`);
  });

  it('ends the process of a step if the task is cancelled', async () => {
    const gate = changeStep(jira, { name: 'Change gate', operation: 'Gate', script: action() });
    const run = octopus.deploy({ process: { steps: [gate] } });
    const created = new Promise<void>((resolve) => {
      const check = (): void => {
        if (jira.site.issues().length > 0) resolve();
        else setTimeout(check, 20);
      };
      check();
    });
    await created;
    octopus.cancel(run.task);
    const { steps, task } = await run.ended;
    expect(task.state).toBe('Canceled');
    expect(steps[0]?.exitCode).toBe(1);
  });
});
