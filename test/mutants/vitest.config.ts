import { defineConfig } from 'vitest/config';
import parts from './parts.json' with { type: 'json' };

const part = parts[process.env['MUTANTS_OF'] as keyof typeof parts];

/** The tests that hold the mutants of a part to account: those that run in this process and take no more than seconds. */
export default defineConfig({
  test: {
    include: part.tests,
    exclude: [
      '**/node_modules/**',
      // Many seconds each: they would run anew for each mutant that is left.
      'test/app/{crowd,fail-closed,fault-table,long-waits,race-model}.test.ts',
      'test/operations/faults.test.ts',
    ],
    setupFiles: ['test/mutants/setup.ts'],
    // One worker for all files: each run of the tests has one of its own all the same.
    isolate: false,
    // A mutant that waits forever is noticed by this.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
