import { startParked } from '../../test/black-box/parked.ts';
import { memoryUnknown, processMemory } from './process-memory.ts';
import { amount, notMeasured, type Row } from './row.ts';

const parked = 1000;
const approved = 50;
const mostJira = 12;
const mostMegabytes = 80;

const measure = '1,000 parked deployments, one pass';

/** R4, R6: measures the requests and the memory of one pass over 1,000 parked deployments. */
export async function parkedPassRows(): Promise<readonly Row[]> {
  const servers = await startParked({ record: false });
  const { sandbox, octopus } = servers;
  for (let count = 0; count < parked; count += 1) {
    servers.park({ status: count % (parked / approved) === 0 ? 'Implementing' : 'Authorize' });
  }
  const run = servers.start();
  let peak = 0;
  const answer = octopus.answer.bind(octopus);
  octopus.answer = (request) => {
    if (memoryUnknown === undefined) peak = Math.max(peak, processMemory(run.pid).peak);
    return answer(request);
  };
  const began = performance.now();
  const { exitCode, stdout } = await run.ended;
  const seconds = (performance.now() - began) / 1000;
  const answered = octopus.interruptions.filter((one) => one.answer?.given === 'Proceed').length;
  await servers.close();
  if (exitCode !== 0 || answered !== approved)
    throw new Error(`The pass did not answer ${approved}:\n${stdout}`);
  const toOctopus = octopus.requests.length;
  const expected = parked / 100 + 2 * approved;
  const how = `${approved} of them approved; counted by the stand-ins`;
  return [
    {
      measure: `${measure}: requests to JSM`,
      how,
      figure: String(sandbox.site.requestCount),
      target: `at most ${mostJira} on Cloud`,
      met: sandbox.site.requestCount <= mostJira,
    },
    {
      measure: `${measure}: requests to Octopus`,
      how,
      figure: String(toOctopus),
      target: `1 list request per 100, 2 per answer, none for the rest: ${expected}`,
      met: toOctopus === expected,
    },
    memoryUnknown === undefined
      ? {
          measure: `${measure}: memory`,
          how: `peak RSS; the pass took ${seconds.toFixed(1)} s`,
          figure: amount(peak, 'MB', 1),
          target: `under ${mostMegabytes} MB`,
          met: peak < mostMegabytes,
        }
      : notMeasured(`${measure}: memory`, 'peak RSS', `under ${mostMegabytes} MB`, memoryUnknown),
  ];
}
