import { drawWait, runWait, type WaitOutcome } from '../../test/simulation/wait-model.ts';
import { percentile } from '../median.ts';
import type { Simulation } from './simulation.ts';

const heads = [
  '',
  'waits',
  'proceeded',
  'wrongly stopped',
  'median s',
  'p95 s',
  'max s',
  'requests per waiting hour',
];
const early = ({ isEarly }: WaitOutcome): boolean => isEarly;
const late = ({ isEarly }: WaitOutcome): boolean => !isEarly;

export const waits: Simulation = {
  summary:
    '[F2] waits of up to 24 hours with the defaults, each once without faults and once with 20 % faults on reads and an outage of 10 minutes: all proceed',
  cases: 1000,
  judge: async (cases, seed) => {
    const calm = await playWaits(cases, seed, false);
    const stormy = await playWaits(cases, seed, true);
    const visible = stormy.filter(({ isHidden }) => !isHidden);
    const rows = [
      row('no faults, approved in the first half hour', calm.filter(early)),
      row('no faults, approved later', calm.filter(late)),
      row('faults, approved in the first half hour', visible.filter(early)),
      row('faults, approved later', visible.filter(late)),
      row(
        'faults, approved during the outage or shortly before or after',
        stormy.filter(({ isHidden }) => isHidden),
      ),
    ];
    const table = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
    const all = [...calm, ...stormy];
    return {
      judged: all.length,
      breaches: all.filter(({ run }) => run.exitCode !== 0).map(stopped),
      lines: table,
      figures: {
        ...latencyFigures('early', calm.filter(early)),
        ...latencyFigures('late', calm.filter(late)),
        stormyWaits: stormy.length,
        stormyProceeded: stormy.filter(({ run }) => run.exitCode === 0).length,
      },
    };
  },
};

async function playWaits(cases: number, seed: number, withFaults: boolean): Promise<readonly WaitOutcome[]> {
  const outcomes: WaitOutcome[] = [];
  for (let index = 0; index < cases; index += 1) {
    const outcome = await runWait(drawWait(seed + index, withFaults));
    // Only the number of requests and the times are needed; keeping a thousand days of requests would take
    // too much memory.
    const { run } = outcome;
    const requests = run.requests.map((request) => ({ ...request, text: undefined, served: undefined }));
    outcomes.push({ ...outcome, run: { ...run, lines: [], said: [], progress: [], requests } });
  }
  return outcomes;
}

function latencies(outcomes: readonly WaitOutcome[]): readonly number[] {
  return outcomes.filter(({ run }) => run.exitCode === 0).map(({ latencyMs }) => latencyMs);
}

function row(name: string, outcomes: readonly WaitOutcome[]): readonly (string | number)[] {
  const latenciesMs = latencies(outcomes);
  const seconds = (share: number): string =>
    latenciesMs.length === 0 ? '-' : (percentile(latenciesMs, share) / 1000).toFixed(1);
  const hours = outcomes.reduce((sum, { run }) => sum + (run.endedAtMs - run.startedAtMs) / 3_600_000, 0);
  const requests = outcomes.reduce((sum, { run }) => sum + run.requests.length, 0);
  return [
    name,
    outcomes.length,
    latenciesMs.length,
    outcomes.length - latenciesMs.length,
    seconds(0.5),
    seconds(0.95),
    seconds(1),
    outcomes.length === 0 ? '-' : (requests / hours).toFixed(1),
  ];
}

function latencyFigures(
  name: 'early' | 'late',
  outcomes: readonly WaitOutcome[],
): Readonly<Record<string, number>> {
  const latenciesMs = latencies(outcomes);
  return {
    [`${name}Waits`]: outcomes.length,
    [`${name}MedianMs`]: percentile(latenciesMs, 0.5),
    [`${name}MaxMs`]: percentile(latenciesMs, 1),
  };
}

function stopped({ wait, run }: WaitOutcome): string {
  const faults = wait.outageMs === undefined ? 'without faults' : 'with faults';
  return `seed ${wait.seed} ${faults}, approved after ${Math.round(wait.approvedMs / 1000)} s: ${run.resultMessage}`;
}
