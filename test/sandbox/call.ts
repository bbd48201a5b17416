import type { Account } from './account.ts';
import type { Reply } from './exchange.ts';
import type { ChangeModel } from './model.ts';

/** One request, ready for its route. */
export interface Call {
  site: ChangeModel;
  method: string;
  /** Path after the context path and the gateway's prefix, without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** The JSON of the body; undefined if there is none. */
  body: unknown;
  /** Undefined: anonymous. */
  account: Account | undefined;
  /** What links in the answer begin with: the gateway's address for a call through it. */
  base: string;
  /** The names that the request wants, English or the account's language. */
  english: boolean;
  /** The parts of the path that the route's pattern captures. */
  parts: readonly string[];
  /** Path and query, to distinguish answers. */
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

/** A name in the language that the request wants. */
export function translated(call: Call, name: string): string {
  return call.english ? name : (call.site.behaviour.translations[name] ?? name);
}

/** Whether the caller sees issues through the platform's API. */
export function maySee(call: Call): boolean {
  return call.account !== undefined && call.site.behaviour.permissions.browse;
}

/** A number in the query, or what is used without it. */
export function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : otherwise;
}
