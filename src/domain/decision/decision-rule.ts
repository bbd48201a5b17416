import type { ChangeWindow } from '../change/change-window.ts';
import type { Decision } from './decision.ts';
import type { DecisionCode, Outcome } from './outcome.ts';

interface DecisionRule {
  /** Id of the rule, as `docs/rules.md` defines it. */
  readonly rule: string;
  /** The code of an ending by this decision. */
  readonly code: DecisionCode;
}

/** E2, O2: the rule behind each reason of a decision, and its code; a new reason without them does not compile. */
const decisionRules: Readonly<Record<Decision['reason'], DecisionRule>> = {
  'approved-in-window': { rule: 'W1', code: 'Approved' },
  'not-approved': { rule: 'T2', code: 'AwaitingApproval' },
  'before-planned-start': { rule: 'W5', code: 'AwaitingPlannedStart' },
  'project-not-allowed': { rule: 'L4', code: 'NotAllowed' },
  'issue-type-not-accepted': { rule: 'L14', code: 'NotAllowed' },
  withdrawn: { rule: 'L10', code: 'Withdrawn' },
  'not-mentioned': { rule: 'A1', code: 'NotAllowed' },
  'approval-undecided': { rule: 'A2', code: 'AwaitingApproval' },
  'no-other-approver': { rule: 'A2', code: 'AwaitingApproval' },
  'deployer-unknown': { rule: 'A2', code: 'ApprovalMissing' },
  'approval-declined': { rule: 'A2', code: 'ApprovalMissing' },
  'no-approval': { rule: 'A2', code: 'ApprovalMissing' },
  'status-refuses': { rule: 'T3', code: 'Refused' },
  'planned-field-missing': { rule: 'W12', code: 'WindowUnknown' },
  'planned-fields-differ': { rule: 'W12', code: 'WindowUnknown' },
  'planned-date-unreadable': { rule: 'W10', code: 'WindowUnknown' },
  'time-zone-unknown': { rule: 'W10', code: 'WindowUnknown' },
  'start-after-end': { rule: 'W11', code: 'WindowUnknown' },
  'server-time-unknown': { rule: 'W9', code: 'WindowUnknown' },
  'not-approved-in-time': { rule: 'W6', code: 'WindowClosed' },
  'approved-too-late': { rule: 'W7', code: 'WindowClosed' },
  'planned-end-required': { rule: 'W13', code: 'WindowUnknown' },
  'start-beyond-wait-limit': { rule: 'W13', code: 'AwaitingPlannedStart' },
};

/** The rule by which a look at this window led to the decision. */
export function ruleOf({ reason }: Decision, { start, end }: ChangeWindow): string {
  if (reason !== 'approved-in-window') return decisionRules[reason].rule;
  if (start.kind === 'set') return end.kind === 'set' ? 'W4' : 'W2';
  return end.kind === 'set' ? 'W3' : 'W1';
}

/** O2: the code of an ending by this decision. */
export function codeOf({ reason }: Decision): DecisionCode {
  return decisionRules[reason].code;
}

/** The rule behind each ending that is not by a decision. */
const endingRules: Readonly<Record<DecisionCode, string>> = {
  NotChangeControlled: 'S1',
  Approved: 'F7',
  AwaitingApproval: 'P1',
  AwaitingPlannedStart: 'P1',
  Refused: 'L9',
  WindowClosed: 'W6',
  WindowUnknown: 'C2',
  NotFound: 'L3',
  NotAllowed: 'L13',
  SeveralFound: 'L8',
  Withdrawn: 'L10',
  NotRaised: 'C3',
  ApprovalMissing: 'A2',
  InputInvalid: 'I3',
  LoginFailed: 'F3',
  PermissionMissing: 'F3',
  Unreachable: 'F2',
  TimedOut: 'P4',
  Cancelled: 'F6',
  Unexpected: 'F7',
};

/** What an ending is by: the decision on the last check, or something that no check has shown. */
export type EndingBy = 'decision' | 'other';

/**
 * Whether a run that ended so can have ended by a decision, and by which rule.
 * @param last the decision on the last check, if there was one, with its rule
 */
export function endingRule(
  { verdict, code }: Pick<Outcome, 'verdict' | 'code'>,
  last:
    | { readonly kind: Decision['kind']; readonly reason: Decision['reason']; readonly rule: string }
    | undefined,
): { readonly by: EndingBy; readonly rule: string } {
  const isByDecision =
    last !== undefined && decisionRules[last.reason].code === code && verdictsOf[last.kind].includes(verdict);
  return isByDecision ? { by: 'decision', rule: last.rule } : { by: 'other', rule: endingRules[code] };
}

/** A gate that may not wait, and a `Verify`, stop where another gate waits; a `Request` says what a gate would do (R1). */
const verdictsOf: Readonly<Record<Decision['kind'], readonly Outcome['verdict'][]>> = {
  proceed: ['Proceed', 'Ready'],
  wait: ['Stop', 'Pending'],
  stop: ['Stop'],
};
