import { isByDecision } from '../../domain/decision/decision-rule.ts';
import type { Outcome } from '../../domain/decision/outcome.ts';
import { plain } from '../../domain/text.ts';
import { canonical, chained, sha256 } from './digest.ts';
import { harmless } from './harmless.ts';
import type { ChainedEntry, ChangeRecord, RecordEnding, RecordEntry, RecordHead } from './record.ts';

/** E3: returns the digest with which a chain begins. */
export function headDigest(head: RecordHead): string {
  return sha256(canonical(head));
}

/** Adds to each entry a digest of the entry and of everything before it. */
function chain(head: RecordHead, entries: readonly RecordEntry[]): readonly ChainedEntry[] {
  let digest = headDigest(head);
  return entries.map((entry) => {
    digest = chained(digest, entry);
    return { ...entry, digest };
  });
}

/** E4: returns the digest of a record so far. */
export function digestSoFar(head: RecordHead, entries: readonly RecordEntry[]): string {
  return chain(head, entries).at(-1)?.digest ?? headDigest(head);
}

/** How a run ended, in addition to its outcome. */
export type Circumstances = Pick<
  RecordEnding,
  'at' | 'uptimeMs' | 'exitCode' | 'approvals' | 'changeRequest'
>;

/** Returns the complete record of a run. */
export function changeRecord(
  head: RecordHead,
  entries: readonly RecordEntry[],
  outcome: Outcome,
  circumstances: Circumstances,
  redact: (text: string) => string,
): ChangeRecord {
  const kept = chain(head, entries);
  const ending = harmless({ ...recordedEnding(entries, outcome), ...circumstances }, redact);
  const before = kept.at(-1)?.digest ?? headDigest(head);
  return { ...head, entries: kept, ending, digest: chained(before, ending) };
}

function recordedEnding(
  entries: readonly RecordEntry[],
  outcome: Outcome,
): Pick<RecordEnding, 'decision' | 'code' | 'rule' | 'by' | 'reason' | 'advice'> {
  const last = entries.findLast((entry) => entry.kind === 'check')?.decision ?? undefined;
  const { verdict, code, rule, reason, advice } = outcome;
  return {
    decision: verdict,
    code,
    rule,
    by: isByDecision(outcome, last) ? 'decision' : 'other',
    reason: plain(reason),
    advice: advice === undefined ? '' : plain(advice),
  };
}

/** E1: returns the name of the record's files, in characters that any file system and shell accepts. */
export function recordName(changeRequest: string | undefined, runId: string): string {
  const subject = changeRequest ?? (runId === '' ? 'unknown' : runId);
  return `change-record-${subject.slice(0, 100).replace(/[^A-Za-z0-9._-]/gu, '_')}`;
}

/** Returns the text of a record's file: JSON with one line for each part and one for each entry. */
export function recordText({ entries, ...parts }: ChangeRecord): string {
  const lines = Object.entries(parts).map(
    ([name, part]) => `${JSON.stringify(name)}: ${JSON.stringify(part)}`,
  );
  const listed = entries.map((entry) => JSON.stringify(entry)).join(',\n');
  return `{\n${[...lines.slice(0, -2), `"entries": [\n${listed}\n]`, ...lines.slice(-2)].join(',\n')}\n}\n`;
}
