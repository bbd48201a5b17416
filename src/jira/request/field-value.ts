import { foldName } from '../../domain/change-state.ts';
import { parseInstant } from '../../domain/instant.ts';
import { asArray, asObject, asText, type JsonObject } from '../json.ts';
import type { SiteKind } from '../session/login.ts';

/** A field of a request form (`GET .../requesttype/{id}/field`) or of an edit screen. */
export interface FormField {
  readonly id: string;
  readonly name: string;
  readonly required: boolean;
  /** Has a value without anybody's doing. */
  readonly hasDefault: boolean;
  readonly schema: FieldSchema;
  readonly validValues: readonly { readonly value: string; readonly label: string }[];
}

export interface FieldSchema {
  /** `string`, `number`, `datetime`, `date`, `option`, `array`, `user`, ... */
  readonly type: string;
  readonly items: string | undefined;
}

export type FieldValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** What was expected instead, for a sentence. */
  | { readonly kind: 'bad'; readonly expected: string };

/** Types whose values Jira knows by their labels; of one with children, the label is the parent's. */
const optionTypes: ReadonlySet<string> = new Set(['option', 'option-with-child']);

/** Types whose values Jira knows by their names. */
const namedTypes: ReadonlySet<string> = new Set([
  'priority',
  'group',
  'version',
  'component',
  'resolution',
  'securitylevel',
]);

/**
 * C1: the form in which a field takes a text: its schema decides. A text that parses as a JSON object or
 * array is sent as such, but never to a text field. (JSM tells some selects as text with valid values.)
 */
export function fieldValue(field: FormField, raw: string, siteKind: SiteKind | undefined): FieldValue {
  const { type } = field.schema;
  const isChoice = field.validValues.length > 0;
  if (type === 'string' && !isChoice) return { kind: 'value', value: raw };
  const json = parseStructure(raw);
  if (json !== undefined) return { kind: 'value', value: json };
  const text = raw.trim();
  switch (type) {
    case 'number':
      return numberValue(text);
    case 'datetime':
      return dateTimeValue(text);
    case 'date':
      return dateValue(text);
    case 'user':
      return { kind: 'value', value: userValue(text, siteKind) };
    case 'array':
      return arrayValue(field, text, siteKind);
    default:
      return isChoice || optionTypes.has(type) || namedTypes.has(type)
        ? optionValue(field, type, text)
        : { kind: 'value', value: raw };
  }
}

function parseStructure(raw: string): JsonObject | readonly unknown[] | undefined {
  if (!/^\s*[[{]/.test(raw)) return undefined;
  try {
    const json: unknown = JSON.parse(raw);
    return asObject(json) ?? asArray(json);
  } catch {
    return undefined;
  }
}

function numberValue(text: string): FieldValue {
  const number = Number(text);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) && Number.isFinite(number)
    ? { kind: 'value', value: number }
    : { kind: 'bad', expected: 'a number' };
}

/** Jira's own form, `2015-11-18T14:39:00.000+1100`: milliseconds, and an offset without a colon. */
export function jiraDateTime(text: string): string | undefined {
  const parsed = parseInstant(text, 'start', undefined);
  return parsed.kind === 'instant' ? parsed.at.toISOString().replace('Z', '+0000') : undefined;
}

function dateTimeValue(text: string): FieldValue {
  const value = jiraDateTime(text);
  return value === undefined
    ? { kind: 'bad', expected: 'a date-time with its offset, such as 2026-06-13T10:00:00+10:00' }
    : { kind: 'value', value };
}

function dateValue(text: string): FieldValue {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(text, 'start', 'UTC').kind === 'instant';
  return isDate ? { kind: 'value', value: text } : { kind: 'bad', expected: 'a date such as 2026-06-13' };
}

/** Cloud knows users by their account id, Data Center by their name. */
function userValue(text: string, siteKind: SiteKind | undefined): JsonObject {
  return siteKind === 'data-center' ? { name: text } : { accountId: text };
}

function arrayValue(field: FormField, text: string, siteKind: SiteKind | undefined): FieldValue {
  const parts = text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const { items } = field.schema;
  if (items === undefined || (items === 'string' && field.validValues.length === 0))
    return { kind: 'value', value: parts };
  if (items === 'user') {
    return { kind: 'value', value: parts.map((part) => userValue(part, siteKind)) };
  }
  const values = parts.map((part) => optionValue(field, items, part));
  const bad = values.find((value) => value.kind === 'bad');
  return (
    bad ?? { kind: 'value', value: values.map((value) => (value.kind === 'value' ? value.value : undefined)) }
  );
}

/** A select by its plain label, where the field's valid values allow one meaning. */
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

/** A field of a request form. */
export function parseFormField(json: unknown): FormField | undefined {
  const field = asObject(json);
  const id = asText(field?.['fieldId']);
  if (field === undefined || id === undefined) return undefined;
  const defaults = [...(asArray(field['defaultValues']) ?? []), ...(asArray(field['presetValues']) ?? [])];
  return {
    id,
    name: asText(field['name']) ?? id,
    required: field['required'] === true,
    hasDefault: defaults.length > 0,
    schema: parseSchema(field['jiraSchema']),
    validValues: (asArray(field['validValues']) ?? []).flatMap(parseValidValue),
  };
}

export function parseSchema(json: unknown): FieldSchema {
  const schema = asObject(json);
  return { type: asText(schema?.['type']) ?? 'string', items: asText(schema?.['items']) };
}

function parseValidValue(json: unknown): readonly { readonly value: string; readonly label: string }[] {
  const valid = asObject(json);
  const value = asText(valid?.['value']) ?? asText(valid?.['id']);
  const label = asText(valid?.['label']) ?? asText(valid?.['name']) ?? value;
  return value === undefined || label === undefined ? [] : [{ value, label }];
}
