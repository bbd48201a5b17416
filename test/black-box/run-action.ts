import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTaskLog, type TaskLog } from './task-log.ts';

/** The bundle that the step templates carry. */
export const bundle = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
/** The Node that runs it: `JSM_GATE_NODE=/path/to/node npx vitest run test/black-box` tries another one. */
export const node = process.env['JSM_GATE_NODE'] || process.execPath;

/** Nobody listens here. */
export const nowhere = 'http://127.0.0.1:1';

export interface ActionOptions {
  /**
   * Entries of the worker's environment beside PATH and the Octopus variables. By default a proxy that is not there, so
   * that nothing but the stand-in is ever asked.
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** How many times as fast as the real one the process' clock runs; 1 by default. */
  readonly speed?: number;
}

/** How a run of the action ended, and what it printed. */
export interface Ended extends TaskLog {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it left in the step's working folder, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The action as a process of its own. */
export interface StartedAction {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves as soon as stdout holds the text; rejects when the process ends before. */
  printed(text: string | RegExp): Promise<void>;
}

/** Starts the bundle with these Octopus variables and no others. */
export function startAction(
  variables: Readonly<Record<string, string>>,
  { environment = { HTTPS_PROXY: nowhere }, speed = 1 }: ActionOptions = {},
): StartedAction {
  if (!existsSync(bundle)) throw new Error('dist/index.js is missing: run `npm run build` first.');
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  const clock = new URL(`fast-clock.mjs?speed=${speed}`, import.meta.url).href;
  const child = spawn(node, [...(speed === 1 ? [] : ['--import', clock]), bundle], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...environment, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      const files = filesIn(folder);
      rmSync(folder, { recursive: true });
      resolve({ exitCode, signal, stdout, stderr, files, ...readTaskLog(stdout) });
    });
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (typeof text === 'string' ? !stdout.includes(text) : !text.test(stdout)) return;
          child.stdout.off('data', check);
          resolve();
        };
        child.stdout.on('data', check);
        child.once('close', () =>
          reject(new Error(`The action ended before it printed ${text}:\n${stdout}${stderr}`)),
        );
        check();
      }),
  };
}

function filesIn(folder: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
