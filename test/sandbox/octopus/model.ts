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
  /** The task cap; 5 by default, as Octopus has it. */
  readonly cap?: number;
  readonly behaviour?: Partial<OctopusBehaviour>;
}

/** Project and environment of runs that name none. */
export const usualProject = 'Web Site';
export const usualEnvironment = 'Production';

export interface RunOptions {
  readonly space?: Space;
  readonly project?: string;
  readonly environment?: string;
  readonly tenant?: string;
  /** The release's number. */
  readonly release?: string;
  /** Makes it a run of this runbook. */
  readonly runbook?: string;
  readonly createdBy?: User;
  /** The name of the trigger that started it; then nobody did. */
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
 * What the server knows and does, without its API. There are no timers: what is due later happens when somebody looks
 * next (`catchUp`).
 */
export class OctopusModel extends Directory {
  /** The server's own address, as `Octopus.Web.ServerUri` gives it. */
  serverUri = 'https://octopus.acme.example';
  readonly behaviour: OctopusBehaviour;
  readonly tasks: Task[] = [];
  readonly runs: Run[] = [];
  /** Every one, answered or not, oldest first. */
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

  /** Does something after this time. */
  after(delayMs: number, act: (octopus: OctopusModel) => void): void {
    this.#schedule.add(this.now() + delayMs, act);
  }

  /** Does everything that is due by now, each at its time. */
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

  /** When the next thing is due; infinite if nothing is. */
  get nextAtMs(): number {
    return this.#schedule.nextAtMs;
  }

  /** How many slots were used and how long the queue was, over time. */
  get timeline(): readonly QueuePoint[] {
    this.catchUp();
    return this.queue.timeline;
  }

  /** A run with its task, which nothing has started yet. */
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

  /** Puts a question to people; the task's slot is not its business. */
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

  /** Somebody answers; whether that user may, the caller has checked. */
  answerInterruption(interruption: Interruption, given: Verdict | Guidance, by: User, notes = ''): void {
    if (interruption.answer !== undefined) throw new Error(`${interruption.id} was answered before.`);
    const answer = { given, notes, by, atMs: this.now() };
    interruption.answer = answer;
    this.#forget(interruption);
    interruption.onAnswer(answer);
  }

  /** Ends a task, and with it everything that it waits for. */
  finish(task: Task, state: 'Success' | 'Failed' | 'Canceled', errorMessage = ''): void {
    if (hasEnded(task)) return;
    task.state = state;
    task.completedMs = this.now();
    task.errorMessage = errorMessage;
    this.queue.leave(task);
    if (state === 'Success' && this.behaviour.supersedes) this.#supersede(task);
  }

  /** Ends a task, running or not; its pending interruptions stay unanswered, and are pending no more. */
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
