import type { Approval } from '../../domain/change/approval-check.ts';
import type { ChangeRequest } from '../../domain/change/change-request.ts';
import type { PlannedFields, PlannedTime } from '../../domain/change/change-window.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import { ruleOf } from '../../domain/decision/decision-rule.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { notMentioned } from '../../domain/deployment/mention.ts';
import { readRunLine } from '../../domain/deployment/run-line.ts';
import { withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { sha256 } from './digest.ts';
import type { CheckEntry, LookupEntry, ReadTimes, RecordApproval } from './record.ts';

/** When a read was requested and answered, by the clocks of the run. */
interface ReadClocks {
  /** Steady clock, from the start of the process. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** The worker's wall clock when the request was sent. */
  readonly askedAtWallMs: number;
  /** The site's time in the answer. */
  readonly serverTime: Date | undefined;
}

/**
 * Makes the entry for a deciding read, with the decision on it if there was one.
 * @param mustMention the texts that the change request must mention (A1)
 */
export function checkEntry(
  check: TimedCheck,
  decision: Decision | undefined,
  mustMention: readonly string[],
): CheckEntry {
  const { changeRequest, window, timeZone, isWhole, approvals } = check;
  return {
    kind: 'check',
    count: 1,
    first: timesOf(check),
    isWhole,
    changeRequest: {
      ...factsOf(changeRequest),
      summary: changeRequest.summary,
      // A read of known fields requests the description only if the decision depends on it.
      descriptionSha256: isWhole || mustMention.length > 0 ? sha256(changeRequest.description) : null,
      plannedStart: plannedFacts(changeRequest.plannedStart),
      plannedEnd: plannedFacts(changeRequest.plannedEnd),
    },
    timeZone: timeZone ?? null,
    descriptionMentions: mustMention.filter((one) => isMentioned(changeRequest.description, one)),
    approvals: approvals === undefined ? null : approvals.map(approvalFacts),
    window: { start: timeFacts(window.start), end: timeFacts(window.end) },
    decision:
      decision === undefined
        ? null
        : { kind: decision.kind, reason: decision.reason, rule: ruleOf(decision, window) },
  };
}

/**
 * Makes the entry for a lookup read: one that finds a change request, or follows what becomes of it.
 * @param title the run's title: the record leaves out the summaries of other change requests
 */
export function lookupEntry(changeRequest: ChangeRequest, clocks: ReadClocks, title: string): LookupEntry {
  const { summary, description } = changeRequest;
  const isOurs = summary.includes(title) || withdrawnInFavourOf(summary) !== undefined;
  return {
    kind: 'lookup',
    count: 1,
    first: timesOf(clocks),
    changeRequest: {
      ...factsOf(changeRequest),
      summary: isOurs ? summary : null,
      descriptionSha256: sha256(description),
    },
    runLine: readRunLine(description) ?? null,
  };
}

function isMentioned(description: string, wanted: string): boolean {
  return wanted.trim() !== '' && notMentioned({ summary: '', description }, [wanted]).length === 0;
}

export function approvalFacts({ created, completed, ...approval }: Approval): RecordApproval {
  return { ...approval, created: isoOf(created), completed: isoOf(completed) };
}

function factsOf({ id, key, projectKey, issueType, status, created }: ChangeRequest) {
  return { id, key, project: projectKey, type: issueType, status, created: isoOf(created) };
}

/** Keeps a value that a planned field should not contain as text, which can be shortened. */
function plannedFacts({ candidates, missing }: PlannedFields): PlannedFields {
  const given = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  return { candidates: candidates.map((field) => ({ ...field, value: given(field.value) })), missing };
}

/** Returns a bound of the window as JSON, with its instant as text. */
function timeFacts(time: PlannedTime): Readonly<Record<string, unknown>> {
  return time.kind === 'set' ? { ...time, at: isoOf(time.at) } : { ...time };
}

/** Returns when a read was requested and answered. */
export function timesOf({ askedAt, answeredAt, askedAtWallMs, serverTime }: ReadClocks): ReadTimes {
  const tookMs = answeredAt - askedAt;
  const before = serverTime && new Date(serverTime.getTime() - Math.ceil(tookMs));
  return {
    asked: {
      site: isoOf(before),
      worker: isoOf(new Date(askedAtWallMs)),
      uptimeMs: rounded(askedAt),
    },
    answered: {
      site: isoOf(serverTime),
      worker: isoOf(new Date(askedAtWallMs + tookMs)),
      uptimeMs: rounded(answeredAt),
    },
  };
}

/** Returns an instant as ISO 8601; null if it is missing or invalid, as it may be in an answer. */
export function isoOf(at: Date | undefined): string | null {
  return at === undefined || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** Rounds to a microsecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
