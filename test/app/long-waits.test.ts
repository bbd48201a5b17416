import { describe, expect, it } from 'vitest';
import { drawWait, runWait } from '../simulation/wait-model.ts';

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

describe('waits of up to a day', () => {
  it('[P2] proceeds within 20 s of an approval in the first half hour, within 60 s after that', async () => {
    for (const seed of seeds) {
      const { run, latencyMs, isEarly } = await runWait(drawWait(seed, false));
      expect(run.exitCode).toBe(0);
      expect(latencyMs).toBeLessThanOrEqual(isEarly ? 20_000 : 60_000);
    }
  });

  it('[F2] proceeds in every run with 20 % faults on reads and an outage of 10 minutes', async () => {
    for (const seed of seeds) {
      const { run } = await runWait(drawWait(seed, true));
      expect([seed, run.exitCode, run.outputs['Decision']]).toEqual([seed, 0, 'Proceed']);
      expect(run.requests.filter(({ outcome }) => outcome !== 200).length).toBeGreaterThan(3);
    }
  });
});
