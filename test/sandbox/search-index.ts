import type { IndexLag } from './behaviour.ts';
import type { IndexEntry, Issue } from './issue.ts';
import type { Random } from './random.ts';

/** Adds the issue's current state to the index, where it becomes visible `lag` after `nowMs`. */
export function indexIssue(issue: Issue, nowMs: number, lag: IndexLag, random: Random): void {
  const lagMs = typeof lag === 'number' ? lag : lag.minMs + random() * (lag.maxMs - lag.minMs);
  const previous = issue.index.at(-1);
  issue.index.push({
    // A later change never becomes visible before an earlier one.
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

/** Returns the issue as a search sees it at `nowMs`; undefined if it is not yet, or no longer, visible. */
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

/** Returns the issue's current state, for `reconcileIssues`. */
export function reconciledEntry(issue: Issue, nowMs: number): IndexEntry | undefined {
  return issue.removed ? undefined : { visibleAtMs: nowMs, ...currentEntry(issue) };
}
