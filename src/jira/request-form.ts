import type { ChangeRequestDraft, FieldSetting, PreparedRequest } from '../app/ports.ts';
import { foldName } from '../domain/change-state.ts';
import { Fault } from '../domain/fault.ts';
import { nearWords } from '../domain/nearest-word.ts';
import { text } from '../domain/text.ts';
import { type FormField, fieldValue, parseFormField, parseSchema } from './field-value.ts';
import { asArray, asObject, asText, need } from './json.ts';
import { pages } from './pages.ts';
import type { Session } from './session/session.ts';

const desk = '/rest/servicedeskapi/servicedesk';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Makes a draft ready for the site: finds the request type, resolves fields, checks what is required (C1, C5). */
export async function prepareRequest(
  session: Session,
  where: { readonly serviceProject: string; readonly requestType: string },
  draft: ChangeRequestDraft,
): Promise<PreparedRequest> {
  const serviceDeskId = await findServiceDesk(session, where.serviceProject);
  const requestType = await findRequestType(session, serviceDeskId, where);
  const form = await requestFields(session, serviceDeskId, requestType.id);
  session.learnFieldNames(form.map(({ id, name }) => [id, name]));
  const hasDescription = form.some((field) => field.id === 'description');
  const values: Record<string, unknown> = {
    summary: draft.title,
    ...(hasDescription && { description: draft.description }),
  };
  const settings = await resolveSettings(session, form, draft.fields);
  for (const { field, value } of settings.onForm) values[field.id] = value;
  const given = new Set([...Object.keys(values), ...settings.refused]);
  const problems = [...settings.problems, ...lackingFields(form, given, requestType)];
  if (problems.length > 0) {
    throw new Fault(
      'configuration',
      text`The change request can't be raised in ${where.serviceProject}: ${problems.join(' ')}`,
      text`Correct the Octopus.JiraServiceManagement.Field[...] variables; nothing was raised.`,
    );
  }
  const later = settings.later.map(({ field: { id, name }, value }) => ({ id, name, value }));
  if (!hasDescription && draft.fields.some(({ field }) => foldName(field) === 'description')) {
    later.push({ id: 'description', name: 'Description', value: draft.description });
  }
  return { serviceDeskId, requestTypeId: requestType.id, values, later, hasRunLine: hasDescription };
}

interface Resolved {
  readonly field: FormField;
  readonly value: unknown;
}

interface ResolvedSettings {
  readonly onForm: readonly Resolved[];
  /** Fields that the site has and the form lacks. */
  readonly later: readonly Resolved[];
  readonly problems: readonly string[];
  /** Ids of fields that are set to what they don't take. */
  readonly refused: readonly string[];
}

/** Resolves `Field[...]` variables to fields and to values in the fields' form; the title and the description are the draft's own. */
async function resolveSettings(
  session: Session,
  form: readonly FormField[],
  settings: readonly FieldSetting[],
): Promise<ResolvedSettings> {
  const onForm: Resolved[] = [];
  const later: Resolved[] = [];
  const problems: string[] = [];
  const refused: string[] = [];
  const setBy = new Map<string, FieldSetting>();
  let others: readonly FormField[] = [];
  for (const setting of settings.filter(isForAField)) {
    const { field: name, value: raw } = setting;
    if (others.length === 0 && findField(form, name).length === 0) {
      others = await allFields(session);
      session.learnFieldNames(others.map((other) => [other.id, other.name]));
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
    const value = fieldValue(field, raw, session.siteKind);
    if (value.kind === 'value') {
      (form.includes(field) ? onForm : later).push({ field, value: value.value });
    } else {
      problems.push(`Field[${name}] takes ${value.expected}.`);
      refused.push(field.id);
    }
  }
  return { onForm, later, problems, refused };
}

function isForAField({ field, value }: FieldSetting): boolean {
  return !isDraftsOwn(foldName(field)) && value.trim() !== '';
}

function isDraftsOwn(id: string): boolean {
  return id === 'summary' || id === 'description';
}

/** A form may show a field under a label of its own; of several fields of one name the form's is meant. */
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

/** Why a variable can't set the field that it names, beside its value. */
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

/** So many values of a field that is missing help; more would not be read. */
const mostValuesShown = 10;

/** C5: required fields that nothing covers, with the values that each takes. */
function lackingFields(
  form: readonly FormField[],
  given: ReadonlySet<string>,
  requestType: Named,
): readonly string[] {
  const lacking = form.filter((field) => field.required && !field.hasDefault && !given.has(field.id));
  if (lacking.length === 0) return [];
  const names = lacking.map(({ name, id }) => `${name} (${id})`).join(', ');
  return [
    `The request type "${requestType.name}" requires: ${names}. ${lacking.map(takes).join('')}Set each with a variable Octopus.JiraServiceManagement.Field[name].`,
  ];
}

function takes({ name, validValues }: FormField): string {
  if (validValues.length === 0) return '';
  const labels = validValues.slice(0, mostValuesShown).map(({ label }) => label);
  const more = validValues.length > mostValuesShown ? ' and more' : '';
  return `${name} takes: ${labels.join(', ')}${more}. `;
}

export async function findServiceDesk(session: Session, key: string): Promise<string> {
  try {
    const { id, projectKey } = await session.call({
      method: 'GET',
      path: `${desk}/projectKey:${encodeURIComponent(key)}`,
      parse: (json) => {
        const found = asObject(json);
        return {
          id: need(asText(found?.['id']), 'id of the service desk'),
          projectKey: asText(found?.['projectKey']),
        };
      },
    });
    if (projectKey !== undefined && foldName(projectKey) !== foldName(key)) throw renamed(key, projectKey);
    return id;
  } catch (error) {
    if (!(error instanceof Fault) || !['missing', 'rejected', 'wrong-url'].includes(error.kind)) throw error;
  }
  const desks = await pages(session, desk, 'values', (json) => asObject(json));
  const found = desks.find((candidate) => foldName(asText(candidate['projectKey']) ?? '') === foldName(key));
  const id = asText(found?.['id']);
  if (id !== undefined) return id;
  const keys = desks.flatMap((candidate) => asText(candidate['projectKey']) ?? []);
  throw new Fault(
    'configuration',
    text`There is no service project ${key}, or the step's account is not allowed to see it.`,
    text`Set JsmChange.ServiceProject to the key of a service project, or give the account access. Visible service projects: ${keys.join(', ') || 'none'}.`,
  );
}

/** L9: a renamed project answers under its old key as well, but its change requests carry the new one: each run would raise one more. */
function renamed(key: string, projectKey: string): Fault {
  return new Fault(
    'configuration',
    text`The service project ${key} was renamed: its key is now ${projectKey}.`,
    text`Set JsmChange.ServiceProject (serviceProject in a policy) to ${projectKey}; nothing was raised.`,
  );
}

export async function findRequestType(
  session: Session,
  serviceDeskId: string,
  where: { readonly serviceProject: string; readonly requestType: string },
): Promise<Named> {
  // The listing is asked for whole: a search would leave out what the portal hides.
  const types = await pages(
    session,
    `${desk}/${encodeURIComponent(serviceDeskId)}/requesttype`,
    'values',
    (json) => {
      const type = asObject(json);
      const id = asText(type?.['id']);
      const name = asText(type?.['name']);
      return id === undefined || name === undefined ? undefined : { id, name };
    },
  );
  const wanted = foldName(where.requestType);
  const named = types.filter((type) => foldName(type.name) === wanted);
  const found = named.length > 0 ? named : types.filter((type) => type.id === where.requestType.trim());
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const list = types.map(({ id, name }) => `${name} (${id})`).join(', ') || 'none';
  throw new Fault(
    'configuration',
    found.length > 1
      ? text`The service project ${where.serviceProject} has ${found.length} request types named "${where.requestType}".`
      : text`The service project ${where.serviceProject} has no request type "${where.requestType}".`,
    text`Set JsmChange.RequestType to the name or id of one of these: ${list}.`,
  );
}

export async function requestFields(
  session: Session,
  serviceDeskId: string,
  requestTypeId: string,
): Promise<readonly FormField[]> {
  return session.call({
    method: 'GET',
    path: `${desk}/${encodeURIComponent(serviceDeskId)}/requesttype/${encodeURIComponent(requestTypeId)}/field`,
    parse: (json) =>
      need(asArray(asObject(json)?.['requestTypeFields']), 'requestTypeFields').flatMap(
        (field) => parseFormField(field) ?? [],
      ),
    advice: text`The step's account must be allowed to raise requests of this type.`,
  });
}

/** Every field of the site (`GET /rest/api/2/field`), for those that a form or an answer lacks. */
export async function allFields(session: Session): Promise<readonly FormField[]> {
  return session.call({
    method: 'GET',
    path: '/rest/api/2/field',
    parse: (json) =>
      need(asArray(json), 'list of fields').flatMap((item) => {
        const field = asObject(item);
        const id = asText(field?.['id']);
        if (field === undefined || id === undefined) return [];
        const name = asText(field['untranslatedName']) ?? asText(field['name']) ?? id;
        return [
          {
            id,
            name,
            required: false,
            hasDefault: false,
            schema: parseSchema(field['schema']),
            validValues: [],
          },
        ];
      }),
  });
}

function findField(fields: readonly FormField[], wanted: string): readonly FormField[] {
  const byId = fields.filter((field) => foldName(field.id) === foldName(wanted));
  return byId.length > 0 ? byId : fields.filter((field) => foldName(field.name) === foldName(wanted));
}

/** So many near names help; more would not be read. */
const mostNearWords = 5;

function unknownFieldWords(wanted: string, found: readonly FormField[], all: readonly FormField[]): string {
  if (found.length > 1) {
    return `Field[${wanted}] names ${found.length} fields (${found.map(({ id }) => id).join(', ')}): use the id.`;
  }
  const near = nearWords(
    wanted,
    all.flatMap(({ id, name }) => [name, id]),
  ).slice(0, mostNearWords);
  return `Field[${wanted}] names no field that Jira has${near.length === 0 ? '' : `; near are: ${near.join(', ')}`}.`;
}
