import type { BeforeTry, FieldSetting, Transition, TransitionAnswer } from '../app/ports.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { asArray, asObject, asText, need } from '../http/json.ts';
import { isTooLarge } from '../http/transport.ts';
import type { FormField } from './fields/field-value.ts';
import { userLookup } from './fields/people.ts';
import { fillScreen, parseScreen, type Screen } from './fields/screen.ts';
import { isFilled, issuePath, untranslated } from './issue.ts';
import { statusAlone } from './session/call.ts';
import type { Session } from './session/session.ts';

type Offered = Omit<Transition, 'screen'> & { readonly fields: Screen };

/**
 * The transitions that are available now, each with the values for its screen.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-transitions-get
 */
export async function transitions(
  session: Session,
  key: string,
  settings: readonly FieldSetting[],
): Promise<readonly Transition[]> {
  const withFields = await attempt(() => offered(session, key, 'transitions.fields'));
  // X5: a screen may list every user or version of the site. Jira then reports missing fields.
  const all =
    withFields instanceof Fault && isTooLarge(withFields)
      ? await offered(session, key, 'transitions')
      : withFields;
  if (all instanceof Fault) throw all;
  const fields = all.flatMap((one) => one.fields);
  const present = await presentValues(session, key, fields);
  const findUser = userLookup(session);
  const filled: Transition[] = [];
  for (const { fields, ...transition } of all) {
    filled.push({ ...transition, screen: await fillScreen(fields, settings, present, findUser) });
  }
  return filled;
}

async function offered(session: Session, key: string, expand: string): Promise<readonly Offered[]> {
  return session.call({
    path: `/rest/api/2/issue/${encodeURIComponent(key)}/transitions?expand=${expand}`,
    parse: (json) => need(asArray(asObject(json)?.['transitions']), 'transitions').map(parseTransition),
  });
}

/** V5: throws if a transition is unreadable, because it might be the second one that a name matches. */
function parseTransition(json: unknown): Offered {
  const item = asObject(json);
  const to = asObject(item?.['to']);
  return {
    id: need(asText(item?.['id']), 'id of a transition'),
    name: asText(item?.['name']) ?? '',
    to: {
      id: asText(to?.['id']) ?? '',
      name: asText(to?.['name']) ?? '',
      ...untranslated(to),
      category: asText(asObject(to?.['statusCategory'])?.['key']) ?? '',
    },
    fields: parseScreen(item?.['fields']),
  };
}

/**
 * Ids of required fields that already have a value, which Jira keeps. Reads the values only if a screen
 * requires a field. If they cannot be read, all required fields count as present, and Jira reports any that
 * is missing.
 */
async function presentValues(
  session: Session,
  key: string,
  fields: readonly FormField[],
): Promise<ReadonlySet<string>> {
  const required = [...new Set(fields.flatMap((field) => (field.required ? [field.id] : [])))];
  if (required.length === 0) return new Set();
  const values = await attempt(() =>
    session.call({
      path: issuePath(key, { fields: required.join(',') }),
      mostTries: 3,
      parse: (json) => need(asObject(asObject(json)?.['fields']), 'fields'),
    }),
  );
  return new Set(values instanceof Fault ? required : required.filter((id) => isFilled(values[id])));
}

export async function transition(
  session: Session,
  key: string,
  { id, screen: { body } }: Transition,
  beforeTry?: BeforeTry,
): Promise<TransitionAnswer> {
  const filled = Object.entries(body).filter(([, values]) => Object.keys(values).length > 0);
  return session.once({
    method: 'POST',
    path: `/rest/api/2/issue/${encodeURIComponent(key)}/transitions`,
    body: { transition: { id }, ...Object.fromEntries(filled) },
    conflictEnds: true,
    mayBeSent: beforeTry,
    ...statusAlone,
  });
}
