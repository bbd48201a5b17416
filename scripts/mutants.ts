import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import parts from '../test/mutants/parts.json' with { type: 'json' };
import { runCommand, UsageError } from './command.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const stryker = `${root}test/mutants/node_modules/.bin/stryker`;
const leastPercent = 90;

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

const statuses = ['Killed', 'Timeout', 'Survived', 'NoCoverage'] as const;
type Counts = Readonly<Record<(typeof statuses)[number], number>>;

const usage = `Usage: npm run mutants -- [PART...]

Changes the source in small ways, one at a time, and counts the changes that the tests notice (docs/mutants.md). Does
everything unless parts are named: ${Object.keys(parts).join(', ')}.

Needs \`npm ci\` in test/mutants. Takes hours. Leaves reports/mutation/PART.json, so that the next run does only what has
changed since. Ends with 1 if the tests notice less than ${leastPercent} % in all.`;

await runCommand({ usage, mostArguments: Number.POSITIVE_INFINITY }, ({ positionals }) => {
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new UsageError(`There is no part "${unknown}"`);
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
  }
  const files = names.flatMap((name) => {
    const report: Report = JSON.parse(readFileSync(`${root}reports/mutation/${name}.json`, 'utf8'));
    return Object.entries(report.files).map(([path, { mutants }]) => [path, countsOf(mutants)] as const);
  });
  console.log('\n| file | score | killed | timed out | survived | not reached |\n|---|---|---|---|---|---|');
  for (const [path, counts] of files) console.log(row(path, counts));
  const all = sum(files.map(([, counts]) => counts));
  console.log(row('all', all));
  return percent(all) >= leastPercent ? 0 : 1;
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
