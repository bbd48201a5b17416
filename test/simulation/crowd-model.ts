import { seededRandom } from '../sandbox/random.ts';
import { gateVariables, type SimulatedRun, simulateRuns } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

interface Crowd {
  readonly gates: number;
  /** All gates start within this time. */
  readonly startsWithinMs: number;
  /** All approvals come within this time after the last start. */
  readonly approvalsWithinMs: number;
  /** The requests per second that the site answers for one endpoint; further requests get a 429. */
  readonly limitPerSecond: number;
  readonly seed: number;
}

interface CrowdOutcome {
  readonly runs: readonly SimulatedRun[];
  /** The time from each approval to the end of its run. */
  readonly latenciesMs: readonly number[];
  /** The number of requests that reached the site, by second. */
  readonly perSecond: ReadonlyMap<number, number>;
}

/** Runs many gates with default settings against one site, each with its own change request. */
export async function runCrowd(crowd: Crowd): Promise<CrowdOutcome> {
  const random = seededRandom(crowd.seed);
  const site = new SimulatedSite({ seed: crowd.seed, rateLimitPerSecond: crowd.limitPerSecond });
  const numbers = Array.from({ length: crowd.gates }, (_, index) => index + 1);
  const approvals = numbers.map(() => crowd.startsWithinMs + random() * crowd.approvalsWithinMs);
  for (const number of numbers) site.createRequest({ summary: `Change ${number}` });
  const runs = await simulateRuns({
    site,
    runs: numbers.map((number) => ({
      variables: gateVariables(site, {
        'Octopus.JiraServiceManagement.ChangeRequest.Number': `CHG-${number}`,
      }),
      startMs: random() * crowd.startsWithinMs,
      seed: crowd.seed + number,
    })),
    at: numbers.map((number, index) => [
      approvals[index] ?? 0,
      () => site.moveTo(`CHG-${number}`, 'Implementing'),
    ]),
  });
  const perSecond = new Map<number, number>();
  for (const { arrivedMs } of runs.flatMap((run) => run.requests)) {
    const second = Math.floor((arrivedMs ?? 0) / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  return {
    runs,
    latenciesMs: runs.map((run, index) => run.endedAtMs - (approvals[index] ?? 0)),
    perSecond,
  };
}
