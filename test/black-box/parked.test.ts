import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ParkedOptions, parkedProcess } from '../sandbox/octopus/change-steps.ts';
import type { Started } from '../sandbox/octopus/deploying-model.ts';
import type { Interruption } from '../sandbox/octopus/interruption.ts';
import { pretend } from '../sandbox/octopus/script.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';

const team = 'Change gate';

describe('[R1] [R2] A parked deployment, with the bundle as its steps', () => {
  let jira: Sandbox;
  let octopus: OctopusServer;
  beforeEach(async () => {
    [jira, octopus] = await Promise.all([startSandbox(), startOctopus({ cap: 1 })]);
  });
  afterEach(async () => {
    for (const task of octopus.tasks) octopus.cancel(task);
    await Promise.all([jira.close(), octopus.close()]);
  });

  const deploy = (more: Partial<ParkedOptions> = {}): Started =>
    octopus.deploy({
      process: parkedProcess(jira, { deploying: pretend('Deploying'), responsibleTeams: [team], ...more }),
    });

  async function parked({ task, ended }: Started): Promise<Interruption> {
    let hasEnded = false;
    void ended.finally(() => {
      hasEnded = true;
    });
    for (;;) {
      const [interruption] = task.interruptions;
      if (interruption !== undefined) return interruption;
      if (hasEnded) throw new Error(`It did not park: ${JSON.stringify(task.log)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const outcome = async ({ ended }: Started): Promise<readonly string[]> =>
    (await ended).steps.map(({ name, status, outputs }) => `${name}: ${outputs['Decision'] ?? status}`);

  it('uses no slot while it waits, has its park line, and deploys after the approval', async () => {
    const ann = octopus.addUser({ username: 'ann' });
    const run = deploy();
    const interruption = await parked(run);
    const [issue] = jira.site.issues();
    const key = issue?.key ?? '';
    expect(interruption).toMatchObject({ title: 'Wait for approval', responsibleTeams: [{ name: team }] });
    expect(interruption.instructions).toContain(`[${key}](${jira.url}/browse/${key})`);
    expect(interruption.instructions.trim().split('\n').at(-1)).toBe(
      `Parked: ${jira.url}/browse/${key} ${octopus.url} Spaces-1 ${run.task.run.id}`,
    );
    expect(octopus.timeline.at(-1)).toMatchObject({ slots: 0, queued: 0, paused: 1 });
    jira.site.moveTo(key, 'Implementing');
    octopus.answerInterruption(interruption, 'Proceed', ann);
    expect(await outcome(run)).toEqual([
      'Change request: Pending',
      'Wait for approval: Succeeded',
      'Change gate: Proceed',
      'Deploy: Succeeded',
      'Change report: Succeeded',
    ]);
    expect(jira.site.issues()).toHaveLength(1);
    expect(run.task.state).toBe('Success');
  });

  it('is not parked if its change request is already approved', async () => {
    const title = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"';
    jira.site.createRequest({ summary: title, status: 'Implementing' });
    expect(await outcome(deploy())).toEqual([
      'Change request: Ready',
      'Wait for approval: Skipped',
      'Change gate: Proceed',
      'Deploy: Succeeded',
      'Change report: Succeeded',
    ]);
    expect(octopus.interruptions).toEqual([]);
  });

  it('still stops at its gate if somebody clicks Proceed too early', async () => {
    const ann = octopus.addUser({ username: 'ann' });
    const run = deploy({ parameters: { 'JsmChange.WhenPending': 'Fail' } });
    octopus.answerInterruption(await parked(run), 'Proceed', ann);
    expect(await outcome(run)).toEqual([
      'Change request: Pending',
      'Wait for approval: Succeeded',
      'Change gate: Stop',
      'Deploy: Skipped',
      'Change report: Succeeded',
    ]);
    expect(run.task.state).toBe('Failed');
  });

  it('runs only its report after an abort', async () => {
    const ann = octopus.addUser({ username: 'ann' });
    const run = deploy();
    octopus.answerInterruption(await parked(run), 'Abort', ann, 'Declined');
    expect(await outcome(run)).toEqual([
      'Change request: Pending',
      'Wait for approval: Failed',
      'Change gate: Skipped',
      'Deploy: Skipped',
      'Change report: Succeeded',
    ]);
  });
});
