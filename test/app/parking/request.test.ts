import { describe, expect, it } from 'vitest';
import { readParkLine } from '../../../src/domain/deployment/park-line.ts';
import { commentsOf, earlierGate, operate, requestsTo } from '../../operations/operation-run.ts';
import { deploymentTitle, runbookRun } from '../../sandbox/octopus-variables.ts';
import { gateVariables, simulateRuns } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import {
  checks,
  creations,
  hourMs,
  minuteMs,
  said,
  searches,
  secondMs,
  siteWith,
  supplied,
} from '../gate-run.ts';
import { outputsOf, ParkedRun } from './parked-run.ts';

const gatedNothing = 'Request: this step gated nothing.';
const transitions = /\/transitions$/;
const step = 'Request change';

/** The outputs that a Request earlier in the run left. */
const earlierRequest = (number: string, decision = 'Pending', name = step): Record<string, string> =>
  earlierGate(number, decision, name);

describe('Request', () => {
  it('[R1] raises the change request, makes the first check of C4, and ends with Pending without waiting', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Request');
    expect(run).toMatchObject({
      exitCode: 0,
      resultMessage: undefined,
      outputs: {
        Decision: 'Pending',
        DecisionCode: 'AwaitingApproval',
        'ChangeRequest.Number': 'CHG-1',
        'ChangeRequest.Source': 'Created',
      },
    });
    expect(creations(run)).toHaveLength(1);
    const since = run.endedAtMs - (creations(run)[0]?.settledMs ?? 0);
    expect(since).toBeGreaterThanOrEqual(2 * secondMs);
    expect(since).toBeLessThan(6 * secondMs);
    expect(checks(run, 'CHG-1')).toHaveLength(1);
  });

  it('[R1] finds an open change request by its title, and says Pending after one check', async () => {
    const { site, key } = siteWith({ status: 'Authorize' });
    const run = await operate(site, 'Request');
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { Decision: 'Pending', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
    expect(checks(run, key)).toHaveLength(1);
    expect(creations(run)).toEqual([]);
  });

  it('[R1] says Ready if a gate would proceed, and sets no instructions', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await operate(site, 'Request', { 'JsmChange.CustomerComments': 'True' });
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { Decision: 'Ready', DecisionCode: 'Approved', WaitInstructions: '' },
    });
    // Request does not start a deployment, so it does not write that one starts.
    expect(commentsOf(site, key)).toEqual([]);
  });

  it('[A3] [R1] names who approved with Ready', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.setApproval(key, { finalDecision: 'approved', approvers: { 'Mia Manager': 'approved' } });
    const run = await operate(site, 'Request');
    expect(run.outputs['DecisionReason']).toContain('approved by Mia Manager');
  });

  it.each([
    ['Approved', { 'Carol Cab': 'pending' }, 'the approval of Carol Cab'],
    ['OtherApprover', { 'Carol Cab': 'pending' }, 'the approval of Carol Cab'],
  ] as const)(
    '[A2] [R1] with ApprovalCheck %s and approvers %o says Pending',
    async (check, approvers, awaited) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      site.setApproval(key, { approvers });
      const run = await operate(site, 'Request', { 'JsmChange.ApprovalCheck': check });
      expect(run).toMatchObject({
        exitCode: 0,
        outputs: { Decision: 'Pending', DecisionCode: 'AwaitingApproval' },
      });
      expect(run.outputs['WaitInstructions']).toContain(awaited);
      site.setApproval(key, { finalDecision: 'declined', approvers: { 'Carol Cab': 'declined' } });
      const declined = await operate(site, 'Request', { 'JsmChange.ApprovalCheck': check });
      expect(declined).toMatchObject({
        exitCode: 1,
        outputs: { Decision: 'Stop', DecisionCode: 'ApprovalMissing' },
      });
    },
  );

  it('[A1] [R1] stops on a supplied change request without a required text, which a gate after Request ignores', async () => {
    const { site, key } = siteWith({ summary: 'Fix the basket', status: 'Implementing' });
    const must = { 'JsmChange.SuppliedMustMention': 'Web Site' };
    const run = await operate(site, 'Request', { ...supplied(key), ...must });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'NotAllowed' } });
    const gate = await operate(site, 'Gate', { ...earlierRequest(key), ...must });
    expect(gate.exitCode).toBe(0);
  });

  it.each([
    ['Declined', {}, 'Stop', 'Refused'],
    ['Implementing', { end: -hourMs }, 'Stop', 'WindowClosed'],
    ['Planning', { end: -hourMs }, 'Stop', 'WindowClosed'],
    ['Implementing', { start: hourMs, end: -hourMs }, 'Stop', 'WindowUnknown'],
    ['Planning', {}, 'Pending', 'AwaitingApproval'],
    ['Planning', { start: hourMs }, 'Pending', 'AwaitingApproval'],
    ['Implementing', { start: hourMs }, 'Pending', 'AwaitingPlannedStart'],
    ['Implementing', { start: -hourMs, end: hourMs }, 'Ready', 'Approved'],
  ] as const)(
    '[R1] for a supplied change request in %s with window %o decides %s',
    async (status, window, decision, code) => {
      const site = new SimulatedSite();
      const { start, end } = { start: undefined, end: undefined, ...window };
      const { key } = site.createRequest({
        summary: 'Fix the basket',
        status,
        fields: {
          ...(start !== undefined && { 'Planned start': site.dateIn(start) }),
          ...(end !== undefined && { 'Planned end': site.dateIn(end) }),
        },
      });
      const run = await operate(site, 'Request', supplied(key));
      expect(run.outputs).toMatchObject({ Decision: decision, DecisionCode: code });
      expect(run.exitCode).toBe(decision === 'Stop' ? 1 : 0);
      expect(run.outputs['WaitInstructions'] === '').toBe(decision !== 'Pending');
      expect(run.outputs['ChangeRequest.Source']).toBe('Supplied');
    },
  );

  it.each([
    ['a wait limit that ends before Planned start', { 'JsmChange.WaitLimitMinutes': '5' }],
    ['WhenPending Fail', { 'JsmChange.WhenPending': 'Fail' }],
  ])('[R1] ignores %s and says Pending', async (_what, variables) => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({
      summary: deploymentTitle,
      lagged: false,
      status: 'Implementing',
      fields: { 'Planned start': site.dateIn(30 * 24 * hourMs) },
    });
    const run = await operate(site, 'Request', variables);
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { Decision: 'Pending', DecisionCode: 'AwaitingPlannedStart', 'ChangeRequest.Number': key },
    });
  });

  it('[R1] waits for an answer that takes longer than the wait limit', async () => {
    const { site } = siteWith();
    const run = await operate(
      site,
      'Request',
      { 'JsmChange.WaitLimitMinutes': '1' },
      { latency: { minMs: 12_000, maxMs: 12_000 } },
    );
    expect(run.endedAtMs - run.startedAtMs).toBeGreaterThan(minuteMs);
    expect(run.outputs['Decision']).toBe('Pending');
  });

  it('[R1] ignores what earlier steps left', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Request', {
      ...earlierRequest('CHG-7'),
      ...earlierGate('CHG-8', 'Proceed'),
    });
    expect(run.outputs).toMatchObject({ Decision: 'Pending', 'ChangeRequest.Number': 'CHG-1' });
  });

  it('[S1] [R1] requires nothing if no approval is required', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Request', {
      'JsmChange.EnvironmentChangeControlled': 'False',
      'Octopus.Web.ServerUri': '',
    });
    expect(run).toMatchObject({
      exitCode: 0,
      requests: [],
      outputs: { Decision: 'NotRequired', WaitInstructions: '' },
    });
    expect(run.summary.at(-2)).toBe(gatedNothing);
  });

  it.each(['Implementing', 'Planning', 'Declined'])(
    '[R1] says in the Task Summary that it gated nothing (%s)',
    async (status) => {
      const { site, key } = siteWith({ status });
      const run = await operate(site, 'Request', supplied(key));
      expect(run.summary.filter((line) => line === gatedNothing)).toHaveLength(1);
    },
  );

  it('[R1] [V3] comments once per run that the wait begins, and a gate after it does not repeat the comment', async () => {
    const site = new SimulatedSite();
    const parked = new ParkedRun(site, { 'JsmChange.CustomerComments': 'True' });
    await parked.step('Request');
    await parked.step('Request');
    expect(commentsOf(site, 'CHG-1').map(({ body }) => body.split('\n')[0])).toEqual([
      'The deployment is waiting for this change to be approved and for its planned start.',
    ]);
    await parked.step('Gate', { 'JsmChange.WaitLimitMinutes': '2' });
    expect(commentsOf(site, 'CHG-1')).toHaveLength(1);
    site.moveTo('CHG-1', 'Implementing');
    await parked.step('Gate');
    await parked.step('Report');
    expect(commentsOf(site, 'CHG-1')).toHaveLength(3);
  });

  it('[V5] [R1] runs the transition of a pre-approved change once', async () => {
    const site = new SimulatedSite();
    const parked = new ParkedRun(site, { 'JsmChange.ApproveTransition': 'Implement standard change' });
    const run = await parked.step('Request');
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Ready' } });
    expect(requestsTo(run, 'POST', transitions)).toHaveLength(1);
    // Somebody moves it back: the gate waits for people, and does not repeat the transition.
    site.moveTo('CHG-1', 'Planning');
    const gate = await parked.step('Gate', { 'JsmChange.WhenPending': 'Fail' });
    expect(gate.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'AwaitingApproval' });
    expect(requestsTo(gate, 'POST', transitions)).toEqual([]);
    expect(said(gate)).not.toContain('ApproveTransition');
  });

  it('[L9] [R1] a retried Request continues with its own change request, and stops if that was refused', async () => {
    const site = new SimulatedSite();
    await operate(site, 'Request');
    const again = await operate(site, 'Request');
    expect(again.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Matched',
    });
    site.moveTo('CHG-1', 'Declined');
    const refused = await operate(site, 'Request');
    expect(refused).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'Refused' } });
    expect(site.storedIssues()).toHaveLength(1);
  });

  it.each(['Report', 'Verify', 'Gate'] as const)(
    '[R2] %s does not set WaitInstructions',
    async (operation) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      const run = await operate(site, operation, supplied(key));
      expect(run.outputs).not.toHaveProperty('WaitInstructions');
    },
  );
});

describe('what a person reads at the parked deployment', () => {
  const park = /^Parked: \S+ \S+ \S+ \S+$/;

  it('[R2] contains the link, the status, what is awaited and from whom, and ends with the park line', async () => {
    const { site, key } = siteWith({ status: 'Authorize' });
    site.setApproval(key, { approvers: { 'Carol Cab': 'pending', 'Mia Manager': 'approved' } });
    const run = await operate(site, 'Request');
    const instructions = run.outputs['WaitInstructions'] ?? '';
    expect(instructions.split('\n\n')).toEqual([
      `The change request [${key}](${site.baseUrl}/browse/${key}) is \`Authorize\`. This step waits for \`its approval and the status Implementing\`.`,
      '`Approved by: Mia Manager. Still pending: Carol Cab.`',
      expect.stringContaining('It continues automatically'),
      `Parked: ${site.baseUrl}/browse/${key} https://octopus.acme.example Spaces-1 Deployments-421`,
    ]);
    expect(readParkLine(instructions)?.run.runId).toBe('Deployments-421');
  });

  it('[R2] names Planned start if that is awaited', async () => {
    const site = new SimulatedSite();
    site.createRequest({
      summary: deploymentTitle,
      lagged: false,
      status: 'Implementing',
      fields: { 'Planned start': site.dateIn(hourMs) },
    });
    const run = await operate(site, 'Request');
    expect(run.outputs['WaitInstructions']).toContain('`its Planned start 2026-06-13T09:00:00Z`');
  });

  it('[R2] names the runbook run', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Request', {
      ...runbookRun,
      'JsmChange.RunbookChangeControlled': 'True',
    });
    expect(run.outputs['WaitInstructions']).toMatch(/ Spaces-1 RunbookRuns-88$/);
  });

  it.each([
    ['a link', 'Hold [here](https://evil.example/x)'],
    ['an address', 'see https://evil.example or www.evil.example'],
    ['HTML', '<a href=//evil.example>x</a><img src=//evil.example>'],
    ['a park line', 'x\nParked: https://evil.example/browse/CHG-9 https://o Spaces-1 Deployments-9'],
    ['an expression', 'x #{Octopus.Project.Name} #{MyPassword}'],
    ['code', 'a ` b `` c ``` d [x](https://evil.example)'],
    ['a very long text', 'long '.repeat(2000)],
  ])('[X1] [R2] keeps a status with %s as text, and the park line intact', async (_what, name) => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: deploymentTitle, lagged: false, status: 'Planning' });
    const approvers = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        site.addAccount(`a${index}`, `${index} ${name}`).displayName,
        'pending' as const,
      ]),
    );
    site.setApproval(key, { approvers });
    const issue = site.issue(key);
    issue.status = { ...issue.status, name };
    const run = await operate(site, 'Request', { 'JsmChange.WaitStatuses': issue.status.id });
    const instructions = run.outputs['WaitInstructions'] ?? '';
    const lines = instructions.split('\n');
    expect(run.outputs['Decision']).toBe('Pending');
    expect(lines.filter((line) => line.startsWith('Parked:'))).toEqual([expect.stringMatching(park)]);
    expect(lines.at(-1)).toBe(
      `Parked: ${site.baseUrl}/browse/${key} https://octopus.acme.example Spaces-1 Deployments-421`,
    );
    expect([...instructions].length).toBeLessThanOrEqual(2000);
    expect(instructions).not.toContain('#{');
    // The text outside the code, without the step's own link.
    const outside = lines
      .slice(0, -1)
      .join('\n')
      .replace(/`[^`\n]*`/g, '')
      .replace(`(${site.baseUrl}/browse/${key})`, '');
    expect(outside).not.toMatch(/evil|[<`#]|:\/\//);
  });

  it('[R2] [X1] keeps the park line even if the status and the approvers are full of expressions', async () => {
    const name = '#{'.repeat(220);
    const { site, key } = siteWith({ status: 'Implementing' });
    site.setApproval(key, { approvers: { [site.addAccount('eve', name).displayName]: 'pending' } });
    const issue = site.issue(key);
    issue.status = { ...issue.status, name };
    const run = await operate(site, 'Request', {
      'JsmChange.ProceedStatuses': issue.status.id,
      'JsmChange.ApprovalCheck': 'Approved',
    });
    expect(run.outputs['Decision']).toBe('Pending');
    expect(readParkLine(run.outputs['WaitInstructions'] ?? '')?.run.runId).toBe('Deployments-421');
    expect(run.outputs['WaitInstructions']).not.toContain('#{');
  });

  it.each([
    ['Octopus.Web.ServerUri', {}],
    ['Octopus.Space.Id', {}],
    ['Octopus.Deployment.Id', {}],
    ['Octopus.RunbookRun.Id', { ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' }],
  ])('[R2] [I3] ends with an Error before any request if %s is blank', async (name, variables) => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Request', { ...variables, [name]: ' ' });
    expect(run).toMatchObject({
      exitCode: 1,
      requests: [],
      outputs: { Decision: 'Error', DecisionCode: 'InputInvalid', WaitInstructions: '' },
    });
    expect(run.resultMessage).toContain(`${name} is empty`);
    // A gate does without them.
    const { site: other, key } = siteWith({ status: 'Implementing' });
    const gate = await operate(other, 'Gate', { ...variables, ...supplied(key), [name]: ' ' });
    expect(gate.exitCode).toBe(0);
  });
});

describe('Gate after Request', () => {
  it('[R1] [L4] uses the number of the Request, without a search or a check of C4', async () => {
    const { site, key } = siteWith({ summary: 'any title', status: 'Implementing' });
    const run = await operate(site, 'Gate', earlierRequest(key));
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
    // Besides the check, only the approvals for the ending (A3).
    expect(run.requests.map(({ path }) => path.replace(/^.*\//, ''))).toEqual([key, 'approval']);
    // A1: only a supplied change request is shown with its summary.
    expect(said(run)).not.toContain('any title');
  });

  it('[L1] [R1] prefers a supplied number', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const other = site.createRequest({ summary: 'Other', status: 'Declined' });
    const run = await operate(site, 'Gate', { ...supplied(key), ...earlierRequest(other.key) });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Supplied' });
  });

  it('[L4] [R1] stops on different numbers of two Requests, but not on equal ones', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const two = { ...earlierRequest(key), ...earlierRequest('CHG-99', 'Ready', 'Again') };
    const run = await operate(site, 'Gate', two);
    expect(run).toMatchObject({
      exitCode: 1,
      requests: [],
      outputs: { Decision: 'Stop', DecisionCode: 'InputInvalid' },
    });
    expect(run.resultMessage).toMatch(/Different change requests.*CHG-99/);
    const same = { ...earlierRequest(key), ...earlierRequest(key.toLowerCase(), 'ready', 'Again') };
    expect((await operate(site, 'Gate', same)).exitCode).toBe(0);
  });

  it.each(['Proceed', 'Stop', 'TimedOut', 'Error'])(
    '[L4] ignores the number of a Request once a gate of this run has decided %s',
    async (decision) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      const other = site.createRequest({ summary: 'Other', status: 'Implementing' });
      const left = { ...earlierRequest(other.key), ...earlierGate(other.key, decision) };
      const run = await operate(site, 'Gate', left);
      expect(run.outputs['ChangeRequest.Number']).toBe(key);
      expect(searches(run).length).toBeGreaterThan(0);
    },
  );

  it("[I8] ignores a number without one of the step's own decisions", async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const foreign = earlierRequest('CHG-99', 'Waiting');
    const run = await operate(site, 'Gate', foreign);
    expect(run.outputs['ChangeRequest.Number']).toBe(key);
  });

  it('[L3] [R1] stops if the change request is gone, and does not call its number supplied', async () => {
    const run = await operate(new SimulatedSite(), 'Gate', earlierRequest('CHG-5'));
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', DecisionCode: 'NotFound', 'ChangeRequest.Source': 'Matched' },
    });
    expect(run.resultMessage).toContain('An earlier step of this run used it');
  });

  it('[L10] follows a change request that was withdrawn after the Request', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const mine = site.createRequest({ summary: `Withdrawn in favour of ${key}: ${deploymentTitle}` });
    const run = await operate(site, 'Gate', earlierRequest(mine.key));
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it('[R1] [F7] proceeds only on an approved check regardless of what the Request decided', async () => {
    for (const decision of ['Ready', 'Pending']) {
      const { site, key } = siteWith({ status: 'Planning' });
      const run = await operate(site, 'Gate', {
        ...earlierRequest(key, decision),
        'JsmChange.WhenPending': 'Fail',
      });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    }
  });
});

describe('Verify and Report after Request', () => {
  it.each([
    ['the Request if there is no gate', earlierRequest('CHG-2'), 'CHG-2'],
    ['the gate if there is one', { ...earlierRequest('CHG-2'), ...earlierGate('CHG-1') }, 'CHG-1'],
  ])('[L4] [V1] Verify uses the number of %s', async (_what, left, expected) => {
    const site = new SimulatedSite();
    for (const summary of ['one', 'two']) site.createRequest({ summary, status: 'Implementing' });
    const run = await operate(site, 'Verify', left);
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': expected });
  });

  it.each([
    ['aborted', 'The step "Wait for approval" failed', 0],
    ['never gated', '', 1],
  ])('[V2] does not move the status for a parked run that was %s', async (_how, error, comments) => {
    const { site, key } = siteWith({ status: 'Authorize' });
    const run = await operate(site, 'Report', {
      ...earlierRequest(key),
      'Octopus.Deployment.Error': error,
      'JsmChange.CustomerComments': 'True',
      'JsmChange.SuccessStatus': 'Completed',
      'JsmChange.FailureStatus': 'Declined',
    });
    expect(run.exitCode).toBe(0);
    expect(site.issue(key).status.name).toBe('Authorize');
    expect(requestsTo(run, 'POST', transitions)).toEqual([]);
    expect(commentsOf(site, key)).toHaveLength(comments);
    expect(run.warnings.join()).toMatch(/no step of this run ha[sd] allowed/);
  });

  it('[V2] reports a run that its gate allowed after the Request', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Report', {
      ...earlierRequest(key),
      ...earlierGate(key),
      'JsmChange.SuccessStatus': 'Completed',
    });
    expect(site.issue(key).status.name).toBe('Completed');
  });
});

describe('racing runs that park', () => {
  it('[C4] [R1] leave one change request between 25 Requests and 25 gates, however far the index lags', async () => {
    const site = new SimulatedSite({ indexLagMs: minuteMs, seed: 7 });
    const variables = (index: number): Record<string, string> =>
      gateVariables(site, { 'Octopus.Deployment.Id': `Deployments-${index + 1}` });
    const runs = Array.from({ length: 50 }, (_, index) => ({
      // Every second run is a gate that does not park.
      variables: {
        ...variables(index),
        'JsmChange.Operation': index % 2 === 0 ? 'Request' : 'Gate',
      },
      startMs: index * 20,
      seed: 1000 + index,
    }));
    const approve = (): void => {
      for (const { key } of site.openWithSummary(deploymentTitle)) site.moveTo(key, 'Implementing');
    };
    const first = await simulateRuns({ site, runs, at: [[5 * minuteMs, approve]] });
    const [open, ...others] = site.openWithSummary(deploymentTitle);
    expect(others).toEqual([]);
    const parked = first.filter((_run, index) => index % 2 === 0);
    expect(new Set(parked.map(({ outputs }) => outputs['Decision']))).toEqual(new Set(['Pending']));
    const gates = await simulateRuns({
      site,
      runs: parked.map((run, index) => ({
        variables: { ...variables(2 * index), ...outputsOf(run, step) },
        seed: 2000 + index,
      })),
    });
    const waited = first.filter((_run, index) => index % 2 === 1);
    expect(
      [...gates, ...waited].map(({ exitCode, outputs }) => [exitCode, outputs['ChangeRequest.Number']]),
    ).toEqual(runs.map(() => [0, open?.key]));
    expect(gates.flatMap((run) => [...searches(run), ...creations(run)])).toEqual([]);
  });
});
