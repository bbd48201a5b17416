import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RunEnded } from './domain/fault.ts';
import { createHttpTransport } from './http/http-transport.ts';
import { keepProcessLean } from './lean-process.ts';
import { type RunEnd, run } from './run.ts';
import { keepCertificateChecks } from './settings/worker-environment.ts';
import { steadyClock } from './steady-clock.ts';

/** What the loader of a script body (`launcher/loader.cjs`) passes to the action. */
interface Launcher {
  /** The Octopus variables. They are not in the environment, since not every value would fit there. */
  readonly variables: Readonly<Record<string, string>>;
  /** The text of the action, which runs from memory. */
  readonly bundle: string;
  /** The version of the step template, as digits. */
  readonly template: string;
  /** Reports to the script body how the run ended. Nothing else makes the body exit with 0 (B8). */
  end(allowed: boolean): void;
}

declare const launcher: Launcher | undefined;

/** Undefined if `dist/index.js` is run directly, with the variables in the environment. */
const launched = typeof launcher === 'undefined' ? undefined : launcher;

// The deployment is blocked until a run decides otherwise, so an error or an empty event loop blocks it too.
process.exitCode = 1;
/** How the run ended; undefined until then. */
let end: RunEnd | undefined;

/**
 * The last act of the process: all output was delivered, and nothing else keeps the event loop alive. If a
 * preloaded module calls `process.exit`, this still sets the exit code. Any delay makes the check older (W8).
 */
process.once('exit', () => {
  const allowed = end?.exitCode === 0 && end.holds();
  if (end?.exitCode === 0 && !allowed) end.correct();
  process.exitCode = allowed ? 0 : 1;
  if (end !== undefined) launched?.end(allowed);
});

keepCertificateChecks(process.env);

const kill = new AbortController();
const endRun = (): void => kill.abort(new RunEnded('signal'));
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;
for (const signal of signals) process.on(signal, endRun);
// Nobody reads stdout any more: the agent has ended the task but left its child processes running.
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

/** Returns the text of the bundle if it is run directly; undefined if it cannot be read. */
function bundleFile(path = ''): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
