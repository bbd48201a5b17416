import { defineConfig } from 'vitest/config';

const never = ['**/node_modules/**', '**/bin/**', '**/obj/**'];

/**
 * What `npm test` leaves to `npm run check`: tests that start another language's engine, or that take long, most of them
 * because of the processes that they start.
 */
const long = [
  'test/powershell/**/*.test.ts',
  'test/launcher/{bash-*,template-in-bash}.test.ts',
  'test/recipes/**/*.test.ts',
  'test/policy/command.test.ts',
  'test/black-box/**/*.test.ts',
  'test/scripts/{bundle,commands,doctor,install-template,replay}.test.ts',
  // Hundreds of runs, or of hours; `test/app/gate` tests the same rules one by one.
  'test/app/{fault-table,long-waits,race-model}.test.ts',
  // Some real runs of the gate.
  'test/docs/pictures.test.ts',
  // Start a browser.
  'test/browser/**/*.test.ts',
  // Needs openssl.
  'test/http/tls.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['scripts/compile-policy-schema.ts'],
    setupFiles: ['test/random-cases.ts'],
    // By default one core is left idle.
    maxWorkers: '100%',
    // Against a test that hangs; that the machine is busy with something else is not a test's fault.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...never, ...long],
          // No test changes what another one imports, so each module is read once per worker instead of once per file.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'long', include: long, exclude: never } },
    ],
  },
});
