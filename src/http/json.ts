import { parseInstant } from '../domain/instant.ts';
import { wellFormed } from '../domain/text.ts';

/** Readers of values from JSON: each accepts `unknown`, and returns a value of its type or undefined. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper than anything that Jira sends, and far below what overflows the stack. */
const deepestJson = 500;

/** `JSON.parse` for text from outside; undefined if it is not JSON, or too deep to be serialized again. */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at];
    if (mark === '"') isInString = !isInString;
    else if (isInString) at += mark === '\\' ? 1 : 0;
    else if (mark === '[' || mark === '{') depth += 1;
    else if (mark === ']' || mark === '}') depth -= 1;
    if (depth > deepestJson) return true;
  }
  return false;
}

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

/** A string, or a number, as Jira gives some ids. A lone surrogate becomes U+FFFD: no URL can contain it. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : asWords(value);
}

/** A string, for values such as a name or a summary, which Jira never gives as numbers. */
export function asWords(value: unknown): string | undefined {
  return typeof value === 'string' ? wellFormed(value) : undefined;
}

/** A date-time with its offset, as Jira writes it: `2026-06-13T10:00:00.000+1000`. */
export function asInstant(value: unknown): Date | undefined {
  const parsed = typeof value === 'string' ? parseInstant(value, 'start', undefined) : undefined;
  return parsed?.kind === 'instant' ? parsed.at : undefined;
}

/** Thrown for an answer of unexpected shape (F5). The message names what is missing, and quotes nothing. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** The result of a reader; undefined if it throws a ShapeError. */
export function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ShapeError(`the answer has no ${what}`);
  return value;
}
