import { type Text, text } from '../domain/text.ts';
import { parameters } from '../octopus/parameters.ts';

/** A problem with the step's input. It names the variable and never shows a secret. */
export interface InputProblem {
  readonly variable: string;
  readonly message: Text;
}

/** M2: returns a parameter's label and name, as the step's form shows them; any other variable's name. */
export function shownName(variable: string): string {
  const label = parameters.find(({ name }) => name === variable)?.label;
  return label === undefined ? variable : `${label} (${variable})`;
}

export function shownProblem({ variable, message }: InputProblem): Text {
  return text`${shownName(variable)} ${message}`;
}
