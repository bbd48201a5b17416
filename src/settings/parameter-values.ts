import { type Text, text } from '../domain/text.ts';
import type { VariableName } from '../octopus/variable-names.ts';
import type { Variables } from '../octopus/variables.ts';
import type { InputProblems } from './input-problems.ts';

const expression = /#\{[^}]*\}?/u;

/** Reads single parameters and notes what is wrong with them. Every reader gives a usable value even then. */
export class ParameterValues {
  readonly #variables: Variables;
  readonly #problems: InputProblems;

  constructor(variables: Variables, problems: InputProblems) {
    this.#variables = variables;
    this.#problems = problems;
  }

  /** The value, trimmed; one with an unresolved expression is noted and counts as blank. */
  text(name: VariableName): string {
    const value = this.#variables.get(name);
    if (!expression.test(value)) return value;
    const shown = name === 'JsmChange.Token' ? text`` : text`: ${expression.exec(value)?.[0] ?? ''}`;
    this.#problems.add(
      name,
      text`holds an Octopus expression that was not resolved${shown}. Check the variable that it names, and its scope.`,
    );
    return '';
  }

  required(name: VariableName, what: Text): string {
    const before = this.#problems.list.length;
    const value = this.text(name);
    if (value === '' && this.#problems.list.length === before)
      this.#problems.add(name, text`is blank: ${what}.`);
    return value;
  }

  choice<const Choice extends string>(
    name: VariableName,
    choices: readonly Choice[],
    fallback: Choice,
  ): Choice {
    const value = this.text(name);
    if (value === '') return fallback;
    const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (chosen === undefined)
      this.#problems.add(name, text`is "${value}"; expected one of: ${choices.join(', ')}.`);
    return chosen ?? fallback;
  }

  /** An Octopus checkbox: `True` or `False` in any case. */
  checkbox(name: VariableName, fallback: boolean): boolean {
    const value = this.text(name).toLowerCase();
    if (value === '') return fallback;
    if (value !== 'true' && value !== 'false') {
      this.#problems.add(name, text`is "${this.#variables.get(name)}"; expected True or False.`);
      return fallback;
    }
    return value === 'true';
  }

  /** A whole number between two bounds, both included. */
  wholeNumber(
    name: VariableName,
    range: { readonly from: number; readonly to: number },
    fallback: number,
  ): number {
    const value = this.text(name);
    if (value === '') return fallback;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.from && number <= range.to) return number;
    this.#problems.add(name, text`is "${value}"; expected a whole number from ${range.from} to ${range.to}.`);
    return fallback;
  }

  /** One entry a line; undefined when there is none. */
  lines(name: VariableName): readonly string[] | undefined {
    return list(this.text(name), /[\r\n]+/u);
  }

  /** Entries separated by commas or line ends. */
  commaList(name: VariableName): readonly string[] {
    return list(this.text(name), /[,;\r\n]+/u) ?? [];
  }
}

function list(value: string, separator: RegExp): readonly string[] | undefined {
  const entries = value
    .split(separator)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.length === 0 ? undefined : entries;
}
