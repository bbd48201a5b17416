import type { ChangeWindow } from '../change/change-window.ts';
import type { Decision } from './decision.ts';
import type { DecisionCode, Outcome } from './outcome.ts';

interface DecisionRule {
  /** The rule's id in `docs/rules.md`. */
  readonly rule: string;
  /** The code of a run that ends with this decision. */
  readonly code: DecisionCode;
}

/** E2, O2: the rule and the code for each reason of a decision. Without them, a new one does not compile. */
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

/** Returns the id of the rule that led to the decision on a check with this window. */
export function ruleOf({ reason }: Decision, { start, end }: ChangeWindow): string {
  if (reason !== 'approved-in-window') return decisionRules[reason].rule;
  if (start.kind === 'set') return end.kind === 'set' ? 'W4' : 'W2';
  return end.kind === 'set' ? 'W3' : 'W1';
}

/** O2: returns the code of a run that ends with this decision. */
export function codeOf({ reason }: Decision): DecisionCode {
  return decisionRules[reason].code;
}

/** The rule for each code of a run that does not end with a decision. */
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

/** Whether a run ended with the decision on its last check, or for another reason. */
export type EndingBy = 'decision' | 'other';

/**
 * Returns whether a run with this outcome ended with a decision, and by which rule it ended.
 * @param last the decision on the last check, with its rule; undefined if there was no check
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

/**
 * The verdicts that follow from each kind of decision. A gate that may not wait, and a `Verify`, stop where
 * another gate waits; a `Request` reports what a gate would do (R1).
 */
const verdictsOf: Readonly<Record<Decision['kind'], readonly Outcome['verdict'][]>> = {
  proceed: ['Proceed', 'Ready'],
  wait: ['Stop', 'Pending'],
  stop: ['Stop'],
};
