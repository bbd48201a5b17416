import { describe, expect, it } from 'vitest';
import { said, siteWith, writes } from '../app/gate-run.ts';
import { runbookRun } from '../sandbox/octopus-variables.ts';
import { changeWorkflow, olderChangeWorkflow, type Transition } from '../sandbox/workflow.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import {
  commentsOf,
  decidedNothing,
  earlierGate,
  numberVariable,
  operate,
  requestsTo,
} from './operation-run.ts';

const comments = { 'JsmChange.CustomerComments': 'True' };
const statuses = { 'JsmChange.SuccessStatus': 'Completed', 'JsmChange.FailureStatus': 'Failed' };
const failed = { 'Octopus.Deployment.Error': 'Step 2 failed.\nat line 7 of deploy.ps1' };
const runbook = { ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' };
const transitionsPath = /\/transitions(?:\?|$)/;

function approved(
  request: Parameters<typeof siteWith>[0] = {},
  options: Parameters<typeof siteWith>[1] = {},
) {
  return siteWith({ status: 'Implementing', ...request }, options);
}

/** An approved change request in a workflow with more transitions, listed before those of the template. */
function withTransitions(...more: readonly Transition[]) {
  const workflow = { ...changeWorkflow, transitions: [...more, ...changeWorkflow.transitions] };
  return approved({}, { projects: [{ key: 'CHG', workflow }] });
}

/** The same, with a screen for the transition to Completed. */
function withScreen(screen: Partial<Transition>, options: Parameters<typeof siteWith>[1] = {}) {
  const transitions = changeWorkflow.transitions.map((one) =>
    one.to === 'Completed' ? { ...one, ...screen } : one,
  );
  return approved(
    {},
    { ...options, projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }] },
  );
}

/**
 * A report during which somebody moves the change request, after the report read the transitions and before
 * its move.
 */
function reportWhileMoved(site: SimulatedSite, key: string, status: string): Promise<SimulatedRun> {
  const fault = { kind: 'slow', delayMs: 5000 } as const;
  site.faults.add({ fault, method: 'GET', path: transitionsPath, at: 1 });
  const moved = () => site.moveTo(key, status);
  return operate(site, 'Report', { ...statuses, ...earlierGate(key) }, { at: [[4000, moved]] });
}

function transitionField(name: string): string {
  return `Octopus.JiraServiceManagement.TransitionField[${name}]`;
}

describe('a report', () => {
  it('[V2] of a success comments on the change request and moves it to SuccessStatus', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...comments, ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(site.issue(key).status.name).toBe('Completed');
    expect(commentsOf(site, key).map(({ body }) => body.split('\n')[0])).toEqual([
      'The deployment succeeded.',
    ]);
    expect(run.summary.join('\n')).toContain(
      `[${key}](${site.baseUrl}/browse/${key}): the deployment succeeded.`,
    );
    expect(said(run)).toMatch(/ is now Completed\.$/m);
    expect(run.warnings).toEqual([]);
  });

  it('[V2] of a failure shows the first line of the error and moves it to FailureStatus', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...comments, ...statuses, ...failed, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(site.issue(key).status.name).toBe('Failed');
    const [comment] = commentsOf(site, key);
    expect(comment?.body.split('\n')[0]).toBe('The deployment failed.');
    expect(comment?.body).toContain('Error: Step 2 failed.\n');
    expect(comment?.body).not.toContain('line 7');
    expect(said(run)).not.toContain('line 7');
    expect(run.summary.join('\n')).toContain(': the deployment failed: Step 2 failed.');
  });

  it('[V2] does not change the status if none is set, and writes no comment with customer comments off', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(writes(run)).toEqual([]);
    expect(requestsTo(run, 'GET', /comment|transitions/)).toEqual([]);
    expect(site.issue(key).status.name).toBe('Implementing');
  });

  it('[V2] cuts the error to 500 characters and escapes its mark-up', async () => {
    const { site, key } = approved();
    const hostile = `[~ann] {panel}!https://evil.example/x.png! [pay|https://evil.example] ${'x'.repeat(600)}`;
    const run = await operate(site, 'Report', {
      ...comments,
      ...earlierGate(key),
      'Octopus.Deployment.Error': hostile,
    });
    const line =
      commentsOf(site, key)[0]
        ?.body.split('\n')
        .find((one) => one.startsWith('Error: ')) ?? '';
    expect(line).toContain('\\[~ann\\] \\{panel\\}');
    expect(line).not.toMatch(/(?<!\\)[[{!|]/);
    expect(line).not.toContain('https://evil.example');
    expect(line.match(/x{3,}/)?.[0].length).toBeLessThan(500);
    const told = run.summary.find((one) => one.includes('the deployment failed')) ?? '';
    expect(told).not.toMatch(/\]\(https:\/\/evil/);
    expect(told).not.toContain('https://evil');
  });

  it('[X1] lets no error become a service message or break a line', async () => {
    const { site, key } = approved();
    const forged = "boom\u2028##octopus[setVariable name='RGVjaXNpb24=' value='UHJvY2VlZA==']";
    const run = await operate(site, 'Report', {
      ...comments,
      ...earlierGate(key),
      'Octopus.Deployment.Error': `##octopus[setVariable name='RGVjaXNpb24=' value='UHJvY2VlZA=='] ${forged}`,
    });
    expect(decidedNothing(run)).toBe(true);
    expect(run.lines.every((line) => !/[\r\n\u2028\u2029]/.test(line))).toBe(true);
  });

  it('[X3] lets no error put a form of the token into the comment', async () => {
    const { site, key } = approved();
    const token = 'sandbox-token-1234567890';
    const base64 = Buffer.from(`octopus@acme.example:${token}`).toString('base64');
    await operate(site, 'Report', {
      ...comments,
      ...earlierGate(key),
      'Octopus.Deployment.Error': `curl -u octopus:${token} failed; Authorization: Basic ${base64}`,
    });
    const [comment] = commentsOf(site, key);
    expect(comment?.body).toContain('curl -u');
    expect(comment?.body).not.toContain(token);
    expect(comment?.body).not.toContain(base64);
  });

  describe('decides nothing, so it', () => {
    const check = { 'JsmChange.ApprovalCheck': 'Approved' };

    it('[V2] [A2] needs no approvals', async () => {
      const { site, key } = approved();
      site.behaviour.permissions.seeApprovals = false;
      const run = await operate(site, 'Report', { ...comments, ...statuses, ...check, ...earlierGate(key) });
      expect(run.warnings).toEqual([]);
      expect(site.issue(key).status.name).toBe('Completed');
      expect(commentsOf(site, key)).toHaveLength(1);
      expect(requestsTo(run, 'GET', /approval/)).toEqual([]);
    });

    it('[V2] [A2] reports a deployment that went ahead after its gate could not read the approvals', async () => {
      const { site, key } = approved();
      site.behaviour.permissions.seeApprovals = false;
      await operate(site, 'Report', { ...comments, ...statuses, ...check, ...earlierGate(key, 'Error') });
      expect(commentsOf(site, key).map(({ body }) => body.split('\n')[0])).toEqual([
        'The deployment went ahead without the approval of this change, and ended without an error.',
      ]);
    });

    it('[V2] [W12] needs no window, even if a planned field does not load', async () => {
      const { site, key } = approved();
      site.behaviour.failingFields = ['Planned end'];
      const run = await operate(site, 'Report', { ...comments, ...statuses, ...earlierGate(key) });
      expect(run.warnings).toEqual([]);
      expect(site.issue(key).status.name).toBe('Completed');
      expect(commentsOf(site, key)).toHaveLength(1);
    });
  });

  it('[V2] uses the supplied number rather than the number of a gate', async () => {
    const { site, key } = approved();
    const { key: other } = site.createRequest({ summary: 'Emergency', status: 'Implementing' });
    await operate(site, 'Report', {
      ...statuses,
      [numberVariable]: other.toLowerCase(),
      ...earlierGate(key),
    });
    expect(site.issue(other).status.name).toBe('Completed');
    expect(site.issue(key).status.name).toBe('Implementing');
  });

  it('[V2] warns without a number, sends nothing and never searches by title', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...comments, ...statuses });
    expect(run).toMatchObject({ exitCode: 0, requests: [] });
    expect(run.warnings.join()).toMatch(/no number/);
    expect(site.issue(key).status.name).toBe('Implementing');
  });

  describe('of a run in which no step allowed the deployment', () => {
    it.each(['Stop', 'TimedOut', 'Error'])(
      '[V2] after %s and a deployment without an error writes one comment that says so, and keeps the status',
      async (decision) => {
        const { site, key } = approved();
        const variables = { ...comments, ...statuses, ...earlierGate(key, decision) };
        const run = await operate(site, 'Report', variables);
        await operate(site, 'Report', variables);
        expect(run.exitCode).toBe(0);
        expect(commentsOf(site, key).map(({ body }) => body.split('\n')[0])).toEqual([
          'The deployment went ahead without the approval of this change, and ended without an error.',
        ]);
        expect(site.issue(key).status.name).toBe('Implementing');
        expect(run.warnings.join()).toMatch(new RegExp(`went ahead although .*\\(${decision}\\)`));
      },
    );

    it.each<[string, Readonly<Record<string, string>>, string]>([
      ['that failed', failed, 'Stop'],
      ['of which only NotRequired is known', {}, 'NotRequired'],
      ['of a runbook, which may have failed', runbook, 'Stop'],
      ['with comments off', { 'JsmChange.CustomerComments': 'False' }, 'Stop'],
    ])(
      '[V2] says that it changes nothing, and sends nothing, for a run %s',
      async (_what, variables, decision) => {
        const { site, key } = approved();
        const run = await operate(site, 'Report', {
          ...comments,
          ...statuses,
          ...earlierGate(key, decision),
          ...variables,
        });
        expect(run).toMatchObject({ exitCode: 0, requests: [] });
        expect(run.summary.join('\n')).toContain(decision);
      },
    );

    it('[V2] is also written if another step needed no approval', async () => {
      const { site, key } = approved();
      await operate(site, 'Report', {
        ...comments,
        ...earlierGate(key, 'NotRequired'),
        ...earlierGate(key, 'Stop', 'Second gate'),
      });
      expect(commentsOf(site, key)).toHaveLength(1);
    });
  });

  it('[V2] counts one Proceed among several gates and verifies', async () => {
    const { site, key } = approved();
    await operate(site, 'Report', {
      ...statuses,
      ...failed,
      ...earlierGate(key, 'Proceed'),
      ...earlierGate(key, 'Stop', 'Verify change'),
    });
    expect(site.issue(key).status.name).toBe('Failed');
  });

  it('[V2] does not change the status of a supplied number if no gate allowed the deployment', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', {
      ...statuses,
      [numberVariable]: key,
      ...earlierGate(key, 'Stop'),
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [] });
  });

  it('[V2] warns if a transition is accepted without effect, after two reads 2 s apart', async () => {
    const { site, key } = approved();
    const answer = site.answer.bind(site);
    site.answer = (request) => {
      const answered = answer(request);
      if (request.method === 'POST' && transitionsPath.test(request.path)) site.moveTo(key, 'Implementing');
      return answered;
    };
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(said(run)).not.toMatch(/is now/);
    expect(run.warnings.join()).toMatch(/accepted the transition .*its status is Implementing/);
    const [first, second] = run.requests.slice(-2);
    expect((second?.sentMs ?? 0) - (first?.settledMs ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  it('[V2] accepts a status that appears only after a moment', async () => {
    const { site, key } = approved();
    const answer = site.answer.bind(site);
    site.answer = (request) => {
      const answered = answer(request);
      if (request.method === 'POST' && transitionsPath.test(request.path)) {
        site.moveTo(key, 'Implementing');
        site.time.after(1000, () => site.moveTo(key, 'Completed'));
      }
      return answered;
    };
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(said(run)).toMatch(/is now Completed/);
  });

  it('[V2] accepts an untranslated name as the target status', async () => {
    const { site, key } = approved();
    site.behaviour.translations = { Completed: 'Abgeschlossen', Implementing: 'In Umsetzung' };
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[L4] warns on gates with different numbers, and writes nothing', async () => {
    const { site, key } = approved();
    const { key: other } = site.createRequest({ summary: 'Other', status: 'Implementing' });
    const run = await operate(site, 'Report', {
      ...comments,
      ...statuses,
      ...earlierGate(key),
      ...earlierGate(other, 'Proceed', 'Second gate'),
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [] });
    expect(run.warnings.join()).toContain(other);
  });

  it('[L4] only reads a change request in a project that is not allowed', async () => {
    const site = new SimulatedSite({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const { key } = site.createRequest({ project: 'OPS', summary: 'Any', status: 'Implementing' });
    const run = await operate(site, 'Report', { ...comments, ...statuses, [numberVariable]: key });
    expect(run.exitCode).toBe(0);
    expect(writes(run)).toEqual([]);
    expect(run.warnings).toEqual([
      `Nothing was reported on [${key}](https://acme.atlassian.net/browse/${key}): its project or issue type is not allowed.`,
    ]);
    const unapproved = await operate(site, 'Report', { ...comments, ...earlierGate(key, 'Stop') });
    expect(writes(unapproved)).toEqual([]);
    expect(unapproved.warnings.slice(1)).toEqual(run.warnings);
  });

  it.each(['[System] Change', 'Incident'])(
    '[L14] is written only if the issue type is accepted: %s',
    async (type) => {
      const { site, key } = approved();
      const text = [
        'version: 1',
        `connections: [{name: A, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token}]`,
        'projects: [{name: "*", connection: A, serviceProject: CHG}]',
        'environments: [{name: "*"}]',
        `issueTypes: ["${type}"]`,
        'customerComments: true',
      ].join('\n');
      const run = await operate(site, 'Report', {
        ...statuses,
        ...earlierGate(key),
        'JsmChange.Policy': text,
      });
      expect(run.exitCode).toBe(0);
      expect(writes(run)).toHaveLength(type === 'Incident' ? 0 : 2);
      expect(run.warnings.join()).toMatch(type === 'Incident' ? /issue type is not allowed/ : /^$/);
    },
  );

  it('[V2] leaves a change request that already has the status alone, without a warning', async () => {
    const { site, key } = approved({ status: 'Completed' });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(writes(run)).toEqual([]);
    expect(said(run)).toMatch(/already/);
  });

  it('[V2] chooses among transitions with one name by their target', async () => {
    // "Done" leads to either status, as in many workflows.
    const transitions = changeWorkflow.transitions.map((one) =>
      ['Completed', 'Failed'].includes(one.to) ? { ...one, name: 'Done' } : one,
    );
    const { site, key } = approved(
      {},
      { projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }] },
    );
    await operate(site, 'Report', { ...statuses, ...failed, ...earlierGate(key) });
    expect(site.issue(key).status.name).toBe('Failed');
  });

  it('[V2] tries another transition to the status if Jira refuses one', async () => {
    const { site, key } = withTransitions({
      id: '80',
      name: 'Complete',
      from: ['Implementing'],
      to: 'Completed',
    });
    site.faults.add({
      fault: { kind: 'status', status: 400, body: '{"errorMessages":["A condition failed."],"errors":{}}' },
      method: 'POST',
      path: transitionsPath,
      at: 1,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Completed');
    expect(requestsTo(run, 'POST', transitionsPath).map(({ outcome }) => outcome)).toEqual([400, 204]);
  });

  it('[V2] stops trying from the same status if Jira refuses all, and quotes the first refusal', async () => {
    const { site, key } = withTransitions({
      id: '80',
      name: 'Complete',
      from: ['Implementing'],
      to: 'Completed',
    });
    for (const [at, words] of [
      [1, 'A condition failed.'],
      [2, 'Another condition failed.'],
    ] as const) {
      site.faults.add({
        fault: { kind: 'status', status: 400, body: JSON.stringify({ errorMessages: [words], errors: {} }) },
        method: 'POST',
        path: transitionsPath,
        at,
      });
    }
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(requestsTo(run, 'POST', transitionsPath).map(({ outcome }) => outcome)).toEqual([400, 400]);
    expect(run.warnings).toEqual([
      expect.stringMatching(/could not be moved to "Completed": .* 400: A condition failed /),
    ]);
  });

  it('[V2] tries once more from another status if somebody has moved the change request there', async () => {
    const { site, key } = withTransitions({
      id: '80',
      name: 'Complete',
      from: ['Awaiting implementation'],
      to: 'Completed',
    });
    const run = await reportWhileMoved(site, key, 'Awaiting implementation');
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(requestsTo(run, 'POST', transitionsPath).map(({ outcome }) => outcome)).toEqual([400, 204]);
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[V2] reads the status back immediately, and not again if it has changed', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    const posted = run.requests.findIndex(({ method }) => method === 'POST');
    expect(run.requests.slice(posted + 1).map(({ method }) => method)).toEqual(['GET']);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThan(2000);
  });

  it('[V2] tries no other transition if the first is not permitted', async () => {
    const second = { id: '80', name: 'Done', from: ['Implementing'], to: 'Completed' };
    const workflow = { ...changeWorkflow, transitions: [...changeWorkflow.transitions, second] };
    const { site, key } = approved({}, { projects: [{ key: 'CHG', workflow }] });
    site.faults.add({
      fault: { kind: 'status', status: 403, body: '{"errorMessages":["No"],"errors":{}}' },
      method: 'POST',
      path: transitionsPath,
      at: 1,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toMatch(/could not be moved to "Completed"/);
    expect(requestsTo(run, 'POST', transitionsPath)).toHaveLength(1);
  });

  it('[V2] [I8] ignores an output variable Decision of another step', async () => {
    const { site, key } = approved();
    await operate(site, 'Report', {
      ...statuses,
      [numberVariable]: key,
      'Octopus.Action[Ask the board].Output.Decision': 'Yes, of course',
    });
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[V2] accepts a status by its id', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { 'JsmChange.SuccessStatus': '10106', ...earlierGate(key) });
    expect(run.warnings).toEqual([]);
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it.each(['Completed', 'Verified'])(
    '[V2] lists the reachable statuses if no transition leads to "%s"',
    async (status) => {
      const { site, key } = approved({ status: 'Planning' });
      const run = await operate(site, 'Report', { 'JsmChange.SuccessStatus': status, ...earlierGate(key) });
      expect(run.exitCode).toBe(0);
      const warning = run.warnings.join();
      for (const reachable of [
        'Authorize',
        'Implementing',
        'Awaiting implementation',
        'Pending',
        'Canceled',
      ]) {
        expect(warning).toContain(reachable);
      }
      expect(warning).not.toContain('Declined');
      expect(writes(run)).toEqual([]);
    },
  );

  it('[V2] warns if the account cannot transition', async () => {
    const { site, key } = approved({}, { permissions: { transition: false } });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toMatch(/none/);
  });

  it('[V2] reads once and tries once more after a 409', async () => {
    const { site, key } = approved();
    site.faults.add({
      fault: { kind: 'status', status: 409, body: '{"errorMessages":["Conflict"],"errors":{}}' },
      method: 'POST',
      path: transitionsPath,
      at: 1,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Completed');
    const posts = requestsTo(run, 'POST', transitionsPath);
    expect(posts.map(({ outcome }) => outcome)).toEqual([409, 204]);
    const [first, second] = posts.map((post) => run.requests.indexOf(post));
    const between = run.requests.slice(first, second);
    expect(between.some(({ method, path }) => method === 'GET' && path.endsWith(`/issue/${key}`))).toBe(true);
  });

  it('[V2] warns after a second 409', async () => {
    const { site, key } = approved();
    site.faults.add({
      fault: { kind: 'status', status: 409, body: '{"errorMessages":["Conflict"],"errors":{}}' },
      method: 'POST',
      path: transitionsPath,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(requestsTo(run, 'POST', transitionsPath)).toHaveLength(2);
    expect(run.warnings.join()).toContain('409');
  });

  it('[V2] does not move the change request again if a 409 means that somebody was faster', async () => {
    const { site, key } = approved();
    site.faults.add({
      fault: { kind: 'status', status: 409, body: '{"errorMessages":["Conflict"],"errors":{}}' },
      method: 'POST',
      path: transitionsPath,
      at: 1,
    });
    const run = await reportWhileMoved(site, key, 'Completed');
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(requestsTo(run, 'POST', transitionsPath)).toHaveLength(1);
    expect(said(run)).toMatch(/ is now Completed\.$/m);
  });

  it("[V2] does not repeat a transition after Data Center's 500 for a wrong one without a read", async () => {
    const { site, key } = approved({}, { flavour: 'dc' });
    site.faults.add({
      fault: { kind: 'status', status: 500, body: '{"errorMessages":["Internal server error"],"errors":{}}' },
      method: 'POST',
      path: transitionsPath,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(requestsTo(run, 'POST', transitionsPath).length).toBeLessThanOrEqual(2);
    expect(run.warnings.join()).toContain('500');
  });

  it('[V2] finds a transition done whose answer was lost, and does not run it again', async () => {
    const { site, key } = approved();
    site.faults.add({
      fault: { kind: 'reset', afterWork: true },
      method: 'POST',
      path: transitionsPath,
      at: 1,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(requestsTo(run, 'POST', transitionsPath)).toHaveLength(1);
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[V2] [C3] does not send a transition again whose answer was lost, and reads once more 2 s later', async () => {
    const { site, key } = approved();
    const answer = site.answer.bind(site);
    site.answer = (request) => {
      if (request.method !== 'POST' || !transitionsPath.test(request.path)) return answer(request);
      // A proxy gives up, while Jira still runs the transition.
      site.time.after(1500, () => site.moveTo(key, 'Completed'));
      return { ...answer({ ...request, method: 'GET' }), status: 504 };
    };
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(requestsTo(run, 'POST', transitionsPath)).toHaveLength(1);
    expect(said(run)).toMatch(/ is now Completed\.$/m);
    expect(run.warnings).toEqual([]);
  });

  it('[V2] [C3] shows the status and the cause if a transition whose answer was lost had no effect', async () => {
    const { site, key } = approved();
    site.faults.add({ fault: { kind: 'status', status: 504 }, method: 'POST', path: transitionsPath });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(requestsTo(run, 'POST', transitionsPath)).toHaveLength(1);
    expect(run.warnings).toEqual([
      expect.stringMatching(
        /could not be moved to "Completed": .* status 504\b.* Its status is Implementing/,
      ),
    ]);
    const [first, second] = run.requests.slice(-2);
    expect((second?.sentMs ?? 0) - (first?.settledMs ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  it.each([
    ['conflict', 409],
    ['rejection', 400],
  ])(
    '[V2] reads the status after a second %s before it says that it could not move the change request',
    async (_what, status) => {
      const { site, key } = withTransitions({
        id: '80',
        name: 'Complete',
        from: ['Awaiting implementation'],
        to: 'Completed',
      });
      const refusal = { kind: 'status', status, body: '{"errorMessages":["No."],"errors":{}}' } as const;
      site.faults.add({ fault: refusal, method: 'POST', path: transitionsPath });
      const answer = site.answer.bind(site);
      let sent = 0;
      site.answer = (request) => {
        const answered = answer(request);
        if (request.method === 'POST' && transitionsPath.test(request.path)) {
          sent += 1;
          // Somebody else moves it, in two steps.
          site.moveTo(key, sent === 1 ? 'Awaiting implementation' : 'Completed');
        }
        return answered;
      };
      const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
      expect(requestsTo(run, 'POST', transitionsPath).map(({ outcome }) => outcome)).toEqual([
        status,
        status,
      ]);
      expect(run.warnings).toEqual([]);
      expect(said(run)).toMatch(/ is now Completed\.$/m);
    },
  );

  it('[V2] works on the older workflow of Data Center', async () => {
    const { site, key } = approved(
      {},
      { flavour: 'dc', projects: [{ key: 'CHG', workflow: olderChangeWorkflow }], contextPath: '/jira' },
    );
    const run = await operate(site, 'Report', {
      'JsmChange.SuccessStatus': 'resolved',
      ...comments,
      ...earlierGate(key),
    });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Resolved');
    expect(commentsOf(site, key)).toHaveLength(1);
  });
});

describe('a report for one of several tenants', () => {
  const tenant = {
    'Octopus.Deployment.Tenant.Name': 'Acme North',
    'Octopus.Deployment.Tenant.Tags': 'Region/EU,Ring/Beta',
  };

  it('[V2] comments but keeps the status under a title without the tenant', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...comments, ...statuses, ...tenant, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Implementing');
    expect(commentsOf(site, key)).toHaveLength(1);
    expect(said(run)).toContain('Acme North');
  });

  it('[V2] changes the status under a title with the tenant', async () => {
    const { site, key } = approved({ summary: 'Octopus: Deploy "Web Site" 1.0.1 for "acme  north"' });
    await operate(site, 'Report', { ...statuses, ...tenant, ...earlierGate(key) });
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it.each([
    ['Prod', 'part of a word'],
    ['Web Site', "the project's name"],
    ['Web', "a word of the project's name"],
    ['Production', "the environment's name"],
    ['1.0.1', 'the release'],
    ['deploy', 'a word of the default title'],
  ])('[V2] does not find a tenant "%s" named by %s', async (name) => {
    const { site, key } = approved();
    await operate(site, 'Report', {
      ...statuses,
      'Octopus.Deployment.Tenant.Name': name,
      ...earlierGate(key),
    });
    expect(site.issue(key).status.name).toBe('Implementing');
  });
});

describe('a report of a runbook run', () => {
  it('[V2] without an error variable says that the run ended, and moves nothing', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...comments, ...statuses, ...runbook, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(commentsOf(site, key)[0]?.body.split('\n')[0]).toBe('The runbook run ended.');
    expect(said(run)).not.toMatch(/succeeded\./);
    expect(site.issue(key).status.name).toBe('Implementing');
  });

  it('[V2] with an error is reported as failed', async () => {
    const { site, key } = approved();
    await operate(site, 'Report', { ...comments, ...statuses, ...runbook, ...failed, ...earlierGate(key) });
    expect(commentsOf(site, key)[0]?.body.split('\n')[0]).toBe('The runbook run failed.');
    expect(site.issue(key).status.name).toBe('Failed');
  });

  it('[S2] reports nothing if the runbook is not change controlled', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', {
      ...comments,
      ...statuses,
      ...runbookRun,
      ...earlierGate(key),
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [] });
    expect(decidedNothing(run)).toBe(true);
  });
});

describe('a report that cannot do everything', () => {
  it.each([
    ['a wrong base URL', { 'JsmChange.BaseUrl': 'acme' }],
    ['no token', { 'JsmChange.Token': '' }],
    ['an unresolved expression', { 'JsmChange.ServiceProject': '#{Project}' }],
    ['a broken policy', { 'JsmChange.Policy': 'version: 2' }],
    ['an invalid number', { [numberVariable]: 'see the ticket' }],
    ['a bad checkbox', { 'JsmChange.ProjectChangeControlled': 'maybe' }],
    ['no name of the project', { 'Octopus.Project.Name': '' }],
  ])('[V2] with %s warns and exits with 0', async (_what, overrides) => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', {
      ...comments,
      ...statuses,
      ...earlierGate(key),
      ...overrides,
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [], resultMessage: undefined });
    expect(run.warnings.length).toBeGreaterThan(0);
    expect(decidedNothing(run)).toBe(true);
    expect(run.summary.join('\n')).toMatch(/gated nothing/);
  });

  it.each([
    ['a login that is refused', { 'JsmChange.Token': 'wrong-token' }, {}],
    ['a change request that is gone', earlierGate('CHG-99'), {}],
    ['a login page', {}, { frontDoor: 'login-page' as const }],
    ['a redirect', {}, { frontDoor: 'redirect' as const }],
  ])('[V2] with %s warns and exits with 0', async (_what, overrides, options) => {
    const { site, key } = approved({}, options);
    const run = await operate(site, 'Report', {
      ...comments,
      ...statuses,
      ...earlierGate(key),
      ...overrides,
    });
    expect(run).toMatchObject({ exitCode: 0, resultMessage: undefined });
    expect(run.warnings.join('\n')).toMatch(/failed/);
    expect(writes(run)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, (site: SimulatedSite) => void]>([
    ['an outage', {}, (site) => site.faults.add({ fault: { kind: 'status', status: 503 } })],
    ['invalid input', { 'JsmChange.BaseUrl': 'acme' }, () => undefined],
  ])('[M2] [V2] says what to do about %s, which is not to deploy again', async (_what, input, breakIt) => {
    const { site, key } = approved();
    breakIt(site);
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key), ...input });
    expect(said(run)).toMatch(/try again/);
    expect(said(run)).not.toMatch(/deploy again/i);
  });

  it('[V3] because its comment is refused still changes the status', async () => {
    const { site, key } = approved({}, { permissions: { comment: false } });
    const run = await operate(site, 'Report', { ...comments, ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toMatch(/comment .* could not be written/);
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[M2] [P4] because of the wait limit says that it is incomplete, not that nothing was reported', async () => {
    const { site, key } = approved();
    site.faults.add({ fault: { kind: 'hang' }, at: 2, count: 1000 });
    const run = await operate(site, 'Report', {
      ...comments,
      ...earlierGate(key),
      'JsmChange.WaitLimitMinutes': '1',
    });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.at(-1)).toMatch(/^The wait limit was reached before everything was reported\./);
  });

  it.each([
    ['from the start', 0],
    ['after the change request was read', 1],
    ['after its comments were read', 2],
  ])('[F2] because the site is unreachable %s ends within 2 minutes', async (_when, answered) => {
    const { site, key } = approved();
    site.faults.add({ fault: { kind: 'hang' }, at: answered + 1, count: 1000 });
    const run = await operate(site, 'Report', {
      ...comments,
      ...statuses,
      ...earlierGate(key),
      'JsmChange.OutageMinutes': '60',
    });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.warnings.length).toBeGreaterThan(0);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThanOrEqual(125_000);
    expect(run.summary.join('\n')).toMatch(/gated nothing/);
  });

  it('[F1] because of temporary faults tries again', async () => {
    const { site, key } = approved();
    site.faults.add({ fault: { kind: 'status', status: 503 }, probability: 0.4, method: 'GET' });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it.each(['POST', 'GET'])('[V2] [F3] because a firewall briefly blocks a %s tries again', async (method) => {
    const { site, key } = approved();
    site.faults.add({
      fault: { kind: 'status', status: 403, body: '<html>Blocked</html>', contentType: 'text/html' },
      method,
      path: /transitions/,
      at: 1,
    });
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[V2] [L11] continues with a change request that was moved to another project, and says so', async () => {
    const site = new SimulatedSite({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const { key } = site.createRequest({ project: 'OPS', summary: 'Any', status: 'Implementing' });
    const moved = site.moveIssueToProject(key, 'CHG');
    const run = await operate(site, 'Report', { ...comments, ...statuses, [numberVariable]: key });
    expect(run.warnings).toEqual([]);
    expect(said(run)).toContain(`The change request ${key} was moved and is now [${moved}]`);
    expect(site.issue(moved).status.name).toBe('Completed');
  });

  it('[V2] [F6] because of a signal ends with exit code 1', async () => {
    const { site, key } = approved();
    site.faults.add({ fault: { kind: 'hang' } });
    const run = await operate(
      site,
      'Report',
      { ...comments, ...statuses, ...earlierGate(key) },
      { terminateMs: 5000 },
    );
    expect(run).toMatchObject({ exitCode: 1, endedAtMs: 5000 });
    expect(run.warnings.join()).toMatch(/cancelled/);
    expect(decidedNothing(run)).toBe(true);
  });

  it('[V2] because of the wait limit warns and exits with 0', async () => {
    const { site, key } = approved();
    site.faults.add({ fault: { kind: 'hang' } });
    const run = await operate(site, 'Report', {
      ...comments,
      ...earlierGate(key),
      'JsmChange.WaitLimitMinutes': '1',
    });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.warnings.length).toBeGreaterThan(0);
  });

  it('[V4] says in the Task Summary that it gated nothing, and sets no decision', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', { ...comments, ...statuses, ...earlierGate(key) });
    expect(run.outputs).toEqual({});
    expect(run.summary.at(-1)).toMatch(/gated nothing/);
  });

  it('[S1] because no approval was required reports nothing', async () => {
    const { site, key } = approved();
    const run = await operate(site, 'Report', {
      ...comments,
      ...statuses,
      ...earlierGate(key),
      'JsmChange.EnvironmentChangeControlled': 'False',
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [], warnings: [] });
    expect(decidedNothing(run)).toBe(true);
  });
});

describe("the screen of a report's transition", () => {
  const resolution = { requires: ['resolution'], shows: ['Backout plan'] };
  const sentBy = (run: SimulatedRun): readonly unknown[] =>
    requestsTo(run, 'POST', transitionsPath).map(({ body }) => JSON.parse(body ?? 'null'));

  it.each(['cloud', 'dc'] as const)(
    '[V2] is filled from TransitionField variables on %s, with the fields that it has',
    async (flavour) => {
      const { site, key } = withScreen(resolution, { flavour });
      const run = await operate(site, 'Report', {
        ...statuses,
        ...earlierGate(key),
        [transitionField('Resolution')]: 'done',
        [transitionField('Backout plan')]: 'Not needed.',
        [transitionField('Root cause')]: 'None',
      });
      expect(run).toMatchObject({ exitCode: 0, warnings: [] });
      expect(sentBy(run)).toEqual([
        {
          transition: { id: '81' },
          fields: { resolution: { id: '10000' }, customfield_10054: 'Not needed.' },
        },
      ]);
      expect(site.issue(key).values.get('resolution')).toMatchObject({ name: 'Done' });
      expect(said(run)).toMatch(/ is now Completed\.$/m);
      expect(run.said.map(({ line }) => line).join('\n')).toMatch(/does not have .*Root cause/);
    },
  );

  it('[V2] with an uncovered required field is a warning that names its values, and nothing is sent', async () => {
    const { site, key } = withScreen(resolution);
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toMatch(
      /could not be moved to "Completed": Its screen requires: Resolution \(resolution\)\. Resolution accepts: Done, Won't do, Failed\. Set each .*TransitionField\[name\]/,
    );
    expect(writes(run)).toEqual([]);
    expect(site.issue(key).status.name).toBe('Implementing');
  });

  it('[V2] decides between several transitions by their covered required fields', async () => {
    const covered = { from: ['Implementing'], to: 'Completed' };
    const { site, key } = withTransitions(
      { ...covered, id: '78', name: 'Complete with a plan', requires: ['Backout plan'] },
      { ...covered, id: '79', name: 'Complete with a reason', requires: ['resolution'] },
    );
    const run = await operate(site, 'Report', {
      ...statuses,
      ...earlierGate(key),
      [transitionField('resolution')]: 'Done',
    });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(sentBy(run)).toEqual([{ transition: { id: '79' }, fields: { resolution: { id: '10000' } } }]);
    expect(run.said.map(({ line }) => line).join('\n')).not.toMatch(/does not have these fields/);
  });

  it('[V2] decides between several covered transitions by most of the fields that variables set', async () => {
    const covered = { from: ['Implementing'], to: 'Completed' };
    const { site, key } = withTransitions(
      { ...covered, id: '78', name: 'Complete' },
      { ...covered, id: '79', name: 'Complete with both', shows: ['Backout plan', 'resolution'] },
      { ...covered, id: '80', name: 'Complete with a plan', shows: ['Backout plan'] },
    );
    const run = await operate(site, 'Report', {
      ...statuses,
      ...earlierGate(key),
      [transitionField('resolution')]: 'Done',
      [transitionField('Backout plan')]: 'Not needed.',
    });
    expect(sentBy(run)).toMatchObject([{ transition: { id: '79' } }]);
  });

  it('[V2] needs no variable for a required field with a default or a value', async () => {
    const { site, key } = withScreen({
      requires: ['Backout plan'],
      defaults: { resolution: { name: 'Done' } },
    });
    site.setField(key, 'Backout plan', 'Roll back.');
    const run = await operate(site, 'Report', { ...statuses, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(sentBy(run)).toEqual([{ transition: { id: '81' } }]);
    expect(site.issue(key).status.name).toBe('Completed');
  });

  it('[V2] gets its comment for agents only', async () => {
    const { site, key } = withScreen({ requires: ['comment'] });
    await operate(site, 'Report', {
      ...statuses,
      ...earlierGate(key),
      [transitionField('comment')]: 'Closed by Octopus.',
    });
    expect(site.issue(key).status.name).toBe('Completed');
    expect(commentsOf(site, key)).toMatchObject([{ body: 'Closed by Octopus.', public: false }]);
  });

  it('[V2] with a value that the field does not accept is a warning that says what it accepts', async () => {
    const { site, key } = withScreen(resolution);
    const run = await operate(site, 'Report', {
      ...statuses,
      ...earlierGate(key),
      [transitionField('resolution')]: 'Fixed',
    });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toContain(
      "TransitionField[resolution] accepts one of: Done, Won't do, Failed.",
    );
    expect(writes(run)).toEqual([]);
  });

  it.each([
    ['[L15] an unresolved expression', '#{Release.Result}', /Release\.Result/],
    ['[X3] a token', 'curl -u octopus:sandbox-token-1234567890', /contains a token/],
  ])(
    '%s in a value is a warning that names the variable, and nothing is reported',
    async (_what, value, words) => {
      const { site, key } = withScreen(resolution);
      const variable = transitionField('resolution');
      const run = await operate(site, 'Report', {
        ...comments,
        ...statuses,
        ...earlierGate(key),
        [variable]: value,
      });
      expect(run).toMatchObject({ exitCode: 0, requests: [] });
      expect(run.warnings.join()).toContain(variable);
      expect(run.warnings.join()).toMatch(words);
      expect(said(run)).not.toContain('sandbox-token');
    },
  );
});
