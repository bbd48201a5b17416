/**
 * Returns how a value violates policy.schema.json; empty if it does not. `npm run schema` generates the
 * module; it is not committed.
 */
export function schemaErrors(value: unknown): readonly SchemaError[];

export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What is expected at each place of a policy, in words, and the keys known there; `*` means any index. */
export const shapes: Readonly<
  Record<string, { readonly expected: string; readonly keys?: readonly string[] }>
>;
