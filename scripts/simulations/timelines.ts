import { runTimeline, timelineScenario } from '../../test/simulation/timeline-model.ts';
import { judgeRandomCases } from './random-cases.ts';
import type { Simulation } from './simulation.ts';

export const timelines: Simulation = {
  summary:
    '[W8] waits in which the change request is moved, renamed, rescheduled, withdrawn or deleted, or its fields change: exit 0 only if a Verify at that time exits 0 too, and never late',
  cases: 50_000,
  judge: (cases, seed) =>
    judgeRandomCases(
      timelineScenario,
      async (scenario) => {
        const { run, verdict, breaches } = await runTimeline(scenario);
        return { ending: `${verdict.kind} [${verdict.rule}], exit ${run.exitCode}`, breaches };
      },
      cases,
      seed,
    ),
};
