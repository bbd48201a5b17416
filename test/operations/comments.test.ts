import { describe, expect, it } from 'vitest';
import { checks, said, siteWith } from '../app/gate-run.ts';
import { deploymentTitle, runbookRun, runbookTitle } from '../sandbox/octopus-variables.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import {
  commentsOf,
  earlierGate,
  fieldVariable,
  numberVariable,
  operate,
  requestsTo,
} from './operation-run.ts';

const on = { 'JsmChange.CustomerComments': 'True' };
const commentPath = /\/comment$/;
const headlines = (site: SimulatedSite, key: string): readonly (string | undefined)[] =>
  commentsOf(site, key).map(({ body }) => body.split('\n')[0]);

const waits = 'The deployment is waiting for this change to be approved and for its planned start.';
const starts = 'This change is approved and inside its window: the deployment is starting.';
const ends = 'The deployment succeeded.';

describe('customer comments', () => {
  it('[V3] are written when the wait begins, when the deployment starts and when it ends', async () => {
    const { site, key } = siteWith();
    const gate = await operate(site, 'Gate', on, { at: [[120_000, () => site.moveTo(key, 'Implementing')]] });
    expect(gate.outputs['Decision']).toBe('Proceed');
    await operate(site, 'Report', { ...on, ...earlierGate(key) });
    expect(headlines(site, key)).toEqual([waits, starts, ends]);
    expect(commentsOf(site, key).every((comment) => comment.public)).toBe(true);
    // Written to the customer request, not to the issue.
    expect(
      requestsTo(gate, 'POST', commentPath).map(({ path }) => path.includes('/servicedeskapi/')),
    ).toEqual([true, true]);
  });

  it('[E4] only the comment that the deployment starts contains the digest of the record', async () => {
    const { site, key } = siteWith();
    const variables = { ...on, 'JsmChange.EvidenceRecord': 'True' };
    await operate(site, 'Gate', variables, { at: [[120_000, () => site.moveTo(key, 'Implementing')]] });
    const digests = commentsOf(site, key).map(({ body }) => /SHA-256[^:]*: [0-9a-f]{64}/.test(body));
    expect(digests).toEqual([false, true]);
  });

  it('[V3] are neither written nor read with customer comments off', async () => {
    const { site, key } = siteWith();
    const run = await operate(site, 'Gate', {}, { at: [[60_000, () => site.moveTo(key, 'Implementing')]] });
    expect(commentsOf(site, key)).toEqual([]);
    expect(requestsTo(run, 'GET', commentPath)).toEqual([]);
  });

  it('[V3] are not repeated by a repeated run, however often it is repeated', async () => {
    const { site, key } = siteWith();
    for (let round = 0; round < 3; round += 1) {
      await operate(site, 'Gate', { ...on, 'JsmChange.WaitLimitMinutes': '2' });
    }
    expect(headlines(site, key)).toEqual([waits]);
    site.moveTo(key, 'Implementing');
    for (let round = 0; round < 3; round += 1) {
      await operate(site, 'Gate', on);
      await operate(site, 'Report', { ...on, ...earlierGate(key) });
    }
    expect(headlines(site, key)).toEqual([waits, starts, ends]);
  });

  it.each(['plain', 'wiki', 'smart'] as const)(
    '[V3] are recognized if Jira returns URLs as %s text',
    async (links) => {
      const { site, key } = siteWith({ status: 'Implementing' }, { links });
      await operate(site, 'Gate', on);
      await operate(site, 'Gate', { ...on, 'Octopus.Web.ServerUri': 'https://OCTOPUS.acme.example/' });
      expect(commentsOf(site, key)).toHaveLength(1);
    },
  );

  it('[V3] are separate for another deployment, space or server', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    for (const other of [
      {},
      { 'Octopus.Deployment.Id': 'Deployments-9' },
      { 'Octopus.Space.Id': 'Spaces-2' },
      { 'Octopus.Web.ServerUri': 'https://test.acme.example' },
    ]) {
      await operate(site, 'Gate', { ...on, [numberVariable]: key, ...other });
    }
    expect(headlines(site, key)).toEqual([starts, starts, starts, starts]);
  });

  it('[V3] are found after a hundred others, on the last of many pages', async () => {
    const { site, key } = siteWith({ status: 'Implementing' }, { listPageLimit: 20 });
    await operate(site, 'Gate', on);
    for (let count = 0; count < 120; count += 1) {
      site.addComment(site.issue(key), site.account('Ann Approver'), `Comment ${count}`, true);
    }
    await operate(site, 'Gate', on);
    expect(commentsOf(site, key)).toHaveLength(121);
  });

  it('[V3] are read once in a run', async () => {
    const { site, key } = siteWith();
    const run = await operate(site, 'Gate', on, {
      at: [
        [40_000, () => site.moveTo(key, 'Planning')],
        [80_000, () => site.moveTo(key, 'Implementing')],
      ],
    });
    expect(headlines(site, key)).toEqual([waits, starts]);
    expect(requestsTo(run, 'GET', commentPath)).toHaveLength(1);
    const report = await operate(site, 'Report', { ...on, ...earlierGate(key) });
    expect(requestsTo(report, 'GET', commentPath)).toHaveLength(1);
  });

  it('[V3] add no request to a check during a wait', async () => {
    const { site, key } = siteWith();
    const run = await operate(
      site,
      'Gate',
      { ...on, [numberVariable]: key },
      {
        at: [[600_000, () => site.moveTo(key, 'Implementing')]],
      },
    );
    const others = run.requests.length - checks(run).length;
    // One read of the comments, two written, and the approvers for each change and for the ending.
    expect(others).toBeLessThanOrEqual(5);
  });

  it('[V3] do not report a wait with Fail', async () => {
    const { site, key } = siteWith();
    await operate(site, 'Gate', { ...on, 'JsmChange.WhenPending': 'Fail' });
    expect(commentsOf(site, key)).toEqual([]);
  });

  it('[V3] are not written by Verify and Test', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Verify', { ...on, ...earlierGate(key) });
    await operate(site, 'Test', { ...on, [numberVariable]: key });
    expect(commentsOf(site, key)).toEqual([]);
  });

  it('[V3] name project, release, environment, tenant with tags and requester, and link to the task', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Gate', {
      ...on,
      [numberVariable]: key,
      'Octopus.Deployment.Tenant.Name': 'Acme North',
      'Octopus.Deployment.Tenant.Tags': 'Region/EU,Ring/Beta',
    });
    expect(commentsOf(site, key)[0]?.body.split('\n')).toEqual([
      starts,
      '',
      'Project: Web Site',
      'Release: 1.0.1',
      'Environment: Production',
      'Tenant: Acme North (Region/EU,Ring/Beta)',
      'Requested by: Dana Deployer (dana@acme.example)',
      expect.stringMatching(/^Time: 2026-06-13T08:00:\d\dZ$/),
      'Task: https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-9001',
      '',
      'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421 (started)',
    ]);
  });

  it('[V3] give the duration at the end', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Gate', on);
    site.siteClock.offsetMs += 3_605_000;
    await operate(site, 'Report', { ...on, ...earlierGate(key) });
    expect(commentsOf(site, key)[1]?.body).toMatch(/^Duration: 1 h 0 min$/m);
  });

  it('[V3] [W9] omit the time if the site gives none', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Gate', on);
    Object.assign(site.behaviour, { dateHeader: 'none', serverTime: 'none' });
    const run = await operate(site, 'Report', { ...on, ...earlierGate(key) });
    expect(run).toMatchObject({ exitCode: 0, warnings: [] });
    expect(headlines(site, key)).toEqual([starts, ends]);
    expect(commentsOf(site, key)[1]?.body).not.toMatch(/^(Duration|Time):/m);
  });

  it('[V3] give no duration for a wait that begins in a later attempt', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Gate', on);
    site.moveTo(key, 'Planning');
    await operate(site, 'Gate', { ...on, 'JsmChange.WaitLimitMinutes': '1' });
    expect(headlines(site, key)).toEqual([starts, waits]);
    expect(commentsOf(site, key)[1]?.body).not.toContain('Duration');
  });

  it('[V3] name the runbook of a runbook run, and contain its run line', async () => {
    const { site, key } = siteWith({ summary: runbookTitle, status: 'Implementing' });
    const run = await operate(site, 'Gate', {
      ...on,
      ...runbookRun,
      'JsmChange.RunbookChangeControlled': 'True',
      'Octopus.Deployment.CreatedBy.DisplayName': '',
      'Octopus.Deployment.CreatedBy.Username': '',
      'Octopus.Deployment.CreatedBy.EmailAddress': '',
    });
    expect(run.exitCode).toBe(0);
    const lines = commentsOf(site, key)[0]?.body.split('\n') ?? [];
    expect(lines[0]).toBe('This change is approved and inside its window: the runbook run is starting.');
    expect(lines).toContain('Runbook: Rotate certificates');
    expect(lines.join('\n')).not.toMatch(/Release:|Requested by:/);
    expect(lines.at(-1)).toBe('Octopus run: https://octopus.acme.example Spaces-1 RunbookRuns-88 (started)');
  });

  it.each(['cloud', 'dc'] as const)(
    '[V3] on %s are ordinary comments, written once, on an issue that is not a customer request',
    async (flavour) => {
      const { site, key } = siteWith({ customerRequest: false }, { flavour });
      const run = await operate(
        site,
        'Gate',
        { ...on, [numberVariable]: key },
        {
          at: [[60_000, () => site.moveTo(key, 'Implementing')]],
        },
      );
      expect(run).toMatchObject({ exitCode: 0, warnings: [] });
      await operate(site, 'Gate', { ...on, [numberVariable]: key });
      expect(headlines(site, key)).toEqual([waits, starts]);
    },
  );

  it('[V3] are written on the change request that stays open, not on the one that gave way', async () => {
    const site = new SimulatedSite();
    const older = site.createRequest({ summary: 'Other title' });
    const run = operate(site, 'Gate', on, {
      at: [
        // A person gives an older change request the title at the moment when the run raises its own.
        [5200, () => site.editSummary(older.key, deploymentTitle)],
        [60_000, () => site.moveTo(older.key, 'Implementing')],
      ],
    });
    const { exitCode, outputs } = await run;
    expect(exitCode).toBe(0);
    expect(outputs['ChangeRequest.Number']).toBe(older.key);
    expect(headlines(site, older.key)).toEqual([waits, starts]);
    const own = site.issues().find((issue) => issue.key !== older.key);
    expect(own?.comments.filter((comment) => comment.public)).toEqual([]);
  });
});

describe.each(['cloud', 'dc'] as const)('internal comments on %s', (flavour) => {
  const internal = { 'JsmChange.CustomerComments': 'Internal' };
  const wentOn = 'The deployment went ahead without the approval of this change, and ended without an error.';

  it.each([
    ['a customer request', true, /Added an internal comment to \[CHG-1\]/, true],
    [
      'an issue that is not a customer request',
      false,
      /Added an ordinary comment \(marked as internal\) to \[CHG-1\]/,
      false,
    ],
  ])(
    '[V3] on %s are written once at each event, and the log says which kind',
    async (_what, customerRequest, words, isToRequest) => {
      const { site, key } = siteWith({ customerRequest }, { flavour });
      const supplied = { ...internal, [numberVariable]: key };
      const gate = await operate(site, 'Gate', supplied, {
        at: [[60_000, () => site.moveTo(key, 'Implementing')]],
      });
      expect(gate).toMatchObject({ exitCode: 0, warnings: [] });
      await operate(site, 'Report', { ...internal, ...earlierGate(key) });
      // Other attempts of the same run, also with comments that customers see.
      for (const again of [internal, on]) {
        await operate(site, 'Gate', { ...again, [numberVariable]: key });
        await operate(site, 'Report', { ...again, ...earlierGate(key) });
      }
      expect(headlines(site, key)).toEqual([waits, starts, ends]);
      expect(commentsOf(site, key).map((comment) => comment.public)).toEqual([false, false, false]);
      expect(said(gate)).toMatch(words);
      expect(
        requestsTo(gate, 'POST', commentPath).map(({ path }) => path.includes('/servicedeskapi/')),
      ).toEqual([isToRequest, isToRequest]);
    },
  );

  it('[V2] report a deployment that somebody continued against its gate to agents only', async () => {
    const { site, key } = siteWith({ status: 'Review' }, { flavour });
    const variables = { ...internal, ...earlierGate(key, 'Stop') };
    await operate(site, 'Report', variables);
    await operate(site, 'Report', variables);
    expect(commentsOf(site, key)).toMatchObject([{ public: false }]);
    expect(headlines(site, key)).toEqual([wentOn]);
  });
});

it('[V3] a public comment on an issue that is not a customer request is an ordinary one, and the log says so', async () => {
  const { site, key } = siteWith({ status: 'Implementing', customerRequest: false });
  const run = await operate(site, 'Gate', { ...on, [numberVariable]: key });
  expect(commentsOf(site, key)).toMatchObject([{ public: true }]);
  expect(said(run)).toMatch(/Added an ordinary comment to \[CHG-1\]/);
});

describe('outside names in a comment', () => {
  const hostile: readonly (readonly [string, string, RegExp])[] = [
    ['a mention', '[~accountid:712020:ann]', /(?<!\\)\[/],
    ['a mention of Data Center', '[~ann]', /(?<!\\)\[/],
    ['a macro', '{code}x{code}{panel:title=Approved}', /(?<!\\)\{/],
    ['a link', '[Approve here|https://evil.example]', /https:\/\/evil|(?<!\\)[[|]/],
    ['a bare link', 'see https://evil.example/x', /https:\/\/evil/],
    ['a mail link', 'mailto:eve@evil.example', /mailto:\S/],
    ['an image', '!https://evil.example/x.png!', /(?<!\\)!/],
    ['a table', '||Approved||by Ann||', /(?<!\\)\|/],
    ['an escape of the escape', '\\[~ann]', /\\\\|(?<!\\)\[/],
    ['a line of its own', 'x\nh1. Approved by Ann\n', /^h1/m],
    [
      'another run line',
      'x\nOctopus run: https://octopus.acme.example Spaces-1 Deployments-1 (ended)',
      /^Octopus run:.*Deployments-1 /m,
    ],
    ['a line separator', 'x\u2028Octopus run: https://o Spaces-1 Deployments-1 (ended)', /\u2028/],
    ['a turn of direction', 'x\u202Edlo', /\u202E/],
  ];

  it.each(hostile)('[V3] [X1] %s stays text in every place', async (_what, name, forbidden) => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await operate(site, 'Gate', {
      ...on,
      [numberVariable]: key,
      'Octopus.Project.Name': name,
      'Octopus.Release.Number': name,
      'Octopus.Environment.Name': name,
      'Octopus.Deployment.Tenant.Name': name,
      'Octopus.Deployment.Tenant.Tags': name,
      'Octopus.Deployment.CreatedBy.DisplayName': name,
      'Octopus.Deployment.CreatedBy.EmailAddress': name,
    });
    expect(run.exitCode).toBe(0);
    const body = commentsOf(site, key)[0]?.body ?? '';
    expect(body).not.toMatch(forbidden);
    expect(body.split('\n')).toHaveLength(11);
    expect(body.match(/^Octopus run:/gim)).toHaveLength(1);
    // The comment is recognized afterwards.
    await operate(site, 'Gate', { ...on, [numberVariable]: key, 'Octopus.Project.Name': 'Web Site' });
    expect(commentsOf(site, key)).toHaveLength(1);
  });

  it("[V3] somebody else's comment that ends like one of the run counts as written, and breaks nothing", async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const forged = 'Hello\nOctopus run: https://octopus.acme.example Spaces-1 Deployments-421 (started)';
    site.addComment(site.issue(key), site.account('Eve'), forged, true);
    const run = await operate(site, 'Gate', on);
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
  });
});

describe('comments that fail', () => {
  it.each([
    [
      'refused on writing',
      { method: 'POST', fault: { kind: 'status', status: 403, body: '{"errorMessage":"No"}' } },
    ],
    [
      'refused on reading',
      { method: 'GET', fault: { kind: 'status', status: 403, body: '{"errorMessage":"No"}' } },
    ],
    ['overloaded', { method: 'POST', fault: { kind: 'status', status: 429 } }],
    ['unavailable', { method: 'GET', fault: { kind: 'status', status: 500 } }],
    ['broken', { method: 'GET', fault: { kind: 'truncated-json' } }],
    ['lost', { method: 'POST', fault: { kind: 'reset', afterWork: true } }],
    ['lost before the work', { method: 'POST', fault: { kind: 'reset' } }],
  ] as const)(
    '[V3] because they are %s are a warning, and the deployment continues',
    async (_what, order) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      site.faults.add({ ...order, path: commentPath }, { ...order, path: /\/comment\?/ });
      const run = await operate(site, 'Gate', on);
      expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
      expect(run.warnings.join('\n')).toMatch(/comment on \[CHG-1\]\S+ could not be written/);
      expect(commentsOf(site, key).length).toBeLessThanOrEqual(1);
    },
  );

  it('[V3] [W8] on reading are not written, and no further check is made', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.faults.add({ fault: { kind: 'status', status: 403 }, method: 'GET', path: /\/comment\b/ });
    const run = await operate(site, 'Gate', { ...on, [numberVariable]: key });
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
    expect(run.warnings.join('\n')).toMatch(/comment on \[CHG-1\]\S+ could not be written/);
    expect(checks(run, key)).toHaveLength(1);
    expect(commentsOf(site, key)).toEqual([]);
  });

  it('[V3] for lack of permission are a warning', async () => {
    const { site } = siteWith({ status: 'Implementing' }, { permissions: { comment: false } });
    const run = await operate(site, 'Gate', on);
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toMatch(/permission/);
  });

  it('[V3] [C3] with a lost answer are not written twice', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.faults.add({ fault: { kind: 'reset', afterWork: true }, method: 'POST', path: commentPath });
    const run = await operate(site, 'Gate', on);
    expect(requestsTo(run, 'POST', commentPath)).toHaveLength(1);
    await operate(site, 'Gate', on);
    expect(commentsOf(site, key)).toHaveLength(1);
  });
});

describe('the check after the comment that the deployment starts', () => {
  it('[W8] follows the comment', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await operate(site, 'Gate', { ...on, [numberVariable]: key });
    const written = requestsTo(run, 'POST', commentPath).at(-1);
    const last = checks(run, key).at(-1);
    expect(last?.sentMs ?? 0).toBeGreaterThanOrEqual(written?.settledMs ?? Number.POSITIVE_INFINITY);
    // After the check, only the approvers are read for the ending (A3).
    expect(run.requests.filter(({ path }) => !path.endsWith('/approval')).at(-1)).toBe(last);
  });

  it.each([
    ['is lost', { kind: 'reset', afterWork: true } as const],
    ['takes a minute', { kind: 'slow', delayMs: 55_000 } as const],
  ])('[W8] follows the comment even if its answer %s', async (_what, fault) => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.faults.add({ fault, method: 'POST', path: commentPath });
    const run = await operate(site, 'Gate', { ...on, [numberVariable]: key });
    const written = requestsTo(run, 'POST', commentPath).at(-1);
    const last = checks(run, key).at(-1);
    expect(run.exitCode).toBe(0);
    expect(last?.sentMs ?? 0).toBeGreaterThanOrEqual(written?.settledMs ?? Number.POSITIVE_INFINITY);
    expect(run.endedAtMs - (last?.sentMs ?? 0)).toBeLessThanOrEqual(10_000);
  });

  it('[W8] [F7] detects an approval that is withdrawn while the comment is written', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.faults.add({ fault: { kind: 'slow', delayMs: 5000 }, method: 'POST', path: commentPath });
    const run = await operate(
      site,
      'Gate',
      { ...on, [numberVariable]: key },
      { at: [[2500, () => site.moveTo(key, 'Declined')]] },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(said(run)).toContain('Declined');
  });

  it('[W8] stops the run if the window closes while the comment is written', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.setField(key, 'Planned end', site.dateIn(3000));
    site.faults.add({ fault: { kind: 'slow', delayMs: 8000 }, method: 'POST', path: commentPath });
    const run = await operate(site, 'Gate', { ...on, [numberVariable]: key });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
  });

  it('[W8] is not made if the run writes no new comment', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    await operate(site, 'Gate', { ...on, [numberVariable]: key });
    const run = await operate(site, 'Gate', { ...on, [numberVariable]: key });
    expect(checks(run)).toHaveLength(1);
  });
});

describe('the description of a new request', () => {
  it('[X3] contains no form of a token in the release notes', async () => {
    const site = new SimulatedSite();
    const token = 'sandbox-token-1234567890';
    await operate(site, 'Gate', {
      'JsmChange.WhenPending': 'Fail',
      'Octopus.Release.Notes': `curl -u octopus:${token}\n${Buffer.from(token).toString('base64')}`,
      'Octopus.Deployment.Comments': encodeURIComponent(token),
      [fieldVariable('External reference')]: 'REF-1',
    });
    const description = String(site.issue('CHG-1').values.get('description'));
    expect(description).toContain('curl -u octopus:');
    expect(description).not.toContain(token);
    expect(description).not.toContain(Buffer.from(token).toString('base64').replace(/=+$/, ''));
  });
});
