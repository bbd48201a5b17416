import type { IndexLag } from './behaviour.ts';
import type { IndexEntry, Issue } from './issue.ts';
import type { Random } from './random.ts';

/** Puts the issue's present state into the index, where it shows `lag` after `nowMs`. */
export function indexIssue(issue: Issue, nowMs: number, lag: IndexLag, random: Random): void {
  const lagMs = typeof lag === 'number' ? lag : lag.minMs + random() * (lag.maxMs - lag.minMs);
  const previous = issue.index.at(-1);
  issue.index.push({
    // A later change never shows before an earlier one.
    visibleAtMs: Math.max(nowMs + lagMs, previous?.visibleAtMs ?? 0),
    ...currentEntry(issue),
  });
}

function currentEntry(issue: Issue): Omit<IndexEntry, 'visibleAtMs'> {
  return {
    key: issue.key,
    project: issue.project,
    status: issue.status,
    issueTypeId: issue.issueTypeId,
    values: new Map(issue.values),
    updatedMs: issue.updatedMs,
    removed: issue.removed,
  };
}

/** What a search sees of the issue at `nowMs`; undefined: nothing yet, or no longer. */
export function searchedEntry(issue: Issue, nowMs: number): IndexEntry | undefined {
  const index = issue.index;
  let last = -1;
  while (last + 1 < index.length && (index[last + 1]?.visibleAtMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
    last += 1;
  }
  if (last > 0) {
    index.splice(0, last);
    last = 0;
  }
  const entry = last < 0 ? undefined : index[0];
  return entry?.removed === true ? undefined : entry;
}

/** The issue as it is now, for `reconcileIssues`. */
export function reconciledEntry(issue: Issue, nowMs: number): IndexEntry | undefined {
  return issue.removed ? undefined : { visibleAtMs: nowMs, ...currentEntry(issue) };
}
