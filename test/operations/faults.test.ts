import { describe, expect, it } from 'vitest';
import { checks, siteWith, writes } from '../app/gate-run.ts';
import { faultCatalogue } from '../sandbox/fault.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import type { SimulatedSite } from '../simulation/simulated-site.ts';
import { commentsOf, decidedNothing, earlierGate, operate, requestsTo } from './operation-run.ts';

const variables = {
  'JsmChange.CustomerComments': 'True',
  'JsmChange.SuccessStatus': 'Completed',
  'JsmChange.OutageMinutes': '30',
};
const faults = Object.entries(faultCatalogue);
/** None of these operations sends more requests. */
const mostRequests = 12;

/** Runs the operation at a new site for each request at which the fault can strike, once or from then on. */
async function atEachRequest(
  fault: (typeof faults)[number][1],
  attempt: (site: SimulatedSite, key: string) => Promise<SimulatedRun>,
  check: (run: SimulatedRun, site: SimulatedSite, key: string, count: number) => void,
): Promise<void> {
  for (const count of [1, 1000]) {
    for (let at = 1; at <= mostRequests; at += 1) {
      const { site, key } = siteWith({ status: 'Implementing' });
      site.faults.add({ fault, at, count });
      const run = await attempt(site, key);
      check(run, site, key, count);
      if (run.requests.length < at) break;
    }
  }
}

describe('any fault at any request', () => {
  it.each(faults)(
    '[V2] [F2] %s: a report exits with 0 within 2 minutes, and writes nothing twice',
    async (_name, fault) => {
      await atEachRequest(
        fault,
        (site, key) => operate(site, 'Report', { ...variables, ...earlierGate(key) }),
        (run, site, key, count) => {
          expect(run.exitCode).toBe(0);
          expect(decidedNothing(run)).toBe(true);
          expect(run.summary.at(-1)).toMatch(/gated nothing/);
          expect(commentsOf(site, key).length).toBeLessThanOrEqual(1);
          const moves = requestsTo(run, 'POST', /\/transitions$/).filter(({ outcome }) => outcome !== 429);
          expect(moves.length).toBeLessThanOrEqual(2);
          expect(['Implementing', 'Completed']).toContain(site.issue(key).status.name);
          expect(run.endedAtMs - run.startedAtMs).toBeLessThanOrEqual(count === 1 ? 100_000 : 150_000);
          // Everything that was not done is reported.
          const isWhole = site.issue(key).status.name === 'Completed' && commentsOf(site, key).length === 1;
          expect(isWhole || run.warnings.length > 0).toBe(true);
        },
      );
    },
  );

  it.each(faults)('[V2] [F6] %s: a rerun completes the report', async (_name, fault) => {
    await atEachRequest(
      fault,
      async (site, key) => {
        const run = await operate(site, 'Report', { ...variables, ...earlierGate(key) });
        site.faults.clear();
        await operate(site, 'Report', { ...variables, ...earlierGate(key) });
        return run;
      },
      (_run, site, key) => {
        expect(site.issue(key).status.name).toBe('Completed');
        expect(commentsOf(site, key)).toHaveLength(1);
      },
    );
  });

  it.each(faults)(
    '[F7] %s: a verify exits with 0 only after it has seen the approval itself',
    async (_name, fault) => {
      await atEachRequest(
        fault,
        (site, key) => operate(site, 'Verify', { ...variables, ...earlierGate(key) }),
        (run) => {
          const last = checks(run).at(-1);
          const hasSeen = last?.outcome === 200 && last.served?.status === 'Implementing';
          if (run.exitCode === 0) expect(hasSeen).toBe(true);
          else expect(run.resultMessage).toBeDefined();
          expect(run.outputs['Decision']).toBe(run.exitCode === 0 ? 'Proceed' : run.outputs['Decision']);
          expect(writes(run)).toEqual([]);
        },
      );
    },
  );

  it.each(faults)(
    '[V4] %s: a test passes only if every line does, and writes nothing',
    async (_name, fault) => {
      await atEachRequest(
        fault,
        (site) => operate(site, 'Test', variables),
        (run, site) => {
          const failed = run.said.filter(({ line }) => line.startsWith('fail '));
          expect(run.exitCode).toBe(failed.length === 0 ? 0 : 1);
          expect(run.resultMessage === undefined).toBe(failed.length === 0);
          expect(writes(run)).toEqual([]);
          expect(commentsOf(site, 'CHG-1')).toEqual([]);
          expect(run.endedAtMs - run.startedAtMs).toBeLessThanOrEqual(150_000);
        },
      );
    },
  );
});
