import { describe, expect, it } from 'vitest';
import { operate } from '../operations/operation-run.ts';
import type { Fault } from '../sandbox/fault.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { gate, hourMs, minuteMs, runLineOf, secondMs, siteWith, supplied } from './gate-run.ts';

const limit = (minutes: number) => ({ 'JsmChange.OutageMinutes': String(minutes) });
const down: Fault = { kind: 'status', status: 503 };

/**
 * A wait whose site fails from minute 5 for `forMs`, and that is approved two minutes after the site is back.
 */
async function waitThrough(
  forMs: number,
  variables: Readonly<Record<string, string>> = limit(180),
  fault: Fault = down,
): Promise<SimulatedRun> {
  const { site, key } = siteWith();
  const fromMs = site.siteClock.now() + 5 * minuteMs;
  site.faults.add({ fault, fromMs, untilMs: fromMs + forMs });
  return gate(
    site,
    { ...supplied(key), ...variables },
    { at: [[7 * minuteMs + forMs, () => site.moveTo(key, 'Implementing')]] },
  );
}

/** The lines about the outage, with the minute of the run. */
function outageLines(run: SimulatedRun) {
  return run.said
    .filter(({ line }) => /No usable answer|answers again/.test(line))
    .map(({ atMs, level, line }) => ({ minute: Math.floor(atMs / minuteMs), level, line }));
}

describe('the task log during an outage', () => {
  it('[P5] soon says that the step waits for Jira, since when, why and until when', async () => {
    const run = await waitThrough(hourMs);
    expect(run.exitCode).toBe(0);
    const [first] = outageLines(run);
    expect(first).toMatchObject({ minute: 5, level: 'wait' });
    expect(first?.line).toMatch(
      /^No usable answer from Jira since 2026-06-13T08:05:\d\dZ: GET \/rest\/api\/2\/issue\/CHG-1 was answered with status 503.* The step tries again until 2026-06-13T11:05:\d\dZ at the latest\.$/,
    );
  });

  it('[P5] has one line per half hour, and one when the outage is over', async () => {
    const lines = outageLines(await waitThrough(hourMs));
    expect(lines.map(({ minute }) => minute)).toEqual([5, 35, 65]);
    expect(lines[1]?.line).toMatch(/^No usable answer from Jira for 3[01] min .*503/);
    expect(lines[2]?.line).toMatch(/^Jira answers again, after 1 h 0 min\.$/);
    expect(lines.map(({ level }) => level)).toEqual(['wait', 'wait', 'wait']);
  });

  it('[P5] updates the progress text every minute, and only while the outage lasts', async () => {
    const { progress } = await waitThrough(hourMs);
    const within = progress.filter(({ atMs }) => atMs > 6 * minuteMs && atMs < 65 * minuteMs);
    expect(within.length).toBeGreaterThan(35);
    for (const { message } of within) {
      expect(message).toMatch(/^Waiting for Jira: no usable answer since 2026-06-13T08:05:\d\dZ$/);
    }
    const times = within.map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThan(2 * minuteMs);
    const last = progress.slice(
      progress.findLastIndex(({ message }) => /^Waiting for Jira/.test(message)) + 1,
    );
    expect(last.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Jira answers again, after 1 h 0 min/),
      expect.stringMatching(/^CHG-1 is Review: waiting for/),
      ...last.slice(2).map(() => expect.stringMatching(/^CHG-1 is /)),
    ]);
  });

  it.each([
    ['a timeout', { kind: 'hang' }],
    ['a web page', { kind: 'login-page' }],
    ['a long Retry-After', { kind: 'status', status: 429, retryAfterSeconds: 120 }],
  ] satisfies [string, Fault][])('[P5] reports %s as well', async (_what, fault) => {
    const [first, last] = outageLines(await waitThrough(10 * minuteMs, {}, fault));
    expect(first?.minute).toBeLessThanOrEqual(6);
    expect(first?.line).toMatch(/^No usable answer from Jira since/);
    expect(last?.line).toMatch(/^Jira answers again, after 1\d min/);
  });

  it('[P5] does not mention faults that the next tries overcome', async () => {
    const run = await waitThrough(15 * secondMs);
    expect(run.requests.some(({ outcome }) => outcome === 503)).toBe(true);
    expect(outageLines(run)).toEqual([]);
    expect(run.progress.filter(({ message }) => message.includes('Waiting for Jira'))).toEqual([]);
  });

  it('[P5] [P4] names the wait limit if that comes first', async () => {
    const run = await waitThrough(hourMs, { ...limit(180), 'JsmChange.WaitLimitMinutes': '20' });
    expect(run.outputs['Decision']).toBe('TimedOut');
    expect(outageLines(run)[0]?.line).toMatch(/until 2026-06-13T08:20:00Z at the latest/);
  });

  it('[P5] [F2] counts each outage from its own beginning', async () => {
    const { site, key } = siteWith();
    for (const minute of [5, 30]) {
      const fromMs = site.siteClock.now() + minute * minuteMs;
      site.faults.add({ fault: down, fromMs, untilMs: fromMs + 5 * minuteMs });
    }
    const run = await gate(site, supplied(key), {
      at: [[40 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    });
    const said = outageLines(run).map(({ line }) => /since 2026-06-13T08:\d\d|after \d+ min/.exec(line)?.[0]);
    expect(said).toEqual(['since 2026-06-13T08:05', 'after 5 min', 'since 2026-06-13T08:30', 'after 5 min']);
  });

  it.each([
    ['edits', 'PUT'],
    ['create requests', 'POST'],
  ])('[P5] logs an outage of %s once, although the reads in between succeed', async (_what, method) => {
    const site = new SimulatedSite({ indexLagMs: hourMs });
    if (method === 'PUT') site.createRequest({ summary: deploymentTitle, description: runLineOf('9') });
    const run = await gate(
      site,
      { 'JsmChange.WaitLimitMinutes': '30' },
      {
        failure: (request) =>
          request.method === method && !request.url.includes('/search') && site.time.now < 10 * minuteMs
            ? 'not-connected'
            : undefined,
      },
    );
    const said = outageLines(run).map(({ line }) => /since 2026-06-13T08:\d\d|after \d+ min/.exec(line)?.[0]);
    expect(said).toEqual(['since 2026-06-13T08:00', expect.stringMatching(/after (?:9|10) min/)]);
  });

  it('[P5] [F2] reports an outage at first contact, and in an operation that never waits', async () => {
    for (const operation of ['Gate', 'Test'] as const) {
      const site = new SimulatedSite({ faults: [{ fault: down }] });
      const run = await operate(site, operation);
      expect(run.exitCode).toBe(1);
      expect(outageLines(run).map(({ line }) => line)).toEqual([
        expect.stringMatching(/since 2026-06-13T08:00:0\dZ.* until 2026-06-13T08:02:0\dZ at the latest/),
      ]);
    }
  });
});
