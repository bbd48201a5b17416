import { describe, expect, it } from 'vitest';
import { oldestOf } from '../../../src/app/gate/lookup.ts';
import { aChangeRequest } from '../../domain/change/a-change-request.ts';
import { deploymentTitle, runbookRun, runbookTitle } from '../../sandbox/octopus-variables.ts';
import { gateVariables, simulateRuns } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import {
  checks,
  creations,
  gaps,
  gate,
  hourMs,
  minuteMs,
  numberVariable,
  reads,
  said,
  searches,
  secondMs,
  siteWith,
  supplied,
  writes,
} from '../gate-run.ts';

const aliasVariable = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';
const titleVariable = 'Octopus.JiraServiceManagement.Field[summary]';
const fail = { 'JsmChange.WhenPending': 'Fail' };

/** A description that ends with the run line of the given run. */
function runLine(server: string, space: string, id: string): string {
  return `Asked for by Octopus.\n\nOctopus run: ${server} ${space} ${id}`;
}

const ownLine = runLine('https://octopus.acme.example', 'Spaces-1', 'Deployments-421');

/** The numbers from `first` down to `last`. */
function fromTo(first: number, last: number): readonly number[] {
  return Array.from({ length: first - last + 1 }, (_, index) => first - index);
}

describe('a supplied number', () => {
  it('[L1] is the only change request that is read', async () => {
    const site = new SimulatedSite();
    site.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false });
    const { key } = site.createRequest({ summary: 'Something else', status: 'Implementing' });
    const run = await gate(site, supplied(`  ${key} `));
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Supplied', Decision: 'Proceed' },
    });
    expect(run.requests.map(({ path }) => path)).toEqual([
      `/rest/api/2/issue/${key}`,
      // [A3]
      `/rest/servicedeskapi/request/${key}/approval`,
    ]);
  });

  it('[L1] counts as not supplied if nothing is left after trimming', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await gate(site, supplied(' \t '));
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
  });

  it.each([
    ['chg-1', 'CHG-1'],
    ['https://acme.atlassian.net/browse/CHG-1', 'CHG-1'],
    ['https://acme.atlassian.net/browse/chg-1?focusedCommentId=1', 'CHG-1'],
    ['https://acme.atlassian.net/servicedesk/customer/portal/10/CHG-1', 'CHG-1'],
    ['https://acme.atlassian.net/jira/servicedesk/projects/CHG/queues/custom/1/CHG-1', 'CHG-1'],
    ['https://acme.atlassian.net/jira/software/projects/CHG/boards/1?selectedIssue=CHG-1', 'CHG-1'],
  ])('[L2] %s is read as %s', async (given, key) => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, supplied(given));
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it.each(['12', 'CHG', 'CHG-0', 'https://other.atlassian.net/browse/CHG-1', 'see CHG-1'])(
    '[L2] %s stops the run with an example of a key, and nothing is sent',
    async (given) => {
      const { site } = siteWith({ status: 'Implementing' });
      const run = await gate(site, supplied(given));
      expect(run).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Stop' } });
      expect(run.resultMessage).toMatch(/CHG-123/);
    },
  );

  it('[L3] that does not exist stops the deployment, and the message names both causes', async () => {
    const run = await gate(new SimulatedSite(), supplied('CHG-99'));
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', 'ChangeRequest.Number': 'CHG-99' },
    });
    expect(run.resultMessage).toMatch(/CHG-99 does not exist, or .* is not allowed to see it/);
    expect(writes(run)).toEqual([]);
  });

  it('[L3] that the account is not allowed to see stops in the same way', async () => {
    const { site, key } = siteWith({ status: 'Implementing' }, { permissions: { browse: false } });
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/does not exist, or .* is not allowed to see it/);
  });

  it("[L3] with a 404 that is not Jira's JSON points to BaseUrl", async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, { ...supplied('CHG-1'), 'JsmChange.BaseUrl': `${site.baseUrl}/wrong` });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toMatch(/JsmChange\.BaseUrl/);
  });

  it('[L4] of another project stops the deployment, unless the project is allowed', async () => {
    const site = new SimulatedSite({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const { key } = site.createRequest({ summary: 'x', project: 'OPS', status: 'Implementing' });
    const refused = await gate(site, supplied(key));
    expect(refused).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(refused.resultMessage).toMatch(/OPS.*CHG/);
    const allowed = await gate(site, { ...supplied(key), 'JsmChange.AllowedProjects': 'ABC, ops' });
    expect(allowed).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it('[L4] that is moved out of the allowed projects during the wait stops the run at the next check', async () => {
    const { site, key } = siteWith({}, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const run = await gate(site, supplied(key), {
      at: [
        [50_000, () => site.moveTo(key, 'Implementing')],
        [49_000, () => site.moveIssueToProject(key, 'OPS')],
      ],
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/OPS-1 belongs to the project OPS/);
  });

  it('[L4] that differs from its alias stops the run before anything is sent', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const differ = await gate(site, { ...supplied(key), [aliasVariable]: 'CHG-2' });
    expect(differ).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Stop' } });
    expect(differ.resultMessage).toMatch(/CHG-1.*CHG-2/);
    const same = await gate(site, { [numberVariable]: 'chg-1', [aliasVariable]: 'CHG-1' });
    expect(same.exitCode).toBe(0);
  });

  it('[L4] Verify stops on different numbers left by earlier steps unless one is supplied; Gate ignores them', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const outputs = (first: string, second: string) => ({
      'Octopus.Action[One].Output.ChangeRequest.Number': first,
      'Octopus.Action[One].Output.Decision': 'Proceed',
      'Octopus.Action[Two].Output.ChangeRequest.Number': second,
      'Octopus.Action[Two].Output.Decision': 'Proceed',
    });
    const differ = await gate(site, { 'JsmChange.Operation': 'Verify', ...outputs(key, 'CHG-2') });
    expect(differ).toMatchObject({ exitCode: 1, requests: [], outputs: { Decision: 'Stop' } });
    expect(differ.resultMessage).toMatch(/CHG-1.*CHG-2/);
    expect((await gate(site, outputs(key, 'CHG-2'))).outputs['ChangeRequest.Number']).toBe(key);
    expect((await gate(site, outputs('CHG-7', 'chg-7'))).outputs['ChangeRequest.Number']).toBe(key);
    // A different kind of step may have an output with that name.
    expect((await gate(site, outputs('CHG0030052', 'none'))).outputs['ChangeRequest.Number']).toBe(key);
    expect((await gate(site, { ...outputs(key, 'CHG-2'), ...supplied(key) })).exitCode).toBe(0);
  });
});

describe('the lookup by title', () => {
  it.each(['Gate', 'Test'])(
    '[L9] %s: stops before anything is raised if the service project was renamed',
    async (operation) => {
      const site = new SimulatedSite();
      const answer = site.answer.bind(site);
      // Jira also accepts the old key of a project, in searches as well.
      site.answer = (request) => {
        const answered = answer(request);
        return request.path.endsWith('projectKey:CHG')
          ? { ...answered, body: answered.body.replace('"projectKey":"CHG"', '"projectKey":"NEW"') }
          : answered;
      };
      const run = await gate(site, { 'JsmChange.Operation': operation });
      expect(run.exitCode).toBe(1);
      expect(creations(run)).toEqual([]);
      expect(run.resultMessage).toMatch(/service project CHG now has the key NEW/);
      expect(run.resultMessage).toMatch(/JsmChange\.ServiceProject\) to NEW/);
    },
  );

  it('[L5] compares the title character by character', async () => {
    const site = new SimulatedSite();
    for (const summary of [
      deploymentTitle.toLowerCase(),
      `${deploymentTitle} again`,
      deploymentTitle.replace('1.0.1', '1.0.11'),
      deploymentTitle.replaceAll('"', "'"),
    ]) {
      site.createRequest({ summary, status: 'Implementing', lagged: false });
    }
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false });
    site.createRequest({ summary: `Re: ${deploymentTitle}`, status: 'Implementing', lagged: false });
    const run = await gate(site);
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
    expect(creations(run)).toEqual([]);
    // The other change requests are not even read.
    expect(reads(run)).toEqual(reads(run, key));
  });

  it('[L5] ignores a hit that has another title or is closed when it is read', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.behaviour.indexLagMs = 10 * minuteMs;
    site.editSummary(key, 'Something else now');
    const closed = site.createRequest({ summary: deploymentTitle, lagged: false }).key;
    site.moveTo(closed, 'Canceled');
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Source': 'Created', Decision: 'Stop' });
    expect(reads(run, key).length).toBeGreaterThan(0);
    expect(creations(run)).toHaveLength(1);
  });

  it('[L5] ignores a hit that is not visible when it is read', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const body = '{"errorMessages":["Issue does not exist"],"errors":{}}';
    site.faults.add({ fault: { kind: 'status', status: 404, body }, path: /\/issue\/CHG-1\b/ });
    const run = await gate(site, fail);
    expect(reads(run, key).length).toBeGreaterThan(0);
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-2', 'ChangeRequest.Source': 'Created' });
  });

  it.each([401, 403, 500])(
    '[F7] ends the run and raises nothing if reading a hit returns %i',
    async (status) => {
      const { site } = siteWith({ status: 'Implementing' });
      site.faults.add({ fault: { kind: 'status', status }, path: /\/issue\/CHG-1\?/ });
      const run = await gate(site);
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(writes(run)).toEqual([]);
    },
  );

  it('[L5] [L9] reads the 20 newest of many closed hits with the title, and 5 with altered titles', async () => {
    const site = new SimulatedSite();
    const summaries = [...Array(25).fill(deploymentTitle), ...Array(8).fill(`${deploymentTitle} (copy)`)];
    for (const summary of summaries) site.createRequest({ summary, status: 'Declined', lagged: false });
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-34',
      'ChangeRequest.Source': 'Created',
    });
    const createdMs = creations(run)[0]?.sentMs ?? 0;
    const numbers = reads(run)
      .filter(({ sentMs }) => sentMs < createdMs)
      .map(({ path }) => Number(path.split('-').at(-1)));
    // Both searches find them, newest first.
    const [once = [], again = []] = [numbers.slice(0, 25), numbers.slice(25)];
    expect(once).toEqual([...fromTo(25, 6), ...fromTo(33, 29)]);
    expect(again).toEqual(once);
  });

  it('[L5] reads a hit whose status is missing from the search result', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const hit = { key, fields: { summary: deploymentTitle } };
    const body = JSON.stringify({ issues: [hit], isLast: true });
    site.faults.add({ fault: { kind: 'status', status: 200, body }, path: /\/search\// });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it('[L5] treats a Done status in either status list as open', async () => {
    const { site, key } = siteWith({ status: 'Completed' });
    const run = await gate(site, { 'JsmChange.ProceedStatuses': 'Completed' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it.each([
    ['all statuses known to the site', 'Completed', ''],
    ['one status unknown to the site', 'Approved\nCompleted', 'Pending'],
    ['all statuses unknown except an id', '10106', 'Nowhere'],
  ])(
    '[L5] finds an approved change request in a Done status, however old that status is: %s',
    async (_what, proceed, wait) => {
      for (const flavour of ['cloud', 'dc'] as const) {
        const { site, key } = siteWith({ status: 'Completed' }, { flavour });
        for (let number = 0; number < 60; number += 1) site.createRequest({ summary: 'Something else' });
        site.siteClock.offsetMs += 60 * 24 * hourMs;
        const run = await gate(
          site,
          { 'JsmChange.ProceedStatuses': proceed, 'JsmChange.WaitStatuses': wait },
          { worker: { offsetMs: 60 * 24 * hourMs } },
        );
        expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
        expect(creations(run)).toEqual([]);
      }
    },
  );

  it('[L5] [F3] retries a refused search once without statuses, then reports the refusal', async () => {
    const { site } = siteWith();
    site.behaviour.permissions.browse = false;
    const run = await gate(site, { 'JsmChange.ProceedStatuses': 'Approved' });
    expect(run.outputs['DecisionReason']).toMatch(/'CHG' does not exist/);
    expect(searches(run)).toHaveLength(2);
  });

  it('[L5] names no status in a search if the lists contain only the default statuses', async () => {
    const run = await gate(siteWith().site, fail);
    expect(searches(run).map(({ body }) => body)).toEqual([expect.not.stringContaining('status in')]);
  });

  it('[L5] searches twice before it raises a change request, 2 to 5 s apart at random, the second time without a phrase', async () => {
    const pauses: number[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      const run = await gate(new SimulatedSite(), fail, { seed, latency: 0 });
      const [first, second] = searches(run);
      const created = creations(run)[0];
      expect(first?.body).toMatch(/~ \\"\\\\\\"/);
      expect(second?.body).not.toMatch(/~ \\"\\\\\\"/);
      expect(second?.settledMs).toBeLessThanOrEqual(created?.sentMs ?? 0);
      pauses.push((second?.sentMs ?? 0) - (first?.sentMs ?? 0));
    }
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5000);
    expect(new Set(pauses).size).toBeGreaterThan(15);
  });

  it('[L5] finds a change request that the index shows only in the second search', async () => {
    const site = new SimulatedSite({ indexLagMs: 1500 });
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
    const run = await gate(site, {}, { latency: 0 });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
    expect(creations(run)).toEqual([]);
  });

  it('[L6] finds a runbook run by its own title', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: runbookTitle, status: 'Implementing', lagged: false });
    const run = await gate(site, { ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it('[L7] uses the title that replaces the default, trimmed and on one line', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({
      summary: 'Weekly release to all',
      status: 'Implementing',
      lagged: false,
    });
    const run = await gate(site, {
      'Octopus.JiraServiceManagement.Field[SUMMARY]': '  Weekly release\r\nto all\t',
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it('[L7] raises a change request under that title', async () => {
    const site = new SimulatedSite();
    await gate(site, { [titleVariable]: 'Weekly release', ...fail });
    expect(site.openWithSummary('Weekly release')).toHaveLength(1);
  });

  it('[L7] [O2] stops if Jira stores another title, and shows both', async () => {
    const site = new SimulatedSite({
      rewriteSummary: (summary) => `[auto] ${summary}`,
      statusOnCreation: 'Implementing',
    });
    const run = await gate(site, { [titleVariable]: 'Weekly release' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/"\[auto\] Weekly release", not as "Weekly release"/);
    // O2: it was read back, although not checked.
    expect(run.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Status': 'Implementing',
    });
    // C4: and only after it looked for an older change request.
    expect(run.endedAtMs - (creations(run)[0]?.settledMs ?? 0)).toBeGreaterThanOrEqual(2 * secondMs);
  });

  it('[L7] [L9] does not raise another if the step is retried after that', async () => {
    const site = new SimulatedSite({ rewriteSummary: (summary) => `[auto] ${summary}` });
    await gate(site);
    for (let retry = 1; retry <= 3; retry += 1) {
      const run = await gate(site, {}, { startMs: 1000 });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
      expect(run.resultMessage).toMatch(/stored the title/);
    }
    expect(site.issues()).toHaveLength(1);
  });

  it('[L7] [L9] ignores a change request with a rewritten title that another run raised', async () => {
    const { site } = siteWith({ summary: `[auto] ${deploymentTitle}` });
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-2', 'ChangeRequest.Source': 'Created' });
  });

  it('[L8] stops on several open change requests after 20 s, and lists their keys and statuses', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle, status: 'Planning', lagged: false });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toContain('CHG-1 (Implementing)');
    expect(run.resultMessage).toContain('CHG-2 (Planning)');
    expect(run.resultMessage).toMatch(/Supply the number .* or close the wrong/);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(20 * secondMs);
    expect(run.endedAtMs).toBeLessThan(22 * secondMs);
    expect(writes(run)).toEqual([]);
  });

  it('[L8] continues if only one change request is left within 20 s', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const other = site.createRequest({ summary: deploymentTitle, lagged: false }).key;
    const run = await gate(site, {}, { at: [[12_000, () => site.moveTo(other, 'Canceled')]] });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it.each<[string, (site: SimulatedSite, key: string) => unknown]>([
    ['withdrawn', (site, key) => site.editSummary(key, `Withdrawn in favour of CHG-1: ${deploymentTitle}`)],
    ['deleted', (site, key) => site.remove(key)],
    ['moved to another project', (site, key) => site.moveIssueToProject(key, 'OPS')],
  ])('[L8] continues if the other change request is %s', async (_how, leave) => {
    const { site, key } = siteWith(
      { status: 'Implementing' },
      { projects: [{ key: 'CHG' }, { key: 'OPS' }] },
    );
    const other = site.createRequest({ summary: deploymentTitle, lagged: false }).key;
    const run = await gate(
      site,
      { 'JsmChange.AllowedProjects': 'OPS' },
      { at: [[12_000, () => leave(site, other)]] },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
    // The step reads both every 4 s, and believes at the second 404 that the other is gone (F3).
    expect(run.endedAtMs).toBeLessThan(17 * secondMs);
  });

  it('[L8][F3] does not treat a change request as gone after a single 404', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const other = site.createRequest({ summary: deploymentTitle, lagged: false }).key;
    site.faults.add({
      fault: { kind: 'status', status: 404, body: '{"errorMessages":["No."],"errors":{}}' },
      path: new RegExp(`/issue/${other}`),
      at: 3,
    });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'SeveralFound' } });
  });

  it('[L8][F3] does not treat a change request as gone after a 404 to its first read', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const other = site.createRequest({ summary: deploymentTitle, lagged: false }).key;
    site.faults.add({
      fault: { kind: 'status', status: 404, body: '{"errorMessages":["No."],"errors":{}}' },
      path: new RegExp(`/issue/${other}`),
      at: 1,
    });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'SeveralFound' } });
  });

  it('[L8][F3] ignores a change request that answers 404 twice', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const other = site.createRequest({ summary: deploymentTitle, lagged: false }).key;
    site.faults.add({
      fault: { kind: 'status', status: 404, body: '{"errorMessages":["No."],"errors":{}}' },
      path: new RegExp(`/issue/${other}`),
    });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
    expect(reads(run, other)).toHaveLength(2);
    expect(gaps(reads(run, other))[0]).toBeGreaterThanOrEqual(secondMs);
  });

  it('[L8] starts over if all change requests are gone within 20 s', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle, lagged: false });
    const close = () => {
      for (const key of ['CHG-1', 'CHG-2']) site.moveTo(key, 'Canceled');
    };
    const run = await gate(site, fail, { at: [[6000, close]] });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-3', 'ChangeRequest.Source': 'Created' });
  });

  it('[C4][L13] a retried step withdraws its own change request in favour of an older one of another space, and stops', async () => {
    const { site } = siteWith({
      description: runLine('https://octopus.acme.example', 'Spaces-2', 'Deployments-7'),
    });
    site.createRequest({ summary: deploymentTitle, description: ownLine, lagged: false });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-1.*Spaces-2/);
    expect(site.issue('CHG-2').values.get('summary')).toMatch(/^Withdrawn in favour of CHG-1/);
    expect(site.issue('CHG-1').values.get('summary')).toBe(deploymentTitle);
  });

  it.each<[string, string, string]>([
    ['of another space', 'Spaces-2', 'Deployments-7'],
    ['of another deployment', 'Spaces-1', 'Deployments-7'],
    ['of its own', 'Spaces-1', 'Deployments-421'],
  ])(
    '[C4] a retried step withdraws each change request of its own that is younger than one %s',
    async (_what, space, id) => {
      const { site, key } = siteWith({ description: runLine('https://octopus.acme.example', space, id) });
      for (let attempt = 0; attempt < 2; attempt += 1) {
        site.createRequest({ summary: deploymentTitle, description: ownLine, lagged: false });
      }
      const run = await gate(site, fail);
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
      expect(site.openWithSummary(deploymentTitle).map((issue) => issue.key)).toEqual([key]);
    },
  );

  it("[L8][L13] does not withdraw the run's own change request if that of another space is younger", async () => {
    const { site } = siteWith({ description: ownLine });
    site.createRequest({
      summary: deploymentTitle,
      description: runLine('https://octopus.acme.example', 'Spaces-2', 'Deployments-7'),
      lagged: false,
    });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/Several open change requests.*CHG-2.*CHG-1/);
    expect(writes(run)).toEqual([]);
  });

  it('[L8] treats the change request with the lowest number as the oldest', () => {
    const ten = aChangeRequest({ key: 'CHG-10' });
    const nine = aChangeRequest({ key: 'CHG-9' });
    expect(oldestOf([ten, nine])).toBe(nine);
    expect(oldestOf([nine, ten])).toBe(nine);
    expect(oldestOf([])).toBeUndefined();
  });

  it('[L9] uses the same change request as long as it is open', async () => {
    const site = new SimulatedSite();
    const first = await gate(site, fail);
    site.moveTo('CHG-1', 'Implementing');
    const second = await gate(site, { 'Octopus.Deployment.Id': 'Deployments-422' });
    expect(first.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Created',
    });
    expect(second).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Matched' },
    });
  });

  it('[L9] starts over if that change request is closed', async () => {
    const { site } = siteWith({
      description: runLine('https://octopus.acme.example', 'Spaces-1', 'Deployments-7'),
    });
    site.moveTo('CHG-1', 'Declined');
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-2', 'ChangeRequest.Source': 'Created' });
  });

  it("[L9] stops and raises nothing if the run's own change request is closed", async () => {
    const site = new SimulatedSite();
    const refused = await gate(site, {}, { at: [[30_000, () => site.moveTo('CHG-1', 'Declined')]] });
    expect(refused.outputs['Decision']).toBe('Stop');
    const retried = await gate(site);
    expect(retried).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(retried.resultMessage).toMatch(/CHG-1, which this run raised, is closed \(status Declined\)/);
    expect(creations(retried)).toEqual([]);
    expect(site.issues()).toHaveLength(1);
  });

  it('[L9] reads only the newest closed change requests, which accumulate under a title without a version', async () => {
    const site = new SimulatedSite();
    for (let day = 300; day > 0; day -= 1) {
      const createdMs = site.siteClock.now() - day * 24 * hourMs;
      site.createRequest({ summary: runbookTitle, status: 'Completed', createdMs, lagged: false });
    }
    site.moveTo('CHG-3', 'Review');
    const runbook = { ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' };
    const found = await gate(site, { ...runbook, ...fail });
    expect(found.outputs['ChangeRequest.Number']).toBe('CHG-3');
    // Three pages of the first search are enough to find the open change request among newer closed ones.
    expect(searches(found)).toHaveLength(3);
    site.moveTo('CHG-3', 'Completed');

    const created = await gate(site, { ...runbook, ...fail });
    expect(created.outputs['ChangeRequest.Number']).toBe('CHG-301');
    expect(created.requests.length).toBeLessThan(100);
    site.moveTo('CHG-301', 'Declined');
    const refused = await gate(site, { ...runbook, ...fail });
    expect(refused).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(refused.resultMessage).toMatch(/CHG-301/);
  });

  it('[L9] also counts a closed change request that the phrase search misses', async () => {
    const { site } = siteWith({ description: ownLine, status: 'Declined' });
    site.faults.add({
      fault: { kind: 'status', status: 200, body: '{"issues":[],"isLast":true}' },
      path: /\/search\//,
      at: 1,
    });
    const refused = await gate(site);
    expect(refused).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(refused.resultMessage).toMatch(/CHG-1.*closed/);
    expect(creations(refused)).toEqual([]);
  });

  it('[L5] also finds a change request in a Done proceed status that the phrase search misses', async () => {
    const { site, key } = siteWith({ status: 'Completed' });
    site.faults.add({
      fault: { kind: 'status', status: 200, body: '{"issues":[],"isLast":true}' },
      path: /\/search\//,
      at: 1,
    });
    const run = await gate(site, { 'JsmChange.ProceedStatuses': 'Completed' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': key } });
  });

  it("[L9] continues with another open change request if the run's own is closed", async () => {
    const { site } = siteWith({ description: ownLine, status: 'Declined' });
    const other = site.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false }).key;
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': other } });
  });

  it('[L10] evaluates only the change request that it found first', async () => {
    const { site, key } = siteWith();
    const run = await gate(
      site,
      {},
      {
        at: [
          [
            40_000,
            () => site.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false }),
          ],
          [100_000, () => site.moveTo(key, 'Declined')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', 'ChangeRequest.Number': key } });
    expect(reads(run, 'CHG-2')).toEqual([]);
  });

  it('[L10] follows withdrawals over several steps to the open change request', async () => {
    const site = new SimulatedSite();
    for (let number = 1; number <= 4; number += 1) site.createRequest({ summary: 'Other', lagged: false });
    const withdrawn = (older: string) => `Withdrawn in favour of ${older}: ${deploymentTitle}`;
    site.editSummary('CHG-1', deploymentTitle);
    site.editSummary('CHG-4', deploymentTitle);
    site.moveTo('CHG-1', 'Canceled');
    const run = await gate(
      site,
      {},
      {
        at: [
          [40_000, () => site.moveTo('CHG-1', 'Implementing')],
          [41_000, () => site.editSummary('CHG-2', withdrawn('CHG-1'))],
          [42_000, () => site.editSummary('CHG-3', withdrawn('CHG-2'))],
          [43_000, () => site.editSummary('CHG-4', withdrawn('CHG-3'))],
        ],
      },
    );
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Matched' },
    });
  });

  it.each([401, 403])(
    '[L10] [F3] does not trust a single %i while it follows a withdrawal',
    async (status) => {
      const site = new SimulatedSite({
        faults: [{ fault: { kind: 'status', status }, method: 'GET', path: /\/issue\/CHG-1\?/, at: 1 }],
      });
      site.createRequest({ summary: 'Other', lagged: false });
      site.createRequest({ summary: deploymentTitle, lagged: false });
      const run = await gate(
        site,
        {},
        {
          at: [
            [40_000, () => site.editSummary('CHG-1', deploymentTitle)],
            [41_000, () => site.moveTo('CHG-1', 'Implementing')],
            [42_000, () => site.editSummary('CHG-2', `Withdrawn in favour of CHG-1: ${deploymentTitle}`)],
          ],
        },
      );
      expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    },
  );

  it('[O2] [L10] does not report the status and window of a withdrawn change request for the next one', async () => {
    const site = new SimulatedSite({
      faults: [{ fault: { kind: 'status', status: 403 }, method: 'GET', path: /\/issue\/CHG-1\?.*failFast/ }],
    });
    site.createRequest({ summary: 'Other', lagged: false });
    site.createRequest({ summary: deploymentTitle, lagged: false });
    site.moveTo('CHG-2', 'Planning');
    const follow = () => {
      site.editSummary('CHG-1', deploymentTitle);
      site.editSummary('CHG-2', `Withdrawn in favour of CHG-1: ${deploymentTitle}`);
    };
    const run = await gate(site, {}, { at: [[40_000, follow]] });
    // The read that found it open shows its own status, although no check of it was possible.
    expect(run.outputs).toMatchObject({
      Decision: 'Error',
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Status': 'Review',
    });
  });

  it('[L10] starts over once, and creates nothing, if the named change request is not open', async () => {
    const site = new SimulatedSite();
    site.createRequest({ summary: deploymentTitle, lagged: false });
    site.createRequest({ summary: deploymentTitle, lagged: false });
    site.moveTo('CHG-1', 'Canceled');
    const run = await gate(
      site,
      {},
      {
        at: [[40_000, () => site.editSummary('CHG-2', `Withdrawn in favour of CHG-1: ${deploymentTitle}`)]],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(searches(run).length).toBeGreaterThanOrEqual(2);
    expect(reads(run, 'undefined')).toEqual([]);
    expect(writes(run)).toEqual([]);
  });

  it.each([
    ['five withdrawals', 6, 'Proceed', 'CHG-1'],
    ['not a sixth', 7, 'Stop', 'CHG-7'],
  ])('[L10] follows %s', async (_what, count, decision, number) => {
    const site = new SimulatedSite({ indexLagMs: 10 * minuteMs });
    for (let made = 1; made < count; made += 1) site.createRequest({ summary: 'Other', lagged: false });
    site.createRequest({ summary: deploymentTitle, lagged: false });
    const withdraw = () => {
      for (let at = count; at > 1; at -= 1) {
        site.editSummary(`CHG-${at}`, `Withdrawn in favour of CHG-${at - 1}: ${deploymentTitle}`);
      }
      site.editSummary('CHG-1', deploymentTitle);
      site.moveTo('CHG-1', 'Implementing');
    };
    const run = await gate(site, {}, { at: [[40_000, withdraw]] });
    expect(run.outputs).toMatchObject({ Decision: decision, 'ChangeRequest.Number': number });
  });

  it('[L10] starts over once, and creates nothing, if the named change request is not visible', async () => {
    const { site, key } = siteWith();
    const summary = `Withdrawn in favour of CHG-99: ${deploymentTitle}`;
    const run = await gate(site, {}, { at: [[40_000, () => site.editSummary(key, summary)]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-1 was withdrawn, and there is no other open one with the title/);
    expect(reads(run, 'CHG-99')).toHaveLength(1);
    expect(searches(run)).toHaveLength(3);
    expect(writes(run)).toEqual([]);
  });

  it('[L10] continues with what the second lookup finds, but stops if that is withdrawn too', async () => {
    const { site, key } = siteWith();
    const summary = `Withdrawn in favour of CHG-99: ${deploymentTitle}`;
    const run = await gate(
      site,
      {},
      {
        at: [
          [40_000, () => site.editSummary(key, summary)],
          [40_000, () => site.createRequest({ summary: deploymentTitle, lagged: false })],
          [120_000, () => site.editSummary('CHG-2', summary)],
        ],
      },
    );
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', 'ChangeRequest.Number': 'CHG-2' },
    });
    expect(run.summary.join('\n')).toMatch(
      /The step continues with the change request .*CHG-2.* instead of CHG-1/,
    );
    expect(run.resultMessage).toMatch(/CHG-2 was withdrawn in favour of CHG-99/);
  });

  it('[L10][L13] does not use the named change request if it is from another space', async () => {
    const { site, key } = siteWith();
    const foreign = {
      summary: deploymentTitle,
      description: 'Octopus run: https://octopus.acme.example Spaces-2 Deployments-7',
      status: 'Implementing',
    };
    const withdraw = () => {
      const other = site.createRequest(foreign).key;
      site.editSummary(key, `Withdrawn in favour of ${other}: ${deploymentTitle}`);
    };
    const run = await gate(site, {}, { at: [[40_000, withdraw]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-2.*Spaces-2.*Spaces-1/);
  });

  it('[L10] stops if a supplied change request was withdrawn, and names the other', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const other = site.createRequest({ summary: `Withdrawn in favour of ${key}: ${deploymentTitle}` }).key;
    const run = await gate(site, supplied(other));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toContain(`withdrawn in favour of ${key}`);
    expect(reads(run, key)).toEqual([]);
  });

  it('[L11] continues with the new key of a moved change request, and logs it', async () => {
    const { site, key } = siteWith({}, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const run = await gate(
      site,
      { ...supplied(key), 'JsmChange.AllowedProjects': 'OPS' },
      {
        at: [
          [40_000, () => site.moveIssueToProject(key, 'OPS')],
          [90_000, () => site.moveTo('OPS-1', 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'OPS-1' } });
    expect(run.summary.join('\n')).toMatch(/CHG-1 was moved.*OPS-1/);
    expect(checks(run, 'OPS-1').length).toBeGreaterThan(0);
  });

  it.each([
    ['quotes', 'The "Big" Site', "1.0'1"],
    ['backslashes', 'C:\\Sites\\Web', '1.0\\1'],
    ['brackets', '[Web] (Site) {1}', '1.0.1+build[2]'],
    ['wildcards', 'Web*Site?', '1.0.*'],
    ['expressions', 'Web #{Site}', '#{Octopus.Release}'],
    ['operators', 'Web && Site || NOT ^ ~ !', '1:0 -beta +meta'],
    ['other letters', 'Přehled 网站 Ωmega', '1.0.1-ß'],
    ['200 characters', 'W'.repeat(200), '1'],
  ])('[L12] finds exactly the change request for names with %s', async (_what, project, release) => {
    const site = new SimulatedSite();
    const names = { 'Octopus.Project.Name': project, 'Octopus.Release.Number': release };
    const decoys = [project.replaceAll(/[^\p{L}\d ]/gu, ''), `${project}x`, project.toLowerCase()];
    for (const decoy of decoys.filter((one) => one !== project)) {
      const summary = `Octopus: Deploy "${decoy}" version ${release} to "Production"`;
      site.createRequest({ summary, status: 'Implementing', lagged: false });
    }
    const created = await gate(site, { ...names, ...fail });
    const key = created.outputs['ChangeRequest.Number'] ?? '';
    expect(created.outputs['ChangeRequest.Source']).toBe('Created');
    expect(site.issue(key).values.get('summary')).toBe(
      `Octopus: Deploy "${project}" version ${release} to "Production"`,
    );
    site.moveTo(key, 'Implementing');
    const found = await gate(site, { ...names, 'Octopus.Deployment.Id': 'Deployments-422' });
    expect(found).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
  });

  it('[L12] stops before anything is sent if the title exceeds 255 characters, and suggests a fix', async () => {
    const run = await gate(new SimulatedSite(), { 'Octopus.Project.Name': 'W'.repeat(240) });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
    expect(run.resultMessage).toMatch(/Field\[summary\]/);
  });

  it.each([
    ['another server', 'https://octopus.other.example', 'Spaces-1'],
    ['another space', 'https://octopus.acme.example', 'Spaces-2'],
  ])('[L13] does not use an open change request of %s, and creates nothing', async (_what, server, space) => {
    const { site, key } = siteWith({
      status: 'Implementing',
      description: runLine(server, space, 'Deployments-421'),
    });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toContain(key);
    expect(run.resultMessage).toMatch(/Spaces-1/);
    expect(run.resultMessage).toMatch(/Field\[summary\]/);
    expect(run.resultMessage).toContain(
      `by the Octopus server ${server.replace('://', ':/ /')} in the space ${space}, but this run belongs to`,
    );
    expect(writes(run)).toEqual([]);
    const bySupply = await gate(site, supplied(key));
    expect(bySupply.exitCode).toBe(0);
  });

  it.each<[string, (fields: Record<string, unknown>) => void]>([
    ['lacks', (fields) => delete fields['description']],
    ['has no text in', (fields) => Object.assign(fields, { description: {} })],
  ])(
    '[L13] does not use that change request either if the answer to the lookup %s its description',
    async (_what, change) => {
      const { site } = siteWith({
        status: 'Implementing',
        description: runLine('https://octopus.acme.example', 'Spaces-2', 'Deployments-7'),
      });
      const rewrite = (body: string, number: number): string => {
        if (number !== 2) return body;
        const issue = JSON.parse(body);
        change(issue.fields);
        return JSON.stringify(issue);
      };
      const run = await gate(site, {}, { rewrite });
      expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'NotAllowed' } });
      const verified = await gate(site, { 'JsmChange.Operation': 'Verify' }, { rewrite });
      expect(verified).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'NotAllowed' } });
    },
  );

  it('[L13] does not apply to the number that a Request left', async () => {
    const { site, key } = siteWith({
      status: 'Implementing',
      description: runLine('https://octopus.acme.example', 'Spaces-2', 'Deployments-1'),
    });
    const run = await gate(site, {
      'Octopus.Action[Request change].Output.ChangeRequest.Number': key,
      'Octopus.Action[Request change].Output.Decision': 'Pending',
    });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': key });
  });

  it('[L8] [F3] reads a hit that was not visible again, even if there is a closed change request', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.createRequest({ summary: deploymentTitle, status: 'Completed' });
    const gone = site.createRequest({ summary: deploymentTitle }).key;
    site.faults.add({
      fault: { kind: 'status', status: 404, body: '{"errorMessages":["Issue does not exist"],"errors":{}}' },
      path: new RegExp(`/issue/${gone}`),
      at: 1,
    });
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
    for (const open of [key, gone]) expect(run.resultMessage).toContain(open);
  });

  it('[L13] reads a run line tolerantly: case of the host, trailing slash, wiki link', async () => {
    const { site } = siteWith({
      status: 'Implementing',
      description: runLine(
        '[https://OCTOPUS.acme.example/|https://OCTOPUS.acme.example/|smart-link]',
        'Spaces-1',
        'Deployments-7',
      ),
    });
    expect((await gate(site)).exitCode).toBe(0);
  });

  it('[L14] matches and accepts only the issue types that the policy names', async () => {
    const site = new SimulatedSite();
    site.createRequest({
      summary: deploymentTitle,
      issueType: '[System] Service request',
      status: 'Implementing',
      lagged: false,
    });
    const policy = `
version: 1
connections: [{ name: A, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects: [{ name: "*", connection: A, serviceProject: CHG }]
environments: [{ name: "*" }]
issueTypes: ["[system] change"]
`;
    const matched = await gate(site, { 'JsmChange.Policy': policy, ...fail });
    expect(matched.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-2',
      'ChangeRequest.Source': 'Created',
    });
    const given = await gate(site, { 'JsmChange.Policy': policy, ...supplied('CHG-1') });
    expect(given).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(given.resultMessage).toMatch(/Service request/);
  });

  it('[L14] a retry raises no second change request of a rejected type, and continues with an accepted one', async () => {
    const site = new SimulatedSite();
    const policy = `
version: 1
connections: [{ name: A, baseUrl: "${site.baseUrl}", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects: [{ name: "*", connection: A, serviceProject: CHG }]
environments: [{ name: "*" }]
issueTypes: ["[System] Service request"]
`;
    for (const attempt of [1, 2, 3]) {
      const run = await gate(site, { 'JsmChange.Policy': policy });
      expect(run, `attempt ${attempt}`).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
      expect(run.resultMessage).toMatch(/CHG-1.*\[System\] Change, which the policy does not accept/);
      expect(run.resultMessage).toMatch(/Accepted issue types: \[System\] Service request\./);
    }
    expect(site.issues()).toHaveLength(1);
    site.createRequest({
      summary: deploymentTitle,
      issueType: '[System] Service request',
      status: 'Implementing',
      lagged: false,
    });
    const run = await gate(site, { 'JsmChange.Policy': policy });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-2' } });
  });

  it('[L8] two runs of the same deployment wait for the same change request', async () => {
    const { site, key } = siteWith();
    const runs = await simulateRuns({
      site,
      runs: [1, 2].map((number) => ({
        variables: gateVariables(site, { 'Octopus.Deployment.Id': `Deployments-${number}` }),
      })),
      at: [[60_000, () => site.moveTo(key, 'Implementing')]],
    });
    expect(runs.map((run) => [run.exitCode, run.outputs['ChangeRequest.Number']])).toEqual([
      [0, key],
      [0, key],
    ]);
    expect(said(runs[0] as never)).toContain(key);
  });
});

describe('withdrawals during a run', () => {
  const withdrawnFor = (key: string): string => `Withdrawn in favour of ${key}: ${deploymentTitle}`;

  it('[L8] [C4] counts the open one in whose favour one of several is withdrawn meanwhile', async () => {
    const site = new SimulatedSite({ indexLagMs: hourMs });
    site.createRequest({ summary: deploymentTitle });
    site.createRequest({ summary: deploymentTitle, lagged: false });
    site.createRequest({ summary: deploymentTitle, lagged: false, status: 'Implementing' });
    const run = await gate(
      site,
      {},
      { at: [[2000, () => site.editSummary('CHG-2', withdrawnFor('CHG-1'))]] },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'SeveralFound' });
    expect(run.outputs['DecisionReason']).toContain('CHG-1 (Review)');
    expect(run.outputs['DecisionReason']).toContain('CHG-3 (Implementing)');
  });

  it('[M2] [L10] names the one that is missing, not the one before it', async () => {
    const { site } = siteWith({ description: ownLine });
    site.editSummary('CHG-1', 'Not yet in the index');
    site.createRequest({ summary: deploymentTitle, lagged: false });
    const withdraw = () => {
      site.editSummary('CHG-1', deploymentTitle);
      site.editSummary('CHG-2', withdrawnFor('CHG-1'));
    };
    const body = '{"errorMessages":["Issue does not exist"],"errors":{}}';
    site.faults.add({ path: /\/issue\/CHG-1\?.*failFast/, fault: { kind: 'status', status: 404, body } });
    const field = { 'Octopus.JiraServiceManagement.Field[Planned start]': '2026-06-13T07:00:00Z' };
    const run = await gate(site, field, { at: [[20_000, withdraw]] });
    expect(run.outputs).toMatchObject({ DecisionCode: 'NotFound', 'ChangeRequest.Number': 'CHG-1' });
    expect(run.outputs['DecisionReason']).toContain('CHG-1');
  });

  it('[L10] are followed at most five times, even if checks and lookups contradict each other', async () => {
    const site = new SimulatedSite();
    site.createRequest({ summary: deploymentTitle, lagged: false });
    site.createRequest({ summary: 'Another change', lagged: false });
    const run = await gate(
      site,
      { 'JsmChange.WaitLimitMinutes': '10' },
      {
        at: [[3000, () => site.editSummary('CHG-2', deploymentTitle)]],
        rewrite: (body, _number, { url }) => {
          const key = /\/issue\/CHG-(\d)\?.*failFast/.exec(url)?.[1];
          if (key === undefined || site.time.now < 20_000) return body;
          const json = JSON.parse(body);
          json.fields.summary = withdrawnFor(`CHG-${3 - Number(key)}`);
          return JSON.stringify(json);
        },
      },
    );
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'Withdrawn' });
    expect(checks(run).length).toBeLessThan(10);
  });
});
