import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedTime } from '../../../src/domain/change/change-window.ts';
import {
  type ChangeRules,
  type Check,
  type Decision,
  decide,
  latestStart,
} from '../../../src/domain/decision/decision.ts';
import { foldName } from '../../../src/domain/names.ts';
import { aChangeRequest, aCheck, aStatus, noField, setAt, someRules } from '../change/a-change-request.ts';

const nine = setAt('2026-06-13T09:00:00Z');
const ten = setAt('2026-06-13T10:00:00Z');
const eleven = setAt('2026-06-13T11:00:00Z', 'Planned end');
const unset: PlannedTime = { kind: 'unset', field: 'Planned end' };
const review = { status: aStatus('Review') };

const proceed: Decision = { kind: 'proceed', reason: 'approved-in-window' };
const waitForApproval: Decision = { kind: 'wait', reason: 'not-approved' };

describe('the decision on one check', () => {
  it('[T1][W1] proceeds if approved without a window', () => {
    expect(decide(aCheck(), someRules)).toEqual(proceed);
    expect(decide(aCheck({ start: unset, end: unset }), someRules)).toEqual(proceed);
  });

  it('[W1] ignores the time without a window', () => {
    expect(decide(aCheck({ serverTime: undefined }), someRules)).toEqual(proceed);
  });

  it('[T2] waits if not approved', () => {
    expect(decide(aCheck({ changeRequest: review }), someRules)).toEqual(waitForApproval);
  });

  it('[T3] stops in any other status', () => {
    const declined = aCheck({ changeRequest: { status: aStatus('Declined', { category: 'done' }) } });
    expect(decide(declined, someRules)).toEqual({ kind: 'stop', reason: 'status-refuses' });
  });

  it('[T4] uses the given status lists', () => {
    const rules = { ...someRules, states: { proceed: ['Review'], wait: ['Implementing'] } };
    expect(decide(aCheck({ changeRequest: review }), rules)).toEqual(proceed);
    expect(decide(aCheck(), rules)).toEqual(waitForApproval);
  });

  it.each([
    ['[W2]', ten, noField, '2026-06-13T10:00:00.000Z', proceed],
    ['[W2]', ten, unset, '2026-06-14T10:00:00.000Z', proceed],
    ['[W3]', noField, eleven, '2026-06-13T11:00:00.000Z', proceed],
    ['[W3]', noField, eleven, '2020-01-01T00:00:00.000Z', proceed],
    ['[W4]', ten, eleven, '2026-06-13T10:00:00.000Z', proceed],
    ['[W4]', ten, eleven, '2026-06-13T10:30:00.000Z', proceed],
    ['[W4]', ten, eleven, '2026-06-13T11:00:00.000Z', proceed],
    ['[W4]', ten, { ...eleven, at: new Date('2026-06-13T10:00:00Z') }, '2026-06-13T10:00:00.000Z', proceed],
    [
      '[W5]',
      ten,
      eleven,
      '2026-06-13T09:59:59.999Z',
      { kind: 'wait', reason: 'before-planned-start', start: new Date('2026-06-13T10:00:00Z') },
    ],
    [
      '[W5]',
      ten,
      noField,
      '2020-01-01T00:00:00.000Z',
      { kind: 'wait', reason: 'before-planned-start', start: new Date('2026-06-13T10:00:00Z') },
    ],
    [
      '[W7]',
      ten,
      eleven,
      '2026-06-13T11:00:00.001Z',
      { kind: 'stop', reason: 'approved-too-late', end: new Date('2026-06-13T11:00:00Z') },
    ],
    [
      '[W7]',
      noField,
      eleven,
      '2027-01-01T00:00:00.000Z',
      { kind: 'stop', reason: 'approved-too-late', end: new Date('2026-06-13T11:00:00Z') },
    ],
  ] as const)('%s if approved, at %4$s decides %5$j', (_rule, start, end, now, decision) => {
    expect(decide(aCheck({ start, end, serverTime: new Date(now) }), someRules)).toEqual(decision);
  });

  it.each([
    ['2026-06-13T09:00:00.000Z', waitForApproval],
    ['2026-06-13T10:30:00.000Z', waitForApproval],
    ['2026-06-13T11:00:00.000Z', waitForApproval],
    [
      '2026-06-13T11:00:00.001Z',
      { kind: 'stop', reason: 'not-approved-in-time', end: new Date('2026-06-13T11:00:00Z') },
    ],
  ] as const)('[W6] if not approved, at %s decides %j', (now, decision) => {
    const check = aCheck({ changeRequest: review, start: ten, end: eleven, serverTime: new Date(now) });
    expect(decide(check, someRules)).toEqual(decision);
  });

  it('[W9] stops if there is a window but no time', () => {
    for (const window of [{ start: ten }, { end: eleven }, { start: ten, end: eleven }]) {
      for (const changeRequest of [{}, review]) {
        expect(decide(aCheck({ ...window, changeRequest, serverTime: undefined }), someRules)).toEqual({
          kind: 'stop',
          reason: 'server-time-unknown',
        });
      }
    }
  });

  it('[W9] treats an invalid time as no time', () => {
    expect(decide(aCheck({ start: nine, serverTime: new Date(Number.NaN) }), someRules)).toEqual({
      kind: 'stop',
      reason: 'server-time-unknown',
    });
  });

  it.each([
    [
      { kind: 'unreadable', field: 'Planned start', value: 'soon' },
      { reason: 'planned-date-unreadable', field: 'Planned start', value: 'soon' },
    ],
    [
      { kind: 'zone-needed', field: 'Planned start' },
      { reason: 'time-zone-unknown', field: 'Planned start' },
    ],
  ] as const)('[W10] stops on %j', (time, decision) => {
    for (const changeRequest of [{}, review]) {
      expect(decide(aCheck({ changeRequest, start: time }), someRules)).toEqual({
        kind: 'stop',
        ...decision,
      });
      expect(decide(aCheck({ changeRequest, start: nine, end: time }), someRules)).toEqual({
        kind: 'stop',
        ...decision,
      });
    }
  });

  it('[W11] stops if Planned start is after Planned end, approved or not', () => {
    const upsideDown = {
      start: setAt('2026-06-13T11:00:00.001Z'),
      end: eleven,
      serverTime: new Date('2026-06-13T08:00:00Z'),
    };
    for (const changeRequest of [{}, review]) {
      expect(decide(aCheck({ ...upsideDown, changeRequest }), someRules)).toEqual({
        kind: 'stop',
        reason: 'start-after-end',
        start: new Date('2026-06-13T11:00:00.001Z'),
        end: new Date('2026-06-13T11:00:00Z'),
      });
    }
  });

  it.each([
    [
      { kind: 'missing', field: 'Go live' },
      { reason: 'planned-field-missing', field: 'Go live' },
    ],
    [
      {
        kind: 'differ',
        fields: [
          { field: 'Planned start (customfield_1)', value: '2026-06-13' },
          { field: 'Change start date (customfield_2)', value: '2026-06-14' },
        ],
      },
      {
        reason: 'planned-fields-differ',
        values: 'Planned start (customfield_1): 2026-06-13; Change start date (customfield_2): 2026-06-14',
      },
    ],
  ] as const)('[W12] stops on %j', (time, decision) => {
    expect(decide(aCheck({ start: time }), someRules)).toEqual({ kind: 'stop', ...decision });
    expect(decide(aCheck({ end: time }), someRules)).toEqual({ kind: 'stop', ...decision });
  });

  it('[W13] requirePlannedEnd stops an approved change request without Planned end, but not one still awaiting approval', () => {
    const rules = { ...someRules, requirePlannedEnd: true };
    const stop: Decision = { kind: 'stop', reason: 'planned-end-required' };
    expect(decide(aCheck(), rules)).toEqual(stop);
    expect(decide(aCheck({ end: unset }), rules)).toEqual(stop);
    expect(decide(aCheck({ start: setAt('2026-06-13T10:30:00Z'), end: unset }), rules)).toEqual(stop);
    expect(decide(aCheck({ end: eleven }), rules)).toEqual(proceed);
    expect(decide(aCheck({ changeRequest: review }), rules)).toEqual(waitForApproval);
  });

  it('[W13] stops if Planned start is beyond the wait limit, and names both times', () => {
    const start = setAt('2026-06-13T11:00:00Z');
    const limit = new Date('2026-06-13T10:59:59.999Z');
    expect(decide(aCheck({ start }), someRules, limit)).toEqual({
      kind: 'stop',
      reason: 'start-beyond-wait-limit',
      start: new Date('2026-06-13T11:00:00Z'),
      limit,
    });
    expect(decide(aCheck({ start }), someRules, new Date('2026-06-13T11:00:00Z'))).toMatchObject({
      reason: 'before-planned-start',
    });
    expect(decide(aCheck({ start }), someRules)).toMatchObject({ reason: 'before-planned-start' });
    expect(decide(aCheck({ start, changeRequest: review }), someRules, limit)).toEqual(waitForApproval);
  });

  it.each([
    ['CHG', 'proceed'],
    ['chg', 'proceed'],
    ['OPS', 'proceed'],
    ['CHG2', 'project-not-allowed'],
    ['', 'project-not-allowed'],
  ])('[L4] for the project %s in the answer decides %s', (projectKey, outcome) => {
    const decision = decide(aCheck({ changeRequest: { projectKey } }), someRules);
    expect(decision.kind === 'proceed' ? 'proceed' : decision.reason).toBe(outcome);
  });

  it.each([
    [['Change'], { id: '1', name: 'Change' }, true],
    [['change'], { id: '1', name: ' CHANGE ' }, true],
    [['Change'], { id: '1', name: '[System] Change' }, false],
    [['[System] Change'], { id: '1', name: '変更', untranslatedName: '[System] Change' }, true],
    [['10100'], { id: '10100', name: '変更' }, true],
    [['Incident', 'Change'], { id: '1', name: 'Change' }, true],
    [['Incident'], { id: '1', name: 'Change' }, false],
    [[], { id: '1', name: 'Change' }, false],
    [undefined, { id: '1', name: 'Whatever' }, true],
  ])('[L14] with the issue types %j and the type %j accepts: %s', (issueTypes, issueType, accepted) => {
    const decision = decide(aCheck({ changeRequest: { issueType } }), { ...someRules, issueTypes });
    expect(decision).toEqual(accepted ? proceed : { kind: 'stop', reason: 'issue-type-not-accepted' });
  });

  it('[L10] stops on a withdrawn change request in an approved status, and names the other', () => {
    const summary = 'Withdrawn in favour of CHG-7: Octopus: Deploy "Web Site" version 1.0.1 to "Dev"';
    expect(decide(aCheck({ changeRequest: { summary } }), someRules)).toEqual({
      kind: 'stop',
      reason: 'withdrawn',
      inFavourOf: 'CHG-7',
    });
  });
});

describe('the latest start that a run can wait for', () => {
  const serverTime = new Date('2026-06-13T10:00:00Z');

  it('[P4] [W13] is as far from the server time as the deadline is from the answer', () => {
    expect(latestStart({ serverTime, answeredAt: 5000 }, 65_000)).toEqual(new Date('2026-06-13T10:01:00Z'));
    expect(latestStart({ serverTime, answeredAt: 5000 }, 4000)).toEqual(new Date('2026-06-13T09:59:59Z'));
  });

  it('[P4] has no limit without a deadline, and is unknown without a server time', () => {
    expect(latestStart({ serverTime, answeredAt: 5000 }, undefined)).toBeUndefined();
    expect(latestStart({ serverTime: undefined, answeredAt: 5000 }, 65_000)).toBeUndefined();
  });
});

describe('the decision on any check', () => {
  const times = fc
    .integer({ min: -5, max: 5 })
    .map((minutes) => new Date(Date.UTC(2026, 5, 13, 10, minutes)));
  const anyTime = fc.oneof(
    { weight: 6, arbitrary: times },
    { weight: 1, arbitrary: fc.constant(new Date(Number.NaN)) },
    { weight: 1, arbitrary: fc.date({ noInvalidDate: false }) },
  );
  const plannedTimes: fc.Arbitrary<PlannedTime> = fc.oneof(
    {
      weight: 6,
      arbitrary: times.map((at) => ({ kind: 'set', at, wholeDay: false, field: 'Planned' }) as const),
    },
    { weight: 5, arbitrary: fc.constantFrom<PlannedTime>(noField, unset) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<PlannedTime>(
        { kind: 'missing', field: 'x' },
        { kind: 'zone-needed', field: 'x' },
        { kind: 'unreadable', field: 'x', value: 'y' },
        { kind: 'differ', fields: [] },
      ),
    },
  );
  const names = ['Implementing', 'implementing ', 'Review', 'Planning', 'Declined', 'Closed', ''];
  const statuses = fc.record({
    id: fc.constantFrom('1', '2', ''),
    name: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...names) },
      { weight: 1, arbitrary: fc.string() },
    ),
    category: fc.constantFrom('new', 'indeterminate', 'done', 'x'),
  });
  const sets = fc.subarray(['IMPLEMENTING', 'Review', 'Planning', '1', '2', '']);
  const someChecks: fc.Arbitrary<Check> = fc.record({
    changeRequest: fc
      .record({
        status: statuses,
        projectKey: fc.constantFrom('CHG', 'OPS', 'X'),
        summary: fc.constantFrom('title', 'title', 'Withdrawn in favour of CHG-1: title'),
      })
      .map(aChangeRequest),
    window: fc.record({ start: plannedTimes, end: plannedTimes }),
    serverTime: fc.option(anyTime, { nil: undefined }),
  });
  const someRuleSets: fc.Arbitrary<ChangeRules> = fc.record({
    states: fc.record({ proceed: sets, wait: sets }),
    projects: fc.constantFrom(['CHG'], ['CHG', 'OPS']),
    issueTypes: fc.constantFrom(undefined, undefined, ['[System] Change'], ['Incident']),
    requirePlannedEnd: fc.boolean(),
    mustMention: fc.constant([]),
    approval: fc.constant(someRules.approval),
  });
  const limits = fc.option(times, { nil: undefined });

  it('[F7] proceeds only in a proceed status and inside the window', () => {
    let proceeded = 0;
    fc.assert(
      fc.property(someChecks, someRuleSets, limits, (check, rules, limit) => {
        const decision = decide(check, rules, limit);
        if (decision.kind !== 'proceed') return;
        proceeded += 1;
        const { status, projectKey } = check.changeRequest;
        const approving = rules.states.proceed.map(foldName);
        expect(approving.includes(foldName(status.name)) || approving.includes(status.id)).toBe(true);
        expect(rules.projects).toContain(projectKey);
        const now = check.serverTime?.getTime() ?? Number.NaN;
        const { start, end } = check.window;
        expect(['set', 'unset', 'no-field']).toContain(start.kind);
        expect(['set', 'unset', 'no-field']).toContain(end.kind);
        if (start.kind === 'set') expect(now).toBeGreaterThanOrEqual(start.at.getTime());
        if (end.kind === 'set') expect(now).toBeLessThanOrEqual(end.at.getTime());
        if (rules.requirePlannedEnd) expect(end.kind).toBe('set');
      }),
      { numRuns: 10_000 },
    );

    expect(proceeded).toBeGreaterThan(50);
  });

  it('[T2][T3] waits only in a status of one of the lists', () => {
    fc.assert(
      fc.property(someChecks, someRuleSets, limits, (check, rules, limit) => {
        const decision = decide(check, rules, limit);
        if (decision.kind !== 'wait') return;
        const { name, id } = check.changeRequest.status;
        const known = [...rules.states.wait, ...rules.states.proceed].map(foldName);
        expect(known.includes(foldName(name)) || known.includes(id)).toBe(true);
        if (decision.reason === 'before-planned-start') {
          expect(decision.start.getTime()).toBeGreaterThan(check.serverTime?.getTime() ?? Number.NaN);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is always the same for the same check and rules, and changes neither', () => {
    fc.assert(
      fc.property(someChecks, someRuleSets, limits, (check, rules, limit) => {
        const before = structuredClone({ check, rules });
        expect(decide(check, rules, limit)).toEqual(decide(check, rules, limit));
        expect({ check, rules }).toEqual(before);
      }),
    );
  });
});
