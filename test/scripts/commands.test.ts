import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(`${root}/package.json`, 'utf8'),
).scripts;

/** The project's own commands, as `[name, path]`. */
const commands = Object.entries(scripts).flatMap(([name, line]): [string, string][] => {
  const path = /^tsx (scripts\/[a-z-]+\.ts)$/.exec(line)?.[1];
  // npm runs `prepare` automatically; it equals `schema`.
  return path === undefined || name === 'prepare' ? [] : [[name, path]];
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param isRead whether stdout is read; otherwise its pipe is closed immediately */
function run(path: string, args: readonly string[], isRead = true): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { cwd: root });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    if (!isRead) child.stdout.destroy();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe.each(commands)('npm run %s', (name, path) => {
  it('shows its usage', async () => {
    const { code, stdout, stderr } = await run(path, ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name}\\b`));
  });

  it('rejects an unknown option without a stack trace', async () => {
    const { code, stdout, stderr } = await run(path, ['--no-such-option']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("Unknown option '--no-such-option'");
    expect(stderr).toContain(`Usage: npm run ${name}`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('survives a closed pipe', async () => {
    expect(await run(path, ['--help'], false)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('npm run simulate', () => {
  it.each([
    ['races', ['2', '1'], 3],
    ['waits', ['1', '1'], 2],
    ['crowd', ['2', '1'], 6],
  ])('plays %s and says how many cases it judged', async (name, args, judged) => {
    const { code, stdout, stderr } = await run('scripts/simulate.ts', [name, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(`\\n${name}: ${judged} cases judged, 0 broken \\(seed 1, \\d+ s\\)\\n$`),
    );
  });

  it('finishes silently if nobody reads its output', async () => {
    expect(await run('scripts/simulate.ts', ['races', '2', '1'], false)).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it.each([
    [[], 'NAME is missing'],
    [['nope'], 'Unknown simulation "nope"'],
    [['constructor'], 'Unknown simulation "constructor"'],
    [['races', 'many'], 'CASES must be a whole number of at least 1, not "many"'],
    [['races', '0'], 'CASES must be'],
    [['races', '1', 'x'], 'SEED must be'],
    [['races', '1', '1', '1'], 'Unexpected argument "1"'],
  ])('rejects %j', async (args, message) => {
    const { code, stdout, stderr } = await run('scripts/simulate.ts', args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

it.each([
  ['scripts/sandbox.ts', ['server'], '"server" is neither cloud nor dc'],
  ['scripts/sandbox.ts', ['dc', '65536'], 'PORT must be a whole number from 1 to 65535'],
  ['scripts/demo.ts', ['--speed', 'fast'], '--speed must be a whole number from 1 to 1000'],
  ['scripts/try.ts', ['--port', '0'], '--port must be a whole number from 1 to 65535'],
  ['scripts/install-template.ts', ['--server', 'https://acme.octopus.app'], '--space is missing.'],
  ['scripts/mutants.ts', ['nope'], 'Unknown part "nope"'],
  ['scripts/verify.ts', [], 'FILE is missing'],
  ['scripts/smoke.ts', [''], 'PROGRAM is missing'],
  ['scripts/release.ts', ['v1.0.0'], '--out is missing'],
])('%s rejects %j', async (path, args, message) => {
  const { code, stdout, stderr } = await run(path, args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it.each([
  ['scripts/verify.ts', ['no-such-file.json'], 'File not found: no-such-file.json'],
  [
    'scripts/release.ts',
    ['v0.0.1', '--out', 'nowhere'],
    'The tag is v0.0.1, but package.json has the version',
  ],
])('%s %j fails without a stack trace', async (path, args, message) => {
  const { code, stdout, stderr } = await run(path, args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it('npm run verify says something about each file, even if another one is missing', async () => {
  const files = ['no-such-file.json', 'step-template.json', 'package.json'];
  const { code, stdout, stderr } = await run('scripts/verify.ts', files);
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'File not found: no-such-file.json\n' });
  expect(stdout).toMatch(/^step-template\.json: Jira Service Management/m);
  expect(stdout).toMatch(/^package\.json: not an Octopus step template\.$/m);
  // It builds the templates.
}, 300_000);
