import { OffsetClock, type SiteClock } from '../clock.ts';
import { Schedule } from '../schedule.ts';
import type { Grant, Permission, Team, User } from './account.ts';
import { defaultBehaviour, type OctopusBehaviour } from './behaviour.ts';
import type { Answer, Guidance, Interruption, InterruptionType, Verdict } from './interruption.ts';
import type { Named, Run } from './run.ts';
import type { Task } from './task.ts';
import { hasEnded, isPaused } from './task.ts';
import { groupOf, type QueuePoint, TaskQueue } from './task-queue.ts';

export interface Space extends Named {
  readonly slug: string;
}

export interface ModelOptions {
  readonly clock?: SiteClock;
  /** The task cap; 5 by default, as Octopus has it. */
  readonly cap?: number;
  readonly behaviour?: Partial<OctopusBehaviour>;
}

/** A permission, or a permission for a part of the space. */
export type GrantOption =
  | Permission
  | (Pick<Grant, 'permission'> & Partial<Pick<Grant, 'projects' | 'environments' | 'tenants'>>);

export interface UserOptions {
  readonly username: string;
  readonly displayName?: string;
  readonly emailAddress?: string;
  readonly isService?: boolean;
  /** Names of teams; one that is missing is added without permissions. */
  readonly teams?: readonly string[];
  readonly permissions?: readonly GrantOption[];
  /** Where it has the permissions; the default space if absent. */
  readonly space?: Space;
  readonly apiKey?: string;
}

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

export interface ParkOptions
  extends RunOptions,
    Omit<Partial<InterruptionOptions>, 'instructions' | 'onAnswer'> {
  /** The Instructions; a function gets the run that they are for. */
  readonly instructions?: string | ((run: Run) => string);
  /** The link to the change request, for instructions that end with its park line. */
  readonly changeRequest?: string;
  /** How long the task works after a `Proceed`; 0 by default. */
  readonly workMs?: number;
}

export interface Artifact {
  readonly id: string;
  readonly filename: string;
  readonly run: Run;
  readonly createdMs: number;
  readonly content: Buffer;
}

/**
 * What the server knows and does, without its API. There are no timers: what is due later happens when somebody looks
 * next (`catchUp`).
 */
export class OctopusModel {
  /** The server's own address, as `Octopus.Web.ServerUri` gives it. */
  serverUri = 'https://octopus.acme.example';
  readonly behaviour: OctopusBehaviour;
  readonly spaces: Space[] = [];
  readonly teams: Team[] = [];
  readonly users: User[] = [];
  readonly tasks: Task[] = [];
  readonly runs: Run[] = [];
  /** Every one, answered or not, oldest first. */
  readonly interruptions: Interruption[] = [];
  readonly artifacts: Artifact[] = [];
  readonly queue: TaskQueue;
  readonly keys = new Map<string, User>();
  /** Bearer tokens. */
  readonly accessTokens = new Map<string, User>();
  readonly #clock: SiteClock;
  readonly #schedule = new Schedule<OctopusModel>();
  readonly #counts = new Map<string, number>();
  readonly #named = new Map<string, Named>();
  #eventMs: number | undefined;

  constructor({ clock = new OffsetClock(), cap = 5, behaviour = {} }: ModelOptions = {}) {
    this.#clock = clock;
    this.behaviour = { ...defaultBehaviour(), ...behaviour };
    this.queue = new TaskQueue(cap, () => this.now());
    this.addSpace('Default');
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

  get defaultSpace(): Space {
    const [first] = this.spaces;
    if (first === undefined) throw new Error('There is no space.');
    return first;
  }

  addSpace(name: string): Space {
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const space = { id: this.nextId('Spaces'), name, slug };
    this.spaces.push(space);
    return space;
  }

  /** The team of this name, which is added if it is missing. */
  team(name: string): Team {
    const known = this.teams.find((team) => team.name === name);
    if (known !== undefined) return known;
    const team = { id: this.nextId('Teams'), name, grants: [] };
    this.teams.push(team);
    return team;
  }

  addUser(options: UserOptions): User {
    const { username, space = this.defaultSpace } = options;
    const id = this.nextId('Users');
    const user: User = {
      id,
      username,
      displayName: options.displayName ?? username,
      emailAddress: options.emailAddress ?? `${username}@acme.example`,
      isService: options.isService ?? false,
      teams: (options.teams ?? []).map((name) => this.team(name)),
      grants: (options.permissions ?? []).map((grant) => ({
        ...(typeof grant === 'string' ? { permission: grant } : grant),
        spaceId: space.id,
      })),
      apiKey:
        options.apiKey ?? `API-STANDIN${username.toUpperCase().replace(/[^A-Z0-9]/g, '')}${id.slice(6)}`,
    };
    this.users.push(user);
    this.keys.set(user.apiKey, user);
    return user;
  }

  /** The project, environment or whatever of this kind and name; the same each time. */
  named(kind: string, space: Space, name: string): Named {
    const key = JSON.stringify([kind, space.id, name]);
    const known = this.#named.get(key) ?? { id: this.nextId(kind), name };
    this.#named.set(key, known);
    return known;
  }

  spaceOf({ spaceId }: Run): Space {
    return this.spaces.find((space) => space.id === spaceId) ?? this.defaultSpace;
  }

  /** A run with its task, which nothing has started yet. */
  addRun(options: RunOptions = {}): Task {
    const { space = this.defaultSpace } = options;
    const { project = 'Web Site', environment = 'Production', release = '1.0.1', tenant, runbook } = options;
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

  /** A run that has come to its manual intervention, without any process: it holds no slot. */
  park(options: ParkOptions = {}): Interruption {
    const { workMs = 0, instructions, changeRequest, title = 'Wait for approval', ...others } = options;
    const task = this.addRun(others);
    task.startedMs = task.queuedMs;
    const text =
      typeof instructions === 'function'
        ? instructions(task.run)
        : (instructions ??
          this.parkedInstructions(task.run, changeRequest ?? 'https://acme.example/browse/CHG-1'));
    const interruption = this.interrupt(task, {
      ...others,
      title,
      instructions: text,
      onAnswer: ({ given }) =>
        this.queue.enter(task, () =>
          given === 'Proceed'
            ? this.after(workMs, () => this.finish(task, 'Success'))
            : this.finish(task, 'Failed', `${title}: aborted`),
        ),
    });
    this.queue.pause(task);
    return interruption;
  }

  /** Instructions that end with a park line. */
  parkedInstructions(run: Run, changeRequest: string): string {
    const line = `Parked: ${changeRequest} ${this.serverUri} ${run.spaceId} ${run.id}`;
    return `Waiting for the approval of [the change request](${changeRequest}).\n\n${line}`;
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

  addArtifact(run: Run, filename: string, content: Buffer): Artifact {
    const artifact = { id: this.nextId('Artifacts'), filename, run, createdMs: this.now(), content };
    this.artifacts.push(artifact);
    return artifact;
  }

  nextId(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}-${count}`;
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
