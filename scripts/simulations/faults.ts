import fc from 'fast-check';
import { faultScenario, runFaults, unseenApproval } from '../test/simulation/fault-model.ts';

/**
 * Rule F7 by whole runs over random sequences of answers and faults: `npm run faults [-- <runs> [<seed>]]`.
 * Ends with 1 at the first run that lets a deployment go without an approval that the site has shown it.
 */
const runs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);

const endings = new Map<string, number>();
let requests = 0;
const began = performance.now();

await fc.assert(
  fc.asyncProperty(faultScenario, async (scenario) => {
    const run = await runFaults(scenario);
    const breach = unseenApproval(run);
    if (breach !== undefined) throw new Error(breach);
    requests += run.requests.length;
    const ending = `${scenario.path}: ${run.outputs['Decision']}, exit ${run.exitCode}`;
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }),
  { numRuns: runs, seed },
);

console.log(
  `${runs} runs (seed ${seed}) in ${Math.round((performance.now() - began) / 1000)} s, ${requests} requests`,
);
console.log('exit 0 without an approval that the site has shown to the run inside its window: 0');
for (const [ending, times] of [...endings].sort()) console.log(`${ending}: ${times}`);
