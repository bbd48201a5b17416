import type { Account } from './account.ts';
import type { Project } from './project.ts';
import type { Status } from './workflow.ts';

export interface Comment {
  id: string;
  body: string;
  public: boolean;
  author: Account;
  createdMs: number;
}

export type ApproverDecision = 'approved' | 'declined' | 'pending';

export interface Approval {
  id: string;
  name: string;
  finalDecision: ApproverDecision;
  approvers: { approver: Account; decision: ApproverDecision }[];
  createdMs: number;
  completedMs: number | undefined;
}

/** One change of an issue, as its history shows it to people. */
interface HistoryEntry {
  atMs: number;
  /** The name of what changed: a field, or the approval of one approver. */
  what: string;
  /** Empty if it was not set. */
  from: string;
  to: string;
}

/** What the search index contains about an issue from one moment on. */
export interface IndexEntry {
  visibleAtMs: number;
  key: string;
  project: Project;
  status: Status;
  issueTypeId: string;
  values: ReadonlyMap<string, unknown>;
  updatedMs: number;
  removed: boolean;
}

export interface Issue {
  id: string;
  key: string;
  project: Project;
  issueTypeId: string;
  /** Undefined for an issue that is not a customer request (created without a request type). */
  requestTypeId: string | undefined;
  createdMs: number;
  updatedMs: number;
  statusChangedMs: number;
  categoryChangedMs: number;
  reporter: Account;
  status: Status;
  /** By field id; a missing field is unset. */
  values: Map<string, unknown>;
  comments: Comment[];
  approvals: Approval[];
  /** Oldest first, without the creation and the comments. */
  history: HistoryEntry[];
  removed: boolean;
  /** Increases with every change. */
  revision: number;
  /** Cached answers for this revision, by what was requested. */
  answers: Map<string, string>;
  index: IndexEntry[];
}

/** Returns the text of a text field; empty if it is unset. */
export function textOf(values: ReadonlyMap<string, unknown>, fieldId: string): string {
  const value = values.get(fieldId);
  return typeof value === 'string' ? value : '';
}
