import type { ChangeRequest } from '../../domain/change/change-request.ts';
import type { Text } from '../../domain/text.ts';
import type { Reading } from '../ports.ts';

/** An interruption of a task, as Octopus shows it to the step's account. */
export interface Interruption {
  readonly id: string;
  /** A Manual Intervention: neither a guided failure nor anything that later versions of Octopus may add. */
  readonly isManualIntervention: boolean;
  /** It is answered together with another one. */
  readonly isLinked: boolean;
  readonly isPending: boolean;
  readonly created: Date | undefined;
  readonly taskId: string;
  /** The deployment or runbook run, its project, environment and task. */
  readonly relatedDocumentIds: readonly string[];
  readonly instructions: string;
  /** The account may take responsibility, or has it. */
  readonly canTake: boolean;
  /** The account has it. */
  readonly isOwn: boolean;
  /** Somebody has it. */
  readonly isTaken: boolean;
  /** The button that was pressed; empty as long as none was. */
  readonly result: string;
}

/** The buttons of a Manual Intervention. */
export type Answer = 'Proceed' | 'Abort';

/** What became of a write that is sent once; anything but these is a fault. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  /** F3: 429: it was not carried out, and may be sent again after so long. */
  | { readonly kind: 'later'; readonly delayMs: number; readonly why: Text };

export interface PendingInterruptions {
  readonly list: readonly Interruption[];
  /** Octopus' time, if its answers show one that can be relied on (W9). */
  readonly serverTime: Date | undefined;
}

/** The Octopus server, in one space. Every method rejects with a `Fault`, or with the reason of the run's end. */
export interface OctopusServer {
  /** All of them, by whatever pages the server gives. */
  pending(): Promise<PendingInterruptions>;
  interruption(id: string): Promise<Interruption>;
  /** Makes the account responsible. Sent once. */
  take(id: string): Promise<WriteOutcome>;
  /** Presses a button. Sent once. */
  submit(id: string, answer: Answer, notes: string): Promise<WriteOutcome>;
}

/** What `Test` asks the Octopus server. */
export interface OctopusProbe {
  /** The server's version. */
  version(): Promise<string>;
  /** The name of the account. */
  account(): Promise<string>;
  /** The names of the spaces that it sees, by their ids. */
  spaces(): Promise<ReadonlyMap<string, string>>;
  /** Whether pending interruptions can be listed in the space; rejects if not. */
  mayListInterruptions(): Promise<void>;
}

/** R4: many change requests in one request, which only Cloud can do. */
export interface BulkReader {
  /** How many keys one request may ask for. */
  readonly size: number;
  /**
   * One look at each of many change requests. What the answer lacks is not in it, and has to be read by itself; so has
   * everything at a site that cannot do it.
   */
  readMany(keys: readonly string[]): Promise<ReadonlyMap<string, Reading>>;
  /** W12: whether one that came in bulk has every planned field that it may have: what did not load is left out there. */
  isComplete(changeRequest: ChangeRequest): boolean;
  /** Learns from a change request that was read by itself which planned fields those of its type have. */
  learn(changeRequest: ChangeRequest): void;
}
