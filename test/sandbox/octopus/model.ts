import { OffsetClock, type SiteClock } from '../clock.ts';
import { Schedule } from '../schedule.ts';
import type { User } from './account.ts';
import { defaultBehaviour, type OctopusBehaviour } from './behaviour.ts';
import { Directory, type Space } from './directory.ts';
import type { Answer, Guidance, Interruption, InterruptionType, Verdict } from './interruption.ts';
import type { Named, Run } from './run.ts';
import type { Task } from './task.ts';
import { hasEnded, isPaused } from './task.ts';
import { groupOf, type QueuePoint, TaskQueue } from './task-queue.ts';

export interface ModelOptions {
  readonly clock?: SiteClock;
  /** The task cap; 5 by default, as in Octopus. */
  readonly cap?: number;
  readonly behaviour?: Partial<OctopusBehaviour>;
}

/** The project and environment of runs that do not name any. */
export const usualProject = 'Web Site';
export const usualEnvironment = 'Production';

export interface RunOptions {
  readonly space?: Space;
  readonly project?: string;
  readonly environment?: string;
  readonly tenant?: string;
  /** The release number. */
  readonly release?: string;
  /** Makes the run a run of this runbook. */
  readonly runbook?: string;
  readonly createdBy?: User;
  /** The name of the trigger that started the run; the run then has no creator. */
  readonly trigger?: string;
  readonly comments?: string;
  readonly usesGuidedFailure?: boolean;
}

export interface InterruptionOptions {
  readonly title: string;
  readonly type?: InterruptionType;
  readonly instructions: string;
  /** Names of teams. */
  readonly responsibleTeams?: readonly string[];
  readonly isLinkedToOther?: boolean;
  readonly guidance?: readonly Guidance[];
  readonly createdMs?: number;
  readonly onAnswer?: (answer: Answer) => void;
}

export interface Artifact {
  readonly id: string;
  readonly filename: string;
  readonly run: Run;
  readonly createdMs: number;
  content: string;
}

/**
 * The server's state and behaviour, without its API. There are no timers: whatever is due happens at the next
 * access (`catchUp`).
 */
export class OctopusModel extends Directory {
  /** The server's address, as in `Octopus.Web.ServerUri`. */
  serverUri = 'https://octopus.acme.example';
  readonly behaviour: OctopusBehaviour;
  readonly tasks: Task[] = [];
  readonly runs: Run[] = [];
  /** All interruptions, answered or not, oldest first. */
  readonly interruptions: Interruption[] = [];
  readonly artifacts: Artifact[] = [];
  readonly queue: TaskQueue;
  readonly #clock: SiteClock;
  readonly #schedule = new Schedule<OctopusModel>();
  #eventMs: number | undefined;

  constructor({ clock = new OffsetClock(), cap = 5, behaviour = {} }: ModelOptions = {}) {
    super();
    this.#clock = clock;
    this.behaviour = { ...defaultBehaviour(), ...behaviour };
    this.queue = new TaskQueue(cap, () => this.now());
  }

  now(): number {
    return this.#eventMs ?? this.#clock.now();
  }

  /** Schedules an act. */
  after(delayMs: number, act: (octopus: OctopusModel) => void): void {
    this.#schedule.add(this.now() + delayMs, act);
  }

  /** Runs everything that is due, each act at its own time. */
  catchUp(): void {
    if (this.#eventMs !== undefined) return;
    const now = this.#clock.now();
    for (let event = this.#schedule.take(now); event !== undefined; event = this.#schedule.take(now)) {
      this.#eventMs = event.atMs;
      try {
        event.run(this);
      } finally {
        this.#eventMs = undefined;
      }
    }
  }

  /** When the next act is due; infinity if there is none. */
  get nextAtMs(): number {
    return this.#schedule.nextAtMs;
  }

  /** The number of used slots and the length of the queue, over time. */
  get timeline(): readonly QueuePoint[] {
    this.catchUp();
    return this.queue.timeline;
  }

  /** Adds a run with its task, without starting it. */
  addRun(options: RunOptions = {}): Task {
    const { space = this.defaultSpace } = options;
    const {
      project = usualProject,
      environment = usualEnvironment,
      release = '1.0.1',
      tenant,
      runbook,
    } = options;
    const taskId = this.nextId('ServerTasks');
    const run: Run = {
      id: this.nextId(runbook === undefined ? 'Deployments' : 'RunbookRuns'),
      spaceId: space.id,
      taskId,
      project: this.named('Projects', space, project),
      environment: this.named('Environments', space, environment),
      tenant: tenant === undefined ? undefined : this.named('Tenants', space, tenant),
      release: runbook === undefined ? this.#release(space, project, release) : undefined,
      runbook: runbook === undefined ? undefined : this.named('Runbooks', space, runbook),
      createdMs: this.now(),
      createdBy: options.trigger === undefined ? options.createdBy : undefined,
      trigger:
        options.trigger === undefined ? undefined : this.named('ProjectTriggers', space, options.trigger),
      comments: options.comments ?? '',
      usesGuidedFailure: options.usesGuidedFailure ?? false,
      hasFailed: false,
    };
    const task: Task = {
      id: taskId,
      run,
      state: 'Queued',
      queuedMs: this.now(),
      startedMs: undefined,
      completedMs: undefined,
      errorMessage: '',
      interruptions: [],
      log: [],
      steps: new Map(),
      blocksOthers: false,
      cancellation: new AbortController(),
    };
    this.runs.push(run);
    this.tasks.push(task);
    return task;
  }

  /** Adds an interruption; the task's slot is not affected. */
  interrupt(task: Task, options: InterruptionOptions): Interruption {
    const interruption: Interruption = {
      id: this.nextId('Interruptions'),
      task,
      title: options.title,
      type: options.type ?? 'ManualIntervention',
      createdMs: options.createdMs ?? this.now(),
      instructions: options.instructions,
      responsibleTeams: (options.responsibleTeams ?? []).map((name) => this.team(name)),
      isLinkedToOther: options.isLinkedToOther ?? false,
      guidance: options.guidance ?? ['Fail', 'Retry', 'Ignore', 'Exclude'],
      responsible: undefined,
      answer: undefined,
      onAnswer: options.onAnswer ?? (() => {}),
    };
    task.interruptions.push(interruption);
    this.interruptions.push(interruption);
    return interruption;
  }

  /** Records an answer; the caller has checked that the user may give it. */
  answerInterruption(interruption: Interruption, given: Verdict | Guidance, by: User, notes = ''): void {
    if (interruption.answer !== undefined) throw new Error(`${interruption.id} was answered before.`);
    const answer = { given, notes, by, atMs: this.now() };
    interruption.answer = answer;
    this.#forget(interruption);
    interruption.onAnswer(answer);
  }

  /** Ends a task, and removes it from the queue. */
  finish(task: Task, state: 'Success' | 'Failed' | 'Canceled', errorMessage = ''): void {
    if (hasEnded(task)) return;
    task.state = state;
    task.completedMs = this.now();
    task.errorMessage = errorMessage;
    this.queue.leave(task);
    if (state === 'Success' && this.behaviour.supersedes) this.#supersede(task);
  }

  /** Ends a task, whether it is running or not; its pending interruptions stay unanswered and are dropped. */
  cancel(task: Task): void {
    if (hasEnded(task)) return;
    for (const interruption of [...task.interruptions]) this.#forget(interruption);
    task.cancellation.abort();
    this.finish(task, 'Canceled', 'The task was canceled.');
  }

  addArtifact(run: Run, filename: string, content: string): Artifact {
    const artifact = { id: this.nextId('Artifacts'), filename, run, createdMs: this.now(), content };
    this.artifacts.push(artifact);
    return artifact;
  }

  #release(space: Space, project: string, number: string): Named {
    return { ...this.named('Releases', space, `${project} ${number}`), name: number };
  }

  #forget(interruption: Interruption): void {
    const pending = interruption.task.interruptions;
    pending.splice(pending.indexOf(interruption), 1);
  }

  #supersede(newer: Task): void {
    const group = groupOf(newer);
    if (group === undefined) return;
    for (const task of this.tasks) {
      if (task === newer) break;
      if (isPaused(task) && groupOf(task) === group) this.cancel(task);
    }
  }
}
