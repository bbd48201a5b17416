import type { Level } from '../../black-box/task-log.ts';

/** When a step runs; a variable expression has to evaluate to true. */
export type Condition = 'Success' | 'Failure' | 'Always' | { readonly variable: string };

interface AnyStep {
  readonly name: string;
  /** `Success` by default. */
  readonly condition?: Condition;
  /** Runs in parallel with the previous step. */
  readonly startsWithPrevious?: boolean;
  readonly isDisabled?: boolean;
}

/** What a script has available. */
interface ScriptRun {
  /** Every variable of the step, evaluated. */
  readonly variables: Readonly<Record<string, string>>;
  /** The script's working folder, which is removed afterwards. */
  readonly folder: string;
  /** Accepts the script's output, including service messages, in pieces of any size. */
  readonly print: (output: string) => void;
  /** Accepts the script's error output, which contains only lines. */
  readonly printError: (output: string) => void;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
}

/** Runs to its end, and resolves with the exit code. */
export type Script = (run: ScriptRun) => Promise<number>;

export interface ScriptStep extends AnyStep {
  readonly kind: 'script';
  readonly script: Script;
  /** The step template's parameters, which may contain expressions. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Octopus' Manual Intervention. */
export interface ManualStep extends AnyStep {
  readonly kind: 'manual';
  /** Markdown, which may contain expressions. */
  readonly instructions: string;
  /** Names of teams. */
  readonly responsibleTeams?: readonly string[];
  /** While it waits, no other deployment of the project, environment and tenant starts. */
  readonly blocksOthers?: boolean;
  /** A child of a step with targets: it does not pause the task, which keeps its slot. */
  readonly isChild?: boolean;
}

export type Step = ScriptStep | ManualStep;

export interface Process {
  readonly steps: readonly Step[];
  /** The project's variables, which may contain expressions. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The result of one step. */
export interface StepResult {
  readonly name: string;
  readonly status: 'Succeeded' | 'Failed' | 'Skipped';
  readonly exitCode: number | undefined;
  readonly lines: readonly { readonly level: Level; readonly text: string }[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The output of the step's script. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Groups steps that start together. */
export function groupsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (step.startsWithPrevious === true && last !== undefined) last.push(step);
    else groups.push([step]);
  }
  return groups;
}
