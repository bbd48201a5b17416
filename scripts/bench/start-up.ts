import { bundle } from '../../test/black-box/run-action.ts';
import { median, medianOver } from '../median.ts';
import { readyChange } from './ready-change.ts';
import { amount, type Row } from './row.ts';
import { inTurns, nodeProgram, type Program, timeToExit } from './timed-process.ts';

const processes = 25;
const targetMs = 30;

/** A client of `node:http` alone, and one that has loaded `node:https` as every client of a real site has to. */
const oneGet = "require('node:http').get(process.env.SITE, (answer) => answer.resume())";
const oneGetWithTls = `require('node:https'); ${oneGet}`;

/** The bundle read as JavaScript, as Node and the loader of a script body do, and none of it run. */
const readBundle = `require('node:vm').compileFunction(require('node:fs').readFileSync(process.env.BUNDLE, 'utf8'), ['require', 'module'])`;

/** From the start of a process to the arrival of its first request, beside Node with nothing to do and with one GET. */
export async function startUpRows(): Promise<readonly Row[]> {
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
      action: () => toFirstRequest(nodeProgram([bundle], variables)),
    },
  );
  await sandbox.close();
  const overBare = medianOver(taken.action, taken.bare);
  const floors = [
    `bare Node ${amount(median(taken.bare), 'ms', 1)}`,
    `one GET +${amount(medianOver(taken.get, taken.bare), 'ms', 1)}`,
    `one GET with node:https loaded +${amount(medianOver(taken.tls, taken.bare), 'ms', 1)}`,
    `the bundle read and not run +${amount(medianOver(taken.read, taken.bare), 'ms', 1)}`,
  ];
  return [
    {
      measure: 'start to first request',
      how: `median of ${taken.action.length} processes and of their paired differences, in turns with bare Node and one GET`,
      floor: floors.join(', '),
      figure: `${amount(median(taken.action), 'ms', 1)}, +${amount(overBare, 'ms', 1)}`,
      target: `at most ${targetMs} ms over bare Node`,
      met: overBare <= targetMs,
    },
  ];
}
