import { oneLine } from '../text.ts';

/** Jira's limit for a summary, in UTF-16 units as Java counts them. */
export const longestTitle = 255;

/** L5: returns the title of a deployment's change request, the same as Octopus' own integration uses. */
export function deploymentTitle(names: {
  readonly project: string;
  readonly release: string;
  readonly environment: string;
}): string {
  return `Octopus: Deploy "${names.project}" version ${names.release} to "${names.environment}"`;
}

/** L6: returns the title of a runbook run's change request. */
export function runbookTitle(names: {
  readonly runbook: string;
  readonly project: string;
  readonly environment: string;
}): string {
  return `Octopus: Run "${names.runbook}" of "${names.project}" in "${names.environment}"`;
}

/** L7: trims a title, and replaces each run of line breaks and control characters with one space. */
export function cleanTitle(text: string): string {
  return oneLine(text).trim();
}

const withdrawnPattern = /^Withdrawn in favour of ([A-Z][A-Z0-9_]*-[1-9][0-9]*): /;

/** C4: returns the summary of a change request withdrawn in favour of an older one with the same title. */
export function withdrawnSummary(olderKey: string, title: string): string {
  return cutToUnits(`Withdrawn in favour of ${olderKey}: ${title}`, longestTitle);
}

/** Returns the key that a withdrawn change request's summary names; undefined if it was not withdrawn. */
export function withdrawnInFavourOf(summary: string): string | undefined {
  return withdrawnPattern.exec(summary)?.[1];
}

/** L10: how many withdrawals the step follows from one check. */
export const mostWithdrawals = 5;

/** L10: whether a summary is that of a withdrawn change request that had this title. */
export function isTitleOfWithdrawn(title: string, summary: string): boolean {
  const prefix = withdrawnPattern.exec(summary)?.[0];
  return prefix !== undefined && cutToUnits(`${prefix}${title}`, longestTitle) === summary;
}

/**
 * Cuts a text to a number of UTF-16 units without splitting a surrogate pair, and without a trailing space,
 * which Jira would not store.
 */
function cutToUnits(text: string, units: number): string {
  if (text.length <= units) return text;
  const cut = text.slice(0, units);
  return (/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trimEnd();
}
