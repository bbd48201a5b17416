import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RunEnded } from './domain/fault.ts';
import { createHttpTransport } from './http/http-transport.ts';
import { keepProcessLean } from './lean-process.ts';
import { type RunEnd, run } from './run.ts';
import { steadyClock } from './steady-clock.ts';

/** What the loader of a script body (`launcher/loader.cjs`) passes to the action. */
interface Launcher {
  /** The Octopus variables; the environment contains none of them then, and could not carry all. */
  readonly variables: Readonly<Record<string, string>>;
  /** The text of the action that it runs from memory. */
  readonly bundle: string;
  /** The version of the step template, in digits. */
  readonly template: string;
  /** Tells the script body how the run has ended. Nothing else makes it exit with 0 (B8). */
  end(allowed: boolean): void;
}

declare const launcher: Launcher | undefined;

/** Undefined if `dist/index.js` is run directly, with its variables in the environment. */
const launched = typeof launcher === 'undefined' ? undefined : launcher;

// Until a run has decided otherwise, the deployment is blocked, also by an error or a loop that ran dry.
process.exitCode = 1;
/** How the run has ended; undefined as long as it has not. */
let end: RunEnd | undefined;

/**
 * The process' last act, after all output has left: nothing else keeps the event loop alive, and a preloaded module
 * that calls `process.exit` changes nothing. Any delay until now makes the check older (W8).
 */
process.once('exit', () => {
  const allowed = end?.exitCode === 0 && end.holds();
  if (end?.exitCode === 0 && !allowed) end.correct();
  process.exitCode = allowed ? 0 : 1;
  if (end !== undefined) launched?.end(allowed);
});

// F2: a certificate that is refused stays refused, whatever the worker's environment says.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const kill = new AbortController();
const endRun = (): void => kill.abort(new RunEnded('signal'));
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;
for (const signal of signals) process.on(signal, endRun);
// Nobody reads any more: an agent that ended its task and left its children alive.
process.stdout.on('error', endRun);

keepProcessLean(process.versions.node);
const transport = createHttpTransport(process.env);
void main();

async function main(): Promise<void> {
  try {
    end = await run({
      env: { ...process.env, ...launched?.variables },
      write: (line) => process.stdout.write(`${line}\n`),
      flushed: () => new Promise((resolve) => process.stdout.write('', () => resolve())),
      clock: steadyClock(process.uptime),
      startedAt: 0,
      random: Math.random,
      send: transport.send,
      killSignal: kill.signal,
      keepFile: (name, text) => {
        const path = resolve(name);
        writeFileSync(path, text);
        return path;
      },
      recordWriter: async () => (await import('./record-files.ts')).recordWriter,
      bundle: () => launched?.bundle ?? bundleFile(process.argv[1]),
      asciiOnly: process.platform === 'win32',
      template: launched?.template,
    });
  } finally {
    transport.close();
    for (const signal of signals) process.off(signal, endRun);
  }
}

/** The bundle that runs as a program of its own. */
function bundleFile(path = ''): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
