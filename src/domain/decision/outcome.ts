import type { FaultKind } from '../fault.ts';
import type { Text } from '../text.ts';

/** O2: the reasons for an ending, one word each, for conditions of later steps and for monitoring. */
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
  /** `Ready` and `Pending` are of `Request` alone, which allows nothing (R1). */
  readonly verdict: 'NotRequired' | 'Proceed' | 'Ready' | 'Pending' | 'Stop' | 'TimedOut' | 'Error';
  readonly code: DecisionCode;
  /** One sentence. */
  readonly reason: Text;
  /** What to do, if there is something. */
  readonly advice?: Text;
  /** R2: Markdown for the Manual Intervention that a pending run is parked in. */
  readonly waitInstructions?: string;
}

/** What a part of a run returns if it has ended the run. */
export interface Ended {
  readonly kind: 'ended';
  readonly outcome: Outcome;
}

export function ended(outcome: Outcome): Ended {
  return { kind: 'ended', outcome };
}

/** The code of an ending by a fault. */
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
