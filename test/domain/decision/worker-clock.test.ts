import { expect, it } from 'vitest';
import { clockOff } from '../../../src/domain/decision/worker-clock.ts';

const server = new Date('2026-06-13T10:00:00Z');

it.each([
  ['no difference', 0, undefined],
  ['a minute ahead', 60_000, undefined],
  ['a minute behind', -60_000, undefined],
  ['a millisecond more ahead', 60_001, '60 s ahead of'],
  ['a millisecond more behind', -60_001, '60 s behind'],
  ['far ahead', 5_400_600, '5401 s ahead of'],
])("[W9] reports a worker's clock that is off by more than a minute: %s", (_what, aheadMs, said) => {
  expect(clockOff(new Date(server.getTime() + aheadMs), server)).toBe(said);
});
