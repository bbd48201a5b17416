import type { ChangeStatus, Named } from './change-state.ts';
import type { PlannedField, PlannedFields } from './change-window.ts';

/** The request type that raises change requests in JSM's change management template. */
export const defaultRequestType = 'Request a change';

/** A change request as one read by its key returned it. */
export interface ChangeRequest {
  /** The numeric id, which stays the same if the change request is moved; the key if the answer has no id. */
  readonly id: string;
  readonly key: string;
  readonly projectKey: string;
  readonly issueType: Named;
  readonly summary: string;
  /** Empty if the change request or the answer has no description. */
  readonly description: string;
  readonly status: ChangeStatus;
  readonly created: Date | undefined;
  readonly plannedStart: PlannedFields;
  readonly plannedEnd: PlannedFields;
  /** For a read that is not a check: the steady clock when sent and when answered, and the site's time. */
  readonly answered?: {
    readonly askedAt: number;
    readonly answeredAt: number;
    readonly serverTime: Date | undefined;
  };
}

/** Returns the fields that a read of a change request treated as planned fields. */
export function plannedCandidates({ plannedStart, plannedEnd }: ChangeRequest): readonly PlannedField[] {
  return [...plannedStart.candidates, ...plannedEnd.candidates];
}

/** How the run got its change request; the value of the output variable `ChangeRequest.Source`. */
export type ChangeRequestSource = 'Supplied' | 'Matched' | 'Created';
