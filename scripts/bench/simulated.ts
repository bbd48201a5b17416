import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Row } from './row.ts';

const program = fileURLToPath(new URL('simulate.ts', import.meta.url));

/** The rows of these simulations, from a process of their own: they take a processor for themselves. */
export async function simulatedRows(...names: readonly string[]): Promise<readonly Row[]> {
  const options = ['--import', 'tsx', program, ...names];
  const { stdout } = await promisify(execFile)(process.execPath, options, { maxBuffer: 1024 * 1024 });
  return JSON.parse(stdout);
}
