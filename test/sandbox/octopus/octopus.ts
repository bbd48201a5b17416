import { html, type RecordedRequest, type Reply, type SiteAnswer, type SiteRequest } from '../exchange.ts';
import { applyFault, doesWork, type FaultOrder, FaultPlan } from '../fault.ts';
import { isMemberOf, type User } from './account.ts';
import { type Route, readBody } from './call.ts';
import { invalid, notLoggedIn, octopusError, outsider, unknownRoute } from './error.ts';
import { type ModelOptions, OctopusModel, type RunOptions, type Space } from './model.ts';
import type { Process } from './process.ts';
import { interruptionRoutes } from './routes/interruptions.ts';
import { rootDocument, serverRoutes } from './routes/server.ts';
import { taskRoutes } from './routes/tasks.ts';
import { type RunResult, runProcess } from './run-process.ts';
import type { Task } from './task.ts';
import { TokenBucket } from './token-bucket.ts';

export interface OctopusOptions extends ModelOptions {
  /** Before `/api`, where the server has a virtual directory, such as `/octopus`. */
  readonly contextPath?: string;
  readonly faults?: readonly FaultOrder[];
  readonly seed?: number;
}

export interface DeployOptions extends RunOptions {
  readonly process: Process;
}

/** A run that was started. */
export interface Started {
  readonly task: Task;
  readonly ended: Promise<RunResult>;
}

const routes: readonly Route[] = [...serverRoutes, ...interruptionRoutes, ...taskRoutes];

/** An Octopus server in process: a request in, an answer out, without network and without timers. */
export class Octopus extends OctopusModel {
  readonly contextPath: string;
  readonly faults: FaultPlan;
  /** Every request so far, with what was answered. */
  readonly requests: RecordedRequest[] = [];
  readonly #buckets = new Map<User, TokenBucket>();

  constructor({ contextPath = '', faults = [], seed = 1, ...model }: OctopusOptions = {}) {
    super(model);
    this.contextPath = contextPath;
    this.faults = new FaultPlan(seed);
    this.faults.add(...faults);
  }

  /** Queues a deployment, or a runbook run, of this process, and carries it out for real. */
  deploy({ process, ...run }: DeployOptions): Started {
    const task = this.addRun(run);
    return { task, ended: runProcess(this, task, process) };
  }

  answer(request: SiteRequest): SiteAnswer {
    this.catchUp();
    const atMs = this.now();
    const answer = this.#answer(request);
    this.requests.push({ ...request, atMs, answer });
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

  /** 429: the request is not carried out. */
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
    const body = readBody(request.body);
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

  /** The space that a path names, and what comes after it; the default space without one. */
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
