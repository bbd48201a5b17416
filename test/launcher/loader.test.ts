import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../scripts/packing.ts';
import { sourceText } from './bash-step.ts';

const action =
  "console.log(launcher.variables['Octopus.Project.Name'], launcher.variables['Octopus.Release.Notes']); launcher.end(true);";
const project = 'Größe 変更 😀';

/** A value of the run, and the beginning of its answers. */
const key = '12ab-7';
const sign = '7-ba21';

/** The input that a script body writes to the loader. */
function written(...variables: readonly string[]): Buffer {
  return around(action, ...variables);
}

function around(text: string, ...variables: readonly string[]): Buffer {
  return Buffer.from([pack(text), key, ...variables, '', ''].join('\0'));
}

const handed = written('Octopus.Project.Name', project, 'Octopus.Release.Notes', '');

describe('the loader', () => {
  let temporary: string;
  beforeAll(() => {
    temporary = mkdtempSync(join(tmpdir(), 'loader-'));
  });
  afterAll(() => rmSync(temporary, { recursive: true }));

  /** Runs the loader with these pieces of input; the input stays open by default. */
  async function load(pieces: readonly Buffer[], { end = false, environment = {} } = {}) {
    const env = { PATH: process.env['PATH'], TMPDIR: temporary, ...environment };
    const child = spawn(process.execPath, ['-e', sourceText('loader.cjs')], { env });
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
      // Makes the pieces arrive one by one.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (end) child.stdin.end();
    const code = await ended;
    return { code, stdout, stderr, left: readdirSync(temporary) };
  }

  const begun = `\n${sign} begun\n`;
  const good = { code: 0, stdout: `${project} \n`, stderr: `${begun}\n${sign} allowed\n`, left: [] };

  it('runs the action with its variables while its input stays open', async () => {
    expect(await load([handed])).toEqual(good);
  });

  it('accepts a byte order mark before the bundle, which .NET Framework writes', async () => {
    expect(await load([Buffer.from('\uFEFF'), handed])).toEqual(good);
  });

  it('unpacks bundles of any length', async () => {
    for (let length = 0; length < 4; length += 1) {
      const noise = Array.from({ length: 300 + length }, (_, at) => Math.sin(at + length)).join();
      const text = `const noise = [${noise}]; console.log(noise.length, noise.at(-1)); launcher.end(true);`;
      const { code, stdout } = await load([around(text)]);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: `${300 + length} ${Math.sin(299 + 2 * length)}\n`,
      });
    }
  });

  it('accepts its input in any pieces: cut within a character, after a NUL, or before the last NUL', async () => {
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

  it('[B6] runs nothing if its input ends before it is complete', async () => {
    const part = handed.subarray(0, handed.length - 1);
    expect(await load([part], { end: true })).toEqual({ code: 1, stdout: '', stderr: '', left: [] });
  });

  it('[B9] reports a bundle that is not complete, and does not begin', async () => {
    const { code, stdout, stderr, left } = await load([
      Buffer.from(`${pack(action).slice(0, 40)}\0${key}\0\0`),
    ]);
    expect({ code, stdout, left }).toEqual({ code: 1, stdout: '', left: [] });
    expect(stderr).toMatch(/^\nThe action could not be unpacked: .+\n$/);
  });

  it('[B8] gives the answer of the action, and none without it', async () => {
    const answers = async (text: string): Promise<string> => (await load([around(text)])).stderr;
    expect(await answers('launcher.end(true);')).toBe(`${begun}\n${sign} allowed\n`);
    expect(await answers('launcher.end(false);')).toBe(`${begun}\n${sign} ended\n`);
    expect(await answers('process.exitCode = 0;')).toBe(begun);
    expect(await answers("process.stdout.write('allowed');")).toBe(begun);
    expect(await answers("process.stderr.write('no line end'); launcher.end(true);")).toBe(
      `${begun}no line end\n${sign} allowed\n`,
    );
    expect((await load([], { end: true })).stderr).toBe('');
  });

  it('[B3] passes values that no environment could contain, and no entry of the worker with such a name', async () => {
    const variables = {
      'Octopus.JiraServiceManagement.Field[a=b]': 'x=y',
      'Octopus.Release.Notes': 'x'.repeat(200_000),
      'JsmChange.Token[Acme]': '',
    };
    const { stdout } = await load(
      [
        around(
          'console.log(JSON.stringify([launcher.variables, Object.keys(process.env)]));',
          ...Object.entries(variables).flat(),
        ),
      ],
      {
        environment: {
          'octopus.project.name': 'outside',
          'JSMCHANGE.TOKEN[ACME]': 'outside',
          'Octopus.Release.Notes': 'outside',
          'OctopusX.Y': 'kept',
        },
      },
    );
    const [handed, names] = JSON.parse(stdout);
    expect(handed).toEqual(variables);
    expect(names.filter((name: string) => /jsm|octopus/i.test(name))).toEqual(['OctopusX.Y']);
  });

  it('[B5] needs no folder for temporary files', async () => {
    expect(await load([handed], { environment: { TMPDIR: '/nowhere/at/all' } })).toEqual(good);
  });
});
