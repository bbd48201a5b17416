import { isTransient } from '../../http/retry.ts';
import type { HttpAnswer } from '../../http/transport.ts';

/** How the step logs in: an empty user name means a Data Center personal access token. */
export interface Credentials {
  readonly username: string;
  readonly token: string;
}

export function authorization({ username, token }: Credentials): string {
  if (username === '') return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${username}:${token}`, 'utf8').toString('base64')}`;
}

/** What an answer shows about the login under which it was served (F4). */
export type LoginState = 'proven' | 'anonymous' | 'denied' | 'unknown';

/**
 * Reads the login state from the headers of an answer. With a bad token, Cloud serves many calls anonymously,
 * with status 200 and only `x-seraph-loginreason` as a trace; `x-aaccountid` (Cloud) and `x-ausername` (Data
 * Center) name the account. A Data Center that is overloaded or starting up names nobody, which says nothing
 * about the login.
 */
export function loginState(answer: HttpAnswer): LoginState {
  const reason = (answer.header('x-seraph-loginreason') ?? '').toUpperCase();
  if (reason.includes('AUTHENTICATION_DENIED')) return 'denied';
  if (reason.includes('AUTHENTICATED_FAILED')) return 'anonymous';
  const user = answer.header('x-ausername')?.trim();
  if (user?.toLowerCase() === 'anonymous') return isTransient(answer.status) ? 'unknown' : 'anonymous';
  const account = answer.header('x-aaccountid')?.trim();
  if ((account !== undefined && account !== '') || (user !== undefined && user !== '')) return 'proven';
  return 'unknown';
}

/** The kind of a JSM site, as its address or the headers of its answers show it. */
export type SiteKind = 'cloud' | 'data-center';

export function siteKindOf(site: URL): SiteKind | undefined {
  return /\.(?:atlassian\.net|jira\.com)$/i.test(site.hostname) ? 'cloud' : undefined;
}

export function siteKindShownBy(answer: HttpAnswer): SiteKind | undefined {
  if (answer.header('x-aaccountid') !== undefined) return 'cloud';
  if (answer.header('server')?.toLowerCase().includes('atlassianedge') === true) return 'cloud';
  if (answer.header('x-anodeid') !== undefined || answer.header('x-ausername') !== undefined)
    return 'data-center';
  return undefined;
}
