import type { Clock, Random, TaskLog } from './app/ports.ts';
import type { RunRecord } from './domain/decision/run-record.ts';
import type { Transport } from './http/transport.ts';
import type { Secrets } from './octopus/secrets.ts';
import type { LineWriter } from './octopus/task-log.ts';
import type { Variables } from './octopus/variables.ts';
import type { RecordWriter } from './record-files.ts';

/** Everything outside its own code that a run uses. */
export interface World {
  /** The environment: the Octopus variables, and other entries. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line to the task log. */
  readonly write: (line: string) => void;
  /** Resolves when all written lines have left the process. */
  readonly flushed: () => Promise<void>;
  readonly clock: Clock;
  /** The clock's time when the process started. */
  readonly startedAt: number;
  readonly random: Random;
  readonly send: Transport;
  /** Aborts when the process is asked to end. */
  readonly killSignal: AbortSignal;
  /** E1: synchronously writes a file into the step's working folder, and returns its absolute path. */
  readonly keepFile: (name: string, text: string) => string;
  /** E1: loads what makes the record's files; it is compiled only if a run needs it (B1). */
  readonly recordWriter: () => Promise<RecordWriter>;
  /** E2: returns the text of the running bundle; undefined if it cannot be read. */
  readonly bundle: () => string | undefined;
  /** M3: whether to write only ASCII, as on Windows. */
  readonly asciiOnly: boolean;
  /** M2: the version of the step template whose body runs the action; undefined if none does. */
  readonly template?: string | undefined;
}

/** What a run reads from and writes to. */
export interface RunTools {
  readonly variables: Variables;
  readonly secrets: Secrets;
  readonly out: LineWriter;
  readonly log: TaskLog;
  /** Removes secrets from a text (X3). */
  readonly redact: (text: string) => string;
  readonly record: RunRecord;
  /** Makes all later messages name settings in other words (M2). */
  readonly nameBy: (words: (text: string) => string) => void;
}
