import type { SearchHit } from '../app/ports.ts';
import { type ChangeRequest, plannedCandidates } from '../domain/change/change-request.ts';
import type { ChangeStatus } from '../domain/change/change-state.ts';
import {
  defaultPlannedFields,
  type PlannedField,
  type PlannedFields,
} from '../domain/change/change-window.ts';
import { issueKey, projectKeyOf } from '../domain/issue-key.ts';
import { foldName } from '../domain/names.ts';
import {
  asArray,
  asInstant,
  asObject,
  asText,
  asWords,
  type JsonObject,
  need,
  ShapeError,
} from '../http/json.ts';

/** The fields that every check and every lookup read requests. */
export const checkFields = ['summary', 'status', 'issuetype', 'project', 'created'];

/** The path for reading an issue, with its query. */
export function issuePath(key: string, query: Readonly<Record<string, string>>): string {
  return `/rest/api/2/issue/${encodeURIComponent(key)}?${new URLSearchParams(query).toString()}`;
}

/** The fields that contain the planned times, according to the settings. */
export interface PlannedFieldNames {
  /** Field name or id, from a parameter or the policy; undefined for Jira's default names. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  /** W12: names and ids that `Field[...]` variables set; a planned field among them must not be missing. */
  readonly set: readonly string[];
}

/** The request and the earlier check that an answer about an issue is compared with (L16). */
export interface AskedFor {
  /** The requested key. */
  readonly key: string;
  /**
   * The result of the run's last check, maybe of another change request (L10); none of its planned fields may
   * be missing now (W12).
   */
  readonly earlier: ChangeRequest | undefined;
}

/** Returns the result of the last check if it was of the same change request. */
export function sameAtEarlierCheck({ key, earlier }: AskedFor): ChangeRequest | undefined {
  return earlier?.key === key ? earlier : undefined;
}

/**
 * L16: the id and key of the issue that an answer is about. If the key differs from the requested one, the
 * issue may have been moved; if the id differs from that of an earlier check, it is another issue. An answer
 * without an id is identified by its key.
 */
export function issueIdentity(json: unknown, asked: AskedFor): { id: string; key: string } {
  const issue = need(asObject(json), 'issue');
  const key = needKey(issue['key']);
  const id = asText(issue['id']) ?? key;
  const same = sameAtEarlierCheck(asked);
  const isOther = same !== undefined && same.id !== same.key && id !== key && id !== same.id;
  const isNameless = id === key && key !== asked.key.toUpperCase();
  if (isOther || isNameless) throw new ShapeError('the answer is about another issue');
  if (id !== key && !/^\d+$/.test(id)) throw new ShapeError('the id of the issue is not a number');
  return { id, key };
}

/** L16: returns a value that is exactly an issue key; throws a ShapeError for any other. */
export function needKey(value: unknown): string {
  const isBare = typeof value === 'string' && !/\s/.test(value);
  return need(isBare ? issueKey(value) : undefined, 'issue key');
}

/** Reads an issue (`GET /rest/api/2/issue/{key}`). */
export function parseIssue(json: unknown, names: PlannedFieldNames, asked: AskedFor): ChangeRequest {
  const { id, key } = issueIdentity(json, asked);
  const issue = need(asObject(json), 'issue');
  const fields = need(asObject(issue['fields']), 'fields');
  const fieldNames = asObject(issue['names']) ?? {};
  const issueType = asObject(fields['issuetype']);
  return {
    id,
    key,
    projectKey: asWords(asObject(fields['project'])?.['key']) ?? projectKeyOf(key),
    issueType: {
      id: asText(issueType?.['id']) ?? '',
      name: asText(issueType?.['name']) ?? '',
      ...untranslated(issueType),
    },
    summary: need(asWords(fields['summary']), 'summary'),
    description: descriptionIn(fields),
    status: parseStatus(fields['status']),
    created: asInstant(fields['created']),
    plannedStart: plannedFields('start', fields, fieldNames, names, asked),
    plannedEnd: plannedFields('end', fields, fieldNames, names, asked),
  };
}

/**
 * The description, empty if it was not requested or is hidden. Throws if it is not a string, because it might
 * contain a run line (L13).
 */
function descriptionIn(fields: JsonObject): string {
  const { description = null } = fields;
  return description === null ? '' : need(asWords(description), 'description');
}

export function parseStatus(value: unknown): ChangeStatus {
  const status = need(asObject(value), 'status');
  return {
    id: asText(status['id']) ?? '',
    name: need(asWords(status['name']), 'name of the status'),
    ...untranslated(status),
    category: asText(asObject(status['statusCategory'])?.['key']) ?? '',
  };
}

export function untranslated(value: JsonObject | undefined): { readonly untranslatedName?: string } {
  const untranslatedName = asText(value?.['untranslatedName']);
  return untranslatedName === undefined ? {} : { untranslatedName };
}

function plannedFields(
  bound: 'start' | 'end',
  fields: JsonObject,
  fieldNames: JsonObject,
  names: PlannedFieldNames,
  asked: AskedFor,
): PlannedFields {
  const byId = new Map<string, PlannedField>();
  const add = (id: string, name: string): void => {
    // A field that is present and null is empty; a field that is absent did not load, or is hidden.
    byId.set(id, { id, name, value: Object.hasOwn(fields, id) ? fields[id] : undefined });
  };
  const configured = names[bound];
  const wanted = namesOf(bound, names).map(foldName);
  for (const [id, name] of Object.entries(fieldNames)) {
    const label = asText(name) ?? id;
    if (wanted.includes(foldName(label)) || wanted.includes(foldName(id))) add(id, label);
  }
  const isSame = sameAtEarlierCheck(asked) !== undefined;
  const earlier = asked.earlier?.[bound === 'start' ? 'plannedStart' : 'plannedEnd'].candidates ?? [];
  for (const { id, name } of earlier.filter((field) => !byId.has(field.id))) {
    // On another change request, another field may have that name.
    const isReplaced = !isSame && !Object.hasOwn(fields, id) && hasName(byId.values(), name);
    if (!isReplaced) add(id, name);
  }
  if (configured !== undefined && Object.hasOwn(fields, configured) && !byId.has(configured)) {
    add(configured, configured);
  }
  const candidates = [...byId.values()];
  return { candidates, missing: missingFields(bound, candidates, names) };
}

function hasName(fields: Iterable<PlannedField>, name: string): boolean {
  return [...fields].some((field) => foldName(field.name) === foldName(name));
}

/** W12: fields that the settings name and the answer lacks. */
function missingFields(
  bound: 'start' | 'end',
  candidates: readonly PlannedField[],
  names: PlannedFieldNames,
): readonly string[] {
  const here = new Set(candidates.flatMap(({ id, name }) => [foldName(id), foldName(name)]));
  const configured = names[bound];
  if (configured !== undefined) return here.has(foldName(configured)) ? [] : [configured];
  const defaults: ReadonlySet<string> = new Set(defaultPlannedFields[bound].map(foldName));
  return names.set.filter((name) => defaults.has(foldName(name)) && !here.has(foldName(name)));
}

/** W12: names or ids of the fields that are read as planned fields. */
export function plannedNames(names: PlannedFieldNames): readonly string[] {
  return [...namesOf('start', names), ...namesOf('end', names)];
}

/** W12: whether a field with this name is read as a planned field. */
export function isPlannedName(name: string, names: PlannedFieldNames): boolean {
  return plannedNames(names).map(foldName).includes(foldName(name));
}

function namesOf(bound: 'start' | 'end', names: PlannedFieldNames): readonly string[] {
  const configured = names[bound];
  return configured === undefined ? defaultPlannedFields[bound] : [configured];
}

/** Field ids to request at the next check; undefined if no field is known for one of the bounds. */
export function knownFieldIds(known: ChangeRequest): readonly string[] | undefined {
  const { plannedStart, plannedEnd } = known;
  if (plannedStart.candidates.length === 0 || plannedEnd.candidates.length === 0) return undefined;
  return plannedCandidates(known).map(({ id }) => id);
}

/** Whether a field has a value, as an issue contains it. */
export function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && asArray(value)?.length !== 0;
}

/** Reads a search hit; a search requests only key, summary and status. */
export function parseHit(json: unknown): SearchHit {
  const issue = need(asObject(json), 'issue');
  const key = needKey(issue['key']);
  const fields = asObject(issue['fields']);
  const summary = need(asText(fields?.['summary']), 'summary');
  const hasStatus = asText(asObject(fields?.['status'])?.['name']) !== undefined;
  return { key, summary, status: hasStatus ? parseStatus(fields?.['status']) : undefined };
}
