import type { Reading } from '../app/ports.ts';
import { foldName } from '../domain/change/change-state.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asObject, asWords, type JsonObject } from '../http/json.ts';
import type { Patience } from '../http/retry.ts';
import {
  type AskedFor,
  checkFields,
  isPlannedName,
  issuePath,
  knownFieldIds,
  type PlannedFieldNames,
  parseIssue,
  plannedCandidates,
  plannedNames,
} from './issue.ts';
import { confirmMove } from './moved-issue.ts';
import type { AnswerFacts } from './session/call.ts';
import type { Session } from './session/session.ts';
import { isCustomField, siteFields } from './site-fields.ts';

/** What deciding reads depend on. */
export interface DecidingReads {
  readonly session: Session;
  readonly patience: Patience;
  readonly plannedFields: PlannedFieldNames;
  /** A1: the description is among what decides, at every read. */
  readonly withDescription: boolean;
}

/** Comments, attachments and worklogs grow without bound. */
const everyField = '*all,-comment,-attachment,-worklog';
/** W12: a few answers of this status to a first read mean that a field does not load. */
const fieldDoesNotLoad = 500;

/** A deciding read. Cloud is asked to fail rather than to leave out a field that does not load (W12). */
export async function decidingRead(
  options: DecidingReads,
  asked: AskedFor,
  fields: 'known' | 'all',
): Promise<Reading> {
  const { known } = asked;
  const ids = known === undefined || fields === 'all' ? undefined : knownFieldIds(known);
  if (ids !== undefined) {
    return readNamed(options, asked, options.withDescription ? ['description', ...ids] : ids, new Map());
  }
  const all = { fields: everyField, expand: 'names' };
  const first = { ...all, failFast: 'true' };
  const reading = await attempt(() => readIssue(options, asked, first, { finalStatus: fieldDoesNotLoad }));
  if (!(reading instanceof Fault)) {
    // P2: a field that a variable sets is looked up once.
    const isWhole = reading.unnamed.length === 0 && (!reading.isSetFieldUnnamed || known !== undefined);
    if (!isWhole) return readAgain(options, asked, first, reading);
    return known === undefined && isBare(reading) ? bareByItsNames(options, asked, first, reading) : reading;
  }
  if (!isOfAField(reading)) throw reading;
  // Some field does not load: learn only the ids, and name the fields in the deciding read.
  const learned = await readIssue(options, asked, all);
  const next = { ...asked, known: learned.changeRequest };
  // A planned field that does not load may have lost its name with its value: the site's list has it.
  const ofSite = await fieldsOfSite(options, learned.unnamed);
  refuseUnnamed(learned, ofSite);
  const some = plannedCandidates(learned.changeRequest).map(({ id }) => id);
  const planned = plannedAmong(ofSite ?? new Map(), options.plannedFields);
  return readNamed(options, next, ['description', ...new Set([...some, ...planned.keys()])], planned);
}

/** W12: refused for a field that does not load, as far as the answer says; any other 400 is final (F3). */
function isOfAField({ status, summary }: Fault): boolean {
  return status === 500 || (status === 400 && /field|failfast/i.test(summary.line));
}

/** W12: names that an answer lacks come from the site's own list of fields, and it is read once more. */
async function readAgain(
  options: DecidingReads,
  asked: AskedFor,
  query: Query,
  first: NamedReading,
): Promise<Reading> {
  const ofSite = await fieldsOfSite(options, first.unnamed);
  refuseUnnamed(first, ofSite);
  const again = await readIssue(options, asked, query, { ofSite });
  refuseUnnamed(again, ofSite);
  return again;
}

function isBare({ changeRequest: { plannedStart, plannedEnd } }: NamedReading): boolean {
  return [plannedStart, plannedEnd].every((one) => one.candidates.length + one.missing.length === 0);
}

/** W12: an answer may have its names in another language than those by which the site's list knows its planned fields. */
async function bareByItsNames(
  options: DecidingReads,
  asked: AskedFor,
  query: Query,
  bare: NamedReading,
): Promise<Reading> {
  const ofSite = await plannedOfSite(options);
  const isPlannedHere = [...(ofSite?.keys() ?? [])].some((id) => bare.ids.includes(id));
  return isPlannedHere ? readIssue(options, asked, query, { ofSite }) : bare;
}

function refuseUnnamed(
  { unnamed, isSetFieldUnnamed, changeRequest }: NamedReading,
  ofSite: FieldNames | undefined,
): void {
  const isSetFieldUnknown = isSetFieldUnnamed && ofSite === undefined;
  if (!isSetFieldUnknown && unnamed.every((id) => ofSite?.has(id))) return;
  throw new Fault(
    'window-unknown',
    text`Jira's answer about ${changeRequest.key} lacks the names of some of its fields, and the site does not list them, so its window is unknown.`,
    text`Look for a proxy that shortens Jira's answers.`,
  );
}

/** @param ofSite names by id of fields that count if the answer has them, as if it had given their names */
async function readNamed(
  options: DecidingReads,
  asked: AskedFor,
  ids: readonly string[],
  ofSite: FieldNames,
): Promise<Reading> {
  const query = { fields: [...checkFields, ...ids].join(','), failFast: 'true' };
  return readIssue(options, asked, query, { ofSite });
}

/** W12: the names of the site's fields by id, at least of planned ones and of those asked for; undefined if it has no list. */
async function fieldsOfSite(
  { session, plannedFields }: DecidingReads,
  ids: readonly string[],
): Promise<FieldNames | undefined> {
  const wanted = [...plannedNames(plannedFields), ...plannedFields.set.filter(isCustomField), ...ids];
  const fields = await attempt(() => siteFields(session, wanted));
  if (!(fields instanceof Fault)) return new Map(fields.map(({ id, name }) => [id, name]));
  if (fields.status === 404) return undefined;
  throw fields;
}

/** W12: the site's planned fields by id, asked for once; undefined if it does not list its fields. */
export async function plannedOfSite(options: DecidingReads): Promise<FieldNames | undefined> {
  const { plannedFields, session } = options;
  if (session.plannedFields !== undefined) return session.plannedFields;
  const listed = await fieldsOfSite(options, []);
  if (listed === undefined) return undefined;
  const planned = plannedAmong(listed, plannedFields);
  session.learnPlannedFields(planned);
  return planned;
}

function plannedAmong(fields: FieldNames, plannedFields: PlannedFieldNames): FieldNames {
  return new Map([...fields].filter(([, name]) => isPlannedName(name, plannedFields)));
}

/** Names of fields by id. */
type FieldNames = ReadonlyMap<string, string>;

type Query = Readonly<Record<string, string>>;

interface NamedReading extends Reading {
  /** W12: ids of filled custom fields whose names the answer lacks. */
  readonly unnamed: readonly string[];
  /** W12: the answer does not say what a field is that a variable sets by its id. */
  readonly isSetFieldUnnamed: boolean;
  /** Of every field in the answer. */
  readonly ids: readonly string[];
}

async function readIssue(
  { session, patience, plannedFields }: DecidingReads,
  asked: AskedFor,
  query: Query,
  { finalStatus, ofSite }: { readonly finalStatus?: number; readonly ofSite?: FieldNames | undefined } = {},
): Promise<NamedReading> {
  // A variable may name its field by id, of which the request form shows only its own label.
  const set = [...plannedFields.set, ...session.setFields].map((field) => ({
    field,
    name: session.fieldName(field.trim().toLowerCase()) ?? field,
  }));
  const names = { ...plannedFields, set: set.map(({ name }) => name) };
  const unknown = set.filter(({ name }) => !isPlannedName(name, plannedFields)).map(({ field }) => field);
  const reading = await session.call<NamedReading>({
    path: issuePath(asked.key, query),
    parse: (json, { serverTime, isTimeDoubted, askedAt, answeredAt }: AnswerFacts) => ({
      changeRequest: parseIssue(withNames(json, ofSite, names), names, asked),
      serverTime,
      isTimeDoubted,
      askedAt,
      answeredAt,
      ...(query['expand'] === 'names'
        ? namesMissing(json, unknown)
        : { unnamed: [], isSetFieldUnnamed: false }),
      ids: Object.keys(asObject(asObject(json)?.['fields']) ?? {}),
    }),
    ...(finalStatus !== undefined && { finalStatus }),
  });
  session.learnFieldNames(plannedCandidates(reading.changeRequest));
  await confirmMove(session, asked, reading.changeRequest);
  patience.sawGoodCheck();
  return reading;
}

function namesMissing(
  json: unknown,
  set: readonly string[],
): Pick<NamedReading, 'unnamed' | 'isSetFieldUnnamed'> {
  const issue = asObject(json);
  const named = new Set([...namesIn(issue).keys()].map(foldName));
  const filled = Object.entries(asObject(issue?.['fields']) ?? {}).filter(([, value]) => value !== null);
  return {
    unnamed: filled.map(([id]) => id).filter((id) => isCustomField(id) && !named.has(foldName(id))),
    isSetFieldUnnamed: set.some((field) => isCustomField(field) && !named.has(foldName(field))),
  };
}

/** The names that an answer gives; one that is blank or no text is none. */
function namesIn(issue: JsonObject | undefined): FieldNames {
  const names = Object.entries(asObject(issue?.['names']) ?? {});
  return new Map(
    names.flatMap(([id, name]) => {
      const words = asWords(name);
      return words === undefined || words.trim() === '' ? [] : [[id, words] as const];
    }),
  );
}

/** An issue with the names of those fields that it has. What the site knows as a planned field is one. */
function withNames(json: unknown, names: FieldNames = new Map(), fieldNames: PlannedFieldNames): unknown {
  const issue = asObject(json);
  const fields = asObject(issue?.['fields']);
  if (issue === undefined || fields === undefined) return json;
  const had = [...names].filter(([id]) => Object.hasOwn(fields, id));
  const planned = had.filter(([, name]) => isPlannedName(name, fieldNames));
  return { ...issue, names: Object.fromEntries([...had, ...namesIn(issue), ...planned]) };
}
