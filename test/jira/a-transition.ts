import type { Transition } from '../../src/app/ports.ts';

/** A transition without a screen. */
export function aTransition(id: string, over: Partial<Transition> = {}): Transition {
  return {
    id,
    name: 'Go on',
    to: { id: '3', name: 'Planning', category: 'indeterminate' },
    screen: { body: { fields: {}, update: {} }, problems: [], lacks: [] },
    ...over,
  };
}
