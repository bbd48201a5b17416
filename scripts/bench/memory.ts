import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../test/black-box/run-action.ts';
import { basicAuthorization } from './authorization.ts';
import { answerLargely } from './large-change.ts';
import { memoryUnknown, type ProcessMemory, processMemory } from './process-memory.ts';
import { readyChange } from './ready-change.ts';
import { amount, notMeasured, type Row } from './row.ts';

const checks = 1000;
const early = 100;
/** One check about every 55 ms. */
const speed = 20;
const largestRatio = 1.3;
const largestGrowth = 0.05;

const measure = 'memory while waiting';
const growing = 'memory, growth of a wait';
const how = `peak RSS after ${checks} checks, each answered with 100 kB, with a clock ${speed} times as fast`;
const target = `at most ${largestRatio} times that of bare Node with one request of 100 kB`;
const growthTarget = `at most ${largestGrowth * 100} %`;

const oneGet = `const { get } = require('node:http');
get(process.env.SITE, { headers: { authorization: process.env.LOGIN } }, (answer) => {
  let text = '';
  answer.setEncoding('utf8').on('data', (part) => { text += part; });
  answer.on('end', () => console.log(Object.keys(JSON.parse(text).fields).length));
});
setInterval(() => undefined, 1000);`;

const fastClock = ['--require', fileURLToPath(new URL('fast-clock.cjs', import.meta.url))];

/**
 * Compares the memory of a wait with that of bare Node that reads one such change request; both run by the
 * same fast clock.
 */
export async function memoryRows(): Promise<readonly Row[]> {
  if (memoryUnknown !== undefined) return [notMeasured(measure, how, target, memoryUnknown)];
  const floor = await memoryOfOneGet();
  const { atEarly, atEnd } = await memoryOfWait();
  const ratio = atEnd.peak / floor.peak;
  const growth = atEnd.now / atEarly.now - 1;
  const peakGrowth = atEnd.peak / atEarly.peak - 1;
  return [
    {
      measure,
      how,
      floor: amount(floor.peak, 'MB', 1),
      figure: `${amount(atEnd.peak, 'MB', 1)}, ${amount(ratio, 'times', 2)}`,
      target,
      met: ratio <= largestRatio,
    },
    {
      measure: growing,
      how: `RSS at check ${checks} over RSS at check ${early}, in the same run`,
      floor: `${amount(atEarly.now, 'MB', 1)}, ${amount(atEarly.own, 'MB', 1)} of that allocated by the process`,
      figure: `${amount(growth * 100, '%', 1)} (its peak: ${amount(peakGrowth * 100, '%', 1)})`,
      target: growthTarget,
      met: growth <= largestGrowth,
    },
  ];
}

async function memoryOfOneGet(): Promise<ProcessMemory> {
  const { sandbox, key, variables } = await readyChange('Review');
  answerLargely(sandbox.site, () => undefined);
  const child = spawn(process.execPath, [...fastClock, '-e', oneGet], {
    env: {
      FAST_CLOCK: String(speed),
      SITE: `${sandbox.url}/rest/api/2/issue/${key}?failFast=true`,
      LOGIN: basicAuthorization(variables),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const memory = processMemory(child.pid ?? 0);
  child.kill('SIGKILL');
  await sandbox.close();
  return memory;
}

async function memoryOfWait(): Promise<{ readonly atEarly: ProcessMemory; readonly atEnd: ProcessMemory }> {
  const { sandbox, key, variables } = await readyChange('Review', speed);
  const taken = new Map<number, ProcessMemory>();
  const child = spawn(process.execPath, [...fastClock, bundle], {
    cwd: tmpdir(),
    env: {
      FAST_CLOCK: String(speed),
      ...variables,
      'JsmChange.PollIntervalSeconds': '1',
      'JsmChange.WaitLimitMinutes': '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  const exited = once(child, 'exit');
  const enough = new Promise<void>((resolve) => {
    answerLargely(sandbox.site, (count) => {
      if (count === early || count === checks) taken.set(count, processMemory(child.pid ?? 0));
      // An occasional change: a quiet wait would check less often.
      if (count % 400 === 0) sandbox.site.moveTo(key, count % 800 === 0 ? 'Review' : 'Planning');
      if (count === checks) resolve();
    });
  });
  const isEnough = await Promise.race([enough.then(() => true), exited.then(() => false)]);
  child.kill('SIGKILL');
  await exited;
  await sandbox.close();
  const [atEarly, atEnd] = [taken.get(early), taken.get(checks)];
  if (!isEnough || atEarly === undefined || atEnd === undefined)
    throw new Error('The wait whose memory is measured ended too early.');
  return { atEarly, atEnd };
}
