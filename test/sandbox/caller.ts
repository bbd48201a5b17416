import type { SiteAnswer } from './exchange.ts';
import { authorizationOf } from './login.ts';
import type { Site } from './site.ts';

interface Called extends SiteAnswer {
  /** The body as JSON; undefined if it is not JSON. */
  json: unknown;
}

export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Called;

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Returns the Basic header for a user name and a secret. */
export function basicHeader(username: string, secret: string): string {
  return authorizationOf({ kind: 'basic', username, secret });
}

/** Returns the Authorization header for the site's first login. */
export function loginHeader(site: Site): string {
  const login = site.logins[0];
  return login === undefined ? '' : authorizationOf(login);
}

/**
 * Returns a function that calls a site in process, with the site's first login or the given header (empty:
 * anonymous).
 */
export function createCaller(site: Site, authorization: string = loginHeader(site)): Caller {
  return (method, path, body, headers = {}) => {
    const answer = site.answer({
      method,
      path: `${site.contextPath}${path}`,
      headers: {
        accept: 'application/json',
        ...(authorization === '' ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { ...answer, json: jsonOf(answer.body) };
  };
}
