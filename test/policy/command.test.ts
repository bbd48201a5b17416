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

/** Runs `npm run policy -- FILE` without npm, on a file with this text. */
async function check(text: string): Promise<Called> {
  const file = join(folder, 'policy.yaml');
  await writeFile(file, text);
  const { stdout, ...rest } = await call(file);
  return { ...rest, stdout: stdout.replaceAll(file, 'FILE') };
}

interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function call(...args: readonly string[]): Promise<Called> {
  return new Promise((resolve) => {
    const script = ['--import', 'tsx', 'scripts/policy.ts', ...args];
    execFile(process.execPath, script, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() });
    });
  });
}

function tableOf(stdout: string): readonly (readonly string[])[] {
  const lines = stdout.split('\n');
  return lines
    .slice(lines.findIndex((line) => line.startsWith('Project ')) + 1)
    .map((line) => line.split(/ {2,}/));
}

describe('npm run policy', () => {
  it('shows the settings of each project and environment, and exits with 0', async () => {
    const { code, stdout, stderr } = await check(examplePolicy);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toBe('FILE: no problems');
    expect(stdout).toMatch(/^Comments +public$/m);
    expect(stdout).toMatch(/^Approval check +status$/m);
    expect(stdout).toMatch(/^Supplied must mention +project$/m);
    expect(tableOf(stdout)).toEqual([
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
      ['(not listed)', '(all)', '(all)', 'not needed (with a warning): no entry names the project'],
    ]);
  });

  it('explains "*", "unlisted: stop" and a project that is not change controlled', async () => {
    const { stdout } = await check(`version: 1
unlisted: stop
connections: [{name: DC, baseUrl: "https://jira.acme.example", username: bot}]
projects:
  - {name: "*", connection: dc, serviceProject: OPS, runbooks: "*", preApproved: true}
  - {name: Tools, changeControlled: false}
environments: [{name: Production}]
`);
    expect(stdout).toContain('as bot, secret in JsmChange.Token[DC]');
    expect(tableOf(stdout)).toEqual([
      ['Tools', '(all)', '(all)', 'not needed: the project is not change controlled'],
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
      ['* (any other)', '(not listed)', 'deployment', 'run stops: no entry names the environment'],
      ['* (any other)', '(not listed)', 'any runbook', 'run stops: no entry names the environment'],
    ]);
  });

  it('[A1] [A2] shows what a change request must mention, and which approvals count', async () => {
    const policy = examplePolicy.replace(/^(?:suppliedMustMention|approvalCheck):.*$/gm, '');
    expect((await check(policy)).stdout).toMatch(/^Supplied must mention +nothing$/m);
    const { stdout } = await check(
      `${policy}\nsuppliedMustMention: [project, release]\napprovalCheck: otherApprover\n`,
    );
    expect(stdout).toMatch(/^Supplied must mention +project, release$/m);
    expect(stdout).toMatch(/^Approval check +otherApprover$/m);
  });

  it('[X1] lets no name in a policy read as another', async () => {
    const { stdout } = await check(examplePolicy.replaceAll('Web Site', '"Web\\u202eetiS"'));
    expect(stdout).toContain('Web\\u{202e}etiS');
    expect(stdout).not.toContain('\u202e');
  });

  it('prints the same problems as the step, and exits with 1', async () => {
    expect(await check('version: 1\nenabeld: false\nunlisted: nope\n')).toEqual({
      code: 1,
      stdout: [
        'FILE: line 2, column 1, enabeld: Unknown key "enabeld". Did you mean enabled?',
        'FILE: line 3, column 11, unlisted: Expected warn or stop, found "nope".',
        '2 problems',
      ].join('\n'),
      stderr: '',
    });
  });

  it.each([
    ['the first', 'bad.yaml', 'good.yaml'],
    ['the second', 'good.yaml', 'bad.yaml'],
    ['a missing file', 'good.yaml', 'missing.yaml'],
  ])('checks all named files, and exits with 1 because of %s', async (_title, ...names) => {
    await writeFile(join(folder, 'good.yaml'), examplePolicy);
    await writeFile(join(folder, 'bad.yaml'), 'version: 2');
    const { code, stdout, stderr } = await call(...names.map((name) => join(folder, name)));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('good.yaml: no problems');
    expect(stdout).toMatch(
      /bad\.yaml: line 1, column 10, version: |missing\.yaml cannot be read \(ENOENT\)\.$/,
    );
  });

  it.each([
    ['no file', [], 'FILE is missing'],
    ['an unknown option', ['--colour', 'policy.yaml'], "Unknown option '--colour'"],
  ])('shows its usage and exits with 2 if called with %s', async (_title, args, message) => {
    const { code, stdout, stderr } = await call(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('\n\nUsage: npm run policy -- FILE...\n');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('shows its usage on request', async () => {
    const { code, stdout, stderr } = await call('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: npm run policy -- FILE\.\.\.\n/);
  });

  it('is quiet if nobody reads its output', async () => {
    const file = join(folder, 'long.yaml');
    await writeFile(
      file,
      Array.from({ length: 20_000 }, (_, index) => `k${index}:`)
        .join('\n')
        .slice(0, 120_000),
    );
    const { code, stderr } = await new Promise<Called>((resolve) => {
      const command = `"${process.execPath}" --import tsx scripts/policy.ts "${file}" | head -n 1`;
      execFile('bash', ['-o', 'pipefail', '-c', command], { cwd: root }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });
});
