/**
 * `npm run mutants`: changes the rules, the operations and the retry in small ways, one at a time, and counts what the
 * tests notice (`docs/mutants.md`). The mutation tester comes from `test/mutants` (`npm ci` there). What stands behind
 * `--` goes to it: `npm run mutants -- --mutate src/app/wait.ts` changes one file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const stryker = `${root}test/mutants/node_modules/.bin/stryker`;

if (existsSync(stryker)) {
  const { status } = spawnSync(
    stryker,
    ['run', 'test/mutants/stryker.config.json', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} else {
  console.log('not installed: run `npm ci` in test/mutants');
  process.exitCode = 1;
}
