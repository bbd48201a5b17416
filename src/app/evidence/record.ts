import type { ApprovalCheck, Approver } from '../../domain/change/approval-check.ts';
import type { ChangeStatus, Named } from '../../domain/change/change-state.ts';
import type { PlannedFields } from '../../domain/change/change-window.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import type { DecisionCode, Outcome } from '../../domain/decision/outcome.ts';
import type { OctopusRun } from '../../domain/deployment/run-line.ts';

/**
 * The change record (E2), as described in `docs/change-record.schema.json`. All of it is JSON: instants are
 * ISO 8601 in UTC, and texts from outside are shortened.
 */
export interface ChangeRecord extends RecordHead {
  readonly entries: readonly ChainedEntry[];
  readonly ending: RecordEnding;
  /** Digest of the whole record: the chain of the entries, continued with the ending. */
  readonly digest: string;
}

/** What is known before the first request. */
export interface RecordHead {
  readonly record: 'octopus-jsm-change-record';
  readonly recordVersion: 1;
  readonly step: { readonly version: string; readonly bundleSha256: string | null };
  readonly operation: string;
  readonly run: RecordRun;
  /** Null if the inputs were not usable. */
  readonly settings: RecordSettings | null;
}

interface RecordRun extends OctopusRun {
  /** The run line (C1). */
  readonly line: string;
  readonly project: string;
  readonly release: string;
  readonly environment: string;
  readonly runbook: string;
  readonly tenant: string;
  readonly tenantTags: string;
  readonly space: string;
  readonly step: string;
  readonly taskUrl: string;
  readonly deployer: { readonly name: string; readonly username: string; readonly email: string };
  readonly trigger: { readonly id: string; readonly name: string };
}

interface RecordSettings {
  readonly site: string;
  /** Empty for a personal access token, which has no user name. */
  readonly account: string;
  /** SHA-256 of the policy's text; null if the parameters decide. */
  readonly policySha256: string | null;
  readonly serviceProject: string;
  readonly requestType: string;
  readonly title: string;
  readonly suppliedKey: string | null;
  readonly earlierKey: string | null;
  readonly proceedStatuses: readonly string[];
  readonly waitStatuses: readonly string[];
  readonly plannedStartField: string | null;
  readonly plannedEndField: string | null;
  readonly requirePlannedEnd: boolean;
  readonly allowedProjects: readonly string[];
  readonly issueTypes: readonly string[] | null;
  /** The texts that the change request must mention; none unless it was supplied. */
  readonly mustMention: readonly string[];
  readonly approvalCheck: ApprovalCheck;
  /** The person whose approval does not count for `other-approver`; null if a trigger started the run. */
  readonly otherThan: { readonly email: string; readonly username: string } | null;
  readonly customerComments: string;
  readonly approveTransition: string;
  readonly whenPending: string;
  readonly pollIntervalSeconds: number;
  readonly waitLimitMinutes: number;
  readonly outageMinutes: number;
  readonly fields: readonly { readonly field: string; readonly value: string }[];
}

/** The clocks at one moment. */
interface ClockTimes {
  /**
   * Null if the answer did not show it. For the request: the time in the answer, less the read's duration.
   */
  readonly site: string | null;
  readonly worker: string | null;
  /** Since the process started, by a clock that nobody can set. */
  readonly uptimeMs: number;
}

/** When one read was requested, and when its answer arrived. */
export interface ReadTimes {
  readonly asked: ClockTimes;
  readonly answered: ClockTimes;
}

/** Consecutive reads that show the same are one entry. */
interface Repeated {
  readonly count: number;
  readonly first: ReadTimes;
  /** The times of the last read, if there were several. */
  readonly last?: ReadTimes;
}

/** A change request as one answer shows it. */
interface RecordChangeRequest {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly type: Named;
  /** Null in a lookup, if the change request has another title. */
  readonly summary: string | null;
  /** Null if the description was not requested. */
  readonly descriptionSha256: string | null;
  readonly status: ChangeStatus;
  readonly created: string | null;
}

/** A check on which the step decides. */
export interface CheckEntry extends Repeated {
  readonly kind: 'check';
  /** Whether all fields were read, not only those known from an earlier check. */
  readonly isWhole: boolean;
  readonly changeRequest: RecordChangeRequest & {
    /** As Jira returned them; a candidate without a value was not in the answer. */
    readonly plannedStart: PlannedFields;
    readonly plannedEnd: PlannedFields;
  };
  /** The account's time zone, if a date without a time had to be interpreted. */
  readonly timeZone: string | null;
  /** The texts among those that it must mention (A1) that are in its description. */
  readonly descriptionMentions: readonly string[];
  /** The approvals, if the decision depends on them (A2); otherwise null. */
  readonly approvals: readonly RecordApproval[] | null;
  /** The window as the step interpreted it. */
  readonly window: { readonly start: unknown; readonly end: unknown };
  /** Null if the run ended before the decision, or needed none. */
  readonly decision: RecordDecision | null;
}

export interface RecordDecision {
  readonly kind: Decision['kind'];
  readonly reason: Decision['reason'];
  readonly rule: string;
}

/** A read by which the step finds the change request, or follows what becomes of it. */
export interface LookupEntry extends Repeated {
  readonly kind: 'lookup';
  readonly changeRequest: RecordChangeRequest;
  /** The run that raised it, as its description says (C1). */
  readonly runLine: OctopusRun | null;
}

/** One approval as JSM showed it; details of a person that JSM hides are empty. */
export interface RecordApproval {
  readonly id: string;
  readonly name: string;
  readonly finalDecision: string;
  readonly approvers: readonly Approver[];
  readonly created: string | null;
  readonly completed: string | null;
}

/** The approvals of a change request, recorded if a read shows that they have changed. */
export interface ApprovalsEntry {
  readonly kind: 'approvals';
  readonly at: string;
  readonly key: string;
  readonly approvals: readonly RecordApproval[];
}

/** A write to the site. */
export interface WriteEntry {
  readonly kind: 'write';
  readonly at: string;
  readonly what: 'create' | 'edit' | 'comment' | 'transition';
  /** Null for the creation of a change request whose key is not known. */
  readonly key: string | null;
  readonly content: unknown;
  /** `unknown`: the write was sent, but no answer shows whether it was carried out. */
  readonly result: 'done' | 'refused' | 'unknown';
  readonly why?: string;
}

/** The digest of the record up to this entry, which the comment after it contains (E4). */
interface DigestEntry {
  readonly kind: 'digest';
  readonly sha256: string;
}

/** E2: entries beyond the limit, which are only counted. */
export interface OmittedEntry {
  readonly kind: 'omitted';
  readonly entries: number;
  readonly checks: number;
  /** Running digest: the SHA-256 of each of these entries after the digest before it. */
  readonly sha256: string;
}

export type ReadEntry = CheckEntry | LookupEntry;

export type RecordEntry = ReadEntry | ApprovalsEntry | WriteEntry | DigestEntry | OmittedEntry;

/** An entry with a digest of the entry and of everything before it. */
export type ChainedEntry = RecordEntry & { readonly digest: string };

export interface RecordEnding {
  readonly at: string;
  readonly uptimeMs: number;
  readonly decision: Outcome['verdict'];
  readonly code: DecisionCode;
  readonly rule: string;
  /** Whether the decision on the last check ended the run, or something else that no check shows. */
  readonly by: 'decision' | 'other';
  readonly reason: string;
  readonly advice: string;
  readonly exitCode: 0 | 1;
  /** The approvals of the change request as they were last read; null if they were not read. */
  readonly approvals: ApprovalsEntry | null;
  readonly changeRequest: {
    readonly key: string;
    readonly url: string | null;
    readonly source: string;
  } | null;
}
