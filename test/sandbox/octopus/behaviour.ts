/**
 * What may differ from one Octopus server to another, or is not known of any; it may be changed at any time during a
 * run. The statuses are those that a client has to expect: no document gives them.
 */
export interface OctopusBehaviour {
  version: string;
  /** False: a server before interruptions had a `Type`. */
  givesTypes: boolean;
  /** False: answers have no `Date` header. */
  givesDate: boolean;
  /** How far the `Date` header is off the server's clock. */
  dateOffsetMs: number;
  /** The status for a user without any role in the space: 401 in one report. */
  outsiderStatus: 401 | 403;
  /** The status when a user takes responsibility that another holds; 200: it changes hands. */
  takeoverStatus: 200 | 400 | 403 | 409;
  /** The status when somebody who is not responsible submits. */
  notResponsibleStatus: 400 | 403 | 409;
  /** The status when an interruption is submitted that was submitted before. */
  secondSubmitStatus: 400 | 403 | 404 | 409;
  /** Whether a submission without `Id` and `SpaceId` is refused, as the reference says. */
  submitNeedsIds: boolean;
  /** Whether `InterruptionSubmit` is enough for an interruption of teams that the user is not in. */
  submitOverridesTeams: boolean;
  /** The longest page, whatever `take` asks for. */
  longestPage: number;
  /** The limit of 2026.3 and later: a bucket of tokens for each user. */
  rateLimit: { perMinute: number; burst: number; givesRetryAfter: boolean } | undefined;
  /** A successful deployment cancels older paused ones of the same project, environment and tenant. */
  supersedes: boolean;
  /** Whether an abort is a failure that asks for guidance, where the run has guided failure on. */
  asksAfterAbort: boolean;
  /** Whether a step template that was read before its latest change can't be saved. */
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
