import { seededRandom } from '../sandbox/random.ts';
import { gateVariables, type SimulatedRun, simulateRuns } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

interface Crowd {
  readonly gates: number;
  /** All of them begin within this time. */
  readonly startsWithinMs: number;
  /** The approvals come after the last start, within this time. */
  readonly approvalsWithinMs: number;
  /** Requests a second for one endpoint that the site answers; more get a 429. */
  readonly limitPerSecond: number;
  readonly seed: number;
}

interface CrowdOutcome {
  readonly runs: readonly SimulatedRun[];
  /** From each approval to the end of its run. */
  readonly latenciesMs: readonly number[];
  /** Requests that reached the site, by the second. */
  readonly perSecond: ReadonlyMap<number, number>;
}

/** Many gates with default settings wait on one site, each for a change request of its own. */
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
