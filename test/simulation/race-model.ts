import fc from 'fast-check';
import type { Fault, FaultOrder } from '../sandbox/fault.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { gateVariables, type RunOptions, type SimulatedRun, simulateRuns } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

/** Runs with one title that race, and what the site and the network do to them. Times in ms. */
export interface RaceScenario {
  readonly seed: number;
  /** When each run starts. */
  readonly starts: readonly number[];
  readonly lag: { readonly minMs: number; readonly maxMs: number };
  /** The maximum latency in one direction. */
  readonly slowestMs: number;
  /**
   * The probability that the answer to a create is lost, before or after the site carried out the request.
   */
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly loss: 'reset' | 'hang' | 'gateway';
  /** The probability of a transient fault on a read. */
  readonly readFaults: number;
  /** The time between other issues that are raised in the project; 0 for none. */
  readonly othersEveryMs: number;
  /** When each of the first runs is killed; 90 s later it is restarted as the same run. */
  readonly kills: readonly number[];
  /** Each run may approve its own change request (V5), so that none waits for a person. */
  readonly preApproved: boolean;
}

/** Every run has settled by then: the one change request that is left is approved. */
const approveAfterMs = 6 * 60_000;
const retryAfterMs = 90_000;

/** Draws scenarios in which this many runs race. */
export function raceScenario(mostRuns: number, fewestRuns = 2): fc.Arbitrary<RaceScenario> {
  const time = (maxMs: number): fc.Arbitrary<number> =>
    fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: Math.min(500, maxMs) }),
      fc.integer({ min: 0, max: maxMs }),
    );
  const chance = fc.constantFrom(0, 0, 0.1, 0.5);
  return fc.record({
    seed: fc.integer({ min: 1, max: 1e9 }),
    starts: fc.array(time(30_000), { minLength: fewestRuns, maxLength: mostRuns }),
    lag: fc
      .tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 60_000 }))
      .map(([a, b]) => ({ minMs: Math.min(a, b), maxMs: Math.max(a, b) })),
    slowestMs: fc.constantFrom(1, 50, 150, 300),
    lossBefore: chance,
    lossAfter: chance,
    loss: fc.constantFrom('reset', 'hang', 'gateway'),
    readFaults: fc.constantFrom(0, 0, 0.05, 0.2),
    othersEveryMs: fc.constantFrom(0, 0, 3000, 1000),
    preApproved: fc.constantFrom(false, false, true),
    kills: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 2 }) },
    ),
  });
}

export interface RaceOutcome {
  readonly site: SimulatedSite;
  /** One per start; for a killed run, its restart. */
  readonly runs: readonly SimulatedRun[];
  /** Every process, including those that were killed. */
  readonly processes: readonly SimulatedRun[];
}

export async function runRace(scenario: RaceScenario): Promise<RaceOutcome> {
  const { starts, seed, kills } = scenario;
  const site = new SimulatedSite({ seed, indexLagMs: scenario.lag, faults: faultsOf(scenario) });
  const usual = (index: number): Omit<RunOptions, 'startMs'> => ({
    variables: gateVariables(site, {
      'Octopus.Deployment.Id': `Deployments-${index + 1}`,
      'JsmChange.PollIntervalSeconds': '60',
      'JsmChange.ApproveTransition': scenario.preApproved ? 'Implement standard change' : '',
    }),
    latency: { minMs: 1, maxMs: scenario.slowestMs },
    seed: seed + index,
  });
  const first = starts.map((startMs, index): RunOptions => {
    const crashMs = kills[index];
    return { ...usual(index), startMs, ...(crashMs !== undefined && { crashMs }) };
  });
  const again = kills.slice(0, starts.length).map(
    (crashMs, index): RunOptions => ({
      ...usual(index),
      startMs: (starts[index] ?? 0) + crashMs + retryAfterMs,
      seed: seed + index + 1000,
    }),
  );
  const begun = site.siteClock.now();
  if (scenario.othersEveryMs > 0) {
    for (let ms = 0; ms < 40_000; ms += scenario.othersEveryMs) {
      site.at(begun + ms, () => site.createRequest({ summary: `Other change ${ms}` }));
    }
  }
  const lastStart = Math.max(...[...first, ...again].map(({ startMs }) => startMs ?? 0));
  const processes = await simulateRuns({
    site,
    runs: [...first, ...again],
    at: [
      [
        lastStart + approveAfterMs,
        () => {
          for (const { key } of site.openWithSummary(deploymentTitle)) site.moveTo(key, 'Implementing');
        },
      ],
    ],
  });
  const runs = starts.map(
    (_start, index) => processes[kills[index] === undefined ? index : starts.length + index],
  );
  return { site, runs: runs.filter((run) => run !== undefined), processes };
}

const createPath = /\/servicedeskapi\/request$/;

function faultsOf({ lossBefore, lossAfter, loss, readFaults }: RaceScenario): FaultOrder[] {
  const lost = (afterWork: boolean): Fault =>
    loss === 'gateway' ? { kind: 'status', status: 502, afterWork } : { kind: loss, afterWork };
  const create = { method: 'POST', path: createPath };
  const reading = [
    { method: 'GET', chance: readFaults },
    { method: 'POST', path: /\/search/, chance: readFaults },
  ];
  return [
    { ...create, fault: lost(false), probability: lossBefore },
    { ...create, fault: lost(true), probability: lossAfter },
    ...reading.flatMap(({ chance, ...which }): FaultOrder[] => [
      { ...which, fault: { kind: 'status', status: 503 }, probability: chance / 2 },
      { ...which, fault: { kind: 'reset' }, probability: chance / 2 },
    ]),
  ];
}

/** Lists what a race did that C4 forbids, one line each; empty if nothing. */
export function raceBreaches(
  { starts, readFaults, kills, lossBefore, lossAfter }: RaceScenario,
  outcome: RaceOutcome,
): string[] {
  const { site, runs, processes } = outcome;
  const breaches: string[] = [];
  const open = site.openWithSummary(deploymentTitle).map(({ key }) => key);
  if (open.length > 1) breaches.push(`${open.length} change requests are open: ${open.join(', ')}`);
  const ended = new Set(
    runs.filter(({ exitCode }) => exitCode === 0).map(({ outputs }) => outputs['ChangeRequest.Number']),
  );
  if (ended.size > 1) breaches.push(`runs went on with ${[...ended].join(', ')}`);
  const [only] = ended;
  if (only !== undefined && !open.includes(only))
    breaches.push(`runs went on with ${only}, which is not open`);
  processes.forEach((run, index) => {
    breaches.push(...strangeWrites(site, run, `Deployments-${(index % starts.length) + 1}`));
  });
  // Recovering from a fault or a lost answer may take a run longer than the 20 s of L8, and a create that was
  // never carried out may leave it without a change request.
  const mayStop = readFaults + lossBefore + lossAfter > 0 || kills.length > 0;
  if (!mayStop) {
    for (const { exitCode, resultMessage } of runs)
      if (exitCode !== 0) breaches.push(`a run stopped: ${resultMessage}`);
  }
  return breaches;
}

/** Lists writes to a change request whose run line names another run. */
function strangeWrites(site: SimulatedSite, run: SimulatedRun, id: string): string[] {
  return run.requests.flatMap(({ method, path }) => {
    const key = /\/(?:issue|request)\/([A-Z]+-\d+)/.exec(path)?.[1];
    if (method === 'GET' || key === undefined) return [];
    const isOwn = String(site.find(key)?.values.get('description') ?? '').endsWith(` ${id}`);
    return isOwn ? [] : [`the run of ${id} wrote to ${key}: ${method} ${path}`];
  });
}
