import { runCrowd } from '../../../test/simulation/crowd-model.ts';
import { percentile } from '../median.ts';
import type { Row } from '../row.ts';

const gates = 1000;
const limitPerSecond = 100;

/** Many gates on one site that refuses what goes over Cloud's limit for one endpoint. */
export async function crowdRows(): Promise<readonly Row[]> {
  const { runs, perSecond } = await runCrowd({
    gates,
    startsWithinMs: 300_000,
    approvalsWithinMs: 900_000,
    limitPerSecond,
    seed: 1,
  });
  const counts = [...perSecond.values()];
  const proceeded = runs.filter(({ exitCode }) => exitCode === 0).length;
  return [
    {
      measure: `${gates.toLocaleString('en')} gates on one site`,
      how: `virtual time; all begin within 5 minutes and are approved in the quarter of an hour after; more than ${limitPerSecond} requests a second get a 429`,
      figure: `${proceeded.toLocaleString('en')} proceed; requests a second: p99 ${percentile(counts, 0.99)}, most ${percentile(counts, 1)}`,
      target: 'every gate proceeds',
      met: proceeded === gates,
    },
  ];
}
