import type { ApprovalCheck, Approver } from '../../domain/change/approval-check.ts';
import type { ChangeStatus } from '../../domain/change/change-state.ts';
import type { PlannedFields } from '../../domain/change/change-window.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import type { DecisionCode, Outcome } from '../../domain/decision/outcome.ts';
import type { OctopusRun } from '../../domain/deployment/run-line.ts';

/**
 * The change record (E2), as `docs/change-record.schema.json` describes it. All of it is JSON: instants are ISO 8601 in
 * UTC, and texts from outside are shortened.
 */
export interface ChangeRecord extends RecordHead {
  readonly entries: readonly ChainedEntry[];
  readonly ending: RecordEnding;
  /** Digest over the whole record: it continues the digest of the last entry with the ending. */
  readonly digest: string;
}

/** What is known before the first request. */
export interface RecordHead {
  readonly record: 'octopus-jsm-change-record';
  readonly recordVersion: 1;
  readonly step: { readonly version: string; readonly bundleSha256: string | null };
  readonly operation: string;
  readonly run: RecordRun;
  /** Null if the input was not usable. */
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
  /** Empty: a personal access token, which names nobody. */
  readonly account: string;
  /** SHA-256 of the policy's text; null: the parameters decide. */
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
  /** What this run's change request must mention: nothing, unless it was supplied. */
  readonly mustMention: readonly string[];
  readonly approvalCheck: ApprovalCheck;
  /** Whose own approval does not count for `other-approver`; null: a trigger started the run. */
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
  /** Null if the answer did not show it; when it was asked for, less the time that it took. */
  readonly site: string | null;
  readonly worker: string | null;
  /** Since the process began, by a clock that nobody can set. */
  readonly uptimeMs: number;
}

/** When one check was asked for, and when its answer was here. */
export interface ReadTimes {
  readonly asked: ClockTimes;
  readonly answered: ClockTimes;
}

/** Looks that follow each other and show the same are one entry. */
interface Repeated {
  readonly count: number;
  readonly first: ReadTimes;
  /** Of the last one, if there were several. */
  readonly last?: ReadTimes;
}

interface RecordIssueType {
  readonly id: string;
  readonly name: string;
  readonly untranslatedName?: string;
}

/** A change request as one answer shows it. */
interface RecordChangeRequest {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly type: RecordIssueType;
  /** Null in a lookup, for one of another title. */
  readonly summary: string | null;
  /** Null if it was not asked for. */
  readonly descriptionSha256: string | null;
  readonly status: ChangeStatus;
  readonly created: string | null;
}

/** A check on which the step decides. */
export interface CheckEntry extends Repeated {
  readonly kind: 'check';
  /** All fields were read, not only those that an earlier check knew. */
  readonly isWhole: boolean;
  readonly changeRequest: RecordChangeRequest & {
    /** As Jira gave them; a candidate without a value was not in the answer. */
    readonly plannedStart: PlannedFields;
    readonly plannedEnd: PlannedFields;
  };
  /** Of the account, if a date without a time had to be understood. */
  readonly timeZone: string | null;
  /** Those of the texts that it must mention (A1) which its description mentions. */
  readonly descriptionMentions: readonly string[];
  /** As far as they are among what decides (A2); else null. */
  readonly approvals: readonly RecordApproval[] | null;
  /** As the step understood it. */
  readonly window: { readonly start: unknown; readonly end: unknown };
  /** Null if the run ended before it, or needed none. */
  readonly decision: RecordDecision | null;
}

export interface RecordDecision {
  readonly kind: Decision['kind'];
  readonly reason: Decision['reason'];
  readonly rule: string;
}

/** A check by which the step finds the change request, or follows what becomes of it. */
export interface LookupEntry extends Repeated {
  readonly kind: 'lookup';
  readonly changeRequest: RecordChangeRequest;
  /** The run that raised it, as its description says (C1). */
  readonly runLine: OctopusRun | null;
}

/** One approval as JSM showed it; what it hides of a person is empty. */
export interface RecordApproval {
  readonly id: string;
  readonly name: string;
  readonly finalDecision: string;
  readonly approvers: readonly Approver[];
  readonly created: string | null;
  readonly completed: string | null;
}

/** The approvals of a change request, when they were read and had changed. */
export interface ApprovalsEntry {
  readonly kind: 'approvals';
  readonly at: string;
  readonly key: string;
  readonly approvals: readonly RecordApproval[];
}

/** Something that was written to the site. */
export interface WriteEntry {
  readonly kind: 'write';
  readonly at: string;
  readonly what: 'create' | 'edit' | 'comment' | 'transition';
  /** Null for one that was to be created and whose key is not known. */
  readonly key: string | null;
  readonly content: unknown;
  /** `unknown`: it was sent, and no answer shows whether it was done. */
  readonly result: 'done' | 'refused' | 'unknown';
  readonly why?: string;
}

/** The digest of the record up to here, which the comment that follows contains (E4). */
interface DigestEntry {
  readonly kind: 'digest';
  readonly sha256: string;
}

/** E2: checks beyond the limit, which are only counted. */
export interface OmittedEntry {
  readonly kind: 'omitted';
  readonly entries: number;
  readonly checks: number;
  /** SHA-256 over each of them after the digest before it. */
  readonly sha256: string;
}

export type ReadEntry = CheckEntry | LookupEntry;

export type RecordEntry = ReadEntry | ApprovalsEntry | WriteEntry | DigestEntry | OmittedEntry;

/** Each entry has the digest of itself and of everything before it. */
export type ChainedEntry = RecordEntry & { readonly digest: string };

export interface RecordEnding {
  readonly at: string;
  readonly uptimeMs: number;
  readonly decision: Outcome['verdict'];
  readonly code: DecisionCode;
  readonly rule: string;
  /** Whether the decision on the last check ended the run, or something that no check shows. */
  readonly by: 'decision' | 'other';
  readonly reason: string;
  readonly advice: string;
  readonly exitCode: 0 | 1;
  /** Of the change request, as they were when they were last read; null if they were not. */
  readonly approvals: ApprovalsEntry | null;
  readonly changeRequest: {
    readonly key: string;
    readonly url: string | null;
    readonly source: string;
  } | null;
}
