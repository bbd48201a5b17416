/**
 * `npm run nodes`: the black-box tests with each supported Node, beside the one that runs this. The binaries come from
 * `test/black-box/node-versions` (`npm ci` there, on 64-bit Linux). Leaves `reports/tests-node-<version>.json`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const own = process.versions.node.split('.')[0];

for (const version of ['20', '22', '24'].filter((each) => each !== own)) {
  const node = `${root}test/black-box/node-versions/node_modules/node-${version}/bin/node`;
  console.log(`\n=== black-box tests on Node ${version}`);
  if (!existsSync(node)) {
    console.log('not installed: run `npm ci` in test/black-box/node-versions');
    process.exitCode = 1;
    continue;
  }
  const { status } = spawnSync(
    `${root}node_modules/.bin/vitest`,
    [
      'run',
      'test/black-box',
      '--maxWorkers=100%',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=reports/tests-node-${version}.json`,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, JSM_GATE_NODE: node } },
  );
  if (status !== 0) process.exitCode = 1;
}
