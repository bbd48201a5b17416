import { foldedName, type VariableName } from './variable-names.ts';
import { matchPattern, type VariablePattern } from './variable-patterns.ts';

/** The Octopus variables of a run. Their names ignore case, as Octopus' own do; a missing variable is empty. */
export class Variables {
  readonly #values: ReadonlyMap<string, { readonly name: string; readonly value: string }>;

  /** @param entries environment entries; those that are not Octopus variables do no harm */
  constructor(entries: Readonly<Record<string, string | undefined>>) {
    const values = new Map<string, { name: string; value: string }>();
    for (const [name, value] of Object.entries(entries)) {
      if (value === undefined) continue;
      const folded = foldedName(name);
      // Of two entries that differ only in case, one with a value counts.
      if ((values.get(folded)?.value ?? '').trim() === '') values.set(folded, { name, value });
    }
    this.#values = values;
  }

  /** The value as it is; empty if there is none. */
  raw(name: string): string {
    return this.#values.get(foldedName(name))?.value ?? '';
  }

  /** The value without surrounding spaces. */
  get(name: VariableName): string {
    return this.raw(name).trim();
  }

  /** The variables of a family, by the text in their brackets. */
  family(pattern: VariablePattern): readonly { readonly inner: string; readonly value: string }[] {
    return [...this.#values.values()].flatMap(({ name, value }) => {
      const inner = matchPattern(pattern, name);
      return inner === undefined ? [] : [{ inner: inner.trim(), value }];
    });
  }

  /** The same variables with other values. */
  map(change: (value: string) => string): Variables {
    return new Variables(
      Object.fromEntries([...this.#values.values()].map(({ name, value }) => [name, change(value)])),
    );
  }

  /** The variables of a family that are named for fields and have a value. */
  fields(pattern: VariablePattern): readonly { readonly field: string; readonly value: string }[] {
    return this.family(pattern)
      .filter(({ inner, value }) => inner !== '' && value.trim() !== '')
      .map(({ inner, value }) => ({ field: inner, value }));
  }
}
