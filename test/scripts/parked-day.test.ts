import { describe, expect, it } from 'vitest';
import { day, dayFigures } from '../../scripts/simulations/day.ts';
import { approvalsOver, runParkedDay, runWaitingGate, type Stay } from '../simulation/parked-day.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function stay(startMs: number, endMs: number, jiraRequests: number): Stay {
  return { startMs, endMs, jiraRequests, proceeded: true };
}

describe('a day of parked deployments', () => {
  it('is totalled over 24 hours, and the simulated gates are scaled to all deployments', () => {
    const approvals = [1 * hourMs, 3 * hourMs];
    const figures = dayFigures({
      approvals,
      parked: {
        requests: [stay(0, 36_000, 12), stay(0, 36_000, 12)],
        passes: [stay(2 * hourMs, 2 * hourMs + 72_000, 24), stay(4 * hourMs, 4 * hourMs + 72_000, 24)],
        gates: [
          stay(2 * hourMs, 2 * hourMs + 36_000, 24),
          stay(4 * hourMs + 36_000, 4 * hourMs + 72_000, 24),
        ],
        slotMs: 1.5 * hourMs,
      },
      sampled: [3 * hourMs],
      waiting: [stay(0, 3 * hourMs + 20_000, 240)],
    });
    expect(figures).toEqual({
      deployments: 2,
      passes: 2,
      parkedRequestsPerHour: 5,
      passRequestsPerHour: 2,
      parkedHours: expect.closeTo(0.08, 9),
      passHours: expect.closeTo(0.04, 9),
      slotHours: 1.5,
      parkedMedianMs: hourMs + 36_000,
      parkedP95Ms: hourMs + 72_000,
      gates: 1,
      gateRequestsPerHour: 20,
      gateHours: expect.closeTo(6 + 40_000 / hourMs, 9),
      gateMedianMs: 20_000,
      gateP95Ms: 20_000,
    });
  });

  it('has the same approvals for the same seed, earliest first', () => {
    const approvals = approvalsOver(hourMs, 20, 3);
    expect(approvalsOver(hourMs, 20, 3)).toEqual(approvals);
    expect(approvals).toEqual([...approvals].sort((a, b) => a - b));
    expect(approvalsOver(hourMs, 20, 4)).not.toEqual(approvals);
  });

  it('[R4] continues each deployment with the first pass after its approval, and not earlier', async () => {
    const approvals = [2 * minuteMs, 12 * minuteMs, 13 * minuteMs];
    const { requests, gates, passes, slotMs } = await runParkedDay(approvals, 5 * minuteMs);
    expect(passes.map(({ startMs }) => startMs)).toEqual([5, 10, 15].map((minutes) => minutes * minuteMs));
    expect(gates.map(({ startMs }) => Math.floor(startMs / minuteMs))).toEqual([5, 15, 15]);
    expect([...requests, ...gates, ...passes].every(({ proceeded }) => proceeded)).toBe(true);
    expect(requests.every(({ endMs }) => endMs < 2000)).toBe(true);
    // Only the time that the passes, requests and gates themselves take.
    expect(slotMs).toBe(0);
  });

  it('[P2] keeps a waiting gate running and polling until its approval', async () => {
    const gate = await runWaitingGate(10 * minuteMs, 1);
    expect(gate.endMs - 10 * minuteMs).toBeGreaterThan(0);
    expect(gate.endMs - 10 * minuteMs).toBeLessThan(30_000);
    expect(gate.jiraRequests).toBeGreaterThan(20);
  });

  it('plays every deployment on both sides', async () => {
    const { judged, breaches, figures } = await day.judge(2, 7);
    expect({ judged, breaches }).toEqual({ judged: 4, breaches: [] });
    expect(figures).toMatchObject({ deployments: 2, gates: 2, slotHours: 0 });
  });
});
