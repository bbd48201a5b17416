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
  /** One way; drawn anew for each. */
  readonly latency: Latency;
  /** What goes wrong before a request reaches the site; undefined: nothing. */
  readonly failure?: ((request: HttpRequest) => TransportFailure | undefined) | undefined;
  /** What becomes of an answer's body on its way, by the number of its request, from 1. */
  readonly rewrite?: ((body: string, number: number, request: HttpRequest) => string) | undefined;
  /** Servers besides the site, by their hosts. */
  readonly servers?: ReadonlyMap<string, Pick<SimulatedSite, 'answer'>> | undefined;
}

/** What the site itself held of an issue when it served a read of it. */
interface Served {
  readonly key: string;
  readonly status: string;
  readonly plannedStart: unknown;
  readonly plannedEnd: unknown;
  /** The site's clock. */
  readonly siteMs: number;
}

/** One request, with what became of it. Times are virtual. */
export interface SimulatedRequest {
  readonly host: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly sentMs: number;
  /** When the site had it. */
  arrivedMs: number | undefined;
  /** When the process had its outcome. */
  settledMs: number | undefined;
  /** A status, a failure of the connection, or that the process gave up; undefined while it is under way. */
  outcome: number | TransportFailure | 'aborted' | undefined;
  /** The answer's body, where one came whole. */
  text: string | undefined;
  /** Of a read of an issue by its key that the site answered itself. */
  served: Served | undefined;
}

/** Carries one process' requests to the site, and what faults leave of the answers back. */
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
        // What was sent reaches the site, even when the process does not wait for it any more.
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

/** What of an answer reaches the process. */
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
