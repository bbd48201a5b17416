import { describe, expect } from 'vitest';
import { defaultIssueType, defaultUsername } from '../sandbox/defaults.ts';
import { isRead, number, type Run, scenario } from './scenario.ts';

const operation = (name: string): Record<string, string> => ({ 'JsmChange.Operation': name });
const earlier = (name: string): string => `Octopus.Action[Change gate].Output.${name}`;

function warnings({ lines }: Run): readonly string[] {
  return lines.filter(({ level }) => level === 'warning').map(({ text }) => text);
}

describe('Verify', () => {
  scenario('[V1] checks the change request of the gate before it again', async ({ jsm }) => {
    const { raise, run } = await jsm();
    raise({ status: 'Declined' });
    const key = raise({ summary: 'Another title', status: 'Implementing' });
    const ended = await run({
      ...operation('Verify'),
      [earlier('ChangeRequest.Number')]: key,
      [earlier('Decision')]: 'Proceed',
    });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
    expect(ended.requests.filter(isRead)).toHaveLength(1);
  });

  scenario('[V1] stops if the change request is not ready now, and does not wait', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const ended = await run({ ...operation('verify'), [number]: raise() });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop', reason: expect.stringMatching(/Review/) });
  });

  scenario('[V1] raises nothing', async ({ jsm }) => {
    const { run, site } = await jsm({ speed: 10 });
    const ended = await run(operation('Verify'));
    expect(ended.exitCode).toBe(1);
    expect(site.issues()).toEqual([]);
  });
});

describe('Request', () => {
  const left = (outputs: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [
        `Octopus.Action[Request change].Output.${name}`,
        value,
      ]),
    );

  scenario(
    '[R1] [R2] raises early and exits with 0, and the gate after it uses the same change request',
    async ({ jsm }) => {
      const { run, site, sandbox } = await jsm();
      const requested = await run(operation('Request'));
      expect(requested).toMatchObject({ exitCode: 0, decision: 'Pending' });
      expect(requested.outputs['WaitInstructions']?.split('\n').at(-1)).toBe(
        `Parked: ${sandbox.url}/browse/CHG-1 https://octopus.acme.example Spaces-1 Deployments-421`,
      );
      const fail = { 'JsmChange.WhenPending': 'Fail' };
      const early = await run({ ...operation('Gate'), ...left(requested.outputs), ...fail });
      expect(early).toMatchObject({ exitCode: 1, decision: 'Stop' });
      site.moveTo('CHG-1', 'Implementing');
      const gated = await run({ ...operation('Gate'), ...left(requested.outputs) });
      expect(gated).toMatchObject({ exitCode: 0, decision: 'Proceed' });
      expect(gated.requests.filter(isRead)).toHaveLength(1);
      expect(gated.requests.filter(({ path }) => path.includes('/search'))).toEqual([]);
      expect(site.issues()).toHaveLength(1);
    },
  );

  scenario('[R1] stops if a gate would stop', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const ended = await run({ ...operation('Request'), [number]: raise({ status: 'Declined' }) });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(ended.outputs['WaitInstructions']).toBe('');
  });
});

describe('Report', () => {
  const gated = { [earlier('ChangeRequest.Number')]: 'CHG-1', [earlier('Decision')]: 'Proceed' };
  const moves = { 'JsmChange.SuccessStatus': 'Completed', 'JsmChange.FailureStatus': 'Failed' };

  scenario.for<[string, string, Record<string, string>]>([
    ['Completed', 'succeeded', {}],
    ['Failed', 'failed', { 'Octopus.Deployment.Error': 'The web server did not start\nStack trace' }],
  ])('[V2] moves the change request to %s if the deployment %s', async ([status, word, error], { jsm }) => {
    const { raise, run, site } = await jsm();
    const key = raise({ status: 'Implementing' });
    const ended = await run({
      ...operation('Report'),
      'JsmChange.CustomerComments': 'True',
      ...gated,
      ...moves,
      ...error,
    });
    expect(ended).toMatchObject({ exitCode: 0, decision: undefined });
    expect(site.issue(key).status.name).toBe(status);
    expect(site.issue(key).comments).toMatchObject([{ public: true, body: expect.stringContaining(word) }]);
    expect(site.issue(key).comments[0]?.body).not.toContain('Stack trace');
  });

  scenario('[V2] writes nothing if no gate of the run decided to proceed', async ({ jsm }) => {
    const { raise, run, site } = await jsm();
    const key = raise({ status: 'Implementing' });
    const ended = await run({ ...operation('Report'), ...gated, ...moves, [earlier('Decision')]: 'Stop' });
    expect(ended).toMatchObject({ exitCode: 0, requests: [] });
    expect(site.issue(key).status.name).toBe('Implementing');
  });

  scenario('[V2] never fails a deployment', async ({ jsm }) => {
    const { raise, run } = await jsm();
    raise({ status: 'Implementing' });
    for (const wrong of [
      { 'JsmChange.Token': 'expired' },
      { 'JsmChange.BaseUrl': 'nowhere' },
      { 'JsmChange.SuccessStatus': 'Heaven' },
    ]) {
      const ended = await run({ ...operation('Report'), ...gated, ...wrong });
      expect(ended.exitCode).toBe(0);
      expect(ended.lines.some(({ level }) => level === 'warning')).toBe(true);
    }
  });
});

describe('Test', () => {
  scenario('[V4] [O1] passes, and writes nothing', async ({ jsm }) => {
    const { run, site } = await jsm();
    const ended = await run(operation('Test'));
    expect(ended).toMatchObject({ exitCode: 0, decision: undefined });
    const writes = ended.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('/search'));
    expect(writes).toEqual([]);
    expect(site.issues()).toEqual([]);
    expect(ended.summary.join('\n')).toMatch(/gated nothing/);
  });

  scenario('[V4] passes with a warning if no status that proceeds can be reached', async ({ jsm }) => {
    const statuses = ['Review', 'Planning', 'Completed'];
    const issueTypes = [
      { id: '10005', name: defaultIssueType, statuses },
      { id: '10006', name: '[System] Service request' },
    ];
    const { run } = await jsm({ projects: [{ key: 'CHG', issueTypes }] });
    const ended = await run(operation('Test'));
    expect(ended).toMatchObject({ exitCode: 0, decision: undefined });
    expect(warnings(ended)).toContainEqual(
      expect.stringMatching(
        /^warning +statuses: .*the request type has none of these statuses: Implementing/,
      ),
    );
  });

  scenario('[V4] warns until somebody is asked to approve what the account raises', async ({ jsm }) => {
    const { run, raise, site } = await jsm();
    const before = await run(operation('Test'));
    expect(before.exitCode).toBe(0);
    expect(warnings(before)).toEqual([
      expect.stringMatching(/^warning +approvers: no change request that this account raised shows yet/),
    ]);
    const key = raise({ reporter: site.octopus });
    const unasked = await run(operation('Test'));
    expect(unasked.exitCode).toBe(0);
    expect(warnings(unasked)).toEqual([
      expect.stringMatching(new RegExp(`^warning +approvers: nobody was asked to approve ${key},`)),
    ]);
    site.setApproval(key, { approvers: { 'Ann Approver': 'pending' } });
    const after = await run(operation('Test'));
    expect(after.exitCode).toBe(0);
    expect(warnings(after)).toEqual([]);
    expect(after.text).toMatch(new RegExp(`pass +approvers: Jira asked Ann Approver to approve ${key}`));
  });

  scenario('[V4] [O1] fails and says what to do', async ({ jsm }) => {
    const { run } = await jsm();
    const ended = await run({ ...operation('Test'), 'JsmChange.RequestType': 'Normal change' });
    expect(ended.exitCode).toBe(1);
    expect(ended.text).toMatch(/Normal change/);
  });
});

describe('a gate with optional features', () => {
  scenario(
    '[V5] runs the transition of a pre-approved change once, on its own change request',
    async ({ jsm }) => {
      const { run } = await jsm({ speed: 10 });
      const ended = await run({ 'JsmChange.ApproveTransition': 'Implement standard change' });
      expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
      const moves = ended.requests.filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/transitions'),
      );
      expect(moves.map(({ body }) => JSON.parse(body ?? ''))).toEqual([{ transition: { id: '61' } }]);
    },
  );

  scenario('[V3] comments on the wait and on the start, but not again in a repeated run', async ({ jsm }) => {
    const { raise, run, site, afterChecks } = await jsm({ speed: 5 });
    const key = raise();
    afterChecks(2, () => site.moveTo(key, 'Implementing'));
    const variables = { [number]: key, 'JsmChange.CustomerComments': 'True' };
    expect((await run(variables)).decision).toBe('Proceed');
    expect((await run(variables)).decision).toBe('Proceed');
    const { comments } = site.issue(key);
    expect(comments.every(({ public: isPublic }) => isPublic)).toBe(true);
    expect(comments).toHaveLength(2);
  });
});

describe('a policy', () => {
  const policy = (url: string, change: Record<string, string> = {}): Record<string, string> => ({
    'JsmChange.Policy': `version: 1
enabled: ${change['enabled'] ?? 'true'}
unlisted: ${change['unlisted'] ?? 'warn'}
connections:
  - name: Acme Cloud
    baseUrl: ${url}
    username: ${defaultUsername}
    tokenVariable: JsmChange.Token[Jira]
projects:
  - name: ${change['project'] ?? 'web site'}
    connection: ${change['connection'] ?? 'Acme Cloud'}
    serviceProject: CHG
environments:
  - name: Production
`,
    // The policy overrides these parameters.
    'JsmChange.BaseUrl': '',
    'JsmChange.Username': '',
    'JsmChange.Token': '',
    'JsmChange.ServiceProject': '',
    'JsmChange.Token[Jira]': 'sandbox-token-1234567890',
  });

  scenario('gates the projects that it lists, with their connections', async ({ jsm }) => {
    const { raise, run, sandbox } = await jsm();
    const ended = await run({ ...policy(sandbox.url), [number]: raise({ status: 'Implementing' }) });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.requests.filter(isRead)).toHaveLength(1);
    expect(ended.stdout).not.toContain('sandbox-token');
  });

  scenario('[S3] that is switched off requires nothing, with a warning', async ({ jsm }) => {
    const { run, sandbox } = await jsm();
    const ended = await run(policy(sandbox.url, { enabled: 'false' }));
    expect(ended).toMatchObject({ exitCode: 0, decision: 'NotRequired', requests: [] });
    expect(ended.lines.some(({ level }) => level === 'warning')).toBe(true);
  });

  scenario.for([
    ['warn', 0, 'NotRequired'],
    ['stop', 1, 'Stop'],
  ] as const)(
    '[S4] with unlisted: %s ends a run of an unlisted project with %i',
    async ([unlisted, exitCode, decision], { jsm }) => {
      const { run, sandbox } = await jsm();
      const ended = await run(policy(sandbox.url, { unlisted, project: 'Mobile App' }));
      expect(ended).toMatchObject({ exitCode, decision, requests: [] });
    },
  );

  scenario('[S4] that names an unknown connection is an error with its line', async ({ jsm }) => {
    const { run, sandbox } = await jsm();
    const ended = await run(policy(sandbox.url, { connection: 'Acme Data Center' }));
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.reason).toMatch(/line 1[0-9].*Acme Data Center/);
  });
});
