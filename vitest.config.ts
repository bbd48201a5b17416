import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Wine's folder there links to the root of the machine.
    exclude: [...configDefaults.exclude, 'test/powershell/bin/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
