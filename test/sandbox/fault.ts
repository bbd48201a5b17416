import { type ConnectionFault, html, jsonType, type Reply, type SiteRequest } from './exchange.ts';
import { type Random, seededRandom } from './random.ts';

/** One thing that goes wrong with one request. */
export type Fault = {
  /**
   * True: the site carries out the request, but the client does not learn of it. By default, the site carries
   * out the request only if the fault delays or garbles its answer.
   */
  afterWork?: boolean;
} & (
  | {
      kind: 'status';
      status: number;
      headers?: Record<string, string>;
      /** Sent as a `Retry-After` header, in seconds or as a date that much later by the site's clock. */
      retryAfterSeconds?: number;
      retryAfterAsDate?: boolean;
      body?: string;
      contentType?: string;
    }
  | { kind: 'reset' }
  | { kind: 'hang' }
  | { kind: 'slow'; delayMs: number }
  /** The connection breaks in the middle of the body. */
  | { kind: 'cut-off' }
  /** A complete answer with only half of the JSON. */
  | { kind: 'truncated-json' }
  | { kind: 'empty' }
  /** A login page with status 200. */
  | { kind: 'login-page' }
  /** JSON in an unexpected shape. */
  | { kind: 'wrong-shape' }
  /** More than 5 MB of valid JSON. */
  | { kind: 'oversized' }
);

/** When a fault happens. Without `at` and `probability`, it happens at every matching request. */
export interface FaultOrder {
  fault: Fault;
  /** The n-th matching request, counted from 1. */
  at?: number;
  /** The number of consecutive requests from `at`; 1 by default. */
  count?: number;
  /** The probability for each matching request, drawn from the site's seed. */
  probability?: number;
  method?: string;
  /** Matches path and query as they were sent. */
  path?: RegExp;
  /** From this time of the site's clock (inclusive) until that one (exclusive). */
  fromMs?: number;
  untilMs?: number;
}

/** The fault orders of one site, consulted for each request. The first matching order applies. */
export class FaultPlan {
  #orders: { order: FaultOrder; seen: number }[] = [];
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed ^ 0x5eed);
  }

  add(...orders: FaultOrder[]): void {
    this.#orders.push(...orders.map((order) => ({ order, seen: 0 })));
  }

  clear(): void {
    this.#orders = [];
  }

  next(request: SiteRequest, nowMs: number): Fault | undefined {
    let found: Fault | undefined;
    for (const entry of this.#orders) {
      if (fits(entry.order, request, nowMs)) {
        entry.seen += 1;
        if (found === undefined && isDue(entry.order, entry.seen, this.#random)) {
          found = entry.order.fault;
        }
      }
    }
    return found;
  }
}

function fits(order: FaultOrder, request: SiteRequest, nowMs: number): boolean {
  return (
    (order.method === undefined || order.method === request.method) &&
    (order.path === undefined || order.path.test(request.path)) &&
    (order.fromMs === undefined || nowMs >= order.fromMs) &&
    (order.untilMs === undefined || nowMs < order.untilMs)
  );
}

function isDue(order: FaultOrder, seen: number, random: Random): boolean {
  if (order.at !== undefined && (seen < order.at || seen >= order.at + (order.count ?? 1))) {
    return false;
  }
  return order.probability === undefined || random() < order.probability;
}

const worksFirst = new Set<Fault['kind']>(['slow', 'cut-off', 'truncated-json', 'empty', 'wrong-shape']);

/** Returns true if the site carries out the request before the fault happens. */
export function doesWork(fault: Fault): boolean {
  return fault.afterWork ?? worksFirst.has(fault.kind);
}

const oversizedBody = `{"errorMessages":[],"padding":"${'x'.repeat(5 * 1024 * 1024 + 1)}"}`;

function statusReply(fault: Fault & { kind: 'status' }, nowMs: number): Reply {
  const headers: Record<string, string> = { ...fault.headers };
  if (fault.retryAfterSeconds !== undefined) {
    headers['retry-after'] =
      fault.retryAfterAsDate === true
        ? new Date(nowMs + fault.retryAfterSeconds * 1000).toUTCString()
        : String(fault.retryAfterSeconds);
  }
  if (fault.body !== undefined) {
    return { status: fault.status, body: fault.body, contentType: fault.contentType ?? jsonType, headers };
  }
  const page = html(fault.status, `${fault.status}`, 'The request could not be served');
  return { ...page, contentType: fault.contentType ?? page.contentType, headers };
}

/**
 * Returns the answer that replaces `reply` (undefined: the request was not carried out), and what happens to
 * the connection.
 */
export function applyFault(
  fault: Fault,
  reply: Reply | undefined,
  nowMs: number,
): { reply: Reply; connection?: ConnectionFault } {
  const body = reply?.body ?? '';
  const whole = reply ?? { status: 200, body, contentType: jsonType };
  switch (fault.kind) {
    case 'status':
      return { reply: statusReply(fault, nowMs) };
    case 'reset':
    case 'hang':
      return { reply: { status: 0, body: '', contentType: '' }, connection: { kind: fault.kind } };
    case 'slow':
      return { reply: whole, connection: { kind: 'slow', delayMs: fault.delayMs } };
    case 'cut-off': {
      // An empty body (204) has no middle: then nothing arrives at all.
      const half = Math.floor(body.length / 2);
      return body.length < 2
        ? { reply: { status: 0, body: '', contentType: '' }, connection: { kind: 'reset' } }
        : { reply: whole, connection: { kind: 'cut-off', afterBytes: half } };
    }
    case 'truncated-json':
      return {
        reply: { ...whole, status: whole.status || 200, body: body.slice(0, Math.floor(body.length / 2)) },
      };
    case 'empty':
      return { reply: { ...whole, body: '' } };
    case 'login-page':
      return { reply: html(200, 'Log in to continue', 'Log in to continue') };
    case 'wrong-shape':
      return { reply: { ...whole, body: '[{"unexpected":true}]' } };
    case 'oversized':
      return { reply: { status: 200, body: oversizedBody, contentType: jsonType } };
  }
}

/** Every kind of fault by name, for tests that apply each fault to each request. */
export const faultCatalogue: Record<string, Fault> = {
  '429 with Retry-After in seconds': { kind: 'status', status: 429, retryAfterSeconds: 2 },
  '429 with Retry-After as a date': {
    kind: 'status',
    status: 429,
    retryAfterSeconds: 3,
    retryAfterAsDate: true,
  },
  '429 with Retry-After 0': { kind: 'status', status: 429, retryAfterSeconds: 0 },
  '429 without Retry-After': { kind: 'status', status: 429 },
  '503 with Retry-After in seconds': { kind: 'status', status: 503, retryAfterSeconds: 2 },
  '503 with Retry-After as a date': {
    kind: 'status',
    status: 503,
    retryAfterSeconds: 3,
    retryAfterAsDate: true,
  },
  '500 before the work': { kind: 'status', status: 500 },
  '500 after the work': { kind: 'status', status: 500, afterWork: true },
  '502 before the work': { kind: 'status', status: 502 },
  '502 after the work': { kind: 'status', status: 502, afterWork: true },
  '504 after the work': { kind: 'status', status: 504, afterWork: true },
  '302 to a login page': {
    kind: 'status',
    status: 302,
    headers: { location: 'https://login.acme.example/sso' },
  },
  '400': { kind: 'status', status: 400, body: '{"errorMessages":["Bad request"],"errors":{}}' },
  '401': { kind: 'status', status: 401, body: 'Client must be authenticated to access this resource.' },
  '403': { kind: 'status', status: 403, body: '{"errorMessages":["Forbidden"],"errors":{}}' },
  '404': {
    kind: 'status',
    status: 404,
    body: '{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}',
  },
  '409': { kind: 'status', status: 409, body: '{"errorMessages":["Conflict"],"errors":{}}' },
  'reset before the work': { kind: 'reset' },
  'reset after the work': { kind: 'reset', afterWork: true },
  'hang before the work': { kind: 'hang' },
  'hang after the work': { kind: 'hang', afterWork: true },
  'connection cut off in the body': { kind: 'cut-off' },
  'truncated JSON': { kind: 'truncated-json' },
  'empty body': { kind: 'empty' },
  'login page with status 200': { kind: 'login-page' },
  'JSON of the wrong shape': { kind: 'wrong-shape' },
  'body over 5 MB': { kind: 'oversized' },
};
