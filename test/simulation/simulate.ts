import { recordWriter } from '../../src/record-files.ts';
import { run } from '../../src/run.ts';
import type { World } from '../../src/world.ts';
import { deploymentVariables } from '../sandbox/octopus-variables.ts';
import { seededRandom } from '../sandbox/random.ts';
import { type NetworkOptions, type SimulatedRequest, simulatedTransport } from './simulated-network.ts';
import { SimulatedProcess, type WorkerClock } from './simulated-process.ts';
import type { SimulatedSite } from './simulated-site.ts';
import { type ReadTaskLog, readTaskLog, type WrittenLine } from './task-log-reader.ts';

/** An event, in ms from the beginning of the simulation. */
export type Act = readonly [atMs: number, act: () => void];

export interface RunOptions extends Partial<NetworkOptions> {
  /** The step's variables; see {@link gateVariables}. */
  readonly variables: Readonly<Record<string, string>>;
  /** When the process starts, from the beginning of the simulation. */
  readonly startMs?: number;
  /** Determines jitter and latency. */
  readonly seed?: number;
  readonly worker?: WorkerClock;
  /** When the process gets a SIGTERM, from its start. */
  readonly terminateMs?: number;
  /** When the process gets a SIGKILL, from its start. */
  readonly crashMs?: number;
  readonly asciiOnly?: boolean;
  /** Sends a SIGTERM while the process writes its last output. */
  readonly terminateAtEnd?: boolean;
  /** How long that output takes; no time by default. */
  readonly outputMs?: number;
  /** Writes the files of the change record; by default they are kept in memory. */
  readonly keepFile?: World['keepFile'];
}

interface SimulationOptions {
  readonly site: SimulatedSite;
  readonly at?: readonly Act[];
  /** A run that takes longer counts as hanging; 40 days by default. */
  readonly untilMs?: number;
}

/** The result of one run. Times are virtual, in ms since the site's virtual time began. */
export interface SimulatedRun extends ReadTaskLog {
  /** Undefined for a process that crashed. */
  readonly exitCode: 0 | 1 | undefined;
  readonly lines: readonly string[];
  readonly requests: readonly SimulatedRequest[];
  /** The files that the run left in the step's working folder, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

const dayMs = 24 * 3_600_000;
const usualLatency = { minMs: 20, maxMs: 120 };

/**
 * Returns the variables of a gate at this site, with the step's default interval and limits. There is no
 * change record: thousands of runs would spend most of their time on it.
 */
export function gateVariables(
  site: SimulatedSite,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return deploymentVariables(
    { url: site.baseUrl },
    {
      ...(site.flavour === 'dc' && { 'JsmChange.Username': 'octopus' }),
      'JsmChange.PollIntervalSeconds': '',
      'JsmChange.WaitLimitMinutes': '',
      'JsmChange.OutageMinutes': '',
      'JsmChange.EvidenceRecord': 'False',
      ...overrides,
    },
  );
}

/** Runs the step once in virtual time, from its variables to its exit code. */
export async function simulate(options: SimulationOptions & RunOptions): Promise<SimulatedRun> {
  const [only] = await simulateRuns({ ...options, runs: [options] });
  if (only === undefined) throw new Error('the simulation has no run');
  return only;
}

/** Runs the step several times in parallel against one site. */
export async function simulateRuns(
  options: SimulationOptions & { readonly runs: readonly RunOptions[] },
): Promise<readonly SimulatedRun[]> {
  const { site, runs } = options;
  const { time } = site;
  const beganMs = time.now;
  for (const [atMs, act] of options.at ?? []) time.after(atMs, act);
  const processes: SimulatedProcess[] = [];
  const results: SimulatedRun[] = [];
  const failures: unknown[] = [];
  runs.forEach((one, index) => {
    time.after(one.startMs ?? 0, () => {
      const started = startRun(site, one, index + 1);
      processes.push(started.process);
      started.ended.then(
        (ended) => {
          results[index] = ended;
        },
        (error) => failures.push(error),
      );
      if (one.crashMs !== undefined) {
        started.process.after(one.crashMs, () => {
          started.process.crash();
          results[index] = started.outcome(undefined);
        });
      }
    });
  });
  await time.pass(
    () =>
      failures.length > 0 ||
      (processes.length === runs.length && processes.every((process) => process.isOver)),
    () => processes.some((process) => process.isWorking),
    beganMs + (options.untilMs ?? 40 * dayMs),
  );
  if (failures.length > 0) throw failures[0];
  return results;
}

interface StartedRun {
  readonly process: SimulatedProcess;
  readonly ended: Promise<SimulatedRun>;
  outcome(exitCode: SimulatedRun['exitCode']): SimulatedRun;
}

function startRun(site: SimulatedSite, options: RunOptions, number: number): StartedRun {
  const { time } = site;
  const process = new SimulatedProcess(time, options.worker ?? { offsetMs: 0 });
  const seed = options.seed ?? number;
  const requests: SimulatedRequest[] = [];
  const written: WrittenLine[] = [];
  const files = new Map<string, string>();
  const world: World = {
    env: options.variables,
    write: (line) => written.push({ atMs: time.now, line }),
    flushed: async () => {
      if (options.terminateAtEnd === true) process.terminate();
      const { outputMs } = options;
      if (outputMs !== undefined)
        await process.wait(new AbortController().signal, (done) => {
          const due = time.after(outputMs, () => done());
          return () => time.cancel(due);
        });
    },
    clock: process.clock,
    startedAt: process.clock.now(),
    random: seededRandom(seed * 2 + 1),
    send: simulatedTransport(site, process, {
      latency: options.latency ?? usualLatency,
      failure: options.failure,
      rewrite: options.rewrite,
      servers: options.servers,
      random: seededRandom(seed * 2),
      requests,
    }),
    killSignal: process.killSignal,
    keepFile:
      options.keepFile ??
      ((name, text) => {
        files.set(name, text);
        return `/work/${name}`;
      }),
    recordWriter: () => Promise.resolve(recordWriter),
    bundle: () => 'the bundle',
    asciiOnly: options.asciiOnly ?? false,
  };
  const outcome = (exitCode: SimulatedRun['exitCode']): SimulatedRun => ({
    ...readTaskLog(written),
    exitCode,
    lines: written.map(({ line }) => line),
    requests,
    files,
    startedAtMs: process.startedAtMs,
    endedAtMs: time.now,
  });
  const { terminateMs } = options;
  if (terminateMs !== undefined) process.after(terminateMs, () => process.terminate());
  const ended = run(world).then(({ exitCode }) => {
    process.end();
    return outcome(exitCode);
  });
  return { process, ended, outcome };
}
