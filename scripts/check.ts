import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { builtFiles, fileText } from './built-files.ts';
import { reportLines } from './check/test-report.ts';
import { runCommand } from './command.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Where the test results are written; `npm test` writes those of the quick tests there as well. */
const reports = { quick: 'reports/tests.json', long: 'reports/tests-long.json' } as const;

/** More cases than the tests run. */
const simulations = [
  ['races', 200],
  ['waits', 30],
  ['faults', 1000],
  ['crowd', 300],
  ['decisions', 1000],
  ['timelines', 150],
  ['answers', 1500],
  ['passes', 2000],
] as const;

/** Undefined if everything is in order; otherwise what is wrong, or why the check was skipped. */
type Outcome = { readonly failed: string } | { readonly skipped: string } | undefined;

const usage = `Usage: npm run check -- [--after-test]

Checks everything that must be in order before a change is merged: formatting and types, the shell scripts, that the
generated files match the sources, all tests, and the simulations. It continues after a failure; its last lines say what
failed, how to run that again, and what was skipped and why. Writes the test results to reports/.

  --after-test  leave out the tests that \`npm test\` has just run; their results are still reported`;

await runCommand(
  { usage, options: { 'after-test': { type: 'boolean', default: false } } },
  async ({ values: { 'after-test': isAfterTest } }) => {
    console.log('This takes about 11 minutes on two quiet cores. `npm test` runs the quick tests only.');
    const stale = isAfterTest ? [reports.long] : Object.values(reports);
    for (const report of stale) await rm(`${root}${report}`, { force: true });
    const lines: string[] = [];
    let exitCode = 0;
    for (const [name, check] of Object.entries(checks(isAfterTest))) {
      console.log(`\n=== ${name}`);
      const outcome = await check();
      if (outcome === undefined) lines.push(`ok       ${name}`);
      else if ('skipped' in outcome) lines.push(`skipped  ${name}: ${outcome.skipped}`);
      else {
        lines.push(`FAILED   ${name}: ${outcome.failed}`);
        exitCode = 1;
      }
    }
    for (const report of Object.values(reports)) lines.push(...(await linesOf(report)));
    console.log(`\n${lines.join('\n')}`);
    return exitCode;
  },
);

function checks(isAfterTest: boolean): Readonly<Record<string, () => Outcome | Promise<Outcome>>> {
  return {
    lint: () => run('biome', 'check', '.'),
    types: () => run('tsc', '--noEmit'),
    'shell scripts': checkShellScripts,
    'generated files': checkGeneratedFiles,
    ...(!isAfterTest && { 'quick tests': () => runTests('quick') }),
    'long tests': () => runTests('long'),
    ...Object.fromEntries(
      simulations.map(([name, cases]) => [`${name}, simulated`, () => simulate(name, cases)]),
    ),
  };
}

/** Runs a program from the project's dependencies. */
function run(program: string, ...options: string[]): Outcome {
  const { status } = spawnSync(`node_modules/.bin/${program}`, options, { cwd: root, stdio: 'inherit' });
  return status === 0 ? undefined : { failed: `run npx ${program} ${options.join(' ')}` };
}

function runTests(project: keyof typeof reports): Outcome {
  const options = ['run', '--project', project, '--reporter=default', '--reporter=json'];
  const failure = run('vitest', ...options, `--outputFile.json=${reports[project]}`);
  return failure && { failed: 'see below' };
}

async function linesOf(report: string): Promise<readonly string[]> {
  const path = `${root}${report}`;
  return existsSync(path) ? reportLines(JSON.parse(await readFile(path, 'utf8')), root) : [];
}

function simulate(name: string, cases: number): Outcome {
  // Continuous integration runs the same cases every time: a failure there is due to the change, not to
  // chance.
  const seed = process.env['CI'] ? ['1'] : [];
  const failure = run('tsx', 'scripts/simulate.ts', name, String(cases), ...seed);
  return failure && { failed: 'its seed is above' };
}

/** Runs shellcheck on the launcher, the script body in a template, and the other scripts. */
async function checkShellScripts(): Promise<Outcome> {
  if (spawnSync('shellcheck', ['--version']).status !== 0) {
    const reason = 'shellcheck is not installed';
    return process.env['CI'] ? { failed: reason } : { skipped: reason };
  }
  const scripts = [];
  for (const folder of ['src', 'scripts', 'test']) {
    const paths = await readdir(`${root}${folder}`, { recursive: true });
    scripts.push(...paths.filter((path) => path.endsWith('.sh')).map((path) => `${folder}/${path}`));
  }
  const template = JSON.parse((await fileText('step-template.json')) ?? '{}');
  const body: string = template.Properties?.['Octopus.Action.Script.ScriptBody'] ?? '';
  const runs = [
    spawnSync('shellcheck', ['--shell=bash', '.ci/run', ...scripts], { cwd: root, stdio: 'inherit' }),
    spawnSync('shellcheck', ['--shell=bash', '-'], { input: body, stdio: ['pipe', 'inherit', 'inherit'] }),
  ];
  return runs.every(({ status }) => status === 0) ? undefined : { failed: 'see above' };
}

/** Builds everything and compares: the generated files in the project must match their sources. */
async function checkGeneratedFiles(): Promise<Outcome> {
  const files = await builtFiles();
  const stale = [];
  for (const [path, text] of files) {
    if ((await fileText(path)) !== text) stale.push(path);
  }
  for (const name of await readdir(new URL('../dist/', import.meta.url))) {
    if (!files.has(`dist/${name}`)) stale.push(`dist/${name}`);
  }
  for (const path of stale) console.log(`${path} does not match the sources`);
  return stale.length === 0 ? undefined : { failed: 'run npm run build, and commit what it writes' };
}
