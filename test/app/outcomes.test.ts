import { describe, expect, it } from 'vitest';
import { awaited, heldUp, proceed, stopped } from '../../src/app/decided-outcomes.ts';
import { cancelled, cannotWithdraw, missingAtFirst, timedOut, unexpected } from '../../src/app/outcomes.ts';
import type { RunContext } from '../../src/app/run-context.ts';
import type { PlannedTime } from '../../src/domain/change/change-window.ts';
import type { StopDecision, StopReason } from '../../src/domain/decision/decision.ts';
import type { TimedCheck } from '../../src/domain/decision/run-record.ts';
import { text } from '../../src/domain/text.ts';
import { aCheck, aStatus, noField, setAt, someRules } from '../domain/change/a-change-request.ts';

function contextOf(source: 'Supplied' | 'Matched' | 'Created'): RunContext {
  return {
    record: { source },
    settings: { rules: { ...someRules, issueTypes: ['Change', 'Emergency'] } },
  } as unknown as RunContext;
}

const start = new Date('2026-06-13T09:00:00Z');
const end = new Date('2026-06-13T11:00:00Z');

function check(over: Parameters<typeof aCheck>[0] = {}): TimedCheck {
  return { ...aCheck(over), askedAt: 0, askedAtWallMs: 0, answeredAt: 0, isWhole: true };
}

type Stops = {
  readonly [Reason in StopReason]: {
    readonly decision: Omit<Extract<StopDecision, { reason: Reason }>, 'kind' | 'reason'>;
    readonly check?: TimedCheck;
    readonly says: RegExp;
    readonly advises: RegExp;
  };
};

/** What each stop says: the change request, the reason, and the advice with the names that it uses. */
const stops: Stops = {
  'project-not-allowed': {
    decision: {},
    check: check({ changeRequest: { projectKey: 'HR' } }),
    says: /CHG-12 .* project HR/,
    advises: /CHG, OPS\b.*AllowedProjects.*allowedProjects/,
  },
  'issue-type-not-accepted': {
    decision: {},
    check: check({ changeRequest: { issueType: { id: '1', name: 'Incident' } } }),
    says: /CHG-12 .* Incident/,
    advises: /Change, Emergency/,
  },
  withdrawn: {
    decision: { inFavourOf: 'CHG-7' },
    says: /CHG-12 was withdrawn in favour of CHG-7/,
    advises: /CHG-7.*empty/,
  },
  'status-refuses': {
    decision: {},
    check: check({ changeRequest: { status: aStatus('Declined', { category: 'done' }) } }),
    says: /CHG-12 .* Declined/,
    advises: /proceed: Implementing\..*wait: Review, Preview, /,
  },
  'not-mentioned': {
    decision: { missing: ['Web Site', '1.0.1'] },
    check: check({ changeRequest: { summary: 'Replace the coffee machine' } }),
    says: /CHG-12 \("Replace the coffee machine"\) does not mention "Web Site" or "1\.0\.1" in its summary or desc/,
    advises: /SuppliedMustMention.*suppliedMustMention/,
  },
  'deployer-unknown': {
    decision: {},
    says: /CHG-12, but Octopus gives no email address/,
    advises: /Octopus user.*ApprovalCheck.*Approved/,
  },
  'approval-declined': {
    decision: { by: ['Bob Board'] },
    says: /CHG-12 was declined by Bob Board.*Implementing/,
    advises: /approved again/,
  },
  'no-approval': {
    decision: {},
    says: /CHG-12 is Implementing, but nobody was asked/,
    advises: /Move it back.*ApprovalCheck.*Status/,
  },
  'planned-field-missing': {
    decision: { field: 'Go live' },
    says: /"Go live" of the change request CHG-12/,
    advises: /PlannedStartField.*PlannedEndField/,
  },
  'planned-fields-differ': {
    decision: { values: 'Planned start (10001): 1; Go live (10002): 2' },
    says: /CHG-12 .*Planned start \(10001\): 1; Go live \(10002\): 2/,
    advises: /PlannedStartField.*PlannedEndField/,
  },
  'planned-date-unreadable': {
    decision: { field: 'Go live', value: 'tomorrow' },
    says: /"Go live".* CHG-12 .*"tomorrow"/,
    advises: /date-time field.*PlannedStartField.*PlannedEndField/,
  },
  'time-zone-unknown': {
    decision: { field: 'Go live' },
    says: /"Go live".* CHG-12 .*time zone/,
    advises: /profile/,
  },
  'start-after-end': {
    decision: { start: end, end: start },
    says: /2026-06-13T11:00:00Z .*CHG-12 .*2026-06-13T09:00:00Z/,
    advises: /window/,
  },
  'server-time-unknown': {
    decision: {},
    says: /CHG-12 .*Date header.*serverInfo/,
    advises: /proxy/,
  },
  'not-approved-in-time': {
    decision: { end },
    check: check({
      changeRequest: { status: aStatus('Review') },
      serverTime: new Date('2026-06-13T11:00:01Z'),
    }),
    says: /CHG-12 .*Review.*2026-06-13T11:00:00Z.*2026-06-13T11:00:01Z/,
    advises: /Move Planned end and deploy again, or close/,
  },
  'approved-too-late': {
    decision: { end },
    check: check({ serverTime: new Date('2026-06-13T11:00:01Z') }),
    says: /CHG-12 .*Implementing.*2026-06-13T11:00:00Z.*2026-06-13T11:00:01Z/,
    advises: /Move Planned end and deploy again, or close/,
  },
  'planned-end-required': {
    decision: {},
    says: /CHG-12 .*no Planned end/,
    advises: /Set Planned end/,
  },
  'start-beyond-wait-limit': {
    decision: { start: end, limit: start },
    says: /CHG-12 .*2026-06-13T11:00:00Z.*2026-06-13T09:00:00Z/,
    advises: /WaitLimitMinutes/,
  },
};

describe('how a run ends', () => {
  it.each(Object.entries(stops))('[M2] %s: says what happened, why and what to do', (reason, stop) => {
    const decision = { kind: 'stop', reason, ...stop.decision } as StopDecision;
    const outcome = stopped(contextOf('Supplied'), decision, stop.check ?? check());
    expect(outcome.verdict).toBe('Stop');
    expect(outcome.reason.line).toMatch(stop.says);
    expect(outcome.advice?.line).toMatch(stop.advises);
  });

  it.each(Object.entries(stops))(
    '[M2] %s: does not advise about a number that was not supplied',
    (reason, stop) => {
      const decision = { kind: 'stop', reason, ...stop.decision } as StopDecision;
      for (const source of ['Matched', 'Created'] as const) {
        const advice = stopped(contextOf(source), decision, stop.check ?? check()).advice?.line;
        expect(advice).toMatch(/\S/);
        expect(advice).not.toMatch(/^Supply|number empty|Supply a change request|supply another/);
      }
    },
  );

  it.each<[StopReason, RegExp, RegExp]>([
    ['project-not-allowed', /Supply a change request/, /Move the change request back/],
    ['issue-type-not-accepted', /Supply a change request/, /Change its type back/],
    ['withdrawn', /^Supply CHG-7 instead/, /new deployment/],
    ['status-refuses', /or supply another one\.$/, /or start a new deployment to raise another one\.$/],
    ['approval-declined', /or supply another one\.$/, /start a new deployment/],
    ['approved-too-late', /and supply another one\.$/, /the next deployment raises a new one\.$/],
  ])('[M2] %s: the advice fits how the run came to its change request', (reason, ifSupplied, ifCreated) => {
    const stop = stops[reason];
    const decision = { kind: 'stop', reason, ...stop.decision } as StopDecision;
    const advice = (source: 'Supplied' | 'Created') =>
      stopped(contextOf(source), decision, stop.check ?? check()).advice?.line;
    expect(advice('Supplied')).toMatch(ifSupplied);
    expect(advice('Created')).toMatch(ifCreated);
    expect(advice('Created')).not.toMatch(ifSupplied);
  });

  it.each(['Matched', 'Created'] as const)(
    '[M2] a refused change request that is still open must be closed first (%s)',
    (source) => {
      const decision: StopDecision = { kind: 'stop', reason: 'status-refuses' };
      const open = check({ changeRequest: { status: aStatus('Pending') } });
      expect(stopped(contextOf(source), decision, open).advice?.line).toMatch(/or close it and start a new/);
      const closed = check({ changeRequest: { status: aStatus('Declined', { category: 'done' }) } });
      expect(stopped(contextOf(source), decision, closed).advice?.line).toMatch(
        /deploy again, or start a new/,
      );
    },
  );

  it('[C4] [M2] ends the reason why a change request cannot be withdrawn with one full stop', () => {
    const context = {
      ...contextOf('Created'),
      serviceDesk: { browseUrl: (key: string) => new URL(`https://a.example/${key}`) },
    };
    const outcome = cannotWithdraw(
      context as RunContext,
      'CHG-2',
      'CHG-1',
      text`PUT was answered with status 403 (trace id 7).`,
    );
    expect(outcome.reason.line).toMatch(
      /cannot withdraw: PUT was answered with status 403 \(trace id 7\)\.$/,
    );
  });

  it.each([
    ['wait', /or raise Wait limit/],
    ['fail', /or set When the change is pending .* to Wait and raise Wait limit/],
  ] as const)('[W13] beyond the wait limit, with %s', (whenPending, expected) => {
    const { settings, record } = contextOf('Created');
    const context = { record, settings: { ...settings, whenPending } } as RunContext;
    const decision: StopDecision = { kind: 'stop', reason: 'start-beyond-wait-limit', start, limit: end };
    expect(stopped(context, decision, check()).advice?.line).toMatch(expected);
  });

  it.each<[readonly string[], readonly string[], RegExp]>([
    [[], [], /the person who deploys$/],
    [['Dora'], [], /\(so far approved by Dora, who deploys\)$/],
    [[], ['Hid'], /\(so far approved by Hid, whose email address Jira does not show\)$/],
    [
      ['Dora'],
      ['Hid'],
      /\(so far approved by Dora, who deploys, and by Hid, whose email address Jira does not show\)$/,
    ],
  ])('[A2] [M1] who has approved so far: %j, %j', (own, hidden, expected) => {
    const words = awaited(contextOf('Created'), { kind: 'wait', reason: 'no-other-approver', own, hidden });
    expect(words.line).toMatch(expected);
  });

  it('[W8] a step that was held up says how old its last check is', () => {
    const { verdict, code, reason, advice } = heldUp(check(), 42);
    expect({ verdict, code }).toEqual({ verdict: 'Error', code: 'Unreachable' });
    expect(reason.line).toMatch(/CHG-12 is 42 s old/);
    expect(advice?.line).toMatch(/suspended or overloaded/);
  });

  it.each(['not-approved-in-time', 'approved-too-late'] as const)(
    '[M2] [W13] %s: does not promise that the next deployment raises another if a supplied one is closed',
    (reason) => {
      const decision: StopDecision = { kind: 'stop', reason, end };
      const advice = stopped(contextOf('Supplied'), decision, check()).advice?.line;
      expect(advice).toMatch(/Move Planned end and deploy again, or close .* supply another/);
      expect(advice).not.toMatch(/raises/);
    },
  );

  it('[M2] words the message of a cancelled step for its operation', () => {
    expect(cancelled('Gate').reason.line).toMatch(/before the change request was ready/);
    expect(cancelled('Verify').reason.line).toMatch(/before the change request was checked/);
    for (const operation of ['Report', 'Test'] as const) {
      const { reason, advice } = cancelled(operation);
      expect(`${reason.line} ${advice?.line ?? ''}`).not.toMatch(/ready|deploy/i);
    }
  });

  it.each([
    ['Gate', /^Deploy again/],
    ['Request', /^Deploy again/],
    ['Verify', /^Deploy again/],
    ['Report', /change request/],
    ['Resume', /next run/],
    ['Test', /again/],
  ] as const)('[F6] [M2] %s says what to do after it was cancelled', (operation, expected) => {
    expect(cancelled(operation).advice?.line).toMatch(expected);
  });

  it.each([
    ['Supplied', /ChangeRequest\.Number/],
    ['Matched', /earlier step/],
  ] as const)(
    '[L3] [M2] a %s change request that is missing: the advice is for whoever gave its number',
    (source, expected) => {
      const { verdict, code, reason, advice } = missingAtFirst('CHG-12', source);
      expect({ verdict, code }).toEqual({ verdict: 'Stop', code: 'NotFound' });
      expect(reason.line).toContain('CHG-12');
      expect(advice?.line).toMatch(expected);
    },
  );

  it.each([
    [new TypeError('x is undefined'), 'TypeError: x is undefined'],
    ['thrown text', 'thrown text'],
  ])('[F7] an unexpected error never allows a deployment: %s', (error, expected) => {
    const { verdict, code, reason, advice } = unexpected(error);
    expect({ verdict, code }).toEqual({ verdict: 'Error', code: 'Unexpected' });
    expect(reason.line).toContain(expected);
    expect(advice?.line).toMatch(/blocked/);
  });

  it.each(['Verify', 'Report', 'Test'] as const)(
    '[M2] [P4] words the wait limit of %s differently from that of a gate',
    (operation) => {
      const { verdict, reason, advice } = timedOut(operation, check());
      expect(verdict).toBe('TimedOut');
      expect(`${reason.line} ${advice?.line ?? ''}`).not.toMatch(/ready|deploy/i);
      expect(advice?.line).toMatch(/JsmChange\.WaitLimitMinutes/);
    },
  );

  it.each<[string, PlannedTime, PlannedTime, RegExp]>([
    ['[W1]', noField, noField, /has no planned window\.$/],
    ['[W2]', setAt('2026-06-13T09:00:00Z'), noField, /past its Planned start \(2026-06-13T09:00:00Z\)\.$/],
    ['[W3]', noField, setAt('2026-06-13T11:00:00Z'), /before its Planned end \(2026-06-13T11:00:00Z\)\.$/],
    [
      '[W4]',
      setAt('2026-06-13T09:00:00Z'),
      setAt('2026-06-13T11:00:00Z'),
      /inside its window \(2026-06-13T09:00:00Z to 2026-06-13T11:00:00Z\)\.$/,
    ],
  ])('%s says how the window allows the deployment', (_rule, from, to, expected) => {
    const outcome = proceed(check({ start: from, end: to }));
    expect(outcome).toMatchObject({ verdict: 'Proceed' });
    expect(outcome.reason.line).toMatch(/^The change request CHG-12 is approved \(status Implementing\)/);
    expect(outcome.reason.line).toMatch(expected);
  });

  it('[P4] shows the last status at the wait limit, or that nothing was read', () => {
    const seen = timedOut('Gate', check({ changeRequest: { status: aStatus('Review') } }));
    expect(seen.verdict).toBe('TimedOut');
    expect(seen.reason.line).toMatch(/wait limit.*CHG-12 .*Review/);
    expect(seen.advice?.line).toMatch(/WaitLimitMinutes/);
    expect(timedOut('Gate', undefined).reason.line).toMatch(/before a change request was read/);
  });
});
