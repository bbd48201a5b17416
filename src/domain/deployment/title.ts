import { oneLine } from '../text.ts';
/** Jira's limit for a summary, in UTF-16 units as Java counts them. */
export const longestTitle = 255;

/** L5: the title of a deployment's change request, the same as Octopus' own integration gives it. */
export function deploymentTitle(names: {
  readonly project: string;
  readonly release: string;
  readonly environment: string;
}): string {
  return `Octopus: Deploy "${names.project}" version ${names.release} to "${names.environment}"`;
}

/** L6: the title of a runbook run's change request. */
export function runbookTitle(names: {
  readonly runbook: string;
  readonly project: string;
  readonly environment: string;
}): string {
  return `Octopus: Run "${names.runbook}" of "${names.project}" in "${names.environment}"`;
}

/** L7: a title is trimmed, and each run of line ends and control characters becomes one space. */
export function cleanTitle(text: string): string {
  return oneLine(text).trim();
}

const withdrawnPattern = /^Withdrawn in favour of ([A-Z][A-Z0-9_]*-[1-9][0-9]*): /;

/** C4: the summary of a change request that gave way to an older one of its title. */
export function withdrawnSummary(olderKey: string, title: string): string {
  return cutToUnits(`Withdrawn in favour of ${olderKey}: ${title}`, longestTitle);
}

/** The key that a withdrawn change request names, or undefined when the summary is not such a one. */
export function withdrawnInFavourOf(summary: string): string | undefined {
  return withdrawnPattern.exec(summary)?.[1];
}

/** L10: how many withdrawals are followed from one check. */
export const mostWithdrawals = 5;

/** L10: whether a change request of this title is one in whose favour one with that summary was withdrawn. */
export function isTitleOfWithdrawn(title: string, summary: string): boolean {
  const prefix = withdrawnPattern.exec(summary)?.[0];
  return prefix !== undefined && cutToUnits(`${prefix}${title}`, longestTitle) === summary;
}

/** Cuts to a number of UTF-16 units without splitting a surrogate pair, and without a space at the end: Jira stores none. */
function cutToUnits(text: string, units: number): string {
  if (text.length <= units) return text;
  const cut = text.slice(0, units);
  return (/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trimEnd();
}
