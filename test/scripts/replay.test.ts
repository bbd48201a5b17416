import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/app/evidence/digest.ts';
import { type LeftRecord, leftRecord } from '../app/evidence/left-record.ts';
import { gate, siteWith } from '../app/gate-run.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'replay-'));
const path = join(folder, 'record.json');
let left: LeftRecord;
let json = '';

beforeAll(async () => {
  const { site } = siteWith({ status: 'Implementing' });
  left = leftRecord(await gate(site, { 'JsmChange.EvidenceRecord': 'True' }));
  json = left.json;
});

afterAll(() => rmSync(folder, { recursive: true }));

function replay(text: string | Buffer, ...more: string[]): Promise<{ code: number; out: string }> {
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
    expect(out).toContain('CHG-1 Implementing, no window: proceed, approved-in-window (W1) confirmed');
    expect(out).toMatch(/ending: Proceed, Approved \(W1\), exit code 0: follows from the last check/);
    expect(out).toMatch(/^The record is verified: .* is confirmed\.$/m);
    expect(code).toBe(0);
  });

  it.each<[string, (json: string) => string, string[], RegExp]>([
    [
      'a changed value',
      (text) => text.replace('"Implementing"', '"Completed"'),
      [],
      /WRONG +the head or entries\[0\]: was changed \(the run, its settings, or the read of CHG-1 \(Implementing\) at [-\d]+T[:\d]+Z\): its digest does not match/,
    ],
    ['another digest', (text) => text, ['0'.repeat(64)], /WRONG +file: SHA-256 [0-9a-f]{64}, not 0{64}/],
    [
      'a space that changes nothing but the digest',
      (text) => `${text} `,
      [],
      /The record is verified: .*\. Without the SHA-256 from the task log, /,
    ],
    [
      'a changed entry',
      (text) => text.replace(/"name":"Implementing"(?![\s\S]*"name":"Implementing")/, '"name":"Review"'),
      [],
      /WRONG +entries\[1\]: was changed \(the read of CHG-1 \(Review\) at [^\n]*\n[\s\S]*The record failed verification; do not rely on it\./,
    ],
    ['the page', () => left.html, [], /WRONG +file: is a web page: name the \.json/],
    ['a text that is not JSON', (text) => text.slice(0, 100), [], /WRONG +file: is not JSON/],
    [
      'a duplicate name',
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
  ])('[E3] fails with %s', async (_what, change, more, says) => {
    const { code, out } = await replay(change(json), ...more);
    expect(out).toMatch(says);
    expect(code).toBe(out.includes('WRONG') ? 1 : 0);
    expect(out).not.toMatch(/^\s+at /m);
  });

  it('[E3] finds a changed byte that is not UTF-8, where the record has U+FFFD', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const variables = { 'JsmChange.EvidenceRecord': 'True', 'Octopus.Space.Name': 'a\uFFFDb' };
    const bytes = Buffer.from(leftRecord(await gate(site, variables)).json);
    expect(await replay(bytes)).toMatchObject({ code: 0 });
    const at = bytes.indexOf(Buffer.from('\uFFFD'));
    const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]);
    const { code, out } = await replay(changed);
    expect(out).toMatch(/WRONG +file: was changed: it is not UTF-8/);
    expect(code).toBe(1);
  });

  it('[E3] [X1] lets no text of a record write a line of its findings', async () => {
    const forged = JSON.stringify(
      'Implementing\nThe record is verified: nothing in it was changed.\u001b[8m',
    );
    const { code, out } = await replay(json.replaceAll('"Implementing"', forged));
    expect(code).toBe(1);
    expect(out).not.toMatch(/^The record is verified/m);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('Implementing\\u{a}The record is verified');
  });

  it('[E3] compares the accompanying page with the record', async () => {
    const page = path.replace('.json', '.html');
    writeFileSync(page, left.html);
    expect(await replay(json)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ok +page: record\.html shows this record/),
    });
    writeFileSync(page, left.html.replace('allowed to proceed', 'blocked'));
    const { code, out } = await replay(json);
    expect(out).toMatch(/WRONG +page: record\.html was changed/);
    expect(out).toContain('The record is verified: nothing in it was changed');
    expect(out).toContain('do not rely on the page');
    expect(code).toBe(1);
    const { record } = left;
    const older = { ...record, step: { ...record.step, version: '0.9.0' } };
    expect((await replay(JSON.stringify(older))).out).toMatch(
      /ok +page: .* could not be compared: it was written by version 0\.9\.0/,
    );
    rmSync(page);
  });

  it('[E3] rejects an argument that is not a digest, and a missing file', async () => {
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
