import { describe, expect, it } from 'vitest';
import { bestTarget } from '../../../src/app/gate/withdrawal.ts';
import type { Transition } from '../../../src/app/ports.ts';
import { aTransition } from '../../jira/a-transition.ts';

function to(name: string, untranslatedName?: string): Transition {
  return aTransition(name, {
    to: { id: name, name, category: 'done', ...(untranslatedName === undefined ? {} : { untranslatedName }) },
  });
}

describe('where a withdrawn change request is moved', () => {
  it.each([
    [['Closed', 'Declined', 'Withdrawn', 'Canceled'], 'Canceled'],
    [['Closed', 'Declined', 'WITHDRAWN'], 'WITHDRAWN'],
    [['Closed', 'declining'], 'declining'],
    [['Implementing', 'closed'], 'closed'],
    // Not every status with these letters is one for closing.
    [['Disclosed', 'Implementing'], undefined],
    [[], undefined],
  ])('[C4] of %j to %s', (names, expected) => {
    expect(bestTarget(names.map((name) => to(name)))?.to.name).toBe(expected);
  });

  it('[C4] whose name is translated', () => {
    expect(bestTarget([to('In Umsetzung', 'Implementing'), to('Abgebrochen', 'Canceled')])?.id).toBe(
      'Abgebrochen',
    );
  });
});
