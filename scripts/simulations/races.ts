import fc from 'fast-check';
import { type RaceScenario, raceBreaches, raceScenario, runRace } from '../test/simulation/race-model.ts';

/**
 * Rule C4 by random interleavings of racing runs, with index lag, lost answers, faults and kills:
 * `npm run races [-- <scenarios> [<seed>]]`. Ends with 1 at the first scenario that breaks the rule.
 */
const scenarios = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);

const count = { runs: 0, proceeded: 0, killed: 0, requests: 0, raised: 0, largest: 0 };
const stops = new Map<string, number>();
const began = performance.now();

const holds = (scenarios: fc.Arbitrary<RaceScenario>) =>
  fc.asyncProperty(scenarios, async (scenario) => {
    const outcome = await runRace(scenario);
    const breaches = raceBreaches(scenario, outcome);
    if (breaches.length > 0) throw new Error(breaches.join('\n'));
    count.runs += outcome.runs.length;
    count.killed += outcome.processes.length - outcome.runs.length;
    count.largest = Math.max(count.largest, outcome.runs.length);
    for (const run of outcome.processes) {
      count.requests += run.requests.length;
      count.raised += run.requests.filter(
        ({ method, path, outcome: status }) =>
          method === 'POST' && path.endsWith('/request') && status === 201,
      ).length;
      if (run.exitCode === 0) count.proceeded += 1;
      if (run.exitCode === 1) {
        const why = (run.resultMessage ?? '').replaceAll(/"[^"]*"+|CHG-\d+|\(.*?\)/g, '').slice(0, 60);
        stops.set(why, (stops.get(why) ?? 0) + 1);
      }
    }
  });

await fc.assert(holds(raceScenario(12)), { numRuns: scenarios, seed });
const large = Math.ceil(scenarios / 500);
await fc.assert(holds(raceScenario(50, 50)), { numRuns: large, seed });

console.log(
  `${scenarios} scenarios, and ${large} of 50 runs (seed ${seed}) in ${Math.round((performance.now() - began) / 1000)} s`,
);
console.log(
  `runs: ${count.runs}, at most ${count.largest} at once; killed and started again: ${count.killed}`,
);
console.log(`change requests raised: ${count.raised}; open beyond one: 0; withdrawn by another run: 0`);
console.log(`proceeded, all of a scenario on the same change request: ${count.proceeded}`);
console.log(`requests: ${count.requests}`);
for (const [why, times] of [...stops].sort((a, b) => b[1] - a[1])) console.log(`stopped ${times}: ${why}...`);
