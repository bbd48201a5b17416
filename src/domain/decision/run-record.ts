import type { Approval } from '../change/approval-check.ts';
import type { ChangeRequestSource } from '../change/change-request.ts';
import type { Check } from './decision.ts';

/** A check and its age. */
export interface TimedCheck extends Check {
  /** Steady clock when the request left. */
  readonly askedAt: number;
  /** The same instant by the worker's wall clock, in ms since 1970. */
  readonly askedAtWallMs: number;
  /** Steady clock when the answer was here. */
  readonly answeredAt: number;
  /** W8: it has read all fields with their names, not only those that an earlier check knew. */
  readonly isWhole: boolean;
  /** IANA name of the account's time zone, if the window needed it (W10). */
  readonly timeZone?: string | undefined;
}

/** What the run has learned so far. It outlives a fault, so that every outcome can be written with its outputs. */
export interface RunRecord {
  /** Root URL of the JSM site. */
  site?: URL;
  key?: string;
  source?: ChangeRequestSource;
  /** The last one; see {@link checkOfKey}. */
  check?: TimedCheck;
  /** IANA name of the account's time zone; empty if it was asked for and is not known. */
  timeZone?: string;
  /** A3: the approvals as they were last read, for whatever purpose. */
  approvals?: readonly Approval[];
}

/** The last check, if it was at the change request that the run goes by now: it may have left another one (L10, C4). */
export function checkOfKey({ key, check }: RunRecord): TimedCheck | undefined {
  return check?.changeRequest.key === key ? check : undefined;
}
