import type { Text } from '../domain/text.ts';
import { parameters } from '../octopus/parameters.ts';

/** Something wrong with the step's input; it names the variable and never shows a secret. */
export interface InputProblem {
  readonly variable: string;
  readonly message: Text;
}

/** Collects problems, so that one run reports all of them. */
export class InputProblems {
  readonly #problems: InputProblem[] = [];

  add(variable: string, message: Text): void {
    this.#problems.push({ variable, message });
  }

  get list(): readonly InputProblem[] {
    return this.#problems;
  }

  has(variable: string): boolean {
    return this.#problems.some((problem) => problem.variable === variable);
  }
}

/** M2: a parameter by its label and name, as the step's form shows it; any other variable by its name. */
export function shownName(variable: string): string {
  const label = parameters.find(({ name }) => name === variable)?.label;
  return label === undefined ? variable : `${label} (${variable})`;
}
