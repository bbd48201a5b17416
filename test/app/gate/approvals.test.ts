import { describe, expect, it } from 'vitest';
import type { Site } from '../../sandbox/site.ts';
import { gateVariables, simulate } from '../../simulation/simulate.ts';
import type { SimulatedSite } from '../../simulation/simulated-site.ts';
import { checks, gate, minuteMs, said, secondMs, siteWith, supplied } from '../gate-run.ts';

const check = 'JsmChange.ApprovalCheck';
const other = { [check]: 'OtherApprover' };
const fail = { 'JsmChange.WhenPending': 'Fail' };
const implementing = { status: 'Implementing' };
const mustMention = 'JsmChange.SuppliedMustMention';
const email = 'Octopus.Deployment.CreatedBy.EmailAddress';

/** Dana, the deployer, also has an account at the site. */
function withDana(site: Site, more: { hidesEmail?: boolean; emailAddress?: string } = {}): Site {
  const dana = site.account('Dana Deployer');
  Object.assign(dana, { name: 'dana', emailAddress: 'Dana@acme.example', ...more });
  return site;
}

function approve(site: Site, key: string, ...who: readonly string[]): void {
  site.setApproval(key, {
    finalDecision: 'approved',
    approvers: Object.fromEntries(who.map((one) => [one, 'approved'])),
  });
}

describe('what a supplied change request must mention', () => {
  const coffee = { summary: 'Replace the coffee machine', status: 'Implementing' };

  it('[A1] shows a supplied change request with its summary, and warns if it is about something else', async () => {
    const { site, key } = siteWith(coffee);
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(run.summary[0]).toBe(
      `The supplied change request is [${key}](https://acme.atlassian.net/browse/${key}): "Replace the coffee machine".`,
    );
    const warning = run.said.find(({ line }) =>
      /neither the project "Web Site" nor the release "1.0.1"/.test(line),
    );
    expect(warning?.level).toBe('warning');
  });

  it.each([
    { summary: 'Web Site goes live' },
    { summary: 'Release 1.0.1' },
    { summary: 'x', description: 'web site' },
  ])('[A1] does not warn about %j', async (request) => {
    const { site, key } = siteWith({ ...implementing, ...request });
    const run = await gate(site, supplied(key));
    expect(said(run)).not.toMatch(/mentions neither/);
  });

  it('[A1] does not warn if every required text is mentioned regardless of its subject', async () => {
    const { site, key } = siteWith(coffee);
    const run = await gate(site, { ...supplied(key), [mustMention]: 'coffee machine' });
    expect(run.exitCode).toBe(0);
    expect(said(run)).not.toMatch(/mentions neither/);
  });

  it('[A1] stops with NotAllowed and names the missing texts', async () => {
    const { site, key } = siteWith({ ...coffee, description: 'for the Web Site' });
    const run = await gate(site, { ...supplied(key), [mustMention]: 'Web Site\n1.0.1\n\nProduction' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop', DecisionCode: 'NotAllowed' } });
    expect(run.outputs['DecisionReason']).toMatch(/does not mention "1\.0\.1" or "Production" in/);
    expect(run.resultMessage).toMatch(/SuppliedMustMention/);
  });

  it('[A1] checks the required texts at the first check and at the deciding check', async () => {
    const { site, key } = siteWith({ description: 'Web Site 1.0.1' });
    const run = await gate(
      site,
      { ...supplied(key), [mustMention]: 'Web Site' },
      {
        at: [
          [
            minuteMs,
            () => {
              site.setField(key, 'description', 'coffee');
              site.setField(key, 'summary', 'coffee');
              site.moveTo(key, 'Implementing');
            },
          ],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'NotAllowed' } });
  });

  it('[A1] does not require the texts of a change request that was not supplied', async () => {
    const { site } = siteWith(implementing);
    const run = await gate(site, { [mustMention]: 'Coffee' });
    expect(run.exitCode).toBe(0);
  });

  it('[A1] [P2] sends one request per check, and reads the description only if it matters', async () => {
    for (const [variables, isAsked] of [
      [{}, false],
      [{ [mustMention]: 'Web Site' }, true],
    ] as const) {
      const { site, key } = siteWith();
      const run = await gate(
        site,
        { ...supplied(key), ...variables },
        { at: [[5 * minuteMs, () => site.moveTo(key, 'Implementing')]] },
      );
      expect(run.exitCode).toBe(0);
      const later = checks(run, key).slice(1, -1);
      expect(later.length).toBeGreaterThan(10);
      expect(later.every(({ query }) => query.includes('description') === isAsked)).toBe(true);
    }
  });
});

describe('the approvals of a change request', () => {
  it('[A2] says again what it waits for when an approver has decided', async () => {
    const { site, key } = siteWith(implementing);
    const approvers = (ann: 'approved' | 'pending', bob: 'approved' | 'pending') => ({
      approvers: { 'Ann Approver': ann, 'Bob Board': bob },
    });
    site.setApproval(key, approvers('pending', 'pending'));
    const run = await gate(
      site,
      { ...supplied(key), [check]: 'Approved' },
      {
        at: [
          [2 * minuteMs, () => site.setApproval(key, approvers('approved', 'pending'))],
          [
            4 * minuteMs,
            () => site.setApproval(key, { finalDecision: 'approved', ...approvers('approved', 'approved') }),
          ],
        ],
      },
    );
    expect(run.exitCode).toBe(0);
    const waits = run.summary.filter((line) => line.includes('waiting for'));
    expect(waits).toHaveLength(2);
    expect(waits[0]).toMatch(/Ann Approver.*Bob Board/);
    expect(waits[1]).toMatch(/Bob Board/);
  });

  it.each(['cloud', 'dc'] as const)(
    '[A2] on %s approvals decide in a status that proceeds',
    async (flavour) => {
      const { site, key } = siteWith(implementing, { flavour });
      withDana(site);
      const ended = async (): Promise<string> => {
        const run = await gate(site, { ...supplied(key), ...other, ...fail });
        return `${run.exitCode} ${run.outputs['DecisionCode']}: ${run.outputs['DecisionReason']}`;
      };
      expect(await ended()).toMatch(/^1 ApprovalMissing: .* nobody was asked to approve/);
      site.setApproval(key, { approvers: { 'Ann Approver': 'approved', 'Bob Board': 'pending' } });
      expect(await ended()).toMatch(/^1 AwaitingApproval: .* the approval of Bob Board/);
      site.setApproval(key, { finalDecision: 'declined', approvers: { 'Bob Board': 'declined' } });
      expect(await ended()).toMatch(/^1 ApprovalMissing: .* declined by Bob Board/);
      approve(site, key, 'Dana Deployer');
      expect(await ended()).toMatch(/^1 AwaitingApproval: .* approved by Dana Deployer, who deploys/);
      approve(site, key, 'Dana Deployer', 'Ann Approver');
      expect(await ended()).toMatch(/^0 Approved: .* approved by Dana Deployer, Ann Approver at 2026-06-13T/);
    },
  );

  it('[A2] treats a hidden address as unknown, which does not count as other', async () => {
    const { site, key } = siteWith(implementing);
    site.account('Ann Approver').hidesEmail = true;
    approve(site, key, 'Ann Approver');
    const run = await gate(site, { ...supplied(key), ...other, ...fail });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toMatch(/approved by Ann Approver, whose email address Jira does not show/);
    expect((await gate(site, { ...supplied(key), [check]: 'Approved' })).exitCode).toBe(0);
  });

  it('[A2] on Data Center treats an equal user name as the same person regardless of the address', async () => {
    const { site, key } = siteWith(implementing, { flavour: 'dc' });
    withDana(site, { emailAddress: 'private@dana.example' });
    approve(site, key, 'Dana Deployer');
    expect((await gate(site, { ...supplied(key), ...other, ...fail })).exitCode).toBe(1);
  });

  it('[A2] stops if Octopus gives no address of the deployer, but a trigger excludes nobody', async () => {
    const { site, key } = siteWith(implementing);
    approve(site, key, 'Ann Approver');
    const nameless = { ...supplied(key), ...other, [email]: '' };
    const run = await gate(site, nameless);
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', DecisionCode: 'ApprovalMissing' },
    });
    expect(run.resultMessage).toMatch(/no email address/);
    const triggered = {
      ...nameless,
      'Octopus.Deployment.Trigger.Id': 'ProjectTriggers-1',
      'Octopus.Deployment.CreatedBy.DisplayName': '',
      'Octopus.Deployment.CreatedBy.Username': '',
    };
    expect((await gate(site, triggered)).exitCode).toBe(0);
    const both = { ...triggered, 'Octopus.Deployment.CreatedBy.Username': 'dana' };
    expect((await gate(site, both)).outputs['DecisionCode']).toBe('ApprovalMissing');
  });

  it('[A2] counts the latest approval of each name, and reads every page', async () => {
    const { site, key } = siteWith(implementing);
    site.setApproval(key, { finalDecision: 'declined', approvers: { 'Ann Approver': 'declined' } });
    site.setApproval(key, {
      furtherRound: true,
      finalDecision: 'approved',
      approvers: { 'Ann Approver': 'approved' },
    });
    for (let n = 0; n < 60; n += 1) {
      site.setApproval(key, { name: `Peer ${n}`, finalDecision: 'approved', approvers: { Bob: 'approved' } });
    }
    const variables = { ...supplied(key), [check]: 'Approved', ...fail };
    const run = await gate(site, variables);
    expect(run.exitCode).toBe(0);
    expect(run.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['approval', 'approval', key]);
    site.setApproval(key, { name: 'Last', approvers: { 'Bob Board': 'pending' } });
    expect((await gate(site, variables)).outputs['DecisionCode']).toBe('AwaitingApproval');
  });

  it('[A2] waits for an approval in a status that proceeds, and names the approver', async () => {
    const { site, key } = siteWith(implementing);
    site.setApproval(key, { approvers: { 'Ann Approver': 'pending' } });
    const run = await gate(
      site,
      { ...supplied(key), ...other },
      {
        at: [[10 * minuteMs, () => site.decide(key, 'Ann Approver', 'approved')]],
      },
    );
    expect(run.exitCode).toBe(0);
    expect(run.endedAtMs).toBeLessThan(10 * minuteMs + 20 * secondMs);
    expect(run.summary[1]).toMatch(/is Implementing: waiting for the approval of Ann Approver/);
    const pages = run.requests.filter(({ path }) => path.endsWith('/approval'));
    expect(pages).toHaveLength(checks(run, key).length);
  });

  it('[A2] [W8] reads the approvals first, and both answers must be at most 10 s old', async () => {
    const { site, key } = siteWith(implementing);
    approve(site, key, 'Ann Approver');
    // Each answer is fresh, but the two together take longer than 10 s.
    site.faults.add({ fault: { kind: 'slow', delayMs: 6000 }, probability: 1 });
    const run = await gate(site, { ...supplied(key), ...other, ...fail });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'Unreachable' } });
    expect(run.requests[0]?.path).toMatch(/approval$/);
  });

  it('[A2] [W8] [F7] reads approvals again if a cache has kept them for a day', async () => {
    const { site, key } = siteWith(implementing);
    approve(site, key, 'Ann Approver');
    site.siteClock.offsetMs = -24 * 60 * minuteMs;
    const change = (): void => {
      site.siteClock.offsetMs = 0;
      site.setApproval(key, { furtherRound: true, approvers: { 'Ann Approver': 'pending' } });
    };
    const variables = { ...supplied(key), ...other, ...fail };
    const run = await gate(site, variables, { latency: 50, at: [[60, change]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'AwaitingApproval' } });
  });

  it.each([
    ['forbidden', { permissions: { seeApprovals: false } }, {}],
    ['of an issue without a request type', {}, { customerRequest: false }],
  ] as const)(
    '[A2] approvals that are %s are an error and never allow the deployment',
    async (_what, options, request) => {
      const { site, key } = siteWith({ ...implementing, ...request }, options);
      const run = await gate(site, { ...supplied(key), ...other });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.resultMessage).toMatch(/approvals of CHG-1 cannot be read.*ApprovalCheck/);
    },
  );

  it('[A2] [L3] still reports that a supplied number does not exist', async () => {
    const { site } = siteWith(implementing);
    const run = await gate(site, { ...supplied('CHG-99'), ...other });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'NotFound' });
  });

  it('[A2] [L11] follows a move, and reads the approvals under the new key', async () => {
    const { site, key } = siteWith({}, { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    approve(site, key, 'Ann Approver');
    const allowed = { ...supplied(key), ...other, 'JsmChange.AllowedProjects': 'OPS' };
    const run = await gate(site, allowed, {
      at: [
        [minuteMs, () => site.moveIssueToProject(key, 'OPS')],
        [2 * minuteMs, () => site.moveTo('OPS-1', 'Implementing')],
      ],
    });
    expect(run.outputs).toMatchObject({ Decision: 'Proceed', 'ChangeRequest.Number': 'OPS-1' });
  });

  it('[A2] [V1] stops a Verify where a gate would wait', async () => {
    const { site, key } = siteWith(implementing);
    withDana(site);
    approve(site, key, 'Dana Deployer');
    const variables = gateVariables(site, { ...supplied(key), ...other, 'JsmChange.Operation': 'Verify' });
    const run = await simulate({ site, variables });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'AwaitingApproval' });
    expect(run.resultMessage).toMatch(/Dana Deployer, who deploys/);
    approve(site, key, 'Ann Approver');
    expect((await simulate({ site, variables })).exitCode).toBe(0);
  });
});

describe('an outage between the approvals and the change request of a check', () => {
  /** Lets reads of change requests fail from one minute of the run to another. */
  function outage(site: SimulatedSite, from: number, until: number): void {
    const now = site.siteClock.now();
    const fault = { kind: 'status', status: 503 } as const;
    const fromMs = now + from * minuteMs;
    site.faults.add({ path: /\/issue\//, fault, fromMs, untilMs: now + until * minuteMs });
  }

  it.each(['Approved', 'OtherApprover'])(
    '[A2] [W8] does not stop a run whose change request was approved meanwhile (%s)',
    async (value) => {
      const { site, key } = siteWith();
      outage(site, 1, 4);
      const approved = () => {
        approve(site, key, 'Ann Approver');
        site.moveTo(key, 'Implementing');
      };
      const run = await gate(site, { ...supplied(key), [check]: value }, { at: [[2 * minuteMs, approved]] });
      expect(run.outputs).toMatchObject({ Decision: 'Proceed' });
    },
  );

  it.each(['Gate', 'Request', 'Verify'])(
    '[A2] [P1] does not end a %s that does not wait because of what is minutes old',
    async (operation) => {
      const { site, key } = siteWith(implementing);
      site.setApproval(key, { finalDecision: 'declined', approvers: { 'Ann Approver': 'declined' } });
      outage(site, 0, 1);
      const variables = { 'JsmChange.Operation': operation, ...supplied(key), ...fail, [check]: 'Approved' };
      const run = await gate(site, variables, {
        at: [[minuteMs / 2, () => approve(site, key, 'Ann Approver')]],
      });
      expect(run.outputs).toMatchObject({ DecisionCode: 'Approved' });
    },
  );

  it('[A2] [W8] ends in a stop after three more checks if the site stays slow', async () => {
    const { site, key } = siteWith(implementing);
    site.setApproval(key, { finalDecision: 'declined', approvers: { 'Ann Approver': 'declined' } });
    const run = await gate(site, { ...supplied(key), [check]: 'Approved' }, { latency: 6 * secondMs });
    expect(run.outputs).toMatchObject({ Decision: 'Stop', DecisionCode: 'ApprovalMissing' });
    expect(checks(run)).toHaveLength(4);
  });
});

describe('who approved', () => {
  it.each(['Gate', 'Verify'])(
    '[A3] %s names who approved and when, even if that was before the run',
    async (operation) => {
      const { site, key } = siteWith(implementing);
      approve(site, key, 'Ann Approver', 'Bob Board');
      const run = await gate(site, { ...supplied(key), 'JsmChange.Operation': operation });
      expect(run.outputs['DecisionReason']).toBe(
        'The change request CHG-1 is approved (status Implementing) and has no planned window; approved by Ann Approver, Bob Board at 2026-06-13T08:00:00Z.',
      );
      expect(run.requests).toHaveLength(2);
    },
  );

  it.each([
    ['refused', { kind: 'status', status: 403 }],
    ['refused for a while', { kind: 'status', status: 429, retryAfterSeconds: 3600 }],
    ['broken', { kind: 'login-page' }],
    ['answered after a minute', { kind: 'slow', delayMs: 60_000 }],
  ] as const)('[A3] tries once and ignores an answer that is %s', async (_what, fault) => {
    for (const operation of ['Gate', 'Verify']) {
      const { site, key } = siteWith(implementing);
      approve(site, key, 'Ann Approver');
      site.faults.add({ fault, at: 2 });
      const run = await gate(site, { ...supplied(key), ...fail, 'JsmChange.Operation': operation });
      expect(run.exitCode).toBe(0);
      expect(run.outputs['DecisionReason']).not.toMatch(/approved by/);
      expect(run.requests.filter(({ path }) => path.endsWith('/approval'))).toHaveLength(1);
      expect(run.endedAtMs).toBeLessThan(10 * secondMs);
    }
  });

  it('[A3] [W8] does not let the read of the approvers make the check too old', async () => {
    const { site, key } = siteWith(implementing);
    for (const operation of ['Gate', 'Verify']) {
      site.faults.clear();
      site.faults.add({ fault: { kind: 'slow', delayMs: 7000 }, at: 1 });
      site.faults.add({ fault: { kind: 'slow', delayMs: 3000 }, at: 2 });
      const run = await gate(site, { ...supplied(key), ...fail, 'JsmChange.Operation': operation });
      expect(run.exitCode).toBe(0);
    }
  });
});

describe('who must act', () => {
  it('[M1] says that somebody must move the change request once every approval is given', async () => {
    const { site, key } = siteWith();
    approve(site, key, 'Ann Approver');
    const run = await gate(site, supplied(key), { at: [[minuteMs, () => site.moveTo(key, 'Implementing')]] });
    expect(run.summary[1]).toMatch(
      /is Review: waiting for somebody to move it to Implementing: every approval requested so far is given\. Approved by: Ann/,
    );
  });

  it('[M4] [X1] names at most ten people, and says how many more there are', async () => {
    const { site, key } = siteWith();
    const people = Array.from({ length: 12 }, (_, index) => [`Person ${index + 1}`, 'pending'] as const);
    site.setApproval(key, { finalDecision: 'pending', approvers: Object.fromEntries(people) });
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run.resultMessage).toMatch(/Still pending: Person 1, .*Person 10 and 2 more\./);
  });

  it('[M2] says who declined, if JSM shows it', async () => {
    const { site, key } = siteWith({ status: 'Declined' });
    site.setApproval(key, { finalDecision: 'declined', approvers: { 'Bob Board': 'declined' } });
    for (const operation of ['Gate', 'Verify']) {
      const run = await gate(site, { ...supplied(key), 'JsmChange.Operation': operation });
      expect(run.outputs['DecisionReason']).toBe(
        'The change request CHG-1 is Declined (declined by Bob Board), so the deployment is blocked.',
      );
    }
  });

  it('[M1] says until when the step waits, or that there is no limit', async () => {
    for (const [minutes, expected] of [
      ['30', 'The step waits until 2026-06-13T08:29:59Z at the latest.'],
      ['0', 'The step waits without a limit.'],
    ] as const) {
      const { site, key } = siteWith();
      const run = await gate(
        site,
        { ...supplied(key), 'JsmChange.WaitLimitMinutes': minutes },
        { at: [[minuteMs, () => site.moveTo(key, 'Implementing')]] },
      );
      expect(run.summary[1]).toContain(expected);
    }
  });

  it("[M1] also shows times in the account's time zone if its offset differs", async () => {
    for (const [timeZone, expected] of [
      ['Asia/Kolkata', 'its Planned start 2026-06-13T09:00:00Z (2026-06-13 14:30:00 Asia/Kolkata).'],
      ['Africa/Abidjan', 'its Planned start 2026-06-13T09:00:00Z.'],
    ] as const) {
      const { site, key } = siteWith(implementing, { timeZone });
      site.setField(key, 'Planned start', new Date('2026-06-13T09:00:00Z'));
      expect((await gate(site, { ...supplied(key), ...fail })).outputs['DecisionReason']).toContain(expected);
      // If the site does not return the time zone, only UTC is shown.
      site.faults.add({ fault: { kind: 'status', status: 500 }, path: /myself/ });
      const without = await gate(site, { ...supplied(key), ...fail });
      expect(without.outputs).toMatchObject({ Decision: 'Stop' });
      expect(without.outputs['DecisionReason']).toContain('Planned start 2026-06-13T09:00:00Z.');
    }
  });

  it('[M2] [P1] gives the advice for both settings in one message', async () => {
    const { site, key } = siteWith(implementing);
    site.setField(key, 'Planned start', new Date('2026-06-20T09:00:00Z'));
    const run = await gate(site, { ...supplied(key), ...fail });
    expect(run.resultMessage).toMatch(/Schedule the deployment.*to Wait and raise Wait limit \(/);
  });
});
