import { describe, expect } from 'vitest';
import { SettableClock } from '../sandbox/clock.ts';
import { number, scenario } from './scenario.ts';

const noon = Date.UTC(2026, 5, 13, 12, 0, 0);
const before = new Date(noon - 60_000);
const after = new Date(noon + 60_000);

// test/domain tests what each bound, date and status means, and test/app/gate/window.test.ts what a run does
// with it; these tests only show that the parts work together in the process.
describe('the window', () => {
  scenario.for<[string, Record<string, unknown>, 'Proceed' | 'Stop']>([
    [
      '[W4] is open between Planned start and Planned end',
      { 'Planned start': before, 'Planned end': after },
      'Proceed',
    ],
    ['[W2] is not open before Planned start', { 'Planned start': after }, 'Stop'],
    ['[W3] is closed after Planned end', { 'Planned end': before }, 'Stop'],
    ['[W10] is read with an offset', { 'Planned start': '2026-06-13T22:01:00.000+1000' }, 'Stop'],
  ])('%s, by the time of the server [W9]', async ([, fields, decision], { jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon) });
    const key = raise({ status: 'Implementing', fields });
    const ended = await run({ 'JsmChange.WhenPending': 'Fail', [number]: key });
    expect(ended.decision).toBe(decision);
    // The worker's clock is months off.
    expect(ended.lines).toContainEqual({ level: 'warning', text: expect.stringMatching(/worker's clock/) });
  });

  scenario('[W5] that is not open yet is awaited and entered at Planned start', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 10 });
    const key = raise();
    let startMs = 0;
    afterChecks(1, () => {
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

  scenario('[W12] uses the older fields on a site that has those', async ({ jsm }) => {
    const { raise, run } = await jsm({ clock: new SettableClock(noon), dateFields: 'older' });
    const fields = { 'Change start date': before, 'Change completion date': before };
    const ended = await run({ [number]: raise({ status: 'Implementing', fields }) });
    expect(ended).toMatchObject({
      decision: 'Stop',
      reason: expect.stringMatching(/Planned end .* has passed/),
    });
  });
});

describe('the status', () => {
  scenario.for<[string, string]>([
    ['Planning', 'Proceed'],
    ['Implementing', 'Stop'],
    ['Review', 'Stop'],
  ])('[T4] %s with other status lists leads to %s', async ([status, decision], { jsm }) => {
    const { raise, run } = await jsm();
    const sets = {
      'JsmChange.ProceedStatuses': ' planning \r\n\n',
      'JsmChange.WaitStatuses': 'Implementing\nAuthorize',
    };
    const ended = await run({ 'JsmChange.WhenPending': 'Fail', ...sets, [number]: raise({ status }) });
    expect(ended.decision).toBe(decision);
  });
});
