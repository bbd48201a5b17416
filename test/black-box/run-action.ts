import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTaskLog, type TaskLog } from './task-log.ts';

/** The bundle that the step templates carry. */
export const bundle = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
/**
 * The Node that runs the bundle: `JSM_GATE_NODE=/path/to/node npx vitest run test/black-box` uses another
 * one.
 */
export const node = process.env['JSM_GATE_NODE'] || process.execPath;

/** An address where nobody listens. */
export const nowhere = 'http://127.0.0.1:1';

export interface ActionOptions {
  /**
   * Entries of the worker's environment in addition to PATH and the Octopus variables. By default a proxy
   * that does not exist, so that requests only reach the stand-in.
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** How many times faster than real time the process' clock runs; 1 by default. */
  readonly speed?: number;
}

/** How a run of the action ended, and what it printed. */
export interface Ended extends TaskLog {
  /** Null if a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The files that it left in the step's working folder, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The action as a separate process. */
export interface StartedAction {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves as soon as stdout contains the text; rejects if the process ends before. */
  printed(text: string | RegExp): Promise<void>;
}

/** Starts the bundle with exactly these Octopus variables. */
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
