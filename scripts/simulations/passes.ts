import { passScenario, playPasses } from '../../test/simulation/pass-model.ts';
import { judgeRandomCases } from './random-cases.ts';
import type { Simulation } from './simulation.ts';

export const passes: Simulation = {
  summary:
    '[R3] [R4] [R5] random passes over parked deployments, with faults of Jira and Octopus, people who answer at the same time, a second pass and a kill: no Proceed without a check that allows it, no Abort without a check that refuses it, and no other changes',
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
