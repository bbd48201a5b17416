import type { TaskLog } from './app/ports.ts';
import type { Secrets } from './octopus/secrets.ts';
import type { LineWriter } from './octopus/task-log.ts';
import type { Variables } from './octopus/variables.ts';

/** What a run reads from and writes to. */
export interface RunTools {
  readonly variables: Variables;
  readonly secrets: Secrets;
  readonly out: LineWriter;
  readonly log: TaskLog;
  /** Takes secrets out of a text (X3). */
  readonly redact: (text: string) => string;
  /** From now on, what is said names settings in other words (M2). */
  readonly nameBy: (words: (text: string) => string) => void;
}
