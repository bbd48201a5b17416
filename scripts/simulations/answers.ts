import {
  answerMutants,
  answersToMutate,
  countMutants,
  runAnswer,
} from '../../test/simulation/answer-model.ts';
import { endingLines } from './random-cases.ts';
import type { Simulation } from './simulation.ts';

export const answers: Simulation = {
  summary:
    '[F7] every value of every answer, in every operation, is replaced with a wrong one in turn: no exit 0 unless the changed answers allow it, and always exactly one ending with a reason',
  cases: 50_000,
  judge: async (cases, seed) => {
    const endings = new Map<string, number>();
    const breaches: string[] = [];
    let judged = 0;
    const all = await answersToMutate();
    for (const mutant of answerMutants(all, cases, seed)) {
      const { run, breaches: broken } = await runAnswer(mutant);
      judged += 1;
      const ending = `${mutant.path}: ${run?.outputs['Decision'] ?? 'no decision'}, exit ${run?.exitCode}`;
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
      breaches.push(...broken.map((breach) => `${breach} (seed ${seed}, ${JSON.stringify(mutant)})`));
    }
    const lines = [
      `${judged} of the ${countMutants(all)} mutants of ${all.length} answers`,
      ...endingLines(endings),
    ];
    return { judged, breaches, lines, figures: {} };
  },
};
