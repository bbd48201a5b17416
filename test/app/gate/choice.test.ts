import { describe, expect, it } from 'vitest';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import { gateVariables, simulateRuns } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { creations, gate, minuteMs, runLineOf, said, siteWith } from '../gate-run.ts';

const ownLine = runLineOf();
const plannedStart = 'Octopus.JiraServiceManagement.Field[Planned start]';

describe('a retried step whose own change request is younger than two others', () => {
  it.each([
    ['of people', ['', '', ownLine]],
    ['one of which it raised as well', [ownLine, '', ownLine]],
  ])('[L8] does not choose between those %s', async (_what, descriptions) => {
    const site = new SimulatedSite();
    for (const description of descriptions)
      site.createRequest({ summary: deploymentTitle, lagged: false, description });
    site.moveTo('CHG-1', 'Implementing');
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
    expect(run.resultMessage).toMatch(/CHG-1/);
    expect(run.resultMessage).toMatch(/CHG-2/);
  });
});

describe('a step retried before the index shows what its first attempt raised', () => {
  /** Kills the first attempt right after its change request was raised. */
  async function killFirst(site: SimulatedSite, variables: Record<string, string>) {
    const latency = 50;
    const whole = await gate(new SimulatedSite(), variables, { latency, terminateMs: 10_000 });
    const crashMs = (creations(whole)[0]?.arrivedMs ?? 0) + 10;
    await simulateRuns({ site, runs: [{ variables: gateVariables(site, variables), crashMs, latency }] });
  }

  it('[F6] [V5] runs the transition of a pre-approved change on it', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    const variables = { 'JsmChange.ApproveTransition': 'Implementing', 'JsmChange.WaitLimitMinutes': '10' };
    await killFirst(site, variables);
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
    const run = await gate(site, variables, { startMs: 3_000 });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
  });

  it('[F6] [C2] [W5] writes its planned start again, and does not proceed before it', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000, ignoredOnCreate: ['Planned start'] });
    const start = site.dateIn(3_600_000);
    const variables = { [plannedStart]: start.toISOString() };
    await killFirst(site, variables);
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
    const run = await gate(site, variables, {
      startMs: 3_000,
      at: [[60_000, () => site.moveTo('CHG-1', 'Implementing')]],
    });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(site.siteClock.now()).toBeGreaterThanOrEqual(start.getTime());
  });

  it('[F6] [C4] withdraws both of its own in favour of an older one', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    await killFirst(site, {});
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(2);
    const run = await gate(site, {}, { startMs: 3_000 });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
  });

  it('[L9] [C4] names the one that it raised after a refusal and cannot withdraw', async () => {
    const site = new SimulatedSite({ indexLagMs: 60_000 });
    await killFirst(site, {});
    site.moveTo('CHG-1', 'Declined');
    site.behaviour.permissions.edit = false;
    const run = await gate(site, {}, { startMs: 3_000 });
    expect(run.exitCode).toBe(1);
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-2']);
    expect(run.resultMessage).toMatch(/CHG-1/);
    expect(run.resultMessage).toMatch(/CHG-2/);
  });
});

describe('a run that finds others next to its own', () => {
  it('[L8] [C4] does not choose between two older ones of people that the index did not show', async () => {
    const site = new SimulatedSite({ indexLagMs: 60 * minuteMs });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle });
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
    expect(run.resultMessage).toMatch(/CHG-1 \(Implementing\)/);
    expect(run.resultMessage).toMatch(/CHG-2 \(Review\)/);
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1', 'CHG-2']);
  });

  it('[L8] [C4] goes on with the only one that is left after 20 s', async () => {
    const site = new SimulatedSite({ indexLagMs: 60 * minuteMs });
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle });
    const run = await gate(site, {}, { at: [[15_000, () => site.moveTo('CHG-2', 'Canceled')]] });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
  });

  it('[C4] leaves the withdrawal of what another run raised to that run, and goes on with the oldest', async () => {
    const site = new SimulatedSite({ indexLagMs: 60 * minuteMs });
    const description = runLineOf('9');
    site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle, description });
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1', 'CHG-2']);
  });

  it('[C4] withdraws a younger one that another attempt raised and the index shows later', async () => {
    const { site } = siteWith({ description: ownLine });
    site.createRequest({ summary: deploymentTitle, description: ownLine, lagged: false });
    site.editSummary('CHG-2', 'Not yet in the index');
    const run = await gate(
      site,
      {},
      {
        at: [
          [20_000, () => site.editSummary('CHG-2', deploymentTitle)],
          [3 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')],
        ],
      },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
  });

  it('[L10] [V5] takes up its own as its own after another one was withdrawn in favour of it', async () => {
    const { site } = siteWith({ description: ownLine });
    site.editSummary('CHG-1', 'Not yet in the index');
    site.createRequest({ summary: deploymentTitle, lagged: false });
    const run = await gate(
      site,
      { 'JsmChange.ApproveTransition': 'Implementing', 'JsmChange.WaitLimitMinutes': '10' },
      {
        at: [
          [
            20_000,
            () => {
              site.editSummary('CHG-1', deploymentTitle);
              site.editSummary('CHG-2', `Withdrawn in favour of CHG-1: ${deploymentTitle}`);
            },
          ],
        ],
      },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'CHG-1' });
    expect(said(run)).toContain('Ran the transition');
  });

  it('[C4] [F3] remembers the older one that a withdrawn neighbour names if a read after it returns one 401', async () => {
    const site = new SimulatedSite({ indexLagMs: 60 * minuteMs });
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    for (let other = 0; other < 60; other += 1) site.createRequest({ summary: `Other ${other}` });
    site.createRequest({ summary: `Withdrawn in favour of ${key}: ${deploymentTitle}` });
    site.faults.add({
      path: /\/issue\/CHG-60\?/,
      fault: { kind: 'status', status: 401, body: 'Client must be authenticated to access this resource.' },
      at: 1,
    });
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': key });
    expect(site.openWithSummary(deploymentTitle).map((issue) => issue.key)).toEqual([key]);
  });
});

describe('the own change request of a retried step', () => {
  it('[O2] [C2] leaves how it was found if its planned time is refused', async () => {
    const { site, key } = siteWith({ description: ownLine });
    site.behaviour.permissions.edit = false;
    const run = await gate(site, { [plannedStart]: '2026-06-13T07:00:00Z' });
    expect(run.outputs).toMatchObject({
      Decision: 'Stop',
      DecisionCode: 'WindowUnknown',
      'ChangeRequest.Number': key,
      'ChangeRequest.Source': 'Matched',
    });
  });

  it('[O2] [C2] leaves its number, address and source if it cannot be read', async () => {
    const { site, key } = siteWith({ description: ownLine });
    const body = '{"errorMessages":["Forbidden"],"errors":{}}';
    site.faults.add({ path: /failFast/, fault: { kind: 'status', status: 403, body } });
    const run = await gate(site, { [plannedStart]: '2026-06-13T07:00:00Z' });
    expect(run.outputs).toMatchObject({
      Decision: 'Error',
      DecisionCode: 'PermissionMissing',
      'ChangeRequest.Number': key,
      'ChangeRequest.Url': `https://acme.atlassian.net/browse/${key}`,
      'ChangeRequest.Source': 'Matched',
    });
  });
});
