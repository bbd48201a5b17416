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
export function ruleOf({ reason }: Pick<Decision, 'reason'>, { start, end }: ChangeWindow): string {
  if (reason !== 'approved-in-window') return decisionRules[reason].rule;
  if (start.kind === 'set') return end.kind === 'set' ? 'W4' : 'W2';
  return end.kind === 'set' ? 'W3' : 'W1';
}

/** Returns the code and the rule of a run that ends with the decision on a check with this window. */
export function endingOf(
  decision: Pick<Decision, 'reason'>,
  window: ChangeWindow,
): Pick<Outcome, 'code' | 'rule'> {
  return { code: decisionRules[decision.reason].code, rule: ruleOf(decision, window) };
}

/** Returns whether a run ended with the decision on its last check, if there was a check, or for another reason. */
export function isByDecision(
  { verdict, code, rule }: Pick<Outcome, 'verdict' | 'code' | 'rule'>,
  last:
    | { readonly kind: Decision['kind']; readonly reason: Decision['reason']; readonly rule: string }
    | undefined,
): boolean {
  return (
    last !== undefined &&
    last.rule === rule &&
    decisionRules[last.reason].code === code &&
    verdictsOf[last.kind].includes(verdict)
  );
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
