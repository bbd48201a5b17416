import { headDigest } from '../../src/app/evidence/change-record.ts';
import { canonical, chained } from '../../src/app/evidence/digest.ts';
import { isShortened } from '../../src/app/evidence/harmless.ts';
import type {
  ChainedEntry,
  ChangeRecord,
  CheckEntry,
  ReadTimes,
  RecordApproval,
  RecordDecision,
  RecordHead,
} from '../../src/app/evidence/record.ts';
import type { Approval } from '../../src/domain/change/approval-check.ts';
import type { ChangeRequest } from '../../src/domain/change/change-request.ts';
import { type ChangeWindow, changeWindow } from '../../src/domain/change/change-window.ts';
import { mayStillProceed } from '../../src/domain/decision/check-age.ts';
import { type ChangeRules, decide, latestStart } from '../../src/domain/decision/decision.ts';
import { isByDecision, ruleOf } from '../../src/domain/decision/decision-rule.ts';
import { runLine } from '../../src/domain/deployment/run-line.ts';
import { browseUrlAt } from '../../src/jira/session/api-root.ts';
import { hidden } from '../../src/octopus/secrets.ts';
import { productVersion } from '../../src/version.ts';

/** The result of verifying one place in a record. */
export interface Finding {
  /** For example `entries[3].decision`. */
  readonly where: string;
  readonly holds: boolean;
  readonly says: string;
}

/** E3: recomputes everything in a record that can be recomputed, with the code of the run itself. */
export function replayed(record: ChangeRecord): readonly Finding[] {
  const ofEntries = [...sealed(record), ...decisions(record)].sort((a, b) => placeOf(a) - placeOf(b));
  return [
    ...version(record),
    ...changes(record),
    ...runLineShown(record),
    ...ofEntries,
    ...shownApprovals(record),
    ...origin(record),
    ...ending(record),
  ];
}

/** Another version may decide differently, which does not make the record wrong. */
function version({ step }: ChangeRecord): readonly Finding[] {
  if (step.version === productVersion) return [];
  return [
    {
      where: 'step.version',
      holds: true,
      says: `is ${step.version}, but this is the replay of version ${productVersion}: differences below may be due to that`,
    },
  ];
}

/** C1: verifies that the run line is that of the run. */
function runLineShown({ run }: RecordHead): readonly Finding[] {
  if (isAltered(run.line) || run.line === runLine(run)) return [];
  return [{ where: 'run.line', holds: false, says: `is not the run line of this run, "${runLine(run)}"` }];
}

/** Whether a text may differ from what it was made of, because it was shortened or contained a secret. */
function isAltered(text: string): boolean {
  return isShortened(text) || text.includes(hidden);
}

function placeOf({ where }: Finding): number {
  return Number(/\d+/.exec(where)?.[0] ?? 0);
}

/** Recomputes the chain of digests: the first one that does not match shows where the record was changed. */
function changes(record: ChangeRecord): readonly Finding[] {
  const { entries, ending, digest, ...head } = record;
  let before = headDigest(head satisfies RecordHead);
  for (const [index, entry] of entries.entries()) {
    const { digest: noted, ...facts } = entry;
    before = chained(before, facts);
    if (noted === before) continue;
    const [where, subject] =
      index === 0
        ? ['the head or entries[0]', `the run, its settings, or ${subjectOf(entry)}`]
        : [`entries[${index}]`, subjectOf(entry)];
    return [{ where, holds: false, says: `was changed (${subject}): its digest does not match` }];
  }
  if (chained(before, ending) === digest) return [];
  const where = entries.length === 0 ? 'the head or the ending' : 'ending';
  return [{ where, holds: false, says: 'was changed: the digest of the record does not match' }];
}

/** Names the subject of an entry for people. */
function subjectOf(entry: ChainedEntry): string {
  switch (entry.kind) {
    case 'check':
    case 'lookup': {
      const { key, status } = entry.changeRequest;
      return `the read of ${key} (${status.name}) at ${timeOf(entry.first)}`;
    }
    case 'approvals':
      return `the approvals of ${entry.key}, read at ${entry.at}`;
    case 'write':
      return `what was written to Jira at ${entry.at} (${entry.what})`;
    case 'digest':
      return 'the digest for the comment in Jira';
    case 'omitted':
      return 'the count of further checks';
  }
}

/** E4: verifies the digests that comments contain. */
function sealed({ entries, ...rest }: ChangeRecord): readonly Finding[] {
  const { ending: _ending, digest: _digest, ...head } = rest;
  return entries.flatMap((entry, index): readonly Finding[] => {
    const where = `entries[${index}]`;
    const before = entries[index - 1];
    const named = digestIn(entry);
    if (named !== undefined && (before?.kind !== 'digest' || before.sha256 !== named)) {
      return [{ where, holds: false, says: 'is a comment with a different digest than the record' }];
    }
    if (entry.kind !== 'digest') return [];
    const isOfBefore = entry.sha256 === (before?.digest ?? headDigest(head));
    if (!isOfBefore)
      return [{ where, holds: false, says: 'is not the digest of the record up to this entry' }];
    if (!isCommentWith(entries[index + 1], entry.sha256)) {
      return [{ where: `entries[${index + 1}]`, holds: false, says: 'is not a comment with the digest' }];
    }
    const comment = entries[index + 1];
    const isRefused = comment?.kind === 'write' && comment.result === 'refused';
    const inJira = isRefused
      ? 'Jira refused the comment that contains it'
      : `the comment in Jira must contain ${entry.sha256}`;
    const says = `digest of the record up to this entry; ${inJira}`;
    return [{ where, holds: true, says }];
  });
}

function isCommentWith(entry: ChainedEntry | undefined, digest: string): boolean {
  const body = commentOf(entry);
  // The record contains only the beginning of a long comment.
  return body !== undefined && (body.includes(digest) || isShortened(body));
}

/** Returns the digest of the record that a comment states; no text from outside can begin such a line. */
function digestIn(entry: ChainedEntry): string | undefined {
  return /^Change record \(.*\): ([0-9a-f]{64})$/m.exec(commentOf(entry) ?? '')?.[1];
}

function commentOf(entry: ChainedEntry | undefined): string | undefined {
  if (entry?.kind !== 'write' || entry.what !== 'comment') return undefined;
  const { body } = entry.content as { readonly body?: unknown };
  return typeof body === 'string' ? body : undefined;
}

function decisions(record: ChangeRecord): readonly Finding[] {
  return record.entries.flatMap((entry, index) =>
    entry.kind === 'check' ? decision(record, entry, `entries[${index}]`) : [],
  );
}

function decision(record: ChangeRecord, entry: CheckEntry, where: string): readonly Finding[] {
  const { settings } = record;
  if (settings === null) return [{ where, holds: false, says: 'is a check, but the run had no settings' }];
  const window = changeWindow(entry.changeRequest, entry.timeZone ?? undefined);
  if (shown(window.start) !== shown(entry.window.start) || shown(window.end) !== shown(entry.window.end)) {
    return [{ where: `${where}.window`, holds: false, says: 'does not match the planned fields' }];
  }
  if (entry.decision === null)
    return [{ where, holds: true, says: `${facts(entry)}: no decision was based on it` }];
  const noted = words(entry.decision);
  if (settings.approvalCheck !== 'status' && entry.approvals === null) {
    return [
      { where: `${where}.approvals`, holds: false, says: 'are missing, but the approval check needs them' },
    ];
  }
  for (const times of entry.last === undefined ? [entry.first] : [entry.first, entry.last]) {
    const again = words(decidedAgain(record, entry, window, times));
    if (again !== noted) {
      return [
        { where: `${where}.decision`, holds: false, says: `is ${noted}, but ${facts(entry)} gives ${again}` },
      ];
    }
  }
  const times = entry.count === 1 ? '' : ` (${entry.count} checks, first and last recomputed)`;
  return [{ where, holds: true, says: `${facts(entry)}: ${noted} confirmed${times}` }];
}

function decidedAgain(
  { operation, settings }: ChangeRecord,
  { changeRequest: facts, descriptionMentions, approvals }: CheckEntry,
  window: ChangeWindow,
  { answered }: ReadTimes,
): RecordDecision {
  const changeRequest: ChangeRequest = {
    ...facts,
    projectKey: facts.project,
    issueType: facts.type,
    summary: facts.summary ?? '',
    description: '',
    created: undefined,
  };
  const rules: ChangeRules = {
    states: { proceed: settings?.proceedStatuses ?? [], wait: settings?.waitStatuses ?? [] },
    projects: settings?.allowedProjects ?? [],
    issueTypes: settings?.issueTypes ?? undefined,
    requirePlannedEnd: settings?.requirePlannedEnd ?? false,
    // Of the description, the record contains only what it mentions.
    mustMention: (settings?.mustMention ?? []).filter((one) => !descriptionMentions.includes(one)),
    approval: { check: settings?.approvalCheck ?? 'status', deployer: settings?.otherThan ?? undefined },
  };
  const check = {
    changeRequest,
    approvals: approvals?.map(approval),
    window,
    serverTime: dateOf(answered.site),
    answeredAt: answered.uptimeMs,
  };
  const limitMs = (settings?.waitLimitMinutes ?? 0) * 60_000;
  // V1: a Verify does not wait.
  const deadline = operation !== 'Verify' && limitMs > 0 ? limitMs : undefined;
  const again = decide(check, rules, latestStart(check, deadline));
  return { kind: again.kind, reason: again.reason, rule: ruleOf(again, window) };
}

/** F7, W8: verifies that the ending follows from the last check. */
function ending({ operation, entries, ending }: ChangeRecord): readonly Finding[] {
  const where = 'ending';
  const wrong = (says: string): readonly Finding[] => [{ where, holds: false, says }];
  const { decision, code, exitCode, by, rule } = ending;
  const good = operation === 'Request' ? ['Ready', 'Pending'] : ['Proceed'];
  if (good.includes(decision) !== (exitCode === 0)) {
    return wrong(`is ${decision} with exit code ${exitCode}, which do not go together in ${operation}`);
  }
  const last = entries.findLast((entry) => entry.kind === 'check');
  const isOfCheck = isByDecision({ verdict: decision, code, rule }, last?.decision ?? undefined);
  if (isOfCheck !== (by === 'decision')) {
    const found = last?.decision == null ? 'there is none' : `that is ${words(last.decision)}`;
    const claim =
      by === 'decision'
        ? 'the decision on the last check'
        : 'something other than the decision on the last check';
    return wrong(`is ${decision}, ${code} (${rule}) by ${claim}, but ${found}`);
  }
  if (exitCode === 0 && by !== 'decision')
    return wrong(`is ${decision}, which does not follow from the last check`);
  if (decision === 'Proceed') {
    const why = last === undefined ? 'without a check' : notAllowed(last, ending);
    if (why !== undefined) return wrong(`proceeds ${why}`);
    const isWrite = ({ kind }: ChainedEntry): boolean => kind === 'write';
    if (last !== undefined && entries.findLastIndex(isWrite) > entries.indexOf(last))
      return wrong('proceeds although something was written after the last check');
  }
  const how =
    by === 'decision' ? 'follows from the last check' : 'does not follow from a check: shown, not recomputed';
  return [{ where, holds: true, says: `${decision}, ${code} (${rule}), exit code ${exitCode}: ${how}` }];
}

/**
 * A3: verifies that the ending shows the same approvals as the last entry with approvals of that change
 * request.
 */
function shownApprovals({ entries, ending }: ChangeRecord): readonly Finding[] {
  if (entries.some(({ kind }) => kind === 'omitted')) return [];
  const key = ending.changeRequest?.key;
  const shown = entries.flatMap((entry) => {
    if (entry.kind === 'approvals') return entry.key === key ? [entry.approvals] : [];
    return entry.kind === 'check' && entry.changeRequest.key === key
      ? ((entry.approvals && [entry.approvals]) ?? [])
      : [];
  });
  const last = shown.at(-1) ?? null;
  if (canonical(ending.approvals?.approvals ?? null) === canonical(last)) return [];
  return [{ where: 'ending.approvals', holds: false, says: 'are not those that the entries show' }];
}

/** L1, O4: verifies that the change request of the ending can have come about as the ending says. */
function origin({ settings, entries, ending: { changeRequest } }: ChangeRecord): readonly Finding[] {
  if (settings === null || changeRequest === null) return [];
  const { key, url, source } = changeRequest;
  const found: Finding[] = [];
  const wrong = (where: string, says: string): void => void found.push({ where, holds: false, says });
  const { site } = settings;
  const isExact = url !== null && !isAltered(url) && !isAltered(site);
  if (isExact && (!URL.canParse(site) || url !== browseUrlAt(new URL(site), key).href))
    wrong('ending.changeRequest.url', `is not the link to ${key} on ${site}`);
  if ((source === 'Supplied') !== (settings.suppliedKey !== null)) {
    const says = settings.suppliedKey === null ? 'none was supplied' : `${settings.suppliedKey} was supplied`;
    wrong('ending.changeRequest.source', `is ${source}, but ${says}`);
  }
  const mayBeCreated = entries.some(
    (entry) =>
      entry.kind === 'omitted' ||
      (entry.kind === 'write' && entry.what === 'create' && entry.result !== 'refused'),
  );
  if (source === 'Created' && !mayBeCreated)
    wrong('ending.changeRequest.source', 'is Created, but no entry shows that the run raised one');
  return found;
}

function notAllowed(last: CheckEntry, ending: ChangeRecord['ending']): string | undefined {
  if (last.decision?.kind !== 'proceed') return 'although the last check does not allow it';
  if (!last.isWhole) return 'on a check that did not read all fields';
  if (ending.changeRequest?.key !== last.changeRequest.key)
    return 'on a different change request than the last check';
  const { asked, answered } = last.last ?? last.first;
  const age = { askedAt: asked.uptimeMs, askedAtWallMs: Date.parse(asked.worker ?? '') };
  const now = { steadyMs: ending.uptimeMs, wallMs: Date.parse(ending.at) };
  if (now.steadyMs < answered.uptimeMs) return 'before the last check was answered';
  return mayStillProceed(age, now) ? undefined : 'on a check that was too old';
}

function facts({ changeRequest: { key, status }, window, first, last }: CheckEntry): string {
  return `${timeOf(last ?? first)} ${key} ${status.name}, ${windowText(shown(window.start), shown(window.end))}`;
}

function timeOf({ answered }: ReadTimes): string {
  return (answered.site ?? answered.worker ?? 'an unknown time').replace('.000Z', 'Z');
}

function windowText(start: string, end: string): string {
  const isOpen = (bound: string): boolean => bound === 'unset' || bound === 'no-field';
  if (isOpen(start)) return isOpen(end) ? 'no window' : `until ${end}`;
  return isOpen(end) ? `from ${start}` : `${start} to ${end}`;
}

/** Formats the parts of a window's bound that affect the decision. */
function shown(time: unknown): string {
  const { kind, at, wholeDay } = time as { kind: string; at?: Date | string; wholeDay?: boolean };
  if (kind !== 'set' || at === undefined) return kind;
  return `${new Date(at).toISOString().replace('.000Z', 'Z')}${wholeDay === true ? ' (a whole day)' : ''}`;
}

function approval({ created, completed, ...facts }: RecordApproval): Approval {
  return { ...facts, created: dateOf(created), completed: dateOf(completed) };
}

function words({ kind, reason, rule }: RecordDecision): string {
  return `${kind}, ${reason} (${rule})`;
}

function dateOf(iso: string | null): Date | undefined {
  return iso === null ? undefined : new Date(iso);
}
