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

/** The code of a run that ends with a fault. */
export const faultCodes: Readonly<Record<FaultKind, DecisionCode>> = {
  login: 'LoginFailed',
  forbidden: 'PermissionMissing',
  missing: 'NotFound',
  'wrong-url': 'InputInvalid',
  conflict: 'Unexpected',
  rejected: 'InputInvalid',
  'not-raised': 'NotRaised',
  unreachable: 'Unreachable',
  refused: 'Unreachable',
  'window-unknown': 'WindowUnknown',
  configuration: 'InputInvalid',
};
