import { describe, expect, it } from 'vitest';
import type { Fault } from '../../sandbox/fault.ts';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import { changeWorkflow } from '../../sandbox/workflow.ts';
import { gateVariables, type SimulatedRun, simulateRuns } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import {
  creations,
  gate,
  minuteMs,
  reads,
  runLineOf,
  said,
  searches,
  secondMs,
  writes,
} from '../gate-run.ts';

/** Runs with the same title, each for a different deployment. */
function race(
  site: SimulatedSite,
  count: number,
  options: {
    readonly apartMs?: number;
    readonly overrides?: Readonly<Record<string, string>>;
    readonly approveMs?: number;
    readonly seed?: number;
  } = {},
): Promise<readonly SimulatedRun[]> {
  const { apartMs = 0, overrides = {}, approveMs = 5 * minuteMs, seed = 0 } = options;
  return simulateRuns({
    site,
    runs: Array.from({ length: count }, (_, index) => ({
      variables: gateVariables(site, { 'Octopus.Deployment.Id': `Deployments-${index + 1}`, ...overrides }),
      startMs: index * apartMs,
      seed: seed * 1000 + index,
    })),
    at: [
      [
        approveMs,
        () => {
          for (const issue of site.openWithSummary(deploymentTitle)) site.moveTo(issue.key, 'Implementing');
        },
      ],
    ],
  });
}

/** Creates an issue whose summary says that it was withdrawn in favour of `key`. */
function withdrawnFor(site: SimulatedSite, key: string): void {
  site.createRequest({ summary: `Withdrawn in favour of ${key}: ${deploymentTitle}` });
}

function expectOne(site: SimulatedSite, runs: readonly SimulatedRun[]): void {
  const open = site.openWithSummary(deploymentTitle).map(({ key }) => key);
  expect(open).toHaveLength(1);
  expect(runs.map((run) => [run.exitCode, run.outputs['ChangeRequest.Number']])).toEqual(
    runs.map(() => [0, open[0]]),
  );
}

describe('racing runs', () => {
  it.each([
    [2, 0],
    [2, 60_000],
    [5, 10_000],
    [20, 60_000],
    [50, 60_000],
    [50, { minMs: 0, maxMs: 60_000 }],
  ] as const)('[C4] %i runs with an index lag of %o end on one change request', async (count, indexLagMs) => {
    const site = new SimulatedSite({ indexLagMs });
    expectOne(site, await race(site, count));
  });

  it.each([100, 700, 1500, 4000])(
    '[C4] twelve runs that begin %i ms apart end on one change request',
    async (apartMs) => {
      const site = new SimulatedSite({ indexLagMs: 60_000 });
      expectOne(site, await race(site, 12, { apartMs }));
    },
  );

  it('[C4] end on one change request among other issues raised in the project', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    for (let number = 0; number < 200; number += 1) {
      site.after(number * 100, () => site.createRequest({ summary: `Other ${number}` }));
    }
    expectOne(site, await race(site, 8, { apartMs: 300 }));
  });

  it('[C4] reads each missing number again the second time', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.skipNumbers('CHG', 5);
    const run = await gate(site, {}, { at: [[minuteMs, () => site.moveTo('CHG-6', 'Implementing')]] });
    expect(run.exitCode).toBe(0);
    for (const number of [1, 2, 3, 4, 5]) expect(reads(run, `CHG-${number}`)).toHaveLength(2);
    expect(reads(run, 'CHG-0')).toEqual([]);
  });

  it('[C4] reads the neighbours about 2 and 5 s after the creation, and searches at 30 and 120 s', async () => {
    const site = new SimulatedSite();
    site.createRequest({ summary: 'Other', createdMs: site.siteClock.now() - 10 * minuteMs });
    site.createRequest({ summary: 'Other', createdMs: site.siteClock.now() - minuteMs });
    site.skipNumbers('CHG', 1);
    const run = await gate(
      site,
      {},
      { latency: 0, at: [[4 * minuteMs, () => site.moveTo('CHG-4', 'Implementing')]] },
    );
    expect(run.exitCode).toBe(0);
    const created = run.requests.find(({ path }) => path.endsWith('/request'))?.settledMs ?? 0;
    const at = (key: string) =>
      reads(run, key).map(({ sentMs }) => Math.round((sentMs - created) / 100) / 10);
    // Nearest first, down to the first one created more than 3 minutes earlier.
    expect([at('CHG-3'), at('CHG-2'), at('CHG-1')]).toEqual([[2, 5], [2], [2]]);
    const searched = searches(run).map(({ sentMs }) => Math.round((sentMs - created) / 1000));
    expect(searched.slice(2)).toEqual([30, 120]);
  });

  it('[C2][C4] treats a 404 of any form as a missing number after the creation', async () => {
    const site = new SimulatedSite();
    site.skipNumbers('CHG', 2);
    const page: Fault = { kind: 'status', status: 404, body: '<html>', contentType: 'text/html' };
    site.faults.add({ fault: page, path: /\/issue\/CHG-[12]\?/ });
    site.faults.add({ fault: page, path: /\/issue\/CHG-3\?/, at: 1 });
    const run = await gate(site, {}, { at: [[minuteMs, () => site.moveTo('CHG-3', 'Implementing')]] });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-3' } });
  });

  it('[C4] reads at most 50 numbers', async () => {
    const site = new SimulatedSite();
    for (let number = 0; number < 80; number += 1) site.createRequest({ summary: 'Other' });
    const run = await gate(site, {}, { at: [[minuteMs, () => site.moveTo('CHG-81', 'Implementing')]] });
    expect(run.exitCode).toBe(0);
    expect(reads(run).filter(({ path }) => !path.endsWith('CHG-81'))).toHaveLength(50);
  });

  it('[C4] neither proceeds nor stops before the first check of the neighbours', async () => {
    for (const statusOnCreation of ['Implementing', 'Declined']) {
      const site = new SimulatedSite({ statusOnCreation, indexLagMs: 60_000 });
      const runs = await race(site, 2, { approveMs: 10 * minuteMs });
      for (const run of runs) {
        const created = run.requests.find(({ path }) => path.endsWith('/request'))?.settledMs ?? 0;
        expect(run.endedAtMs - created).toBeGreaterThanOrEqual(2 * secondMs);
      }
      expect(site.openWithSummary(deploymentTitle).length).toBeLessThanOrEqual(1);
    }
  });

  it('[C4] proceeds right after that check if no number is missing', async () => {
    const site = new SimulatedSite({ statusOnCreation: 'Implementing' });
    site.createRequest({ summary: 'Other' });
    const run = await gate(site);
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs - (creations(run)[0]?.settledMs ?? 0)).toBeLessThan(4 * secondMs);
  });

  it('[C4] does not proceed while a number just below may still appear', async () => {
    const site = new SimulatedSite({ statusOnCreation: 'Implementing' });
    site.skipNumbers('CHG', 2);
    const run = await gate(site);
    const created = creations(run)[0]?.settledMs ?? 0;
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-3' } });
    expect(run.endedAtMs - created).toBeGreaterThanOrEqual(5 * secondMs);
    expect(run.endedAtMs - created).toBeLessThan(10 * secondMs);
  });

  it('[C4] [F7] does not proceed with its own approved change request while an older one is not approved', async () => {
    for (const approval of [{}, { 'JsmChange.ApproveTransition': '61' }]) {
      const asked = 'JsmChange.ApproveTransition' in approval;
      const site = new SimulatedSite({
        indexLagMs: minuteMs,
        ...(asked ? {} : { statusOnCreation: 'Implementing' }),
      });
      const run = await gate(
        site,
        { ...approval, 'JsmChange.WaitLimitMinutes': '3' },
        { at: [[1000, () => site.createRequest({ summary: deploymentTitle, status: 'Review' })]] },
      );
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { Decision: 'TimedOut', 'ChangeRequest.Number': 'CHG-1' },
      });
      expect(writes(run).filter(({ path }) => path.includes('CHG-1'))).toEqual([]);
      expect(site.issue('CHG-2').values.get('summary')).toMatch(/^Withdrawn in favour of CHG-1/);
    }
  });

  it('[C4] recognizes a first status even if everything before the creation took long', async () => {
    const site = new SimulatedSite({
      indexLagMs: 10 * minuteMs,
      onCreate: (model, key) => {
        if (key !== 'CHG-1') model.after(1000, () => model.moveTo(key, 'Planning'));
      },
    });
    const run = await gate(
      site,
      {},
      {
        latency: 4000,
        at: [
          [1000, () => site.createRequest({ summary: deploymentTitle })],
          [5 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')],
        ],
      },
    );
    expect(creations(run)[0]?.sentMs).toBeGreaterThan(16 * secondMs);
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    expect(site.issue('CHG-2').values.get('summary')).toMatch(/^Withdrawn in favour of CHG-1/);
  });

  it.each<[string, (site: SimulatedSite) => unknown]>([
    ['one that does not exist', (site) => withdrawnFor(site, 'CHG-99')],
    ["the run's own", (site) => withdrawnFor(site, 'CHG-2')],
    ['itself', (site) => withdrawnFor(site, 'CHG-1')],
    [
      'one that is closed',
      (site) => withdrawnFor(site, site.createRequest({ summary: deploymentTitle, status: 'Declined' }).key),
    ],
    [
      'one with another title',
      (site) => withdrawnFor(site, site.createRequest({ summary: 'Another title' }).key),
    ],
  ])('[C4] [L10] ignores a neighbour that was withdrawn in favour of %s', async (_what, arrange) => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    arrange(site);
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
    const own = site.openWithSummary(deploymentTitle).map(({ key }) => key);
    expect(own).toHaveLength(1);
    expect(run.outputs).toMatchObject({
      Decision: 'Stop',
      'ChangeRequest.Number': own[0],
      'ChangeRequest.Source': 'Created',
    });
    expect(writes(run)).toHaveLength(1);
  });

  /**
   * Creates issues with an old date just below the run's own, as if they were moved in from another project.
   */
  function moveInOldOnes(site: SimulatedSite, count: number): void {
    for (let moved = 0; moved < count; moved += 1) {
      site.createRequest({ summary: `Moved in ${moved}`, createdMs: site.now() - 24 * 60 * minuteMs });
    }
  }

  it.each([1, 4])(
    '[C4] keeps reading past %i consecutive issues that were moved in with an old date',
    async (count) => {
      const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
      const { key: older } = site.createRequest({ summary: deploymentTitle });
      moveInOldOnes(site, count);
      const run = await gate(site, { 'JsmChange.WaitLimitMinutes': '3' });
      expect(run.outputs['ChangeRequest.Number']).toBe(older);
      expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual([older]);
    },
  );

  it('[C4] stops reading after five consecutive old issues', async () => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    moveInOldOnes(site, 30);
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
    expect(run.outputs['ChangeRequest.Number']).toBe('CHG-31');
    const read = ['CHG-30', 'CHG-29', 'CHG-28', 'CHG-27', 'CHG-26', 'CHG-25'].map(
      (key) => reads(run, key).length,
    );
    expect(read).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it.each([
    ['just over', 3 * minuteMs + 20 * secondMs, 5],
    ['just under', 3 * minuteMs - 20 * secondMs, 20],
  ])(
    '[C4] counts an issue as old if it was created more than 3 minutes earlier: %s 3 minutes',
    async (_what, agoMs, count) => {
      const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
      const createdMs = site.siteClock.now() - agoMs;
      for (let other = 0; other < 20; other += 1) site.createRequest({ summary: 'Other', createdMs });
      const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
      expect(new Set(reads(run).map(({ path }) => path)).size).toBe(count + 1);
    },
  );

  it('[C4] reads at most fifty numbers, and a missing number once more', async () => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    for (let other = 0; other < 60; other += 1) site.createRequest({ summary: `Other ${other}` });
    site.remove('CHG-58');
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
    expect(run.outputs['ChangeRequest.Number']).toBe('CHG-61');
    expect(reads(run, 'CHG-58')).toHaveLength(2);
    expect([reads(run, 'CHG-11').length, reads(run, 'CHG-10').length]).toEqual([1, 0]);
  });

  it('[C4] does not follow the withdrawal of a neighbour with another title', async () => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    const { key } = site.createRequest({ summary: deploymentTitle });
    for (let other = 0; other < 60; other += 1) site.createRequest({ summary: `Other ${other}` });
    site.createRequest({ summary: `Withdrawn in favour of ${key}: Another title` });
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
    expect(reads(run, key)).toEqual([]);
    expect(run.outputs['ChangeRequest.Source']).toBe('Created');
  });

  it.each([401, 403])(
    '[F7] ends the run if reading a neighbour returns %i, and does not skip that neighbour',
    async (status) => {
      const site = new SimulatedSite({ statusOnCreation: 'Implementing' });
      site.createRequest({ summary: 'Other' });
      site.faults.add({ fault: { kind: 'status', status }, path: /\/issue\/CHG-1\?/ });
      const run = await gate(site);
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    },
  );

  it('[C4] does not stop for a refused planned time before the first check of the neighbours', async () => {
    const site = new SimulatedSite({
      indexLagMs: 60_000,
      ignoredOnCreate: ['Planned start'],
      notEditable: ['Planned start'],
    });
    const overrides = { 'Octopus.JiraServiceManagement.Field[Planned start]': '2026-06-13T08:01:00Z' };
    const [one, other] = await race(site, 2, { overrides, approveMs: minuteMs });
    expect([one?.outputs['Decision'], other?.outputs['Decision']].sort()).toEqual(['Proceed', 'Stop']);
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
  });

  it('[C4] marks a withdrawn change request with its summary, an internal comment and a status for cancelling', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const runs = await race(site, 2);
    expectOne(site, runs);
    const withdrawn = site.issue('CHG-2');
    expect(withdrawn.values.get('summary')).toBe(`Withdrawn in favour of CHG-1: ${deploymentTitle}`);
    expect(withdrawn.status.name).toBe('Canceled');
    expect(withdrawn.comments.map(({ public: isPublic, body }) => [isPublic, /CHG-1/.test(body)])).toEqual([
      [false, true],
    ]);
    expect(runs.map((run) => run.outputs['ChangeRequest.Source']).sort()).toEqual(['Created', 'Matched']);
  });

  it('[C4] shortens the summary of a withdrawn change request to 255 characters', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const title = 'T'.repeat(254);
    const runs = await simulateRuns({
      site,
      runs: [1, 2].map((number) => ({
        variables: gateVariables(site, {
          'Octopus.Deployment.Id': `Deployments-${number}`,
          'Octopus.JiraServiceManagement.Field[summary]': title,
        }),
        seed: number,
      })),
      at: [[5 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')]],
    });
    expect(runs.map((run) => [run.exitCode, run.outputs['ChangeRequest.Number']])).toEqual([
      [0, 'CHG-1'],
      [0, 'CHG-1'],
    ]);
    expect(String(site.issue('CHG-2').values.get('summary'))).toHaveLength(255);
  });

  it('[C4] withdraws a change request even if its shortened summary ends with a space, which Jira does not store', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const start = 'Withdrawn in favour of CHG-1: ';
    const title = `${'T'.repeat(254 - start.length)} ${'U'.repeat(20)}`;
    const overrides = { 'Octopus.JiraServiceManagement.Field[summary]': title };
    const runs = await race(site, 2, { overrides, approveMs: minuteMs });
    expect(site.issues().map(({ values }) => values.get('summary'))).toEqual([
      title,
      `${start}${title.slice(0, 254 - start.length)}`,
    ]);
    expect(runs.map(({ outputs }) => outputs['ChangeRequest.Number'])).toEqual(['CHG-1', 'CHG-1']);
  });

  it.each([
    ['before', 2],
    ['after', 3],
  ])(
    '[C4][F3] remembers the older change request if the read of its own %s its withdrawal returns one 403',
    async (_when, at) => {
      const site = new SimulatedSite({ indexLagMs: 10 * minuteMs, statusOnCreation: 'Implementing' });
      site.createRequest({ summary: deploymentTitle, status: 'Review' });
      const body = '{"errorMessages":["Forbidden"],"errors":{}}';
      site.faults.add({ fault: { kind: 'status', status: 403, body }, path: /CHG-2\?fields=summary/, at });
      const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { DecisionCode: 'AwaitingApproval', 'ChangeRequest.Number': 'CHG-1' },
      });
      expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
    },
  );

  it.each([
    ['a comment', { permissions: { comment: false } }],
    ['a transition', { permissions: { transition: false } }],
  ])('[C4] withdraws by the summary only if %s is refused', async (_what, behaviour) => {
    const site = new SimulatedSite({ indexLagMs: 60_000, ...behaviour });
    const runs = await race(site, 2);
    expectOne(site, runs);
    expect(site.issue('CHG-2').values.get('summary')).toBe(
      `Withdrawn in favour of CHG-1: ${deploymentTitle}`,
    );
  });

  it('[C4] withdraws by the summary only if no transition leads to a closing status', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000, hiddenTransitions: ['Cancel', 'Decline', 'Close'] });
    expectOne(site, await race(site, 3));
    expect(site.issue('CHG-2').status.name).toBe('Review');
  });

  it('[C4] it is not moved by a transition whose screen requires a value', async () => {
    const transitions = changeWorkflow.transitions.map((one) =>
      one.name === 'Cancel' ? { ...one, requires: ['resolution'] } : one,
    );
    const site = new SimulatedSite({
      indexLagMs: 60_000,
      projects: [{ key: 'CHG', workflow: { ...changeWorkflow, transitions } }],
    });
    expectOne(site, await race(site, 2));
    expect(site.issue('CHG-2').status.name).toBe('Declined');
  });

  it.each([
    [
      'an approval on it is decided',
      (site: SimulatedSite) => {
        site.onCreate = (model, key) => {
          if (key === 'CHG-2') model.setApproval(key, { approvers: { Ann: 'approved', Bob: 'pending' } });
        };
      },
      /an approval on it is already decided/,
    ],
    [
      'its approval is final before any approver has decided',
      (site: SimulatedSite) => {
        site.onCreate = (model, key) => {
          if (key === 'CHG-2')
            model.setApproval(key, { approvers: { Ann: 'pending' }, finalDecision: 'approved' });
        };
      },
      /an approval on it is already decided/,
    ],
    [
      'its approval is final',
      (site: SimulatedSite) => {
        site.onCreate = (model, key) => {
          if (key === 'CHG-2')
            model.setApproval(key, { approvers: { Ann: 'declined' }, finalDecision: 'declined' });
        };
      },
      /an approval on it is already decided/,
    ],
    [
      'its approvals cannot be read',
      (site: SimulatedSite) => {
        site.behaviour.permissions.seeApprovals = false;
      },
      /its approvals cannot be read \(/,
    ],
    [
      'it cannot be edited',
      (site: SimulatedSite) => {
        site.behaviour.permissions.edit = false;
      },
      /cannot withdraw: (?!Jira did not store)/,
    ],
    [
      'it cannot be read',
      (site: SimulatedSite) => {
        const body = '{"errorMessages":["Issue does not exist"],"errors":{}}';
        const fault: Fault = { kind: 'status', status: 404, body };
        site.faults.add({ fault, method: 'GET', path: /\/issue\/CHG-2\b/, at: 3, count: 10 });
      },
      /cannot withdraw: it cannot be read/,
    ],
    [
      'an edit is accepted but not stored',
      (site: SimulatedSite) => {
        site.faults.add({ fault: { kind: 'status', status: 204, body: '' }, method: 'PUT' });
      },
      /Jira did not store its new summary/,
    ],
  ] as const)('[C4] stops and names both if %s', async (_what, prepare, why) => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    prepare(site);
    const runs = await race(site, 2, { approveMs: minuteMs });
    const own = runs.find((run) => run.outputs['ChangeRequest.Number'] !== 'CHG-1');
    expect(own).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(own?.resultMessage).toMatch(/CHG-1.*CHG-2/);
    expect(own?.resultMessage).toMatch(why);
    const other = runs.find((run) => run !== own);
    expect(other).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    expect(site.issue('CHG-2').values.get('summary')).toBe(deploymentTitle);
  });

  it('[C4] withdraws its own change request if nobody has decided its approval', async () => {
    const site = new SimulatedSite({
      indexLagMs: 60_000,
      onCreate: (model, key) => model.setApproval(key, { approvers: { Ann: 'pending', Bob: 'pending' } }),
    });
    expectOne(site, await race(site, 3));
  });

  it('[C4] stops if its own change request has changed status, but not if an automation moved it right after creation', async () => {
    const moved = new SimulatedSite();
    const older = moved.createRequest({ summary: 'Other for now' });
    const run = await gate(
      moved,
      {},
      {
        at: [
          [60_000, () => moved.moveTo('CHG-2', 'Planning')],
          [70_000, () => moved.editSummary(older.key, deploymentTitle)],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-1.*CHG-2.*status is already Planning/);

    const automated = new SimulatedSite({
      indexLagMs: 60_000,
      onCreate: (model, key) => model.after(1000, () => model.moveTo(key, 'Planning')),
    });
    expectOne(automated, await race(automated, 3));
  });

  it('[C4] never withdraws or writes to a change request of another run', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const runs = await race(site, 6);
    expectOne(site, runs);
    for (const run of runs) {
      const answer = run.requests.find(
        ({ path, method }) => method === 'POST' && path.endsWith('/request'),
      )?.text;
      const own = (JSON.parse(answer ?? '{}') as { issueKey?: string }).issueKey;
      for (const { path } of writes(run).filter(({ path }) => !path.endsWith('/request'))) {
        expect(path).toContain(`/${own}`);
      }
    }
  });

  it('[C4] gives way to an older change request that a person raised at the same moment', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const run = await gate(
      site,
      {},
      {
        at: [
          [1000, () => site.createRequest({ summary: deploymentTitle })],
          [5 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    expect(site.issue('CHG-2').status.name).toBe('Canceled');
  });

  it('[C4] [L10] finds an older change request beyond the numbers that it reads through one that gave way to it', async () => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    const { key } = site.createRequest({ summary: deploymentTitle });
    for (let other = 0; other < 60; other += 1) site.createRequest({ summary: `Other ${other}` });
    const middle = site.createRequest({ summary: `Withdrawn in favour of ${key}: ${deploymentTitle}` });
    site.createRequest({ summary: `Withdrawn in favour of ${middle.key}: ${deploymentTitle}` });
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
    expect(site.openWithSummary(deploymentTitle).map((issue) => issue.key)).toEqual([key]);
  });

  it('[C4] stops if an older change request is from another Octopus space (L13)', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const description = 'Octopus run: https://octopus.acme.example Spaces-9 Deployments-1';
    const run = await gate(
      site,
      {},
      { at: [[1000, () => site.createRequest({ summary: deploymentTitle, description })]] },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/Spaces-9/);
    // The run's own change request is not left open.
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
  });

  it.each(['reset', 'hang'] as const)(
    '[C4] end on one change request even if answers to create requests are lost (%s)',
    async (kind) => {
      const site = new SimulatedSite({
        indexLagMs: { minMs: 0, maxMs: 60_000 },
        faults: [
          {
            fault: { kind, afterWork: true },
            method: 'POST',
            path: /servicedeskapi\/request$/,
            probability: 0.4,
          },
        ],
      });
      const runs = await race(site, 12, { approveMs: 10 * minuteMs });
      expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
      for (const run of runs)
        expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    },
  );

  it('[C4] a retried step withdraws its own change request if an older one is open', async () => {
    const site = new SimulatedSite({ indexLagMs: 20_000 });
    const variables = gateVariables(site);
    // Killed between its creation and its first check.
    const [crashed] = await simulateRuns({
      site,
      runs: [{ variables, crashMs: 5500, latency: 10 }],
      at: [[1000, () => site.createRequest({ summary: deploymentTitle })]],
    });
    expect(crashed?.exitCode).toBeUndefined();
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(2);
    const retried = await gate(
      site,
      {},
      {
        startMs: minuteMs,
        at: [[5 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')]],
      },
    );
    expect(retried).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Matched' },
    });
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
  });

  it.each<[string, (site: SimulatedSite) => void, RegExp]>([
    ['has changed status', (site) => site.moveTo('CHG-2', 'Planning'), /status is already Planning/],
    [
      'has a decided approval',
      (site) => site.setApproval('CHG-2', { approvers: { Ann: 'approved', Bob: 'pending' } }),
      /already decided/,
    ],
  ])(
    '[C4] a retried step whose own change request %s stops if an older one is open, and names both',
    async (_what, decide, why) => {
      const site = new SimulatedSite({ indexLagMs: 20_000 });
      await simulateRuns({
        site,
        runs: [{ variables: gateVariables(site), crashMs: 5500, latency: 10 }],
        at: [[1000, () => site.createRequest({ summary: deploymentTitle })]],
      });
      decide(site);
      const retried = await gate(site, {}, { startMs: minuteMs });
      expect(retried).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
      expect(retried.resultMessage).toMatch(
        /CHG-1.* and .*CHG-2.*, which this run raised and cannot withdraw/,
      );
      expect(retried.resultMessage).toMatch(why);
      expect(writes(retried)).toEqual([]);
    },
  );

  it('[C4][L13] reports an older change request from another space before a refused planned time', async () => {
    const site = new SimulatedSite({
      indexLagMs: minuteMs,
      ignoredOnCreate: ['Planned start'],
      notEditable: ['Planned start'],
    });
    const foreign = {
      summary: deploymentTitle,
      description: 'Octopus run: https://octopus.acme.example Spaces-9 Deployments-1',
    };
    const run = await gate(
      site,
      { 'Octopus.JiraServiceManagement.Field[Planned start]': '2026-06-13T08:01:00Z' },
      { at: [[1000, () => site.createRequest(foreign)]] },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/Spaces-9/);
  });

  it('[L9] a step retried before the index shows its refused change request withdraws the new one and stops', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const refused = await gate(site, {}, { at: [[12_000, () => site.moveTo('CHG-1', 'Declined')]] });
    expect(refused.outputs['Decision']).toBe('Stop');
    const retried = await gate(site);
    expect(retried).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(retried.resultMessage).toMatch(/CHG-1, which this run raised, is closed \(status Declined\)/);
    expect(site.openWithSummary(deploymentTitle)).toEqual([]);
    expect(site.issue('CHG-2').values.get('summary')).toMatch(/^Withdrawn in favour of CHG-1/);
  });

  it('[C4] a retried step does not withdraw its own change request after a status change', async () => {
    const site = new SimulatedSite();
    const older = site.createRequest({ summary: 'Other for now' });
    const first = await gate(site, {}, { crashMs: 15 * secondMs });
    expect(creations(first)).toHaveLength(1);
    site.moveTo('CHG-2', 'Planning');
    const retried = await gate(
      site,
      {},
      { at: [[10 * secondMs, () => site.editSummary(older.key, deploymentTitle)]] },
    );
    expect(retried).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(retried.resultMessage).toMatch(/CHG-1.*CHG-2.*status is already Planning/);
    expect(writes(retried)).toEqual([]);
  });

  it.each([20 * secondMs, 10 * minuteMs])(
    '[L9] [C4] a retried step does not mistake its own withdrawal for a refusal (index lag %i ms)',
    async (indexLagMs) => {
      const site = new SimulatedSite({ indexLagMs });
      const first = await gate(
        site,
        {},
        {
          at: [
            [1000, () => site.createRequest({ summary: deploymentTitle, lagged: true })],
            [minuteMs, () => site.moveTo('CHG-1', 'Declined')],
          ],
        },
      );
      expect(first).toMatchObject({ exitCode: 1, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
      expect(site.issue('CHG-2').values.get('summary')).toMatch(/^Withdrawn in favour of CHG-1/);
      const retried = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
      expect(retried.outputs).toMatchObject({
        'ChangeRequest.Number': 'CHG-3',
        'ChangeRequest.Source': 'Created',
      });
      expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-3']);
      expect(retried.resultMessage).toMatch(/CHG-3 is not ready/);
    },
  );

  it('[F6] a step retried before the index shows its own change request continues with it', async () => {
    for (const crashMs of [5200, 7000, 9000, 20_000]) {
      const site = new SimulatedSite({ indexLagMs: 60_000 });
      await gate(site, {}, { crashMs });
      const retried = await gate(
        site,
        {},
        { at: [[3 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')]] },
      );
      expect(retried).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
      expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
    }
  });

  it('[C4] judges its own change request by its status category if it could not be read in time', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: 'Something else' });
    // For a minute from its creation, which is about 4 s after the run starts.
    const from = site.siteClock.now();
    site.faults.add({
      fault: { kind: 'status', status: 503 },
      method: 'GET',
      path: /\/issue\/CHG-3/,
      untilMs: from + 66 * secondMs,
    });
    const run = await gate(
      site,
      {},
      {
        at: [
          [1000, () => site.createRequest({ summary: deploymentTitle })],
          [5 * minuteMs, () => site.moveTo('CHG-2', 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-2' } });
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
  });

  it('[L5] searches only twice before the creation if the site is merely slow', async () => {
    const site = new SimulatedSite();
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' }, { latency: 1500 });
    const created = run.requests.find(({ path }) => path.endsWith('/request'))?.sentMs ?? 0;
    expect(created).toBeGreaterThan(15 * secondMs);
    expect(searches(run).filter(({ sentMs }) => sentMs < created)).toHaveLength(2);
  });

  it('[L5] raises a change request after an outage before the creation if none has appeared', async () => {
    const site = new SimulatedSite();
    site.faults.add({
      fault: { kind: 'reset' },
      path: /servicedeskapi\/servicedesk/,
      untilMs: site.siteClock.now() + 5 * minuteMs,
    });
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Created' });
    expect(searches(run)).toHaveLength(4);
  });

  it('[L5] searches again after an outage between the search and the creation', async () => {
    const site = new SimulatedSite();
    const from = site.siteClock.now();
    site.faults.add({
      fault: { kind: 'reset' },
      path: /servicedeskapi\/servicedesk/,
      untilMs: from + 10 * minuteMs,
    });
    const run = await gate(
      site,
      {},
      {
        at: [
          [20_000, () => site.createRequest({ summary: deploymentTitle })],
          [20 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    expect(site.issues()).toHaveLength(1);
  });
});

describe('what a run makes of older ones', () => {
  const hidden = { indexLagMs: 60 * minuteMs };

  it('[C4] withdraws its own even if each answer takes 11 s', async () => {
    const site = new SimulatedSite(hidden);
    site.createRequest({ summary: deploymentTitle, description: runLineOf('9') });
    await gate(site, { 'JsmChange.WaitLimitMinutes': '10' }, { latency: 5500 });
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
  });

  it('[L8] stops between two of runs that ended long ago and that the index hides', async () => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing', description: runLineOf('7') });
    site.createRequest({ summary: deploymentTitle, description: runLineOf('8') });
    const run = await gate(site, {}, { startMs: 8 * minuteMs });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
  });

  it('[O2] does not name its own, which it withdrew, if it stops between others', async () => {
    const site = new SimulatedSite(hidden);
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle });
    const run = await gate(site);
    expect(run.outputs['DecisionCode']).toBe('SeveralFound');
    expect(run.outputs).not.toHaveProperty(['ChangeRequest.Number']);
    expect(run.outputs).not.toHaveProperty(['ChangeRequest.Source']);
  });

  it('[C4] makes the first check before it stops because its own is missing at the first check', async () => {
    const site = new SimulatedSite(hidden);
    site.createRequest({ summary: deploymentTitle, description: runLineOf('9') });
    const body = '{"errorMessages":["Issue does not exist"],"errors":{}}';
    site.faults.add({
      path: /\/issue\/CHG-2\?.*failFast/,
      at: 1,
      fault: { kind: 'status', status: 404, body },
    });
    await gate(site, { 'JsmChange.WaitLimitMinutes': '10' });
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
  });

  it('[C2] [C4] continues with an older one, and says so, instead of ending on a refused planned time', async () => {
    const site = new SimulatedSite({ ...hidden, ignoredOnCreate: ['Planned start'] });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    const body = '{"errorMessages":[],"errors":{"customfield_10010":"cannot be set"}}';
    site.faults.add({ method: 'PUT', path: /CHG-2$/, at: 1, fault: { kind: 'status', status: 400, body } });
    const field = { 'Octopus.JiraServiceManagement.Field[Planned start]': '2026-06-13T07:00:00Z' };
    const run = await gate(site, field);
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(said(run)).toMatch(/The step continues with the change request .*CHG-1.* instead of CHG-2/);
  });

  it('[C4] [F3] stops if its own stays missing and no other is there', async () => {
    const site = new SimulatedSite();
    const body = '{"errorMessages":["Issue does not exist"],"errors":{}}';
    site.faults.add({ path: /\/issue\/CHG-1\?.*failFast/, fault: { kind: 'status', status: 404, body } });
    const run = await gate(site, { 'JsmChange.WaitLimitMinutes': '10' });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'NotFound' });
  });
});
