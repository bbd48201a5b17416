import fc from 'fast-check';
import { deploymentTitle } from '../../../test/sandbox/octopus-variables.ts';
import { raceScenario, runRace } from '../../../test/simulation/race-model.ts';
import type { Row } from '../row.ts';
import { forSeconds } from './for-seconds.ts';

const racing = 50;

/** Rule C4: every run of a race asks for the same title. The model counts 6 minutes after the last start. */
export async function raceRows(): Promise<readonly Row[]> {
  const seed = Date.now() % 1_000_000;
  const races = await forSeconds(15, async (turn) => {
    const [scenario] = fc.sample(raceScenario(racing, racing), { numRuns: 1, seed: seed + turn });
    if (scenario === undefined) throw new Error('No race was drawn.');
    const lost = scenario.lossBefore + scenario.lossAfter > 0;
    const { site } = await runRace(scenario);
    return { lost, seed: seed + turn, open: site.openWithSummary(deploymentTitle).length };
  });
  const beyond = races.reduce((sum, { open }) => sum + Math.max(0, open - 1), 0);
  const broken = races.filter(({ open }) => open > 1).map((race) => race.seed);
  const withLoss = races.filter(({ lost }) => lost).length;
  return [
    {
      measure: 'duplicates',
      how: `${races.length} races of ${racing} runs in virtual time, index lag up to 60 s, ${withLoss} of them with lost answers`,
      figure: `${beyond} open beyond one${broken.length > 0 ? ` (seed ${broken.join(', ')})` : ''}`,
      target: '0 open change requests beyond one',
      met: beyond === 0,
    },
  ];
}
