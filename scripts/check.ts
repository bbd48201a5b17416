/**
 * `npm run check`: everything that has to hold before a change is taken. It goes on after a failure, says at the end
 * what has failed, and leaves the tests' results in `reports/tests.json`.
 */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { builtFiles, fileText } from './built-files.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Nothing when it holds; else what is wrong, or why it was not looked at. */
type Outcome = { readonly failed: string } | { readonly skipped: string } | undefined;

const checks: Readonly<Record<string, () => Outcome | Promise<Outcome>>> = {
  lint: () => run('biome', 'check', '.'),
  types: () => run('tsc', '--noEmit'),
  'shell scripts': checkShellScripts,
  'generated files': checkGeneratedFiles,
  tests: () =>
    run(
      'vitest',
      'run',
      '--maxWorkers=100%',
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=reports/tests.json',
    ),
};

const lines: string[] = [];
for (const [name, check] of Object.entries(checks)) {
  console.log(`\n=== ${name}`);
  const outcome = await check();
  if (outcome === undefined) lines.push(`ok       ${name}`);
  else if ('skipped' in outcome) lines.push(`skipped  ${name}: ${outcome.skipped}`);
  else {
    lines.push(`FAILED   ${name}: ${outcome.failed}`);
    process.exitCode = 1;
  }
}
console.log(`\n${lines.join('\n')}`);

/** A program that the project has installed. */
function run(program: string, ...options: string[]): Outcome {
  const { status } = spawnSync(`node_modules/.bin/${program}`, options, { cwd: root, stdio: 'inherit' });
  return status === 0 ? undefined : { failed: `${program} found something` };
}

/** shellcheck over the launcher, the body that a template carries, and the other scripts. */
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
  return runs.every(({ status }) => status === 0) ? undefined : { failed: 'shellcheck found something' };
}

/** Builds everything anew and compares: what is in the project is what its sources give. */
async function checkGeneratedFiles(): Promise<Outcome> {
  const files = await builtFiles();
  const stale = [];
  for (const [path, text] of files) {
    if ((await fileText(path)) !== text) stale.push(path);
  }
  for (const name of await readdir(new URL('../dist/', import.meta.url))) {
    if (!files.has(`dist/${name}`)) stale.push(`dist/${name}`);
  }
  for (const path of stale) console.log(`${path} is not what the sources give`);
  return stale.length === 0 ? undefined : { failed: 'run npm run build, and commit what it writes' };
}
