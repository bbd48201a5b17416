import { runCrowd } from '../test/simulation/crowd-model.ts';

/**
 * Many gates at once on one site, by simulation, against Cloud's burst limit of 100 requests a second for one
 * endpoint: `npm run crowd [-- <gates>]`. Ends with 1 when one of them did not proceed.
 */
const gates = Number(process.argv[2] ?? 1000);

console.log(
  '| gates | begin within | proceeded | requests a second, mean | p99 | most | answers 429 | latency median s | max s |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const startsWithinMs of [0, 10_000, 300_000]) {
  const { runs, latenciesMs, perSecond } = await runCrowd({
    gates,
    startsWithinMs,
    approvalsWithinMs: 3_600_000,
    limitPerSecond: 100,
    seed: 1,
  });
  const counts = [...perSecond.values()].sort((a, b) => a - b);
  const latencies = [...latenciesMs].sort((a, b) => a - b);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const proceeded = runs.filter(({ exitCode }) => exitCode === 0).length;
  const refused = runs.flatMap(({ requests }) => requests).filter(({ outcome }) => outcome === 429).length;
  const at = (sorted: readonly number[], share: number): number =>
    sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  const cells = [
    gates,
    `${startsWithinMs / 1000} s`,
    proceeded,
    (total / counts.length).toFixed(1),
    at(counts, 0.99),
    at(counts, 1),
    refused,
    (at(latencies, 0.5) / 1000).toFixed(1),
    (at(latencies, 1) / 1000).toFixed(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
  if (proceeded < gates) process.exitCode = 1;
}
