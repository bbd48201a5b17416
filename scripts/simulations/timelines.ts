import { runTimeline, timelineScenario } from '../../test/simulation/timeline-model.ts';
import { judgeRandomCases } from './random-cases.ts';
import type { Simulation } from './simulation.ts';

export const timelines: Simulation = {
  summary:
    '[W8] waits in which the change request is moved, renamed, replanned, withdrawn or deleted, or its fields change: no exit 0 unless a Verify at that time exits 0 as well, and none that is late',
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
