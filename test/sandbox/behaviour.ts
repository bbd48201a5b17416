/** Everything about a site that a test can switch, at the start or during a run. */

interface Permissions {
  /** Off: issues return 404, and searches do not find the project. */
  browse: boolean;
  /** Off: requests cannot be raised. */
  create: boolean;
  comment: boolean;
  /** Off: no transitions are offered. */
  transition: boolean;
  edit: boolean;
  /** Off: approvals return 403. */
  seeApprovals: boolean;
}

/** How long the search index lags behind, in milliseconds; a range is drawn anew for each change. */
export type IndexLag = number | { minMs: number; maxMs: number };

export interface Behaviour {
  indexLagMs: IndexLag;
  /** The `Date` header. */
  dateHeader: 'on' | 'none' | 'garbled';
  /** `serverTime` of serverInfo. */
  serverTime: 'on' | 'none' | 'garbled';
  /** False: no header shows who was logged in, or that a login failed. */
  loginHeaders: boolean;
  /** Data Center with Basic authentication disabled: 403. */
  basicDisabled: boolean;
  /** After too many wrong passwords: logins are denied without being checked. */
  captcha: boolean;
  /** What is in front of the site: a redirect to a login page, or a login page with status 200. */
  frontDoor: 'none' | 'redirect' | 'login-page';
  permissions: Permissions;
  /** Requests per second for one endpoint and method, and half as many for PUT and DELETE; 0: no limit. */
  rateLimitPerSecond: number;
  /** How an automation rewrites the summary of a new issue. */
  rewriteSummary: ((summary: string) => string) | undefined;
  /** Fields (id or name) that a creation accepts but leaves unset. */
  ignoredOnCreate: readonly string[];
  /** Fields (id or name) that are missing from the issue, the form and the edit screen. */
  hiddenFields: readonly string[];
  /** Fields (id or name) that cannot be edited. */
  notEditable: readonly string[];
  /** Transitions (id, name or target) that are not offered, for example because of a condition. */
  hiddenTransitions: readonly string[];
  /**
   * Fields (id or name) that fail to load: with `failFast=true` the read returns 500, without it they are
   * left out.
   */
  failingFields: readonly string[];
  /** Whether `names` and `schema` still list a field that fails to load; Atlassian does not say. */
  failingFieldNames: 'kept' | 'lost';
  /** The status to which an automation moves a new issue. */
  statusOnCreation: string | undefined;
  /** The names of statuses, types and fields in the account's language, keyed by their English names. */
  translations: Record<string, string>;
  /** How Jira returns URLs in text: as sent, `[url]`, or `[url|url|smart-link]`. */
  links: 'plain' | 'wiki' | 'smart';
  /** Pads each issue answer to at least this many bytes. */
  issueBodyBytes: number;
  /** The maximum number of issues per page of a search, whatever the client requests. */
  searchPageLimit: number;
  /** `loop`: the token of a search's last page leads back to its first page. */
  pageTokens: 'normal' | 'loop';
  /** The maximum number of entries per page of a servicedeskapi list. */
  listPageLimit: number;
  /** True: a desk is found only by its numeric id, so that clients have to list the desks. */
  deskIdsOnly: boolean;
  /**
   * True: refuses requests without `X-ExperimentalApi` to methods that older Data Centers mark as
   * experimental.
   */
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

/** Returns the switches of a new site: the defaults, overridden by the given ones. */
export function createBehaviour(
  given: Partial<Omit<Behaviour, 'permissions'>> & { permissions?: Partial<Permissions> },
): Behaviour {
  return {
    ...defaultBehaviour,
    ...given,
    permissions: { ...defaultBehaviour.permissions, ...given.permissions },
  };
}
