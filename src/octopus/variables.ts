import { foldedName, type VariableName } from './variable-names.ts';
import { matchPattern, type VariablePattern } from './variable-patterns.ts';

/** The Octopus variables of a run. Their names ignore case, as in Octopus; a missing variable is empty. */
export class Variables {
  readonly #values: ReadonlyMap<string, { readonly name: string; readonly value: string }>;

  /** @param entries environment entries; those that are not Octopus variables are harmless */
  constructor(entries: Readonly<Record<string, string | undefined>>) {
    const values = new Map<string, { name: string; value: string }>();
    for (const [name, value] of Object.entries(entries)) {
      if (value === undefined) continue;
      const folded = foldedName(name);
      // If two names differ only in case, the one with a value counts.
      if ((values.get(folded)?.value ?? '').trim() === '') values.set(folded, { name, value });
    }
    this.#values = values;
  }

  /** Returns the value unchanged; empty if the variable is missing. */
  raw(name: string): string {
    return this.#values.get(foldedName(name))?.value ?? '';
  }

  /** Returns the value without surrounding spaces. */
  get(name: VariableName): string {
    return this.raw(name).trim();
  }

  /** Returns the variables of a family, each with the text in its brackets. */
  family(pattern: VariablePattern): readonly { readonly inner: string; readonly value: string }[] {
    return [...this.#values.values()].flatMap(({ name, value }) => {
      const inner = matchPattern(pattern, name);
      return inner === undefined ? [] : [{ inner: inner.trim(), value }];
    });
  }

  /** Returns the same variables with other values. */
  map(change: (value: string) => string): Variables {
    return new Variables(
      Object.fromEntries([...this.#values.values()].map(({ name, value }) => [name, change(value)])),
    );
  }

  /** Returns the variables of a family that name a field and have a value. */
  fields(pattern: VariablePattern): readonly { readonly field: string; readonly value: string }[] {
    return this.family(pattern)
      .filter(({ inner, value }) => inner !== '' && value.trim() !== '')
      .map(({ inner, value }) => ({ field: inner, value }));
  }
}
