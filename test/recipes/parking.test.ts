import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Permission, User } from '../sandbox/octopus/account.ts';
import { callerOf } from '../sandbox/octopus/caller.ts';
import type { Started } from '../sandbox/octopus/deploying-model.ts';
import { pretend } from '../sandbox/octopus/script.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { parkedProcess, resumeProcess, tableOf } from './parking-page.ts';

const runbook = tableOf('trigger')['Runbook'] ?? '';
const environment = tableOf('trigger')['Environment'] ?? '';
const operations = { project: 'Operations', runbook, environment };
const teamName = tableOf('Wait for approval')['Responsible teams'] ?? '';

let sandbox: Sandbox;
let octopus: OctopusServer;
let robot: User;

beforeEach(async () => {
  sandbox = await startSandbox();
  octopus = await startOctopus({ cap: 2, behaviour: { submitOverridesTeams: false } });
  robot = octopus.addUser({
    username: 'change-gate',
    isService: true,
    teams: [teamName],
    permissions: Object.keys(tableOf('permission')) as Permission[],
  });
  octopus.setProcess(resumeProcess({ sandbox }, robot.apiKey), operations);
});

afterEach(async () => {
  for (const task of octopus.tasks) octopus.cancel(task);
  await Promise.all([octopus.close(), sandbox.close()]);
});

/** Deploys with the page's process; each project has its own title, and therefore its own change request. */
function deploy(project: string, changeControlled = 'True'): Started {
  const process = parkedProcess({ sandbox }, pretend('Deployed.'), { ChangeControlled: changeControlled });
  return octopus.deploy({ project, environment, process });
}

/** Waits until the server is idle: every run has ended or is parked. */
async function quiet(): Promise<void> {
  const isBusy = (): boolean => octopus.timeline.at(-1)?.slots !== 0 || octopus.timeline.at(-1)?.queued !== 0;
  while (isBusy()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function resume(): Promise<string> {
  const { steps, task } = await octopus.deploy({ ...operations, trigger: 'Schedule' }).ended;
  expect(task.state).toBe('Success');
  return steps.flatMap(({ lines }) => lines.map(({ text }) => text)).join('\n');
}

const statuses = async ({ ended }: Started): Promise<Record<string, string>> =>
  Object.fromEntries((await ended).steps.map(({ name, status }) => [name, status]));

const titleOf = (project: string): string => `Octopus: Deploy "${project}" version 1.0.1 to "${environment}"`;

/** Deploys as above, with a change request that somebody raised before. */
function deployRaised(project: string, status = 'Planning'): Started {
  sandbox.site.createRequest({ summary: titleOf(project), status, lagged: false });
  return deploy(project);
}

/** The key of the change request of a project's deployment. */
function keyOf(project: string): string {
  const [issue] = sandbox.site.openWithSummary(titleOf(project));
  if (issue === undefined) throw new Error(`${project} has no open change request`);
  return issue.key;
}

describe('A parked deployment', () => {
  it('[R1] [R3] continues once its change is approved, or is aborted, and none uses a slot', async () => {
    const runs = { shop: deploy('Shop'), intranet: deploy('Intranet'), payroll: deploy('Payroll') };
    await quiet();
    expect(octopus.timeline.at(-1)).toMatchObject({ slots: 0, queued: 0, paused: 3 });
    const [shop, intranet, payroll] = ['Shop', 'Intranet', 'Payroll'].map(keyOf);
    const instructions = octopus.interruptions.map((one) => one.instructions).join('\n');
    expect(instructions).toContain(
      `Parked: ${sandbox.url}/browse/${shop} ${octopus.url} Spaces-1 ${runs.shop.task.run.id}`,
    );
    sandbox.site.moveTo(shop ?? '', 'Implementing');
    sandbox.site.moveTo(intranet ?? '', 'Declined');
    expect(await resume()).toMatch(/1 continued, 1 aborted, 1 still waiting/);

    expect(await statuses(runs.shop)).toEqual({
      'Request change': 'Succeeded',
      'Wait for approval': 'Succeeded',
      'Change gate': 'Succeeded',
      Deploy: 'Succeeded',
      'Report change': 'Succeeded',
    });
    expect(sandbox.site.issue(shop ?? '')).toMatchObject({ status: { name: 'Completed' } });
    expect(sandbox.site.issue(shop ?? '').comments.map(({ body }) => body.split('\n')[0])).toEqual([
      'The deployment is waiting for this change to be approved and for its planned start.',
      expect.stringContaining('is starting'),
      'The deployment succeeded.',
    ]);

    expect(await statuses(runs.intranet)).toEqual({
      'Request change': 'Succeeded',
      'Wait for approval': 'Failed',
      'Change gate': 'Skipped',
      Deploy: 'Skipped',
      'Report change': 'Succeeded',
    });
    expect(sandbox.site.issue(intranet ?? '').status.name).toBe('Declined');

    // The third deployment is unchanged, and the runbook can run again.
    sandbox.site.moveTo(payroll ?? '', 'Implementing');
    expect(await resume()).toMatch(/1 continued, 0 aborted, 0 still waiting/);
    expect((await runs.payroll.ended).task.state).toBe('Success');
    const answered = octopus.interruptions.map(({ answer }) => answer?.by.username);
    expect(answered).toEqual(Array(3).fill(robot.username));
  });

  it('[R1] [S1] is not created if the deployment may proceed immediately, or needs no approval', async () => {
    for (const started of [deployRaised('Shop', 'Implementing'), deploy('Intranet', 'False')]) {
      expect(await statuses(started)).toMatchObject({
        'Wait for approval': 'Skipped',
        'Change gate': 'Succeeded',
        Deploy: 'Succeeded',
      });
    }
    expect(octopus.interruptions).toEqual([]);
  });

  it('[F7] is still gated if somebody clicks Proceed too early', async () => {
    const admin = octopus.addUser({ username: 'admin' });
    const started = deployRaised('Shop');
    await quiet();
    const [interruption] = octopus.interruptions;
    if (interruption === undefined) throw new Error('nothing is parked');
    octopus.answerInterruption(interruption, 'Proceed', admin);
    sandbox.site.moveTo(keyOf('Shop'), 'Declined');
    expect(await statuses(started)).toMatchObject({ 'Change gate': 'Failed', Deploy: 'Skipped' });
  });

  it('can only be answered by the team that the page names', async () => {
    const stranger = octopus.addUser({
      username: 'stranger',
      permissions: Object.keys(tableOf('permission')) as Permission[],
    });
    deployRaised('Shop');
    await quiet();
    const id = octopus.interruptions[0]?.id ?? '';
    expect(callerOf(octopus, stranger).take(id).status).toBe(403);
    expect(callerOf(octopus, robot).take(id).status).toBe(200);
  });

  it.each(Object.keys(tableOf('permission')))(
    'is not answered without the permission %s',
    async (permission) => {
      const others = Object.keys(tableOf('permission')).filter((name) => name !== permission);
      const weak = octopus.addUser({
        username: 'weak',
        isService: true,
        teams: [teamName],
        permissions: others as Permission[],
      });
      octopus.setProcess(resumeProcess({ sandbox }, weak.apiKey), operations);
      deployRaised('Shop');
      await quiet();
      sandbox.site.moveTo(keyOf('Shop'), 'Implementing');
      await octopus.deploy(operations).ended;
      expect(octopus.interruptions[0]?.answer).toBeUndefined();
    },
  );
});

describe('Continuing immediately', () => {
  /** A row of a table, with the placeholders that a reader must replace filled in. */
  const filled = (text: string | undefined, more: Readonly<Record<string, string>>): string =>
    Object.entries({ 'Octopus URL': octopus.url, 'space id': 'Spaces-1', ...more }).reduce(
      (sum, [name, value]) => sum.replaceAll(`{${name}}`, value),
      text ?? '',
    );

  async function expectPass(call: () => Promise<Response>): Promise<void> {
    const started = deployRaised('Shop');
    await quiet();
    sandbox.site.moveTo(keyOf('Shop'), 'Implementing');
    expect((await call()).ok).toBe(true);
    expect((await started.ended).task.state).toBe('Success');
  }

  it('a webhook starts the runbook', async () => {
    const { Method: method = '', URL: url, Header: header = '', ...others } = tableOf('webhook');
    expect(others).toEqual({});
    const { id } = octopus.addWebhook({ ...operations, secret: 'a webhook secret' });
    await expectPass(() => fetch(filled(url, { id }), { method, headers: { [header]: 'a webhook secret' } }));
  });

  it('a call of the API starts the runbook', async () => {
    const { Method: method = '', URL: url, Header: header = '', Body: body } = tableOf('runbook run');
    const starter = octopus.addUser({ username: 'jira', permissions: ['RunbookRunCreate'] });
    await expectPass(() =>
      fetch(filled(url, {}), {
        method,
        headers: { [header]: starter.apiKey, 'content-type': 'application/json' },
        body: filled(body, { project: operations.project }),
      }),
    );
  });
});
