import { attempt, Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asObject, asText, need } from '../http/json.ts';
import { isTooLarge } from '../http/transport.ts';
import { everyPage } from './pages.ts';
import type { Session } from './session/session.ts';

/** A field of the site, with its untranslated name if Jira gives one. */
export interface SiteField {
  readonly id: string;
  readonly name: string;
  readonly schema: FieldSchema;
}

interface FieldSchema {
  /** `string`, `number`, `datetime`, `date`, `option`, `array`, `user`, ...; empty if Jira gives none. */
  readonly type: string;
  readonly items: string | undefined;
  /** The kind of a custom field, such as `com.pyxis.greenhopper.jira:gh-sprint`. */
  readonly custom: string | undefined;
}

export function parseSchema(json: unknown): FieldSchema {
  const schema = asObject(json);
  return {
    type: asText(schema?.['type']) ?? '',
    items: asText(schema?.['items']),
    custom: asText(schema?.['custom']),
  };
}

export function isCustomField(id: string): boolean {
  return /^customfield_\d+$/i.test(id.trim());
}

/**
 * Reads the fields of the site: all of them or, if the list exceeds the size limit (X5), those that Cloud
 * finds when it is searched for each of `wanted`.
 * @param wanted ids and names, in any case
 */
export async function siteFields(session: Session, wanted: readonly string[]): Promise<readonly SiteField[]> {
  const fields = await attempt(() =>
    session.call({
      path: '/rest/api/2/field',
      tooLargeAdvice: text`The site has too many fields to list. Put the fields that Octopus.JiraServiceManagement.Field[...] variables set on the request form, and name the planned fields by id in Planned start field (JsmChange.PlannedStartField) and Planned end field (JsmChange.PlannedEndField).`,
      parse: parseFields,
    }),
  );
  const found =
    fields instanceof Fault && isTooLarge(fields) && session.siteKind !== 'data-center'
      ? await foundFields(session, wanted)
      : fields;
  if (found instanceof Fault) throw found;
  session.learnFieldNames(found);
  return found;
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-fields/ */
async function foundFields(session: Session, wanted: readonly string[]): Promise<readonly SiteField[]> {
  const found = new Map<string, SiteField>();
  for (const one of new Set(wanted.map((word) => word.trim()).filter((word) => word !== ''))) {
    const search = isCustomField(one) ? { id: one.toLowerCase() } : { query: one };
    const listing = `/rest/api/2/field/search?${new URLSearchParams(search)}`;
    const fields = await everyPage(session, listing, { parse: (json) => [parseField(json)] });
    for (const field of fields) found.set(field.id, field);
  }
  return [...found.values()];
}

/** W12: throws for an empty list or an unreadable entry: a planned time without its field counts as unset. */
function parseFields(json: unknown): readonly SiteField[] {
  const fields = need(asArray(json), 'list of fields').map(parseField);
  need(fields[0], 'field');
  return fields;
}

function parseField(json: unknown): SiteField {
  const field = asObject(json);
  const id = need(asText(field?.['id']), 'id of a field');
  const name = need(asText(field?.['untranslatedName']) ?? asText(field?.['name']), 'name of a field');
  return { id, name, schema: parseSchema(field?.['schema']) };
}
