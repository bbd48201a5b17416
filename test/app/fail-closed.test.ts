import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultScenario, runFaults, unseenApproval } from '../simulation/fault-model.ts';
import { gateVariables, simulate } from '../simulation/simulate.ts';
import { minuteMs, siteWith, supplied } from './gate-run.ts';

const runs = Number(process.env['FAULT_RUNS'] ?? 2000);

describe('failing closed', () => {
  it('[F7] no run exits 0 unless the site itself has shown it an approval inside its window, 10 s ago at most', async () => {
    let proceeded = 0;
    await fc.assert(
      fc.asyncProperty(faultScenario, async (scenario) => {
        const run = await runFaults(scenario);
        expect(unseenApproval(run)).toBeUndefined();
        if (run.exitCode === 0) proceeded += 1;
      }),
      { numRuns: runs },
    );
    // Otherwise the property would hold for a step that never lets anything go.
    expect(proceeded).toBeGreaterThan(runs / 10);
  }, 120_000);

  it('[F7] the judge of that property tells an approval that was never seen, or that is too old', async () => {
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

  it('[F7] [W9] that judge goes by the time that the site tells after the look, where the run has asked for it', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.behaviour.dateHeader = 'none';
    const startMs = 2 * minuteMs;
    site.setField(key, 'Planned start', site.dateIn(startMs));
    const latency = { minMs: 0, maxMs: 2500 };
    // The look at the start itself is served before it or after it, as latency has it.
    let before = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const from = site.time.now;
      site.setField(key, 'Planned start', site.dateIn(startMs));
      const run = await simulate({ site, variables: gateVariables(site, supplied(key)), latency, seed });
      expect(run.exitCode).toBe(0);
      expect(unseenApproval(run)).toBeUndefined();
      const look = run.requests.at(-2);
      if ((look?.arrivedMs ?? 0) < from + startMs) {
        before += 1;
        const untold = run.requests.slice(0, -1);
        expect(unseenApproval({ ...run, requests: untold })).toMatch(/nothing/);
      }
    }
    expect(before).toBeGreaterThan(0);
  });
});
