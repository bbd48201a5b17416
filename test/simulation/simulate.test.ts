import { describe, expect, it } from 'vitest';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { gateVariables, simulate, simulateRuns } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

const numberVariable = 'Octopus.JiraServiceManagement.ChangeRequest.Number';

describe('the simulation', () => {
  it('runs the whole step in virtual time, from a supplied number to its outputs', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: deploymentTitle });
    const run = await simulate({
      site,
      variables: gateVariables(site, { [numberVariable]: key }),
      at: [[100_000, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({
      'ChangeRequest.Number': key,
      'ChangeRequest.Source': 'Supplied',
      Decision: 'Proceed',
    });
    expect(run.endedAtMs).toBeGreaterThan(100_000);
    expect(run.endedAtMs).toBeLessThan(120_000);
    const reads = run.requests.filter((request) => request.path.endsWith(`/issue/${key}`));
    expect(reads.at(-1)).toMatchObject({ outcome: 200, served: { key, status: 'Implementing' } });
    expect(site.siteClock.now() - site.now()).toBe(0);
  });

  it('is the same for the same seeds', async () => {
    const once = async (seed: number) => {
      const site = new SimulatedSite({ indexLagMs: { minMs: 0, maxMs: 60_000 } });
      const runs = await simulateRuns({
        site,
        runs: [1, 2, 3].map((number) => ({
          variables: gateVariables(site, { 'Octopus.Deployment.Id': `Deployments-${number}` }),
          seed: seed + number,
        })),
        at: [[200_000, () => site.moveTo('CHG-1', 'Implementing')]],
      });
      return runs.map(({ lines, requests, endedAtMs }) => ({ lines, requests, endedAtMs }));
    };
    const first = await once(1);
    expect(await once(1)).toEqual(first);
    expect(await once(50)).not.toEqual(first);
  });

  it('lets a day pass in an instant', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: deploymentTitle });
    const began = performance.now();
    const run = await simulate({ site, variables: gateVariables(site, { [numberVariable]: key }) });
    expect(run.outputs['Decision']).toBe('TimedOut');
    expect(run.endedAtMs).toBe(24 * 3_600_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('ends a process by a signal, and freezes one that is killed', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: deploymentTitle });
    const variables = gateVariables(site, { [numberVariable]: key });
    const [told, killed] = await simulateRuns({
      site,
      runs: [
        { variables, terminateMs: 60_000 },
        { variables, crashMs: 70_000 },
      ],
    });
    expect(told).toMatchObject({ exitCode: 1, endedAtMs: 60_000 });
    expect(killed).toMatchObject({ exitCode: undefined, endedAtMs: 70_000 });
    expect(killed?.outputs).toEqual({});
  });

  it('carries out what a fault does to a connection', async () => {
    const outcomes: unknown[] = [];
    for (const fault of [
      { kind: 'hang' },
      { kind: 'reset' },
      { kind: 'cut-off' },
      { kind: 'slow', delayMs: 3000 },
      { kind: 'oversized' },
    ] as const) {
      const site = new SimulatedSite({ faults: [{ fault, at: 1 }] });
      const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
      const run = await simulate({
        site,
        latency: 10,
        variables: gateVariables(site, { [numberVariable]: key }),
      });
      const [first] = run.requests;
      outcomes.push([first?.outcome, (first?.settledMs ?? 0) - (first?.sentMs ?? 0)]);
    }
    expect(outcomes).toEqual([
      ['timeout', 30_000],
      ['lost', 20],
      ['lost', 20],
      [200, 3020],
      ['too-large', 20],
    ]);
  });
});
