import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/domain/decision/decision.ts';
import { endingOf, isByDecision, ruleOf } from '../../../src/domain/decision/decision-rule.ts';
import type { DecisionCode } from '../../../src/domain/decision/outcome.ts';
import { noField, setAt } from '../change/a-change-request.ts';

const start = setAt('2026-06-13T10:00:00Z');
const end = setAt('2026-06-13T11:00:00Z', 'Planned end');
const unset = { kind: 'unset', field: 'Planned end' } as const;

/**
 * The rule and the code of each reason, as in docs/rules.md and docs/decision-codes.md; a missing row does
 * not compile.
 */
const byReason: Readonly<
  Record<Exclude<Decision['reason'], 'approved-in-window'>, readonly [rule: string, code: DecisionCode]>
> = {
  'not-approved': ['T2', 'AwaitingApproval'],
  'approval-undecided': ['A2', 'AwaitingApproval'],
  'no-other-approver': ['A2', 'AwaitingApproval'],
  'before-planned-start': ['W5', 'AwaitingPlannedStart'],
  'start-beyond-wait-limit': ['W13', 'AwaitingPlannedStart'],
  'status-refuses': ['T3', 'Refused'],
  'not-approved-in-time': ['W6', 'WindowClosed'],
  'approved-too-late': ['W7', 'WindowClosed'],
  'server-time-unknown': ['W9', 'WindowUnknown'],
  'planned-date-unreadable': ['W10', 'WindowUnknown'],
  'time-zone-unknown': ['W10', 'WindowUnknown'],
  'start-after-end': ['W11', 'WindowUnknown'],
  'planned-field-missing': ['W12', 'WindowUnknown'],
  'planned-fields-differ': ['W12', 'WindowUnknown'],
  'planned-end-required': ['W13', 'WindowUnknown'],
  'project-not-allowed': ['L4', 'NotAllowed'],
  'issue-type-not-accepted': ['L14', 'NotAllowed'],
  'not-mentioned': ['A1', 'NotAllowed'],
  withdrawn: ['L10', 'Withdrawn'],
  'deployer-unknown': ['A2', 'ApprovalMissing'],
  'approval-declined': ['A2', 'ApprovalMissing'],
  'no-approval': ['A2', 'ApprovalMissing'],
};

describe('the rule and the code of a decision', () => {
  it.each(Object.entries(byReason))('[E2] [O2] for %s are %j', (reason, [rule, code]) => {
    const decision = { reason } as Decision;
    for (const window of [
      { start: noField, end: noField },
      { start, end },
    ]) {
      expect(ruleOf(decision, window)).toBe(rule);
      expect(endingOf(decision, window)).toEqual({ code, rule });
    }
  });

  it.each([
    ['W1', 'neither time', noField, noField],
    ['W1', 'two empty fields', unset, unset],
    ['W2', 'Planned start only', start, unset],
    ['W3', 'Planned end only', unset, end],
    ['W4', 'both', start, end],
  ] as const)('[E2] [%s] for an approved change request with %s', (rule, _what, plannedStart, plannedEnd) => {
    const decision: Decision = { kind: 'proceed', reason: 'approved-in-window' };
    const window = { start: plannedStart, end: plannedEnd };
    expect(ruleOf(decision, window)).toBe(rule);
    expect(endingOf(decision, window)).toEqual({ code: 'Approved', rule });
  });
});

describe('an ending', () => {
  const proceeds = { kind: 'proceed', reason: 'approved-in-window', rule: 'W4' } as const;
  const waits = { kind: 'wait', reason: 'not-approved', rule: 'T2' } as const;
  const stops = { kind: 'stop', reason: 'status-refuses', rule: 'T3' } as const;
  const isWithoutTime = { kind: 'stop', reason: 'server-time-unknown', rule: 'W9' } as const;

  it.each([
    ['a gate that proceeds', 'Proceed', 'Approved', proceeds, 'W4'],
    ['a Request where a gate would proceed', 'Ready', 'Approved', proceeds, 'W4'],
    ['a gate that must not wait', 'Stop', 'AwaitingApproval', waits, 'T2'],
    ['a Request where a gate would wait', 'Pending', 'AwaitingApproval', waits, 'T2'],
    ['a gate that stops', 'Stop', 'Refused', stops, 'T3'],
    ['a gate without a time', 'Stop', 'WindowUnknown', isWithoutTime, 'W9'],
  ] as const)('[E2] is by the last decision for %s', (_what, verdict, code, last, rule) => {
    expect(isByDecision({ verdict, code, rule }, last)).toBe(true);
  });

  it.each([
    ['a run without a decision', 'Stop', 'Refused', undefined, 'L9'],
    ['the wait limit', 'TimedOut', 'TimedOut', waits, 'P4'],
    ['another reason', 'Stop', 'NotFound', waits, 'T2'],
    [
      'a fault with the code of the last decision and another rule',
      'Stop',
      'WindowUnknown',
      isWithoutTime,
      'C2',
    ],
    ['a fault with the code of the last decision', 'Error', 'WindowUnknown', isWithoutTime, 'W9'],
    ['Ready after a decision to wait', 'Ready', 'AwaitingApproval', waits, 'T2'],
    ['Pending after a decision to stop', 'Pending', 'Refused', stops, 'T3'],
    ['a stop after a decision to proceed', 'Stop', 'Approved', proceeds, 'W4'],
  ] as const)('[E2] is not by the last decision for %s', (_what, verdict, code, last, rule) => {
    expect(isByDecision({ verdict, code, rule }, last)).toBe(false);
  });
});
