import type { Clock, Random } from './app/ports.ts';
import type { Transport } from './http/transport.ts';

/** Everything of the outside world that a run touches. */
export interface World {
  /** Octopus variables, among whatever else is in the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line to the task log. */
  readonly write: (line: string) => void;
  /** Resolves when everything that was written has left the process. */
  readonly flushed: () => Promise<void>;
  readonly clock: Clock;
  /** The clock's time when the process started. */
  readonly startedAt: number;
  readonly random: Random;
  readonly send: Transport;
  /** Aborts when the process is asked to end. */
  readonly killSignal: AbortSignal;
  /** M3: on Windows. */
  readonly asciiOnly: boolean;
}
