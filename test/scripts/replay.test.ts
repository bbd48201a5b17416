import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/app/evidence/digest.ts';
import { leftRecord } from '../app/evidence/left-record.ts';
import { gate, siteWith } from '../app/gate-run.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'replay-'));
const path = join(folder, 'record.json');
let json = '';

beforeAll(async () => {
  const { site } = siteWith({ status: 'Implementing' });
  json = leftRecord(await gate(site, { 'JsmChange.EvidenceRecord': 'True' })).json;
});

afterAll(() => rmSync(folder, { recursive: true }));

function replay(text: string, ...more: string[]): Promise<{ code: number; out: string }> {
  writeFileSync(path, text);
  return new Promise((resolve) => {
    const words = ['--import', 'tsx', 'scripts/replay.ts', path, ...more];
    execFile(process.execPath, words, { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr }),
    );
  });
}

describe('npm run replay', () => {
  it('[E3] shows each decision with its rule, and the ending', async () => {
    const { code, out } = await replay(json, sha256(json).toUpperCase());
    expect(out).toMatch(/CHG-1 Implementing, .*: proceed, approved-in-window \(W1\) comes out the same/);
    expect(out).toMatch(/ending: Proceed, Approved \(W1\), exit code 0: follows from the last check/);
    expect(out).toContain('The record holds.');
    expect(code).toBe(0);
  });

  it.each<[string, (json: string) => string, string[], RegExp]>([
    [
      'a changed value',
      (text) => text.replace('"Implementing"', '"Completed"'),
      [],
      /WRONG +the head or entries\[0\]|WRONG +entries/,
    ],
    ['another digest', (text) => text, ['0'.repeat(64)], /WRONG +file: SHA-256 [0-9a-f]{64}, not 0{64}/],
    [
      'a space that changes nothing but the digest',
      (text) => `${text} `,
      [],
      /The record holds; no SHA-256 was given/,
    ],
    ['a text that is not JSON', (text) => text.slice(0, 100), [], /WRONG +file: is not JSON/],
    [
      'a name that is there twice',
      (text) => text.replace('"exitCode":', '"exitCode":1,"exitCode":'),
      [],
      /WRONG +file: was changed: it is not JSON as the step writes it/,
    ],
    [
      'a value that is nested too deeply',
      () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      [],
      /WRONG +file: cannot be replayed/,
    ],
    ['JSON that is not a record', () => '{"record":"other"}', [], /WRONG/],
  ])('[E3] with %s', async (_what, change, more, says) => {
    const { code, out } = await replay(change(json), ...more);
    expect(out).toMatch(says);
    expect(code).toBe(out.includes('WRONG') ? 1 : 0);
    expect(out).not.toMatch(/^\s+at /m);
  });

  it('[E3] refuses what is not a digest, and no file', async () => {
    expect(await replay(json, 'abc')).toMatchObject({ code: 2 });
    rmSync(path);
    const missing = await new Promise<number>((resolve) => {
      execFile(process.execPath, ['--import', 'tsx', 'scripts/replay.ts'], { cwd: root }, (error) =>
        resolve(Number(error?.code)),
      );
    });
    expect(missing).toBe(2);
  });
});
