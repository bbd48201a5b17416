import type { Approval } from '../domain/change/approval-check.ts';
import type { ChangeRequest } from '../domain/change/change-request.ts';
import type { ChangeStatus } from '../domain/change/change-state.ts';
import type { Text } from '../domain/text.ts';

/** Time as the run sees it. All instants are milliseconds of one steady clock that no one can set. */
export interface Clock {
  /** The steady clock: only differences mean anything. */
  now(): number;
  /** The worker's calendar clock, which may be wrong or jump; compared with the server's, never decided by. */
  wallTime(): Date;
  /** Resolves after that many ms, rejects with the signal's reason when it aborts. Never sets a timer of over an hour. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A number from 0 up to 1, for jitter. */
export type Random = () => number;

/** The Octopus task log. Every line is a {@link Text}, so that nothing unsafe can be said. */
export interface TaskLog {
  info(line: Text): void;
  verbose(line: Text): void;
  /** Is in the Task Summary as well. */
  highlight(line: Text): void;
  /** Is in the Task Summary as well, marked as a warning. */
  warning(line: Text): void;
  /** Marks that the run waits. */
  wait(line: Text): void;
  /** The task's progress line. */
  progress(line: Text): void;
}

/** One read of a change request by its key. */
export interface Reading {
  readonly changeRequest: ChangeRequest;
  /** The server's time in the answer's `Date`, truncated to the second; undefined when unreadable. */
  readonly serverTime: Date | undefined;
  /**
   * W9: that time runs ahead of what earlier answers showed, or is the first and over a minute off the worker's
   * clock: no window may be judged by it. Ask for {@link ServiceDesk.serverInfoTime} or read again.
   */
  readonly isTimeDoubted: boolean;
  /** Steady clock when the first request left: what came of it is at most this old. */
  readonly askedAt: number;
  /** Steady clock when the answer was here. */
  readonly answeredAt: number;
  /** A2: what was asked for before the change request itself; undefined if the approvals don't matter. */
  readonly approvals?: readonly Approval[];
}

/** A change request as a search lists it: to be read by its key before anything relies on it (L5). */
export interface SearchHit {
  readonly key: string;
  readonly summary: string;
  /** As the index has it, which lags; undefined if the answer has none. */
  readonly status: ChangeStatus | undefined;
}

/** What a new change request is to contain. */
export interface ChangeRequestDraft {
  readonly title: string;
  /** Text of the description up to the run line, and the run line; the site's form may lack a description. */
  readonly description: string;
  /** `Field[...]` variables by what is in the brackets, `summary` left out. */
  readonly fields: readonly FieldSetting[];
}

export interface FieldSetting {
  /** A field's id or name, in any case. */
  readonly field: string;
  readonly value: string;
}

/** A draft that the site's request type accepts: every name resolved, every value in its field's form. */
export interface PreparedRequest {
  readonly serviceDeskId: string;
  readonly requestTypeId: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Fields that the form lacks, to be set by editing the change request afterwards. */
  readonly later: readonly { readonly id: string; readonly name: string; readonly value: unknown }[];
  /** The fields that `Field[...]` variables set, by what is in the brackets: a form may have labels of its own. */
  readonly fieldIds: ReadonlyMap<string, string>;
  /** The form has a description, so that the change request carries the run line. */
  readonly hasRunLine: boolean;
  /** The form's own fields for people and groups, from which an approval may take its approvers. */
  readonly people: readonly { readonly name: string; readonly isSet: boolean }[];
}

export type CreateAnswer =
  | { readonly kind: 'created'; readonly key: string }
  /** C3: sent, and no answer that shows whether it was done. */
  | { readonly kind: 'lost'; readonly why: Text };

/** All comments of a change request. */
export interface Comments {
  /** False for an issue that was made without a request type: it has no customers (JSM answers 404). */
  readonly isCustomerRequest: boolean;
  readonly list: readonly { readonly body: string; readonly created: Date | undefined }[];
}

export interface Transition {
  readonly id: string;
  readonly name: string;
  /** Where it leads; with the untranslated name if Jira gives it, so that names match as they do for a decision. */
  readonly to: ChangeStatus;
  readonly screen: TransitionScreen;
}

/** What a transition's screen gets from the `TransitionField[...]` variables (V2). */
interface TransitionScreen {
  /** Members of the transition's body, for the fields that the screen has. */
  readonly body: Readonly<Record<'fields' | 'update', Readonly<Record<string, unknown>>>>;
  /** Sentences: required fields that nothing covers, with their values, and values that a field does not accept. */
  readonly problems: readonly string[];
  /** The variables' fields that the screen lacks. */
  readonly lacks: readonly string[];
}

/**
 * The JSM site. Reads are retried inside; what comes out as a `Fault` is final for that call.
 * Every method rejects with a `Fault` or, when the run ends, with the reason of the signal that it is bound to.
 */
export interface ServiceDesk {
  /** The link under which people open a change request. */
  browseUrl(key: string): URL;
  /** The same site, whose requests end when another signal aborts. */
  until(signal: AbortSignal): ServiceDesk;
  /**
   * One check: everything that a decision needs. A first one (nothing known) reads all fields with their names.
   * @param known the same change request at an earlier check: it must be the same issue again (L16), with its
   *   planned fields (W12), and only those are asked for
   * @param fields `all` reads all fields with their names again, which the check that allows a deployment must (W8)
   */
  read(key: string, known: ChangeRequest | undefined, fields?: 'known' | 'all'): Promise<Reading>;
  /** A smaller read for a lookup: title, status, dates and description, without the planned fields. */
  glance(key: string): Promise<ChangeRequest>;
  /** Change requests of the service project whose summary is the title, in any status. */
  search(title: string, how: 'phrase' | 'words'): Promise<readonly SearchHit[]>;
  /**
   * IANA name of the account's time zone, if Jira shows it.
   * @param effort `once` if it is only shown, by default `retried`
   */
  timeZone(effort?: 'once' | 'retried'): Promise<string | undefined>;
  /**
   * W9: the server's time from a request of its own, for a check whose `Date` is unreadable or doubted; undefined
   * if that does not give a time to rely on either.
   */
  serverInfoTime(): Promise<Date | undefined>;
  /**
   * W12: the names of the site's fields that would be read as Planned start or Planned end, asked for once;
   * undefined if the site does not list its fields. Empty: no change request of this site can have a window.
   */
  plannedFieldNames(): Promise<readonly string[] | undefined>;
  prepareRequest(draft: ChangeRequestDraft): Promise<PreparedRequest>;
  /** Sends the request once; rejects only if nothing can have been written. */
  createRequest(prepared: PreparedRequest): Promise<CreateAnswer>;
  /** Sets fields by id; a lost answer is not an error here, the caller reads back what it needs. */
  edit(key: string, values: Readonly<Record<string, unknown>>): Promise<void>;
  /** Sets a date-time field by id, from a text in any form that a variable may have; otherwise the same as `edit`. */
  editTime(key: string, fieldId: string, time: string): Promise<void>;
  /** @param effort `once` if the answer is only shown, `retried` if something depends on it */
  approvals(key: string, effort: 'once' | 'retried'): Promise<readonly Approval[]>;
  comments(key: string): Promise<Comments>;
  /** Adds a comment to a customer request, for its customers or only for agents. */
  addComment(key: string, body: string, audience: 'customers' | 'agents'): Promise<void>;
  /** Adds an ordinary comment to an issue that is not a customer request; one for agents is marked as internal. */
  addIssueComment(key: string, body: string, audience: 'customers' | 'agents'): Promise<void>;
  /** @param fields what their screens are filled from */
  transitions(key: string, fields: readonly FieldSetting[]): Promise<readonly Transition[]>;
  /** Runs it once, with what its screen gets. */
  transition(key: string, transition: Transition): Promise<void>;
}
