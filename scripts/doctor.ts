import { readFile } from 'node:fs/promises';
import { RunEnded } from '../src/domain/fault.ts';
import { runCommand } from './command.ts';
import { examine } from './doctor/examine.ts';
import { doctorVariables, usage } from './doctor/variables.ts';

await runCommand({ usage, mostArguments: Number.POSITIVE_INFINITY }, async ({ positionals }) => {
  const kill = new AbortController();
  process.once('SIGINT', () => kill.abort(new RunEnded('signal')));
  return examine(
    await doctorVariables(process.env, positionals, (path) => readFile(path, 'utf8')),
    process.env,
    (line) => console.log(line),
    kill.signal,
  );
});
