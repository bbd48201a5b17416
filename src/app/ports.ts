import type { Approval } from '../domain/change/approval-check.ts';
import type { ChangeRequest } from '../domain/change/change-request.ts';
import type { ChangeStatus } from '../domain/change/change-state.ts';
import type { Text } from '../domain/text.ts';

/** The clocks of a run. Instants are milliseconds of one steady clock, which nobody can set. */
export interface Clock {
  /** The steady clock; only differences between its values are meaningful. */
  now(): number;
  /** The worker's wall clock, which may be wrong or jump: no change window is judged by it. */
  wallTime(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. No timer runs for over an hour. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Returns a number from 0 up to 1, for jitter. */
export type Random = () => number;

/** The Octopus task log. Every line is a {@link Text}, so nothing unsafe can be written. */
export interface TaskLog {
  info(line: Text): void;
  verbose(line: Text): void;
  /** Also shown in the Task Summary. */
  highlight(line: Text): void;
  /** Also shown in the Task Summary, marked as a warning. */
  warning(line: Text): void;
  /** Marks that the run is waiting. */
  wait(line: Text): void;
  /** Sets the task's progress text. */
  progress(line: Text): void;
}

/** The result of one read of a change request by its key. */
export interface Reading {
  readonly changeRequest: ChangeRequest;
  /** The server's time from the answer's `Date` header, truncated to the second; undefined if unreadable. */
  readonly serverTime: Date | undefined;
  /**
   * W9: the server's time is ahead of what earlier answers allow, or is the first of the run and over a
   * minute off the worker's clock. No window may be judged by it: use {@link ServiceDesk.serverInfoTime} or
   * repeat the read.
   */
  readonly isTimeDoubted: boolean;
  /** Steady clock when the first request was sent; the age of the reading counts from then. */
  readonly askedAt: number;
  /** Steady clock when the answer arrived. */
  readonly answeredAt: number;
  /** A2: the approvals, read before the change request; undefined if no decision depends on them. */
  readonly approvals?: readonly Approval[];
}

/** A change request as a search lists it. It must be read by its key before anything relies on it (L5). */
export interface SearchHit {
  readonly key: string;
  readonly summary: string;
  /** The status in the search index, which lags; undefined if the answer has none. */
  readonly status: ChangeStatus | undefined;
}

/** The contents of a change request that is to be created. */
export interface ChangeRequestDraft {
  readonly title: string;
  /** The description, which ends with the run line. The request form may have no field for it. */
  readonly description: string;
  /** The `Field[...]` variables by the text in the brackets, without `summary`. */
  readonly fields: readonly FieldSetting[];
}

export interface FieldSetting {
  /** A field's id or name; case is ignored. */
  readonly field: string;
  readonly value: string;
}

/**
 * A draft that the request type accepts: every field is resolved, and every value has the form that it needs.
 */
export interface PreparedRequest {
  readonly serviceDeskId: string;
  readonly requestTypeId: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Fields that are not on the form, and are set by editing the change request afterwards. */
  readonly later: readonly { readonly id: string; readonly name: string; readonly value: unknown }[];
  /**
   * Field ids by the text in the brackets of the `Field[...]` variables, which may be a label on the form.
   */
  readonly fieldIds: ReadonlyMap<string, string>;
  /** Whether the form has a description, so that the change request contains the run line. */
  readonly hasRunLine: boolean;
  /** The form's custom fields for people and groups, which an approval may use as its approvers. */
  readonly people: readonly { readonly name: string; readonly isSet: boolean }[];
}

export type CreateAnswer =
  | { readonly kind: 'created'; readonly key: string }
  /** C3: the request was sent, but no answer shows whether it was carried out. */
  | { readonly kind: 'lost'; readonly why: Text }
  /** It was no longer to be sent ({@link MayBeSent}), and nothing was created. */
  | { readonly kind: 'not-sent' };

/**
 * Asked before each try of a write, which an outage may have put off for minutes: what the write relies on
 * may have changed since. False ends the tries.
 */
export type MayBeSent = () => Promise<boolean>;

/** Called before each try of a write that relies on nothing that may have changed. */
export type BeforeTry = () => Promise<true>;

/** All comments of a change request. */
export interface Comments {
  /** False for an issue without a request type, which has no customers (JSM answers 404). */
  readonly isCustomerRequest: boolean;
  readonly list: readonly { readonly body: string; readonly created: Date | undefined }[];
}

export interface Transition {
  readonly id: string;
  readonly name: string;
  /** The target status, with its untranslated name if Jira gives it, so that names match as in a decision. */
  readonly to: ChangeStatus;
  readonly screen: TransitionScreen;
}

export type TransitionAnswer =
  | { readonly kind: 'done' }
  /** C3: the write was sent, but only a read can show whether it was carried out. */
  | { readonly kind: 'lost'; readonly why: Text };

/** What the `TransitionField[...]` variables set on a transition's screen (V2). */
interface TransitionScreen {
  /** Members of the transition request's body, for the fields that are on the screen. */
  readonly body: Readonly<Record<'fields' | 'update', Readonly<Record<string, unknown>>>>;
  /**
   * Sentences about required fields that nothing covers, with their allowed values, and about wrong values.
   */
  readonly problems: readonly string[];
  /** Fields of the variables that are not on the screen. */
  readonly lacks: readonly string[];
}

/**
 * The JSM site. The implementation retries reads, so a `Fault` is final for its call. Every method rejects
 * with a `Fault` or, when the run ends, with the reason of the signal that the site is bound to.
 */
export interface ServiceDesk {
  /** Returns the URL at which people open a change request. */
  browseUrl(key: string): URL;
  /** Returns the same site, bound to another signal: its requests end when that signal aborts. */
  until(signal: AbortSignal): ServiceDesk;
  /**
   * Reads everything that a decision needs, for one check.
   * @param earlier the result of the run's last check: the answer must contain its planned fields (W12) and,
   *   if it has this key, be about the same issue (L16)
   * @param fields `known`, the default, requests only the planned fields of `earlier`, if it has this key;
   *   `all` requests all fields and names, as the check that allows a deployment must (W8)
   */
  read(key: string, earlier: ChangeRequest | undefined, fields?: 'known' | 'all'): Promise<Reading>;
  /**
   * Reads less than a check: title, status, dates and description, but neither planned fields nor approvals.
   * @param counts `as-check` in a run that makes no check: F3 and F5 then apply as after a good one
   */
  glance(key: string, counts?: 'as-check'): Promise<ChangeRequest>;
  /** Searches the service project for a title, in any status. Hits may only resemble it. */
  search(title: string, how: 'phrase' | 'words'): Promise<readonly SearchHit[]>;
  /**
   * Returns the IANA name of the account's time zone, if Jira shows it.
   * @param effort `once` if the result is only shown; by default `retried`
   */
  timeZone(effort?: 'once' | 'retried'): Promise<string | undefined>;
  /**
   * W9: requests the server's time from `serverInfo`, for a check whose `Date` is unreadable or doubted;
   * undefined if that answer does not give a reliable time either.
   */
  serverInfoTime(): Promise<Date | undefined>;
  /**
   * W12: returns the names of the site's fields that count as Planned start or Planned end, requested once;
   * undefined if the site does not list its fields. If empty, no change request here can have a window.
   */
  plannedFieldNames(): Promise<readonly string[] | undefined>;
  prepareRequest(draft: ChangeRequestDraft): Promise<PreparedRequest>;
  /** Sends the create request once; rejects only if nothing can have been created. */
  createRequest(prepared: PreparedRequest, mayBeSent?: MayBeSent): Promise<CreateAnswer>;
  /** Returns which of these fields, by id, are empty. */
  unsetFields(key: string, fieldIds: readonly string[]): Promise<readonly string[]>;
  /** Sets fields by id. A lost answer is not an error: the caller reads back what it needs. */
  edit(key: string, values: Readonly<Record<string, unknown>>, mayBeSent?: MayBeSent): Promise<void>;
  /** Sets a date-time field by id, from text in any form that a variable may have; otherwise like `edit`. */
  editTime(key: string, fieldId: string, time: string, mayBeSent?: MayBeSent): Promise<void>;
  /** @param effort `once` if the answer is only shown, `retried` if something depends on it */
  approvals(key: string, effort: 'once' | 'retried'): Promise<readonly Approval[]>;
  comments(key: string): Promise<Comments>;
  /** Adds a comment to a customer request, for its customers or only for agents. */
  addComment(
    key: string,
    body: string,
    audience: 'customers' | 'agents',
    beforeTry?: BeforeTry,
  ): Promise<void>;
  /** Adds an ordinary comment to an issue that is not a customer request; `agents` marks it as internal. */
  addIssueComment(
    key: string,
    body: string,
    audience: 'customers' | 'agents',
    beforeTry?: BeforeTry,
  ): Promise<void>;
  /** @param fields the values for the transitions' screens */
  transitions(key: string, fields: readonly FieldSetting[]): Promise<readonly Transition[]>;
  /** Sends the transition once, with the values for its screen; rejects only if Jira cannot have run it. */
  transition(key: string, transition: Transition, beforeTry?: BeforeTry): Promise<TransitionAnswer>;
}
