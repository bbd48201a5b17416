import type { Reading } from '../app/ports.ts';
import { plannedCandidates } from '../domain/change/change-request.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { foldName } from '../domain/names.ts';
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
  plannedNames,
  sameAtEarlierCheck,
} from './issue.ts';
import { confirmMove } from './moved-issue.ts';
import type { AnswerFacts } from './session/call.ts';
import type { Session } from './session/session.ts';
import { isCustomField, siteFields } from './site-fields.ts';

/** The session and settings for deciding reads. */
export interface DecidingReads {
  readonly session: Session;
  readonly patience: Patience;
  readonly plannedFields: PlannedFieldNames;
  /** A1: every read includes the description, because the decision depends on it. */
  readonly withDescription: boolean;
}

/** All fields except comments, attachments and worklogs, which grow without bound. */
const everyField = '*all,-comment,-attachment,-worklog';
/** W12: if a first read gets this status several times, a field does not load. */
const fieldDoesNotLoad = 500;

/** Makes a deciding read. Asks Cloud to fail rather than omit a field that does not load (W12). */
export async function decidingRead(
  options: DecidingReads,
  asked: AskedFor,
  fields: 'known' | 'all',
): Promise<Reading> {
  const known = sameAtEarlierCheck(asked);
  const ids = known === undefined || fields === 'all' ? undefined : knownFieldIds(known);
  if (ids !== undefined) {
    return readNamed(options, asked, options.withDescription ? ['description', ...ids] : ids, new Map());
  }
  const all = { fields: everyField, expand: 'names' };
  const first = { ...all, failFast: 'true' };
  const ofSite = options.session.plannedFields;
  const reading = await attempt(() =>
    readIssue(options, asked, first, { finalStatus: fieldDoesNotLoad, ofSite }),
  );
  if (!(reading instanceof Fault)) {
    // P2: the name of a field that a variable sets is looked up only once, at the first check.
    const isWhole = reading.unnamed.length === 0 && (!reading.isSetFieldUnnamed || known !== undefined);
    if (!isWhole) return readAgain(options, asked, first, reading);
    const mayHaveOthers = ofSite === undefined && lacksBound(reading);
    return mayHaveOthers ? byNamesOfSite(options, asked, first, reading) : reading;
  }
  if (!isOfAField(reading)) throw reading;
  // Some field does not load: use this read only to learn the ids; the deciding read names its fields.
  const learned = await readIssue(options, asked, all);
  const next = { key: learned.changeRequest.key, earlier: learned.changeRequest };
  // The answer may lack the name of a planned field that does not load; the site's field list has it.
  const listed = await fieldsOfSite(options, learned.unnamed);
  refuseUnnamed(learned, listed);
  const some = plannedCandidates(learned.changeRequest).map(({ id }) => id);
  const planned = options.session.plannedFields ?? new Map<string, string>();
  return readNamed(options, next, ['description', ...new Set([...some, ...planned.keys()])], planned);
}

/** W12: whether the fault seems to be due to a field that does not load; any other 400 is final (F3). */
function isOfAField({ status, summary }: Fault): boolean {
  return status === 500 || (status === 400 && /field|failfast/i.test(summary.line));
}

/** W12: reads the change request again, with the names that the answer lacked from the site's field list. */
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

function lacksBound({ changeRequest: { plannedStart, plannedEnd } }: NamedReading): boolean {
  return [plannedStart, plannedEnd].some((one) => one.candidates.length === 0);
}

/** W12: finds planned fields by the site's field list, since the answer may name them in another language. */
async function byNamesOfSite(
  options: DecidingReads,
  asked: AskedFor,
  query: Query,
  first: NamedReading,
): Promise<Reading> {
  const ofSite = await plannedOfSite(options);
  const found = plannedCandidates(first.changeRequest).map(({ id }) => id);
  const isHere = (id: string): boolean => first.ids.includes(id) && !found.includes(id);
  return [...(ofSite?.keys() ?? [])].some(isHere) ? readIssue(options, asked, query, { ofSite }) : first;
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

/** @param ofSite field names by id, used as if the answer had given them, for the fields that it has */
async function readNamed(
  options: DecidingReads,
  asked: AskedFor,
  ids: readonly string[],
  ofSite: FieldNames,
): Promise<Reading> {
  const query = { fields: [...checkFields, ...ids].join(','), failFast: 'true' };
  return readIssue(options, asked, query, { ofSite });
}

/** W12: the site's field names by id, at least for planned fields and `ids`; undefined if it has no list. */
async function fieldsOfSite(
  { session, plannedFields }: DecidingReads,
  ids: readonly string[],
): Promise<FieldNames | undefined> {
  const wanted = [...plannedNames(plannedFields), ...plannedFields.set.filter(isCustomField), ...ids];
  const fields = await attempt(() => siteFields(session, wanted));
  if (fields instanceof Fault && fields.status === 404) return undefined;
  if (fields instanceof Fault) throw fields;
  const listed = new Map(fields.map(({ id, name }) => [id, name]));
  session.learnPlannedFields(plannedAmong(listed, plannedFields));
  return listed;
}

/** W12: the names of the site's planned fields by id, read once; undefined if the site has no field list. */
export async function plannedOfSite(options: DecidingReads): Promise<FieldNames | undefined> {
  if (options.session.plannedFields === undefined) await fieldsOfSite(options, []);
  return options.session.plannedFields;
}

function plannedAmong(fields: FieldNames, plannedFields: PlannedFieldNames): FieldNames {
  return new Map([...fields].filter(([, name]) => isPlannedName(name, plannedFields)));
}

/** Field names by id. */
type FieldNames = ReadonlyMap<string, string>;

type Query = Readonly<Record<string, string>>;

interface NamedReading extends Reading {
  /** W12: ids of custom fields that have a value and whose names the answer lacks. */
  readonly unnamed: readonly string[];
  /** W12: the answer does not name a field that a variable sets by its id. */
  readonly isSetFieldUnnamed: boolean;
  /** Ids of all fields in the answer. */
  readonly ids: readonly string[];
}

async function readIssue(
  { session, patience, plannedFields }: DecidingReads,
  asked: AskedFor,
  query: Query,
  { finalStatus, ofSite }: { readonly finalStatus?: number; readonly ofSite?: FieldNames | undefined } = {},
): Promise<NamedReading> {
  // A variable may name a field by id or by the request form's label: use the name that was learned.
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

/** The field names in an answer, without those that are blank or not strings. */
function namesIn(issue: JsonObject | undefined): FieldNames {
  const names = Object.entries(asObject(issue?.['names']) ?? {});
  return new Map(
    names.flatMap(([id, name]) => {
      const words = asWords(name);
      return words === undefined || words.trim() === '' ? [] : [[id, words] as const];
    }),
  );
}

/** Adds field names to an issue. A planned field of the site keeps its name, whatever the answer says. */
function withNames(json: unknown, names: FieldNames = new Map(), fieldNames: PlannedFieldNames): unknown {
  const issue = asObject(json);
  const fields = asObject(issue?.['fields']);
  if (issue === undefined || fields === undefined) return json;
  const had = [...names].filter(([id]) => Object.hasOwn(fields, id));
  const planned = had.filter(([, name]) => isPlannedName(name, fieldNames));
  return { ...issue, names: Object.fromEntries([...had, ...namesIn(issue), ...planned]) };
}
