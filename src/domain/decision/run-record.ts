import type { Approval } from '../change/approval-check.ts';
import type { ChangeRequest, ChangeRequestSource } from '../change/change-request.ts';
import type { ChangeStatus } from '../change/change-state.ts';
import type { Check } from './decision.ts';

/** A check with the times that determine its age. */
export interface TimedCheck extends Check {
  /** Steady clock when the request was sent. */
  readonly askedAt: number;
  /** Wall clock of the worker at that instant, in ms since 1970. */
  readonly askedAtWallMs: number;
  /** Steady clock when the answer arrived. */
  readonly answeredAt: number;
  /** W9: how far the worker's clock was off at the server's time; undefined if only a little, or unknown. */
  readonly workerClockOff?: string | undefined;
  /** W8: whether the check read all fields with their names, not only those that an earlier check knew. */
  readonly isWhole: boolean;
  /** IANA name of the account's time zone, if the window needed it (W10). */
  readonly timeZone?: string | undefined;
}

/** What the run has learned so far. It survives a fault, so that every outcome has its outputs. */
export interface RunRecord {
  /** Root URL of the JSM site. */
  site?: URL;
  key?: string;
  source?: ChangeRequestSource;
  /** The change request as the lookup or the creation read it, which is not a check; see {@link statusOfKey}. */
  glanced?: Pick<ChangeRequest, 'key' | 'status'>;
  /** The last check; see {@link checkOfKey}. */
  check?: TimedCheck;
  /** IANA name of the account's time zone; empty if the step asked for it without success. */
  timeZone?: string;
  /** A3: the approvals as they were last read, for any purpose. */
  approvals?: readonly Approval[];
  /** V2: `Report` has come to what it writes, so its ending must not say that nothing was reported. */
  mayHaveReported?: true;
}

/**
 * Returns the last check if it was of the run's current change request: the run may have had another one
 * before (L10, C4).
 */
export function checkOfKey({ key, check }: RunRecord): TimedCheck | undefined {
  return check?.changeRequest.key === key ? check : undefined;
}

/** O2: returns the last known status of the run's current change request. */
export function statusOfKey(record: RunRecord): ChangeStatus | undefined {
  const { key, glanced } = record;
  return checkOfKey(record)?.changeRequest.status ?? (glanced?.key === key ? glanced?.status : undefined);
}
