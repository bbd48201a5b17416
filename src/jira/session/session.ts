import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { Hold } from '../../http/hold.ts';
import { asObject, asText, parseJson, ShapeError } from '../../http/json.ts';
import { jsonRequest, readTimeoutMs, withinPatience } from '../../http/json-request.ts';
import { type Retrying, type RetryOptions, retried, TransientFailure } from '../../http/retry.ts';
import { SiteClock } from '../../http/site-clock.ts';
import {
  dateOf,
  type HttpRequest,
  requestName,
  type Transport,
  TransportError,
} from '../../http/transport.ts';
import { transportFault } from './answer-errors.ts';
import { ApiRoot, browseUrlAt } from './api-root.ts';
import { type Call, needSending, type OnceOutcome, parseAnswer, type TimedAnswer } from './call.ts';
import {
  authorization,
  type Credentials,
  type LoginState,
  loginState,
  type SiteKind,
  siteKindOf,
  siteKindShownBy,
} from './login.ts';
import { loginFault } from './login-fault.ts';
import { conflictOf, LostAnswer, lostAnswer } from './lost-answer.ts';
import {
  type Exchange,
  failureByStatus,
  faultByStatus,
  isOfSomethingElse,
  outageOfSomethingElse,
} from './status-faults.ts';

export interface SessionOptions extends Retrying {
  /** Root URL of the JSM site; its context path is kept. */
  readonly site: URL;
  readonly credentials: Credentials;
  readonly send: Transport;
  readonly userAgent: string;
}

/** Properties of the answer of `myself`; any of them names the account. */
const accountNames = ['accountId', 'name', 'emailAddress', 'displayName'] as const;

/** What a session has learned from the answers of its site. */
interface Learned {
  readonly apiRoot: ApiRoot;
  readonly fieldNames: Map<string, string>;
  plannedFields: ReadonlyMap<string, string> | undefined;
  readonly setFields: Set<string>;
  provenLogin: boolean;
  siteKind: SiteKind | undefined;
  readonly siteClock: SiteClock;
  readonly hold: Hold;
}

/** One login at one JSM site: sends calls, interprets their answers, and remembers what they show. */
export class Session {
  readonly #options: SessionOptions;
  readonly #learned: Learned;

  constructor(options: SessionOptions, learned?: Learned) {
    this.#options = options;
    this.#learned = learned ?? {
      apiRoot: new ApiRoot(options.site),
      fieldNames: new Map(),
      plannedFields: undefined,
      setFields: new Set(),
      provenLogin: false,
      siteKind: siteKindOf(options.site),
      siteClock: new SiteClock(),
      hold: new Hold(),
    };
  }

  /** The same session, whose requests end when another signal aborts. */
  until(signal: AbortSignal): Session {
    return new Session({ ...this.#options, signal }, this.#learned);
  }

  get siteKind(): SiteKind | undefined {
    return this.#learned.siteKind;
  }

  /** Remembers the kind of the site when something other than a header has shown it. */
  learnSiteKind(siteKind: SiteKind): void {
    this.#learned.siteKind = siteKind;
  }

  /** Remembers the names of fields, so that errors can mention fields by name. */
  learnFieldNames(fields: readonly { readonly id: string; readonly name: string }[]): void {
    for (const { id, name } of fields) this.#learned.fieldNames.set(id, name);
  }

  /** The name of a field by its id; undefined if it was not learned. */
  fieldName(id: string): string | undefined {
    return this.#learned.fieldNames.get(id);
  }

  /** W12: the names of the site's planned fields by id; undefined if they have not been read. */
  get plannedFields(): ReadonlyMap<string, string> | undefined {
    return this.#learned.plannedFields;
  }

  learnPlannedFields(names: ReadonlyMap<string, string>): void {
    this.#learned.plannedFields = names;
  }

  /** W12: ids of the fields that the run sets, whatever the request form calls them. */
  get setFields(): ReadonlySet<string> {
    return this.#learned.setFields;
  }

  learnSetFields(ids: Iterable<string>): void {
    for (const id of ids) this.#learned.setFields.add(id);
  }

  /** The link at which people open an issue: always at the site, never at the gateway. */
  browseUrl(key: string): URL {
    return browseUrlAt(this.#options.site, key);
  }

  /** Makes a call that may be repeated: a read, or a write that has the same effect twice. */
  async call<T>(call: Call<T>): Promise<T> {
    const { siteClock } = this.#learned;
    return retried(this.#retryOptions(call), async (endsAt) => {
      const answer = await this.#answer(call, endsAt);
      const request = this.#request(call);
      const staleMs = siteClock.staleMs(answer);
      if (staleMs !== undefined) throw staleAnswer(request, staleMs);
      const isTimeDoubted = siteClock.isDoubted(answer, this.#options.clock.wallTime());
      const value = parseAnswer(call, request, answer, isTimeDoubted);
      siteClock.learn(answer, isTimeDoubted);
      return value;
    });
  }

  #retryOptions({ mostTries, finalStatus, mayBeSent }: Call<unknown>): RetryOptions {
    const beforeTry = mayBeSent && (() => needSending(mayBeSent));
    return { ...this.#options, mostTries, finalStatus, beforeTry };
  }

  /** C3: sends a write once. It is repeated only if it cannot have been carried out. */
  async once<T>(call: Call<T>): Promise<OnceOutcome<T>> {
    const options: RetryOptions = { ...this.#retryOptions(call), endsWithWait: true };
    // Verify the login first: after the write, a failure to do so would look like a failure of the write.
    await retried({ ...options, beforeTry: undefined }, (endsAt) => this.#proveLogin(endsAt));
    const { clock, patience } = this.#options;
    let sentAt = clock.now();
    try {
      const value = await retried(options, async () => {
        sentAt = clock.now();
        return this.#answerOnce(call);
      });
      return { kind: 'done', value };
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error;
      patience.sawFailure(patience.outageStart(sentAt), clock.now());
      return { kind: 'lost', why: error.why };
    }
  }

  async #answerOnce<T>(call: Call<T>): Promise<T> {
    let answer: TimedAnswer;
    try {
      answer = await this.#answer(call);
    } catch (error) {
      const lost = lostAnswer(error);
      if (lost === undefined) throw conflictOf(call, error) ?? error;
      throw new LostAnswer(lost.summary);
    }
    try {
      return parseAnswer(call, this.#request(call), answer);
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      throw new LostAnswer(error.fault.summary);
    }
  }

  /**
   * Returns a 2xx answer under a verified login, which an anonymous call does not need; throws otherwise.
   * @param endsAt steady clock at which the run's patience ends, which limits the timeout of each request
   */
  async #answer(call: Call<unknown>, endsAt?: number): Promise<TimedAnswer> {
    await this.#finishTurn(endsAt);
    const request = this.#request(call);
    const answer = await this.#send(request, endsAt, call.tooLargeAdvice);
    const shown = siteKindShownBy(answer);
    if (shown !== undefined) this.#learned.siteKind = shown;
    const shownState = loginState(answer);
    // While Jira asks an account for a CAPTCHA, it refuses every request, even one that needs no login.
    const state = call.isPublic === true && shownState !== 'denied' ? 'unknown' : shownState;
    const isForeign = (state === 'proven' || state === 'unknown') && isOfSomethingElse(answer);
    const isExpected = call.mayBeMissing === true && answer.status === 404;
    if (isForeign && !isExpected && this.#options.patience.goodCheck)
      throw outageOfSomethingElse({ request, answer });
    if (state === 'proven') this.#learned.provenLogin = true;
    if (this.#turnsToGateway(request, answer, state)) return this.#answer(call, endsAt);
    this.#throwByStatus(this.#exchange(call, request, answer));
    if (call.isPublic !== true && (await this.#proveLogin(endsAt)) === 'moved') {
      return this.#answer(call, endsAt);
    }
    if (answer.status >= 400) throw faultByStatus(this.#exchange(call, request, answer));
    return answer;
  }

  #throwByStatus(exchange: Exchange): void {
    const failure = failureByStatus(exchange);
    if (failure === undefined) return;
    if (failure instanceof TransientFailure) this.#learned.hold.begin(failure, this.#options.clock.now());
    throw failure;
  }

  #exchange({ advice }: Pick<Call<unknown>, 'advice'>, request: HttpRequest, answer: TimedAnswer): Exchange {
    const now = answer.serverTime ?? this.#options.clock.wallTime();
    return { request, answer, now, advice, fieldNames: this.#learned.fieldNames };
  }

  /**
   * F4: verifies the login with a call of `myself`, unless the headers of an answer have already done so.
   * @returns `moved` if the session turned to the gateway, so that the site's earlier answers don't count
   */
  async #proveLogin(endsAt?: number): Promise<'proven' | 'moved'> {
    if (this.#learned.provenLogin) return 'proven';
    const call: Call<void> = {
      path: '/rest/api/2/myself',
      isPublic: true,
      parse: (json) => {
        const account = asObject(json);
        if (!accountNames.some((name) => asText(account?.[name]) !== undefined)) {
          throw new ShapeError('the answer names no account');
        }
      },
    };
    await this.#finishTurn(endsAt);
    const request = this.#request(call);
    const answer = await this.#send(request, endsAt);
    const state = loginState(answer);
    if (this.#options.patience.goodCheck && state === 'unknown' && isOfSomethingElse(answer)) {
      throw outageOfSomethingElse({ request, answer });
    }
    if (this.#turnsToGateway(request, answer, state)) {
      await this.#proveLogin(endsAt);
      return 'moved';
    }
    this.#throwByStatus(this.#exchange(call, request, answer));
    if (answer.status >= 400) throw faultByStatus(this.#exchange(call, request, answer));
    parseAnswer(call, request, answer);
    this.#learned.provenLogin = true;
    return 'proven';
  }

  /**
   * Turns to the gateway after an answer that refuses the login.
   * @returns whether it did; throws if the login is refused and there is no gateway to try
   */
  #turnsToGateway(request: HttpRequest, answer: TimedAnswer, state: LoginState): boolean {
    if (answer.status !== 401 && state !== 'anonymous' && state !== 'denied') return false;
    const { credentials } = this.#options;
    const { provenLogin, siteKind, apiRoot } = this.#learned;
    const refusedBySite = apiRoot.refusedBySite !== undefined;
    const refused = loginFault({ request, answer, state, credentials, siteKind, refusedBySite });
    if (provenLogin || state === 'denied' || siteKind !== 'cloud') throw refused;
    apiRoot.turnToGateway(refused);
    return true;
  }

  /** Finds the gateway after the site has refused the login. */
  async #finishTurn(endsAt: number | undefined): Promise<void> {
    await this.#learned.apiRoot.finishTurn(() => this.#cloudId(endsAt));
  }

  /** Asks the site for its cloud id; undefined if it definitely does not give one. */
  async #cloudId(endsAt: number | undefined): Promise<string | undefined> {
    const request: HttpRequest = {
      method: 'GET',
      url: `${this.#options.site.origin}/_edge/tenant_info`,
      headers: { Accept: 'application/json', 'User-Agent': this.#options.userAgent },
      timeoutMs: readTimeoutMs,
      freshConnection: false,
    };
    const answer = await this.#send(request, endsAt);
    const failure = failureByStatus(this.#exchange({}, request, answer));
    if (failure instanceof TransientFailure && failure.kind === 'outage') {
      this.#learned.hold.begin(failure, this.#options.clock.now());
      throw this.#failure(failure.fault, false, failure.retryAfterMs);
    }
    const id = asText(asObject(parseJson(answer.text))?.['cloudId']);
    return id !== undefined && /^[0-9a-f-]{8,64}$/i.test(id) ? id : undefined;
  }

  async #send(request: HttpRequest, endsAt = Infinity, tooLargeAdvice?: Text): Promise<TimedAnswer> {
    const { send, clock, patience, signal } = this.#options;
    const askedAt = clock.now();
    this.#learned.hold.check(askedAt);
    const timeoutMs = withinPatience(request.timeoutMs, endsAt - askedAt);
    try {
      const answer = await send({ ...request, timeoutMs }, signal);
      return {
        // Not spread: V8 would create a separate shape for each such object, and they add up in a long wait.
        status: answer.status,
        header: answer.header,
        text: answer.text,
        askedAt,
        answeredAt: clock.now(),
        serverTime: dateOf(answer),
      };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const fault = transportFault(request, error, tooLargeAdvice);
      // F2: at first contact, a fault that needs somebody to fix it ends the run; later it may be temporary.
      const final =
        error.failure === 'too-large' ||
        (['unknown-host', 'certificate', 'bad-proxy'].includes(error.failure) && !patience.goodAnswer);
      throw this.#failure(fault, final);
    }
  }

  /** Until the gateway has accepted the login, the site's refusal may be the cause of a fault. */
  #failure(fault: Fault, isFinal: boolean, retryAfterMs?: number): Fault | TransientFailure {
    const { apiRoot, provenLogin } = this.#learned;
    const { refusedBySite } = apiRoot;
    const onTheWay =
      refusedBySite === undefined || provenLogin ? undefined : apiRoot.outOfReach(refusedBySite, fault);
    const shown = onTheWay?.shown ?? fault;
    return isFinal || onTheWay?.isFinal ? shown : new TransientFailure(shown, 'outage', retryAfterMs);
  }

  #request({ method = 'GET', path, body, timeoutMs }: Call<unknown>): HttpRequest {
    const { credentials, userAgent } = this.#options;
    const request = jsonRequest({
      method,
      url: `${this.#learned.apiRoot.url}${path}`,
      body,
      userAgent,
      headers: {
        Authorization: authorization(credentials),
        // Names in the account's language would not match: ask for English, and force it.
        'Accept-Language': 'en',
        'X-Force-Accept-Language': 'true',
        'X-ExperimentalApi': 'opt-in',
      },
      isWrite: method !== 'GET' && !/\/(?:search|bulkfetch)/.test(path),
    });
    return timeoutMs === undefined ? request : { ...request, timeoutMs };
  }
}

/** W8: the failure for an answer from a cache, which does not show the current state. */
function staleAnswer(request: HttpRequest, staleMs: number): TransientFailure {
  return new TransientFailure(
    new Fault(
      'unreachable',
      text`The answer to ${requestName(request)} is ${Math.round(staleMs / 1000)} s old, so it came from a cache.`,
      text`Make sure that no proxy between the worker and the JSM site caches its answers, and check the clocks of the site's servers.`,
    ),
    'outage',
  );
}
