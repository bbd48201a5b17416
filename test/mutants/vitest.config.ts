import { defineConfig } from 'vitest/config';

/** Which tests hold the mutants of a part of the project to account: those that run in this process. */
const tests: Readonly<Record<string, readonly string[]>> = {
  rules: ['test/domain/*.test.ts'],
  retry: ['test/jira/retry.test.ts', 'test/jira/session.test.ts'],
  gate: ['test/app/*.test.ts', 'test/operations/{approve-transition,comments,fields}.test.ts'],
  operations: ['test/operations/*.test.ts'],
};

const include = tests[process.env['MUTANTS_OF'] ?? ''] ?? Object.values(tests).flat();

export default defineConfig({
  test: {
    include: [...include],
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
    testTimeout: 15_000,
    hookTimeout: 15_000,
  },
});
