import type { ChangeRequestDraft, FieldSetting, PreparedRequest } from '../../app/ports.ts';
import { Fault } from '../../domain/fault.ts';
import { foldName } from '../../domain/names.ts';
import { nearWords } from '../../domain/nearest-word.ts';
import { text } from '../../domain/text.ts';
import { asArray, asObject, need } from '../../http/json.ts';
import { type FormField, fieldValue, parseFormField } from '../fields/field-value.ts';
import { findField, neededWords, uncovered } from '../fields/form.ts';
import { userLookup } from '../fields/people.ts';
import type { Session } from '../session/session.ts';
import { siteFields } from '../site-fields.ts';
import { desks, findRequestType, findServiceDesk, type RequestPlace } from './service-project.ts';

/** Prepares a draft for the site: finds the request type, resolves and checks its fields (C1, C5). */
export async function prepareRequest(
  session: Session,
  where: RequestPlace,
  draft: ChangeRequestDraft,
): Promise<PreparedRequest> {
  const serviceDeskId = await findServiceDesk(session, where.serviceProject);
  const requestType = await findRequestType(session, serviceDeskId, where);
  const form = await requestFields(session, serviceDeskId, requestType.id);
  session.learnFieldNames(form);
  const hasDescription = form.some((field) => field.id === 'description');
  const values: Record<string, unknown> = {
    summary: draft.title,
    ...(hasDescription && { description: draft.description }),
  };
  const settings = await resolveSettings(session, form, draft.fields);
  for (const { field, value } of settings.onForm) values[field.id] = value;
  const lacking = uncovered(form, new Set([...Object.keys(values), ...settings.refused]));
  refuse(where, [...settings.problems, ...lackingWords(requestType.name, lacking)]);
  const later = settings.later.map(({ field: { id, name }, value }) => ({ id, name, value }));
  if (!hasDescription && draft.fields.some(({ field }) => foldName(field) === 'description')) {
    later.push({ id: 'description', name: 'Description', value: draft.description });
  }
  session.learnSetFields(settings.fieldIds.values());
  const people = form
    .filter(isForPeople)
    .map(({ id, name, hasDefault }) => ({ name, isSet: hasDefault || id in values }));
  return {
    serviceDeskId,
    requestTypeId: requestType.id,
    values,
    later,
    fieldIds: settings.fieldIds,
    hasRunLine: hasDescription,
    people,
  };
}

function lackingWords(requestType: string, lacking: readonly FormField[]): readonly string[] {
  if (lacking.length === 0) return [];
  return [
    `The request type "${requestType}" requires: ${neededWords(lacking)}Set each with a variable Octopus.JiraServiceManagement.Field[name].`,
  ];
}

/** C5: throws if there are problems. */
function refuse({ serviceProject }: RequestPlace, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new Fault(
    'configuration',
    text`The change request can't be raised in ${serviceProject}: ${problems.join(' ')}`,
    text`Correct the Octopus.JiraServiceManagement.Field[...] variables; nothing was raised.`,
  );
}

/** Whether this is a custom field for users or groups; reporter and assignee are never asked to approve. */
function isForPeople({ schema: { type, items, custom } }: FormField): boolean {
  return custom !== undefined && ['user', 'group'].includes(items ?? type);
}

interface Resolved {
  readonly field: FormField;
  readonly value: unknown;
}

interface ResolvedSettings {
  readonly onForm: readonly Resolved[];
  /** Fields that the site has and the form lacks. */
  readonly later: readonly Resolved[];
  /** Field ids by the text in the variables' brackets. */
  readonly fieldIds: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  /** Ids of fields whose variables have values that the fields don't accept. */
  readonly refused: readonly string[];
}

/**
 * Resolves `Field[...]` variables to fields, and their texts to values that the fields accept. Skips the
 * summary and the description, which the draft already has.
 */
async function resolveSettings(
  session: Session,
  form: readonly FormField[],
  settings: readonly FieldSetting[],
): Promise<ResolvedSettings> {
  const onForm: Resolved[] = [];
  const later: Resolved[] = [];
  const problems: string[] = [];
  const refused: string[] = [];
  const fieldIds = new Map<string, string>();
  const setBy = new Map<string, FieldSetting>();
  const findUser = userLookup(session);
  let others: readonly FormField[] = [];
  for (const setting of settings.filter(isForAField)) {
    const { field: name, value: raw } = setting;
    if (others.length === 0 && findField(form, name).length === 0) {
      others = await otherFields(session, settings);
    }
    const found = findOnFormOrElsewhere(form, others, name);
    const [field] = found;
    if (field === undefined || found.length > 1) {
      problems.push(unknownFieldWords(name, found, [...form, ...others]));
      continue;
    }
    const clash = clashWords(setting, field, setBy.get(field.id));
    if (clash !== undefined) problems.push(clash);
    if (clash !== undefined || setBy.has(field.id)) continue;
    setBy.set(field.id, setting);
    fieldIds.set(name, field.id);
    const value = await fieldValue(field, raw, findUser);
    if (value.kind === 'value') {
      (form.includes(field) ? onForm : later).push({ field, value: value.value });
    } else {
      problems.push(`Field[${name}] accepts ${value.expected}.`);
      refused.push(field.id);
    }
  }
  return { onForm, later, fieldIds, problems, refused };
}

/** The site's fields, for variables that name a field that is not on the form. */
async function otherFields(
  session: Session,
  settings: readonly FieldSetting[],
): Promise<readonly FormField[]> {
  const wanted = settings.map(({ field }) => field);
  const fields = await siteFields(session, wanted);
  return fields.map((field) => ({ ...field, required: false, hasDefault: false, validValues: [] }));
}

function isForAField({ field, value }: FieldSetting): boolean {
  return !isDraftsOwn(foldName(field)) && value.trim() !== '';
}

function isDraftsOwn(id: string): boolean {
  return id === 'summary' || id === 'description';
}

/** Finds a field by the form's label, else by the site's name; of fields with that name, the form's wins. */
function findOnFormOrElsewhere(
  form: readonly FormField[],
  others: readonly FormField[],
  name: string,
): readonly FormField[] {
  const byLabel = findField(form, name);
  if (byLabel.length > 0) return byLabel;
  const elsewhere = findField(others, name);
  const ids = new Set(elsewhere.map(({ id }) => id));
  const byName = form.filter(({ id }) => ids.has(id));
  return byName.length > 0 ? byName : elsewhere;
}

/** Why a variable can't set the field that it names; undefined if it can. */
function clashWords(
  { field: name, value }: FieldSetting,
  { id }: FormField,
  earlier: FieldSetting | undefined,
): string | undefined {
  if (isDraftsOwn(id)) return `Field[${name}] is the ${id} of the request: use Field[${id}].`;
  return earlier !== undefined && earlier.value !== value
    ? `Field[${earlier.field}] and Field[${name}] set the same field (${id}) to different values.`
    : undefined;
}

async function requestFields(
  session: Session,
  serviceDeskId: string,
  requestTypeId: string,
): Promise<readonly FormField[]> {
  return session.call({
    path: `${desks}/${encodeURIComponent(serviceDeskId)}/requesttype/${encodeURIComponent(requestTypeId)}/field`,
    parse: (json) =>
      need(asArray(asObject(json)?.['requestTypeFields']), 'requestTypeFields').flatMap(parseFormField),
    advice: text`The step's account must be allowed to raise requests of this type.`,
  });
}

/** Nobody would read more similar names. */
const mostNearWords = 5;

function unknownFieldWords(wanted: string, found: readonly FormField[], all: readonly FormField[]): string {
  if (found.length > 1) {
    return `Field[${wanted}] names ${found.length} fields (${found.map(({ id }) => id).join(', ')}): use the id.`;
  }
  const words = all.flatMap(({ id, name }) => [name, id]);
  const near = nearWords(wanted, words).slice(0, mostNearWords);
  return `Jira has no field "${wanted}" for Field[${wanted}]${near.length === 0 ? '' : `; similar fields: ${near.join(', ')}`}.`;
}
