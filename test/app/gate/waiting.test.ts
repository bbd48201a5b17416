import { describe, expect, it } from 'vitest';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import type { SimulatedSite } from '../../simulation/simulated-site.ts';
import { SimulatedSite as Site } from '../../simulation/simulated-site.ts';
import {
  checks,
  creations,
  gaps,
  gate,
  hourMs,
  minuteMs,
  said,
  searches,
  secondMs,
  siteWith,
  supplied,
} from '../gate-run.ts';

const fail = { 'JsmChange.WhenPending': 'Fail' };
const interval = 'JsmChange.PollIntervalSeconds';
const waitLimit = 'JsmChange.WaitLimitMinutes';
const outage = 'JsmChange.OutageMinutes';

function approveAt(site: SimulatedSite, key: string, ms: number): readonly [number, () => void] {
  return [ms, () => site.moveTo(key, 'Implementing')];
}

describe('waiting', () => {
  it('[P1] decides on one check with Fail', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', 'ChangeRequest.Status': 'Review' },
    });
    expect(checks(run, key)).toHaveLength(1);
    // The check, and the read of who still has to approve (M4).
    expect(run.requests.map(({ path }) => path.replace(/.*\//, ''))).toEqual([key, 'approval']);
    expect(run.resultMessage).toMatch(/not ready.*Review.*approval/);
  });

  it('[P1] does not count lookup, creation and the searches for racing runs as checks', async () => {
    const site = new Site();
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({ Decision: 'Stop', 'ChangeRequest.Source': 'Created' });
    expect(checks(run, 'CHG-1')).toHaveLength(1);
    expect(searches(run)).toHaveLength(2);
  });

  it.each([1, 15, 600])('[P2] checks at randomly varied intervals of at least %i s', async (seconds) => {
    const { site, key } = siteWith();
    const run = await gate(
      site,
      { ...supplied(key), [interval]: String(seconds) },
      { at: [approveAt(site, key, 20 * minuteMs)] },
    );
    expect(run.exitCode).toBe(0);
    // W8: the check that allows the deployment follows immediately, and reads all fields.
    const between = gaps(checks(run, key)).slice(0, -1);
    expect(Math.min(...between)).toBeGreaterThanOrEqual(seconds * secondMs);
    expect(Math.max(...between)).toBeLessThanOrEqual(1.2 * seconds * secondMs);
    if (between.length > 20) expect(new Set(between).size).toBeGreaterThan(between.length / 2);
  });

  it('[P2] sends one request per check, with and without a window, and with a date without a time', async () => {
    for (const fields of [
      {},
      { 'Planned end': '2026-06-20' },
      { 'Planned end': '2026-06-20T10:00:00.000+0000' },
    ]) {
      const { site, key } = siteWith({ fields });
      const run = await gate(site, supplied(key), { at: [approveAt(site, key, hourMs)] });
      expect(run.exitCode).toBe(0);
      const others = run.requests.filter((request) => !checks(run, key).includes(request));
      // The pending approvers once, who approved once, and for a date the time zone once.
      expect(others.length).toBeLessThanOrEqual(3);
    }
  });

  it('[P2] reads the pending approvers only when something has changed', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), {
      at: [[10 * minuteMs, () => site.moveTo(key, 'Planning')], approveAt(site, key, 20 * minuteMs)],
    });
    // [A3] The last read, after the approval, is for the ending.
    expect(run.requests.filter(({ path }) => path.endsWith('/approval'))).toHaveLength(3);
  });

  it('[P2] proceeds within 20 s of an approval in the first half hour, within 60 s after that', async () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      for (const [minutes, limitMs] of [
        [seed, 20 * secondMs],
        [30 + 10 * seed, 60 * secondMs],
      ] as const) {
        const { site, key } = siteWith();
        const approvedMs = minutes * minuteMs - 30 * secondMs;
        const run = await gate(site, supplied(key), { seed, at: [approveAt(site, key, approvedMs)] });
        expect(run.exitCode).toBe(0);
        expect(run.endedAtMs - approvedMs).toBeLessThanOrEqual(limitMs);
      }
    }
  });

  it('[P2] checks as often after a change as at first', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), {
      at: [[50 * minuteMs, () => site.moveTo(key, 'Planning')], approveAt(site, key, 100 * minuteMs)],
    });
    const gapsBetween = (fromMs: number, toMs: number): readonly number[] =>
      gaps(checks(run, key).filter(({ sentMs }) => sentMs > fromMs && sentMs < toMs));
    expect(Math.max(...gapsBetween(minuteMs, 29 * minuteMs))).toBeLessThan(20 * secondMs);
    expect(Math.min(...gapsBetween(31 * minuteMs, 50 * minuteMs))).toBeGreaterThan(20 * secondMs);
    expect(Math.max(...gapsBetween(52 * minuteMs, 79 * minuteMs))).toBeLessThan(20 * secondMs);
    expect(Math.min(...gapsBetween(82 * minuteMs, 99 * minuteMs))).toBeGreaterThan(20 * secondMs);
  });

  it('[P3] checks an approved change request every 5 minutes before Planned start, and at Planned start', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.setField(key, 'Planned start', site.dateIn(2 * hourMs));
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(2 * hourMs);
    expect(run.endedAtMs).toBeLessThan(2 * hourMs + 2 * secondMs);
    const between = gaps(checks(run, key)).filter((gap) => gap > 5 * secondMs);
    expect(Math.min(...between.slice(0, -1))).toBeGreaterThanOrEqual(5 * minuteMs);
    expect(Math.max(...between)).toBeLessThanOrEqual(6 * minuteMs);
    expect(checks(run, key).length).toBeLessThan(30);
  });

  it('[P3] keeps an interval that is longer than 5 minutes', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.setField(key, 'Planned start', site.dateIn(6 * hourMs));
    const run = await gate(site, { ...supplied(key), [interval]: '1800' });
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeLessThan(6 * hourMs + 2 * secondMs);
    expect(checks(run, key).length).toBeLessThan(17);
  });

  it('[P4] cuts the pause between two checks at the wait limit', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, { ...supplied(key), [waitLimit]: '2', [interval]: '3600' });
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'TimedOut', 'ChangeRequest.Status': 'Review' },
    });
    expect(run.endedAtMs).toBeGreaterThanOrEqual(2 * minuteMs);
    expect(run.endedAtMs).toBeLessThanOrEqual(2 * minuteMs + secondMs);
    expect(checks(run, key)).toHaveLength(1);
  });

  it.each([
    ['from the first request', 0, 1],
    ['in the middle of the wait', 70 * secondMs, 2],
  ])('[P4] ends within 1 s of the limit if the server never answers %s', async (_when, fromMs, minutes) => {
    const { site, key } = siteWith();
    site.faults.add({ fault: { kind: 'hang' }, fromMs: site.siteClock.now() + fromMs });
    const run = await gate(site, { ...supplied(key), [waitLimit]: String(minutes), [outage]: '60' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'TimedOut' } });
    expect(run.endedAtMs).toBeGreaterThanOrEqual(minutes * minuteMs);
    expect(run.endedAtMs).toBeLessThanOrEqual(minutes * minuteMs + secondMs);
    expect(run.requests.at(-1)?.settledMs).toBeLessThanOrEqual(run.endedAtMs);
  });

  it('[P4] keeps the limit during a lookup by title on a slow site', async () => {
    const site = new Site({ faults: [{ fault: { kind: 'slow', delayMs: 20 * secondMs } }] });
    const run = await gate(site, { [waitLimit]: '1' });
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.endedAtMs).toBeLessThanOrEqual(minuteMs + secondMs);
  });

  it('[P4] does not cut off a create request in progress or the search for it', async () => {
    const site = new Site({
      faults: [
        { fault: { kind: 'hang', afterWork: true }, method: 'POST', path: /servicedeskapi\/request$/, at: 1 },
      ],
      indexLagMs: 40 * secondMs,
    });
    const run = await gate(site, { [waitLimit]: '1' });
    expect(site.issues()).toHaveLength(1);
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    expect(run.endedAtMs).toBeGreaterThan(minuteMs + secondMs);
  });

  it.each(['hang', 'reset'] as const)(
    '[P4] [C3] keeps searching for 2 minutes after a lost create request on a site that answers with a %s',
    async (kind) => {
      const site = new Site({
        faults: [
          {
            fault: { kind: 'reset', afterWork: true },
            method: 'POST',
            path: /servicedeskapi\/request$/,
            at: 1,
          },
        ],
      });
      site.faults.add({ fault: { kind }, fromMs: site.siteClock.now() + 6 * secondMs });
      const run = await gate(site, { [waitLimit]: '1' });
      const lostMs = creations(run)[0]?.settledMs ?? 0;
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'NotRaised' } });
      expect(lostMs).toBeLessThan(6 * secondMs);
      expect(run.endedAtMs - lostMs).toBeGreaterThanOrEqual(120 * secondMs);
      expect(run.endedAtMs - lostMs).toBeLessThanOrEqual(121 * secondMs);
    },
  );

  it('[P4] does not repeat a create request that did not get through after the limit', async () => {
    const site = new Site();
    const run = await gate(
      site,
      { [waitLimit]: '2' },
      {
        failure: ({ method, url }) =>
          method === 'POST' && url.endsWith('/request') ? 'not-connected' : undefined,
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'Unreachable' } });
    expect(creations(run).length).toBeGreaterThan(3);
    // The next try would be after the limit.
    expect(run.endedAtMs).toBeLessThanOrEqual(2 * minuteMs);
    expect(run.endedAtMs).toBeGreaterThan(80 * secondMs);
  });

  it('[P4] sends nothing after the limit or after a signal', async () => {
    for (const end of [{ [waitLimit]: '3' }, {}]) {
      const { site, key } = siteWith();
      const run = await gate(site, { ...supplied(key), ...end }, { terminateMs: 3 * minuteMs });
      expect(run.exitCode).toBe(1);
      const before = run.requests.length;
      expect(run.requests.every(({ sentMs }) => sentMs < 3 * minuteMs)).toBe(true);
      expect(before).toBeGreaterThan(5);
    }
  });

  it('[P4] waits for weeks if there is no limit', async () => {
    const { site, key } = siteWith();
    const run = await gate(
      site,
      { ...supplied(key), [waitLimit]: '0', [interval]: '3600' },
      { at: [approveAt(site, key, 30 * 24 * hourMs)] },
    );
    expect(run.exitCode).toBe(0);
  });

  it('[P5] logs each change once, and rarely repeats itself', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), {
      at: [
        [hourMs, () => site.moveTo(key, 'Planning')],
        [2 * hourMs, () => site.setField(key, 'Planned start', site.dateIn(2 * hourMs))],
        approveAt(site, key, 3 * hourMs),
      ],
    });
    expect(run.exitCode).toBe(0);
    const highlighted = run.summary.filter((line) => line.includes(`[${key}]`));
    expect(highlighted.filter((line) => line.includes('is Review: waiting for its approval'))).toHaveLength(
      1,
    );
    expect(highlighted.filter((line) => line.includes('is Planning: waiting for its approval'))).toHaveLength(
      2,
    );
    expect(highlighted.filter((line) => line.includes('waiting for its Planned start'))).toHaveLength(1);
    expect(run.said.length).toBeLessThan(30);
    // The next step is logged when it changes: at the beginning and at the approval.
    expect(
      run.said.filter(({ line }) => /^Waiting; checking again/.test(line)).map(({ line }) => line),
    ).toEqual([
      'Waiting; checking again about every 15 s.',
      'Waiting; checking again at Planned start, and only occasionally before then.',
    ]);
  });

  it('[P5] logs every half hour that nothing has changed, and how long it has waited', async () => {
    const { site, key } = siteWith();
    const startMs = 7 * minuteMs;
    const run = await gate(site, supplied(key), {
      startMs,
      at: [approveAt(site, key, startMs + 100 * minuteMs)],
    });
    const still = run.said.filter(({ line }) => /minutes so far/.test(line));
    expect(still.map(({ level }) => level)).toEqual(['wait', 'wait', 'wait']);
    expect(still.map(({ line }) => Number(/for (\d+) minutes so far/.exec(line)?.[1]))).toEqual([30, 61, 91]);
    expect(still.map(({ atMs }) => Math.round((atMs - startMs) / minuteMs))).toEqual([30, 61, 91]);
  });

  it('[P4] [W9] says how long it waits at most if the time of the site is not known', async () => {
    const { site, key } = siteWith({}, { dateHeader: 'none' });
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, minuteMs)] });
    expect(run.summary.join('\n')).toMatch(/The step waits for at most \d+/);
  });

  it('[P5] keeps the progress text up to date', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, 5 * hourMs)] });
    const times = run.progress.map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(times.length).toBeGreaterThan(100);
    expect(Math.max(...pauses)).toBeLessThan(3 * minuteMs);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(minuteMs);
    expect(run.progress[0]?.message).toContain('waiting for its approval');
  });
});

describe('what the task log shows', () => {
  it('[M1] highlights the change request as a link with what the step waits for, and the ending', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, minuteMs)] });
    const link = `[${key}](https://acme.atlassian.net/browse/${key})`;
    expect(run.summary[0]).toBe(`The supplied change request is ${link}: "${deploymentTitle}".`);
    expect(run.summary[1]).toContain(`${link} is Review: waiting for its approval`);
    expect(run.summary.at(-1)).toContain(`${link}: Proceed.`);
    expect(run.summary).toHaveLength(3);
  });

  it.each([
    ['a status that refuses', { status: 'Declined' }],
    ['a Planned end that has passed', { fields: { 'Planned end': '2026-06-12T10:00:00.000+0000' } }],
  ])('[M2] %s ends with a message that says what happened, why and what to do', async (_what, request) => {
    const { site, key } = siteWith(request);
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain(key);
    expect(run.resultMessage?.split('. ').length).toBeGreaterThanOrEqual(2);
    expect(run.outputs['DecisionReason']).toBeTruthy();
    expect(run.resultMessage).toContain(run.outputs['DecisionReason']);
  });

  it('[M2] sends no such message if the deployment may proceed', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    expect((await gate(site, supplied(key))).resultMessage).toBeUndefined();
  });

  it('[M3] writes only ASCII on Windows, and the original characters elsewhere', async () => {
    const { site, key } = siteWith({ summary: 'x' });
    site.behaviour.translations = {};
    const names = { 'Octopus.Project.Name': 'Přehled 网站', ...fail };
    const windows = await gate(site, names, { asciiOnly: true });
    expect(windows.lines.every((line) => /^[\x20-\x7e]*$/.test(line))).toBe(true);
    const linux = await gate(site, { ...names, 'Octopus.Environment.Name': 'Výroba' });
    expect(said(linux)).toContain('Přehled 网站');
    expect(key).toBe('CHG-1');
  });

  it('[M4] names the pending approvers', async () => {
    const { site, key } = siteWith();
    site.setApproval(key, { approvers: { 'Ann Approver': 'approved', 'Bob Board': 'pending' } });
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, minuteMs)] });
    expect(run.exitCode).toBe(0);
    expect(run.summary[1]).toMatch(/Approved by: Ann Approver\. Still pending: Bob Board\./);
  });

  it('[M4] does not name a pending approver whose answer is no longer needed', async () => {
    const { site, key } = siteWith();
    site.setApproval(key, {
      approvers: { 'Ann Approver': 'approved', 'Bob Board': 'pending' },
      finalDecision: 'approved',
    });
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run.resultMessage).toContain('Approved by: Ann Approver.');
    expect(run.resultMessage).not.toContain('Bob Board');
  });

  it('[M4] [P1] names the approvers in the reason if the step does not wait', async () => {
    const { site, key } = siteWith();
    site.setApproval(key, { approvers: { 'Ann Approver': 'approved', 'Bob Board': 'pending' } });
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run.resultMessage).toMatch(/Approved by: Ann Approver\. Still pending: Bob Board\. Deploy again/);
    const hidden = siteWith({}, { permissions: { seeApprovals: false } });
    const unshown = await gate(hidden.site, { ...supplied(hidden.key), ...fail });
    expect(unshown.outputs['Decision']).toBe('Stop');
    expect(unshown.resultMessage).not.toMatch(/Still pending|Approved by/);
  });

  it('[M4] does not read the approvals if only Planned start is awaited', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.setField(key, 'Planned start', site.dateIn(hourMs));
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run.outputs['Decision']).toBe('Stop');
    expect(run.requests.filter(({ path }) => path.endsWith('/approval'))).toEqual([]);
  });

  it('[M4] names those who declined, and omits the groups that are empty', async () => {
    const { site, key } = siteWith();
    site.setApproval(key, { approvers: { 'Ann Approver': 'declined', 'Bob Board': 'declined' } });
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, minuteMs)] });
    expect(run.summary[1]).toMatch(
      /Implementing\. Declined by: Ann Approver, Bob Board\. The step waits until 2026-06-14T07:59:59Z at the latest\.$/,
    );
  });

  it('[M4] [A3] reads who approved once, after the change request is approved', async () => {
    const { site, key } = siteWith({
      status: 'Implementing',
      fields: { 'Planned start': '2026-06-13T09:00:00.000+0000' },
    });
    site.setApproval(key, { approvers: { 'Bob Board': 'pending' } });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.requests.filter(({ path }) => path.endsWith('/approval'))).toHaveLength(1);
  });

  it('[M4] does not mention approvers if there are none', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, minuteMs)] });
    expect(run.summary[1]).toMatch(
      / is Review: waiting for its approval and the status Implementing\. The step waits/,
    );
    const asked = await gate(siteWith().site, { ...supplied('CHG-1'), ...fail });
    expect(asked.resultMessage).toMatch(/Implementing\. Deploy again when it is ready/);
  });

  it('[M4] continues if JSM does not show the approvers', async () => {
    const { site, key } = siteWith({}, { permissions: { seeApprovals: false } });
    const run = await gate(site, supplied(key), { at: [approveAt(site, key, minuteMs)] });
    expect(run.exitCode).toBe(0);
    expect(said(run)).not.toMatch(/pending/i);
    expect(deploymentTitle).toContain('Web Site');
  });
});
