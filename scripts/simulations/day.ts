import {
  approvalsOver,
  type ParkedDay,
  runParkedDay,
  runWaitingGate,
  type Stay,
} from '../../test/simulation/parked-day.ts';
import { percentile } from '../median.ts';
import type { Simulation } from './simulation.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const everyMs = 300_000;
/**
 * Gates that wait for hours are slow to simulate and independent of each other, so no more than this many are
 * run.
 */
const mostGates = 40;

export const day: Simulation = {
  summary:
    '[R4] deployments that are parked for up to a day with a pass every 5 minutes, and gates that wait for the same approvals: all proceed',
  cases: 1000,
  judge: async (cases, seed) => {
    const approvals = approvalsOver(dayMs, cases, seed);
    const parked = await runParkedDay(approvals, everyMs);
    const sampled = evenly(approvals, mostGates);
    const waiting: Stay[] = [];
    for (const [index, atMs] of sampled.entries()) waiting.push(await runWaitingGate(atMs, seed + index));
    const figures = dayFigures({ approvals, parked, sampled, waiting });
    const proceeded = [...parked.gates, ...waiting].filter((stay) => stay.proceeded).length;
    const failed = parked.passes.filter((pass) => !pass.proceeded).length;
    const judged = cases + sampled.length;
    return {
      judged,
      breaches: [
        ...(proceeded < judged ? [`${judged - proceeded} of ${judged} did not proceed`] : []),
        ...(failed > 0 ? [`${failed} of ${parked.passes.length} passes failed`] : []),
      ],
      lines: Object.entries(figures).map(([name, value]) => `${name}: ${value}`),
      figures,
    };
  },
};

interface Played {
  /** When each deployment is approved, in ms from the beginning of the day. */
  readonly approvals: readonly number[];
  readonly parked: ParkedDay;
  /** The approvals of the gates that were simulated. */
  readonly sampled: readonly number[];
  readonly waiting: readonly Stay[];
}

/** Compares both sides; the figures of the simulated gates are scaled to all deployments. */
export function dayFigures({
  approvals,
  parked,
  sampled,
  waiting,
}: Played): Readonly<Record<string, number>> {
  const scale = approvals.length / waiting.length;
  const parkedMs = latencies(parked.gates, approvals);
  const waitingMs = latencies(waiting, sampled);
  return {
    deployments: approvals.length,
    passes: parked.passes.length,
    parkedRequestsPerHour: perHour(parked.passes) + perHour(parked.requests) + perHour(parked.gates),
    passRequestsPerHour: perHour(parked.passes),
    parkedHours: hours(parked.passes) + hours(parked.requests) + hours(parked.gates),
    passHours: hours(parked.passes),
    slotHours: parked.slotMs / hourMs,
    parkedMedianMs: percentile(parkedMs, 0.5),
    parkedP95Ms: percentile(parkedMs, 0.95),
    gates: waiting.length,
    gateRequestsPerHour: scale * perHour(waiting),
    gateHours: scale * hours(waiting),
    gateMedianMs: percentile(waitingMs, 0.5),
    gateP95Ms: percentile(waitingMs, 0.95),
  };
}

/** The time from each approval to the end of the gate that allows the deployment. */
function latencies(gates: readonly Stay[], approvals: readonly number[]): readonly number[] {
  return gates.map(({ endMs }, index) => endMs - (approvals[index] ?? Number.NaN));
}

function perHour(stays: readonly Stay[]): number {
  return stays.reduce((sum, { jiraRequests }) => sum + jiraRequests, 0) / (dayMs / hourMs);
}

function hours(stays: readonly Stay[]): number {
  return stays.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0) / hourMs;
}

/** Returns at most this many of the values, evenly spaced. */
function evenly<T>(values: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, values.length / most);
  return values.filter((_, index) => Math.floor((index + 1) / step) > Math.floor(index / step));
}
