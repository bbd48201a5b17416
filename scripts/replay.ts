import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ChangeRecord } from '../src/app/evidence/record.ts';
import { runCommand, UsageError } from './command.ts';
import { shapeProblems } from './replay/record-schema.ts';
import { type Finding, replayed } from './replay/replayed-record.ts';

const usage = `Usage: npm run replay -- FILE [SHA-256]

Recomputes every decision of a change record, with the code of the step itself, and says for each whether it comes out
the same. An ending by a fault is told, not recomputed.

  FILE     the JSON of a change record, change-record-....json
  SHA-256  the digest of the file from the task log: without it, a record that was written anew as a whole
           cannot be distinguished from the one that the step left

Exit code 0: the record holds. 1: it was changed, does not hold, or has another digest.`;

await runCommand({ usage, mostArguments: 2 }, async ({ positionals: [path, digest] }) => {
  if (path === undefined) throw new UsageError('FILE is missing');
  if (digest !== undefined && !/^[0-9a-f]{64}$/i.test(digest)) {
    throw new UsageError(`"${digest}" is not a SHA-256 of 64 hexadecimal digits`);
  }
  const content = await readFile(path);
  const findings = [...digestFindings(content, digest), ...recordFindings(content.toString('utf8'))];
  for (const { where, holds, says } of findings)
    console.log(`${holds ? 'ok    ' : 'WRONG '} ${where}: ${says}`);
  const wrong = findings.filter(({ holds }) => !holds);
  console.log(
    wrong.length === 0
      ? `The record holds${digest === undefined ? '; no SHA-256 was given to compare it with' : ''}.`
      : `The record does not hold: ${wrong.map(({ where }) => where).join(', ')}.`,
  );
  return wrong.length === 0 ? 0 : 1;
});

function digestFindings(content: Buffer, digest: string | undefined): readonly Finding[] {
  const actual = createHash('sha256').update(content).digest('hex');
  if (digest === undefined) return [{ where: 'file', holds: true, says: `SHA-256 ${actual}` }];
  const holds = actual === digest.toLowerCase();
  return [{ where: 'file', holds, says: `SHA-256 ${actual}${holds ? '' : `, not ${digest.toLowerCase()}`}` }];
}

function recordFindings(text: string): readonly Finding[] {
  try {
    return foundIn(text);
  } catch (error) {
    // Such as one that is nested too deeply.
    return [{ where: 'file', holds: false, says: `cannot be replayed: ${(error as Error).message}` }];
  }
}

function foundIn(text: string): readonly Finding[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return [{ where: 'file', holds: false, says: `is not JSON: ${(error as Error).message}` }];
  }
  // JSON may contain a name twice: the last one counts here, but a person reads the first.
  if (withoutSpaces(text) !== JSON.stringify(json)) {
    return [{ where: 'file', holds: false, says: 'was changed: it is not JSON as the step writes it' }];
  }
  const problems = shapeProblems(json);
  return problems.length > 0 ? problems : replayed(json as ChangeRecord);
}

/** JSON without the spaces between its parts. */
function withoutSpaces(text: string): string {
  return text.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, '$1');
}
