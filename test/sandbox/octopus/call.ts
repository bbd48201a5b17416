import { isObject, type Reply } from '../exchange.ts';
import type { User } from './account.ts';
import type { DeployingModel } from './deploying-model.ts';
import type { Space } from './directory.ts';

/** One request, ready for its route. */
export interface Call {
  readonly octopus: DeployingModel;
  readonly user: User;
  readonly space: Space;
  readonly query: URLSearchParams;
  /** The JSON of the body; empty if there is none, or if it is not an object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The body as received. */
  readonly content: string;
  /** The path as received, without the query. */
  readonly path: string;
  /** The parts of the path that the route's pattern captures. */
  readonly parts: readonly string[];
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Matches the path after `/api` and the space. */
  readonly pattern: RegExp;
  /** True for a resource of the whole server, with no space in the path. */
  readonly isGlobal?: boolean;
  /** The body is a file, which need not be JSON. */
  readonly takesAnyBody?: boolean;
  readonly answer: (call: Call) => Reply;
}

/**
 * Returns a string from the body; undefined if it is missing or not a string. Names ignore case, as in
 * Octopus.
 */
export function textIn(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = valueIn(body, name);
  return typeof value === 'string' ? value : undefined;
}

export function textsIn(body: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = valueIn(body, name);
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

export function valueIn(body: Readonly<Record<string, unknown>>, name: string): unknown {
  const entry = Object.entries(body).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return entry?.[1];
}

export function readBody(text: string | undefined): Readonly<Record<string, unknown>> | 'unreadable' {
  if (text === undefined || text === '') return {};
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read) ? read : {};
  } catch {
    return 'unreadable';
  }
}
