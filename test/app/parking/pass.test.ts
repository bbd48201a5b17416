import { describe, expect, it } from 'vitest';
import { answerOf, ParkedWorld } from '../../simulation/parked-world.ts';

describe('a pass', () => {
  it('[R4] lets an approved deployment go on, aborts a declined one and leaves one that waits', async () => {
    const world = new ParkedWorld();
    const approved = world.park();
    const declined = world.park({ status: 'Declined' });
    const waiting = world.park({ status: 'Authorize' });
    const run = await world.pass();
    expect(answerOf(approved.interruption)).toBe('Proceed');
    expect(answerOf(declined.interruption)).toBe('Abort');
    expect(answerOf(waiting.interruption)).toBeUndefined();
    expect(run.exitCode).toBe(0);
  });
});
