import fc from 'fast-check';
import { beforeEach } from 'vitest';

// Two runs give the same figures, whatever RANDOM_SEED is; counterexamples need no shrinking.
fc.configureGlobal({ seed: 1, endOnFailure: true });

/** Parts of the titles of tests that take seconds each, and would run again for each remaining mutant. */
const slow = [
  '50 runs with an index lag of',
  '20 runs with an index lag of',
  'can be killed at any moment',
  'within 20 s of an approval',
  'in any zone of the world',
  'nor do several of them side by side',
];

beforeEach(({ task, skip }) => {
  skip(
    slow.some((part) => task.name.includes(part)),
    'too slow for mutants',
  );
});
