import fc from 'fast-check';
import { deploymentTitle } from '../../test/sandbox/octopus-variables.ts';
import {
  type RaceOutcome,
  type RaceScenario,
  raceBreaches,
  raceScenario,
  runRace,
} from '../../test/simulation/race-model.ts';
import type { Simulation } from './simulation.ts';

const mostRuns = 12;
const crowded = 50;
/** One race in this many has {@link crowded} runs. */
const crowdedEvery = 50;

export const races: Simulation = {
  summary: `[C4] races of up to ${mostRuns} runs for one title, and one race in ${crowdedEvery} with ${crowded} runs, with index lag, lost answers, faults and kills`,
  cases: 10_000,
  judge: async (cases, seed) => {
    const count = { runs: 0, proceeded: 0, killed: 0, requests: 0, raised: 0, openBeyondOne: 0, lossy: 0 };
    const stops = new Map<string, number>();
    const property = (scenarios: fc.Arbitrary<RaceScenario>) =>
      fc.asyncProperty(scenarios, async (scenario) => {
        const outcome = await runRace(scenario);
        add(scenario, outcome);
        const breaches = raceBreaches(scenario, outcome);
        if (breaches.length > 0) throw new Error(breaches.join('\n'));
      });
    const add = (scenario: RaceScenario, { site, runs, processes }: RaceOutcome): void => {
      count.runs += runs.length;
      count.killed += processes.length - runs.length;
      count.openBeyondOne += Math.max(0, site.openWithSummary(deploymentTitle).length - 1);
      if (scenario.lossBefore + scenario.lossAfter > 0) count.lossy += 1;
      for (const { requests, exitCode, resultMessage = '' } of processes) {
        count.requests += requests.length;
        count.raised += requests.filter(
          ({ method, path, outcome }) => method === 'POST' && path.endsWith('/request') && outcome === 201,
        ).length;
        if (exitCode === 0) count.proceeded += 1;
        if (exitCode !== 1) continue;
        const why = resultMessage.replaceAll(/"[^"]*"+|CHG-\d+|\(.*?\)/g, '').slice(0, 60);
        stops.set(why, (stops.get(why) ?? 0) + 1);
      }
    };

    const crowdedCases = Math.ceil(cases / crowdedEvery);
    const played = [
      await fc.check(property(raceScenario(mostRuns)), { numRuns: cases, seed }),
      await fc.check(property(raceScenario(crowded, crowded)), { numRuns: crowdedCases, seed }),
    ];
    return {
      judged: played.reduce((sum, { numRuns }) => sum + numRuns, 0),
      breaches: played.filter(({ failed }) => failed).map((one) => fc.defaultReportMessage(one) ?? ''),
      lines: [
        `${cases} races of up to ${mostRuns} runs and ${crowdedCases} of ${crowded}, ${count.lossy} of them with lost answers`,
        `runs: ${count.runs}; killed and restarted: ${count.killed}; requests: ${count.requests}`,
        `change requests raised: ${count.raised}; surplus open ones: ${count.openBeyondOne}`,
        `proceeded: ${count.proceeded}`,
        ...[...stops].sort((a, b) => b[1] - a[1]).map(([why, times]) => `stopped ${times}: ${why}...`),
      ],
      figures: { openBeyondOne: count.openBeyondOne, lossy: count.lossy, crowded },
    };
  },
};
