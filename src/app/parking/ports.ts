import type { ChangeRequest } from '../../domain/change/change-request.ts';
import type { Text } from '../../domain/text.ts';
import type { Reading } from '../ports.ts';

/** An interruption of a task, as Octopus shows it to the step's account. */
export interface Interruption {
  readonly id: string;
  /** Whether it is a Manual Intervention, not a guided failure or a kind that Octopus may add later. */
  readonly isManualIntervention: boolean;
  /** Whether it is answered together with another one. */
  readonly isLinked: boolean;
  readonly isPending: boolean;
  readonly created: Date | undefined;
  readonly taskId: string;
  /** Ids of the deployment or runbook run, and of its project, environment and task. */
  readonly relatedDocumentIds: readonly string[];
  readonly instructions: string;
  /** Whether the account may take responsibility, or already has it. */
  readonly canTake: boolean;
  /** Whether the account has responsibility. */
  readonly isOwn: boolean;
  /** Whether anybody has responsibility. */
  readonly isTaken: boolean;
  /** The button that was pressed; empty if none was. */
  readonly result: string;
}

/** The buttons of a Manual Intervention. */
export type Answer = 'Proceed' | 'Abort';

/** The outcome of a write that is sent once; anything else is a fault. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  /** F3: a 429: the write was not carried out, and may be sent again after the delay. */
  | { readonly kind: 'later'; readonly delayMs: number; readonly why: Text };

export interface PendingInterruptions {
  readonly list: readonly Interruption[];
  /** Octopus' time, if its answers show a reliable one (W9). */
  readonly serverTime: Date | undefined;
}

/**
 * The Octopus server, in one space. Every method rejects with a `Fault`, or with the reason why the run ends.
 */
export interface OctopusServer {
  /** Returns all pending interruptions, from all pages of the list. */
  pending(): Promise<PendingInterruptions>;
  interruption(id: string): Promise<Interruption>;
  /** Makes the account responsible. The request is sent once. */
  take(id: string): Promise<WriteOutcome>;
  /** Presses a button. The request is sent once. */
  submit(id: string, answer: Answer, notes: string): Promise<WriteOutcome>;
}

/** The requests that `Test` makes to the Octopus server. */
export interface OctopusProbe {
  /** Returns the server's version. */
  version(): Promise<string>;
  /** Returns the name of the account. */
  account(): Promise<string>;
  /** Returns the names of the spaces that the account sees, by their ids. */
  spaces(): Promise<ReadonlyMap<string, string>>;
  /** Lists pending interruptions in the space; rejects if the account may not. */
  mayListInterruptions(): Promise<void>;
}

/** R4: reads many change requests in one request, which only Cloud supports. */
export interface BulkReader {
  /** How many keys one request may ask for. */
  readonly size: number;
  /**
   * Reads many change requests. Those that the answer lacks are not in the result and must be read singly; on
   * a site without bulk reads the result is empty.
   */
  readMany(keys: readonly string[]): Promise<ReadonlyMap<string, Reading>>;
  /**
   * W12: returns whether a change request from a bulk read has every planned field that it may have: a bulk
   * answer leaves out fields that did not load.
   */
  isComplete(changeRequest: ChangeRequest): boolean;
  /** Learns from a change request that was read singly which planned fields its type has. */
  learn(changeRequest: ChangeRequest): void;
}
