import type { ChangeRequestSource } from './change-request.ts';
import type { Look } from './decision.ts';

/** A look and its age. */
export interface TimedLook extends Look {
  /** Steady clock when the request left. */
  readonly askedAt: number;
  /** Steady clock when the answer was here. */
  readonly answeredAt: number;
}

/** What the run has learned so far; it outlives a fault, so that every outcome can be written with its outputs. */
export interface RunRecord {
  /** Root URL of the JSM site. */
  site?: URL;
  key?: string;
  source?: ChangeRequestSource;
  look?: TimedLook;
}
