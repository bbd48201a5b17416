import type { Level } from '../../black-box/task-log.ts';
import type { Interruption } from './interruption.ts';
import { time } from './page.ts';
import { type Run, runName } from './run.ts';

type TaskState = 'Queued' | 'Executing' | 'Failed' | 'Canceled' | 'TimedOut' | 'Success' | 'Cancelling';

/** The status of a step of a task. */
type StepStatus = 'Running' | 'Success' | 'Failed' | 'Skipped';

export interface LogLine {
  readonly step: string;
  readonly level: Level;
  readonly text: string;
  readonly atMs: number;
}

/** A task of the server, which carries out a run. */
export interface Task {
  readonly id: string;
  readonly run: Run;
  state: TaskState;
  readonly queuedMs: number;
  /** When the task first got a slot. */
  startedMs: number | undefined;
  completedMs: number | undefined;
  errorMessage: string;
  /** Pending interruptions, oldest first. */
  readonly interruptions: Interruption[];
  readonly log: LogLine[];
  /** The steps so far, by name. */
  readonly steps: Map<string, StepStatus>;
  /**
   * Whether its manual intervention currently blocks other deployments of the same project, environment and
   * tenant.
   */
  blocksOthers: boolean;
  /** Ends the task's processes. */
  readonly cancellation: AbortController;
}

const ended: ReadonlySet<TaskState> = new Set(['Failed', 'Canceled', 'TimedOut', 'Success']);

export function hasEnded(task: Task): boolean {
  return ended.has(task.state);
}

/** Returns true if the task waits in a manual intervention: it has begun, but uses no slot. */
export function isPaused(task: Task): boolean {
  return task.state === 'Queued' && task.interruptions.length > 0;
}

export function taskJson(task: Task): Record<string, unknown> {
  const { run } = task;
  return {
    Id: task.id,
    SpaceId: run.spaceId,
    ProjectId: run.project.id,
    Name: run.runbook === undefined ? 'Deploy' : 'RunbookRun',
    Description: `${run.project.name}: ${runName(run)}`,
    Arguments: run.runbook === undefined ? { DeploymentId: run.id } : { RunbookRunId: run.id },
    State: task.state,
    Completed: task.completedMs === undefined ? 'Not completed' : time(task.completedMs),
    QueueTime: time(task.queuedMs),
    QueueTimeExpiry: null,
    StartTime: timeOrNull(task.startedMs),
    CompletedTime: timeOrNull(task.completedMs),
    ServerNode: 'octopus-node-1',
    ErrorMessage: task.errorMessage,
    IsCompleted: hasEnded(task),
    FinishedSuccessfully: task.state === 'Success',
    HasBeenPickedUpByProcessor: task.startedMs !== undefined,
    HasPendingInterruptions: task.interruptions.length > 0,
    PendingInterruptionTypes: [...new Set(task.interruptions.map(({ type }) => type))],
    HasPendingPreconditions: false,
    PendingPreconditionTypes: [],
    HasWarningsOrErrors: task.log.some(({ level }) => level === 'warning' || level === 'error'),
    CanRerun: false,
    Links: {
      Self: `/api/tasks/${task.id}`,
      Details: `/api/tasks/${task.id}/details{?verbose,tail}`,
      Raw: `/api/tasks/${task.id}/raw`,
      Cancel: `/api/tasks/${task.id}/cancel`,
      Interruptions: `/api/${run.spaceId}/interruptions?regarding=${task.id}`,
    },
  };
}

function timeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : time(ms);
}
