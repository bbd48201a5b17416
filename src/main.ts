import { RunEnded } from './domain/fault.ts';
import type { ExitCode } from './ending.ts';
import { createHttpTransport } from './jira/http/http-transport.ts';
import { keepProcessLean } from './lean-process.ts';
import { run } from './run.ts';
import { steadyClock } from './steady-clock.ts';

/** What the loader of a script body (`launcher/loader.cjs`) passes to the action. */
interface Launcher {
  /** The Octopus variables; the environment contains none of them then, and could not carry all. */
  readonly variables: Readonly<Record<string, string>>;
  /** Tells the script body how the run has ended. Nothing else makes it exit with 0 (B8). */
  end(allowed: boolean): void;
}

declare const launcher: Launcher | undefined;

/** Undefined if `dist/index.js` is run directly, with its variables in the environment. */
const launched = typeof launcher === 'undefined' ? undefined : launcher;

// Until a run has decided otherwise, the deployment is blocked, also by an error or a loop that ran dry.
process.exitCode = 1;
/** What the run has decided; undefined as long as it has not. */
let outcome: ExitCode | undefined;

/**
 * The process' last act, after all output has left: nothing else keeps the event loop alive, and a preloaded module
 * that calls `process.exit` changes nothing. What has to hold until the very end is checked here.
 */
process.once('exit', () => {
  if (outcome !== 0) process.exitCode = 1;
  if (outcome !== undefined) launched?.end(outcome === 0);
});

// F2: a certificate that is refused stays refused, whatever the worker's environment says.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const kill = new AbortController();
const toldToEnd = (): void => kill.abort(new RunEnded('signal'));
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;
for (const signal of signals) process.on(signal, toldToEnd);
// Nobody reads any more: an agent that ended its task and left its children alive.
process.stdout.on('error', toldToEnd);

keepProcessLean(process.versions.node);
const transport = createHttpTransport(process.env);
void main();

async function main(): Promise<void> {
  try {
    outcome = await run({
      env: { ...process.env, ...launched?.variables },
      write: (line) => process.stdout.write(`${line}\n`),
      clock: steadyClock(process.uptime),
      startedAt: 0,
      random: Math.random,
      send: transport.send,
      killSignal: kill.signal,
      asciiOnly: process.platform === 'win32',
    });
    process.exitCode = outcome;
  } finally {
    transport.close();
    for (const signal of signals) process.off(signal, toldToEnd);
  }
}
