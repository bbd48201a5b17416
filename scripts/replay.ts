import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { recordPage } from '../src/app/evidence/page/page.ts';
import type { ChangeRecord } from '../src/app/evidence/record.ts';
import { productVersion } from '../src/version.ts';
import { runCommand, UsageError } from './command.ts';
import { shapeProblems } from './replay/record-schema.ts';
import { type Finding, replayed } from './replay/replayed-record.ts';
import { printLine } from './terminal.ts';

const usage = `Usage: npm run replay -- FILE [SHA-256]

Recomputes every decision of a change record with the step's own code, and says for each whether the result is the same.
If the run ended with a fault, its ending is shown but not recomputed. If the page of the record (.html) is in the same
folder, it is compared too.

  FILE     the JSON file of a change record, change-record-....json
  SHA-256  the digest of the file from the task log: without it, a record that was rewritten as a whole
           cannot be distinguished from the one that the step left

Exit code 0: the record is verified. 1: it was changed, is inconsistent, has another digest, or cannot be read; or its
page was changed. 2: wrong usage.`;

await runCommand({ usage, mostArguments: 2 }, async ({ positionals: [path, digest] }) => {
  if (path === undefined) throw new UsageError('FILE is missing');
  if (digest !== undefined && !/^[0-9a-f]{64}$/i.test(digest)) {
    throw new UsageError(`"${digest}" is not a SHA-256 of 64 hexadecimal digits`);
  }
  const content = await readFile(path);
  const pagePath = path.replace(/\.json$/, '.html');
  const page =
    pagePath !== path && existsSync(pagePath)
      ? { name: basename(pagePath), html: await readFile(pagePath) }
      : undefined;
  const findings = [...digestFindings(content, digest), ...recordFindings(content, page)];
  for (const { where, holds, says } of findings)
    printLine(`${holds ? 'ok    ' : 'WRONG '} ${where}: ${says}`);
  const wrong = findings.filter(({ holds }) => !holds).map(({ where }) => where);
  printLine(conclusion(wrong, digest !== undefined));
  return wrong.length === 0 ? 0 : 1;
});

function conclusion(wrong: readonly string[], hasDigest: boolean): string {
  if (wrong.length > 0 && wrong.some((where) => where !== 'page')) {
    return `The record failed verification; do not rely on it. Wrong: ${wrong.join(', ')}.`;
  }
  const holds =
    'The record is verified: nothing in it was changed, and every recomputed decision is confirmed.';
  const but = wrong.length === 0 ? '' : ' But its page was changed; do not rely on the page.';
  const digest = hasDigest
    ? ''
    : ' Without the SHA-256 from the task log, this does not rule out that it was rewritten as a whole.';
  return `${holds}${but}${digest}`;
}

function digestFindings(content: Buffer, digest: string | undefined): readonly Finding[] {
  const actual = createHash('sha256').update(content).digest('hex');
  if (digest === undefined) return [{ where: 'file', holds: true, says: `SHA-256 ${actual}` }];
  const holds = actual === digest.toLowerCase();
  const compared = holds ? ', as given' : `, not ${digest.toLowerCase()}`;
  return [{ where: 'file', holds, says: `SHA-256 ${actual}${compared}` }];
}

interface Page {
  readonly name: string;
  readonly html: Buffer;
}

function recordFindings(content: Buffer, page: Page | undefined): readonly Finding[] {
  try {
    return foundIn(content, page);
  } catch (error) {
    // For example, if the record is nested too deeply.
    return [{ where: 'file', holds: false, says: `cannot be replayed: ${(error as Error).message}` }];
  }
}

function foundIn(content: Buffer, page: Page | undefined): readonly Finding[] {
  // Other bytes would all be read as U+FFFD, so they could be exchanged for each other.
  if (!isUtf8(content)) return [{ where: 'file', holds: false, says: 'was changed: it is not UTF-8' }];
  const text = content.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const says = /^\s*<!doctype html/i.test(text)
      ? 'is a web page: name the .json file that was left with it'
      : `is not JSON: ${(error as Error).message}`;
    return [{ where: 'file', holds: false, says }];
  }
  // JSON may contain a name twice: the parser uses the last value, but a person reads the first.
  if (withoutSpaces(text) !== JSON.stringify(json)) {
    return [{ where: 'file', holds: false, says: 'was changed: it is not JSON as the step writes it' }];
  }
  const problems = shapeProblems(json);
  if (problems.length > 0) return problems;
  const record = json as ChangeRecord;
  return [...pageFindings(record, page), ...replayed(record)];
}

/** E5: the page is generated from the record only, but another version may generate it differently. */
function pageFindings(record: ChangeRecord, page: Page | undefined): readonly Finding[] {
  if (page === undefined) return [];
  const { name, html } = page;
  if (html.equals(Buffer.from(recordPage(record))))
    return [{ where: 'page', holds: true, says: `${name} shows this record` }];
  const isOfThisVersion = record.step.version === productVersion;
  const says = isOfThisVersion
    ? `${name} was changed: it is not the page of this record`
    : `${name} could not be compared: it was written by version ${record.step.version}`;
  return [{ where: 'page', holds: !isOfThisVersion, says }];
}

/** Removes the whitespace between the tokens of JSON. */
function withoutSpaces(text: string): string {
  return text.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, '$1');
}
