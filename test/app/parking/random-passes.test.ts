import { describe, expect, it } from 'vitest';
import { passes } from '../../../scripts/simulations/passes.ts';

describe('random passes', () => {
  it('[R3][R4][R5] answer only on a check that supports the answer, and change nothing else', async () => {
    const { judged, breaches, lines } = await passes.judge(120, 1);
    expect(breaches).toEqual([]);
    expect(judged).toBe(120);
    expect(lines.join('\n')).toContain('answered some');
  });
});
