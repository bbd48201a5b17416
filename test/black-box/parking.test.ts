import { test as base, expect } from 'vitest';
import { octopusKey, type ParkedServers, startParked } from './parked.ts';

const test = base.extend<{ parked: ParkedServers }>({
  parked: async ({ task: _task }, use) => {
    const servers = await startParked({ record: true, contextPath: '/octopus' });
    await use(servers);
    await servers.close();
  },
});

test('[R3][R4][R6] the bundle answers the interruptions that it may, logs a line for each, and gives the total', async ({
  parked,
}) => {
  const approved = parked.park();
  const declined = parked.park({ status: 'Declined' });
  const waiting = parked.park({ status: 'Authorize' });
  const guided = parked.park({}, { type: 'GuidedFailure' });
  const run = await parked.start().ended;
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  expect(approved.interruption.answer?.given).toBe('Proceed');
  expect(declined.interruption.answer?.given).toBe('Abort');
  expect(waiting.interruption.answer).toBeUndefined();
  expect(guided.interruption.answer).toBeUndefined();
  const lines = run.lines.map(({ text }) => text);
  for (const { key } of [approved, declined, waiting]) {
    expect(lines.filter((line) => line.includes(`[${key}](`)).length).toBe(1);
  }
  expect(lines.at(-1)).toMatch(/^Resume: 1 continued, 1 aborted, 1 still waiting/);
  expect(run.outputs).toEqual({});
});

test('[R6] exits with 1 and says what to do if Octopus does not know the key', async ({ parked }) => {
  const { interruption } = parked.park();
  const run = await parked.start({ 'JsmChange.OctopusApiKey': 'API-NOBODYKNOWSTHISONE' }).ended;
  expect(run.exitCode).toBe(1);
  expect(run.stdout).not.toContain('API-NOBODYKNOWSTHISONE');
  expect(run.result).toContain('JsmChange.OctopusApiKey');
  expect(interruption.answer).toBeUndefined();
});

test('[R7] a path that is not an Octopus server and plain http to another host are reported', async ({
  parked,
}) => {
  const wrong = await parked.start({ 'JsmChange.OctopusUrl': `${parked.octopus.url}/nowhere` }).ended;
  expect(wrong.exitCode).toBe(1);
  expect(wrong.result).toContain('JsmChange.OctopusUrl');
  const http = await parked.start({ 'JsmChange.OctopusUrl': 'http://octopus.acme.example' }).ended;
  expect(http.exitCode).toBe(1);
  expect(http.result).toContain('begins with https');
});

test('[R7][X3] the process sends no form of the key anywhere except to Octopus', async ({ parked }) => {
  parked.park({ summary: `with ${octopusKey}`, status: 'Declined' });
  const run = await parked.start().ended;
  const shown = run.stdout.split('\n').filter((line) => !line.startsWith('##octopus[mask'));
  expect(shown.join('\n')).not.toContain(octopusKey);
  const toJira = parked.sandbox.requests.map(({ path, headers, body }) =>
    JSON.stringify([path, headers, body]),
  );
  expect(toJira.length).toBeGreaterThan(0);
  expect(toJira.join('\n')).not.toContain(octopusKey);
});

test('[F6][R5] the next pass continues after a pass that was killed', async ({ parked }) => {
  const runs = Array.from({ length: 12 }, () => parked.park());
  parked.octopus.faults.add({ fault: { kind: 'slow', delayMs: 100 }, method: 'POST' });
  const first = parked.start();
  await first.printed('continues');
  first.process.kill('SIGKILL');
  await first.ended;
  const done = runs.filter(({ interruption }) => interruption.answer !== undefined).length;
  expect(done).toBeLessThan(12);
  parked.octopus.faults.clear();
  const second = await parked.start().ended;
  expect(second.exitCode).toBe(0);
  expect(runs.every(({ interruption }) => interruption.answer?.given === 'Proceed')).toBe(true);
});

test('[F6] SIGTERM ends a pass with 1 and a message', async ({ parked }) => {
  for (let count = 0; count < 12; count += 1) parked.park();
  parked.octopus.faults.add({ fault: { kind: 'slow', delayMs: 200 }, method: 'POST' });
  const run = parked.start();
  await run.printed('continues');
  run.process.kill('SIGTERM');
  const ended = await run.ended;
  expect(ended.exitCode).toBe(1);
  expect(ended.result).toContain('cancelled');
});

test('[R5] two simultaneous passes answer each deployment once', async ({ parked }) => {
  const runs = Array.from({ length: 20 }, () => parked.park());
  const ended = await Promise.all([parked.start().ended, parked.start().ended]);
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(runs.every(({ interruption }) => interruption.answer?.given === 'Proceed')).toBe(true);
});
