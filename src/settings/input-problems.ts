import type { Text } from '../domain/text.ts';

/** One thing that is wrong with the step's input; it names the variable and never shows a secret. */
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
}
