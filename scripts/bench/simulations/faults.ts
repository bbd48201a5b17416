import fc from 'fast-check';
import { faultCatalogue } from '../../../test/sandbox/fault.ts';
import { faultScenario, runFaults, unseenApproval } from '../../../test/simulation/fault-model.ts';
import { paths, runPath } from '../../../test/simulation/one-fault-model.ts';
import type { Row } from '../row.ts';
import { forSeconds } from './for-seconds.ts';

/** Random runs come in bundles, for drawing one by one takes as long as running. */
const bundle = 100;

/** Rule F7: every fault at every request of a run, and as many random sequences of faults as there is time for. */
export async function faultRows(): Promise<readonly Row[]> {
  const runs = [...(await everyFaultAtEveryRequest()), ...(await randomRuns(8))];
  const unseen = runs.filter((breach) => breach !== undefined).length;
  return [
    {
      measure: 'exit 0 without a seen approval',
      how: `${Object.keys(faultCatalogue).length} faults at every request of ${paths.length} ways to a change request, and random sequences of faults: ${runs.length} runs in virtual time`,
      figure: String(unseen),
      target: '0',
      met: unseen === 0,
    },
  ];
}

type Breach = string | undefined;

async function everyFaultAtEveryRequest(): Promise<readonly Breach[]> {
  const breaches: Breach[] = [];
  for (const path of paths) {
    const requests = (await runPath(path)).run.requests.length;
    for (const fault of Object.values(faultCatalogue)) {
      for (let at = 1; at <= requests; at += 1) {
        breaches.push(unseenApproval((await runPath(path, { fault, at })).run));
      }
    }
  }
  return breaches;
}

async function randomRuns(seconds: number): Promise<readonly Breach[]> {
  const seed = Date.now() % 1_000_000;
  const bundles = await forSeconds(seconds, async (turn) => {
    const breaches: Breach[] = [];
    for (const scenario of fc.sample(faultScenario, { numRuns: bundle, seed: seed + turn })) {
      breaches.push(unseenApproval(await runFaults(scenario)));
    }
    return breaches;
  });
  return bundles.flat();
}
