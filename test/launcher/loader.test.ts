import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../scripts/script-body.ts';
import { sourceOf } from './body.ts';

const action =
  "console.log(process.env['Octopus.Project.Name'], process.env['Octopus.Release.Notes']); process.exitCode = 0;";
const project = 'Größe 変更 😀';

/** What a script body writes to the loader. */
function written(...variables: readonly string[]): Buffer {
  return Buffer.from([pack(action), ...variables, '', ''].join('\0'));
}

const handed = written('Octopus.Project.Name', project, 'Octopus.Release.Notes', '');

describe('the loader', () => {
  let temporary: string;
  beforeAll(() => {
    temporary = mkdtempSync(join(tmpdir(), 'loader-'));
  });
  afterAll(() => rmSync(temporary, { recursive: true }));

  /** Runs it with these pieces of input, which stays open unless told otherwise. */
  async function load(pieces: readonly Buffer[], { end = false, environment = {} } = {}) {
    const env = { PATH: process.env['PATH'], TMPDIR: temporary, ...environment };
    const child = spawn(process.execPath, ['-e', sourceOf('loader.cjs')], { env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    for (const piece of pieces) {
      await new Promise((resolve) => child.stdin.write(piece, resolve));
      // So that the pieces arrive one by one.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (end) child.stdin.end();
    const code = await ended;
    return { code, stdout, stderr, left: readdirSync(temporary) };
  }

  // 64: what the script bodies take for the action's 0, and no other exit of a Node.
  const good = { code: 64, stdout: `${project} \n`, stderr: '', left: [] };

  it('runs the action with its variables while its input stays open', async () => {
    expect(await load([handed])).toEqual(good);
  });

  it('takes a byte order mark before the bundle, as .NET Framework writes one', async () => {
    expect(await load([Buffer.from('\uFEFF'), handed])).toEqual(good);
  });

  it('takes its input in any pieces: ends within a character, after a NUL, before the last NUL', async () => {
    const name = handed.indexOf('Gr') + 3;
    const cuts = [
      0,
      100,
      name,
      name + 1,
      handed.length - 3,
      handed.length - 2,
      handed.length - 1,
      handed.length,
    ];
    const pieces = cuts.slice(1).map((cut, index) => handed.subarray(cuts[index], cut));
    expect(await load(pieces)).toEqual(good);
  });

  it('[B6] runs nothing when its input ends before it is complete', async () => {
    const part = handed.subarray(0, handed.length - 1);
    expect(await load([part], { end: true })).toEqual({ code: 1, stdout: '', stderr: '', left: [] });
  });

  it('[B5] says so when the bundle is not whole', async () => {
    const { code, stdout, stderr, left } = await load([Buffer.from(`${pack(action).slice(0, 40)}\0\0`)]);
    expect({ code, stderr, left }).toEqual({ code: 1, stderr: '', left: [] });
    expect(stdout).toMatch(
      /^The action could not be unpacked: .+\n(##octopus\[setVariable .*\n){2}##octopus\[resultMessage .*\n$/,
    );
  });

  it('[F7] ends with what lets a deployment go only where the action itself ended with 0', async () => {
    const of = (text: string): Buffer => Buffer.from([pack(text), '', ''].join('\0'));
    expect((await load([of('process.exitCode = 1;')])).code).toBe(1);
    expect(
      (await load([of('process.exitCode = 0; setTimeout(() => { process.exitCode = 1; }, 20);')])).code,
    ).toBe(1);
    expect((await load([], { end: true })).code).toBe(1);
  });

  it('[V2] [B3] fails no deployment where it can hand nothing to a Report, and warns', async () => {
    const report = written('JsmChange.Operation', ' Report ', 'a=b', '1');
    const { code, stdout } = await load([report]);
    expect(code).toBe(64);
    expect(stdout).toMatch(
      /^##octopus\[stdout-warning\]\nThe variable a=b cannot be handed.*\n##octopus\[stdout-default\]\n$/,
    );
    const gate = await load([written('JsmChange.Operation', 'Gate', 'a=b', '1')]);
    expect(gate.code).toBe(1);
    expect(gate.stdout).toContain('##octopus[resultMessage');
  });

  it('[B5] needs no folder for temporary files', async () => {
    expect(await load([handed], { environment: { TMPDIR: '/nowhere/at/all' } })).toEqual(good);
  });
});
