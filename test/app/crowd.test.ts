import { describe, expect, it } from 'vitest';
import { runCrowd } from '../simulation/crowd-model.ts';

describe('many gates at once', () => {
  it('[F1] all proceed in time on a site that answers 429 above its rate limit', async () => {
    const { runs, latenciesMs } = await runCrowd({
      gates: 200,
      startsWithinMs: 5000,
      approvalsWithinMs: 600_000,
      limitPerSecond: 20,
      seed: 1,
    });
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
    expect(runs.flatMap(({ requests }) => requests).some(({ outcome }) => outcome === 429)).toBe(true);
    expect(Math.max(...latenciesMs)).toBeLessThan(60_000);
  });
});
