import type { FaultKind } from './fault.ts';
import type { Text } from './text.ts';

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
  readonly verdict: 'NotRequired' | 'Proceed' | 'Stop' | 'TimedOut' | 'Error';
  readonly code: DecisionCode;
  /** One sentence. */
  readonly reason: Text;
  /** What to do, if there is something. */
  readonly advice?: Text;
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
