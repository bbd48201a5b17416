import {
  type HttpAnswer,
  type HttpRequest,
  largestAnswerBytes,
  type Transport,
  TransportError,
  type TransportFailure,
} from '../../src/http/transport.ts';
import type { SiteAnswer } from '../sandbox/exchange.ts';
import type { Issue } from '../sandbox/issue.ts';
import type { Random } from '../sandbox/random.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedSite } from './simulated-site.ts';

type Latency = number | { readonly minMs: number; readonly maxMs: number };

export interface NetworkOptions {
  /** Of one direction; drawn for each separately. */
  readonly latency: Latency;
  /** Returns the failure of a request before it reaches the site; undefined for no failure. */
  readonly failure?: ((request: HttpRequest) => TransportFailure | undefined) | undefined;
  /** Rewrites the body of an answer on its way; `number` counts the requests from 1. */
  readonly rewrite?: ((body: string, number: number, request: HttpRequest) => string) | undefined;
  /** Servers besides the site, by host. */
  readonly servers?: ReadonlyMap<string, Pick<SimulatedSite, 'answer'>> | undefined;
}

/** The site's own data about an issue when it answered a read of it. */
interface Served {
  readonly key: string;
  readonly status: string;
  readonly plannedStart: unknown;
  readonly plannedEnd: unknown;
  /** By the site's clock. */
  readonly siteMs: number;
}

/** One request and its outcome. Times are virtual. */
export interface SimulatedRequest {
  readonly host: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly sentMs: number;
  /** When the request reached the site. */
  arrivedMs: number | undefined;
  /** When the process received the outcome. */
  settledMs: number | undefined;
  /**
   * A status, a connection failure, or `aborted` if the process gave up; undefined while the request is under
   * way.
   */
  outcome: number | TransportFailure | 'aborted' | undefined;
  /** The body of the answer, if it arrived complete. */
  text: string | undefined;
  /** Only for a read of an issue by its key that the site itself answered. */
  served: Served | undefined;
}

/** Carries the requests of one process to the site, and the answers back as far as the faults allow. */
export function simulatedTransport(
  site: SimulatedSite,
  process: SimulatedProcess,
  options: NetworkOptions & { readonly random: Random; readonly requests: SimulatedRequest[] },
): Transport {
  const host = new URL(site.baseUrl).host;
  const oneWay = (): number => draw(options.latency, options.random);
  return (request, signal) => {
    const url = new URL(request.url);
    const other = options.servers?.get(url.host);
    const record: SimulatedRequest = {
      host: url.host,
      method: request.method,
      path: url.pathname,
      query: url.search,
      body: request.body,
      sentMs: site.time.now,
      arrivedMs: undefined,
      settledMs: undefined,
      outcome: undefined,
      text: undefined,
      served: undefined,
    };
    const number = options.requests.push(record);
    return process.wait<HttpAnswer>(signal, (done, fail) => {
      const settle = (outcome: NonNullable<SimulatedRequest['outcome']>): boolean => {
        if (record.outcome !== undefined) return false;
        record.outcome = outcome;
        record.settledMs = site.time.now;
        return true;
      };
      const broken = (failure: TransportFailure): void => {
        if (settle(failure)) fail(new TransportError(failure, 'simulated'));
      };
      const timeOut = (): void => {
        site.time.after(record.sentMs + request.timeoutMs - site.time.now, () => broken('timeout'));
      };
      const failure =
        options.failure?.(request) ??
        (url.host === host || other !== undefined || url.pathname.startsWith('/ex/jira/')
          ? undefined
          : 'unknown-host');
      if (failure === 'timeout') timeOut();
      else if (failure !== undefined) site.time.after(oneWay(), () => broken(failure));
      else {
        // A request that was sent reaches the site even if the process no longer waits for it.
        site.time.after(oneWay(), () => {
          record.arrivedMs = site.time.now;
          const served = other === undefined ? serve(site, request, url, record) : ask(other, request, url);
          const body = options.rewrite?.(served.body, number, request) ?? served.body;
          const answer = { ...served, body };
          const outcome = arrival(answer);
          const delayMs = oneWay() + (answer.fault?.kind === 'slow' ? answer.fault.delayMs : 0);
          const isLate = site.time.now + delayMs > record.sentMs + request.timeoutMs;
          if (isLate || outcome === 'timeout') return timeOut();
          site.time.after(delayMs, () => {
            if (typeof outcome === 'string') return broken(outcome);
            if (!settle(answer.status)) return;
            record.text = answer.body;
            done({
              status: answer.status,
              header: (name) => answer.headers[name],
              text: answer.body,
            });
          });
        });
      }
      return () => {
        settle('aborted');
      };
    });
  };
}

function draw(latency: Latency, random: Random): number {
  return typeof latency === 'number' ? latency : latency.minMs + random() * (latency.maxMs - latency.minMs);
}

function ask(server: Pick<SimulatedSite, 'answer'>, request: HttpRequest, url: URL): SiteAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  return server.answer({
    method: request.method,
    path: url.pathname + url.search,
    headers,
    body: request.body,
  });
}

function serve(site: SimulatedSite, request: HttpRequest, url: URL, record: SimulatedRequest): SiteAnswer {
  const answer = ask(site, request, url);
  const key = request.method === 'GET' ? /\/issue\/([^/]+)$/.exec(url.pathname)?.[1] : undefined;
  const issue = key === undefined ? undefined : site.find(decodeURIComponent(key));
  if (issue !== undefined) record.served = served(site, issue);
  return answer;
}

function served(site: SimulatedSite, issue: Issue): Served {
  const value = (name: string): unknown => {
    const field = site.fields.find((one) => one.name === name);
    return field === undefined ? undefined : issue.values.get(field.id);
  };
  return {
    key: issue.key,
    status: issue.status.name,
    plannedStart: value('Planned start'),
    plannedEnd: value('Planned end'),
    siteMs: site.siteClock.now(),
  };
}

/** Returns how an answer fails to reach the process; undefined if it arrives. */
function arrival({ fault, body }: SiteAnswer): TransportFailure | undefined {
  switch (fault?.kind) {
    case 'hang':
      return 'timeout';
    case 'reset':
    case 'cut-off':
      return 'lost';
    default:
      return body.length > largestAnswerBytes ? 'too-large' : undefined;
  }
}
