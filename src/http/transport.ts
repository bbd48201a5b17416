import { type Text, text } from '../domain/text.ts';

/** An HTTP request as a {@link Transport} accepts it. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** C3: use a new connection: one that went stale while idle would turn a write into a lost answer. */
  readonly freshConnection: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** The value of a header by its name in lower case, or undefined. */
  header(name: string): string | undefined;
  readonly text: string;
}

/** Whether a body is a web page, such as a login page or a proxy's refusal. */
export function isWebPage(body: string): boolean {
  return /^\s*</.test(body);
}

/** Method and path, such as `GET /rest/api/2/issue/CHG-1`: no query, and never the credentials in the URL. */
export function requestName({ method, url }: Pick<HttpRequest, 'method' | 'url'>): Text {
  return text`${method} ${new URL(url).pathname}`;
}

/** The `Date` header, if it is a real date and time in the form that servers send (RFC 9110, 5.6.7; W9). */
export function dateOf(answer: HttpAnswer): Date | undefined {
  const header = answer.header('date');
  const at = new Date(header ?? '');
  return Number.isNaN(at.getTime()) || at.toUTCString() !== header ? undefined : at;
}

/**
 * Sends one request. Follows no redirect (X4), and accepts no answer over {@link largestAnswerBytes} (X5).
 * Rejects with a {@link TransportError}, or with the signal's reason when it aborts.
 */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** X5 */
export const largestAnswerBytes = 5_000_000;

export type TransportFailure =
  /** Nothing was sent: the connection was refused, or the host is unreachable. */
  | 'not-connected'
  | 'unknown-host'
  /** The proxy variables do not name a proxy, or name one that refuses to connect to the site. */
  | 'bad-proxy'
  | 'certificate'
  /** The request was sent, at least in part, but no complete answer arrived. */
  | 'lost'
  | 'timeout'
  | 'too-large';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;
  /** The cause's code or message, without URL or credentials. */
  readonly detail: string;

  constructor(failure: TransportFailure, detail: string, options?: ErrorOptions) {
    super(`${failure}: ${detail}`, options);
    this.failure = failure;
    this.detail = detail;
  }
}

/** X5: whether the error was caused by an answer over the size limit. */
export function isTooLarge({ cause }: Error): boolean {
  return cause instanceof TransportError && cause.failure === 'too-large';
}

/** Whether the next request may succeed without anybody fixing anything. */
export function mayPass(failure: TransportFailure): boolean {
  return failure === 'not-connected' || failure === 'lost' || failure === 'timeout';
}

/** @param server the server in words, such as `the site` */
export function failureWords(failure: TransportFailure, server: string): string {
  const words: Readonly<Record<TransportFailure, string>> = {
    'not-connected': `${server} could not be reached`,
    'unknown-host': 'the host name is unknown',
    'bad-proxy': `the worker's proxy does not connect to ${server}`,
    certificate: 'its certificate is not trusted',
    lost: 'the connection broke',
    timeout: `${server} did not answer in time`,
    'too-large': 'the answer is over 5 MB',
  };
  return words[failure];
}

/** The code of an error from Node, such as `ECONNREFUSED`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
