import parts from './parts.json' with { type: 'json' };

const part = process.env.MUTANTS_OF ?? '';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: parts[part]?.mutate,
  // Texts for people: what of them matters is held by the tests of messages.
  mutator: { excludedMutations: ['StringLiteral'] },
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 30_000,
  timeoutFactor: 1.5,
  dryRunTimeoutMinutes: 15,
  ignorePatterns: [
    'biome.json',
    'dist',
    'docs/pictures',
    'docs/*.md',
    'step-template*.json',
    'test/powershell',
    'test/black-box',
  ],
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // The report of a part, and what its next run need not do again.
  incremental: true,
  incrementalFile: `reports/mutation/${part}.json`,
};
