import { describe, expect, it } from 'vitest';
import { bestTarget } from '../../../src/app/gate/withdrawal.ts';
import type { Transition } from '../../../src/app/ports.ts';
import { aTransition } from '../../jira/a-transition.ts';
import type { Fault } from '../../sandbox/fault.ts';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import type { SimulatedRun } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { gate, runLineOf, writes } from '../gate-run.ts';

const ownLine = runLineOf();
const forbidden: Fault = { kind: 'status', status: 403, body: '{"errorMessages":["Forbidden"],"errors":{}}' };
const unauthorized: Fault = {
  kind: 'status',
  status: 401,
  body: 'Client must be authenticated to access this resource.',
};
const missing: Fault = { kind: 'status', status: 404, body: '{"errorMessages":["gone"],"errors":{}}' };

/** An outage of minutes at the edit that withdraws CHG-2. */
const editPutOff = {
  path: /\/issue\/CHG-2$/,
  method: 'PUT',
  fault: { kind: 'status', status: 503 },
  at: 1,
  count: 6,
} as const;

function to(name: string, untranslatedName?: string): Transition {
  return aTransition(name, {
    to: { id: name, name, category: 'done', ...(untranslatedName === undefined ? {} : { untranslatedName }) },
  });
}

/** The requests that edit a change request. */
function edits(run: SimulatedRun) {
  return writes(run).filter(({ method }) => method === 'PUT');
}

describe('the status to which a withdrawn change request is moved', () => {
  it.each([
    [['Closed', 'Declined', 'Withdrawn', 'Canceled'], 'Canceled'],
    [['Closed', 'Declined', 'WITHDRAWN'], 'WITHDRAWN'],
    [['Closed', 'declining'], 'declining'],
    [['Implementing', 'closed'], 'closed'],
    // A status that merely contains these letters is not a closing status.
    [['Disclosed', 'Implementing'], undefined],
    [[], undefined],
  ])('[C4] of the targets %j is %s', (names, expected) => {
    expect(bestTarget(names.map((name) => to(name)))?.to.name).toBe(expected);
  });

  it('[C4] is recognised by its untranslated name', () => {
    expect(bestTarget([to('In Umsetzung', 'Implementing'), to('Abgebrochen', 'Canceled')])?.id).toBe(
      'Abgebrochen',
    );
  });
});

describe('the withdrawal of a younger change request', () => {
  const approvals = /\/approval/;
  it.each<[string, Fault, { method: string; path: RegExp; at: number }]>([
    ['401 to its approvals', unauthorized, { method: 'GET', path: approvals, at: 2 }],
    ['403 to its approvals', forbidden, { method: 'GET', path: approvals, at: 2 }],
    ['401 to its edit', unauthorized, { method: 'PUT', path: /CHG-2/, at: 1 }],
    ['403 to its edit', forbidden, { method: 'PUT', path: /CHG-2/, at: 1 }],
    ['404 to the read before it', missing, { method: 'GET', path: /CHG-2\?.*description/, at: 2 }],
    ['404 to the read after it', missing, { method: 'GET', path: /CHG-2\?.*description/, at: 3 }],
  ])('[F3] [C4] is not given up after one %s', async (_what, fault, where) => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.faults.add({ ...where, fault });
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
  });
});

describe('what a withdrawal reads just before it', () => {
  const pair = (): SimulatedSite => {
    const site = new SimulatedSite({ indexLagMs: 60 * 60_000 });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    return site;
  };
  /** How often the approvals are read before the edit; the first time, they are only shown. */
  const approvalReads = (run: SimulatedRun): number => {
    const edit = run.requests.findIndex(({ method }) => method === 'PUT');
    return run.requests.slice(0, edit).filter(({ path }) => /CHG-2\/approval/.test(path)).length - 1;
  };

  it('[C4] is read once if the site is quick', async () => {
    const run = await gate(pair());
    expect(edits(run)).toHaveLength(1);
    expect(approvalReads(run)).toBe(1);
  });

  it('[C4] is read three times at most if each read takes over 10 s', async () => {
    const run = await gate(pair(), {}, { latency: 5500 });
    expect(edits(run)).toHaveLength(1);
    expect(approvalReads(run)).toBe(3);
  });

  it('[C4] stops the run, which names both, if the approvals cannot be read', async () => {
    const site = pair();
    site.faults.add({ fault: { kind: 'reset' }, path: /CHG-2\/approval/ });
    const run = await gate(site, { 'JsmChange.OutageMinutes': '1' });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
    expect(edits(run)).toEqual([]);
  });

  it('[F2] ends the run as unreachable if the older one cannot be read any more', async () => {
    const site = pair();
    // The first read finds it as a neighbour.
    site.faults.add({ fault: { kind: 'reset' }, path: /CHG-1\?/, at: 2, count: 1000 });
    const run = await gate(site, { 'JsmChange.OutageMinutes': '1' });
    expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'Unreachable' });
    expect(edits(run)).toEqual([]);
  });
});

describe('a withdrawal that an outage puts off', () => {
  it.each([
    ['approvals', /CHG-2\/approval/, 'GET', 2],
    ['edit', /\/issue\/CHG-2$/, 'PUT', 1],
  ] as const)(
    '[C4] at the %s does not withdraw a change request that was approved meanwhile',
    async (what, path, method, at) => {
      const site = new SimulatedSite({ indexLagMs: 60_000 });
      site.createRequest({ summary: deploymentTitle });
      site.faults.add({ path, method, fault: { kind: 'status', status: 503 }, at, count: 6 });
      const approve = () => {
        if (what === 'edit')
          site.setApproval('CHG-2', { finalDecision: 'approved', approvers: { 'Ann Approver': 'approved' } });
        site.moveTo('CHG-2', 'Implementing');
      };
      const run = await gate(site, {}, { at: [[25_000, approve]] });
      expect(site.issue('CHG-2').values.get('summary')).toBe(deploymentTitle);
      expect(site.issue('CHG-2').status.name).toBe('Implementing');
      expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
    },
  );

  it('[C4] does not withdraw in favour of a change request that was closed meanwhile', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: deploymentTitle });
    site.faults.add(editPutOff);
    const run = await gate(
      site,
      {},
      {
        at: [
          [25_000, () => site.moveTo('CHG-1', 'Declined')],
          [300_000, () => site.moveTo('CHG-2', 'Implementing')],
        ],
      },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-2' });
  });

  it('[C4] [F3] does not either if a 401 puts it off for an interval', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: deploymentTitle });
    site.faults.add({ path: /\/issue\/CHG-2\?.*description/, fault: unauthorized, at: 2 });
    const run = await gate(
      site,
      { 'JsmChange.PollIntervalSeconds': '60' },
      {
        at: [
          [25_000, () => site.moveTo('CHG-1', 'Declined')],
          [300_000, () => site.moveTo('CHG-2', 'Implementing')],
        ],
      },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-2' });
  });

  it('[C4] [L9] does not go on with the younger one if the older one, which the run raised, was refused meanwhile', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: deploymentTitle, description: ownLine });
    site.faults.add(editPutOff);
    const run = await gate(
      site,
      { 'JsmChange.WhenPending': 'Fail' },
      { at: [[25_000, () => site.moveTo('CHG-1', 'Declined')]] },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'Refused' });
    expect(run.resultMessage).toContain('CHG-1');
    expect(site.openWithSummary(deploymentTitle)).toEqual([]);
  });

  it('[C4] follows the older one if it gives way to another one meanwhile', async () => {
    const site = new SimulatedSite({ indexLagMs: 60 * 60_000 });
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    for (let other = 0; other < 60; other += 1) site.createRequest({ summary: `Other ${other}` });
    site.createRequest({ summary: deploymentTitle });
    site.faults.add({
      path: /\/issue\/CHG-63$/,
      method: 'PUT',
      fault: { kind: 'status', status: 503 },
      at: 1,
      count: 6,
    });
    const run = await gate(
      site,
      {},
      {
        at: [[25_000, () => site.editSummary('CHG-62', `Withdrawn in favour of ${key}: ${deploymentTitle}`)]],
      },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': key });
    expect(site.openWithSummary(deploymentTitle).map((issue) => issue.key)).toEqual([key]);
  });

  it('[C4] is not sent again if Jira stored it but its answer was lost', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.faults.add({
      path: /\/issue\/CHG-2$/,
      method: 'PUT',
      fault: { kind: 'reset', afterWork: true },
      at: 1,
    });
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(edits(run)).toHaveLength(1);
  });
});
