import type { Level } from '../../black-box/task-log.ts';

/** When a step runs: a text is a variable expression, whose result has to be true. */
export type Condition = 'Success' | 'Failure' | 'Always' | { readonly variable: string };

interface AnyStep {
  readonly name: string;
  /** `Success` by default. */
  readonly condition?: Condition;
  /** Runs beside the step before it. */
  readonly startsWithPrevious?: boolean;
  readonly isDisabled?: boolean;
}

/** What a script gets to work with. */
interface ScriptRun {
  /** Every variable of the step, evaluated. */
  readonly variables: Readonly<Record<string, string>>;
  /** Its working folder, which is removed afterwards. */
  readonly folder: string;
  /** Takes what it prints, service messages included, however it is cut. */
  readonly print: (output: string) => void;
  /** The same for what it prints as errors, which are lines and nothing else. */
  readonly printError: (output: string) => void;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
}

/** Runs to its end and gives the exit code. */
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
  /** No other deployment of the project, environment and tenant starts meanwhile. */
  readonly blocksOthers?: boolean;
  /** A child of a step with targets: then it does not pause the task, which keeps its slot. */
  readonly isChild?: boolean;
}

export type Step = ScriptStep | ManualStep;

export interface Process {
  readonly steps: readonly Step[];
  /** The project's variables, which may contain expressions. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What came of one step. */
export interface StepResult {
  readonly name: string;
  readonly status: 'Succeeded' | 'Failed' | 'Skipped';
  readonly exitCode: number | undefined;
  readonly lines: readonly { readonly level: Level; readonly text: string }[];
  readonly outputs: Readonly<Record<string, string>>;
  /** What it printed. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Steps that start together. */
export function groupsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (step.startsWithPrevious === true && last !== undefined) last.push(step);
    else groups.push([step]);
  }
  return groups;
}
