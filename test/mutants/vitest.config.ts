import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In this order: the rules alone tell soonest that a mutant is wrong, whole runs of the step tell the rest. */
const folders = ['test/domain/', 'test/jira/', 'test/operations/', 'test/app/'];

class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      folders.findIndex((folder) => moduleId.includes(folder));
    return [...files].sort((a, b) => place(a) - place(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** The tests that hold mutants to account: those that run in this process, without the large random simulations. */
export default defineConfig({
  test: {
    include: [
      'test/domain/*.test.ts',
      'test/jira/{retry,session}.test.ts',
      'test/app/*.test.ts',
      'test/operations/*.test.ts',
    ],
    exclude: [
      '**/node_modules/**',
      // Many seconds each: they would run anew for each mutant that is left.
      'test/app/{crowd,fail-closed,fault-table,long-waits,race-model}.test.ts',
      'test/operations/faults.test.ts',
    ],
    setupFiles: ['test/mutants/same-draws.ts'],
    // One worker for all files: each run of the tests has one of its own all the same.
    isolate: false,
    sequence: { sequencer: NearestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
