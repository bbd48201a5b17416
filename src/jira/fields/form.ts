import { foldName } from '../../domain/names.ts';
import type { FormField } from './field-value.ts';

/** The fields of a form that a variable names by id or, if no id matches, by name. */
export function findField<Field extends FormField>(
  fields: readonly Field[],
  wanted: string,
): readonly Field[] {
  const byId = fields.filter((field) => foldName(field.id) === foldName(wanted));
  return byId.length > 0 ? byId : fields.filter((field) => foldName(field.name) === foldName(wanted));
}

/** Required fields without a value. */
export function uncovered(form: readonly FormField[], given: ReadonlySet<string>): readonly FormField[] {
  return form.filter((field) => field.required && !field.hasDefault && !given.has(field.id));
}

/** Nobody would read more values of a missing field. */
const mostValuesShown = 10;

/** Lists required fields with their values: `Impact (customfield_10004). Impact accepts: High, Low. ` */
export function neededWords(lacking: readonly FormField[]): string {
  const names = lacking.map(({ name, id }) => `${name} (${id})`).join(', ');
  return `${names}. ${lacking.map(accepts).join('')}`;
}

function accepts({ name, validValues }: FormField): string {
  if (validValues.length === 0) return '';
  const labels = validValues.slice(0, mostValuesShown).map(({ label }) => label);
  const more = validValues.length > mostValuesShown ? ' and more' : '';
  return `${name} accepts: ${labels.join(', ')}${more}. `;
}
