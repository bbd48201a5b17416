import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/app/evidence/digest.ts';
import { plannedEndId } from '../../sandbox/defaults.ts';
import type { Act } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { gate, hourMs, minuteMs, secondMs, siteWith, supplied } from '../gate-run.ts';
import { entriesOf, leftRecord } from './left-record.ts';

const on = { 'JsmChange.EvidenceRecord': 'True' };
const dayMs = 24 * hourMs;

describe('the change record of', () => {
  it('[E2] a wait of 30 days is valid and under 1 MB', async () => {
    const { site, key } = siteWith();
    const run = await gate(
      site,
      { ...on, 'JsmChange.WaitLimitMinutes': '43200', 'JsmChange.PollIntervalSeconds': '3600' },
      {
        at: Array.from({ length: 58 }, (_, half) => [
          (half + 1) * (dayMs / 2),
          () => site.moveTo(key, half % 2 === 0 ? 'Planning' : 'Review'),
        ]),
      },
    );
    const { record, json } = leftRecord(run);
    expect(record.ending).toMatchObject({ decision: 'TimedOut', code: 'TimedOut' });
    expect(Buffer.byteLength(json)).toBeLessThan(1_000_000);
    const checks = record.entries.reduce((sum, entry) => sum + (entry.kind === 'check' ? entry.count : 0), 0);
    expect(checks).toBeGreaterThan(600);
  });

  it('[E2] a wait for 1500 approvers is valid and under 1 MB', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const names = Array.from({ length: 1500 }, (_, index) => `Approver number ${index} of the board`);
    const decided = (count: number): void => {
      const approvers = names.map((name, at) => [name, at < count ? 'approved' : 'pending'] as const);
      site.setApproval(key, { finalDecision: 'pending', approvers: Object.fromEntries(approvers) });
    };
    decided(0);
    const run = await gate(
      site,
      { ...on, 'JsmChange.ApprovalCheck': 'Approved', 'JsmChange.WaitLimitMinutes': '6' },
      { at: [1, 2, 3, 4, 5].map((count): Act => [count * minuteMs, () => decided(count)]) },
    );
    const { json, record } = leftRecord(run);
    expect(record.ending).toMatchObject({ decision: 'TimedOut', code: 'TimedOut' });
    expect(Buffer.byteLength(json)).toBeLessThan(1_000_000);
  }, 30_000);

  it.each([
    [
      'a status that stops',
      { status: 'Declined' },
      supplied('CHG-1'),
      { decision: 'Stop', code: 'Refused', rule: 'T3', by: 'decision' },
    ],
    [
      'a window that is over',
      { fields: { [plannedEndId]: new Date(0) } },
      {},
      { code: 'WindowClosed', rule: 'W6', by: 'decision' },
    ],
    [
      'a step that must not wait',
      {},
      { 'JsmChange.WhenPending': 'Fail' },
      { code: 'AwaitingApproval', rule: 'T2', by: 'decision' },
    ],
    [
      'a Verify',
      {},
      { 'JsmChange.Operation': 'Verify' },
      { code: 'AwaitingApproval', rule: 'T2', by: 'decision' },
    ],
    ['a number that does not exist', {}, supplied('CHG-99'), { code: 'NotFound', rule: 'L3', by: 'other' }],
  ])('[E1] %s gives the reason', async (_what, request, variables, ending) => {
    const { site } = siteWith(request);
    const run = await gate(site, { ...on, ...variables });
    expect(run.exitCode).toBe(1);
    expect(leftRecord(run).record.ending).toMatchObject({ ...ending, exitCode: 1 });
  });

  it.each([
    ['policy', { 'JsmChange.Policy': 'version: 2' }],
    ['base URL', { 'JsmChange.BaseUrl': 'nowhere' }],
  ])('[E1] [O2] an invalid %s has the supplied number, also in its name', async (_what, invalid) => {
    const run = await gate(new SimulatedSite(), { ...on, ...supplied('chg-1'), ...invalid });
    const { name, record } = leftRecord(run);
    expect(name).toBe('change-record-CHG-1');
    expect(record.ending).toMatchObject({
      code: 'InputInvalid',
      changeRequest: { key: 'CHG-1', url: null, source: 'Supplied' },
    });
    expect(run.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Supplied',
    });
    expect(run.outputs).not.toHaveProperty(['ChangeRequest.Url']);
  });

  it.each([
    ['would wait', 'Review', { decision: 'Pending', code: 'AwaitingApproval', rule: 'T2' }],
    ['would proceed', 'Implementing', { decision: 'Ready', code: 'Approved', rule: 'W1' }],
  ])('[E1] [R1] a Request where a gate %s', async (_what, status, ending) => {
    const { site } = siteWith({ status });
    const run = await gate(site, { ...on, 'JsmChange.Operation': 'Request' });
    expect(run.exitCode).toBe(0);
    expect(leftRecord(run).record.ending).toMatchObject({ ...ending, by: 'decision', exitCode: 0 });
  });

  it.each([
    ['Implementing', 0, 'approved', { decision: 'Proceed', by: 'decision' }],
    ['Declined', 1, 'declined', { decision: 'Stop', rule: 'T3', by: 'decision' }],
  ] as const)(
    '[E2] [E3] a wait with over 500 distinct checks keeps the check that ended it, with approvals read afterwards: %s',
    async (status, exitCode, finalDecision, ending) => {
      const { site, key } = siteWith();
      site.setApproval(key, { name: 'CAB', approvers: { ann: 'pending' } });
      const moves = Array.from(
        { length: 520 },
        (_, index): Act => [
          (index + 1) * 2 * minuteMs,
          () => site.moveTo(key, index % 2 === 0 ? 'Planning' : 'Review'),
        ],
      );
      const decided: Act = [
        521 * 2 * minuteMs,
        () => {
          site.setApproval(key, { name: 'CAB', finalDecision, approvers: { ann: finalDecision } });
          site.moveTo(key, status);
        },
      ];
      const run = await gate(site, on, { at: [...moves, decided] });
      expect(run.exitCode).toBe(exitCode);
      expect(leftRecord(run).record.ending).toMatchObject(ending);
    },
  );

  it.each([
    ['a retried step whose own change request has another type', 'issueTypes: [Incident]', 2, 'L14'],
    ['a project that the policy does not list', 'unlisted: stop', 1, 'Y3'],
  ])('[E2] %s names the rule that ended it', async (_what, more, runs, rule) => {
    const site = new SimulatedSite();
    const project = more.startsWith('unlisted') ? 'Other' : 'Web Site';
    const policy = `version: 1
connections: [{ name: Acme, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects: [{ name: ${project}, connection: Acme, serviceProject: CHG }]
environments: [{ name: Production }]
${more}
`;
    let run = await gate(site, { ...on, 'JsmChange.Policy': policy });
    for (let count = 1; count < runs; count += 1)
      run = await gate(site, { ...on, 'JsmChange.Policy': policy });
    expect(leftRecord(run).record.ending).toMatchObject({ code: 'NotAllowed', by: 'other', rule });
  });

  it('[E2] a run that approved its change request shows the transition', async () => {
    const { site } = siteWith({ summary: 'Another change' });
    const run = await gate(site, { ...on, 'JsmChange.ApproveTransition': 'Implementing' });
    const writes = entriesOf(leftRecord(run).record, 'write').map(({ what, result }) => [what, result]);
    expect(writes[0]).toEqual(['create', 'done']);
    expect(run.summary.join('\n')).toMatch(/transition/);
  });

  it('[E4] a run is identified in the task log by its digest', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, on);
    const { name, json } = leftRecord(run);
    const line = run.said.find((said) => said.line.startsWith('Change record:'))?.line;
    expect(line).toBe(`Change record: ${name}.json and ${name}.html; SHA-256 of the JSON: ${sha256(json)}.`);
  });

  it('[W8] [E1] a run that its output delayed too long says so', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, on, { outputMs: 20 * secondMs });
    expect(run.exitCode).toBe(1);
    const { json, record } = leftRecord(run);
    expect(record.ending).toMatchObject({ decision: 'Error', code: 'Unreachable', exitCode: 1 });
    expect(run.said.map(({ line }) => line).join('\n')).toContain(sha256(json));
  });

  it('[F6] [E1] a run that needed no approval leaves a record if a signal ends it', async () => {
    const { site } = siteWith();
    const run = await gate(
      site,
      { ...on, 'JsmChange.ProjectChangeControlled': 'False' },
      { terminateAtEnd: true },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'Cancelled' });
    expect(leftRecord(run).record.ending).toMatchObject({ decision: 'Error', code: 'Cancelled' });
  });

  it('[F6] [E1] a run that a signal ended after its decision says so, also in its outputs', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, on, { terminateAtEnd: true });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'Cancelled' });
    expect(run.resultMessage).toContain('cancelled');
    expect(leftRecord(run).record.ending).toMatchObject({
      decision: 'Error',
      code: 'Cancelled',
      exitCode: 1,
    });
  });
});
