import { type Account, type Flavour, userJson } from './account.ts';
import { isObject } from './exchange.ts';
import type { FieldDefinition, FieldOption } from './field.ts';
import { jiraDate, parseJiraDate } from './jira-date.ts';

/** The result for a value that a client sends: the value that Jira returns later, or Jira's error message. */
export type FieldValue = { ok: true; value: unknown } | { ok: false; error: string };

export interface ValueContext {
  base: string;
  flavour: Flavour;
  timeZone: string;
  accounts: readonly Account[];
}

function good(value: unknown): FieldValue {
  return { ok: true, value };
}

function bad(error: string): FieldValue {
  return { ok: false, error };
}

/** Jira's rules for a summary. */
function readSummary(value: unknown, flavour: Flavour): FieldValue {
  if (typeof value !== 'string') {
    return bad('Operation value must be a string');
  }
  if (value.trim() === '') {
    return bad('You must specify a summary of the issue.');
  }
  if (/[\r\n]/.test(value)) {
    return bad('The summary is invalid because it contains newline characters.');
  }
  if (value.length > 255) {
    return bad(
      flavour === 'cloud'
        ? "Summary can't exceed 255 characters."
        : 'Summary must be less than 255 characters.',
    );
  }
  return good(value.trim());
}

function readOption(field: FieldDefinition, value: unknown, context: ValueContext): FieldValue {
  if (
    !isObject(value) ||
    (value['id'] === undefined && value['value'] === undefined && value['name'] === undefined)
  ) {
    return bad(`Could not find valid 'id' or 'value' in the Parent Option object.`);
  }
  const found = field.options?.find((option) => matchesOption(option, value));
  if (found === undefined) {
    const shown = String(value['id'] ?? value['value'] ?? value['name']);
    return bad(`Option value '${shown}' is not valid`);
  }
  return good(optionJson(field, found, context));
}

function matchesOption(option: FieldOption, value: Record<string, unknown>): boolean {
  return value['id'] === undefined
    ? option.value === (value['value'] ?? value['name'])
    : option.id === String(value['id']);
}

function optionJson(
  field: FieldDefinition,
  option: FieldOption,
  context: ValueContext,
): Record<string, unknown> {
  return field.id === 'priority' || field.id === 'resolution'
    ? { self: `${context.base}/rest/api/2/${field.id}/${option.id}`, name: option.value, id: option.id }
    : {
        self: `${context.base}/rest/api/2/customFieldOption/${option.id}`,
        value: option.value,
        id: option.id,
      };
}

function readOptions(field: FieldDefinition, value: unknown, context: ValueContext): FieldValue {
  if (!Array.isArray(value)) {
    return bad('data was not an array');
  }
  const values: unknown[] = [];
  for (const item of value) {
    const one = readOption(field, item, context);
    if (!one.ok) {
      return one;
    }
    values.push(one.value);
  }
  return good(values);
}

function readLabels(value: unknown): FieldValue {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    return bad('data was not an array');
  }
  const spaced = value.find((item: string) => /\s/.test(item));
  return spaced === undefined ? good(value) : bad(`The label '${spaced}' contains spaces which is invalid.`);
}

function readUser(value: unknown, context: ValueContext): FieldValue {
  const wanted = context.flavour === 'cloud' ? 'accountId' : 'name';
  if (!isObject(value)) {
    return bad('data was not an object');
  }
  const given = value[wanted] ?? (context.flavour === 'cloud' ? value['id'] : value['key']);
  const found = context.accounts.find(
    (one) => one.accountId === given || one.name === given || one.key === given,
  );
  return found === undefined
    ? bad(`User '${String(given)}' does not exist.`)
    : good(userJson(found, context.base, context.flavour));
}

function readUsers(value: unknown, context: ValueContext): FieldValue {
  if (!Array.isArray(value)) {
    return bad('data was not an array');
  }
  const users: unknown[] = [];
  for (const item of value) {
    const user = readUser(item, context);
    if (!user.ok) return user;
    users.push(user.value);
  }
  return good(users);
}

function readDateTime(value: unknown, context: ValueContext): FieldValue {
  const ms = typeof value === 'string' ? parseJiraDate(value) : undefined;
  return ms === undefined
    ? bad(`Error parsing date string: ${String(value)}`)
    : good(jiraDate(ms, context.timeZone));
}

function readDate(value: unknown): FieldValue {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? good(value)
    : bad(`Error parsing date string: ${String(value)}`);
}

function readText(field: FieldDefinition, value: unknown): FieldValue {
  if (typeof value !== 'string') {
    return bad('Operation value must be a string');
  }
  return field.kind === 'text' && value.length > 255
    ? bad(`The entered text is too long. It exceeds the allowed limit of 255 characters.`)
    : good(value);
}

/** Validates a value that a client sends for a field, as Jira's REST API does. A null unsets the field. */
export function readFieldValue(field: FieldDefinition, value: unknown, context: ValueContext): FieldValue {
  if (field.id === 'summary') {
    return readSummary(value, context.flavour);
  }
  if (value === null) {
    return good(undefined);
  }
  switch (field.kind) {
    case 'text':
    case 'textarea':
      return readText(field, value);
    case 'datetime':
      return readDateTime(value, context);
    case 'date':
      return readDate(value);
    case 'number':
      return typeof value === 'number' ? good(value) : bad('Operation value must be a number');
    case 'select':
    case 'cascading':
      return readOption(field, value, context);
    case 'multiselect':
      return readOptions(field, value, context);
    case 'labels':
      return readLabels(value);
    case 'user':
      return readUser(value, context);
    case 'users':
      return readUsers(value, context);
    case 'any':
      return good(value);
    case 'request-type':
    case 'read-only':
      return bad(`Field '${field.id}' cannot be set. It is not on the appropriate screen, or unknown.`);
  }
}
