import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['scripts/compile-policy-schema.ts'],
    exclude: ['**/node_modules/**', '**/bin/**', '**/obj/**'],
    // Against a test that hangs; a machine that is busy with something else is no fault of a test's.
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
