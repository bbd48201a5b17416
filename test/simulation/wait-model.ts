import type { FaultOrder } from '../sandbox/fault.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { seededRandom } from '../sandbox/random.ts';
import { gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Wait {
  readonly seed: number;
  /** When the change request is approved, from the beginning of the run. */
  readonly approvedMs: number;
  /** When an outage of ten minutes begins; undefined for no outage, and no other faults either. */
  readonly outageMs: number | undefined;
}

export interface WaitOutcome {
  readonly wait: Wait;
  readonly run: SimulatedRun;
  /** The time from the approval to the end of a run that proceeded. */
  readonly latencyMs: number;
  readonly isEarly: boolean;
  /** The first check after the approval may have fallen into the outage. */
  readonly isHidden: boolean;
}

const outageLengthMs = 10 * minuteMs;
/** The earliest start of an outage: by then the run has seen its change request. */
const earliestOutageMs = 4 * minuteMs;

/**
 * Draws a wait of up to 24 hours for an approval, with the step's defaults; a quarter of the waits end within
 * half an hour.
 */
export function drawWait(seed: number, withFaults: boolean): Wait {
  const random = seededRandom(seed * 7919);
  const isEarly = random() < 0.25;
  const approvedMs = isEarly
    ? (withFaults ? earliestOutageMs : 10_000) + random() * (25 * minuteMs)
    : 31 * minuteMs + random() * (23.4 * hourMs - 31 * minuteMs);
  // The outage begins during the wait, and ends before the wait does if the wait is long enough.
  const latestMs = Math.max(earliestOutageMs, approvedMs - outageLengthMs - 5 * minuteMs);
  const outageMs = earliestOutageMs + random() * (latestMs - earliestOutageMs);
  return { seed, approvedMs, outageMs: withFaults ? outageMs : undefined };
}

/** Makes 20 % of the reads fail in ways that a retry overcomes. */
const transientFaults: readonly FaultOrder[] = [
  { fault: { kind: 'status', status: 503 }, method: 'GET', probability: 0.07 },
  { fault: { kind: 'status', status: 502 }, method: 'GET', probability: 0.04 },
  { fault: { kind: 'status', status: 429, retryAfterSeconds: 3 }, method: 'GET', probability: 0.03 },
  { fault: { kind: 'reset' }, method: 'GET', probability: 0.04 },
  { fault: { kind: 'cut-off' }, method: 'GET', probability: 0.01 },
  { fault: { kind: 'truncated-json' }, method: 'GET', probability: 0.01 },
  { fault: { kind: 'hang' }, method: 'GET', probability: 0.01 },
];

const outageFaults = [
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'login-page' },
] as const;

/** Runs a wait for a supplied change request or, every other time, for one that the run raises itself. */
export async function runWait(wait: Wait): Promise<WaitOutcome> {
  const { seed, approvedMs, outageMs } = wait;
  const site = new SimulatedSite({ seed, indexLagMs: { minMs: 0, maxMs: 60_000 } });
  const isSupplied = seed % 2 === 0;
  if (isSupplied) site.createRequest({ summary: deploymentTitle });
  if (outageMs !== undefined) {
    const fromMs = site.siteClock.now() + outageMs;
    const fault = outageFaults[seed % outageFaults.length] ?? outageFaults[0];
    site.faults.add({ fault, fromMs, untilMs: fromMs + outageLengthMs }, ...transientFaults);
  }
  const run = await simulate({
    site,
    seed,
    variables: gateVariables(site, {
      'Octopus.JiraServiceManagement.ChangeRequest.Number': isSupplied ? 'CHG-1' : '',
    }),
    at: [[approvedMs, () => site.moveTo('CHG-1', 'Implementing')]],
  });
  return {
    wait,
    run,
    latencyMs: run.endedAtMs - approvedMs,
    isEarly: approvedMs < 30 * minuteMs,
    isHidden:
      outageMs !== undefined &&
      approvedMs >= outageMs - minuteMs &&
      approvedMs < outageMs + outageLengthMs + minuteMs,
  };
}
