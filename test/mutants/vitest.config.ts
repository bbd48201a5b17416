import { defineConfig } from 'vitest/config';
import parts from './parts.json' with { type: 'json' };

const part = parts[process.env['MUTANTS_OF'] as keyof typeof parts];

/** The tests of a part's mutants: those that run in this process and take at most seconds. */
export default defineConfig({
  test: {
    include: part.tests,
    exclude: [
      '**/node_modules/**',
      // These take many seconds each, and would run again for each remaining mutant.
      'test/app/{crowd,fail-closed,fault-table,long-waits,race-model}.test.ts',
      'test/operations/faults.test.ts',
    ],
    setupFiles: ['test/mutants/setup.ts'],
    // Share one worker among all files: each test run has its own worker anyway.
    isolate: false,
    // This timeout detects a mutant that waits forever.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
