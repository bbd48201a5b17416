import { parseInstant } from '../../domain/instant.ts';
import { foldName } from '../../domain/names.ts';
import { partsOf } from '../../domain/text.ts';
import { asArray, asObject, asText, parseJson } from '../../http/json.ts';
import { parseSchema, type SiteField } from '../site-fields.ts';

/** A field of a request form (`GET .../requesttype/{id}/field`), or of the site. */
export interface FormField extends SiteField {
  readonly required: boolean;
  /** The field has a value even if nobody sets one. */
  readonly hasDefault: boolean;
  readonly validValues: readonly { readonly value: string; readonly label: string }[];
}

export type FieldValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** What the field accepts, worded to follow "accepts" in a sentence. */
  | { readonly kind: 'bad'; readonly expected: string };

/** Converts the text by which a variable names a user to the form that the site's fields accept. */
export type UserLookup = (person: string) => Promise<FieldValue>;

/** Types whose values Jira identifies by label; for a cascading select, by the label of the parent option. */
const optionTypes: ReadonlySet<string> = new Set(['option', 'option-with-child']);

/** Types whose values Jira identifies by name. */
const namedTypes: ReadonlySet<string> = new Set([
  'priority',
  'group',
  'version',
  'component',
  'resolution',
  'securitylevel',
]);

/** Types whose values Jira identifies by key. */
const keyedTypes: ReadonlySet<string> = new Set(['project', 'issuelink']);

/**
 * C1: converts a text to the form that the field's schema requires. Text that parses as a JSON object or
 * array is sent as JSON, except to a text field. (JSM describes some selects as text with valid values.)
 */
export async function fieldValue(field: FormField, raw: string, findUser: UserLookup): Promise<FieldValue> {
  const { type, custom = '' } = field.schema;
  const isChoice = field.validValues.length > 0;
  if ((type === 'string' || type === '') && !isChoice) return { kind: 'value', value: raw };
  const json = /^\s*[[{]/.test(raw) ? parseJson(raw) : undefined;
  if (json !== undefined) return { kind: 'value', value: json };
  const text = raw.trim();
  // A sprint field has the schema of a list, but accepts a single bare number.
  if (custom.endsWith(':gh-sprint')) return idValue(text, 'the id of a sprint');
  switch (type) {
    case 'number':
      return numberValue(text);
    case 'datetime':
      return checked(jiraDateTime(text), 'a date-time with its offset, such as 2026-06-13T10:00:00+10:00');
    case 'date':
      return dateValue(text);
    case 'user':
      return findUser(text);
    case 'array':
      return listValue(field, text, findUser);
    default:
      if (!isChoice && keyedTypes.has(type)) return { kind: 'value', value: { key: text } };
      return isChoice || optionTypes.has(type) || namedTypes.has(type)
        ? optionValue(field, type, text)
        : { kind: 'value', value: raw };
  }
}

/** @param value undefined if the text is not as expected */
function checked(value: string | number | undefined, expected: string): FieldValue {
  return value === undefined ? { kind: 'bad', expected } : { kind: 'value', value };
}

function numberValue(text: string): FieldValue {
  const number = Number(text);
  const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) && Number.isFinite(number);
  return checked(isNumber ? number : undefined, 'a number');
}

/** Converts to Jira's format, `2015-11-18T14:39:00.000+1100`: milliseconds, and an offset without a colon. */
export function jiraDateTime(text: string): string | undefined {
  const parsed = parseInstant(text, 'start', undefined);
  return parsed.kind === 'instant' ? parsed.at.toISOString().replace('Z', '+0000') : undefined;
}

function dateValue(text: string): FieldValue {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(text, 'start', 'UTC').kind === 'instant';
  return checked(isDate ? text : undefined, 'a date such as 2026-06-13');
}

function idValue(text: string, expected: string): FieldValue {
  return checked(/^\d+$/.test(text) ? Number(text) : undefined, expected);
}

/** C1: matches each line whole before splitting it at commas, since an option's label may contain a comma. */
async function listValue(field: FormField, text: string, findUser: UserLookup): Promise<FieldValue> {
  const match = itemMatcher(field, findUser);
  if (match.acceptsAny) return together(await allMatched(partsOf(text, /[,\n]/), match.item));
  const values: FieldValue[] = [];
  for (const line of partsOf(text, '\n')) {
    const whole = await match.item(line);
    const pieces = partsOf(line, ',');
    values.push(
      ...(whole.kind === 'bad' && line.includes(',') ? await allMatched(pieces, match.item) : [whole]),
    );
  }
  return together(values);
}

async function allMatched(items: readonly string[], item: UserLookup): Promise<readonly FieldValue[]> {
  const values: FieldValue[] = [];
  for (const one of items) values.push(await item(one));
  return values;
}

function together(values: readonly FieldValue[]): FieldValue {
  const bad = values.find(({ kind }) => kind === 'bad');
  return bad ?? { kind: 'value', value: values.flatMap((value) => ('value' in value ? [value.value] : [])) };
}

/** How to match one item of a list. If any text is accepted, a match does not show where an item ends. */
function itemMatcher(
  field: FormField,
  findUser: UserLookup,
): { readonly item: UserLookup; readonly acceptsAny: boolean } {
  const { items, custom = '' } = field.schema;
  const isChoice = field.validValues.length > 0;
  if (custom.endsWith(':sd-customer-organizations')) {
    return { item: async (text) => organizationValue(field, text), acceptsAny: false };
  }
  if (items === 'number') return { item: async (text) => numberValue(text), acceptsAny: false };
  if (items === 'user') return { item: findUser, acceptsAny: false };
  if (isChoice) return { item: async (text) => optionValue(field, items ?? '', text), acceptsAny: false };
  const isText = items === undefined || items === 'string';
  return {
    item: async (text) => (isText ? { kind: 'value', value: text } : optionValue(field, items, text)),
    acceptsAny: true,
  };
}

/** The id of an organization by its name or id: JSM accepts only ids, as numbers. */
function organizationValue(field: FormField, text: string): FieldValue {
  const named = field.validValues.find(({ label }) => foldName(label) === foldName(text));
  return idValue(named?.value ?? text, 'the ids of organizations');
}

/** An option by its label, else by its id. If the field has valid values, exactly one must match. */
function optionValue(field: FormField, type: string, text: string): FieldValue {
  if (field.validValues.length === 0) {
    return { kind: 'value', value: namedTypes.has(type) ? { name: text } : { value: text } };
  }
  const wanted = foldName(text);
  const byLabel = field.validValues.filter((valid) => foldName(valid.label) === wanted);
  const found = byLabel.length > 0 ? byLabel : field.validValues.filter((valid) => valid.value === text);
  const [only] = found;
  if (only !== undefined && found.length === 1) return { kind: 'value', value: { id: only.value } };
  const labels = field.validValues.slice(0, 20).map((valid) => valid.label);
  return {
    kind: 'bad',
    expected:
      found.length > 1
        ? `an id, since ${found.length} of its values have this label`
        : `one of: ${labels.join(', ')}${field.validValues.length > labels.length ? ', ...' : ''}`,
  };
}

export function parseFormField(json: unknown): readonly FormField[] {
  const field = asObject(json);
  const id = asText(field?.['fieldId']);
  if (field === undefined || id === undefined) return [];
  const defaults = [...(asArray(field['defaultValues']) ?? []), ...(asArray(field['presetValues']) ?? [])];
  return [
    {
      id,
      name: asText(field['name']) ?? id,
      required: field['required'] === true,
      hasDefault: defaults.length > 0,
      schema: parseSchema(field['jiraSchema']),
      validValues: (asArray(field['validValues']) ?? []).flatMap(parseValidValue),
    },
  ];
}

function parseValidValue(json: unknown): FormField['validValues'] {
  const valid = asObject(json);
  const value = asText(valid?.['value']) ?? asText(valid?.['id']);
  const label = asText(valid?.['label']) ?? asText(valid?.['name']);
  return value === undefined ? [] : [{ value, label: label ?? value }];
}
