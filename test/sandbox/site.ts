import type { Call, Route } from './call.ts';
import { defaultCloudId } from './defaults.ts';
import {
  html,
  isObject,
  jiraError,
  jsmError,
  json,
  plain,
  type RecordedRequest,
  type Reply,
  type SiteAnswer,
  type SiteRequest,
} from './exchange.ts';
import { applyFault, doesWork, type FaultOrder, FaultPlan } from './fault.ts';
import {
  defaultLogins,
  type Identity,
  identify,
  type LoginOption,
  loginHeaders,
  refuseLogin,
} from './login.ts';
import { ChangeModel, type ModelOptions } from './model.ts';
import { RateLimit } from './rate-limit.ts';
import { issueRoutes } from './routes/issue.ts';
import { requestRoutes } from './routes/request.ts';
import { searchRoutes, unknownPath } from './routes/search.ts';
import { serviceDeskRoutes } from './routes/service-desk.ts';
import { siteInfoRoutes } from './routes/site-info.ts';

export interface SiteOptions extends ModelOptions {
  /** `/jira` for a Data Center behind a context path; empty by default. */
  contextPath?: string;
  cloudId?: string;
  logins?: readonly LoginOption[];
  faults?: readonly FaultOrder[];
  /**
   * True: every request is kept in `requests` with its answer. Off by default, because simulations send
   * millions.
   */
  record?: boolean;
}

const routes: readonly Route[] = [
  ...issueRoutes,
  ...searchRoutes,
  ...siteInfoRoutes,
  ...requestRoutes,
  ...serviceDeskRoutes,
];

const anonymous: Identity = { account: undefined, reason: undefined, scopes: undefined };

/**
 * How a request entered: the part of its path that the site handles, and whether it came through the gateway.
 */
interface Entrance {
  path: string;
  query: string;
  viaGateway: boolean;
}

interface Handled {
  reply: Reply;
  /** Undefined if the answer comes from the web server in front of Jira. */
  identity: Identity | undefined;
}

/**
 * A Jira Service Management site in process: it returns an answer for each request. It has no timers and no
 * network; time comes only from its clock, and randomness only from its seed.
 */
export class Site extends ChangeModel {
  readonly contextPath: string;
  readonly cloudId: string;
  readonly logins: LoginOption[];
  readonly faults: FaultPlan;
  readonly requests: RecordedRequest[] = [];
  /** The number of requests so far, recorded or not. */
  requestCount = 0;
  readonly #record: boolean;
  readonly #rateLimit = new RateLimit();
  #dateSecond = Number.NaN;
  #dateText = '';

  constructor(options: SiteOptions = {}) {
    const { contextPath, cloudId, logins, faults, record, ...model } = options;
    super({
      ...model,
      ...(model.baseUrl === undefined && contextPath
        ? { baseUrl: `https://jira.acme.example${contextPath}` }
        : {}),
    });
    this.contextPath = contextPath ?? '';
    this.cloudId = cloudId ?? defaultCloudId;
    this.logins = [...(logins ?? defaultLogins(this.flavour))];
    this.faults = new FaultPlan(options.seed ?? 1);
    this.faults.add(...(faults ?? []));
    this.#record = record ?? false;
  }

  /** The gateway's prefix for this site, on the same host. */
  get gatewayPath(): string {
    return `/ex/jira/${this.cloudId}`;
  }

  answer(request: SiteRequest): SiteAnswer {
    this.catchUp();
    this.requestCount += 1;
    const answer = this.#answer(request);
    if (this.#record) {
      this.requests.push({ ...request, atMs: this.now(), answer });
    }
    return answer;
  }

  #answer(request: SiteRequest): SiteAnswer {
    const fault = this.faults.next(request, this.now());
    if (fault === undefined) {
      const handled = this.#handle(request);
      return this.#finish(handled.reply, handled.identity);
    }
    const handled = doesWork(fault) ? this.#handle(request) : undefined;
    const { reply, connection } = applyFault(fault, handled?.reply, this.now());
    const answer = this.#finish(
      reply,
      fault.kind === 'status' ? anonymous : (handled?.identity ?? anonymous),
    );
    return connection === undefined ? answer : { ...answer, fault: connection };
  }

  #finish(reply: Reply, identity: Identity | undefined): SiteAnswer {
    const headers: Record<string, string> = {
      ...(reply.contentType === '' ? {} : { 'content-type': reply.contentType }),
      ...this.#dateHeader(),
      ...(identity === undefined ? {} : { ...this.#siteHeaders(), ...loginHeaders(this, identity) }),
      ...reply.headers,
    };
    return { status: reply.status, headers, body: reply.body };
  }

  #dateHeader(): Record<string, string> {
    switch (this.behaviour.dateHeader) {
      case 'none':
        return {};
      case 'garbled':
        return { date: 'half past ten' };
      case 'on': {
        const second = Math.floor(this.now() / 1000);
        if (second !== this.#dateSecond) {
          this.#dateSecond = second;
          this.#dateText = new Date(second * 1000).toUTCString();
        }
        return { date: this.#dateText };
      }
    }
  }

  #siteHeaders(): Record<string, string> {
    const id = this.requestCount.toString(16).padStart(12, '0');
    return this.flavour === 'cloud'
      ? {
          server: 'AtlassianEdge',
          'x-arequestid': id,
          'atl-traceid': `5a4d0b0c${id}`,
          'cache-control': 'no-store',
        }
      : { 'x-arequestid': `600x${this.requestCount}x1`, 'x-anodeid': 'node1', 'cache-control': 'no-store' };
  }

  #handle(request: SiteRequest): Handled {
    const { frontDoor } = this.behaviour;
    if (frontDoor === 'redirect') {
      const location = 'https://login.acme.example/sso?return=jira';
      return { reply: { ...html(302, 'Found'), headers: { location } }, identity: anonymous };
    }
    if (frontDoor === 'login-page') {
      return { reply: html(200, 'Log in to continue'), identity: anonymous };
    }
    const entrance = this.#enter(request.path);
    if (entrance === undefined) {
      return { reply: html(404, 'Not Found'), identity: undefined };
    }
    if (entrance.path === '/_edge/tenant_info' && this.flavour === 'cloud') {
      return { reply: json(200, { cloudId: this.cloudId }), identity: anonymous };
    }
    return this.#serve(request, entrance);
  }

  /** Removes the context path or the gateway's prefix; undefined for an address outside the site. */
  #enter(target: string): Entrance | undefined {
    const mark = target.indexOf('?');
    const full = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? '' : target.slice(mark + 1);
    if (this.flavour === 'cloud' && full.startsWith(`${this.gatewayPath}/`)) {
      return { path: full.slice(this.gatewayPath.length), query, viaGateway: true };
    }
    if (!full.startsWith(`${this.contextPath}/`)) {
      return undefined;
    }
    return { path: full.slice(this.contextPath.length), query, viaGateway: false };
  }

  #serve(request: SiteRequest, entrance: Entrance): Handled {
    const authorization = request.headers['authorization'];
    const identity = identify(authorization, this.logins, this.octopus, this.behaviour, entrance.viaGateway);
    const isJsm = entrance.path.startsWith('/rest/servicedeskapi');
    const route = routes.find((one) => one.method === request.method && one.pattern.test(entrance.path));
    const needsLogin = route?.needsLogin === true;
    const refusal =
      refuseLogin(this, identity, { authorization, needsLogin, viaGateway: entrance.viaGateway, isJsm }) ??
      this.#refuse(request, entrance, route, identity);
    if (refusal !== undefined) {
      return { reply: refusal, identity };
    }
    return { reply: this.#route(request, entrance, route, identity), identity };
  }

  /**
   * Refuses requests before they reach a route: missing scopes, too many requests, writes that look forged.
   */
  #refuse(
    request: SiteRequest,
    entrance: Entrance,
    route: Route | undefined,
    identity: Identity,
  ): Reply | undefined {
    if (
      route?.scope !== undefined &&
      identity.scopes !== undefined &&
      !identity.scopes.includes(route.scope)
    ) {
      return json(401, { code: 401, message: 'Unauthorized; scope does not match' });
    }
    const limit = this.behaviour.rateLimitPerSecond;
    const isHalf = request.method === 'PUT' || request.method === 'DELETE';
    const endpoint = `${request.method} ${route?.pattern.source ?? entrance.path}`;
    if (limit > 0 && this.#rateLimit.isOver(endpoint, this.now(), isHalf ? limit / 2 : limit)) {
      return this.#tooMany();
    }
    if (request.method === 'GET') {
      return undefined;
    }
    if (request.headers['user-agent']?.startsWith('Mozilla/') === true) {
      return plain(403, 'XSRF check failed');
    }
    const isJson = request.headers['content-type']?.toLowerCase().startsWith('application/json') === true;
    return isJson ? undefined : jiraError(415, ['Unsupported Media Type']);
  }

  #tooMany(): Reply {
    const headers: Record<string, string> =
      this.flavour === 'cloud'
        ? {
            'retry-after': '1',
            'x-ratelimit-limit': String(this.behaviour.rateLimitPerSecond),
            'x-ratelimit-remaining': '0',
            'x-ratelimit-reset': new Date(this.now() + 1000).toISOString(),
            'ratelimit-reason': 'jira-burst-based',
          }
        : {
            'retry-after': '0',
            'x-ratelimit-limit': String(this.behaviour.rateLimitPerSecond),
            'x-ratelimit-remaining': '0',
            'x-ratelimit-interval-seconds': '1',
            'x-ratelimit-fillrate': String(this.behaviour.rateLimitPerSecond),
          };
    return { ...jiraError(429, ['Rate limit exceeded.']), headers };
  }

  #route(request: SiteRequest, entrance: Entrance, route: Route | undefined, identity: Identity): Reply {
    const body = readBody(request.body);
    const base = entrance.viaGateway ? `${new URL(this.baseUrl).origin}${this.gatewayPath}` : this.baseUrl;
    let query: URLSearchParams | undefined;
    const call: Call = {
      site: this,
      method: request.method,
      path: entrance.path,
      // Parsed on demand: most checks are answered without it.
      get query(): URLSearchParams {
        query ??= new URLSearchParams(entrance.query);
        return query;
      },
      headers: request.headers,
      body: body === 'unreadable' ? undefined : body.json,
      account: identity.account,
      base,
      english: wantsEnglish(request.headers),
      parts: route === undefined ? [] : (route.pattern.exec(entrance.path) ?? []).slice(1),
      asked: entrance.query === '' ? entrance.path : `${entrance.path}?${entrance.query}`,
    };
    if (this.flavour === 'dc' && entrance.path.startsWith('/rest/api/3/')) {
      return unknownPath(call);
    }
    if (route === undefined) {
      return this.#unrouted(call);
    }
    if (body === 'unreadable') {
      return entrance.path.startsWith('/rest/servicedeskapi')
        ? jsmError(400, 'The request body could not be read.', 'sd.error.body')
        : jiraError(400, ['There was an error parsing JSON. Check that your request body is valid.']);
    }
    return route.answer(call);
  }

  #unrouted(call: Call): Reply {
    if (routes.some((one) => one.pattern.test(call.path))) {
      return plain(405, 'Method Not Allowed');
    }
    return call.path.startsWith('/rest/')
      ? unknownPath(call)
      : html(404, 'Not Found', 'Oops, page not found');
  }
}

function wantsEnglish(headers: Record<string, string>): boolean {
  const force = headers['x-force-accept-language'] === 'true';
  return force && headers['accept-language']?.toLowerCase().startsWith('en') === true;
}

function readBody(text: string | undefined): { json: unknown } | 'unreadable' {
  if (text === undefined || text === '') {
    return { json: undefined };
  }
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read) || Array.isArray(read) ? { json: read } : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

export function createSite(options: SiteOptions = {}): Site {
  return new Site(options);
}
