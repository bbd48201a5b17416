import type { Account, Flavour } from './account.ts';
import type { Behaviour } from './behaviour.ts';
import {
  dataCenterUsername,
  defaultPersonalAccessToken,
  defaultScopedToken,
  defaultToken,
  defaultUsername,
} from './defaults.ts';
import { html, jsmError, json, plain, type Reply } from './exchange.ts';

/** A login that the site accepts; to expire it, remove it from `site.logins`. */
export interface LoginOption {
  /**
   * `basic`: classic token or password; `scoped`: only through Cloud's gateway; `pat`: Bearer on Data Center.
   */
  readonly kind: 'basic' | 'scoped' | 'pat';
  /** Email address on Cloud, user name on Data Center; a personal access token has none. */
  readonly username?: string;
  readonly secret: string;
  /** Classic scopes of a scoped token; without them it may do everything. */
  readonly scopes?: readonly string[];
  /** The account behind the login; the octopus account by default. */
  readonly account?: Account;
}

export function defaultLogins(flavour: Flavour): LoginOption[] {
  return flavour === 'cloud'
    ? [
        { kind: 'basic', username: defaultUsername, secret: defaultToken },
        { kind: 'scoped', username: defaultUsername, secret: defaultScopedToken },
      ]
    : [
        { kind: 'basic', username: dataCenterUsername, secret: defaultToken },
        { kind: 'pat', secret: defaultPersonalAccessToken },
      ];
}

export type LoginReason = 'OK' | 'AUTHENTICATED_FAILED' | 'AUTHENTICATION_DENIED';

/** The caller. No account: anonymous; no reason: no credentials were sent. */
export interface Identity {
  account: Account | undefined;
  reason: LoginReason | undefined;
  scopes: readonly string[] | undefined;
}

const nobody: Identity = { account: undefined, reason: undefined, scopes: undefined };

const expectedHeaders = new WeakMap<LoginOption, string>();

/** Returns the Authorization header that a login sends. */
export function authorizationOf(login: LoginOption): string {
  let header = expectedHeaders.get(login);
  if (header === undefined) {
    const pair = Buffer.from(`${login.username ?? ''}:${login.secret}`).toString('base64');
    header = login.kind === 'pat' ? `Bearer ${login.secret}` : `Basic ${pair}`;
    expectedHeaders.set(login, header);
  }
  return header;
}

/**
 * Identifies the caller by the Authorization header. The gateway accepts only scoped tokens, and the site
 * none of them.
 */
export function identify(
  header: string | undefined,
  logins: readonly LoginOption[],
  octopus: Account,
  behaviour: Behaviour,
  viaGateway: boolean,
): Identity {
  if (header === undefined) {
    return nobody;
  }
  if (behaviour.captcha) {
    return { ...nobody, reason: 'AUTHENTICATION_DENIED' };
  }
  const login = logins.find(
    (one) => (one.kind === 'scoped') === viaGateway && authorizationOf(one) === header,
  );
  return login === undefined
    ? { ...nobody, reason: 'AUTHENTICATED_FAILED' }
    : { account: login.account ?? octopus, reason: 'OK', scopes: login.scopes };
}

interface LoginSite {
  flavour: Flavour;
  behaviour: Behaviour;
}

/** Refuses a request before it is read, if its login is not accepted. */
export function refuseLogin(
  site: LoginSite,
  identity: Identity,
  request: { authorization: string | undefined; needsLogin: boolean; viaGateway: boolean; isJsm: boolean },
): Reply | undefined {
  if (request.viaGateway && identity.account === undefined) {
    return json(401, { code: 401, message: 'Unauthorized' });
  }
  if (site.flavour === 'dc') {
    const basic = request.authorization?.toLowerCase().startsWith('basic ') === true;
    if (site.behaviour.basicDisabled && basic) {
      return json(403, { message: 'Basic Authentication has been disabled on this instance.' });
    }
    if (identity.reason === 'AUTHENTICATION_DENIED') {
      return html(403, 'Forbidden (403)', 'Encountered a CAPTCHA challenge');
    }
    if (identity.reason === 'AUTHENTICATED_FAILED') {
      return html(401, 'Unauthorized (401)');
    }
  }
  if (!request.needsLogin || identity.account !== undefined) {
    return undefined;
  }
  if (request.isJsm) {
    return jsmError(401, 'Client must be authenticated to access this resource.', 'sd.unauthenticated');
  }
  return site.flavour === 'cloud'
    ? plain(401, 'Client must be authenticated to access this resource.')
    : html(401, 'Unauthorized (401)');
}

/** Returns the headers that show a client who is logged in. */
export function loginHeaders(site: LoginSite, identity: Identity): Record<string, string> {
  if (!site.behaviour.loginHeaders) {
    return {};
  }
  const headers: Record<string, string> = {};
  if (identity.reason !== undefined && (site.flavour === 'dc' || identity.account === undefined)) {
    headers['x-seraph-loginreason'] = identity.reason;
  }
  if (site.flavour === 'dc') {
    headers['x-ausername'] = identity.account?.name ?? 'anonymous';
  } else if (identity.account !== undefined) {
    headers['x-aaccountid'] = encodeURIComponent(identity.account.accountId);
  }
  return headers;
}
