import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isProof, type Judgement } from '../simulations/simulation.ts';
import { amount, type Row } from './row.ts';

const program = fileURLToPath(new URL('../simulate.ts', import.meta.url));

type Judged = Omit<Judgement, 'lines'>;

const rowsOf = {
  waits: (judged: Judged) => [
    latencyRow('early', 'in the first half hour', 20_000, judged),
    latencyRow('late', 'later', 60_000, judged),
    stormRow(judged),
  ],
  crowd: crowdRows,
  faults: faultRows,
  races: raceRows,
} satisfies Record<string, (judged: Judged) => readonly Row[]>;

/** Plays so many cases in a process of its own, which has a processor for itself, and gives their rows. */
export async function simulatedRows(name: keyof typeof rowsOf, cases: number): Promise<readonly Row[]> {
  const options = ['--import', 'tsx', program, name, String(cases), '--json'];
  // A broken rule ends the process with 1; the judgement is there all the same.
  const { stdout } = await promisify(execFile)(process.execPath, options, { maxBuffer: 1024 * 1024 }).catch(
    (error: Error & { readonly stdout?: string }) => {
      if (error.stdout?.startsWith('{') !== true) throw error;
      return { stdout: error.stdout };
    },
  );
  return rowsOf[name](JSON.parse(stdout));
}

function figure({ figures }: Judged, name: string): number {
  return figures[name] ?? Number.NaN;
}

/** From the approval to the end of the run. */
function latencyRow(which: 'early' | 'late', when: string, targetMs: number, judged: Judged): Row {
  const [maxMs, medianMs] = [figure(judged, `${which}MaxMs`), figure(judged, `${which}MedianMs`)];
  return {
    measure: `approval to proceed, ${when}`,
    how: `${figure(judged, `${which}Waits`)} waits in virtual time with the defaults, the longest`,
    figure: `${amount(maxMs / 1000, 's', 1)} (median ${amount(medianMs / 1000, 's', 1)})`,
    target: `at most ${targetMs / 1000} s`,
    met: maxMs <= targetMs && judged.breaches.length === 0,
  };
}

function stormRow(judged: Judged): Row {
  const [waits, proceeded] = [figure(judged, 'stormyWaits'), figure(judged, 'stormyProceeded')];
  return {
    measure: '20 % transient faults on reads and an outage of 10 minutes in a wait',
    how: `${waits} waits of up to 24 hours in virtual time`,
    figure: `${proceeded} of ${waits} proceed`,
    target: 'every run proceeds',
    met: proceeded === waits,
  };
}

function crowdRows(judged: Judged): readonly Row[] {
  const gates = figure(judged, 'gates');
  const proceeded = figure(judged, 'proceeded');
  return [
    {
      measure: `${gates.toLocaleString('en')} gates on one site`,
      how: `virtual time; all begin within ${figure(judged, 'startsWithinMs') / 60_000} minutes and are approved within the following hour; more than ${figure(judged, 'limitPerSecond')} requests per second get a 429`,
      figure: `${proceeded.toLocaleString('en')} proceed; requests per second: p99 ${figure(judged, 'p99')}, most ${figure(judged, 'most')}`,
      target: 'every gate proceeds',
      met: isProof(judged),
    },
  ];
}

function faultRows(judged: Judged): readonly Row[] {
  return [
    {
      measure: 'exit 0 without a seen approval',
      how: `${figure(judged, 'faults')} faults at every request of ${figure(judged, 'paths')} ways to a change request, and random sequences of faults: ${judged.judged} runs in virtual time`,
      figure: String(judged.breaches.length),
      target: '0',
      met: isProof(judged),
    },
  ];
}

function raceRows(judged: Judged): readonly Row[] {
  return [
    {
      measure: 'duplicates',
      how: `${judged.judged} races of up to ${figure(judged, 'crowded')} runs in virtual time, index lag up to 60 s, ${figure(judged, 'lossy')} of them with lost answers`,
      figure: `${figure(judged, 'openBeyondOne')} open beyond one`,
      target: '0 open change requests beyond one',
      met: isProof(judged),
    },
  ];
}
