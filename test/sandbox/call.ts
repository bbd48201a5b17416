import type { Account } from './account.ts';
import type { Reply } from './exchange.ts';
import type { ChangeModel } from './model.ts';

/** One request, ready for its route. */
export interface Call {
  site: ChangeModel;
  method: string;
  /** The path after the context path and the gateway's prefix, without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** The JSON of the body; undefined if there is none. */
  body: unknown;
  /** Undefined for an anonymous caller. */
  account: Account | undefined;
  /** The base of links in the answer: the gateway's address for a call through the gateway. */
  base: string;
  /** Whether the request wants names in English or in the account's language. */
  english: boolean;
  /** The parts of the path that the route's pattern captures. */
  parts: readonly string[];
  /** Path and query, which identify the answer in the cache. */
  asked: string;
}

export interface Route {
  method: string;
  pattern: RegExp;
  /** The classic scope that a scoped token needs. */
  scope?: string;
  /** Anonymous callers are refused with 401. */
  needsLogin?: boolean;
  answer: (call: Call) => Reply;
}

/** Returns a name in the language that the request wants. */
export function translated(call: Call, name: string): string {
  return call.english ? name : (call.site.behaviour.translations[name] ?? name);
}

/** Returns true if the caller can see issues through the platform's API. */
export function maySee(call: Call): boolean {
  return call.account !== undefined && call.site.behaviour.permissions.browse;
}

/** Returns a number from the query, or the default if it has none. */
export function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : otherwise;
}
