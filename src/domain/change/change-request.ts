import type { ChangeStatus } from './change-state.ts';
import type { PlannedFields } from './change-window.ts';

/** The request type of JSM's change management template that raises a change request. */
export const defaultRequestType = 'Request a change';

/** A change request as one read by its key shows it. */
export interface ChangeRequest {
  /** The numeric id, which stays when the change request moves; the key if an answer has no id. */
  readonly id: string;
  readonly key: string;
  readonly projectKey: string;
  readonly issueType: { readonly id: string; readonly name: string; readonly untranslatedName?: string };
  readonly summary: string;
  /** Empty if the change request or the answer has none. */
  readonly description: string;
  readonly status: ChangeStatus;
  readonly created: Date | undefined;
  readonly plannedStart: PlannedFields;
  readonly plannedEnd: PlannedFields;
  /** When a read that is no check was asked for and answered, by the steady clock, and the site's time then. */
  readonly answered?: {
    readonly askedAt: number;
    readonly answeredAt: number;
    readonly serverTime: Date | undefined;
  };
}

/** How the run came to its change request, as the output variable `ChangeRequest.Source` says it. */
export type ChangeRequestSource = 'Supplied' | 'Matched' | 'Created';
