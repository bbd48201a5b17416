import { html, type RecordedRequest, type Reply, type SiteAnswer, type SiteRequest } from '../exchange.ts';
import { applyFault, doesWork, type FaultOrder, FaultPlan } from '../fault.ts';
import { isMemberOf, type User } from './account.ts';
import { type Route, readBody } from './call.ts';
import { DeployingModel } from './deploying-model.ts';
import type { Space } from './directory.ts';
import { invalid, notLoggedIn, octopusError, outsider, unknownRoute } from './error.ts';
import type { ModelOptions } from './model.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { interruptionRoutes } from './routes/interruptions.ts';
import { runRoutes } from './routes/runs.ts';
import { rootDocument, serverRoutes } from './routes/server.ts';
import { stepTemplateRoutes } from './routes/step-templates.ts';
import { taskRoutes } from './routes/tasks.ts';
import { answerWebhook } from './routes/webhooks.ts';
import { TokenBucket } from './token-bucket.ts';

export interface OctopusOptions extends ModelOptions {
  /** The path before `/api` if the server has a virtual directory, such as `/octopus`. */
  readonly contextPath?: string;
  readonly faults?: readonly FaultOrder[];
  readonly seed?: number;
  /** False: `requests` stays empty, for runs too long to keep every answer. */
  readonly record?: boolean;
}

const routes: readonly Route[] = [
  ...serverRoutes,
  ...interruptionRoutes,
  ...taskRoutes,
  ...runRoutes,
  ...artifactRoutes,
  ...stepTemplateRoutes,
];

/**
 * An Octopus server in process: it returns an answer for each request, without network and without timers.
 */
export class Octopus extends DeployingModel {
  readonly contextPath: string;
  readonly faults: FaultPlan;
  /** Every request so far, with its answer. */
  readonly requests: RecordedRequest[] = [];
  /** The number of requests so far, recorded or not. */
  requestCount = 0;
  readonly #record: boolean;
  readonly #buckets = new Map<User, TokenBucket>();

  constructor({ contextPath = '', faults = [], seed = 1, record = true, ...model }: OctopusOptions = {}) {
    super(model);
    this.contextPath = contextPath;
    this.#record = record;
    this.faults = new FaultPlan(seed);
    this.faults.add(...faults);
  }

  answer(request: SiteRequest): SiteAnswer {
    this.catchUp();
    const atMs = this.now();
    const answer = this.#answer(request);
    this.requestCount += 1;
    if (this.#record) this.requests.push({ ...request, atMs, answer });
    return answer;
  }

  #answer(request: SiteRequest): SiteAnswer {
    const fault = this.faults.next(request, this.now());
    if (fault === undefined) return this.#complete(this.#reply(request));
    const reply = doesWork(fault) ? this.#reply(request) : undefined;
    const struck = applyFault(fault, reply, this.now());
    const answer = this.#complete(struck.reply);
    return struck.connection === undefined ? answer : { ...answer, fault: struck.connection };
  }

  #complete(reply: Reply): SiteAnswer {
    if (reply.status === 0) return { status: 0, headers: {}, body: '' };
    const { givesDate, dateOffsetMs } = this.behaviour;
    return {
      status: reply.status,
      headers: {
        ...(givesDate && { date: new Date(this.now() + dateOffsetMs).toUTCString() }),
        'content-type': reply.contentType,
        'octopus-node': 'octopus-node-1',
        ...reply.headers,
      },
      body: reply.body,
    };
  }

  #reply(request: SiteRequest): Reply {
    const [path = '', search = ''] = request.path.split('?');
    const inside = path.startsWith(`${this.contextPath}/`) ? path.slice(this.contextPath.length) : undefined;
    if (inside === undefined) return html(404, 'Not Found');
    if (!/^\/api(?:\/|$)/.test(inside)) {
      // The portal answers every address that is one of its pages.
      return /^\/(?:app(?:\/.*)?)?$/.test(inside) ? html(200, 'Octopus Deploy') : html(404, 'Not Found');
    }
    const target = inside.slice('/api'.length).replace(/\/$/, '');
    if (target === '' && request.method === 'GET') return rootDocument(this);
    const webhook = answerWebhook(this, target, request);
    if (webhook !== undefined) return webhook;
    const user = this.#userOf(request);
    if (user === undefined) return notLoggedIn();
    return this.#limit(user) ?? this.#route(request, target, new URLSearchParams(search), user);
  }

  #userOf({ headers }: SiteRequest): User | undefined {
    const key = headers['x-octopus-apikey'];
    if (key !== undefined) return this.keys.get(key);
    const bearer = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
    return bearer === undefined ? undefined : this.accessTokens.get(bearer);
  }

  /** Returns a 429 if the request must not be carried out. */
  #limit(user: User): Reply | undefined {
    const limit = this.behaviour.rateLimit;
    if (limit === undefined) return undefined;
    const bucket = this.#buckets.get(user) ?? new TokenBucket(limit.burst, this.now());
    this.#buckets.set(user, bucket);
    const waitMs = bucket.take(this.now(), limit.perMinute, limit.burst);
    if (waitMs === 0) return undefined;
    const refused = octopusError(429, 'Too many requests. Please try again later.');
    const seconds = String(Math.ceil(waitMs / 1000));
    return limit.givesRetryAfter ? { ...refused, headers: { 'retry-after': seconds } } : refused;
  }

  #route(request: SiteRequest, target: string, query: URLSearchParams, user: User): Reply {
    const global = routes.filter((route) => route.isGlobal === true && route.pattern.test(target));
    const { space, rest } =
      global.length > 0 ? { space: this.defaultSpace, rest: target } : this.#space(target);
    if (space === undefined) return unknownRoute();
    const fitting = global.length > 0 ? global : routes.filter(({ pattern }) => pattern.test(rest));
    const route = fitting.find(({ method }) => method === request.method);
    if (fitting.length === 0) return unknownRoute();
    if (route === undefined) {
      return octopusError(405, `The requested resource does not support http method '${request.method}'.`);
    }
    if (route.isGlobal !== true && !isMemberOf(user, space.id))
      return outsider(this.behaviour.outsiderStatus);
    const body = route.takesAnyBody === true ? {} : readBody(request.body);
    if (body === 'unreadable') return invalid('The request body is not valid JSON.');
    return route.answer({
      octopus: this,
      user,
      space,
      query,
      body,
      content: request.body ?? '',
      path: target,
      parts: (route.pattern.exec(rest) ?? []).slice(1).map(decodeURIComponent),
    });
  }

  /** Returns the space that a path names (the default space if it names none), and the rest of the path. */
  #space(target: string): { space: Space | undefined; rest: string } {
    const named = /^\/(?:spaces\/([^/]+)|(Spaces-\d+))(\/.*)$/.exec(target);
    if (named === null) return { space: this.defaultSpace, rest: target };
    const [, idOrSlug, id, rest = ''] = named;
    const space = this.spaces.find((each) => each.id === (id ?? idOrSlug) || each.slug === idOrSlug);
    return { space, rest };
  }
}

export function createOctopus(options: OctopusOptions = {}): Octopus {
  return new Octopus(options);
}
