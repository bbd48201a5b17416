import { drawWait, runWait, type WaitOutcome } from '../test/simulation/wait-model.ts';

/**
 * A day in a second: waits of up to 24 hours over a simulated clock, with the step's defaults, without any
 * fault and then with 20 % faults on reads and one outage of 10 minutes each: `npm run waits [-- <waits>]`.
 * Prints a Markdown table; ends with 1 when a run was stopped wrongly.
 */
const waits = Number(process.argv[2] ?? 1000);

interface Row {
  readonly name: string;
  readonly cells: readonly (string | number)[];
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? '-' : (ms / 1000).toFixed(1);
}

function row(name: string, outcomes: readonly WaitOutcome[]): Row {
  const proceeded = outcomes.filter(({ run }) => run.exitCode === 0);
  const latencies = proceeded.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const hours = outcomes.reduce((sum, { run }) => sum + (run.endedAtMs - run.startedAtMs) / 3_600_000, 0);
  const requests = outcomes.reduce((sum, { run }) => sum + run.requests.length, 0);
  return {
    name,
    cells: [
      outcomes.length,
      proceeded.length,
      outcomes.length - proceeded.length,
      seconds(percentile(latencies, 0.5)),
      seconds(percentile(latencies, 0.95)),
      seconds(percentile(latencies, 1)),
      (requests / hours).toFixed(1),
    ],
  };
}

async function simulateAll(withFaults: boolean): Promise<readonly WaitOutcome[]> {
  const outcomes: WaitOutcome[] = [];
  for (let seed = 1; seed <= waits; seed += 1) {
    const outcome = await runWait(drawWait(seed, withFaults));
    // Only the numbers of requests and the times are needed: a thousand days of requests are not kept.
    const { run } = outcome;
    const requests = run.requests.map((request) => ({ ...request, text: undefined, served: undefined }));
    outcomes.push({ ...outcome, run: { ...run, lines: [], said: [], progress: [], requests } });
  }
  return outcomes;
}

const began = performance.now();
const calm = await simulateAll(false);
const stormy = await simulateAll(true);
const [visible, hidden] = [
  stormy.filter(({ isHidden }) => !isHidden),
  stormy.filter(({ isHidden }) => isHidden),
];
const rows = [
  row(
    'no faults, approved in the first half hour',
    calm.filter(({ isEarly }) => isEarly),
  ),
  row(
    'no faults, approved later',
    calm.filter(({ isEarly }) => !isEarly),
  ),
  row(
    'faults, approved in the first half hour',
    visible.filter(({ isEarly }) => isEarly),
  ),
  row(
    'faults, approved later',
    visible.filter(({ isEarly }) => !isEarly),
  ),
  row('faults, approved during the outage or shortly before or after', hidden),
];
const heads = [
  'waits',
  'proceeded',
  'wrongly stopped',
  'median s',
  'p95 s',
  'max s',
  'requests per waiting hour',
];
console.log(`| | ${heads.join(' | ')} |`);
console.log(`|---${'|---'.repeat(heads.length)}|`);
for (const { name, cells } of rows) console.log(`| ${name} | ${cells.join(' | ')} |`);
console.log(`\n${2 * waits} waits of up to 24 hours in ${Math.round((performance.now() - began) / 1000)} s`);
for (const { wait, run } of [...calm, ...stormy]
  .filter(({ run: { exitCode } }) => exitCode !== 0)
  .slice(0, 5)) {
  console.log(
    `seed ${wait.seed}, approved after ${Math.round(wait.approvedMs / 1000)} s: ${run.resultMessage}`,
  );
  process.exitCode = 1;
}
