import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../test/black-box/run-action.ts';
import { bundleOf } from '../bundle.ts';
import { median, medianOver } from '../median.ts';
import { readyChange } from './ready-change.ts';
import { amount, type Row } from './row.ts';
import { inTurns, nodeProgram, type Program, timeToExit } from './timed-process.ts';

const processes = 25;
const targetOverBareMs = 30;
const targetOverFetchMs = 15;

/**
 * A client that uses only `node:http`, and one that has also loaded `node:https`, like every client of a real
 * site.
 */
const oneGet = "require('node:http').get(process.env.SITE, (answer) => answer.resume())";
const oneGetWithTls = `require('node:https'); ${oneGet}`;

/** Compiles the bundle the way Node and the loader of a script body do, without running any of it. */
const readBundle = `require('node:vm').compileFunction(require('node:fs').readFileSync(process.env.BUNDLE, 'utf8'), ['require', 'module'])`;

/**
 * Measures the time from the start of a process until its first request arrives, compared with bare Node and
 * with node-fetch.
 */
export async function startUpRows(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'start-up-'));
  const oneFetch = join(folder, 'one-fetch.js');
  const { code } = await bundleOf(fileURLToPath(new URL('one-fetch.ts', import.meta.url)));
  await writeFile(oneFetch, code);
  const { sandbox, variables, nextArrival } = await readyChange();
  const toFirstRequest = async (program: Program): Promise<number> => {
    const beganAt = performance.now();
    const arrival = nextArrival();
    await timeToExit(program);
    return (await arrival) - beganAt;
  };
  const SITE = `${sandbox.url}/rest/api/2/serverInfo`;
  const taken = await inTurns(
    { times: processes, longestMs: 25_000 },
    {
      bare: () => timeToExit(nodeProgram(['-e', '0'])),
      get: () => toFirstRequest(nodeProgram(['-e', oneGet], { SITE })),
      tls: () => toFirstRequest(nodeProgram(['-e', oneGetWithTls], { SITE })),
      read: () => timeToExit(nodeProgram(['-e', readBundle], { BUNDLE: bundle })),
      fetch: () => toFirstRequest(nodeProgram([oneFetch], { SITE })),
      action: () => toFirstRequest(nodeProgram([bundle], variables)),
    },
  );
  await sandbox.close();
  await rm(folder, { recursive: true });
  const how = `median of ${taken.action.length} processes and of their paired differences, in turns with the floors`;
  const overBare = medianOver(taken.action, taken.bare);
  const overFetch = medianOver(taken.action, taken.fetch);
  const floors = [
    `bare Node ${amount(median(taken.bare), 'ms', 1)}`,
    `one GET +${amount(medianOver(taken.get, taken.bare), 'ms', 1)}`,
    `one GET with node:https loaded +${amount(medianOver(taken.tls, taken.bare), 'ms', 1)}`,
    `the bundle compiled but not run +${amount(medianOver(taken.read, taken.bare), 'ms', 1)}`,
  ];
  return [
    {
      measure: 'start to first request',
      how,
      floor: floors.join(', '),
      figure: `${amount(median(taken.action), 'ms', 1)}, +${amount(overBare, 'ms', 1)}`,
      target: `at most ${targetOverBareMs} ms over bare Node`,
      met: overBare <= targetOverBareMs,
    },
    {
      measure: 'start to first request, over node-fetch',
      how: `${how}; the floor is a bundle of only node-fetch that sends one GET`,
      floor: `${amount(median(taken.fetch), 'ms', 1)}, bare Node +${amount(medianOver(taken.fetch, taken.bare), 'ms', 1)}`,
      figure: `+${amount(overFetch, 'ms', 1)}`,
      target: `at most ${targetOverFetchMs} ms over a bundle of node-fetch`,
      met: overFetch <= targetOverFetchMs,
    },
  ];
}
