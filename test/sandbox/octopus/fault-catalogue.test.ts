import { describe, expect, it } from 'vitest';
import { SettableClock } from '../clock.ts';
import { doesWork } from '../fault.ts';
import { callerOf } from './caller.ts';
import { octopusFaultCatalogue } from './fault-catalogue.ts';
import { createOctopus } from './octopus.ts';

describe('Faults on order, at an answer to an interruption', () => {
  it.each(Object.entries(octopusFaultCatalogue))('%s', (_name, fault) => {
    const octopus = createOctopus({ clock: new SettableClock() });
    const robot = octopus.addUser({
      username: 'robot',
      permissions: ['InterruptionView', 'InterruptionSubmit'],
    });
    const caller = callerOf(octopus, robot);
    const { id } = octopus.park();
    caller.take(id);
    octopus.faults.add({ fault, method: 'POST', path: /\/submit$/, at: 1 });
    const struck = octopus.answer({
      method: 'POST',
      path: `/api/Spaces-1/interruptions/${id}/submit`,
      headers: { 'x-octopus-apikey': robot.apiKey },
      body: JSON.stringify({ Id: id, SpaceId: 'Spaces-1', Result: 'Proceed', Notes: '' }),
    });
    const isGood = struck.status === 200 && struck.fault === undefined && isInterruption(struck.body, id);
    expect(isGood).toBe(false);
    expect(octopus.interruptions[0]?.answer?.given).toBe(doesWork(fault) ? 'Proceed' : undefined);
    // The next attempt meets no fault.
    expect(caller.submit(id, 'Proceed').status).toBe(doesWork(fault) ? 409 : 200);
  });
});

function isInterruption(body: string, id: string): boolean {
  try {
    return (JSON.parse(body) as { Id?: string }).Id === id;
  } catch {
    return false;
  }
}
