/** What `npm run schema` makes of policy.schema.json; it is not committed. Empty if the value fits the schema. */
export function schemaErrors(value: unknown): readonly SchemaError[];

export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What is expected at each place of a policy, in words, and the keys it knows; `*` means any index. */
export const shapes: Readonly<
  Record<string, { readonly expected: string; readonly keys?: readonly string[] }>
>;
