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
  day: dayRows,
} satisfies Record<string, (judged: Judged) => readonly Row[]>;

/**
 * Simulates this many cases in a separate process, so that they can use another core, and returns their rows.
 */
export async function simulatedRows(name: keyof typeof rowsOf, cases: number): Promise<readonly Row[]> {
  const options = ['--import', 'tsx', program, name, String(cases), '--json'];
  // If a rule is broken, the process exits with 1 but still prints the judgement.
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

/** The time from the approval to the end of the run. */
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
      how: `virtual time; all start within ${figure(judged, 'startsWithinMs') / 60_000} minutes and are approved within the following hour; more than ${figure(judged, 'limitPerSecond')} requests per second get a 429`,
      figure: `${proceeded.toLocaleString('en')} proceed; requests per second: p99 ${figure(judged, 'p99')}, max ${figure(judged, 'most')}`,
      target: 'every gate proceeds',
      met: isProof(judged),
    },
  ];
}

function faultRows(judged: Judged): readonly Row[] {
  return [
    {
      measure: 'exit 0 without a seen approval',
      how: `${figure(judged, 'faults')} faults at every request on ${figure(judged, 'paths')} paths to a change request, and random sequences of faults: ${judged.judged} runs in virtual time`,
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
      figure: `${figure(judged, 'openBeyondOne')} surplus`,
      target: 'no surplus open change requests',
      met: isProof(judged),
    },
  ];
}

/** R4: compares parked deployments, with a pass every five minutes, with gates that wait. */
function dayRows(judged: Judged): readonly Row[] {
  const of = (name: string): number => figure(judged, name);
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const minutes = (ms: number): string => amount(ms / 60_000, 'min', 1);
  const seconds = (ms: number): string => amount(ms / 1000, 's', 1);
  const deployments = whole(of('deployments'));
  const measure = `${deployments} parked for a day with passes every 5 minutes, against ${deployments} gates that wait`;
  const day = `virtual time; the same approvals at random times over 24 hours for both; ${of('gates')} of the gates are simulated`;
  const scaled = of('gates') < of('deployments') ? `${day}, and scaled to ${deployments}` : day;
  const target = 'none set; every deployment proceeds';
  const met = isProof(judged);
  return [
    {
      measure: `${measure}: requests per hour to JSM`,
      how: `${scaled}; parked includes each deployment's Request and Gate`,
      floor: `gates ${whole(of('gateRequestsPerHour'))}`,
      figure: `parked ${whole(of('parkedRequestsPerHour'))}, ${whole(of('passRequestsPerHour'))} of them from the ${of('passes')} passes`,
      target,
      met,
    },
    {
      measure: `${measure}: worker and slot hours`,
      how: `${scaled}; parked deployments hold neither, so the figure is the time from start to exit of each pass, Request and Gate, with 40 to 240 ms per request; not counted: the start of shell and Node, Octopus' own time for each step. The gates have as many slots as they want`,
      floor: `gates ${whole(of('gateHours'))}`,
      figure: `parked ${of('parkedHours').toFixed(2)}, ${of('passHours').toFixed(2)} of them for the passes; slots while parked: ${of('slotHours')}`,
      target,
      met,
    },
    {
      measure: `${measure}: approval to proceed`,
      how: `${scaled}; until the gate allows the deployment; a parked deployment first waits for the next pass`,
      floor: `gates: median ${seconds(of('gateMedianMs'))}, p95 ${seconds(of('gateP95Ms'))}`,
      figure: `parked: median ${minutes(of('parkedMedianMs'))}, p95 ${minutes(of('parkedP95Ms'))}`,
      target,
      met,
    },
  ];
}
