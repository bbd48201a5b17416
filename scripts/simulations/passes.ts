import { passScenario, playPasses } from '../../test/simulation/pass-model.ts';
import { judgeRandomCases } from './random-cases.ts';
import type { Simulation } from './simulation.ts';

export const passes: Simulation = {
  summary:
    '[R3] [R4] [R5] random passes over parked deployments, with faults at Jira and at Octopus, people who answer meanwhile, a second pass and a kill: no Proceed without a look that allows it, no Abort without one that refuses, nothing else touched',
  cases: 100_000,
  judge: (cases, seed) =>
    judgeRandomCases(
      passScenario,
      async (scenario) => {
        const { runs, breaches, answers } = await playPasses(scenario);
        const exits = runs.map(({ exitCode }) => exitCode ?? 'killed').join(' ');
        const answered = answers.Proceed + answers.Abort > 0 ? 'answered some' : 'answered none';
        return { ending: `exits ${exits}, ${answered}`, breaches };
      },
      cases,
      seed,
    ),
};
