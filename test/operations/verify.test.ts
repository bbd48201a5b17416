import { describe, expect, it } from 'vitest';
import { checks, creations, said, searches, siteWith, writes } from '../app/gate-run.ts';
import { deploymentTitle, runbookRun, runbookTitle } from '../sandbox/octopus-variables.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { earlierGate, fieldVariable, numberVariable, operate } from './operation-run.ts';

const approved = { status: 'Implementing' };

describe('verify', () => {
  it("[V1] [O4] proceeds after one check of the gate's change request, and says Matched", async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({
      exitCode: 0,
      resultMessage: undefined,
      outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
    expect(checks(run)).toHaveLength(1);
  });

  it('[O2] names the change request of the gate even if an input is invalid', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Verify', { 'JsmChange.PollIntervalSeconds': 'x', ...earlierGate(key) });
    expect(run.outputs).toMatchObject({
      DecisionCode: 'InputInvalid',
      'ChangeRequest.Number': key,
      'ChangeRequest.Source': 'Matched',
    });
  });

  it('[V1] prefers a supplied number to the output of a gate', async () => {
    const { site, key } = siteWith(approved);
    const other = site.createRequest({ summary: 'Emergency', status: 'Implementing' }).key;
    const run = await operate(site, 'Verify', { [numberVariable]: other, ...earlierGate(key) });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': other, 'ChangeRequest.Source': 'Supplied' });
    expect(checks(run, key)).toEqual([]);
  });

  it('[V1] [M4] says who has to approve an unapproved change request, and nothing if nobody was asked', async () => {
    const { site, key } = siteWith();
    const nobody = await operate(site, 'Verify', earlierGate(key));
    expect(nobody.resultMessage).toMatch(/it is Review\. Have it approved/);
    site.setApproval(key, { approvers: { 'Bob Board': 'pending' } });
    const somebody = await operate(site, 'Verify', earlierGate(key));
    expect(somebody.resultMessage).toMatch(/it is Review\. Still pending: Bob Board\. Have it approved/);
  });

  it('[V1] prefers a supplied number to outputs that differ', async () => {
    const { site, key } = siteWith(approved);
    const other = site.createRequest({ summary: 'Emergency', status: 'Implementing' }).key;
    const run = await operate(site, 'Verify', {
      [numberVariable]: key,
      ...earlierGate(key),
      ...earlierGate(other, 'Proceed', 'Second gate'),
    });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': key });
  });

  it('[L4] stops on different numbers left by gates, before any request', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Verify', {
      ...earlierGate(key),
      ...earlierGate('CHG-2', 'Proceed', 'Second gate'),
    });
    expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toContain('CHG-2');
  });

  it('[V1] finds the change request by title without a number', async () => {
    const { site, key } = siteWith(approved);
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
  });

  it('[L6] finds the change request of a runbook run by its title', async () => {
    const { site, key } = siteWith({ ...approved, summary: runbookTitle });
    const run = await operate(site, 'Verify', { ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': key });
  });

  it('[L7] uses the title that replaces the default', async () => {
    const { site, key } = siteWith({ ...approved, summary: 'Acme North: Web Site 1.0.1' });
    const run = await operate(site, 'Verify', { [fieldVariable('Summary')]: ' Acme North: Web Site 1.0.1 ' });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': key });
  });

  it('[V1] never creates a change request, and stops if none is open', async () => {
    const site = new SimulatedSite();
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(creations(run)).toEqual([]);
    expect(searches(run)).toHaveLength(2);
    expect(run.resultMessage).toContain(deploymentTitle);
  });

  it.each([
    ['Planning', /Planning/],
    ['Declined', /Declined/],
    ['Completed', /Completed/],
  ])('[V1] stops immediately in the status %s, without a wait', async (status, said) => {
    const { site, key } = siteWith({ status });
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', 'ChangeRequest.Status': status } });
    expect(run.resultMessage).toMatch(said);
    expect(checks(run)).toHaveLength(1);
    // The pending approvers (M4) or those who declined (M2) are read once.
    expect(run.requests).toHaveLength(2);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThan(2000);
  });

  it('[V1] [M4] names who still has to approve', async () => {
    const { site, key } = siteWith();
    site.setApproval(key, { approvers: { 'Ann Approver': 'pending' } });
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.resultMessage).toContain('Still pending: Ann Approver.');
  });

  it.each([
    ['before Planned start', { 'Planned start': 3600 }],
    ['after Planned end', { 'Planned end': -3600 }],
  ])('[V1] stops on an approved change request %s', async (_when, seconds) => {
    const { site, key } = siteWith(approved);
    for (const [field, offset] of Object.entries(seconds)) {
      site.setField(key, field, site.dateIn(offset * 1000));
    }
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(checks(run)).toHaveLength(1);
  });

  it('[V1] proceeds inside the window, and outputs its bounds', async () => {
    const { site, key } = siteWith(approved);
    site.setField(key, 'Planned start', site.dateIn(-3_600_000));
    site.setField(key, 'Planned end', site.dateIn(3_600_000));
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.outputs).toMatchObject({
      Decision: 'Proceed',
      'ChangeRequest.PlannedStart': '2026-06-13T07:00:00Z',
      'ChangeRequest.PlannedEnd': '2026-06-13T09:00:00Z',
    });
  });

  it('[V1] writes nothing, with any settings', async () => {
    const { site, key } = siteWith({ status: 'Review' });
    const run = await operate(site, 'Verify', {
      ...earlierGate(key),
      'JsmChange.CustomerComments': 'True',
      'JsmChange.ApproveTransition': 'Implement standard change',
      'JsmChange.SuccessStatus': 'Completed',
    });
    expect(run.exitCode).toBe(1);
    expect(writes(run)).toEqual([]);
  });

  it('[L3] stops if the change request is gone', async () => {
    const { site, key } = siteWith(approved);
    site.remove(key);
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', 'ChangeRequest.Number': key } });
    expect(run.resultMessage).toMatch(/does not exist, or .* is not allowed to see/);
  });

  it("[L3] points to the base URL after a 404 without Jira's JSON", async () => {
    const { site, key } = siteWith(approved);
    site.faults.add({ fault: { kind: 'status', status: 404, body: '<html></html>' }, path: /\/issue\// });
    const run = await operate(site, 'Verify', { [numberVariable]: key });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'InputInvalid' } });
    expect(run.resultMessage).toContain('JsmChange.BaseUrl');
  });

  it('[L5] stops if the change request disappears right after it was found by title', async () => {
    const { site, key } = siteWith(approved);
    site.faults.add({
      fault: { kind: 'status', status: 404, body: '{"errorMessages":["Issue does not exist"],"errors":{}}' },
      path: new RegExp(`/issue/${key}`),
      at: 2,
    });
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'NotFound' } });
    expect(run.resultMessage).toMatch(/no longer exists/);
  });

  it('[A1] shows the summary only of a supplied change request', async () => {
    const { site, key } = siteWith({ ...approved, summary: 'Emergency' });
    const supplied = await operate(site, 'Verify', { [numberVariable]: key });
    expect(supplied.summary.join('\n')).toMatch(/The supplied change request is .*"Emergency"/);
    const matched = await operate(site, 'Verify', earlierGate(key));
    expect(matched.summary.join('\n')).not.toContain('Emergency');
  });

  it("[V1] [M2] before Planned start says until when, also in the account's time zone", async () => {
    const { site, key } = siteWith(approved, { timeZone: 'Asia/Kolkata' });
    site.setField(key, 'Planned start', site.dateIn(3_600_000));
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'AwaitingPlannedStart' });
    expect(run.resultMessage).toBe(
      `The Planned start 2026-06-13T09:00:00Z (2026-06-13 14:30:00 Asia/Kolkata) of the change request ${key} has not been reached. Deploy again inside its window, or complete the remaining steps manually.`,
    );
  });

  it('[V1] [M1] says what is needed after every approval is given', async () => {
    const { site, key } = siteWith();
    site.setApproval(key, { finalDecision: 'approved', approvers: { 'Ann Approver': 'approved' } });
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.outputs['DecisionReason']).toMatch(
      / is not approved: it is Review, and the deployment needs somebody to move it to Implementing/,
    );
  });

  it('[L4] stops if the change request was moved to another project', async () => {
    const { site, key } = siteWith(approved, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    site.moveIssueToProject(key, 'OPS');
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
  });

  it('[L11] continues under the new key if the change request was moved to an allowed project', async () => {
    const { site, key } = siteWith(approved, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const moved = site.moveIssueToProject(key, 'OPS');
    const run = await operate(site, 'Verify', { ...earlierGate(key), 'JsmChange.AllowedProjects': 'ops' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': moved } });
    expect(run.summary.join('\n')).toMatch(/moved/);
  });

  it('[L10] stops if the change request was withdrawn, and names the other', async () => {
    const { site, key } = siteWith(approved);
    site.editSummary(key, `Withdrawn in favour of CHG-9: ${deploymentTitle}`);
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toContain('CHG-9');
  });

  const withdrawn = (other: string): string => `Withdrawn in favour of ${other}: ${deploymentTitle}`;

  it('[L10] [O2] [O4] continues with the one in whose favour that of an earlier step was withdrawn', async () => {
    const { site, key } = siteWith(approved);
    site.setField(key, 'Planned end', site.dateIn(3_600_000));
    const old = site.createRequest({ summary: withdrawn(key), status: 'Canceled' }).key;
    const run = await operate(site, 'Verify', earlierGate(old));
    expect(run).toMatchObject({
      exitCode: 0,
      resultMessage: undefined,
      outputs: {
        Decision: 'Proceed',
        'ChangeRequest.Number': key,
        'ChangeRequest.Url': `${site.baseUrl}/browse/${key}`,
        'ChangeRequest.Status': 'Implementing',
        'ChangeRequest.PlannedEnd': '2026-06-13T09:00:00Z',
        'ChangeRequest.Source': 'Matched',
      },
    });
    expect(run.summary.join('\n')).toMatch(/continues with the change request .*CHG-1.* instead of CHG-2/);
    expect(writes(run)).toEqual([]);
  });

  it('[L10] continues with the other one if the match by title is withdrawn after the search', async () => {
    const { site, key } = siteWith(approved);
    const other = site.createRequest({ summary: 'Older', status: 'Implementing' }).key;
    const answer = site.answer.bind(site);
    let reads = 0;
    site.answer = (request) => {
      if (request.path.includes(`/issue/${key}?`)) reads += 1;
      if (reads === 2) {
        site.editSummary(other, deploymentTitle);
        site.editSummary(key, withdrawn(other));
      }
      return answer(request);
    };
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': other } });
  });

  it('[W12] stops if a field is gone that a check saw which was too old to be used', async () => {
    const { site, key } = siteWith(approved);
    site.setField(key, 'Planned start', site.dateIn(-3_600_000));
    site.faults.add({ fault: { kind: 'slow', delayMs: 12_000 }, path: new RegExp(`/issue/${key}`), at: 1 });
    const run = await operate(site, 'Verify', earlierGate(key), {
      at: [[12_000, () => site.hideFields('Planned start')]],
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'WindowUnknown' } });
    expect(checks(run, key)).toHaveLength(2);
  });

  it('[L10] [W8] judges the one that it continues with by a fresh check of all its fields', async () => {
    const { site, key } = siteWith(approved);
    site.setField(key, 'Planned start', site.dateIn(3_600_000));
    const old = site.createRequest({ summary: withdrawn(key), status: 'Implementing' }).key;
    const early = await operate(site, 'Verify', earlierGate(old));
    expect(early).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'AwaitingPlannedStart' } });
    expect(early.outputs['ChangeRequest.Number']).toBe(key);
    site.setField(key, 'Planned start', site.dateIn(-3_600_000));
    site.faults.add({
      fault: { kind: 'slow', delayMs: 12_000 },
      path: new RegExp(`/issue/${key}.*names`),
      at: 1,
    });
    const run = await operate(site, 'Verify', earlierGate(old));
    const [slow, fresh] = checks(run, key).filter(({ query }) => query.includes('names'));
    expect(run.exitCode).toBe(0);
    expect((slow?.settledMs ?? 0) - (slow?.sentMs ?? 0)).toBeGreaterThan(10_000);
    expect(run.endedAtMs - (fresh?.sentMs ?? 0)).toBeLessThanOrEqual(10_000);
  });

  it.each([
    ['is closed', { summary: deploymentTitle, status: 'Declined' }],
    ['has another title', { summary: 'Another', status: 'Implementing' }],
    ['was withdrawn, too', { summary: withdrawn('CHG-9'), status: 'Implementing' }],
  ])('[L10] looks up the title once if the one that is named %s', async (_what, named) => {
    const { site, key } = siteWith(named);
    const old = site.createRequest({ summary: withdrawn(key), status: 'Implementing' }).key;
    const stops = await operate(site, 'Verify', earlierGate(old));
    expect(stops).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', DecisionCode: 'Withdrawn', 'ChangeRequest.Number': old },
    });
    expect(searches(stops)).toHaveLength(2);
    expect(stops.resultMessage).toContain(`withdrawn in favour of ${key}`);
    const open = site.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false }).key;
    const proceeds = await operate(site, 'Verify', earlierGate(old));
    expect(proceeds).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': open } });
    expect([stops, proceeds].flatMap(writes)).toEqual([]);
  });

  it('[L10] [L8] stops if that lookup finds several, also if one is its own', async () => {
    const { site } = siteWith(approved);
    const own = 'x\n\nOctopus run: https://octopus.acme.example Spaces-1 Deployments-421';
    site.createRequest({ summary: deploymentTitle, description: own, lagged: false });
    const old = site.createRequest({ summary: withdrawn('CHG-99'), status: 'Canceled' }).key;
    const run = await operate(site, 'Verify', earlierGate(old));
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'SeveralFound' } });
    expect(writes(run)).toEqual([]);
  });

  it('[L10] [L13] does not continue with one from another space', async () => {
    const description = 'Octopus run: https://octopus.acme.example Spaces-2 Deployments-1';
    const { site, key } = siteWith({ ...approved, description });
    const old = site.createRequest({ summary: withdrawn(key), status: 'Canceled' }).key;
    const run = await operate(site, 'Verify', earlierGate(old));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'NotAllowed' } });
    expect(run.resultMessage).toContain('Spaces-2');
  });

  it('[L10] does not look up the title again if what it found is withdrawn, too', async () => {
    const { site, key } = siteWith(approved);
    const old = site.createRequest({ summary: withdrawn('CHG-98'), status: 'Canceled' }).key;
    const rewrite = (body: string): string =>
      body.includes(`"key":"${key}"`) && body.includes('"names"')
        ? body.replace(JSON.stringify(deploymentTitle), JSON.stringify(withdrawn('CHG-99')))
        : body;
    const run = await operate(site, 'Verify', earlierGate(old), { rewrite });
    expect(run.outputs).toMatchObject({ DecisionCode: 'Withdrawn', 'ChangeRequest.Number': key });
    expect(searches(run)).toHaveLength(1);
  });

  it('[L10] ends if each change request that it continues with is withdrawn in turn', async () => {
    const { site, key } = siteWith(approved);
    const old = site.createRequest({ summary: withdrawn(key), status: 'Canceled' }).key;
    // To a read of few fields it is open; to a check it is withdrawn in favour of itself.
    const rewrite = (body: string): string =>
      body.includes(`"key":"${key}"`) && body.includes('"names"')
        ? body.replace(JSON.stringify(deploymentTitle), JSON.stringify(withdrawn(key)))
        : body;
    const run = await operate(site, 'Verify', earlierGate(old), { rewrite });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'Withdrawn' } });
    expect(run.requests.length).toBeLessThan(20);
  });

  it('[L10] [F3] believes a refusal of the one that it continues with only the second time', async () => {
    const { site, key } = siteWith(approved);
    const old = site.createRequest({ summary: withdrawn(key), status: 'Canceled' }).key;
    site.faults.add({
      fault: { kind: 'status', status: 403 },
      path: new RegExp(`/issue/${key}.*names`),
      at: 1,
    });
    const once = await operate(site, 'Verify', earlierGate(old));
    expect(once).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
    site.faults.add({ fault: { kind: 'status', status: 403 }, path: new RegExp(`/issue/${key}.*names`) });
    const always = await operate(site, 'Verify', earlierGate(old));
    expect(always).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Error', 'ChangeRequest.Number': key },
    });
    expect(always.outputs['ChangeRequest.Status']).toBeUndefined();
  });

  it('[L10] [A3] names who approved the one that it continues with, if the first was withdrawn meanwhile', async () => {
    const { site, key } = siteWith(approved);
    const other = site.createRequest({ summary: 'Older', status: 'Implementing' }).key;
    site.setApproval(key, { finalDecision: 'approved', approvers: { 'Ann Approver': 'approved' } });
    site.setApproval(other, { finalDecision: 'approved', approvers: { 'Bob Board': 'approved' } });
    site.faults.add({ fault: { kind: 'slow', delayMs: 8000 }, at: 1 });
    site.faults.add({ fault: { kind: 'slow', delayMs: 2900 }, at: 2 });
    const withdraw = (): void => {
      site.editSummary(other, deploymentTitle);
      site.editSummary(key, withdrawn(other));
    };
    const run = await operate(site, 'Verify', earlierGate(key), { at: [[9000, withdraw]] });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': other } });
    expect(run.outputs['DecisionReason']).toMatch(/approved by Bob Board/);
  });

  it('[L10] [L3] says that the one that it continues with is gone', async () => {
    const { site, key } = siteWith(approved);
    const old = site.createRequest({ summary: withdrawn(key), status: 'Canceled' }).key;
    const missing = { kind: 'status', status: 404, body: '{"errorMessages":["gone"],"errors":{}}' } as const;
    site.faults.add({ fault: missing, path: new RegExp(`/issue/${key}.*names`) });
    const run = await operate(site, 'Verify', earlierGate(old));
    expect(run.outputs).toMatchObject({ DecisionCode: 'NotFound', 'ChangeRequest.Number': key });
    expect(run.resultMessage).toMatch(/CHG-1 no longer exists/);
  });

  it('[L10] stops if a supplied change request was withdrawn, and names the other', async () => {
    const { site, key } = siteWith(approved);
    const old = site.createRequest({ summary: withdrawn(key), status: 'Implementing' }).key;
    const run = await operate(site, 'Verify', { [numberVariable]: old, ...earlierGate(key) });
    expect(run.outputs).toMatchObject({ DecisionCode: 'Withdrawn', 'ChangeRequest.Number': old });
    expect(run.resultMessage).toContain(`withdrawn in favour of ${key}`);
    expect(checks(run, key)).toEqual([]);
  });

  it('[L8] stops on several open change requests with the title', async () => {
    const { site } = siteWith(approved);
    site.createRequest({ summary: deploymentTitle, status: 'Planning' });
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    for (const key of ['CHG-1 (Implementing)', 'CHG-2 (Planning)']) expect(run.resultMessage).toContain(key);
    expect(writes(run)).toEqual([]);
  });

  it("[L8] stops on several even if one of them is the run's own, and withdraws nothing", async () => {
    const { site } = siteWith(approved);
    const own = 'x\n\nOctopus run: https://octopus.acme.example Spaces-1 Deployments-421';
    site.createRequest({ summary: deploymentTitle, description: own });
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-2 \(Review\), CHG-1 \(Implementing\)/);
    expect(writes(run)).toEqual([]);
  });

  it('[L13] does not use a change request from another space by its title', async () => {
    const { site } = siteWith({
      ...approved,
      description: 'Octopus run: https://octopus.acme.example Spaces-2 Deployments-1',
    });
    const run = await operate(site, 'Verify');
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toContain('Spaces-2');
  });

  it('[L14] [W13] follows the policy as well', async () => {
    const { site, key } = siteWith(approved);
    const policy = (more: string): string => `version: 1
connections: [{ name: Acme, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects: [{ name: Web Site, connection: Acme, serviceProject: CHG }]
environments: [{ name: Production }]
${more}
`;
    const wrongType = await operate(site, 'Verify', {
      ...earlierGate(key),
      'JsmChange.Policy': policy('issueTypes: [Incident]'),
    });
    expect(wrongType).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    const noEnd = await operate(site, 'Verify', {
      ...earlierGate(key),
      'JsmChange.Policy': policy('requirePlannedEnd: true'),
    });
    expect(noEnd).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(noEnd.resultMessage).toMatch(/Planned end/);
  });

  it('[W8] repeats a check that took too long', async () => {
    const { site, key } = siteWith(approved);
    site.faults.add({ fault: { kind: 'slow', delayMs: 12_000 }, at: 1 });
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.exitCode).toBe(0);
    expect(checks(run)).toHaveLength(2);
    expect(run.endedAtMs - (checks(run).at(-1)?.sentMs ?? 0)).toBeLessThanOrEqual(10_000);
  });

  it('[W8] [F7] ends in an error if every answer takes too long', async () => {
    const { site, key } = siteWith(approved);
    site.faults.add({ fault: { kind: 'slow', delayMs: 12_000 } });
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'Unreachable' } });
    expect(run.outputs['DecisionReason']).toMatch(/Jira took 12 s /);
    expect(checks(run)).toHaveLength(3);
  });

  it('[W8] [A3] checks again if the read of the approvers took too long, and still names them', async () => {
    const { site, key } = siteWith(approved);
    site.setApproval(key, { finalDecision: 'approved', approvers: { 'Ann Approver': 'approved' } });
    site.faults.add({ fault: { kind: 'slow', delayMs: 8000 }, at: 1 });
    site.faults.add({ fault: { kind: 'slow', delayMs: 2900 }, at: 2 });
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.exitCode).toBe(0);
    expect(run.outputs['DecisionReason']).toMatch(/approved by Ann Approver/);
    expect(run.requests.map(({ path }) => path.split('/').at(-1))).toEqual([key, 'approval', key]);
  });

  it('[W9] stops on a window without any server time', async () => {
    const { site, key } = siteWith(approved, { dateHeader: 'none', serverTime: 'none' });
    site.setField(key, 'Planned end', site.dateIn(3_600_000));
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
  });

  it('[W10] says that a date has no time', async () => {
    const { site, key } = siteWith(approved);
    site.setField(key, 'Planned end', '2026-06-13');
    const run = await operate(site, 'Verify', earlierGate(key));
    expect(run.exitCode).toBe(0);
    expect(said(run)).toMatch(/date without a time/);
  });

  it.each([
    ['a refused login', { 'JsmChange.Token': 'wrong-token' }, {}, 'Error'],
    ['a login page', {}, { frontDoor: 'login-page' as const }, 'Error'],
    ['an invalid base URL', { 'JsmChange.BaseUrl': 'acme' }, {}, 'Error'],
  ])('[F7] never exits with 0 on %s', async (_what, variables, options, decision) => {
    const { site, key } = siteWith(approved, options);
    const run = await operate(site, 'Verify', { ...earlierGate(key), ...variables });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: decision } });
    expect(run.resultMessage).toBeDefined();
  });

  it('[F7] exits with 0 in no status except the proceed statuses', async () => {
    for (const status of [
      'Review',
      'Planning',
      'Authorize',
      'Awaiting implementation',
      'Pending',
      'Failed',
      'Canceled',
      'Closed',
    ]) {
      const { site, key } = siteWith({ status });
      const run = await operate(site, 'Verify', earlierGate(key));
      expect([status, run.exitCode]).toEqual([status, 1]);
    }
  });

  it('[S1] sends nothing if no approval is required', async () => {
    const run = await operate(new SimulatedSite(), 'Verify', {
      'JsmChange.ProjectChangeControlled': 'False',
      'JsmChange.Token': '',
    });
    expect(run).toMatchObject({ exitCode: 0, requests: [], outputs: { Decision: 'NotRequired' } });
  });

  it('[F6] ends with exit code 1 and its outputs on a signal', async () => {
    const { site, key } = siteWith(approved);
    site.faults.add({ fault: { kind: 'hang' } });
    const run = await operate(site, 'Verify', earlierGate(key), { terminateMs: 3000 });
    expect(run).toMatchObject({ exitCode: 1, endedAtMs: 3000, outputs: { Decision: 'Error' } });
  });
});
