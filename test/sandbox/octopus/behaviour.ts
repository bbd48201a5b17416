/**
 * Behaviour that differs between Octopus servers, or that is not documented; it can be changed at any time
 * during a run. The statuses are those that a client has to expect.
 */
export interface OctopusBehaviour {
  version: string;
  /** False for a server that does not yet give interruptions a `Type`. */
  givesTypes: boolean;
  /** False: answers have no `Date` header. */
  givesDate: boolean;
  /** By how much the `Date` header differs from the server's clock. */
  dateOffsetMs: number;
  /** The status for a user without any role in the space: 401 according to one report. */
  outsiderStatus: 401 | 403;
  /**
   * The status when a user takes responsibility that another user has; 200: the responsibility changes hands.
   */
  takeoverStatus: 200 | 400 | 403 | 409;
  /** The status when somebody who is not responsible submits. */
  notResponsibleStatus: 400 | 403 | 409;
  /** The status when an interruption is submitted a second time. */
  secondSubmitStatus: 400 | 403 | 404 | 409;
  /** Whether a submission without `Id` and `SpaceId` is refused, as the API reference says. */
  submitNeedsIds: boolean;
  /** Whether `InterruptionSubmit` is enough for an interruption of teams that the user does not belong to. */
  submitOverridesTeams: boolean;
  /** The maximum page size, whatever `take` says. */
  longestPage: number;
  /** The rate limit of 2026.3 and later: one token bucket per user. */
  rateLimit: { perMinute: number; burst: number; givesRetryAfter: boolean } | undefined;
  /**
   * Whether a successful deployment cancels older paused ones of the same project, environment and tenant.
   */
  supersedes: boolean;
  /** Whether an abort counts as a failure that requires guidance, if guided failure is on for the run. */
  asksAfterAbort: boolean;
  /** Whether saving a step template is refused if it was read before its latest change. */
  refusesStaleVersions: boolean;
}

export function defaultBehaviour(): OctopusBehaviour {
  return {
    version: '2026.3.4821',
    givesTypes: true,
    givesDate: true,
    dateOffsetMs: 0,
    outsiderStatus: 401,
    takeoverStatus: 409,
    notResponsibleStatus: 403,
    secondSubmitStatus: 409,
    submitNeedsIds: true,
    submitOverridesTeams: true,
    longestPage: Number.POSITIVE_INFINITY,
    rateLimit: undefined,
    supersedes: false,
    asksAfterAbort: false,
    refusesStaleVersions: false,
  };
}
