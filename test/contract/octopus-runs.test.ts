import { writeFile } from 'node:fs/promises';
import {
  type Client,
  DeploymentRepository,
  RunbookRunRepository,
  ServerTaskWaiter,
  SpaceServerTaskRepository,
} from '@octopusdeploy/api-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceMessage } from '../../src/octopus/service-message.ts';
import type { Permission } from '../sandbox/octopus/account.ts';
import type { Process, Script } from '../sandbox/octopus/process.ts';
import { pretend } from '../sandbox/octopus/script.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { octopusClient } from './octopus-client.ts';

const permissions: readonly Permission[] = [
  'TaskView',
  'TaskCancel',
  'DeploymentView',
  'DeploymentCreate',
  'RunbookRunView',
  'RunbookRunCreate',
  'ArtifactView',
];

/** The fields of a task and of a deployment in the reference, as far as steps and people use them. */
const taskFields = [
  'Arguments',
  'CompletedTime',
  'ErrorMessage',
  'HasPendingInterruptions',
  'HasPendingPreconditions',
  'PendingInterruptionTypes',
  'PendingPreconditionTypes',
  'ProjectId',
  'QueueTime',
  'QueueTimeExpiry',
  'ServerNode',
  'SpaceId',
  'StartTime',
  'State',
];
const deploymentFields = [
  'ChangeRequestSettings',
  'ChannelId',
  'Comments',
  'Created',
  'DeployedBy',
  'DeployedById',
  'DeploymentProcessId',
  'EnvironmentId',
  'FailureEncountered',
  'FormValues',
  'ManifestVariableSetId',
  'ProjectId',
  'QueueTime',
  'QueueTimeExpiry',
  'ReleaseId',
  'SkipActions',
  'TaskId',
  'TenantId',
  'UseGuidedFailure',
];

const process: Process = { steps: [{ kind: 'script', name: 'Deploy', script: pretend('Deploying') }] };
const deployment = { spaceName: 'Default', ProjectName: 'Web Site', ReleaseVersion: '1.0.1' };

describe('Runs on the Octopus stand-in, through Octopus’ own client', () => {
  let octopus: OctopusServer;
  let client: Client;
  beforeEach(async () => {
    octopus = await startOctopus();
    octopus.setProcess(process);
    octopus.setProcess(process, { runbook: 'Resume' });
    client = await octopusClient(octopus.url, octopus.addUser({ username: 'dana', permissions }).apiKey);
  });
  afterEach(() => octopus.close());

  const end = (id: string) =>
    new ServerTaskWaiter(client, 'Default').waitForServerTaskToComplete(id, 20, 20_000);

  it('deploys a release, and returns the deployment, its task and its log', async () => {
    const deployments = new DeploymentRepository(client, 'Default');
    const created = await deployments.create({ ...deployment, EnvironmentNames: ['Production'] });
    const [{ DeploymentId, ServerTaskId } = { DeploymentId: '', ServerTaskId: '' }] =
      created.DeploymentServerTasks;
    const task = await end(ServerTaskId);
    expect(task).toMatchObject({ State: 'Success', FinishedSuccessfully: true, Arguments: { DeploymentId } });
    expect(Object.keys(task)).toEqual(expect.arrayContaining(taskFields));
    const read = await deployments.get(DeploymentId);
    expect(read).toMatchObject({ TaskId: ServerTaskId, DeployedBy: 'dana', ProjectId: 'Projects-1' });
    expect(Object.keys(read)).toEqual(expect.arrayContaining(deploymentFields));
    expect((await deployments.list({ projects: ['Projects-1'] })).Items).toHaveLength(1);
    expect((await deployments.list({ projects: ['Projects-9'] })).Items).toEqual([]);
    const details = await new SpaceServerTaskRepository(client, 'Default').getDetails(ServerTaskId);
    expect(details.ActivityLogs).toMatchObject([
      { Name: 'Deploy', LogElements: [{ MessageText: 'Deploying' }] },
    ]);
  });

  it('deploys to each tenant', async () => {
    const created = await new DeploymentRepository(client, 'Default').createTenanted({
      ...deployment,
      EnvironmentName: 'Production',
      Tenants: ['Acme', 'Bolt'],
      TenantTags: [],
    });
    expect(created.DeploymentServerTasks).toHaveLength(2);
    expect(octopus.runs.map(({ tenant }) => tenant?.name)).toEqual(['Acme', 'Bolt']);
    for (const { ServerTaskId } of created.DeploymentServerTasks) await end(ServerTaskId);
  });

  it('runs a runbook', async () => {
    const runs = new RunbookRunRepository(client, 'Default');
    const run = {
      spaceName: 'Default',
      ProjectName: 'Web Site',
      RunbookName: 'Resume',
      EnvironmentNames: ['Production'],
    };
    const [{ RunbookRunId, ServerTaskId } = { RunbookRunId: '', ServerTaskId: '' }] = (await runs.create(run))
      .RunbookRunServerTasks;
    expect(await end(ServerTaskId)).toMatchObject({ Name: 'RunbookRun', Arguments: { RunbookRunId } });
    expect(await runs.get(RunbookRunId)).toMatchObject({ RunbookId: 'Runbooks-1', TaskId: ServerTaskId });
    await expect(runs.create({ ...run, RunbookName: 'Nothing' })).rejects.toMatchObject({ StatusCode: 404 });
  });

  it('cancels a parked task', async () => {
    const { task } = octopus.park();
    await client.post(`~/api/tasks/${task.id}/cancel`, {});
    expect(await end(task.id)).toMatchObject({ State: 'Canceled', HasPendingInterruptions: false });
  });

  it('keeps the files that a step reports as artifacts', async () => {
    const script: Script = async ({ folder, print }) => {
      const path = `${folder}/record.json`;
      await writeFile(path, '{"verdict":"Ä"}');
      print(`${serviceMessage('createArtifact', { path, name: 'record.json', length: '16' })}\n`);
      return 0;
    };
    const { task, ended } = octopus.deploy({
      process: { steps: [{ kind: 'script', name: 'Gate', script }] },
    });
    await ended;
    const list = await client.get<{ Items: { Id: string }[] }>(
      `~/api/Spaces-1/artifacts?regarding=${task.run.id}&partialName=record`,
    );
    expect(list.Items).toMatchObject([{ Filename: 'record.json', ServerTaskId: task.id }]);
    expect(await client.get(`~/api/Spaces-1/artifacts/${list.Items[0]?.Id}/content`)).toEqual({
      verdict: 'Ä',
    });
  });

  it('starts a runbook by a webhook with its secret, which belongs to no user', async () => {
    const { path } = octopus.addWebhook({ runbook: 'Resume', secret: 'open sesame' });
    const call = (secret: string): Promise<Response> =>
      fetch(`${octopus.url}${path}`, { method: 'POST', headers: { 'X-Octopus-Webhook-Secret': secret } });
    expect((await call('wrong')).status).toBe(401);
    expect(octopus.runs).toEqual([]);
    const answer = await call('open sesame');
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(octopus.runs).toMatchObject([{ runbook: { name: 'Resume' }, createdBy: undefined }]);
    await end(octopus.runs[0]?.taskId ?? '');
  });
});
