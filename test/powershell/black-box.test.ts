import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../sandbox/fault.ts';
import { deploymentTitle, deploymentVariables } from '../sandbox/octopus-variables.ts';
import { startSandbox } from '../sandbox/server.ts';
import { missingForWindows, prepareWindows } from './toolchain.ts';

const missing = missingForWindows();
const skipped = missing !== undefined && !process.env['CI'];

const windowsNode = fileURLToPath(new URL('windows-node.mjs', import.meta.url));
// The black-box tests read this variable on loading, and each test file has its own process.
process.env['JSM_GATE_NODE'] = windowsNode;

describe.skipIf(skipped)(`with Windows' Node 22${skipped ? ` (skipped: ${missing})` : ''}`, async () => {
  beforeAll(prepareWindows, 300_000);
  // The other black-box tests measure waits with a fast clock, and Wine starts slowly.
  await import('../black-box/endings.test.ts');
  await import('../black-box/network.test.ts');
  const { bundle } = await import('../black-box/run-action.ts');
  const { number, scenario } = await import('../black-box/scenario.ts');

  scenario('[P2] waits for the approval', async ({ jsm }) => {
    const { raise, start, site, sandbox } = await jsm();
    const key = raise();
    const running = start({ [number]: key });
    await expect.poll(() => sandbox.requests.length, { timeout: 20_000 }).toBeGreaterThan(4);
    site.moveTo(key, 'Implementing');
    expect(await running.ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
  });

  scenario.for<[string, Fault]>([
    ['503', { kind: 'status', status: 503 }],
    ['a reset', { kind: 'reset' }],
    ['an answer cut off', { kind: 'cut-off' }],
  ])('[F1] retries a read after %s', async ([, fault], { jsm }) => {
    const { raise, run } = await jsm({ faults: [{ fault, at: 1, count: 1 }] });
    const ended = await run({ [number]: raise({ status: 'Implementing' }) });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.requests.length).toBeGreaterThan(1);
  });

  scenario.for<[string, NodeJS.Signals]>([
    ['Ctrl+C', 'SIGINT'],
    ['Ctrl+Break', 'SIGTERM'],
  ])('[F6] exits with 1 on %s', async ([, signal], { jsm }) => {
    const { raise, start, sandbox } = await jsm();
    const running = start({ [number]: raise() });
    await expect.poll(() => sandbox.requests.length, { timeout: 20_000 }).toBeGreaterThan(1);
    running.process.kill(signal);
    expect(await running.ended).toMatchObject({ exitCode: 1, signal: null, decision: 'Error' });
  });

  it('[M3] writes the same as on Linux: paths, line ends, times', async () => {
    const sandbox = await startSandbox();
    const fields = { 'Planned start': '2030-06-13T10:00:00.000+1000', 'Planned end': '2030-06-14' };
    sandbox.site.createRequest({ summary: deploymentTitle, status: 'Authorize', fields });
    // The record contains the paths and times of each run.
    const settings = { 'JsmChange.WhenPending': 'Fail', 'JsmChange.EvidenceRecord': 'False' };
    const variables = deploymentVariables(sandbox, settings);
    const env = { ...variables, TZ: 'Australia/Sydney', PATH: process.env['PATH'] };
    const output = (program: string) =>
      new Promise((resolve) => {
        execFile(program, [bundle], { env }, (_failed, stdout, stderr) => resolve({ stdout, stderr }));
      });
    const onLinux = await output(process.execPath);
    expect(onLinux).toMatchObject({ stdout: expect.stringContaining('2030'), stderr: '' });
    expect(await output(windowsNode)).toEqual(onLinux);
    await sandbox.close();
  });
});
