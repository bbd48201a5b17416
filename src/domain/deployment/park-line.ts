import { issueKey } from '../issue-key.ts';
import { isSameServerAndSpace, type OctopusRun } from './run-line.ts';

/** What a parked run waits for, from the last line of the instructions of its Manual Intervention (R2). */
export interface ParkLine {
  /** The link that opens the change request. */
  readonly browseUrl: string;
  readonly run: OctopusRun;
}

const label = 'Parked:';

/**
 * R2: returns the park line, without a line break.
 * @param browseUrl the link that opens the change request: `{BaseUrl}/browse/{KEY}`
 * @returns undefined if a part is empty or contains a space, because the line could not be parsed
 */
export function parkLine(browseUrl: URL, { serverUri, spaceId, runId }: OctopusRun): string | undefined {
  const words = [browseUrl.href, serverUri, spaceId, runId].map((word) => word.trim());
  return words.every(isParkWord) ? [label, ...words].join(' ') : undefined;
}

/** Whether a part of a park line can be parsed again. */
export function isParkWord(word: string): boolean {
  return word !== '' && !/\s|\p{Cc}|#\{/u.test(word);
}

/**
 * R3: parses the park line at the end of the instructions of a Manual Intervention; spaces and line breaks
 * around it do not matter.
 * @returns undefined if the instructions do not end with a park line
 */
export function readParkLine(instructions: string): ParkLine | undefined {
  // Stryker disable next-line Regex: its mutant with \V is not a regular expression.
  const lines = instructions.trimEnd().split(/[\r\n\u2028\u2029\v\f]/u);
  const [first, browseUrl, serverUri, spaceId, runId, ...others] = (lines.at(-1) ?? '').trim().split(/\s+/u);
  if (first !== label || runId === undefined || others.length > 0) return undefined;
  if (browseUrl === undefined || serverUri === undefined || spaceId === undefined) return undefined;
  return { browseUrl, run: { serverUri, spaceId, runId } };
}

/** R3: whether the line names this server and this space; servers are compared as in a run line (C1). */
export function isParkedAt({ run }: ParkLine, here: Omit<OctopusRun, 'runId'>): boolean {
  return isSameServerAndSpace(run, here);
}

/**
 * R3: returns the key of the change request if the link is exactly that of a change request on the site.
 * @param site root URL of the JSM site, without a trailing slash
 */
export function keyParkedFor({ browseUrl }: ParkLine, site: string): string | undefined {
  const key = issueKey(browseUrl.slice(browseUrl.lastIndexOf('/') + 1));
  return key !== undefined && browseUrl === `${site}/browse/${key}` ? key : undefined;
}
