import { hasEnded, type Task } from './task.ts';

/** How busy the server was, from this time on. */
export interface QueuePoint {
  readonly atMs: number;
  /** Slots of the task cap in use. */
  readonly slots: number;
  /** Tasks that wait for a slot. */
  readonly queued: number;
  /** Tasks that wait in a manual intervention, without a slot. */
  readonly paused: number;
}

/**
 * The task cap of one node: a limited number of tasks run at a time, the others wait in order. Only one
 * deployment per project, environment and tenant runs at a time; a paused one lets others pass unless it
 * blocks them.
 */
export class TaskQueue {
  /** The maximum number of tasks that run at the same time. */
  cap: number;
  readonly timeline: QueuePoint[] = [];
  readonly #now: () => number;
  readonly #running = new Set<Task>();
  readonly #paused = new Set<Task>();
  #waiting: { readonly task: Task; readonly start: () => void }[] = [];

  constructor(cap: number, now: () => number) {
    this.cap = cap;
    this.#now = now;
    this.#record();
  }

  /** Queues the task, and calls `start` as soon as it gets a slot. */
  enter(task: Task, start: () => void): void {
    this.#paused.delete(task);
    task.blocksOthers = false;
    task.state = 'Queued';
    this.#waiting.push({ task, start });
    this.#fill();
  }

  /** Frees the slot until the task enters again. */
  pause(task: Task): void {
    task.state = 'Queued';
    this.#running.delete(task);
    this.#paused.add(task);
    this.#fill();
  }

  /** Removes a task that has ended, wherever it is. */
  leave(task: Task): void {
    this.#running.delete(task);
    this.#paused.delete(task);
    this.#waiting = this.#waiting.filter((entry) => entry.task !== task);
    this.#fill();
  }

  /** Returns the tasks that are running, and those that are ahead in the queue. */
  before(task: Task): readonly Task[] {
    const place = this.#waiting.findIndex((entry) => entry.task === task);
    return place < 0 ? [] : [...this.#running, ...this.#waiting.slice(0, place).map((entry) => entry.task)];
  }

  #fill(): void {
    while (this.#running.size < this.cap) {
      const next = this.#waiting.find(({ task }) => this.#mayRun(task));
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((entry) => entry !== next);
      this.#running.add(next.task);
      next.task.state = 'Executing';
      next.task.startedMs ??= this.#now();
      next.start();
    }
    this.#record();
  }

  #mayRun(task: Task): boolean {
    const group = groupOf(task);
    if (group === undefined) return true;
    const others = [...this.#running, ...[...this.#paused].filter((other) => other.blocksOthers)];
    return !others.some((other) => groupOf(other) === group && !hasEnded(other));
  }

  #record(): void {
    const point = {
      atMs: this.#now(),
      slots: this.#running.size,
      queued: this.#waiting.length,
      paused: this.#paused.size,
    };
    const last = this.timeline.at(-1);
    const isNews =
      last?.slots !== point.slots || last.queued !== point.queued || last.paused !== point.paused;
    if (isNews) this.timeline.push(point);
  }
}

/**
 * Returns the group of which one task runs at a time; undefined for a runbook run, of which any number run at
 * a time.
 */
export function groupOf({ run }: Task): string | undefined {
  return run.runbook === undefined
    ? JSON.stringify([run.spaceId, run.project.id, run.environment.id, run.tenant?.id])
    : undefined;
}
