import { spawn } from 'node:child_process';
import { bundle, node, nowhere } from '../../black-box/run-action.ts';
import type { Script } from './process.ts';

interface ProgramOptions {
  readonly command: string;
  readonly args?: readonly string[];
  /** Entries of the worker's environment besides PATH and the variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Returns a script that runs a program, with the variables in its environment. */
export function program({ command, args = [], environment = {} }: ProgramOptions): Script {
  return ({ variables, folder, print, printError, signal }) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', ...environment, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const stop = (): void => {
        child.kill();
      };
      signal.addEventListener('abort', stop, { once: true });
      child.stdout.setEncoding('utf8').on('data', print);
      child.stderr.setEncoding('utf8').on('data', printError);
      child.once('error', reject);
      child.once('close', (code) => {
        signal.removeEventListener('abort', stop);
        resolve(code ?? 1);
      });
    });
}

/** Returns a script that runs the bundle of the step templates; it can reach only stand-ins on loopback. */
export function action(environment: Readonly<Record<string, string>> = { HTTPS_PROXY: nowhere }): Script {
  return program({ command: node, args: [bundle], environment });
}

/** Returns a script without a process: it prints a line and takes a while. */
export function pretend(line: string, workMs = 0, exitCode = 0): Script {
  return ({ print, signal }) =>
    new Promise((resolve) => {
      print(`${line}\n`);
      const stop = (): void => {
        clearTimeout(timer);
        resolve(1);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve(exitCode);
      }, workMs);
      signal.addEventListener('abort', stop, { once: true });
    });
}
