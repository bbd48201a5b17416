import { describe, expect } from 'vitest';
import { deploymentTitle, runbookRun, runbookTitle } from '../sandbox/octopus-variables.ts';
import { field, number, type Run, scenario } from './scenario.ts';

const alias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';
const summary = field('summary');

/** The requests of a run, as `GET issue` or `POST search`. */
function asked({ requests }: Run): string[] {
  return requests.map(({ method, path }) => {
    const words = path.replace(/\?.*/, '').split('/');
    const known = ['search', 'issue', 'request', 'servicedesk'].findLast((word) => words.includes(word));
    return `${method} ${known}`;
  });
}

describe('a supplied number', () => {
  scenario('[L1] with another title counts, and nothing is searched for or raised', async ({ jsm }) => {
    const { raise, run } = await jsm();
    raise({ status: 'Implementing' });
    const key = raise({ summary: 'Patch the kernel', status: 'Implementing' });
    const ended = await run({ [number]: ` ${key} ` });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Supplied' });
    // The second request reads the approvers for the ending (A3).
    expect(asked(ended)).toEqual(['GET issue', 'GET request']);
  });

  scenario('[L1] may be in the alias', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const key = raise({ summary: 'Patch the kernel', status: 'Implementing' });
    const ended = await run({ [alias]: key });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, Decision: 'Proceed' });
  });

  scenario.for([
    'chg-1',
    'URL/browse/CHG-1',
    'URL/browse/chg-1?focusedId=10200#comment',
    'URL/servicedesk/customer/portal/3/CHG-1',
    'URL/jira/servicedesk/projects/CHG/queues/custom/7/CHG-1',
    'URL/issues/?jql=project%20%3D%20CHG&selectedIssue=CHG-1',
  ])('[L2] may be given as %s', async (given, { jsm }) => {
    const { raise, run, sandbox } = await jsm();
    raise({ status: 'Implementing' });
    const ended = await run({ [number]: given.replace('URL', sandbox.url) });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-1', Decision: 'Proceed' });
  });

  scenario.for([
    'CHG',
    '12',
    'CHG-',
    'CHG-0',
    'CHG 12',
    'CHG-12, CHG-13',
    'yes please',
    '#{Change}',
    'https://acme.example/browse/CHG-1',
  ])('[L2] that is not a key stops the run: %s', async (given, { jsm }) => {
    const { raise, run } = await jsm();
    raise({ status: 'Implementing' });
    const ended = await run({ [number]: given });
    expect(ended.exitCode).toBe(1);
    expect(ended.result).toMatch(given.startsWith('#{') ? /#\{Change\}/ : /CHG-123/);
    expect(ended.requests).toEqual([]);
  });

  scenario('[L3] that does not exist stops the deployment', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ [number]: 'CHG-99' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(ended.reason).toMatch(/CHG-99 does not exist, or the step's account is not allowed to see it/);
    expect(ended.requests).toHaveLength(1);
  });

  scenario('[L3] whose 404 does not come from Jira points to the base URL', async ({ jsm }) => {
    const { raise, run, sandbox } = await jsm({ contextPath: '/jira', flavour: 'dc' });
    const wrong = new URL(sandbox.url).origin;
    const ended = await run({
      [number]: raise({ status: 'Implementing' }),
      'JsmChange.BaseUrl': wrong,
      'JsmChange.Username': 'octopus',
    });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expect(ended.result).toMatch(/JsmChange\.BaseUrl/);
  });

  scenario('[L4] in a project that is not allowed stops the deployment', async ({ jsm }) => {
    const { raise, run } = await jsm({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const ended = await run({ [number]: raise({ project: 'OPS', status: 'Implementing' }) });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/project OPS/),
    });
  });

  scenario('[L4] in an additional allowed project is accepted', async ({ jsm }) => {
    const { raise, run } = await jsm({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const key = raise({ project: 'OPS', status: 'Implementing' });
    const ended = await run({ [number]: key, 'JsmChange.AllowedProjects': 'net, ops' });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
  });

  scenario('[L4] that differs from the one in the alias stops the deployment', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const [first, second] = [raise({ status: 'Implementing' }), raise({ status: 'Implementing' })];
    const ended = await run({ [number]: first, [alias]: second });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop', requests: [] });
    expect(ended.reason).toMatch(/CHG-1.*CHG-2/);
    const same = await run({ [number]: first, [alias]: first.toLowerCase() });
    expect(same).toMatchObject({ exitCode: 0, decision: 'Proceed' });
  });

  scenario(
    '[L10] of a withdrawn change request stops the deployment and names the other',
    async ({ jsm }) => {
      const { raise, run } = await jsm();
      const key = raise({
        summary: `Withdrawn in favour of CHG-7: ${deploymentTitle}`,
        status: 'Implementing',
      });
      const ended = await run({ [number]: key });
      expect(ended).toMatchObject({
        exitCode: 1,
        decision: 'Stop',
        reason: expect.stringContaining('CHG-7'),
      });
    },
  );

  scenario('[L11] of a moved change request is continued under its new key', async ({ jsm }) => {
    const { raise, run, site } = await jsm({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const key = raise({ project: 'OPS', status: 'Implementing' });
    const moved = site.moveIssueToProject(key, 'CHG');
    const ended = await run({ [number]: key, 'JsmChange.AllowedProjects': 'OPS' });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': moved, Decision: 'Proceed' });
    expect(ended.text).toContain(key);
  });

  scenario(
    '[L4] of a change request that is moved to another project during the wait stops the run',
    async ({ jsm }) => {
      const { raise, start, site } = await jsm({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
      const key = raise();
      const running = start({ [number]: key });
      await running.printed('waiting for its approval');
      site.moveTo(site.moveIssueToProject(key, 'OPS'), 'Implementing');
      const ended = await running.ended;
      expect(ended).toMatchObject({
        exitCode: 1,
        decision: 'Stop',
        reason: expect.stringMatching(/project OPS/),
      });
    },
  );
});

describe('the title', () => {
  scenario('[L5] is compared character by character', async ({ jsm }) => {
    const { raise, run, site } = await jsm({ speed: 10 });
    const near = [
      'Octopus: Deploy "Web Site" version 1.0.10 to "Production"',
      'Octopus: Deploy "Web Site" version 1.0.1 to "Production 2"',
      'Octopus: Deploy "Web  Site" version 1.0.1 to "Production"',
      'Octopus: Deploy "web site" version 1.0.1 to "production"',
      'Octopus: Deploy Web Site version 1.0.1 to Production',
      'Re: Octopus: Deploy "Web Site" version 1.0.1 to "Production"',
      'Octopus: Deploy "Web-Site" version 1.0.1 to "Production"',
      'Octopus: Deploy “Web Site” version 1.0.1 to “Production”',
    ].map((title) => raise({ summary: title, status: 'Implementing' }));
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const ended = await run();
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-9',
      'ChangeRequest.Source': 'Created',
    });
    expect(near).toHaveLength(8);
  });

  scenario('[L5] finds its change request among similar ones, on the last page', async ({ jsm }) => {
    const { raise, run } = await jsm({ searchPageLimit: 3 });
    const key = raise({ status: 'Implementing' });
    for (let version = 0; version < 10; version += 1) {
      raise({ summary: `Octopus: Deploy "Web Site" version 1.0.1 to "Production ${version}"` });
    }
    const ended = await run();
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, Decision: 'Proceed' });
    expect(ended.requests.filter(({ path }) => path.includes('/search')).length).toBeGreaterThan(1);
  });

  scenario('[L5] counts only if a read by key shows the change request open', async ({ jsm }) => {
    const { raise, run, site } = await jsm({ speed: 10 });
    const closed = raise({ status: 'Implementing', lagged: false });
    site.behaviour.indexLagMs = 3_600_000;
    site.moveTo(closed, 'Closed');
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const ended = await run();
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-2',
      'ChangeRequest.Source': 'Created',
    });
  });

  scenario('[L5] is searched for twice before anything is raised', async ({ jsm }) => {
    const { run, site } = await jsm({ speed: 10 });
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const ended = await run();
    const upToCreation = asked(ended).slice(0, asked(ended).indexOf('POST request'));
    expect(upToCreation.filter((request) => request === 'POST search')).toHaveLength(2);
    const [first, second] = ended.requests.filter(({ path }) => path.includes('/search'));
    const apartMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    expect(apartMs).toBeGreaterThan(1900);
  });

  scenario('[L5] in another service project is not found', async ({ jsm }) => {
    const { raise, run, site } = await jsm({ speed: 10, projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    raise({ project: 'OPS', status: 'Implementing' });
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const ended = await run({ 'JsmChange.AllowedProjects': 'OPS' });
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Created',
    });
  });

  scenario('[L6] of a runbook run names the runbook', async ({ jsm }) => {
    const { run, site } = await jsm({ speed: 10 });
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const ended = await run({ ...runbookRun, 'JsmChange.RunbookChangeControlled': 'True' });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(site.openWithSummary(runbookTitle)).toHaveLength(1);
  });

  scenario.for(['summary', 'Summary', 'SUMMARY'])(
    '[L7] may be replaced by Field[%s]',
    async (name, { jsm }) => {
      const { raise, run } = await jsm();
      raise({ status: 'Declined' });
      const key = raise({ summary: 'Weekly release of the shop', status: 'Implementing' });
      const ended = await run({ [field(name)]: '  Weekly release\r\n\tof the shop\n' });
      expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
    },
  );

  scenario('[L7] that Jira stores differently stops the run', async ({ jsm }) => {
    const { run } = await jsm({ speed: 10, rewriteSummary: (title) => `[AUTO] ${title}` });
    const ended = await run();
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(ended.reason).toContain(`"[AUTO] ${deploymentTitle}"`);
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Created',
    });
  });

  scenario('[L8] of several open change requests stops the run, which never guesses', async ({ jsm }) => {
    const { raise, run, site } = await jsm({ speed: 10 });
    raise({ status: 'Implementing' });
    raise({ status: 'Planning' });
    raise({ status: 'Closed' });
    const ended = await run();
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(ended.reason).toContain('CHG-1 (Implementing)');
    expect(ended.reason).toContain('CHG-2 (Planning)');
    expect(ended.reason).not.toContain('CHG-3');
    expect(ended.result).toMatch(/ChangeRequest\.Number.*close/);
    expect(site.issues()).toHaveLength(3);
  });

  scenario('[L9] finds the same change request again while it is open', async ({ jsm }) => {
    const { raise, run, site } = await jsm();
    const key = raise({ status: 'Implementing' });
    for (const ended of [await run(), await run({ 'Octopus.Deployment.Id': 'Deployments-422' })]) {
      expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, Decision: 'Proceed' });
    }
    expect(site.issues()).toHaveLength(1);
  });

  scenario('[L9] starts over if the change request is closed', async ({ jsm }) => {
    const { raise, run, site } = await jsm({ speed: 10 });
    raise({
      status: 'Completed',
      description: 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-1',
    });
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const ended = await run();
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-2',
      'ChangeRequest.Source': 'Created',
    });
  });

  scenario("[L9] of this run's own refused change request stops a retried step", async ({ jsm }) => {
    const { raise, run, site } = await jsm({ speed: 10 });
    raise({
      status: 'Declined',
      description: 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421',
    });
    const ended = await run();
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringMatching(/CHG-1.*Declined/),
    });
    expect(site.issues()).toHaveLength(1);
  });

  scenario('[L10] of a withdrawn change request leads to the one that its summary names', async ({ jsm }) => {
    const { raise, start, site } = await jsm({ speed: 5 });
    const first = raise();
    const running = start();
    await running.printed('waiting for its approval');
    site.editSummary(first, `Withdrawn in favour of CHG-2: ${deploymentTitle}`);
    const second = raise({ status: 'Implementing' });
    const ended = await running.ended;
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': second, Decision: 'Proceed' });
  });

  scenario(
    '[L13] of a change request from another space is not used, and nothing is raised',
    async ({ jsm }) => {
      const { raise, run, site } = await jsm();
      const key = raise({
        status: 'Implementing',
        description: 'Octopus run: https://octopus.acme.example Spaces-2 Deployments-9',
      });
      const ended = await run();
      expect(ended).toMatchObject({
        exitCode: 1,
        decision: 'Stop',
        reason: expect.stringMatching(/Spaces-2.*Spaces-1/),
      });
      expect(site.issues()).toHaveLength(1);
      const supplied = await run({ [number]: key });
      expect(supplied).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    },
  );
});

describe('names', () => {
  const projects = [
    'Say "hello"',
    "O'Brien's shop",
    'C:\\Web\\Site\\',
    '[Web] (Site) {1}',
    'Web*Site?',
    'Web ~ Site && !(Site)',
    'Über-Straße',
    'ウェブサイト 本番',
    'Сайт № 1',
    '#{Octopus.Project.Name}',
    '$(reboot) `id` %PATH%',
    'N'.repeat(200),
  ];

  scenario.for(projects)('[L12] find exactly their own change request: %s', async (name, { jsm }) => {
    const { raise, run } = await jsm();
    const title = (project: string): string => `Octopus: Deploy "${project}" version 1.0.1 to "Production"`;
    for (const other of projects)
      raise({ summary: title(other), status: other === name ? 'Implementing' : 'Declined' });
    raise({ summary: title(name.replace(/[^\p{L}\p{N} ]/gu, '')), status: 'Declined' });
    raise({ summary: title(`${name} `), status: 'Declined' });
    const ended = await run({ 'Octopus.Project.Name': name });
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': `CHG-${projects.indexOf(name) + 1}`,
      Decision: 'Proceed',
    });
  });

  scenario(
    '[L12] that make the title too long stop the run, and the message suggests a fix',
    async ({ jsm }) => {
      const { run } = await jsm();
      const ended = await run({ 'Octopus.Project.Name': 'N'.repeat(230) });
      expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
      expect(ended.reason).toMatch(/255/);
      expect(ended.reason).toContain(summary);
    },
  );
});
