import type { FieldSetting, Transition } from '../../app/ports.ts';
import { asArray, asObject, asText } from '../../http/json.ts';
import { internalComment } from '../comments.ts';
import { parseSchema } from '../site-fields.ts';
import { type FieldValue, type FormField, fieldValue, type UserLookup } from './field-value.ts';
import { findField, neededWords, uncovered } from './form.ts';

/** A field of a transition's screen (`fields` of `GET .../transitions?expand=transitions.fields`). */
interface ScreenField extends FormField {
  /** Values can be added but not set, as for comments. */
  readonly isAddedTo: boolean;
}

export type Screen = readonly ScreenField[];

export function parseScreen(json: unknown): Screen {
  return Object.entries(asObject(json) ?? {}).flatMap(([id, value]) => {
    const field = asObject(value);
    if (field === undefined) return [];
    const operations = asArray(field['operations']) ?? [];
    return [
      {
        id,
        name: asText(field['name']) ?? id,
        required: field['required'] === true,
        hasDefault: field['hasDefaultValue'] === true,
        schema: parseSchema(field['schema']),
        validValues: (asArray(field['allowedValues']) ?? []).flatMap(parseAllowedValue),
        isAddedTo: operations.includes('add') && !operations.includes('set'),
      },
    ];
  });
}

/** An option has an id and a value, a resolution or a version an id and a name. */
function parseAllowedValue(json: unknown): FormField['validValues'] {
  const allowed = asObject(json);
  const value = asText(allowed?.['id']);
  const label = asText(allowed?.['value']) ?? asText(allowed?.['name']);
  return value === undefined ? [] : [{ value, label: label ?? value }];
}

/**
 * V2: fills a transition's screen from those `TransitionField[...]` variables whose fields are on it.
 * @param present ids of fields that already have a value
 */
export async function fillScreen(
  screen: Screen,
  settings: readonly FieldSetting[],
  present: ReadonlySet<string>,
  findUser: UserLookup,
): Promise<Transition['screen']> {
  const fields: Record<string, unknown> = {};
  const update: Record<string, unknown> = {};
  const problems: string[] = [];
  const lacks: string[] = [];
  const setBy = new Map<string, FieldSetting>();
  for (const setting of settings) {
    const name = `TransitionField[${setting.field}]`;
    const [field, ...others] = findField(screen, setting.field);
    if (field === undefined) {
      lacks.push(setting.field);
      continue;
    }
    if (others.length > 0) {
      const ids = [field, ...others].map(({ id }) => id).join(', ');
      problems.push(`${name} names ${others.length + 1} fields (${ids}): use the id.`);
      continue;
    }
    const earlier = setBy.get(field.id);
    setBy.set(field.id, setting);
    if (earlier !== undefined && earlier.value !== setting.value) {
      problems.push(
        `TransitionField[${earlier.field}] and ${name} set the same field (${field.id}) to different values.`,
      );
      continue;
    }
    const value: FieldValue =
      field.id === 'comment'
        ? // As with `Field[...]`, customers see nothing of it.
          { kind: 'value', value: { body: setting.value, ...internalComment } }
        : await fieldValue(field, setting.value, findUser);
    if (value.kind === 'bad') problems.push(`${name} accepts ${value.expected}.`);
    else if (field.isAddedTo) update[field.id] = [{ add: value.value }];
    else fields[field.id] = value.value;
  }
  const lacking = uncovered(screen, new Set([...present, ...setBy.keys()]));
  if (lacking.length > 0) {
    problems.push(
      `Its screen requires: ${neededWords(lacking)}Set each with a variable Octopus.JiraServiceManagement.TransitionField[name].`,
    );
  }
  return { body: { fields, update }, problems, lacks };
}
