import { drawWait, runWait, type Wait, type WaitOutcome } from '../../../test/simulation/wait-model.ts';
import { percentile } from '../median.ts';
import { amount, type Row } from '../row.ts';
import { forSeconds } from './for-seconds.ts';

const halfHourMs = 30 * 60_000;
const earlyTargetMs = 20_000;
const lateTargetMs = 60_000;

/** From the approval to the end of the run, with the step's defaults. */
export async function waitRows(): Promise<readonly Row[]> {
  const early = await outcomes(3, (wait) => wait.isEarly, false);
  const late = await outcomes(8, (wait) => !wait.isEarly, false);
  const stormy = await outcomes(20, () => true, true);
  const proceeded = stormy.filter(({ run }) => run.exitCode === 0).length;
  return [
    latencyRow('in the first half hour', latencies(early), earlyTargetMs),
    latencyRow('later', latencies(late), lateTargetMs),
    {
      measure: '20 % transient faults on reads and an outage of 10 minutes in a wait',
      how: `${stormy.length} waits of up to 24 hours in virtual time`,
      figure: `${proceeded} of ${stormy.length} proceed`,
      target: 'every run proceeds',
      met: proceeded === stormy.length,
    },
  ];
}

/** At least one wait of the kind, and as many as there is time for. */
function outcomes(
  seconds: number,
  isWanted: (wait: { readonly isEarly: boolean }) => boolean,
  withFaults: boolean,
): Promise<readonly WaitOutcome[]> {
  let seed = 0;
  return forSeconds(seconds, () => {
    let wait: Wait;
    do {
      seed += 1;
      wait = drawWait(seed, withFaults);
    } while (!isWanted({ isEarly: wait.approvedMs < halfHourMs }));
    return runWait(wait);
  });
}

/** Infinity for a run that did not proceed. */
function latencies(outcomes: readonly WaitOutcome[]): readonly number[] {
  return outcomes.map(({ run, latencyMs }) => (run.exitCode === 0 ? latencyMs : Number.POSITIVE_INFINITY));
}

function latencyRow(when: string, latenciesMs: readonly number[], targetMs: number): Row {
  const seconds = (share: number): string => amount(percentile(latenciesMs, share) / 1000, 's', 1);
  return {
    measure: `approval to proceed, ${when}`,
    how: `${latenciesMs.length} waits in virtual time with the defaults, the longest`,
    figure: `${seconds(1)} (median ${seconds(0.5)})`,
    target: `at most ${targetMs / 1000} s`,
    met: percentile(latenciesMs, 1) <= targetMs,
  };
}
