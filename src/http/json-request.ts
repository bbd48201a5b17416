import type { HttpRequest } from './transport.ts';

export const readTimeoutMs = 30_000;
const writeTimeoutMs = 60_000;
/** F2: of the last request before the run's patience ends. */
const shortestTimeoutMs = 1000;

interface JsonCall {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly body?: unknown;
  readonly userAgent: string;
  /** Besides those that every request has. */
  readonly headers: Readonly<Record<string, string>>;
  /** It gets more time than a read, and a connection of its own (C3). */
  readonly isWrite: boolean;
}

/** A request for JSON, with a JSON body if there is one. */
export function jsonRequest({ method, url, body, userAgent, headers, isWrite }: JsonCall): HttpRequest {
  return {
    method,
    url,
    headers: {
      Accept: 'application/json',
      'Cache-Control': 'no-cache',
      'User-Agent': userAgent,
      ...headers,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutMs: isWrite ? writeTimeoutMs : readTimeoutMs,
    freshConnection: isWrite,
  };
}

/** How long a request is waited for: little longer than the `leftMs` until the run's patience ends. */
export function withinPatience(timeoutMs: number, leftMs: number): number {
  return Math.min(timeoutMs, Math.max(leftMs, shortestTimeoutMs));
}
