/**
 * `npm run doctor`: the operation `Test` outside Octopus, from environment variables. Prints a line for each check, and
 * ends with the exit code of the run: 0 only if none has failed. Nothing is written to JSM.
 */
import { readFile } from 'node:fs/promises';
import { RunEnded } from '../src/domain/fault.ts';
import { createHttpTransport } from '../src/jira/http/http-transport.ts';
import { run } from '../src/run.ts';
import { steadyClock } from '../src/steady-clock.ts';
import { doctorVariables, UsageError } from './doctor/variables.ts';

/** Lines for people; service messages are for Octopus, and one of them holds what is to be masked. */
function print(line: string): void {
  if (!line.startsWith('##octopus[')) console.log(line);
}

async function examine(): Promise<0 | 1> {
  const kill = new AbortController();
  process.once('SIGINT', () => kill.abort(new RunEnded('signal')));
  const transport = createHttpTransport(process.env);
  const clock = steadyClock(process.uptime);
  try {
    return await run({
      env: await doctorVariables(process.env, process.argv.slice(2), (path) => readFile(path, 'utf8')),
      write: print,
      clock,
      startedAt: clock.now(),
      random: Math.random,
      send: transport.send,
      killSignal: kill.signal,
      asciiOnly: false,
    });
  } finally {
    transport.close();
  }
}

try {
  process.exitCode = await examine();
} catch (error) {
  const isForPeople = error instanceof UsageError || (error instanceof Error && 'code' in error);
  if (!isForPeople) throw error;
  console.log(error.message);
  process.exitCode = 1;
}
