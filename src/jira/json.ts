/** Readers of values that came as JSON: `unknown` in, a value of the asked type or undefined out. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A string, or a number as Jira sometimes gives ids. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** An answer of another shape than the one needed (F5); the message names what lacks, never what came. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ShapeError(`the answer has no ${what}`);
  return value;
}
