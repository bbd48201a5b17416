import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultScenario, runFaults, unseenApproval } from '../simulation/fault-model.ts';
import { gateVariables, simulate } from '../simulation/simulate.ts';
import { checks, minuteMs, siteWith, supplied } from './gate-run.ts';

const runs = 300;

describe('failing closed', () => {
  it('[F7] [A2] exits with 0 only if the site showed an approval inside the window at most 10 s ago', async () => {
    let proceeded = 0;
    let proceededByApprovals = 0;
    await fc.assert(
      fc.asyncProperty(faultScenario, async (scenario) => {
        const run = await runFaults(scenario);
        expect(unseenApproval(run, scenario)).toBeUndefined();
        if (run.exitCode !== 0) return;
        proceeded += 1;
        if (scenario.approvalCheck !== 'Status') proceededByApprovals += 1;
      }),
      { numRuns: runs },
    );
    // Otherwise the property would also hold for a step that never proceeds.
    expect(proceeded).toBeGreaterThan(runs / 10);
    expect(proceededByApprovals).toBeGreaterThan(runs / 50);
  }, 120_000);

  it('[F7] detects an exit with 0 on an approval that was never seen or is too old', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await simulate({ site, variables: gateVariables(site, supplied(key)) });
    expect(unseenApproval(run)).toBeUndefined();
    expect(unseenApproval({ ...run, endedAtMs: run.endedAtMs + 11_000 })).toMatch(/old/);
    expect(unseenApproval({ ...run, requests: [] })).toMatch(/nothing/);
    const other = { ...run.outputs, 'ChangeRequest.Number': 'CHG-2' };
    expect(unseenApproval({ ...run, outputs: other })).toMatch(/nothing/);
    const garbled = run.requests.map((request) => ({ ...request, text: '{"key":"CHG-1"}' }));
    expect(unseenApproval({ ...run, requests: garbled })).toMatch(/nothing/);
    const late = run.requests.map((request) => ({
      ...request,
      served: request.served && { ...request.served, plannedEnd: '2026-06-13T07:59:59.000+0000' },
    }));
    expect(unseenApproval({ ...run, requests: late })).toMatch(/nothing/);
  });

  it('[F7] [A2] detects an exit with 0 on missing approvals, or on approvals by the deployer only', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const check = { approvalCheck: 'OtherApprover', isDeployerKnown: true } as const;
    const judged = async (name: string, who: string, finalDecision: 'approved' | 'declined') => {
      site.setApproval(key, { name, finalDecision, approvers: { [who]: finalDecision }, furtherRound: true });
      const run = await simulate({ site, variables: gateVariables(site, supplied(key)) });
      return (['Approved', 'OtherApprover'] as const).map(
        (approvalCheck) => unseenApproval(run, { ...check, approvalCheck }) === undefined,
      );
    };
    site.account('Dana Deployer').emailAddress = 'DANA@acme.example';
    site.account('Bob Board').hidesEmail = true;
    expect(await judged('CAB', 'Dana Deployer', 'approved')).toEqual([true, false]);
    expect(await judged('Peers', 'Bob Board', 'approved')).toEqual([true, false]);
    expect(await judged('CAB', 'Ann Approver', 'approved')).toEqual([true, true]);
    expect(await judged('Peers', 'Bob Board', 'declined')).toEqual([false, false]);
    const run = await simulate({ site, variables: gateVariables(site, supplied(key)) });
    expect(unseenApproval(run, { ...check, isDeployerKnown: false })).toMatch(/nobody/);
  });

  it('[F7] [W9] does not count a check before Planned start, even if the time read after it is later', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.behaviour.dateHeader = 'none';
    const latency = { minMs: 0, maxMs: 2500 };
    let checkedAgain = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const startMs = site.time.now + 2 * minuteMs;
      site.setField(key, 'Planned start', site.dateIn(2 * minuteMs));
      const run = await simulate({ site, variables: gateVariables(site, supplied(key)), latency, seed });
      expect(run.exitCode).toBe(0);
      expect(unseenApproval(run)).toBeUndefined();
      const [before] = checks(run, key).slice(-2);
      const told = run.requests[before === undefined ? 0 : run.requests.indexOf(before) + 1];
      if ((before?.arrivedMs ?? 0) < startMs && (told?.arrivedMs ?? 0) >= startMs + 1000) checkedAgain += 1;
    }
    expect(checkedAgain).toBeGreaterThan(0);
  });
});
