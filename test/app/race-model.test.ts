import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { raceBreaches, raceScenario, runRace } from '../simulation/race-model.ts';

describe('racing runs, at random', () => {
  it('[C4] end on one change request in 200 interleavings with index lag, lost answers, faults and kills', async () => {
    let ended = 0;
    await fc.assert(
      fc.asyncProperty(raceScenario(8), async (scenario) => {
        const outcome = await runRace(scenario);
        expect(raceBreaches(scenario, outcome)).toEqual([]);
        ended += outcome.runs.filter(({ exitCode }) => exitCode === 0).length;
      }),
      // The same interleavings every time; `npm run simulate -- races` draws others.
      { numRuns: 200, seed: 1 },
    );
    expect(ended).toBeGreaterThan(0);
  }, 120_000);
});
