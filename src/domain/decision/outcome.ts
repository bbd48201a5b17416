import type { FaultKind } from '../fault.ts';
import type { Text } from '../text.ts';

/** O2: why a run ended, in one word, for the conditions of later steps and for monitoring. */
export type DecisionCode =
  | 'NotChangeControlled'
  | 'Approved'
  | 'AwaitingApproval'
  | 'AwaitingPlannedStart'
  | 'Refused'
  | 'WindowClosed'
  | 'WindowUnknown'
  | 'NotFound'
  | 'NotAllowed'
  | 'SeveralFound'
  | 'Withdrawn'
  | 'NotRaised'
  | 'ApprovalMissing'
  | 'InputInvalid'
  | 'LoginFailed'
  | 'PermissionMissing'
  | 'Unreachable'
  | 'TimedOut'
  | 'Cancelled'
  | 'Unexpected';

/** How a run ended. */
export interface Outcome {
  /** Only `Request`, which allows nothing (R1), ends with `Ready` or `Pending`. */
  readonly verdict: 'NotRequired' | 'Proceed' | 'Ready' | 'Pending' | 'Stop' | 'TimedOut' | 'Error';
  readonly code: DecisionCode;
  /** E2: the id in `docs/rules.md` of the rule by which the run ended. */
  readonly rule: string;
  /** One sentence. */
  readonly reason: Text;
  /** What the reader can do, if anything. */
  readonly advice?: Text;
  /** R2: Markdown for the Manual Intervention in which a pending run is parked. */
  readonly waitInstructions?: string;
}

/** The result of a part of a run that ended the run. */
export interface Ended {
  readonly kind: 'ended';
  readonly outcome: Outcome;
}

export function ended(outcome: Outcome): Ended {
  return { kind: 'ended', outcome };
}

/** The code and the rule of a run that ends with a fault. */
export const faultEndings: Readonly<Record<FaultKind, Pick<Outcome, 'code' | 'rule'>>> = {
  login: { code: 'LoginFailed', rule: 'F3' },
  forbidden: { code: 'PermissionMissing', rule: 'F3' },
  missing: { code: 'NotFound', rule: 'F3' },
  'wrong-url': { code: 'InputInvalid', rule: 'F3' },
  conflict: { code: 'Unexpected', rule: 'F7' },
  rejected: { code: 'InputInvalid', rule: 'F3' },
  'not-raised': { code: 'NotRaised', rule: 'C5' },
  unreachable: { code: 'Unreachable', rule: 'F2' },
  refused: { code: 'Unreachable', rule: 'F2' },
  'window-unknown': { code: 'WindowUnknown', rule: 'W12' },
  configuration: { code: 'InputInvalid', rule: 'C5' },
};
