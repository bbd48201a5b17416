import type { WriteOutcome } from '../app/parking/ports.ts';
import { rootOf } from '../domain/base-url.ts';
import { Fault, type FaultKind } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import { Hold } from '../http/hold.ts';
import { asArray, asObject, asText, parseJson, ShapeError } from '../http/json.ts';
import { jsonRequest, withinPatience } from '../http/json-request.ts';
import {
  delayMs,
  isTransient,
  parseRetryAfter,
  type Retrying,
  retried,
  TransientFailure,
} from '../http/retry.ts';
import { SiteClock } from '../http/site-clock.ts';
import {
  dateOf,
  failureWords,
  type HttpAnswer,
  type HttpRequest,
  isWebPage,
  mayPass,
  requestName,
  type Transport,
  TransportError,
} from '../http/transport.ts';

interface OctopusSessionOptions extends Retrying {
  /** Root URL of the Octopus server; its path is kept. */
  readonly server: URL;
  readonly apiKey: string;
  readonly send: Transport;
  readonly userAgent: string;
}

interface OctopusCall<T> {
  /** By default GET. */
  readonly method?: HttpRequest['method'];
  /** Relative to the server's root: `/api/users/me`. */
  readonly path: string;
  readonly body?: unknown;
  /**
   * Reads the JSON of a good answer; throws a ShapeError if it is not as expected (F5).
   * @param serverTime its `Date`; undefined if unreadable, or if another answer must confirm it (W9)
   */
  readonly parse: (json: unknown, serverTime: Date | undefined) => T;
  /** Advice for a 401, 403 or 404. */
  readonly advice: Text;
}

const urlAdvice = text`Check Octopus URL (JsmChange.OctopusUrl; if empty, Octopus.Web.ServerUri): it must be the root URL of the Octopus server, for example https://octopus.acme.example.`;

const kinds: Readonly<Record<number, FaultKind>> = {
  400: 'rejected',
  401: 'login',
  403: 'forbidden',
  409: 'conflict',
};

/** One login at the Octopus server: sends calls, and interprets their answers. */
export class OctopusSession {
  readonly #options: OctopusSessionOptions;
  readonly #hold = new Hold();
  readonly #serverClock = new SiteClock();

  constructor(options: OctopusSessionOptions) {
    this.#options = options;
  }

  /** Makes a read, and repeats it while its failures are transient (F1, F2). */
  async read<T>(call: OctopusCall<T>): Promise<T> {
    return retried(this.#options, (endsAt) => this.#exchange(call, endsAt));
  }

  /** R5: sends a write once. Only after a 429 may it be sent again. */
  async write(call: OctopusCall<unknown>): Promise<WriteOutcome> {
    const { clock, random, patience } = this.#options;
    const startedAt = patience.outageStart(clock.now());
    try {
      await this.#exchange(call);
      patience.sawGoodAnswer();
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      const { fault, retryAfterMs } = error;
      if (fault.status === 429)
        return { kind: 'later', delayMs: delayMs(1, retryAfterMs, random()), why: fault.summary };
      patience.sawFailure(startedAt, clock.now());
      throw fault;
    }
  }

  async #exchange<T>(call: OctopusCall<T>, endsAt = Number.POSITIVE_INFINITY): Promise<T> {
    const { clock, patience } = this.#options;
    this.#hold.check(clock.now());
    const request = this.#request(call, endsAt);
    const askedAt = clock.now();
    let answer: HttpAnswer;
    try {
      answer = await this.#options.send(request, this.#options.signal);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const fault = transportFault(request, error);
      const isFinal = fault.kind === 'refused' && (error.failure === 'too-large' || !patience.goodAnswer);
      throw isFinal ? fault : new TransientFailure(fault, 'outage');
    }
    this.#throwByStatus(call, request, answer);
    const broken = (why: string): TransientFailure =>
      new TransientFailure(
        new Fault(
          'unreachable',
          text`${nameOf(request)} was answered with status ${answer.status} and ${why}.`,
          urlAdvice,
        ),
        'broken-answer',
      );
    const json = parseJson(answer.text);
    if (json === undefined) throw broken('a body that is not JSON');
    try {
      return call.parse(json, this.#timeOf(answer, askedAt));
    } catch (error) {
      throw error instanceof ShapeError ? broken(`unexpected JSON: ${error.message}`) : error;
    }
  }

  #timeOf(answer: HttpAnswer, askedAt: number): Date | undefined {
    const { clock } = this.#options;
    const times = { serverTime: dateOf(answer), askedAt, answeredAt: clock.now() };
    const isDoubted = this.#serverClock.isDoubted(times, clock.wallTime());
    this.#serverClock.learn(times, isDoubted);
    return isDoubted ? undefined : times.serverTime;
  }

  #throwByStatus({ advice }: OctopusCall<unknown>, request: HttpRequest, answer: HttpAnswer): void {
    const { status } = answer;
    if (status >= 200 && status < 300) return;
    const said = messagesOf(answer.text);
    const words = said === undefined || said === '' ? text`` : text`: ${said.replace(/\.$/, '')}`;
    const fault = (kind: FaultKind, what: Text): Fault =>
      new Fault(kind, text`${nameOf(request)} was answered with status ${status}${words}.`, what, { status });
    if (isTransient(status)) {
      const { clock } = this.#options;
      const retryAfterMs = parseRetryAfter(answer.header('retry-after'), dateOf(answer) ?? clock.wallTime());
      const unreachable = fault(
        'unreachable',
        text`The Octopus server is overloaded or unavailable; run this again later.`,
      );
      const failure = new TransientFailure(unreachable, 'outage', retryAfterMs);
      this.#hold.begin(failure, clock.now());
      throw failure;
    }
    if (status === 404) throw said === undefined ? fault('wrong-url', urlAdvice) : fault('missing', advice);
    const kind = kinds[status];
    // X4: redirects are not followed.
    if (kind === undefined) throw fault('refused', urlAdvice);
    const inFront = isWebPage(answer.text)
      ? text`${advice} A web page instead of Octopus' answer usually comes from a proxy in front of the server.`
      : advice;
    throw fault(kind, inFront);
  }

  #request({ method = 'GET', path, body }: OctopusCall<unknown>, endsAt: number): HttpRequest {
    const { server, apiKey, userAgent, clock } = this.#options;
    const request = jsonRequest({
      method,
      url: `${rootOf(server)}${path}`,
      body,
      userAgent,
      headers: { 'X-Octopus-ApiKey': apiKey },
      isWrite: method !== 'GET',
    });
    return { ...request, timeoutMs: withinPatience(request.timeoutMs, endsAt - clock.now()) };
  }
}

/** The error messages of Octopus; undefined if the body is not an error body of Octopus. */
function messagesOf(body: string): string | undefined {
  const object = asObject(parseJson(body));
  if (object === undefined || !('ErrorMessage' in object || 'Errors' in object)) return undefined;
  const errors = (asArray(object['Errors']) ?? []).flatMap((error) => asText(error) ?? []);
  return [...new Set([asText(object['ErrorMessage']) ?? '', ...errors])]
    .filter((error) => error !== '')
    .join(' ');
}

function nameOf(request: HttpRequest): Text {
  return text`${requestName(request)} of Octopus`;
}

function transportFault(request: HttpRequest, error: TransportError): Fault {
  const { failure, detail } = error;
  return new Fault(
    mayPass(failure) ? 'unreachable' : 'refused',
    text`${nameOf(request)} at ${new URL(request.url).host} failed: ${failureWords(failure, 'the server')} (${detail}).`,
    text`Check that the worker can reach the Octopus server: address, firewall, proxy (HTTPS_PROXY, NO_PROXY), certificate (NODE_EXTRA_CA_CERTS). ${urlAdvice}`,
    { cause: error },
  );
}
