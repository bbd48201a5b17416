import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import parts from '../test/mutants/parts.json' with { type: 'json' };
import { runCommand, UsageError } from './command.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const stryker = `${root}test/mutants/node_modules/.bin/stryker`;
const vitest = `${root}node_modules/.bin/vitest`;
const leastPercent = 90;

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
  readonly testFiles: Readonly<Record<string, unknown>>;
}

const statuses = ['Killed', 'Timeout', 'Survived', 'NoCoverage'] as const;
type Counts = Readonly<Record<(typeof statuses)[number], number>>;

const usage = `Usage: npm run mutants -- [PART...]

Changes the source in small ways, one at a time, and counts the changes that the tests detect (docs/mutants.md). Covers
everything unless parts are named: ${Object.keys(parts).join(', ')}.

Needs \`npm ci\` in test/mutants. Takes hours. Writes reports/mutation/PART.json, so that the next run only repeats what
has changed since. Exits with 1 if the tests detect less than ${leastPercent} % overall.`;

await runCommand({ usage, mostArguments: Number.POSITIVE_INFINITY }, ({ positionals }) => {
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new UsageError(`Unknown part "${unknown}"`);
  if (existsSync(stryker)) return run(positionals.length === 0 ? Object.keys(parts) : positionals);
  console.error('Not installed: run `npm ci` in test/mutants.');
  return 1;
});

function run(names: readonly string[]): number {
  for (const name of names) {
    console.log(`\n=== ${name}`);
    const { status } = spawnSync(stryker, ['run', 'test/mutants/stryker.config.mjs'], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, MUTANTS_OF: name },
    });
    if (status !== 0) return 1;
    const passedOver = testFilesOf(name).filter((path) => !Object.hasOwn(reportOf(name).testFiles, path));
    if (passedOver.length > 0) {
      console.error(`Not run, perhaps because a mutant is not valid source: ${passedOver.join(', ')}`);
      return 1;
    }
  }
  const files = names.flatMap((name) =>
    Object.entries(reportOf(name).files).map(([path, { mutants }]) => [path, countsOf(mutants)] as const),
  );
  console.log('\n| file | score | killed | timed out | survived | not reached |\n|---|---|---|---|---|---|');
  for (const [path, counts] of files) console.log(row(path, counts));
  const all = sum(files.map(([, counts]) => counts));
  console.log(row('all', all));
  return percent(all) >= leastPercent ? 0 : 1;
}

function reportOf(name: string): Report {
  return JSON.parse(readFileSync(`${root}reports/mutation/${name}.json`, 'utf8'));
}

/** The test files of a part: Stryker silently skips a file that it cannot load. */
function testFilesOf(name: string): readonly string[] {
  const options = ['list', '--filesOnly', '--json', '--config', 'test/mutants/vitest.config.ts'];
  const { stdout } = spawnSync(vitest, options, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    env: { ...process.env, MUTANTS_OF: name },
  });
  const listed: readonly { readonly file: string }[] = JSON.parse(stdout);
  return listed.map(({ file }) => relative(root, file));
}

function countsOf(mutants: readonly { readonly status: string }[]): Counts {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length;
  return Object.fromEntries(statuses.map((status) => [status, count(status)])) as Counts;
}

function sum(counts: readonly Counts[]): Counts {
  const total = (status: (typeof statuses)[number]): number =>
    counts.reduce((before, each) => before + each[status], 0);
  return Object.fromEntries(statuses.map((status) => [status, total(status)])) as Counts;
}

function percent({ Killed, Timeout, Survived, NoCoverage }: Counts): number {
  return (100 * (Killed + Timeout)) / (Killed + Timeout + Survived + NoCoverage);
}

function row(name: string, counts: Counts): string {
  const shown = statuses.map((status) => counts[status]).join(' | ');
  return `| ${name} | ${percent(counts).toFixed(1)} % | ${shown} |`;
}
