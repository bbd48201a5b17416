import { describe, expect, it } from 'vitest';
import { crowd } from '../../scripts/simulations/crowd.ts';
import { isProof } from '../../scripts/simulations/simulation.ts';
import { waits } from '../../scripts/simulations/waits.ts';

describe('a simulation', () => {
  it.each([
    [0, [], false],
    [1, ['broken'], false],
    [1, [], true],
  ])('that judged %d cases and found %j wrong is a proof: %j', (judged, breaches, expected) => {
    expect(isProof({ judged, breaches })).toBe(expected);
  });

  it('judges each case, with the same result for the same seed', async () => {
    const first = await crowd.judge(3, 5);
    expect(first).toMatchObject({ judged: 9, breaches: [], figures: { proceeded: 3 } });
    expect(await crowd.judge(3, 5)).toEqual(first);
  });

  it('plays each wait both without and with faults', async () => {
    const { judged, figures } = await waits.judge(2, 1);
    expect({ judged, ...figures }).toMatchObject({ judged: 4, stormyWaits: 2, stormyProceeded: 2 });
  });
});
