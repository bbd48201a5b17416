import type { QueuePoint } from '../sandbox/octopus/task-queue.ts';
import { seededRandom } from '../sandbox/random.ts';
import { ParkedWorld, toJira } from './parked-world.ts';
import { gateVariables, type SimulatedRun, simulate, simulateRuns } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

const number = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
const pending = 'Authorize';
const approved = 'Implementing';

/** What one process used: its time, and its requests. */
export interface Stay {
  readonly startMs: number;
  readonly endMs: number;
  readonly jiraRequests: number;
  readonly proceeded: boolean;
}

export interface ParkedDay {
  /** One per deployment, in the order of the approvals. */
  readonly requests: readonly Stay[];
  readonly gates: readonly Stay[];
  readonly passes: readonly Stay[];
  /** The total time for which the parked tasks held a slot, according to the server's queue. */
  readonly slotMs: number;
}

/** Returns random times of approval over a day, earliest first. */
export function approvalsOver(dayMs: number, count: number, seed: number): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random() * dayMs)).sort((a, b) => a - b);
}

/**
 * Plays a day on which every deployment requests its change and is parked, continues with the first pass
 * after its approval, and then runs its gate. The requests come first; the last pass follows the last
 * approval.
 */
export async function runParkedDay(approvals: readonly number[], everyMs: number): Promise<ParkedDay> {
  const world = new ParkedWorld({}, { record: false });
  const { site } = world;
  const parked = approvals.map(() => world.park({ status: pending }));
  const step = (index: number, operation: string): Record<string, string> =>
    gateVariables(site, { [number]: parked[index]?.key ?? '', 'JsmChange.Operation': operation });
  approvals.forEach((atMs, index) => {
    site.time.after(atMs, () => site.moveTo(parked[index]?.key ?? '', approved));
  });
  const beginnings = approvals.map((_, index) => ({ variables: step(index, 'Request') }));
  const requests = (await simulateRuns({ site, runs: beginnings })).map(stayOf);
  const gates: Stay[] = [];
  const passes: Stay[] = [];
  const waiting = new Set(parked.keys());
  const lastMs = Math.ceil((approvals.at(-1) ?? 0) / everyMs) * everyMs;
  for (let atMs = everyMs; atMs <= lastMs; atMs += everyMs) {
    passes.push(stayOf(await world.pass({}, { startMs: atMs - site.time.now, seed: atMs / everyMs })));
    const answered = [...waiting].filter((index) => parked[index]?.interruption.answer !== undefined);
    // Their gates start when the pass is over, which is slightly late for the first of them.
    const runs = answered.map((index) => ({ variables: step(index, 'Gate'), seed: index + 1 }));
    const ended = runs.length === 0 ? [] : await simulateRuns({ site, runs });
    answered.forEach((index, place) => {
      const run = ended[place];
      if (run !== undefined) gates[index] = stayOf(run);
      waiting.delete(index);
    });
  }
  return { requests, gates, passes, slotMs: slotMs(world.octopus.timeline) };
}

/** Runs a gate that waits for an approval at this time, starting when it gets a slot. */
export async function runWaitingGate(approvedMs: number, seed: number, startMs = 0): Promise<Stay> {
  const site = new SimulatedSite({ seed });
  const { key } = site.createRequest({ summary: 'Change', status: pending, lagged: false });
  site.time.after(approvedMs, () => site.moveTo(key, approved));
  const variables = gateVariables(site, { [number]: key, 'JsmChange.WaitLimitMinutes': '2880' });
  return stayOf(await simulate({ site, seed, startMs, variables }));
}

function slotMs(timeline: readonly QueuePoint[]): number {
  return timeline.reduce((sum, { atMs, slots }, index) => {
    const untilMs = timeline[index + 1]?.atMs ?? atMs;
    return sum + slots * (untilMs - atMs);
  }, 0);
}

function stayOf(run: SimulatedRun): Stay {
  return {
    startMs: run.startedAtMs,
    endMs: run.endedAtMs,
    jiraRequests: toJira(run).length,
    proceeded: run.exitCode === 0,
  };
}
