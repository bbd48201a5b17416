import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';

/** A program that is started once per measurement. */
export interface Program {
  readonly file: string;
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Node with these options; its environment contains only PATH and these entries. */
export function nodeProgram(options: readonly string[], environment: Program['environment'] = {}): Program {
  return {
    file: process.execPath,
    options,
    environment: { PATH: process.env['PATH'] ?? '', ...environment },
  };
}

/**
 * Starts a program the way an agent does, with its output in pipes; resolves with the ms from start to exit.
 */
export async function timeToExit({ file, options, environment, input }: Program): Promise<number> {
  const beganAt = performance.now();
  const child = spawn(file, options, { cwd: tmpdir(), env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const endedAt = new Promise<number>((resolve) => {
    child.once('exit', () => resolve(performance.now()));
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${said.slice(-2000)}`);
  return (await endedAt) - beganAt;
}

/**
 * Repeats each measurement this many times, in turns (A B C A B C), so that other load on the machine slows
 * all of them down. The first turn warms up the caches and does not count. On a busy machine there are fewer
 * turns than wanted, but at least five: the length of each list shows how many.
 */
export async function inTurns<Name extends string>(
  { times, longestMs }: { readonly times: number; readonly longestMs: number },
  measurements: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const fewest = 5;
  const names = Object.keys(measurements) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const until = performance.now() + longestMs;
  for (let turn = 0; turn <= times; turn += 1) {
    if (turn > fewest && performance.now() > until) break;
    for (const name of names) {
      const value = await measurements[name]();
      if (turn > 0) taken[name].push(value);
    }
  }
  return taken;
}
