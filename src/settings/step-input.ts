import { partsOf, type Text, text } from '../domain/text.ts';
import { type ParameterName, parameters } from '../octopus/parameters.ts';
import { shortestToken } from '../octopus/secrets.ts';
import type { VariableName } from '../octopus/variable-names.ts';
import type { Variables } from '../octopus/variables.ts';
import type { InputProblem } from './input-problem.ts';

const defaults = Object.fromEntries(
  parameters.map(({ name, defaultValue }) => [name, defaultValue]),
) as Readonly<Record<ParameterName, string>>;

/** Returns the unresolved Octopus expression in a value, as far as it can be recognized. */
export function unresolvedExpression(value: string): string | undefined {
  return /#\{[^}]*\}?/u.exec(value)?.[0];
}

/**
 * Reads the step's parameters and notes their problems, so that one run reports all of them. Even if there is
 * a problem, every method returns a usable value; an empty parameter has its default.
 */
export class StepInput {
  readonly variables: Variables;
  readonly #problems: InputProblem[] = [];

  constructor(variables: Variables) {
    this.variables = variables;
  }

  get problems(): readonly InputProblem[] {
    return this.#problems;
  }

  note(variable: string, message: Text): void {
    this.#problems.push({ variable, message });
  }

  isWrong(variable: string): boolean {
    return this.#problems.some((problem) => problem.variable === variable);
  }

  /** Returns the trimmed value. A value with an unresolved expression is noted, and counts as empty. */
  given(name: VariableName): string {
    const value = this.variables.get(name);
    const expression = unresolvedExpression(value);
    if (expression === undefined) return value;
    // X3: in a token, the expression may be part of the secret.
    this.note(name, unresolved(/Token|Key$/.test(name) ? undefined : expression));
    return '';
  }

  /** Returns the value, or the parameter's default. */
  text(name: ParameterName): string {
    return this.given(name) || defaults[name];
  }

  /** @param what completes "is empty:" */
  required(name: ParameterName, what: Text): string {
    const value = this.given(name);
    if (value === '' && !this.isWrong(name)) this.note(name, text`is empty: ${what}.`);
    return value;
  }

  /** I9: notes what is wrong with a token, unless it is empty. */
  checkToken(variable: string, username: string, token: string): void {
    const fault = token === '' ? undefined : tokenFault(username, token);
    if (fault !== undefined) this.note(variable, fault);
  }

  /** Returns one of the choices; case is ignored. */
  choice<const Choice extends string>(name: ParameterName, choices: readonly Choice[]): Choice {
    const value = this.text(name);
    const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (chosen === undefined) this.note(name, text`is "${value}"; expected one of: ${choices.join(', ')}.`);
    return chosen ?? (defaults[name] as Choice);
  }

  /** Returns the value of an Octopus checkbox: `True` or `False`; case is ignored. */
  checkbox(name: ParameterName): boolean {
    const value = this.text(name).toLowerCase();
    if (value !== 'true' && value !== 'false') {
      this.note(name, text`is "${this.variables.get(name)}"; expected True or False.`);
      return defaults[name] === 'True';
    }
    return value === 'true';
  }

  /** Returns a whole number in a range; both bounds are inclusive. */
  wholeNumber(name: ParameterName, range: { readonly from: number; readonly to: number }): number {
    const value = this.text(name);
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.from && number <= range.to) return number;
    this.note(name, text`is "${value}"; expected a whole number from ${range.from} to ${range.to}.`);
    return Number(defaults[name]);
  }

  /** Returns one entry per line; undefined if there are none. */
  lines(name: ParameterName): readonly string[] | undefined {
    const entries = partsOf(this.given(name), /[\r\n]+/u);
    return entries.length === 0 ? undefined : entries;
  }

  /** Returns the entries, which commas, semicolons or line breaks separate. */
  commaList(name: ParameterName): readonly string[] {
    return partsOf(this.given(name), /[,;\r\n]+/u);
  }
}

/** @param expression undefined if it must not be shown */
export function unresolved(expression: string | undefined): Text {
  const shown = expression === undefined ? text`` : text`: ${expression}`;
  return text`contains an Octopus expression that was not resolved${shown}. Check the variable it names, and its scope.`;
}

/**
 * Returns what is wrong with a token. A header cannot contain line breaks or control characters, and a token
 * without a user name is sent in a header as it is.
 */
function tokenFault(username: string, token: string): Text | undefined {
  if (/[\0-\x1F\x7F-\x9F]/.test(token)) return text`contains a line break or a control character.`;
  if (token.length < shortestToken)
    return text`is shorter than ${shortestToken} characters, so it cannot be an API token.`;
  return username === '' && /[^\x20-\x7e]/.test(token)
    ? text`contains a character that personal access tokens never have.`
    : undefined;
}
