import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const versions = ['20', '22', '24'];

const usage = `Usage: npm run nodes

Runs the black-box tests of the bundle with each supported Node (${versions.join(', ')}) except the one that runs this command.

Needs \`npm ci\` in test/black-box/node-versions, on 64-bit Linux. Writes reports/tests-node-VERSION.json.`;

await runCommand({ usage }, () => {
  const own = process.versions.node.split('.')[0];
  const passed = versions.filter((version) => version !== own).map(testWith);
  return passed.every(Boolean) ? 0 : 1;
});

function testWith(version: string): boolean {
  const node = `${root}test/black-box/node-versions/node_modules/node-${version}/bin/node`;
  console.log(`\n=== black-box tests on Node ${version}`);
  if (!existsSync(node)) {
    console.log('Not installed: run `npm ci` in test/black-box/node-versions.');
    return false;
  }
  const { status } = spawnSync(
    `${root}node_modules/.bin/vitest`,
    [
      'run',
      'test/black-box',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=reports/tests-node-${version}.json`,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, JSM_GATE_NODE: node } },
  );
  return status === 0;
}
