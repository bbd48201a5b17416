import { describe, expect, it } from 'vitest';
import { plannedEndId, plannedStartId } from '../../sandbox/defaults.ts';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import { gateVariables, simulateRuns } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { checks, gaps, gate, hourMs, minuteMs, said, secondMs, siteWith, supplied } from '../gate-run.ts';

const fail = { 'JsmChange.WhenPending': 'Fail' };
const startParameter = 'JsmChange.PlannedStartField';

interface Window {
  readonly start?: number;
  readonly end?: number;
}

/** A supplied change request with a window in ms from now. */
function withWindow(
  { start, end }: Window,
  status = 'Implementing',
  options: ConstructorParameters<typeof SimulatedSite>[0] = {},
): { site: SimulatedSite; key: string } {
  const site = new SimulatedSite(options);
  const { key } = site.createRequest({
    summary: deploymentTitle,
    status,
    fields: {
      ...(start !== undefined && { 'Planned start': site.dateIn(start) }),
      ...(end !== undefined && { 'Planned end': site.dateIn(end) }),
    },
  });
  return { site, key };
}

describe('the status', () => {
  it.each(['Implementing', ' implementing ', 'IMPLEMENTING'])(
    '[T1] proceeds in Implementing if the proceed list says "%s"',
    async (name) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      const run = await gate(site, { ...supplied(key), 'JsmChange.ProceedStatuses': name });
      expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Status': 'Implementing' } });
    },
  );

  it.each(['Review', 'Planning', 'Authorize', 'Awaiting implementation'])('[T2] %s waits', async (status) => {
    const { site, key } = siteWith({ status });
    const run = await gate(site, supplied(key), {
      at: [[70_000, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThan(70_000);
  });

  it.each(['Pending', 'Completed', 'Failed', 'Declined', 'Canceled', 'Closed'])(
    '[T3] %s stops',
    async (status) => {
      const { site, key } = siteWith({ status });
      const run = await gate(site, supplied(key));
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { Decision: 'Stop', 'ChangeRequest.Status': status },
      });
      expect(checks(run)).toHaveLength(1);
    },
  );

  it('[T3] stops at the next check after the status changes to one in neither list', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), { at: [[50_000, () => site.moveTo(key, 'Declined')]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'ChangeRequest.Status': 'Declined' } });
    expect(run.endedAtMs).toBeLessThan(70_000);
  });

  it('[T1] proceeds at Planned start after the approval was withdrawn and given again', async () => {
    const { site, key } = withWindow({ start: hourMs }, 'Review');
    const run = await gate(site, supplied(key), {
      at: [
        [5 * minuteMs, () => site.moveTo(key, 'Implementing')],
        [20 * minuteMs, () => site.moveTo(key, 'Authorize')],
        [40 * minuteMs, () => site.moveTo(key, 'Implementing')],
      ],
    });
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(hourMs);
  });
});

describe('the window', () => {
  const cases: readonly (readonly [string, Window, number | 'stop'])[] = [
    ['[W1] proceeds immediately without Planned start and Planned end', {}, 0],
    ['[W2] proceeds immediately after Planned start, without Planned end', { start: -secondMs }, 0],
    ['[W2] proceeds at Planned start, without Planned end', { start: 10 * minuteMs }, 10 * minuteMs],
    ['[W3] proceeds immediately before Planned end, without Planned start', { end: 5 * secondMs }, 0],
    ['[W3] stops after Planned end, without Planned start', { end: -2 * secondMs }, 'stop'],
    ['[W4] proceeds immediately between Planned start and Planned end', { start: -hourMs, end: hourMs }, 0],
    [
      '[W4] proceeds at Planned start, with a later Planned end',
      { start: 3 * hourMs, end: 4 * hourMs },
      3 * hourMs,
    ],
    [
      '[W4] stops after Planned end, with an earlier Planned start',
      { start: -2 * hourMs, end: -hourMs },
      'stop',
    ],
  ];

  it.each(cases)('%s', async (_name, window, expected) => {
    const { site, key } = withWindow(window);
    const run = await gate(site, supplied(key));
    if (expected === 'stop') {
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
      return;
    }
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
    expect(run.endedAtMs).toBeGreaterThanOrEqual(expected);
    expect(run.endedAtMs).toBeLessThan(expected + 3 * secondMs);
  });

  it('[W4] includes both ends of the window', async () => {
    const { site, key } = withWindow({ start: 0, end: 0 });
    expect((await gate(site, supplied(key), { latency: 0 })).exitCode).toBe(0);
  });

  it('[W5] waits until Planned start if the change request is approved before, and says so', async () => {
    const { site, key } = withWindow({ start: 40 * minuteMs });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(40 * minuteMs);
    expect(said(run)).toMatch(/waiting for its Planned start 2026-06-13T08:40:00Z/);
  });

  it('[W5] uses the current window if it moves while the run waits', async () => {
    const later = withWindow({ start: 10 * minuteMs, end: hourMs });
    const moved = await gate(later.site, supplied(later.key), {
      at: [
        [
          9 * minuteMs,
          () => later.site.setField(later.key, 'Planned start', later.site.dateIn(41 * minuteMs)),
        ],
      ],
    });
    expect(moved.exitCode).toBe(0);
    expect(moved.endedAtMs).toBeGreaterThanOrEqual(50 * minuteMs);

    const earlier = withWindow({ start: 10 * hourMs });
    const sooner = await gate(earlier.site, supplied(earlier.key), {
      at: [[hourMs, () => earlier.site.setField(earlier.key, 'Planned start', earlier.site.dateIn(0))]],
    });
    expect(sooner.exitCode).toBe(0);
    expect(sooner.endedAtMs).toBeLessThan(hourMs + 7 * minuteMs);
  });

  it('[P5] logs each window once, and each time what the run waits for', async () => {
    const { site, key } = withWindow({ start: 30 * minuteMs, end: 5 * hourMs });
    const run = await gate(site, supplied(key), {
      at: [
        [10 * minuteMs, () => site.setField(key, 'Planned start', site.dateIn(50 * minuteMs))],
        [20 * minuteMs, () => site.setField(key, 'Planned end', site.dateIn(hourMs))],
      ],
    });
    expect(run.exitCode).toBe(0);
    const noted = (name: string): readonly (string | undefined)[] =>
      run.said.flatMap(({ line }) => new RegExp(`^${name} of CHG-1 is (\\S+)\\.$`).exec(line)?.[1] ?? []);
    expect(noted('Planned start')).toEqual([
      '2026-06-13T08:30:00Z',
      '2026-06-13T09:00:00Z',
      '2026-06-13T09:00:00Z',
    ]);
    expect(noted('Planned end')).toEqual([
      '2026-06-13T13:00:00Z',
      '2026-06-13T13:00:00Z',
      '2026-06-13T09:20:00Z',
    ]);
    expect(run.summary.filter((line) => line.includes('waiting for its Planned start'))).toHaveLength(3);
  });

  it('[P5] [W12] logs nothing about an unset window, and a missing field only in the details', async () => {
    const { site, key } = withWindow({});
    const unset = await gate(site, supplied(key));
    expect(said(unset)).not.toMatch(/Planned start of|no field for/);
    const without = siteWith({ status: 'Implementing' }, { dateFields: 'none' });
    const missing = await gate(without.site, supplied(without.key));
    expect(missing.said.filter(({ line }) => /has no field for/.test(line))).toMatchObject([
      { level: 'verbose', line: 'The change request CHG-1 has no field for Planned start.' },
      { level: 'verbose', line: 'The change request CHG-1 has no field for Planned end.' },
    ]);
  });

  it('[W5] waits the right time across a daylight saving change', async () => {
    // In Berlin clocks go back on 25 October 2026 at 3:00 and forward on 28 March 2027 at 2:00.
    for (const startMs of [Date.UTC(2026, 9, 24, 20), Date.UTC(2027, 2, 27, 20)]) {
      const site = new SimulatedSite({ startMs, timeZone: 'Europe/Berlin' });
      const { key } = site.createRequest({
        summary: deploymentTitle,
        status: 'Implementing',
        fields: { 'Planned start': site.dateIn(8 * hourMs), 'Planned end': site.dateIn(9 * hourMs) },
      });
      const run = await gate(site, supplied(key));
      expect(run.exitCode).toBe(0);
      expect(run.endedAtMs).toBeGreaterThanOrEqual(8 * hourMs);
      expect(run.endedAtMs).toBeLessThan(8 * hourMs + 3 * secondMs);
    }
  });

  it('[W6] stops an unapproved change request after Planned end, immediately or when it passes', async () => {
    const past = withWindow({ end: -minuteMs }, 'Review');
    const now = await gate(past.site, supplied(past.key));
    expect(now).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(checks(now)).toHaveLength(1);
    const ahead = withWindow({ end: 10 * minuteMs }, 'Review');
    const then = await gate(ahead.site, supplied(ahead.key));
    expect(then).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(then.endedAtMs).toBeGreaterThan(10 * minuteMs);
    expect(then.endedAtMs).toBeLessThan(11 * minuteMs);
    expect(then.resultMessage).toMatch(/not approved before its Planned end/);
  });

  it('[W7] stops if the change request is approved after Planned end', async () => {
    const { site, key } = withWindow({ end: 10 * minuteMs + 5 * secondMs }, 'Review');
    const run = await gate(site, supplied(key), {
      at: [[10 * minuteMs + 5500, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
  });

  it('[W8] exits with 0 on a check at most 10 s old, even if the checks for racing runs come in between', async () => {
    const site = new SimulatedSite({ statusOnCreation: 'Implementing' });
    for (let number = 0; number < 60; number += 1) site.createRequest({ summary: 'Other' });
    const run = await gate(site, {}, { latency: 300 });
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs - (checks(run).at(-1)?.sentMs ?? 0)).toBeLessThanOrEqual(10 * secondMs);
  });

  it.each([9_500, 11_000, 25_000])(
    '[W8] does not proceed on a site that takes %i ms to answer until it answers faster',
    async (delayMs) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      site.faults.add({ fault: { kind: 'slow', delayMs }, untilMs: site.siteClock.now() + 10 * minuteMs });
      const run = await gate(site, supplied(key));
      expect(run.exitCode).toBe(0);
      expect(run.endedAtMs).toBeGreaterThanOrEqual(10 * minuteMs);
      expect(run.endedAtMs - (checks(run).at(-1)?.sentMs ?? 0)).toBeLessThanOrEqual(10 * secondMs);
      expect(run.warnings.join()).toMatch(/took \d+ s to answer/);
      expect(run.requests.length).toBeLessThan(45);
    },
  );

  it('[W8] ends in an error with Fail, and at the wait limit with Wait, if the site never answers faster', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.faults.add({ fault: { kind: 'slow', delayMs: 12 * secondMs } });
    const failing = await gate(site, { ...supplied(key), ...fail });
    expect(failing).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    const verified = await gate(site, { ...supplied(key), 'JsmChange.Operation': 'Verify' });
    expect(verified).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    const waiting = await gate(site, { ...supplied(key), 'JsmChange.WaitLimitMinutes': '60' });
    expect(waiting).toMatchObject({ exitCode: 1, outputs: { Decision: 'TimedOut' } });

    // Three checks as fast as allowed, then at the interval; the warning appears once.
    for (const run of [failing, verified]) {
      expect(checks(run)).toHaveLength(3);
      expect(Math.max(...gaps(checks(run)))).toBeLessThan(1.1 * secondMs);
      expect(run.resultMessage).toMatch(/took 12 s to return/);
    }
    const [first = 0, second = 0, ...later] = gaps(checks(waiting)).slice(0, -1);
    for (const gap of [first, second]) {
      expect(gap).toBeGreaterThanOrEqual(secondMs - 1);
      expect(gap).toBeLessThan(1.1 * secondMs);
    }
    expect(Math.min(...later)).toBeGreaterThanOrEqual(15 * secondMs);
    expect(Math.max(...later)).toBeLessThanOrEqual(18 * secondMs);
    expect(waiting.warnings.filter((line) => /took 12 s to answer/.test(line))).toHaveLength(1);
  });

  it('[W8] checks again at Planned start, at least 1 s apart', async () => {
    const { site, key } = withWindow({ start: 10 * minuteMs + 300 });
    const run = await gate(site, supplied(key), { latency: 5 });
    expect(run.exitCode).toBe(0);
    expect(Math.min(...gaps(checks(run)))).toBeGreaterThanOrEqual(secondMs - 1);
    expect(run.endedAtMs).toBeLessThan(10 * minuteMs + 2 * secondMs);
  });

  it.each([
    ['ahead', 3 * hourMs],
    ['behind', -26 * hourMs],
  ])("[W9] uses the server's time, and reports a worker's clock that is %s", async (word, offsetMs) => {
    const { site, key } = withWindow({ start: 30 * minuteMs, end: hourMs });
    const run = await gate(site, supplied(key), { worker: { offsetMs } });
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(30 * minuteMs);
    expect(run.endedAtMs).toBeLessThan(31 * minuteMs);
    expect(
      run.warnings.filter((line) => line.includes(`${word}`) && /worker's clock/.test(line)),
    ).toHaveLength(1);
    expect(run.warnings).toHaveLength(1);
    const seconds = Number(/clock is (\d+) s/.exec(run.warnings[0] ?? '')?.[1]);
    expect(Math.abs(seconds - Math.abs(offsetMs) / secondMs)).toBeLessThan(3);
  });

  it.each([
    ["the account's time zone", /myself/, {}],
    ["serverInfo's time", /serverInfo/, { dateHeader: 'none' }],
  ] as const)(
    "[W9] does not report a worker's clock that is right if %s takes more than a minute",
    async (_what, path, options) => {
      const site = new SimulatedSite(options);
      const { key } = site.createRequest({
        summary: deploymentTitle,
        status: 'Implementing',
        fields: { 'Planned start': '2026-06-13' },
      });
      site.faults.add({ path, count: 6, at: 1, fault: { kind: 'status', status: 503 } });
      const run = await gate(site, supplied(key));
      expect(run.exitCode).toBe(0);
      expect(run.endedAtMs).toBeGreaterThan(minuteMs);
      expect(said(run)).not.toContain("The worker's clock is");
    },
  );

  it('[W9] uses the time of a site whose clock is a year off, and does not report a small difference', async () => {
    const site = new SimulatedSite({ startMs: Date.UTC(2027, 6, 1) });
    const { key } = site.createRequest({
      summary: deploymentTitle,
      status: 'Implementing',
      fields: { 'Planned start': site.dateIn(5 * minuteMs) },
    });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(5 * minuteMs);
    const near = withWindow({});
    const quiet = await gate(near.site, supplied(near.key), { worker: { offsetMs: 50_000 } });
    expect(quiet.warnings).toEqual([]);
  });

  it.each([
    ['a day', 24 * hourMs, 'Declined', { exitCode: 1, outputs: { DecisionCode: 'Refused' } }],
    [
      'a day, and is still right',
      24 * hourMs,
      'Implementing',
      { exitCode: 0, outputs: { Decision: 'Proceed' } },
    ],
    ['70 s', 70 * secondMs, 'Review', { exitCode: 1, outputs: { DecisionCode: 'AwaitingApproval' } }],
  ])(
    '[W8] [W9] [F7] does not use a first answer that a cache has kept for %s if the next answer exposes it',
    async (_what, oldMs, status, ending) => {
      const { site, key } = withWindow({ end: 3 * 24 * hourMs });
      site.siteClock.offsetMs = -oldMs;
      const change = (): void => {
        site.siteClock.offsetMs = 0;
        site.moveTo(key, status);
      };
      const run = await gate(site, { ...supplied(key), ...fail }, { latency: 50, at: [[60, change]] });
      expect(run).toMatchObject(ending);
      expect(checks(run, key)).toHaveLength(2);
    },
  );

  it("[W9] neither ends nor shortens a wait if the worker's clock jumps", async () => {
    const { site, key } = withWindow({ start: 2 * hourMs, end: 3 * hourMs });
    const worker = { offsetMs: 0 };
    const run = await gate(site, supplied(key), {
      worker,
      at: [
        [20 * minuteMs, () => Object.assign(worker, { offsetMs: 26 * hourMs })],
        [60 * minuteMs, () => Object.assign(worker, { offsetMs: -400 * hourMs })],
      ],
    });
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(2 * hourMs);
    expect(run.endedAtMs).toBeLessThan(2 * hourMs + 3 * secondMs);
  });

  it.each(['none', 'garbled'] as const)(
    '[W9] uses the time of serverInfo without a readable Date (%s)',
    async (dateHeader) => {
      const { site, key } = withWindow({ start: 10 * minuteMs }, 'Implementing', { dateHeader });
      const run = await gate(site, supplied(key));
      expect(run.exitCode).toBe(0);
      expect(run.endedAtMs).toBeGreaterThanOrEqual(10 * minuteMs);
      expect(run.endedAtMs).toBeLessThan(11 * minuteMs);
      expect(run.requests.some(({ path }) => path.endsWith('/serverInfo'))).toBe(true);
    },
  );

  it.each([
    ['that the check preceded', { start: secondMs }, 2],
    ['that was long ago', { start: -minuteMs }, 1],
    ['that is not set', { end: hourMs }, 1],
  ] as const)(
    '[W9] with serverInfo, read after the check, repeats the check only if needed: for a Planned start %s',
    async (_what, window, checksTaken) => {
      const { site, key } = withWindow(window);
      site.behaviour.dateHeader = 'none';
      const run = await gate(site, supplied(key), { latency: 400 });
      expect(run.exitCode).toBe(0);
      expect(checks(run, key)).toHaveLength(checksTaken);
      if (checksTaken === 2) {
        expect(checks(run, key)[0]?.arrivedMs).toBeLessThan(secondMs);
        expect(checks(run, key)[1]?.sentMs).toBeGreaterThanOrEqual(secondMs);
        expect(run.endedAtMs).toBeLessThan(10 * secondMs);
      }
    },
  );

  it.each(['Date', 'serverInfo'])(
    '[W13] repeats a check that may be from before Planned end, by %s',
    async (source) => {
      const { site, key } = withWindow({ end: 1500 }, 'Review');
      site.behaviour.dateHeader = source === 'Date' ? 'on' : 'none';
      const run = await gate(site, supplied(key), {
        latency: 1000,
        at: [[1400, () => site.moveTo(key, 'Declined')]],
      });
      // The run must not stop on the first check: approval was still possible then.
      expect(run).toMatchObject({ exitCode: 1, outputs: { 'ChangeRequest.Status': 'Declined' } });
      expect(checks(run, key).length).toBeGreaterThanOrEqual(2);
    },
  );

  it('[W9] without any time stops a run with a window, and continues a run without', async () => {
    const options = { dateHeader: 'none', serverTime: 'none' } as const;
    const windowed = withWindow({ start: -hourMs }, 'Implementing', options);
    const run = await gate(windowed.site, supplied(windowed.key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/Date header/);
    const open = withWindow({}, 'Implementing', options);
    expect((await gate(open.site, supplied(open.key))).exitCode).toBe(0);
  });

  it.each([
    ['2026-06-13T12:00:00.000+1000', -6 * hourMs],
    ['2026-06-13T09:00:00.000Z', hourMs],
    ['2026-06-13T11:00:00.000+02:00', hourMs],
    ['2026-06-13T09:30:00Z', 1.5 * hourMs],
  ])('[W10] reads %s as Planned start as that instant', async (value, expected) => {
    const { site, key } = siteWith({ status: 'Implementing', fields: { 'Planned start': value } });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(expected);
    expect(run.endedAtMs).toBeLessThan(Math.max(0, expected) + 3 * secondMs);
  });

  it("[W10] reads a date without a time as the day's start or end in the account's time zone, and logs it", async () => {
    const site = new SimulatedSite({ timeZone: 'America/New_York' });
    const { key } = site.createRequest({
      summary: deploymentTitle,
      status: 'Implementing',
      fields: { 'Planned start': '2026-06-14', 'Planned end': '2026-06-14' },
    });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    // Midnight in New York is 4:00 UTC: 20 hours after the run starts.
    expect(run.endedAtMs).toBeGreaterThanOrEqual(20 * hourMs);
    expect(run.endedAtMs).toBeLessThan(20 * hourMs + 3 * secondMs);
    expect(run.outputs).toMatchObject({
      'ChangeRequest.PlannedStart': '2026-06-14T04:00:00Z',
      'ChangeRequest.PlannedEnd': '2026-06-15T03:59:59.999Z',
    });
    expect(said(run)).toMatch(/date without a time, read in the time zone of the account/);
  });

  it.each([
    ['Planned start', '2026-06-14', { 'ChangeRequest.PlannedStart': '2026-06-14T04:00:00Z' }],
    ['Planned end', '2026-06-14', { 'ChangeRequest.PlannedEnd': '2026-06-15T03:59:59.999Z' }],
  ])('[W10] reads a date without a time if only %s has no time', async (name, value, outputs) => {
    const site = new SimulatedSite({ timeZone: 'America/New_York' });
    const { key } = site.createRequest({ status: 'Implementing', summary: 'x', fields: { [name]: value } });
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 0, outputs });
  });

  it.each(['13.06.2026', '2026-06-13T09:00', 'tomorrow', '2026-02-30T10:00:00.000+0000', 1781345000000])(
    '[W10] %s stops the run',
    async (value) => {
      const { site, key } = siteWith({ status: 'Implementing', fields: { 'Planned end': value } });
      const run = await gate(site, supplied(key));
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
      expect(run.resultMessage).toMatch(/Planned end/);
    },
  );

  it('[W11] stops if Planned start is after Planned end', async () => {
    const { site, key } = withWindow({ start: 2 * hourMs, end: hourMs }, 'Review');
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/is after its Planned end/);
  });
});

describe('what a check must contain', () => {
  it('[W12] asks Cloud to fail rather than omit a field', async () => {
    const { site, key } = withWindow({});
    const run = await gate(site, supplied(key));
    expect(run.requests[0]?.query).toMatch(/failFast=true/);
  });

  it('[W12] learns the ids if another field does not load, and the deciding read names its fields', async () => {
    const { site, key } = withWindow({ start: 5 * minuteMs }, 'Implementing', {
      failingFields: ['Change risk'],
    });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(5 * minuteMs);
    const last = checks(run).at(-1);
    expect(decodeURIComponent(last?.query ?? '')).toContain(`${plannedStartId},${plannedEndId}`);
    expect(last?.query).toMatch(/failFast=true/);
  });

  /** The field names as returned without the header that asks for English. */
  const rewrite = (body: string): string =>
    body
      .replace(`"${plannedStartId}":"Planned start"`, `"${plannedStartId}":"開始予定"`)
      .replace(`"${plannedEndId}":"Planned end"`, `"${plannedEndId}":"終了予定"`);

  it.each([
    ['is unavailable', { kind: 'status', status: 503 }, 'Unreachable'],
    ['is refused', { kind: 'status', status: 403, body: '{"errorMessages":["No."]}' }, 'PermissionMissing'],
  ] as const)(
    "[W12] [F2] [F7] does not rely on an answer without planned fields while the site's list %s",
    async (_what, fault, code) => {
      const { site, key } = withWindow({ start: hourMs });
      site.faults.add({ fault, path: /\/rest\/api\/2\/field$/ });
      const run = await gate(site, { ...supplied(key), 'JsmChange.OutageMinutes': '2' }, { rewrite });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: code } });
      expect(run.endedAtMs).toBeLessThan(2.5 * minuteMs);
    },
  );

  it('[W12] finds the window even if the field names are in another language', async () => {
    const { site, key } = withWindow({ start: hourMs });
    const run = await gate(site, { ...supplied(key), 'JsmChange.WhenPending': 'Fail' }, { rewrite });
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'AwaitingPlannedStart' } });
  });

  it.each(['kept', 'lost'] as const)(
    '[W12] does not proceed if a default planned field does not load and its name is %s',
    async (failingFieldNames) => {
      const { site, key } = withWindow({ start: hourMs }, 'Implementing', {
        failingFields: ['Planned start'],
        failingFieldNames,
      });
      const run = await gate(site, { ...supplied(key), 'JsmChange.OutageMinutes': '1' });
      expect(run.exitCode).toBe(1);
    },
  );

  it('[W12] ignores a planned field that the change request lacks if another field does not load', async () => {
    const { site, key } = siteWith(
      { status: 'Implementing' },
      { failingFields: ['Change risk'], dateFields: 'both', hiddenFields: ['Planned start', 'Planned end'] },
    );
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
  });

  it('[W12] stops if the answer lacks a named field', async () => {
    const { site, key } = withWindow({});
    const run = await gate(site, { ...supplied(key), [startParameter]: 'Go live' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/Go live/);
  });

  it('[W12] stops if the answer lacks a field that Field[...] sets', async () => {
    const { site, key } = withWindow({}, 'Implementing', { hiddenFields: ['Planned start'] });
    const run = await gate(site, {
      ...supplied(key),
      'Octopus.JiraServiceManagement.Field[Planned start]': '2026-06-13T09:00:00Z',
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
  });

  it('[W12] stops if a field that an earlier check saw is gone', async () => {
    const { site, key } = withWindow({ start: hourMs });
    const run = await gate(site, supplied(key), {
      at: [
        [
          minuteMs,
          () => {
            site.behaviour.hiddenFields = ['Planned start'];
            site.touch(site.issue(key));
          },
        ],
      ],
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.endedAtMs).toBeLessThan(hourMs);
  });

  it('[W12] [L10] stops if a field that an earlier check saw is gone from the one that the run follows to', async () => {
    const { site, key } = withWindow({ start: -hourMs }, 'Review');
    const run = await gate(
      site,
      {},
      {
        at: [
          [
            minuteMs,
            () => {
              site.hideFields('Planned start');
              const other = site.createRequest({ summary: deploymentTitle, status: 'Implementing' }).key;
              site.editSummary(key, `Withdrawn in favour of ${other}: ${deploymentTitle}`);
            },
          ],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'WindowUnknown' } });
    expect(run.resultMessage).toMatch(/CHG-2.*Planned start|Planned start.*CHG-2/);
  });

  it('[W12] warns once about a site without fields of the default names, even during a wait', async () => {
    const site = new SimulatedSite({ dateFields: 'none' });
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Review' });
    const run = await gate(site, supplied(key), {
      at: [[10 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
    expect(run.warnings.filter((line) => /no change window/.test(line))).toHaveLength(1);
    expect(run.warnings.join()).toMatch(
      /Planned start, Planned end, Change start date or Change completion date/,
    );
    expect(run.warnings.join()).toMatch(
      /JsmChange\.PlannedStartField\) and Planned end field \(JsmChange\.PlannedEndField/,
    );
    const [verified] = await simulateRuns({
      site,
      runs: [{ variables: gateVariables(site, { ...supplied(key), 'JsmChange.Operation': 'Verify' }) }],
    });
    expect(verified?.warnings.filter((line) => /no change window/.test(line))).toHaveLength(1);
  });

  it.each([
    ['Planned end', 'Planned finish', /window of .* has no end: the site has no field called Planned end/],
    ['Planned start', 'Planned beginning', /window of .* has no beginning: .* called Planned start/],
  ])('[W12] warns once if the site has no default field for %s', async (bound, name, expected) => {
    const { site, key } = siteWith({ status: 'Review' });
    site.renameField(bound, name);
    const run = await gate(site, supplied(key), {
      at: [[2 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
    expect(run.summary.filter((line) => line.includes('no field called'))).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it('[W12] does not warn about a change request without the fields on a site that has them', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.behaviour.hiddenFields = ['Planned start', 'Planned end'];
    const answer = site.answer.bind(site);
    site.answer = (request) => {
      // The site lists the fields; only this issue's screens lack them.
      site.behaviour.hiddenFields = request.path.endsWith('/field') ? [] : ['Planned start', 'Planned end'];
      return answer(request);
    };
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
  });

  it('[W12] logs a default field that was never there, and sets no bound for it', async () => {
    const { site, key } = siteWith({ status: 'Implementing' }, { dateFields: 'none' });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(said(run)).toMatch(/no field for Planned start/);
  });

  it('[W12] prefers a filled field to an empty one with the same purpose', async () => {
    const site = new SimulatedSite({ dateFields: 'both' });
    const { key } = site.createRequest({
      summary: deploymentTitle,
      status: 'Implementing',
      fields: { 'Change start date': site.dateIn(10 * minuteMs) },
    });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(10 * minuteMs);
  });

  it('[W12] stops on two different values for the same purpose', async () => {
    const site = new SimulatedSite({ dateFields: 'both' });
    const { key } = site.createRequest({
      summary: deploymentTitle,
      status: 'Implementing',
      fields: { 'Planned start': site.dateIn(-hourMs), 'Change start date': site.dateIn(hourMs) },
    });
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/two planned fields with different values/);
  });

  it('[W13] stops for a passed Planned end only on a later check, and suggests a fix', async () => {
    const { site, key } = withWindow({ end: 20 * minuteMs }, 'Review');
    const run = await gate(site, supplied(key), {
      at: [
        // Moved shortly before it passes: the run decides on its next check.
        [20 * minuteMs - 20, () => site.setField(key, 'Planned end', site.dateIn(30 * minuteMs))],
        [25 * minuteMs, () => site.moveTo(key, 'Implementing')],
      ],
    });
    expect(run.exitCode).toBe(0);
    const past = withWindow({ end: -minuteMs });
    const stopped = await gate(past.site, supplied(past.key));
    expect(stopped.resultMessage).toMatch(/Move Planned end and deploy again, or close the change request/);
  });

  it('[W13] proceeds with an approved change request without Planned end, and logs the consequences', async () => {
    const { site, key } = withWindow({ start: -hourMs });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(said(run)).toMatch(/no Planned end: it covers every later run with its title until it is closed/);
  });

  it('[W13] logs that once, only if the change request is approved and has no Planned end', async () => {
    const endless = /no Planned end: it covers/g;
    const waiting = withWindow({ start: 30 * minuteMs });
    const run = await gate(waiting.site, supplied(waiting.key));
    expect(said(run).match(endless)).toHaveLength(1);
    // Logged when the change request is found approved, so that there is time to set Planned end.
    const toldMs = run.said.find(({ line }) => line.includes('no Planned end: it covers'))?.atMs;
    expect(toldMs).toBeLessThan(minuteMs);

    const bounded = withWindow({ start: 30 * minuteMs, end: hourMs });
    expect(said(await gate(bounded.site, supplied(bounded.key)))).not.toMatch(endless);

    const review = withWindow({}, 'Review');
    const asked = await gate(review.site, { ...supplied(review.key), ...fail });
    expect(said(asked)).not.toMatch(endless);
  });

  it('[W13] requirePlannedEnd stops a change request without Planned end', async () => {
    const { site, key } = withWindow({ start: -hourMs });
    const policy = `
version: 1
requirePlannedEnd: true
connections: [{ name: A, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects: [{ name: "*", connection: A, serviceProject: CHG }]
environments: [{ name: "*" }]
`;
    const run = await gate(site, { ...supplied(key), 'JsmChange.Policy': policy });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/no Planned end, which the policy requires/);
  });

  it('[W13] stops immediately on a Planned start beyond the wait limit, and names the time', async () => {
    const { site, key } = withWindow({ start: 25 * hourMs });
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(checks(run)).toHaveLength(1);
    expect(run.resultMessage).toContain('2026-06-14T09:00:00Z');
    const unlimited = await gate(site, { ...supplied(key), 'JsmChange.WaitLimitMinutes': '0' });
    expect(unlimited.exitCode).toBe(0);
  });

  it.each([
    [-20 * secondMs, 'Proceed'],
    [20 * secondMs, 'Stop'],
  ])(
    '[W13] counts the wait limit from the start of the process: %i ms from the limit',
    async (beyondMs, decision) => {
      const { site, key } = withWindow({ start: 3 * hourMs + beyondMs }, 'Review');
      const run = await gate(
        site,
        { ...supplied(key), 'JsmChange.WaitLimitMinutes': '180' },
        { at: [[2 * hourMs, () => site.moveTo(key, 'Implementing')]] },
      );
      expect(run.outputs['Decision']).toBe(decision);
      if (decision === 'Stop') expect(run.endedAtMs).toBeLessThan(2 * hourMs + minuteMs);
    },
  );

  it('[P1] with Fail stops after one check if an approved change request is before its Planned start', async () => {
    const { site, key } = withWindow({ start: hourMs });
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(checks(run)).toHaveLength(1);
  });
});

describe('an account that cannot be read', () => {
  it.each([
    ['at first', 0],
    ['during the wait', minuteMs],
  ])(
    '[L3] [W10] does not look like a missing change request if its time zone is needed %s',
    async (_when, at) => {
      const { site, key } = siteWith();
      const body = '{"errorMessages":["gone"],"errors":{}}';
      site.faults.add({ path: /\/myself/, fault: { kind: 'status', status: 404, body } });
      const run = await gate(site, supplied(key), {
        at: [[at, () => site.setField(key, 'Planned end', '2026-06-14')]],
      });
      expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'InputInvalid' });
      expect(run.outputs['DecisionReason']).toContain('myself');
    },
  );
});
