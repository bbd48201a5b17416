/** Everything about a site that a test may switch, at the start or in the middle of a run. */

interface Permissions {
  /** Off: issues answer 404 and the project does not exist in searches. */
  browse: boolean;
  /** Off: requests can't be raised. */
  create: boolean;
  comment: boolean;
  /** Off: no transition is offered. */
  transition: boolean;
  edit: boolean;
  /** Off: approvals answer 403. */
  seeApprovals: boolean;
}

/** How long the search index is behind, in milliseconds; a range is drawn anew for each change. */
export type IndexLag = number | { minMs: number; maxMs: number };

export interface Behaviour {
  indexLagMs: IndexLag;
  /** The `Date` header. */
  dateHeader: 'on' | 'none' | 'garbled';
  /** `serverTime` of serverInfo. */
  serverTime: 'on' | 'none' | 'garbled';
  /** False: no header shows who was logged in, nor that a login failed. */
  loginHeaders: boolean;
  /** Data Center with Basic switched off: 403. */
  basicDisabled: boolean;
  /** Too many wrong passwords: logins are denied without being checked. */
  captcha: boolean;
  /** What stands before the site: a redirect to a login page, or such a page with status 200. */
  frontDoor: 'none' | 'redirect' | 'login-page';
  permissions: Permissions;
  /** Requests a second for one endpoint and method; 0: no limit. Half of it for PUT and DELETE. */
  rateLimitPerSecond: number;
  /** What an automation makes of the summary of a new issue. */
  rewriteSummary: ((summary: string) => string) | undefined;
  /** Fields (id or name) that a creation takes and leaves unset all the same. */
  ignoredOnCreate: readonly string[];
  /** Fields (id or name) that neither the issue nor the form nor the edit screen has. */
  hiddenFields: readonly string[];
  /** Fields (id or name) that can't be edited. */
  notEditable: readonly string[];
  /** Transitions (id, name or target) that are not offered, as where a condition hides them. */
  hiddenTransitions: readonly string[];
  /** Fields (id or name) that fail to load: with `failFast=true` the read is a 500, without it they are left out. */
  failingFields: readonly string[];
  /** Whether `names` and `schema` still list a field that fails to load; Atlassian says neither. */
  failingFieldNames: 'kept' | 'lost';
  /** The status into which an automation puts a new issue. */
  statusOnCreation: string | undefined;
  /** The names of statuses, types and fields in the account's language, by their English names. */
  translations: Record<string, string>;
  /** How Jira gives back URLs in text: as sent, `[url]`, or `[url|url|smart-link]`. */
  links: 'plain' | 'wiki' | 'smart';
  /** Pads each issue answer to at least this many bytes. */
  issueBodyBytes: number;
  /** The most issues on one page of a search, whatever the client asks for. */
  searchPageLimit: number;
  /** `loop`: the token of a search's last page leads back to its first. */
  pageTokens: 'normal' | 'loop';
  /** The most entries on one page of a servicedeskapi list. */
  listPageLimit: number;
  /** True: a desk is found only by its numeric id, so that clients have to list them. */
  deskIdsOnly: boolean;
  /** Refuses methods marked experimental by old Data Centers without `X-ExperimentalApi`. */
  experimental: boolean;
}

const defaultBehaviour: Behaviour = {
  indexLagMs: 0,
  dateHeader: 'on',
  serverTime: 'on',
  loginHeaders: true,
  basicDisabled: false,
  captcha: false,
  frontDoor: 'none',
  permissions: {
    browse: true,
    create: true,
    comment: true,
    transition: true,
    edit: true,
    seeApprovals: true,
  },
  rateLimitPerSecond: 0,
  rewriteSummary: undefined,
  ignoredOnCreate: [],
  hiddenFields: [],
  notEditable: [],
  hiddenTransitions: [],
  failingFields: [],
  failingFieldNames: 'kept',
  statusOnCreation: undefined,
  translations: {},
  links: 'plain',
  issueBodyBytes: 0,
  searchPageLimit: 5000,
  pageTokens: 'normal',
  listPageLimit: 50,
  deskIdsOnly: false,
  experimental: false,
};

/** The switches of a new site: the defaults with the given ones over them. */
export function createBehaviour(
  given: Partial<Omit<Behaviour, 'permissions'>> & { permissions?: Partial<Permissions> },
): Behaviour {
  return {
    ...defaultBehaviour,
    ...given,
    permissions: { ...defaultBehaviour.permissions, ...given.permissions },
  };
}
