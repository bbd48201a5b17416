import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Permission } from '../sandbox/octopus/account.ts';
import { parkedProcess, resumeProcess } from '../sandbox/octopus/change-steps.ts';
import type { Started } from '../sandbox/octopus/deploying-model.ts';
import type { Interruption } from '../sandbox/octopus/interruption.ts';
import { pretend } from '../sandbox/octopus/script.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';

const team = 'Change gate';
const runbook = 'Resume parked deployments';

describe('[R3] [R4] [R6] A runbook with the operation Resume, as a process', () => {
  let jira: Sandbox;
  let octopus: OctopusServer;
  beforeEach(async () => {
    [jira, octopus] = await Promise.all([startSandbox(), startOctopus({ cap: 2 })]);
  });
  afterEach(async () => {
    await Promise.all([jira.close(), octopus.close()]);
  });

  function park(status: string): Interruption {
    const { key } = jira.site.createRequest({ summary: `Change that is ${status}`, status });
    return octopus.park({
      project: status,
      changeRequest: `${jira.url}/browse/${key}`,
      responsibleTeams: [team],
    });
  }

  /** Runs one pass of the runbook with a service account that has these permissions. */
  function pass(permissions: readonly Permission[]) {
    const { apiKey } = octopus.addUser({
      username: 'svc-resume',
      isService: true,
      teams: [team],
      permissions,
    });
    return octopus.deploy({ runbook, process: resumeProcess(jira, { apiKey }) }).ended;
  }

  it('continues an approved deployment, aborts a declined one and leaves a waiting one alone', async () => {
    const [approved, declined, waiting] = [park('Implementing'), park('Declined'), park('Planning')];
    const { steps, task } = await pass(['InterruptionView', 'InterruptionViewSubmitResponsible']);
    expect(steps).toMatchObject([{ exitCode: 0, stderr: '' }]);
    expect(task.state).toBe('Success');
    octopus.catchUp();
    expect([approved, declined, waiting].map((each) => [each.answer?.given, each.task.state])).toEqual([
      ['Proceed', 'Success'],
      ['Abort', 'Failed'],
      [undefined, 'Queued'],
    ]);
    expect(approved.answer).toMatchObject({
      by: { username: 'svc-resume' },
      notes: expect.stringContaining('CHG-1'),
    });
    // One page, and two requests for each answer.
    expect(octopus.requests.map(({ method }) => method).sort()).toEqual([
      'GET',
      'POST',
      'POST',
      'PUT',
      'PUT',
    ]);
  });

  it('names the missing permission if its account cannot see interruptions', async () => {
    const waiting = park('Implementing');
    const { steps, task } = await pass(['InterruptionViewSubmitResponsible']);
    expect(steps).toMatchObject([{ exitCode: 1, stderr: '' }]);
    expect(task.errorMessage).toContain('InterruptionView');
    expect(waiting.answer).toBeUndefined();
  });

  it('answers deployments that a Request has parked', async () => {
    const deploy = (project: string): Started =>
      octopus.deploy({
        project,
        process: parkedProcess(jira, { deploying: pretend('Deploying'), responsibleTeams: [team] }),
      });
    const [approved, declined] = [deploy('Approved'), deploy('Declined')];
    const keyOf = async ({ task }: Started): Promise<string> => {
      while (task.interruptions.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      return /Parked: \S+\/browse\/(\S+)/.exec(task.interruptions[0]?.instructions ?? '')?.[1] ?? '';
    };
    const [toApprove, toDecline] = await Promise.all([keyOf(approved), keyOf(declined)]);
    expect(octopus.timeline.at(-1)).toMatchObject({ slots: 0, queued: 0, paused: 2 });
    jira.site.moveTo(toApprove, 'Implementing');
    jira.site.moveTo(toDecline, 'Declined');
    await pass(['InterruptionView', 'InterruptionViewSubmitResponsible']);
    const statuses = async ({ ended }: Started): Promise<readonly string[]> =>
      (await ended).steps.map(({ status }) => status);
    expect(await statuses(approved)).toEqual(Array(5).fill('Succeeded'));
    expect(await statuses(declined)).toEqual(['Succeeded', 'Failed', 'Skipped', 'Skipped', 'Succeeded']);
  });
});
