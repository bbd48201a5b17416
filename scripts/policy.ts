/** `npm run policy`: checks policies outside Octopus. */
import { readFile } from 'node:fs/promises';
import { loadPolicy } from '../src/policy/load.ts';
import { describeProblem } from '../src/policy/problem.ts';
import { runCommand, UsageError } from './command.ts';
import { policyTable } from './policy-table.ts';
import { terminalLine } from './terminal.ts';

const usage = `Usage: npm run policy -- FILE...

Checks policies outside Octopus. For each file, prints every problem, or the result for each project and environment.

Exit code 0: every file is a valid policy; 1: a file is not valid, or cannot be read; 2: wrong usage.`;

await runCommand({ usage, mostArguments: Number.MAX_SAFE_INTEGER }, async ({ positionals: files }) => {
  if (files.length === 0) throw new UsageError('FILE is missing');
  let exitCode = 0;
  for (const [index, file] of files.entries()) {
    const { isGood, text } = await checked(file);
    if (!isGood) exitCode = 1;
    console.log(index === 0 ? text : `\n${text}`);
  }
  return exitCode;
});

async function checked(file: string): Promise<{ readonly isGood: boolean; readonly text: string }> {
  const name = terminalLine(file);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') return { isGood: false, text: `${name} cannot be read (${text.code}).` };
  const result = loadPolicy(text);
  if (result.ok) return { isGood: true, text: `${name}: no problems\n\n${policyTable(result.policy)}` };
  const { length } = result.problems;
  const lines = result.problems.map((problem) => terminalLine(`${file}: ${describeProblem(problem)}`));
  return { isGood: false, text: [...lines, length === 1 ? '1 problem' : `${length} problems`].join('\n') };
}
