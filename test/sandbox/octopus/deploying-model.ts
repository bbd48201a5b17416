import { randomUUID } from 'node:crypto';
import type { Space } from './directory.ts';
import type { Interruption } from './interruption.ts';
import {
  type InterruptionOptions,
  OctopusModel,
  type RunOptions,
  usualEnvironment,
  usualProject,
} from './model.ts';
import type { Process } from './process.ts';
import type { Run } from './run.ts';
import { type RunResult, runProcess } from './run-process.ts';
import type { Task } from './task.ts';
import { TemplateStore } from './template-store.ts';

export interface ParkOptions
  extends RunOptions,
    Omit<Partial<InterruptionOptions>, 'instructions' | 'onAnswer'> {
  /** The Instructions; a function receives their run. */
  readonly instructions?: string | ((run: Run) => string);
  /** The link to the change request, for instructions that end with its park line. */
  readonly changeRequest?: string;
  /** How long the task works after a `Proceed`; 0 by default. */
  readonly workMs?: number;
}

interface DeployOptions extends RunOptions {
  /** By default the process of the project or the runbook. */
  readonly process?: Process;
}

/** A run that was started. */
export interface Started {
  readonly task: Task;
  readonly ended: Promise<RunResult>;
}

/** The owner of a process: a project, or a runbook in it. */
type ProcessOf = Pick<RunOptions, 'space' | 'project' | 'runbook'>;

/** A trigger that starts a runbook when its address is called. */
interface Webhook {
  readonly id: string;
  readonly space: Space;
  readonly project: string;
  readonly environment: string;
  readonly runbook: string;
  /** The trigger's name. */
  readonly trigger: string;
  /** Undefined if an API key is required instead. */
  readonly secret: string | undefined;
  /** The path after the server's address. */
  readonly path: string;
}

/** Starts runs: for real, or parked without running anything. */
export class DeployingModel extends OctopusModel {
  readonly webhooks: Webhook[] = [];
  readonly stepTemplates = new TemplateStore(this);
  readonly #processes = new Map<string, Process>();

  /** Sets the process of a project, or of one of its runbooks. */
  setProcess(process: Process, of: ProcessOf = {}): void {
    this.#processes.set(this.#key(of), process);
  }

  processOf(of: ProcessOf): Process | undefined {
    return this.#processes.get(this.#key(of));
  }

  #key({ space = this.defaultSpace, project = usualProject, runbook }: ProcessOf): string {
    return JSON.stringify([space.id, project, runbook]);
  }

  /** Queues a deployment or a runbook run, and really runs its process. */
  deploy(options: DeployOptions = {}): Started {
    const { process = this.processOf(options), ...run } = options;
    if (process === undefined) throw new Error('There is no process to run.');
    const task = this.addRun(run);
    return { task, ended: runProcess(this, task, process) };
  }

  /** Does the same for callers of the API, which do not wait: errors are in the task's log. */
  start(options: DeployOptions): Task {
    const { task, ended } = this.deploy(options);
    ended.catch((error) => {
      task.log.push({ step: 'Process', level: 'error', text: String(error), atMs: this.now() });
    });
    return task;
  }

  addWebhook(options: { project?: string; environment?: string; runbook: string; secret?: string }): Webhook {
    const { project = usualProject, environment = usualEnvironment, runbook, secret } = options;
    const space = this.defaultSpace;
    const id = randomUUID();
    const path = `/api/${space.id}/webhook/${id}`;
    const webhook = {
      id,
      space,
      project,
      environment,
      runbook,
      trigger: `Webhook of ${runbook}`,
      secret,
      path,
    };
    this.webhooks.push(webhook);
    return webhook;
  }

  /** Adds a run that waits in its manual intervention, without a process: it uses no slot. */
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

  /** Returns instructions that end with a park line. */
  parkedInstructions(run: Run, changeRequest: string): string {
    const line = `Parked: ${changeRequest} ${this.serverUri} ${run.spaceId} ${run.id}`;
    return `Waiting for the approval of [the change request](${changeRequest}).\n\n${line}`;
  }
}
