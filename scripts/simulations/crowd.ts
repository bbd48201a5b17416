import { runCrowd } from '../../test/simulation/crowd-model.ts';
import { percentile } from '../median.ts';
import type { Simulation } from './simulation.ts';

const limitPerSecond = 100;
const heads = [
  'gates',
  'start within',
  'proceeded',
  'mean requests per second',
  'p99',
  'max',
  '429 answers',
  'latency, median s',
  'max s',
];

export const crowd: Simulation = {
  summary: `[F1] many gates on one site that answers 429 to more than ${limitPerSecond} requests per second: all proceed`,
  cases: 1000,
  judge: async (cases, seed) => {
    const rows: (string | number)[][] = [];
    const breaches: string[] = [];
    let figures = {};
    for (const startsWithinMs of [0, 10_000, 300_000]) {
      const { runs, latenciesMs, perSecond } = await runCrowd({
        gates: cases,
        startsWithinMs,
        approvalsWithinMs: 3_600_000,
        limitPerSecond,
        seed,
      });
      const counts = [...perSecond.values()];
      const total = counts.reduce((sum, count) => sum + count, 0);
      const proceeded = runs.filter(({ exitCode }) => exitCode === 0).length;
      const refused = runs.flatMap(({ requests }) => requests).filter(({ outcome }) => outcome === 429);
      const seconds = (share: number): string => (percentile(latenciesMs, share) / 1000).toFixed(1);
      const [p99, most] = [percentile(counts, 0.99), percentile(counts, 1)];
      const begin = `${startsWithinMs / 1000} s`;
      rows.push([
        cases,
        begin,
        proceeded,
        (total / counts.length).toFixed(1),
        p99,
        most,
        refused.length,
        seconds(0.5),
        seconds(1),
      ]);
      if (proceeded < cases)
        breaches.push(`started within ${begin}, ${cases - proceeded} of ${cases} did not proceed`);
      figures = { gates: cases, proceeded, p99, most, limitPerSecond, startsWithinMs };
    }
    const table = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
    return { judged: rows.length * cases, breaches, lines: table, figures };
  },
};
