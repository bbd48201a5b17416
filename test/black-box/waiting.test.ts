import { describe, expect } from 'vitest';
import { isRead, number, type Run, scenario } from './scenario.ts';

/** The times between consecutive checks, in the site's time. */
function gapsMs({ requests }: Run): number[] {
  const checks = requests.filter(isRead);
  return checks.slice(1).map(({ atMs }, index) => atMs - (checks[index]?.atMs ?? 0));
}

describe('a wait', () => {
  scenario('[P2] sends one request per check, never sooner than the interval', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 10 });
    const key = raise();
    afterChecks(6, () => site.moveTo(key, 'Implementing'));
    const ended = await run({ [number]: key, 'JsmChange.PollIntervalSeconds': '5' });
    expect(ended.decision).toBe('Proceed');
    // The pending approvers are read once, since nothing changed, and who approved once (A3).
    expect(ended.requests.filter(({ path }) => path.includes('/approval'))).toHaveLength(2);
    // The last check reads all fields again before the deployment proceeds, and may follow sooner (W8).
    expect(Math.min(...gapsMs(ended).slice(0, -1))).toBeGreaterThanOrEqual(5000);
    expect(ended.requests).toHaveLength(7 + 3);
  });

  scenario('[P2] keeps one connection', async ({ jsm }) => {
    const { raise, run, site, sandbox, afterChecks } = await jsm({ speed: 10 });
    const key = raise();
    afterChecks(5, () => site.moveTo(key, 'Implementing'));
    const ended = await run({ [number]: key });
    expect(ended.requests.filter(isRead)).toHaveLength(6 + 1);
    expect(sandbox.connectionCount()).toBe(1);
  });

  scenario('[P4] that reaches its limit ends without another request', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 30, faults: [{ fault: { kind: 'hang' }, at: 4, count: 99 }] });
    const ended = await run({ [number]: raise(), 'JsmChange.WaitLimitMinutes': '1' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'TimedOut' });
    expect((ended.requests.at(-1)?.atMs ?? 0) - (ended.requests[0]?.atMs ?? 0)).toBeLessThan(60_000);
  });

  scenario('[P5] reports each change of status once, with what is awaited', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 10 });
    const key = raise();
    afterChecks(2, () => site.moveTo(key, 'Planning'));
    afterChecks(4, () => site.setField(key, 'Planned start', new Date(site.now() + 20_000)));
    afterChecks(6, () => site.moveTo(key, 'Implementing'));
    const ended = await run({ [number]: key });
    const told = ended.summary.map((line) => line.replace(/^.*\) is /, ''));
    expect(told.filter((line) => line.startsWith('Review: waiting for its approval'))).toHaveLength(1);
    expect(told.filter((line) => line.startsWith('Planning: waiting for its approval'))).toHaveLength(2);
    expect(
      told.filter((line) => line.startsWith('Implementing: waiting for its Planned start')),
    ).toHaveLength(1);
    expect(ended.progress).toEqual([
      expect.stringMatching(/Review: waiting for its approval/),
      expect.stringMatching(/Planning: waiting for its approval/),
      expect.stringMatching(/Planning: waiting for its approval/),
      expect.stringMatching(/Implementing: waiting for its Planned start/),
    ]);
    expect(ended.text.match(/Planned start of CHG-1 is/g)).toHaveLength(1);
    expect(ended.lines.some(({ level }) => level === 'wait')).toBe(true);
  });

  scenario('[M4] names the approvers, and those still pending', async ({ jsm }) => {
    const projects = [{ key: 'CHG', approvals: { Authorize: ['Ann Approver', 'Bob Board'] } }];
    const { raise, run, site } = await jsm({ projects });
    const key = raise({ status: 'Authorize' });
    site.decide(key, 'Ann Approver', 'approved');
    // The approvers are asked for once, with a time limit that a fast clock would make too short.
    const ended = await run({ [number]: key, 'JsmChange.WhenPending': 'Fail' });
    expect(ended.summary.join('\n')).toMatch(
      /Authorize.*Approved by: Ann Approver\. Still pending: Bob Board\./,
    );
    expect(ended.decision).toBe('Stop');
  });

  scenario('[M4] continues if the approvers are not visible', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 10, permissions: { seeApprovals: false } });
    const key = raise();
    afterChecks(2, () => site.moveTo(key, 'Implementing'));
    const ended = await run({ [number]: key });
    expect(ended.decision).toBe('Proceed');
    expect(ended.text).not.toMatch(/status 403/);
  });

  scenario('[T3] ends with a refusal', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 10 });
    const key = raise();
    afterChecks(2, () => site.moveTo(key, 'Declined'));
    const ended = await run({ [number]: key });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop', reason: expect.stringMatching(/Declined/) });
  });

  scenario('[F3] ends if the change request is gone at a second check', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 10 });
    const key = raise();
    afterChecks(2, () => site.remove(key));
    const ended = await run({ [number]: key });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/no longer exists/),
    });
    expect(ended.requests.filter(({ answer }) => answer.status === 404)).toHaveLength(2);
  });
});
