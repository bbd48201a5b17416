import type { Reading } from '../app/ports.ts';
import type { ChangeRequest } from '../domain/change-request.ts';
import { foldName } from '../domain/change-state.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { isPlannedName, knownFieldIds, type PlannedFieldNames, parseIssue } from './issue.ts';
import { issuePath, lookFields } from './issue-path.ts';
import { asObject } from './json.ts';
import { allFields } from './request-form.ts';
import type { TimedAnswer } from './session/call.ts';
import type { EnoughAnswers, Patience } from './session/retry.ts';
import type { Session } from './session/session.ts';

/** What a deciding read goes by. */
export interface DecidingReads {
  readonly session: Session;
  readonly patience: Patience;
  readonly plannedFields: PlannedFieldNames;
}

/** Comments, attachments and worklogs grow without bound. */
const everyField = '*all,-comment,-attachment,-worklog';
/** W12: so many answers of this status to a first read are taken as one field that does not load. */
const fieldDoesNotLoad = { status: 500, tries: 3 };

/** A deciding read. Cloud is asked to fail rather than to leave out a field that does not load (W12). */
export async function decidingRead(
  options: DecidingReads,
  key: string,
  known: ChangeRequest | undefined,
  fields: 'known' | 'all',
): Promise<Reading> {
  const ids = known === undefined || fields === 'all' ? undefined : knownFieldIds(known);
  if (known !== undefined && ids !== undefined) {
    return readNamed(options, key, known, ids);
  }
  const first = issuePath(key, { fields: everyField, expand: 'names', failFast: 'true' });
  const reading = await readIfFieldsLoad(options, first, known);
  if (reading !== undefined) {
    // P2: what a variable sets is looked up once.
    const isWhole = reading.gap === undefined || (reading.gap === 'set-field' && known !== undefined);
    return isWhole ? reading : readAgain(options, first, known, reading);
  }
  // Some field does not load: learn the ids alone, and let the deciding read name its fields.
  const learned = await readIssue(options, issuePath(key, { fields: everyField, expand: 'names' }), known);
  const learnedIds = knownFieldIds(learned.changeRequest);
  if (learnedIds !== undefined) return readNamed(options, key, learned.changeRequest, learnedIds);
  // A planned field that does not load may have lost its name with its value: the site's list has it.
  const ofSite = await plannedFieldsOfSite(options);
  if (ofSite === undefined && learned.gap === 'no-names') throw namesUnknown(key);
  const { plannedStart, plannedEnd } = learned.changeRequest;
  const some = [...plannedStart.candidates, ...plannedEnd.candidates].map(({ id }) => id);
  return readNamed(
    options,
    key,
    learned.changeRequest,
    [...new Set([...some, ...(ofSite?.keys() ?? [])])],
    ofSite,
  );
}

/** @returns undefined where a field does not load */
async function readIfFieldsLoad(
  options: DecidingReads,
  path: string,
  known: ChangeRequest | undefined,
): Promise<ReadingWithGap | undefined> {
  try {
    return await readIssue(options, path, known, { enough: fieldDoesNotLoad });
  } catch (error) {
    if (error instanceof Fault && isOfAField(error)) return undefined;
    throw error;
  }
}

/** W12: refused for a field that does not load, as far as the answer tells; any other 400 is final (F3). */
function isOfAField({ status, summary }: Fault): boolean {
  return status === 500 || (status === 400 && /field|failfast/i.test(summary.line));
}

/** W12: what the names of an answer leave open is filled from the site's own list of fields, and read once more. */
async function readAgain(
  options: DecidingReads,
  path: string,
  known: ChangeRequest | undefined,
  first: ReadingWithGap,
): Promise<Reading> {
  const ofSite = await plannedFieldsOfSite(options);
  if (ofSite !== undefined) return readIssue(options, path, known, { ofSite });
  if (first.gap === 'set-field') return first;
  throw namesUnknown(first.changeRequest.key);
}

function namesUnknown(key: string): Fault {
  return new Fault(
    'refused',
    text`${key} was answered without the names of its fields, and the site does not list its fields, so that its window is unknown.`,
    text`Look for a proxy that shortens Jira's answers.`,
  );
}

/** @param ofSite names by id of fields that count where the answer has them, as if it had told their names */
async function readNamed(
  options: DecidingReads,
  key: string,
  known: ChangeRequest,
  ids: readonly string[],
  ofSite?: ReadonlyMap<string, string>,
): Promise<Reading> {
  const query = { fields: [...lookFields, ...ids].join(','), failFast: 'true' };
  return readIssue(options, issuePath(key, query), known, { ofSite });
}

/** The site's fields that would be read as planned ones, by id; undefined where it does not tell them. */
async function plannedFieldsOfSite({
  session,
  plannedFields,
}: DecidingReads): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const fields = await allFields(session);
    session.learnFieldNames(fields.map(({ id, name }) => [id, name]));
    return new Map(
      fields.filter(({ name }) => isPlannedName(name, plannedFields)).map(({ id, name }) => [id, name]),
    );
  } catch (error) {
    if (error instanceof Fault && error.status === 404) return undefined;
    throw error;
  }
}

export async function plannedFieldNames(options: DecidingReads): Promise<readonly string[] | undefined> {
  const ofSite = await plannedFieldsOfSite(options);
  return ofSite === undefined ? undefined : [...ofSite.values()];
}

interface ReadingWithGap extends Reading {
  readonly gap: NamesGap | undefined;
}

async function readIssue(
  { session, patience, plannedFields }: DecidingReads,
  path: string,
  known: ChangeRequest | undefined,
  {
    enough,
    ofSite,
  }: { readonly enough?: EnoughAnswers; readonly ofSite?: ReadonlyMap<string, string> | undefined } = {},
): Promise<ReadingWithGap> {
  // A variable may name its field by id: the request form has told whether that is a planned one.
  const names = {
    ...plannedFields,
    set: plannedFields.set.map((field) => session.fieldName(field.trim().toLowerCase()) ?? field),
  };
  const reading = await session.call<ReadingWithGap>({
    method: 'GET',
    path,
    parse: (json, { serverTime, askedAt, answeredAt }: TimedAnswer) => ({
      changeRequest: learnNames(session, parseIssue(withNames(json, ofSite), names, known)),
      serverTime,
      isTimeDoubted: false,
      askedAt,
      answeredAt,
      gap: namesGap(json, names.set),
    }),
    ...(enough !== undefined && { enough }),
  });
  patience.sawGoodLook();
  return reading;
}

/** What the names of an answer leave open: all of them, or what the field is that a variable sets by its id. */
type NamesGap = 'no-names' | 'set-field';

function namesGap(json: unknown, set: readonly string[]): NamesGap | undefined {
  const issue = asObject(json);
  const names = asObject(issue?.['names']);
  if (names === undefined) {
    const filled = Object.entries(asObject(issue?.['fields']) ?? {}).filter(([, value]) => value !== null);
    return filled.some(([id]) => isCustomField(id)) ? 'no-names' : undefined;
  }
  const told = new Set(Object.keys(names).map(foldName));
  return set.some((field) => isCustomField(field) && !told.has(foldName(field))) ? 'set-field' : undefined;
}

function isCustomField(id: string): boolean {
  return /^customfield_\d+$/i.test(id.trim());
}

/** An issue with the names of those fields that it has. */
function withNames(json: unknown, names: ReadonlyMap<string, string> = new Map()): unknown {
  const issue = asObject(json);
  const fields = asObject(issue?.['fields']);
  if (issue === undefined || fields === undefined) return json;
  const had = [...names].filter(([id]) => Object.hasOwn(fields, id));
  return { ...issue, names: { ...asObject(issue['names']), ...Object.fromEntries(had) } };
}

function learnNames(session: Session, changeRequest: ChangeRequest): ChangeRequest {
  const { plannedStart, plannedEnd } = changeRequest;
  session.learnFieldNames(
    [...plannedStart.candidates, ...plannedEnd.candidates].map(({ id, name }) => [id, name]),
  );
  return changeRequest;
}
