import { describe, expect, it } from 'vitest';
import { withdrawnSummary } from '../../src/domain/deployment/title.ts';
import { approversId } from '../sandbox/defaults.ts';
import type { NewRequest } from '../sandbox/model.ts';
import type { FormField } from '../sandbox/project.ts';
import { changeForm, requestTypesWithForm } from '../sandbox/project.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { fieldVariable, numberVariable, operate, requestsTo } from './operation-run.ts';

type SiteOptions = ConstructorParameters<typeof SimulatedSite>[0];

function lineOf(run: SimulatedRun): string | undefined {
  return run.said.find(({ line }) => /^\w+ +approvers:/.test(line))?.line.replace(/ +/, ' ');
}

/** A site whose form has these additional fields. */
function siteWith(fields: readonly FormField[], options: SiteOptions = {}): SimulatedSite {
  const requestTypes = requestTypesWithForm([...changeForm, ...fields]);
  return new SimulatedSite({ ...options, projects: [{ key: 'CHG', requestTypes }] });
}

/** Creates a change request that the account raised earlier. */
function raised(
  site: SimulatedSite,
  { approvers, ...given }: Partial<NewRequest> & { approvers?: readonly string[] } = {},
): string {
  const { key } = site.createRequest({ summary: 'Earlier', reporter: site.octopus, ...given });
  if (approvers !== undefined) {
    site.setApproval(key, { approvers: Object.fromEntries(approvers.map((who) => [who, 'pending'])) });
  }
  return key;
}

const isAsked = /\/[23]\/search|\/approval$/;

describe.each(['cloud', 'dc'] as const)('the line on approvers on %s', (flavour) => {
  it('[V4] passes if a variable sets people on the form, and reads nothing more', async () => {
    const site = siteWith([{ fieldId: approversId }], { flavour });
    const person = flavour === 'cloud' ? 'Ann Approver' : 'ann';
    const run = await operate(site, 'Test', { [fieldVariable('Approvers')]: person });
    expect(lineOf(run)).toBe('pass approvers: the request form sets Approvers');
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(run.requests.filter(({ path }) => isAsked.test(path))).toEqual([]);
  });

  it('[V4] passes if somebody was asked to approve what the account raised', async () => {
    const site = siteWith([{ fieldId: approversId }], { flavour });
    const key = raised(site, { approvers: ['Ann Approver', 'Bob Approver'] });
    raised(site);
    const run = await operate(site, 'Test');
    expect(lineOf(run)).toBe(
      `pass approvers: Jira asked Ann Approver, Bob Approver to approve ${key}, which this account raised`,
    );
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
  });

  it('[V4] warns, with a suggested fix, if nobody was asked', async () => {
    const site = new SimulatedSite({ flavour });
    const keys = [raised(site), raised(site)];
    const run = await operate(site, 'Test');
    expect(run.exitCode).toBe(0);
    expect(lineOf(run)).toBe(
      `warning approvers: nobody was asked to approve ${keys.reverse().join(', ')}, which this account raised, so a deployment waits until somebody changes the status. See "How approvers get onto the change request" in docs/jira-setup.md.`,
    );
  });

  it.each(['Implementing', 'Completed'])(
    '[V4] passes if nobody was asked, but one change request reached %s',
    async (status) => {
      const site = new SimulatedSite({ flavour });
      const key = raised(site, { status });
      raised(site);
      const run = await operate(site, 'Test');
      expect(lineOf(run)).toBe(
        `pass approvers: nobody was asked to approve ${key}, which this account raised, but it reached ${status}`,
      );
      expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    },
  );

  it('[V4] warns if there is no change request to judge by, and says when to ignore that', async () => {
    const site = new SimulatedSite({ flavour });
    const colleagues = site.createRequest({ summary: 'By hand' });
    site.setApproval(colleagues.key, { approvers: { 'Ann Approver': 'pending' } });
    raised(site, { issueType: '[System] Service request', approvers: ['Ann Approver'] });
    const run = await operate(site, 'Test');
    expect(run.exitCode).toBe(0);
    expect(lineOf(run)).toMatch(
      /^warning approvers: no change request that this account raised shows yet .* Ignore this if .* docs\/jira-setup\.md\.$/,
    );
  });

  it('[V4] names an approvers field of the form that nothing sets', async () => {
    const run = await operate(siteWith([{ fieldId: approversId }], { flavour }), 'Test');
    expect(lineOf(run)).toMatch(
      /^warning approvers: nothing sets Approvers on the request form, and no change request that this account/,
    );
  });

  it('[V4] reads only the last five of many', async () => {
    const site = new SimulatedSite({ flavour });
    raised(site, { approvers: ['Ann Approver'] });
    for (let count = 0; count < 120; count += 1) raised(site);
    const run = await operate(site, 'Test');
    expect(lineOf(run)).toMatch(/^warning approvers: nobody was asked to approve CHG-121, CHG-120,/);
    expect(requestsTo(run, 'POST', /\/search/)).toHaveLength(1);
    expect(requestsTo(run, 'GET', /\/approval$/)).toHaveLength(5);
  });

  it.each([
    ['the search is refused', /\/search/, 400],
    ['approvals are not visible', /\/approval$/, 403],
  ])('[V4] never fails the test: %s', async (_what, path, status) => {
    const site = new SimulatedSite({ flavour, faults: [{ fault: { kind: 'status', status }, path }] });
    raised(site);
    const run = await operate(site, 'Test');
    expect(run).toMatchObject({ exitCode: 0, resultMessage: undefined });
    expect(lineOf(run)).toMatch(new RegExp(`^warning approvers: .*${status}`));
  });
});

describe('the line on approvers', () => {
  it('[V4] counts what the form presets', async () => {
    const run = await operate(siteWith([{ fieldId: approversId, presetValues: ['ann'] }]), 'Test');
    expect(lineOf(run)).toBe('pass approvers: the request form sets Approvers');
  });

  it('[V4] says so if JSM names nobody', async () => {
    const site = new SimulatedSite();
    raised(site, { approvers: [] });
    const run = await operate(site, 'Test');
    expect(lineOf(run)).toMatch(
      /^pass approvers: Jira asked somebody whose name it does not show to approve CHG-1,/,
    );
  });

  it('[V4] [C4] ignores a withdrawn change request', async () => {
    const site = new SimulatedSite();
    raised(site, { summary: withdrawnSummary('CHG-7', 'Earlier'), status: 'Canceled' });
    expect(lineOf(await operate(site, 'Test'))).toMatch(
      /^warning approvers: no change request that this account raised /,
    );
  });

  it('[V4] is missing for a supplied change request, and for one that the step approves', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: 'By hand' });
    for (const variables of [{ [numberVariable]: key }, { 'JsmChange.ApproveTransition': '61' }]) {
      const run = await operate(site, 'Test', variables);
      expect(run).toMatchObject({ exitCode: 0, warnings: [] });
      expect(lineOf(run)).toBeUndefined();
    }
  });

  it('[V4] is missing if no request can be raised, or change requests are not visible', async () => {
    const unraisable = siteWith([{ fieldId: 'customfield_10004', required: true }]);
    expect(lineOf(await operate(unraisable, 'Test'))).toBeUndefined();
    const unseen = new SimulatedSite({ permissions: { browse: false } });
    expect(lineOf(await operate(unseen, 'Test'))).toBeUndefined();
  });
});
