import type { HttpRequest } from './transport.ts';

export const readTimeoutMs = 30_000;
const writeTimeoutMs = 60_000;
/** F2: the shortest timeout, which the last request before the run's patience ends may get. */
const shortestTimeoutMs = 1000;

interface JsonCall {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly body?: unknown;
  readonly userAgent: string;
  /** In addition to the headers that every request has. */
  readonly headers: Readonly<Record<string, string>>;
  /** A write gets a longer timeout than a read, and a new connection (C3). */
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

/** The timeout of a request: at most `leftMs`, the time until the run's patience ends, but at least 1 s. */
export function withinPatience(timeoutMs: number, leftMs: number): number {
  return Math.min(timeoutMs, Math.max(leftMs, shortestTimeoutMs));
}
