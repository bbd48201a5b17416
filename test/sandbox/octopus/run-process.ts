import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTaskLog } from '../../black-box/task-log.ts';
import { evaluate, isTruthy, type Lookup, lookupIn } from './expression.ts';
import type { Answer, Guidance } from './interruption.ts';
import type { OctopusModel } from './model.ts';
import {
  groupsOf,
  type ManualStep,
  type Process,
  type ScriptStep,
  type Step,
  type StepResult,
} from './process.ts';
import { runVariables } from './run-variables.ts';
import { hasEnded, type Task } from './task.ts';

/** How a run ended. */
export interface RunResult {
  readonly task: Task;
  readonly steps: readonly StepResult[];
}

/** One run of a process, as the server carries it out. */
class ProcessRun {
  readonly #octopus: OctopusModel;
  readonly #task: Task;
  readonly #process: Process;
  readonly #outputs: Record<string, string> = {};
  readonly #results: StepResult[] = [];
  #error: string | undefined;

  constructor(octopus: OctopusModel, task: Task, process: Process) {
    this.#octopus = octopus;
    this.#task = task;
    this.#process = process;
  }

  async toEnd(): Promise<RunResult> {
    await this.#until((goOn) => this.#octopus.queue.enter(this.#task, () => goOn(undefined)));
    try {
      await this.#steps();
    } catch (error) {
      this.#octopus.finish(this.#task, 'Failed', String(error));
      throw error;
    }
    this.#octopus.finish(this.#task, this.#error === undefined ? 'Success' : 'Failed', this.#error);
    return { task: this.#task, steps: this.#results };
  }

  async #steps(): Promise<void> {
    for (const group of groupsOf(this.#process.steps)) {
      if (hasEnded(this.#task)) break;
      const due = group.filter((step) => this.#isDue(step));
      for (const { name } of group.filter((step) => !due.includes(step))) this.#note(name, 'Skipped');
      await Promise.all(due.map((step) => (step.kind === 'script' ? this.#script(step) : undefined)));
      // Steps that run in parallel with a manual intervention end before the task pauses.
      for (const step of due) {
        if (step.kind === 'manual' && !hasEnded(this.#task)) await this.#intervention(step);
      }
    }
  }

  /** Waits for an event of the task; undefined if the task is cancelled before. */
  #until<Value>(start: (happened: (value: Value) => void) => void): Promise<Value | undefined> {
    const { signal } = this.#task.cancellation;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const stop = (): void => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
      start((value) => {
        signal.removeEventListener('abort', stop);
        resolve(value);
      });
    });
  }

  #isDue({ condition = 'Success', isDisabled = false }: Step): boolean {
    if (isDisabled) return false;
    if (typeof condition === 'object') return isTruthy(evaluate(condition.variable, this.#lookup()));
    return condition === 'Always' || (condition === 'Success') === (this.#error === undefined);
  }

  #variables(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      ...this.#process.variables,
      ...more,
      ...this.#outputs,
      ...runVariables(this.#octopus, this.#task),
      ...(this.#error !== undefined && {
        'Octopus.Deployment.Error': this.#error,
        'Octopus.Deployment.ErrorDetail': this.#error,
      }),
    };
  }

  #lookup(): Lookup {
    return lookupIn(this.#variables());
  }

  async #script(step: ScriptStep): Promise<void> {
    for (;;) {
      const result = await this.#runScript(step);
      if (result.status === 'Succeeded' || hasEnded(this.#task)) return;
      const guidance = await this.#guidanceFor(step.name);
      if (guidance === 'Fail') return this.#fail(this.#reasonOf(result));
      if (guidance !== 'Retry') return;
    }
  }

  async #runScript({ name, script, parameters = {} }: ScriptStep): Promise<StepResult> {
    const given = this.#variables({ ...parameters, 'Octopus.Action.Name': name, 'Octopus.Step.Name': name });
    const lookup = lookupIn(given);
    const variables = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, evaluate(value, lookup)]),
    );
    this.#task.steps.set(name, 'Running');
    const folder = await mkdtemp(join(tmpdir(), 'octopus-step-'));
    const printed = { stdout: '', stderr: '' };
    try {
      const exitCode = await script({
        variables,
        folder,
        signal: this.#task.cancellation.signal,
        print: (text) => {
          printed.stdout += text;
        },
        printError: (text) => {
          printed.stderr += text;
        },
      });
      await this.#collect(printed.stdout);
      return this.#take(name, exitCode, printed);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Records what a script printed: its lines and its output variables. */
  #take(name: string, exitCode: number, printed: { stdout: string; stderr: string }): StepResult {
    const { outputs, ...log } = readTaskLog(printed.stdout);
    const errors = printed.stderr.split(/\r?\n/).filter((text) => text !== '');
    const lines = [...log.lines, ...errors.map((text) => ({ level: 'error' as const, text }))];
    const atMs = this.#octopus.now();
    this.#task.log.push(...lines.map((line) => ({ step: name, ...line, atMs })));
    this.#setOutputs(name, outputs);
    return this.#note(name, exitCode === 0 ? 'Succeeded' : 'Failed', {
      exitCode,
      lines,
      outputs,
      ...printed,
    });
  }

  #setOutputs(step: string, outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) {
      this.#outputs[`Octopus.Action[${step}].Output.${name}`] = value;
    }
  }

  /** Collects the artifacts that a script announced, from its worker. */
  async #collect(stdout: string): Promise<void> {
    const announced = readTaskLog(stdout).messages.filter(({ name }) => name === 'createArtifact');
    for (const { attributes } of announced) {
      const content = await readFile(attributes['path'] ?? '', 'utf8');
      this.#octopus.addArtifact(this.#task.run, attributes['name'] ?? '', content);
    }
  }

  #note(name: string, status: StepResult['status'], more: Partial<StepResult> = {}): StepResult {
    const result = {
      name,
      status,
      exitCode: undefined,
      lines: [],
      outputs: {},
      stdout: '',
      stderr: '',
      ...more,
    };
    this.#results.push(result);
    this.#task.steps.set(name, status === 'Succeeded' ? 'Success' : status);
    return result;
  }

  #reasonOf({ name, exitCode, stdout }: StepResult): string {
    return readTaskLog(stdout).result ?? `${name}: the script returned exit code ${exitCode}`;
  }

  #fail(error: string): void {
    this.#error ??= error;
    this.#task.run.hasFailed = true;
  }

  /** Returns what to do about a failure. While somebody is asked, the task keeps its slot. */
  async #guidanceFor(name: string): Promise<Guidance> {
    if (!this.#task.run.usesGuidedFailure) return 'Fail';
    const answer = await this.#until<Answer>((onAnswer) =>
      this.#octopus.interrupt(this.#task, {
        title: `${name} requires failure guidance`,
        type: 'GuidedFailure',
        instructions: `The step ${name} failed.`,
        onAnswer,
      }),
    );
    const given = answer?.given;
    return given === 'Retry' || given === 'Ignore' || given === 'Exclude' ? given : 'Fail';
  }

  async #intervention(step: ManualStep): Promise<void> {
    const { name, responsibleTeams = [], isChild = false } = step;
    const instructions = evaluate(step.instructions, this.#lookup());
    this.#task.steps.set(name, 'Running');
    const { queue } = this.#octopus;
    const answer = await this.#until<Answer>((goOn) => {
      const onAnswer = isChild ? goOn : (given: Answer): void => queue.enter(this.#task, () => goOn(given));
      this.#octopus.interrupt(this.#task, { title: name, instructions, responsibleTeams, onAnswer });
      this.#task.blocksOthers = step.blocksOthers ?? false;
      if (!isChild) queue.pause(this.#task);
    });
    if (answer === undefined) return;
    const { given, notes, by } = answer;
    const outputs = {
      'Manual.Approved': given === 'Proceed' ? 'True' : 'False',
      'Manual.Notes': notes,
      'Manual.ResponsibleUser.Id': by.id,
      'Manual.ResponsibleUser.Username': by.username,
      'Manual.ResponsibleUser.DisplayName': by.displayName,
      'Manual.ResponsibleUser.EmailAddress': by.emailAddress,
    };
    this.#setOutputs(name, outputs);
    this.#note(name, given === 'Proceed' ? 'Succeeded' : 'Failed', { outputs });
    if (given === 'Proceed') return;
    const guidance = this.#octopus.behaviour.asksAfterAbort ? await this.#guidanceFor(name) : 'Fail';
    if (guidance === 'Fail')
      this.#fail(`${name}: aborted by ${by.displayName}${notes === '' ? '' : `: ${notes}`}`);
  }
}

/** Runs a process, from the wait for its first slot to the end of the task. */
export function runProcess(octopus: OctopusModel, task: Task, process: Process): Promise<RunResult> {
  return new ProcessRun(octopus, task, process).toEnd();
}
