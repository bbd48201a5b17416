import { Patience } from '../../src/http/retry.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../src/http/transport.ts';
import { TransportError, type TransportFailure } from '../../src/http/transport.ts';
import { Session, type SessionOptions } from '../../src/jira/session/session.ts';
import { ManualClock } from './manual-clock.ts';

/** The reply of a site to one request. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, as JSON or as text. */
  readonly json?: unknown;
  readonly text?: string;
  /** How long the reply takes. */
  readonly afterMs?: number;
}

export type Script = (request: HttpRequest, index: number) => Reply | TransportError;

/** Headers that prove a login on Cloud. */
export const provenHeaders = { 'x-aaccountid': '557058:11', date: 'Sat, 13 Jun 2026 10:00:00 GMT' };

/** A successful reply with a proven login. */
export function good(json: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { json, headers: { ...provenHeaders, ...headers } };
}

/** A refusal in Jira's JSON format with a proven login. */
export function refusal(status: number, ...errorMessages: string[]): Reply {
  return { status, json: { errorMessages, errors: {} }, headers: provenHeaders };
}

export function failure(kind: TransportFailure, detail = 'ECONNRESET'): TransportError {
  return new TransportError(kind, detail);
}

/** Replies in order; the last reply repeats for every further request. */
export function inOrder(...replies: readonly (Reply | TransportError)[]): Script {
  return (_request, index) => replies[Math.min(index, replies.length - 1)] ?? { status: 500 };
}

/** Replies by the beginning of `GET /path`; anything else answers with Jira's 404. */
export function byPath(routes: Readonly<Record<string, Reply | TransportError | Script>>): Script {
  const counts = new Map<string, number>();
  return (request) => {
    const url = new URL(request.url);
    const call = `${request.method} ${url.pathname}${url.search}`;
    const route = Object.keys(routes)
      .filter((name) => call.startsWith(name))
      .sort((a, b) => b.length - a.length)[0];
    const reply = route === undefined ? undefined : routes[route];
    if (route === undefined || reply === undefined) return refusal(404, `No script for ${call}`);
    const count = counts.get(route) ?? 0;
    counts.set(route, count + 1);
    return typeof reply === 'function' ? reply(request, count) : reply;
  };
}

/** A site that replies from a script, without a network. */
class ScriptedSite {
  readonly requests: HttpRequest[] = [];
  readonly clock = new ManualClock();
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  readonly send: Transport = async (request, signal) => {
    signal.throwIfAborted();
    const index = this.requests.length;
    this.requests.push(request);
    const reply = this.#script(request, index);
    if (reply instanceof TransportError) {
      if (reply.failure === 'timeout') this.clock.advance(request.timeoutMs);
      throw reply;
    }
    this.clock.advance(reply.afterMs ?? 0);
    return answerOf(reply);
  };

  /** The calls so far, such as `GET /rest/api/2/myself`, without queries. */
  get calls(): readonly string[] {
    return this.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  }

  /** The JSON body of a request. */
  body(index: number): Readonly<Record<string, unknown>> {
    return JSON.parse(this.requests[index]?.body ?? 'null') as Readonly<Record<string, unknown>>;
  }
}

export function answerOf({ status = 200, headers = {}, json, text }: Reply): HttpAnswer {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    status,
    header: (name) => byName.get(name.toLowerCase()),
    text: text ?? (json === undefined ? '' : JSON.stringify(json)),
  };
}

export interface ScriptedSession {
  readonly session: Session;
  readonly site: ScriptedSite;
  readonly clock: ManualClock;
  readonly patience: Patience;
}

/** A session at a scripted site, with the default settings and jitter fixed at its midpoint. */
export function scriptedSession(
  script: Script,
  over: Partial<SessionOptions> & { readonly outageMs?: number } = {},
): ScriptedSession {
  const site = new ScriptedSite(script);
  const patience = over.patience ?? new Patience(over.outageMs ?? 900_000);
  const { outageMs: _outageMs, ...options } = over;
  const session = new Session({
    site: new URL('https://acme.atlassian.net'),
    credentials: { username: 'octopus@acme.example', token: 'hunter2-hunter2' },
    send: site.send,
    clock: site.clock,
    random: () => 0.5,
    userAgent: 'test',
    signal: untilDone,
    ...options,
    patience,
  });
  return { session, site, clock: site.clock, patience };
}

/** A signal that never aborts. */
export const untilDone: AbortSignal = new AbortController().signal;
