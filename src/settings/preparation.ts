import type { TaskLog } from '../app/ports.ts';
import type { RunRecord } from '../domain/run-record.ts';
import type { Secrets } from '../octopus/secrets.ts';
import type { LineWriter } from '../octopus/task-log.ts';
import type { Variables } from '../octopus/variables.ts';
import type { World } from '../world.ts';
import type { Operation } from './from-parameters.ts';
import type { InputProblem } from './input-problems.ts';

/** What a run begins with, before its input was read. */
export interface Preparation {
  readonly operation: Operation;
  /** Said with the other problems, where approval is required at all. */
  readonly operationProblems: readonly InputProblem[];
  readonly world: World;
  readonly variables: Variables;
  readonly secrets: Secrets;
  readonly log: TaskLog;
  readonly out: LineWriter;
  readonly record: RunRecord;
  /** Aborts when the run is over, so that no timer outlives it. */
  readonly done: AbortSignal;
}
