import { describe, expect } from 'vitest';
import { SettableClock } from '../sandbox/clock.ts';
import { changeWorkflow, createWorkflow } from '../sandbox/workflow.ts';
import { number, scenario } from './scenario.ts';

const noon = Date.UTC(2026, 5, 13, 12, 0, 0);
const before = new Date(noon - 60_000);
const at = new Date(noon);
const after = new Date(noon + 60_000);
const once = { 'JsmChange.WhenPending': 'Fail' };

describe('the window', () => {
  scenario.for<[string, Record<string, unknown>, 'Proceed' | 'Stop']>([
    ['[W1] without a bound is open', {}, 'Proceed'],
    ['[W2] opens at Planned start', { 'Planned start': at }, 'Proceed'],
    ['[W2] is open after Planned start', { 'Planned start': before }, 'Proceed'],
    ['[W2] is not open before Planned start', { 'Planned start': after }, 'Stop'],
    ['[W3] is open until Planned end', { 'Planned end': at }, 'Proceed'],
    ['[W3] is closed after Planned end', { 'Planned end': before }, 'Stop'],
    ['[W4] is open between both', { 'Planned start': before, 'Planned end': after }, 'Proceed'],
    ['[W4] includes both of its bounds', { 'Planned start': at, 'Planned end': at }, 'Proceed'],
    ['[W9] counts by the time of the server', { 'Planned start': before, 'Planned end': after }, 'Proceed'],
  ])('%s', async ([, fields, decision], { jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon) });
    const ended = await run({ ...once, [number]: raise({ status: 'Implementing', fields }) });
    expect(ended.decision).toBe(decision);
    // [W9] The worker's clock is months off.
    expect(ended.lines).toContainEqual({ level: 'warning', text: expect.stringMatching(/worker's clock/) });
  });

  scenario.for([
    ['2026-06-13T22:00:00.000+1000', 'Proceed'],
    ['2026-06-13T22:01:00.000+1000', 'Stop'],
    ['2026-06-13T12:00:00Z', 'Proceed'],
    ['2026-06-13T14:00:01+02:00', 'Stop'],
    ['2026-06-13', 'Proceed'],
    ['2026-06-14', 'Stop'],
    ['13/06/2026', 'Stop'],
    ['1781348400000', 'Stop'],
  ])('[W10] with %s as Planned start: %s', async ([start, decision], { jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon) });
    const ended = await run({
      ...once,
      [number]: raise({ status: 'Implementing', fields: { 'Planned start': start } }),
    });
    expect(ended.decision).toBe(decision);
  });

  scenario('[W10] of a date without a time lasts to the end of its day', async ({ jsm }) => {
    // 23:30 in Berlin, where the account is.
    const { raise, run } = await jsm({ clock: new SettableClock(Date.UTC(2026, 5, 13, 21, 30)) });
    const ended = await run({
      [number]: raise({ status: 'Implementing', fields: { 'Planned end': '2026-06-13' } }),
    });
    expect(ended).toMatchObject({ decision: 'Proceed', text: expect.stringMatching(/date without a time/) });
  });

  scenario('[W5] that is not open yet is waited for, and entered at Planned start', async ({ jsm }) => {
    const { raise, run, site, afterLooks } = await jsm({ speed: 10 });
    const key = raise();
    let startMs = 0;
    afterLooks(1, () => {
      startMs = Math.ceil((site.now() + 20_000) / 1000) * 1000;
      site.setField(key, 'Planned start', new Date(startMs));
      site.moveTo(key, 'Implementing');
    });
    const ended = await run({ [number]: key });
    expect(ended.decision).toBe('Proceed');
    const last = ended.requests.at(-1)?.atMs ?? 0;
    expect(last).toBeGreaterThanOrEqual(startMs);
    expect(last).toBeLessThan(startMs + 20_000);
    expect(ended.requests.length).toBeLessThanOrEqual(6);
  });

  scenario('[W6] that closes during the wait stops the deployment', async ({ jsm }) => {
    const { raise, run, site, afterLooks } = await jsm({ speed: 10 });
    const key = raise();
    let endMs = 0;
    afterLooks(1, () => {
      endMs = site.now() + 5000;
      site.setField(key, 'Planned end', new Date(endMs));
    });
    const ended = await run({ [number]: key });
    expect(ended).toMatchObject({ decision: 'Stop', reason: expect.stringMatching(/not approved before/) });
    expect(ended.result).toMatch(/Move Planned end, or close/);
    expect(ended.requests.at(-1)?.atMs).toBeGreaterThanOrEqual(endMs);
  });

  scenario('[W9] counts by serverInfo where no Date header tells', async ({ jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon), dateHeader: 'none' });
    const ended = await run({
      [number]: raise({ status: 'Implementing', fields: { 'Planned start': before } }),
    });
    expect(ended.decision).toBe('Proceed');
    expect(ended.requests.map(({ path }) => path).join()).toContain('/serverInfo');
  });

  scenario('[W9] stops the run where nothing tells the time', async ({ jsm }) => {
    const clock = new SettableClock(noon);
    const { raise, run } = await jsm({ clock, dateHeader: 'garbled', serverTime: 'none' });
    const ended = await run({
      [number]: raise({ status: 'Implementing', fields: { 'Planned start': before } }),
    });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/tells the time/),
    });
  });

  scenario('[W12] is that of the older fields where a site has those', async ({ jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon), dateFields: 'older' });
    const fields = { 'Change start date': before, 'Change completion date': before };
    const ended = await run({ [number]: raise({ status: 'Implementing', fields }) });
    expect(ended).toMatchObject({
      decision: 'Stop',
      reason: expect.stringMatching(/Planned end .* has passed/),
    });
  });

  scenario('[W12] of two fields with different values stops the run', async ({ jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon), dateFields: 'both' });
    const fields = { 'Planned start': before, 'Change start date': after };
    const ended = await run({ [number]: raise({ status: 'Implementing', fields }) });
    expect(ended).toMatchObject({ decision: 'Stop', reason: expect.stringMatching(/different values/) });
  });

  scenario('[W12] whose fields do not load is not taken for an open one', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 20, failingFields: ['Planned start'] });
    const key = raise({ status: 'Implementing', fields: { 'Planned start': new Date('2099-01-01') } });
    const ended = await run({ [number]: key, 'JsmChange.OutageMinutes': '1' });
    expect(ended.exitCode).toBe(1);
  });
});

describe('the status', () => {
  const statuses = [
    'Review',
    'Preview',
    'Planning',
    'Authorize',
    'AWAITING  implementation',
    'Peer review / change manager approval',
    'Awaiting CAB approval',
    'implementing',
    'Freigegeben',
    'Done',
  ];
  const workflow = createWorkflow(
    statuses.map((name, index) => [String(index + 1), name, 'indeterminate'] as const),
    [],
  );
  const projects = [{ key: 'CHG', workflow }];

  scenario.for(statuses.slice(0, 7))('[T2] %s is waited in', async (status, { jsm }) => {
    const { raise, run } = await jsm({ projects });
    const ended = await run({ ...once, [number]: raise({ status }) });
    expect(ended).toMatchObject({
      decision: 'Stop',
      reason: expect.stringMatching(/not ready.*needs its approval/),
    });
  });

  scenario('[T1] implementing lets the deployment go', async ({ jsm }) => {
    const { raise, run } = await jsm({ projects });
    expect((await run({ [number]: raise({ status: 'implementing' }) })).decision).toBe('Proceed');
  });

  scenario.for(changeWorkflow.statuses.slice(5).map(({ name }) => name))(
    '[T3] %s stops the deployment',
    async (status, { jsm }) => {
      const { raise, run } = await jsm();
      const ended = await run({ [number]: raise({ status }) });
      expect(ended).toMatchObject({
        decision: 'Stop',
        reason: expect.stringContaining(`has the status ${status}`),
      });
    },
  );

  scenario.for<[string, string]>([
    ['Freigegeben', 'Proceed'],
    ['implementing', 'Stop'],
    ['Review', 'Stop'],
  ])('[T4] %s, where the sets are replaced: %s', async ([status, decision], { jsm }) => {
    const { raise, run } = await jsm({ projects });
    const sets = {
      'JsmChange.ProceedStatuses': ' freigegeben \r\n\n',
      'JsmChange.WaitStatuses': 'Implementing\nPlanning',
    };
    const ended = await run({ ...once, ...sets, [number]: raise({ status }) });
    expect(ended.decision).toBe(decision);
  });
});
