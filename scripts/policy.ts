import { readFile } from 'node:fs/promises';
import { loadPolicy } from '../src/policy/load.ts';
import { describeProblem } from '../src/policy/problem.ts';
import { policyTable } from './policy-table.ts';

/** Checks a policy outside Octopus. Gives the exit code: 1 for a file that is no policy, or that is not there. */
async function checkPolicy(file: string | undefined, write: (text: string) => void): Promise<0 | 1> {
  if (file === undefined) {
    write('Usage: npm run policy -- FILE');
    return 1;
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') {
    write(`${file} cannot be read (${text.code}).`);
    return 1;
  }
  const result = loadPolicy(text);
  if (result.ok) {
    write(`${file}: no problems\n\n${policyTable(result.policy)}`);
    return 0;
  }
  for (const problem of result.problems) write(`${file}: ${describeProblem(problem)}`);
  write(result.problems.length === 1 ? '1 problem' : `${result.problems.length} problems`);
  return 1;
}

process.exitCode = await checkPolicy(process.argv[2], (text) => console.log(text));
