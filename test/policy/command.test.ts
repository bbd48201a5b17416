import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examplePolicy } from './example.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `npm run policy -- FILE` without npm, on a file with that text. */
async function check(text: string | undefined): Promise<{ code: number; lines: readonly string[] }> {
  const file = join(folder, 'policy.yaml');
  if (text !== undefined) await writeFile(file, text);
  const args = ['--import', 'tsx', 'scripts/policy.ts', ...(text === undefined ? [] : [file])];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout) => {
      resolve({
        code: error ? Number(error.code) : 0,
        lines: stdout.replaceAll(file, 'FILE').trimEnd().split('\n'),
      });
    });
  });
}

describe('npm run policy', () => {
  it('shows what each project and environment gets, and ends with 0', async () => {
    const { code, lines } = await check(examplePolicy);
    expect(code).toBe(0);
    expect(lines[0]).toBe('FILE: no problems');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('Project ')) + 1);
    expect(table.map((line) => line.split(/ {2,}/))).toEqual([
      ['Web Site', 'Production', 'deployment', 'needed: CHG, "Request a change", by Acme Cloud'],
      [
        'Web Site',
        'Production',
        'runbook Rotate certificates',
        'needed: CHG, "Request a change", by Acme Cloud',
      ],
      ['Web Site', 'Production', 'any other runbook', 'not needed: the runbook is not change controlled'],
      [
        'Web Site',
        '(not listed)',
        'deployment',
        'not needed (with a warning): no entry names the environment',
      ],
      [
        'Web Site',
        '(not listed)',
        'runbook Rotate certificates',
        'not needed (with a warning): no entry names the environment',
      ],
      ['Web Site', '(not listed)', 'any other runbook', 'not needed: the runbook is not change controlled'],
      [
        '(not listed)',
        '(every one)',
        '(every one)',
        'not needed (with a warning): no entry names the project',
      ],
    ]);
  });

  it('shows what "*", "unlisted: stop" and a project that is not change controlled mean', async () => {
    const { lines } = await check(`version: 1
unlisted: stop
connections: [{name: DC, baseUrl: "https://jira.acme.example", tokenVariable: Dc.Token}]
projects:
  - {name: "*", connection: dc, serviceProject: OPS, runbooks: "*", preApproved: true}
  - {name: Tools, changeControlled: false}
environments: [{name: Production}]
`);
    const table = lines.slice(lines.findIndex((line) => line.startsWith('Project ')) + 1);
    expect(table.map((line) => line.split(/ {2,}/))).toEqual([
      ['Tools', '(every one)', '(every one)', 'not needed: the project is not change controlled'],
      [
        '* (any other)',
        'Production',
        'deployment',
        'needed: OPS, "Request a change", by DC, may be pre-approved',
      ],
      [
        '* (any other)',
        'Production',
        'any runbook',
        'needed: OPS, "Request a change", by DC, may be pre-approved',
      ],
      ['* (any other)', '(not listed)', 'deployment', 'the run stops: no entry names the environment'],
      ['* (any other)', '(not listed)', 'any runbook', 'the run stops: no entry names the environment'],
    ]);
  });

  it('prints the problems that the step prints, and ends with 1', async () => {
    expect(await check('version: 1\nenabeld: false\nunlisted: nope\n')).toEqual({
      code: 1,
      lines: [
        'FILE: line 2, column 1, enabeld: Unknown key "enabeld". Did you mean enabled?',
        'FILE: line 3, column 11, unlisted: Expected warn or stop, found "nope".',
        '2 problems',
      ],
    });
  });

  it('says how it is called when no file is named', async () => {
    expect(await check(undefined)).toEqual({ code: 1, lines: ['Usage: npm run policy -- FILE'] });
  });
});
