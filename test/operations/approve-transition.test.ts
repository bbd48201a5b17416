import { describe, expect, it } from 'vitest';
import { checks, said, searches } from '../app/gate-run.ts';
import type { Fault } from '../sandbox/fault.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { changeWorkflow, olderChangeWorkflow } from '../sandbox/workflow.ts';
import { gateVariables, type SimulatedRun, simulateRuns } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { commentsOf, numberVariable, type OperationOptions, operate, requestsTo } from './operation-run.ts';

const approve = 'JsmChange.ApproveTransition';
const transitionsPath = /\/transitions(?:\?|$)/;

function moves(run: SimulatedRun): SimulatedRun['requests'] {
  return requestsTo(run, 'POST', transitionsPath);
}

function raise(
  site: SimulatedSite,
  transition: string,
  variables: Record<string, string> = {},
  options: OperationOptions = {},
): Promise<SimulatedRun> {
  return operate(
    site,
    'Gate',
    { [approve]: transition, 'JsmChange.WaitLimitMinutes': '10', ...variables },
    options,
  );
}

describe('ApproveTransition', () => {
  it.each([
    ['its id', '61'],
    ['its name', 'implement  STANDARD change'],
    ['its target status', ' Implementing '],
    ["its target status' id", changeWorkflow.statuses.find(({ name }) => name === 'Implementing')?.id ?? ''],
  ])('[V5] names one transition by %s', async (_how, named) => {
    const site = new SimulatedSite();
    const run = await raise(site, named);
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { Decision: 'Proceed', 'ChangeRequest.Source': 'Created' },
    });
    expect(moves(run)).toHaveLength(1);
    expect(site.issue('CHG-1').status.name).toBe('Implementing');
  });

  it('[V5] runs after the first search for racing runs', async () => {
    const site = new SimulatedSite();
    const run = await raise(site, '61');
    const [create] = requestsTo(run, 'POST', /\/servicedeskapi\/request$/);
    expect((moves(run)[0]?.sentMs ?? 0) - (create?.settledMs ?? 0)).toBeGreaterThanOrEqual(1900);
  });

  it('[W8] [F7] the deployment proceeds on a check after the transition', async () => {
    const site = new SimulatedSite();
    const run = await raise(site, '61');
    expect(checks(run, 'CHG-1').at(-1)?.sentMs ?? 0).toBeGreaterThan(moves(run)[0]?.settledMs ?? 0);
    expect(checks(run, 'CHG-1').at(-1)?.served?.status).toBe('Implementing');
  });

  it('[V5] runs even if a change request does not begin in a status of the category new', async () => {
    const site = new SimulatedSite({ statusOnCreation: 'Planning' });
    const run = await raise(site, 'Implementing');
    expect(run.exitCode).toBe(0);
    expect(moves(run)).toHaveLength(1);
  });

  it('[V5] counts as run if it leads to the status that the change request is already in', async () => {
    const stays = { id: '99', name: 'Note approval', from: ['Review'], to: 'Review' };
    const transitions = [...changeWorkflow.transitions, stays];
    const site = new SimulatedSite({
      projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }],
    });
    const run = await raise(site, '99');
    expect(run.outputs['Decision']).toBe('TimedOut');
    expect(moves(run)).toHaveLength(1);
    expect(run.summary.join('\n')).toContain('"Note approval" to Review (id 99)');
  });

  it('[V5] is reported in the task log and in a comment for agents', async () => {
    const site = new SimulatedSite();
    const run = await raise(site, '61');
    expect(run.summary.join('\n')).toMatch(/"Implement standard change" to Implementing \(id 61\)/);
    expect(run.warnings).toEqual([]);
    const [comment] = commentsOf(site, 'CHG-1');
    expect(comment).toMatchObject({ public: false });
    expect(comment?.body).toMatch(/pre-approved.*Implement standard change/);
  });

  it('[V5] continues with a warning if that comment is refused', async () => {
    const site = new SimulatedSite({ permissions: { comment: false } });
    const run = await raise(site, '61');
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
    expect(run.warnings.join('\n')).toMatch(/The comment on \[CHG-1\]\S+ could not be written/);
  });

  it('[V3] [V5] is not reported to customers, who get comments on three events only', async () => {
    const site = new SimulatedSite();
    await raise(site, '61', { 'JsmChange.CustomerComments': 'True' });
    expect(
      commentsOf(site, 'CHG-1').map(({ body, public: isPublic }) => [isPublic, body.split(' ')[0]]),
    ).toEqual([
      [false, 'This'],
      [true, 'This'],
    ]);
  });

  it('[P1] runs with Fail as well', async () => {
    const site = new SimulatedSite();
    const run = await raise(site, '61', { 'JsmChange.WhenPending': 'Fail' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
  });

  it('[W5] does not proceed before Planned start', async () => {
    const site = new SimulatedSite({
      onCreate: (model, key) => model.setField(key, 'Planned start', new Date(model.now() + 120_000)),
    });
    const run = await raise(site, '61');
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThan(120_000);
  });

  it('[V5] is an error that lists the transitions if several match', async () => {
    const site = new SimulatedSite();
    const transitions = [
      ...changeWorkflow.transitions,
      { id: '62', name: 'Fast track', from: ['Review'], to: 'Implementing' },
    ];
    const ambiguous = new SimulatedSite({
      projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }],
    });
    const run = await raise(ambiguous, 'Implementing');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/several.*"Implement standard change".*id 61.*"Fast track".*id 62/);
    expect(run.resultMessage).not.toMatch(/id 11/);
    expect(moves(run)).toEqual([]);
    // An id is never ambiguous.
    const byId = await raise(site, '61');
    expect(byId.exitCode).toBe(0);
  });

  it('[V5] is an error if one name leads to two targets', async () => {
    const transitions = [
      ...changeWorkflow.transitions,
      { id: '12', name: 'Approve', from: ['Review'], to: 'Authorize' },
    ];
    const site = new SimulatedSite({
      projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }],
    });
    const run = await raise(site, 'approve');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/id 11.*id 12/);
    expect(moves(run)).toEqual([]);
  });

  it.each(['Release it', '999', 'Completed'])(
    '[V5] is an error that lists the transitions if "%s" is not one',
    async (named) => {
      const site = new SimulatedSite();
      const run = await raise(site, named);
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.resultMessage).toMatch(
        /is not a transition of .* Available transitions: .*"Approve" to Planning \(id 11\)/,
      );
      expect(moves(run)).toEqual([]);
      // Nothing has changed since the first read, so the transitions are not read again.
      expect(requestsTo(run, 'GET', transitionsPath)).toHaveLength(1);
    },
  );

  it.each(['Cancel', '31', 'Declined'])(
    '[V5] is an error and does not run if "%s" leads to a status in neither list',
    async (named) => {
      const site = new SimulatedSite();
      const run = await raise(site, named);
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.resultMessage).toMatch(/not run/);
      expect(moves(run)).toEqual([]);
      expect(site.issue('CHG-1').status.name).toBe('Review');
    },
  );

  it('[V5] warns and waits after a transition to a wait status', async () => {
    const site = new SimulatedSite();
    const run = await raise(
      site,
      'Approve',
      {},
      { at: [[60_000, () => site.moveTo('CHG-1', 'Implementing')]] },
    );
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThan(60_000);
    expect(run.warnings.join('\n')).toMatch(/Planning.*status in which the step waits/);
    expect(moves(run)).toHaveLength(1);
  });

  it('[V5] runs once, even if the status falls back', async () => {
    const site = new SimulatedSite();
    const run = await raise(
      site,
      '11',
      {},
      {
        at: [
          [60_000, () => site.moveTo('CHG-1', 'Review')],
          [120_000, () => site.moveTo('CHG-1', 'Implementing')],
        ],
      },
    );
    expect(run.exitCode).toBe(0);
    expect(moves(run)).toHaveLength(1);
  });

  it('[V5] uses the statuses from the parameters', async () => {
    const site = new SimulatedSite();
    const run = await raise(site, 'Approve', { 'JsmChange.ProceedStatuses': 'planning' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Status': 'Planning' } });
  });

  it('[V5] runs on the older workflow of Data Center', async () => {
    const site = new SimulatedSite({
      flavour: 'dc',
      projects: [{ key: 'CHG', workflow: olderChangeWorkflow }],
    });
    const run = await raise(site, 'Emergency override', {
      'JsmChange.ProceedStatuses': 'Awaiting implementation',
    });
    expect(run.exitCode).toBe(0);
  });

  describe('on another change request', () => {
    it('[V5] never moves a supplied change request, and the log says so', async () => {
      const site = new SimulatedSite();
      const { key } = site.createRequest({ summary: 'Emergency' });
      const run = await raise(site, '61', { [numberVariable]: key, 'JsmChange.WhenPending': 'Fail' });
      expect(run.exitCode).toBe(1);
      expect(moves(run)).toEqual([]);
      expect(said(run)).toMatch(/ApproveTransition\) is not run/);
    });

    it('[V5] says so once in a wait', async () => {
      const site = new SimulatedSite();
      const { key } = site.createRequest({ summary: 'Emergency' });
      const run = await raise(site, '61', { [numberVariable]: key });
      expect(checks(run, key).length).toBeGreaterThan(10);
      expect(said(run).match(/ApproveTransition\) is not run/g)).toHaveLength(1);
    });

    it("[V5] never moves somebody else's change request with the title", async () => {
      const site = new SimulatedSite();
      site.createRequest({ summary: deploymentTitle });
      const run = await raise(site, '61', { 'JsmChange.WhenPending': 'Fail' });
      expect(run.exitCode).toBe(1);
      expect(moves(run)).toEqual([]);
      expect(said(run)).toMatch(/ApproveTransition\) is not run/);
    });

    it('[V5] says nothing if that change request is approved', async () => {
      const site = new SimulatedSite();
      site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
      const run = await raise(site, '61');
      expect(run.exitCode).toBe(0);
      expect(said(run)).not.toMatch(/ApproveTransition/);
    });

    it('[V5] [C4] runs once among racing runs, and not in a run that gives way', async () => {
      const site = new SimulatedSite({ indexLagMs: 60_000 });
      const variables = (id: number): Record<string, string> =>
        gateVariables(site, { [approve]: '61', 'Octopus.Deployment.Id': `Deployments-${id}` });
      const runs = await simulateRuns({
        site,
        runs: [1, 2, 3].map((id) => ({ variables: variables(id), seed: id })),
      });
      expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
      expect(new Set(runs.map(({ outputs }) => outputs['ChangeRequest.Number'])).size).toBe(1);
      expect(runs.flatMap((run) => moves(run).filter(({ body }) => body?.includes('"61"')))).toHaveLength(1);
    });
  });

  describe('in a retried step', () => {
    const killed = (site: SimulatedSite, crashMs: number): Promise<SimulatedRun> =>
      raise(site, '61', {}, { crashMs });

    it('[V5] runs if the first attempt did not get to it', async () => {
      const site = new SimulatedSite();
      const first = await killed(site, 6000);
      expect(requestsTo(first, 'POST', /\/servicedeskapi\/request$/)).toHaveLength(1);
      expect(moves(first)).toEqual([]);
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Source': 'Matched' } });
      expect(moves(run)).toHaveLength(1);
      expect(site.issues()).toHaveLength(1);
    });

    it('[V5] runs even if people have commented since', async () => {
      const site = new SimulatedSite();
      await killed(site, 6000);
      site.addComment(site.issue('CHG-1'), site.octopus, 'Please hurry.', true);
      const run = await raise(site, '61');
      expect(run.exitCode).toBe(0);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] does not run if somebody has changed the status', async () => {
      const site = new SimulatedSite();
      await killed(site, 6000);
      site.moveTo('CHG-1', 'Planning');
      const run = await raise(site, 'Authorize', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(moves(run)).toEqual([]);
    });

    it('[V5] does not run again if the status that it led to is also of the category new', async () => {
      const review = changeWorkflow.statuses.find(({ category }) => category.key === 'new');
      const statuses = changeWorkflow.statuses.map((status) =>
        status.name === 'Planning' ? { ...status, category: review?.category ?? status.category } : status,
      );
      const workflow = { ...changeWorkflow, statuses };
      const site = new SimulatedSite({ projects: [{ key: 'CHG', workflow }] });
      const first = await raise(site, 'Planning', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(moves(first)).toHaveLength(1);
      expect(site.issue('CHG-1').status).toMatchObject({ name: 'Planning', category: review?.category });
      const again = await raise(site, 'Authorize', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(moves(again)).toEqual([]);
      expect(site.issue('CHG-1').status.name).toBe('Planning');
    });

    it('[V5] does not run if the comments of the first attempt cannot be read', async () => {
      const site = new SimulatedSite();
      await killed(site, 6000);
      site.faults.add({ fault: { kind: 'status', status: 403 }, method: 'GET', path: /\/comment\?/ });
      const run = await raise(site, '61', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(moves(run)).toEqual([]);
      expect(run.warnings.join('\n')).toMatch(/not known whether an earlier attempt/);
    });

    it('[V5] does not run again if the first attempt ran it', async () => {
      const site = new SimulatedSite();
      const first = await raise(site, '11', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(first.outputs['Decision']).toBe('TimedOut');
      expect(moves(first)).toHaveLength(1);
      const again = await raise(site, '41', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(again.outputs['Decision']).toBe('TimedOut');
      expect(moves(again)).toEqual([]);
    });
  });

  describe('with a screen', () => {
    const requires = ['resolution'];
    const withScreen = (): SimulatedSite => {
      const transitions = changeWorkflow.transitions.map((one) =>
        one.id === '61' ? { ...one, requires, shows: ['Backout plan'] } : one,
      );
      return new SimulatedSite({
        projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }],
      });
    };
    const field = (name: string): string => `Octopus.JiraServiceManagement.TransitionField[${name}]`;

    it('[V5] sets the fields that the screen has', async () => {
      const site = withScreen();
      const run = await raise(site, '61', {
        [field('resolution')]: 'Done',
        [field('Root cause')]: 'None',
      });
      expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed', DecisionCode: 'Approved' } });
      expect(moves(run).map(({ body }) => JSON.parse(body ?? 'null'))).toEqual([
        { transition: { id: '61' }, fields: { resolution: { id: '10000' } } },
      ]);
    });

    it('[V5] ends the run before anything is sent if nothing covers a required field', async () => {
      const site = withScreen();
      const run = await raise(site, '61');
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { Decision: 'Error', DecisionCode: 'InputInvalid' },
      });
      expect(run.resultMessage).toMatch(
        /"Implement standard change".* was not run: Its screen requires: Resolution \(resolution\)\. Resolution accepts: Done, Won't do, Failed\./,
      );
      expect(moves(run)).toEqual([]);
      expect(site.issue('CHG-1').status.name).toBe('Review');
    });

    it('[L15] ends the run before any request if a value contains an unresolved expression', async () => {
      const run = await raise(withScreen(), '61', { [field('resolution')]: '#{Reason}' });
      expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { DecisionCode: 'InputInvalid' } });
      expect(run.resultMessage).toContain(field('resolution'));
    });
  });

  describe('if it fails', () => {
    it('[V5] because it needs a field, ends the run immediately and quotes JSM', async () => {
      const site = new SimulatedSite();
      site.faults.add({
        fault: {
          kind: 'status',
          status: 400,
          body: '{"errorMessages":[],"errors":{"resolution":"required"}}',
        },
        method: 'POST',
        path: transitionsPath,
      });
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.endedAtMs).toBeLessThan(15_000);
      expect(run.resultMessage).toMatch(
        /refused the transition "Implement standard change".*resolution.*required/,
      );
      expect(run.resultMessage).toMatch(/JsmChange\.ApproveTransition/);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] [F3] because it is not permitted, ends the run after a second refusal', async () => {
      const site = new SimulatedSite();
      const body = '{"errorMessages":["Not you."],"errors":{}}';
      site.faults.add({
        fault: { kind: 'status', status: 403, body },
        method: 'POST',
        path: transitionsPath,
      });
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.endedAtMs).toBeLessThan(60_000);
      expect(moves(run)).toHaveLength(2);
    });

    it('[V5] but may have run, is a warning, and the run waits', async () => {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'status', status: 500 }, method: 'POST', path: transitionsPath });
      const run = await raise(site, '61', {}, { at: [[60_000, () => site.moveTo('CHG-1', 'Implementing')]] });
      expect(run.exitCode).toBe(0);
      expect(run.endedAtMs).toBeGreaterThan(60_000);
      expect(run.warnings.join('\n')).toMatch(/not certain that the transition .*was run/);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] because it was accepted without effect, ends the run and is not reported as run', async () => {
      const site = new SimulatedSite();
      site.faults.add({
        fault: { kind: 'status', status: 204, body: '' },
        method: 'POST',
        path: transitionsPath,
      });
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.endedAtMs).toBeLessThan(20_000);
      expect(run.resultMessage).toMatch(/accepted the transition .* its status is still Review/);
      expect(said(run)).not.toMatch(/Ran the transition/);
      expect(commentsOf(site, 'CHG-1')).toEqual([]);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] counts if its effect takes a second', async () => {
      const site = new SimulatedSite({
        faults: [{ fault: { kind: 'status', status: 204, body: '' }, method: 'POST', path: transitionsPath }],
      });
      const key = 'CHG-1';
      site.onCreate = (model) => model.after(8500, () => site.moveTo(key, 'Implementing'));
      const run = await raise(site, '61', {}, { latency: 500 });
      expect(run.exitCode).toBe(0);
    });

    it('[V5] [F3] because a firewall blocks it, ends the run at the end of the outage', async () => {
      const site = new SimulatedSite();
      site.faults.add({
        fault: { kind: 'status', status: 403, body: '<html>Blocked</html>', contentType: 'text/html' },
        method: 'POST',
        path: transitionsPath,
      });
      const run = await raise(site, '61', { 'JsmChange.OutageMinutes': '2' });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.endedAtMs).toBeLessThan(4 * 60_000);
      expect(run.resultMessage).toMatch(/firewall/);
    });

    it('[V5] [F3] because a firewall blocks it briefly, is tried again', async () => {
      const site = new SimulatedSite();
      site.faults.add({
        fault: { kind: 'status', status: 403, body: '<html>Blocked</html>', contentType: 'text/html' },
        method: 'POST',
        path: transitionsPath,
        at: 1,
      });
      const run = await raise(site, '61');
      expect(run.exitCode).toBe(0);
      expect(moves(run)).toHaveLength(2);
    });

    /** A refusal in Jira's JSON; a web page would be an outage. */
    const refusal = (status: number): Fault => ({
      kind: 'status',
      status,
      body: '{"errorMessages":["No."],"errors":{}}',
    });

    it('[V5] [F3] because its transitions are refused once, is tried again an interval later', async () => {
      for (const status of [401, 403, 404]) {
        const site = new SimulatedSite({
          faults: [{ fault: refusal(status), method: 'GET', path: transitionsPath, at: 1 }],
        });
        const run = await raise(site, '61');
        expect([status, run.exitCode, moves(run).length]).toEqual([status, 0, 1]);
        const asked = requestsTo(run, 'GET', transitionsPath);
        expect((asked[1]?.sentMs ?? 0) - (asked[0]?.settledMs ?? 0)).toBeGreaterThanOrEqual(15_000);
      }
    });

    it.each([401, 403, 404])(
      '[V5] [F3] neither runs again nor ends the run after one %i to the read of its effect',
      async (status) => {
        for (const [transition, approvedBy] of [
          ['Planning', 60_000],
          ['61', undefined],
        ] as const) {
          const site = new SimulatedSite();
          site.faults.add({ fault: refusal(status), method: 'GET', path: /CHG-1\?fields=summary/, at: 2 });
          const run = await raise(
            site,
            transition,
            {},
            approvedBy === undefined
              ? {}
              : { at: [[approvedBy, () => site.moveTo('CHG-1', 'Implementing')]] },
          );
          expect(run.exitCode).toBe(0);
          expect(moves(run)).toHaveLength(1);
          expect(run.warnings.join()).toMatch(/not certain that the transition .*was run/);
        }
      },
    );

    it('[V5] [F3] because its transitions are refused twice, ends the run', async () => {
      const site = new SimulatedSite({
        faults: [{ fault: refusal(403), method: 'GET', path: transitionsPath, at: 1, count: 2 }],
      });
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(moves(run)).toHaveLength(0);
      expect(requestsTo(run, 'GET', transitionsPath)).toHaveLength(2);
    });

    it('[V5] [F3] because of a conflict, is tried once more after a read', async () => {
      const site = new SimulatedSite();
      site.faults.add({
        fault: { kind: 'status', status: 409 },
        method: 'POST',
        path: transitionsPath,
        at: 1,
      });
      const run = await raise(site, '61');
      expect(run.exitCode).toBe(0);
      expect(moves(run).map(({ outcome }) => outcome)).toEqual([409, 204]);
    });

    it("[V5] [F3] because of a conflict with somebody else's approval, counts as done", async () => {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'status', status: 409 }, method: 'POST', path: transitionsPath });
      const answer = site.answer.bind(site);
      site.answer = (request) => {
        const answered = answer(request);
        if (answered.status === 409) site.moveTo('CHG-1', 'Implementing');
        return answered;
      };
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 0, warnings: [] });
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] because somebody else approved it first, is not an error', async () => {
      const site = new SimulatedSite();
      const answer = site.answer.bind(site);
      site.answer = (request) => {
        if (transitionsPath.test(request.path)) site.moveTo('CHG-1', 'Implementing');
        return answer(request);
      };
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
      expect(moves(run)).toEqual([]);
    });

    it('[V5] because an automation changed the status, looks up the transition once more', async () => {
      const site = new SimulatedSite();
      let asked = 0;
      const answer = site.answer.bind(site);
      site.answer = (request) => {
        if (transitionsPath.test(request.path)) {
          asked += 1;
          if (asked === 1) site.moveTo('CHG-1', 'Authorize');
          else if (asked === 2) site.moveTo('CHG-1', 'Planning');
        }
        return answer(request);
      };
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] because of two conflicts, ends the run', async () => {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'status', status: 409 }, method: 'POST', path: transitionsPath });
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(moves(run)).toHaveLength(2);
      expect(run.resultMessage).toMatch(/refused the transition .*409/);
    });

    it('[V5] because its answer was lost, is found done at the next check and not run again', async () => {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'reset', afterWork: true }, method: 'POST', path: transitionsPath });
      const run = await raise(site, '61');
      expect(run.exitCode).toBe(0);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] [C3] because its answer was lost, is reported as run if a read 2 s later shows its effect', async () => {
      const site = new SimulatedSite();
      const answer = site.answer.bind(site);
      site.answer = (request) => {
        if (request.method !== 'POST' || !transitionsPath.test(request.path)) return answer(request);
        site.time.after(1500, () => site.moveTo('CHG-1', 'Implementing'));
        return { ...answer({ ...request, method: 'GET' }), status: 504 };
      };
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 0, warnings: [] });
      expect(run.summary.join('\n')).toMatch(/Ran the transition "Implement standard change"/);
      expect(commentsOf(site, 'CHG-1')).toHaveLength(1);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] [C3] because its answer was lost, is not reported as run if somebody moves the change request elsewhere', async () => {
      const site = new SimulatedSite();
      const answer = site.answer.bind(site);
      site.answer = (request) => {
        if (request.method !== 'POST' || !transitionsPath.test(request.path)) return answer(request);
        site.moveTo('CHG-1', 'Planning');
        return { ...answer({ ...request, method: 'GET' }), status: 504 };
      };
      const run = await raise(site, '61', { 'JsmChange.WaitLimitMinutes': '1' });
      expect(run.outputs['Decision']).toBe('TimedOut');
      expect(run.warnings.join('\n')).toMatch(/not certain that the transition .*was run: .* status 504/);
      expect(said(run)).not.toMatch(/Ran the transition/);
      expect(commentsOf(site, 'CHG-1')).toEqual([]);
      expect(moves(run)).toHaveLength(1);
    });

    it('[V5] [F2] because JSM limits its requests for longer than OutageMinutes, ends the run', async () => {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'status', status: 429 }, method: 'POST', path: transitionsPath });
      const run = await raise(site, '61', { 'JsmChange.OutageMinutes': '2' });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'Unreachable' } });
      expect(run.endedAtMs).toBeLessThan(4 * 60_000);
      expect(run.resultMessage).toMatch(/transition "Implement standard change".* was not run: .*429/);
    });

    it('[V5] because the account cannot transition, is an error that says so', async () => {
      const site = new SimulatedSite({ permissions: { transition: false } });
      const run = await raise(site, '61');
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.resultMessage).toMatch(/offers no transitions.*permission/i);
    });
  });

  describe('with a policy', () => {
    const policy = (site: SimulatedSite, preApproved: string): Record<string, string> => ({
      'JsmChange.Policy': `version: 1
connections: [{ name: Acme, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects:
  - { name: Web Site, connection: Acme, serviceProject: CHG${preApproved} }
  - { name: "*", connection: Acme, serviceProject: CHG, preApproved: true }
environments: [{ name: Production }]
`,
    });

    it.each(['', ', preApproved: false'])(
      '[V5] is an error before any request without preApproved ("%s")',
      async (leave) => {
        const site = new SimulatedSite();
        const run = await raise(site, '61', policy(site, leave));
        expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Error' } });
        expect(run.resultMessage).toMatch(/JsmChange.ApproveTransition.*preApproved: true/);
      },
    );

    it('[V5] runs with preApproved', async () => {
      const site = new SimulatedSite();
      const run = await raise(site, '61', policy(site, ', preApproved: true'));
      expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
      expect(searches(run).length).toBeGreaterThan(0);
    });
  });
});
