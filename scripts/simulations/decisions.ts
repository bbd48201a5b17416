import { decisionScenario, runDecision } from '../../test/simulation/decision-model.ts';
import { judgeRandomCases } from './random-cases.ts';
import type { Simulation } from './simulation.ts';

export const decisions: Simulation = {
  summary:
    '[T3] [W10] random change requests, configurations and clocks: every Gate and Verify ends as predicted by an oracle that is written from the rules only',
  cases: 50_000,
  judge: (cases, seed) =>
    judgeRandomCases(
      decisionScenario,
      async (scenario) => {
        const { verdict, breach } = await runDecision(scenario);
        return {
          ending: `${verdict.kind} [${verdict.rule}]`,
          breaches: breach === undefined ? [] : [breach],
        };
      },
      cases,
      seed,
    ),
};
