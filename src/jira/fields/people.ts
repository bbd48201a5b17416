import { attempt, Fault } from '../../domain/fault.ts';
import { foldName } from '../../domain/names.ts';
import { asArray, asObject, asText, need } from '../../http/json.ts';
import type { Session } from '../session/session.ts';
import type { FieldValue, UserLookup } from './field-value.ts';

/** The formats that Cloud's account ids have had over time. */
const accountIdPattern = /^(?:[0-9a-f]{24}|(?:\d+|qm|ug):\S+)$/i;

/** C1: gives users by name on Data Center, by account id on Cloud; any other text is searched there once. */
export function userLookup(session: Session): UserLookup {
  const known = new Map<string, FieldValue>();
  return async (person) => {
    if (session.siteKind === 'data-center') {
      return person.includes(',')
        ? { kind: 'bad', expected: 'a user name' }
        : { kind: 'value', value: { name: person } };
    }
    if (accountIdPattern.test(person)) return { kind: 'value', value: { accountId: person } };
    const value = known.get(person) ?? (await findUser(session, person));
    known.set(person, value);
    return value;
  };
}

async function findUser(session: Session, person: string): Promise<FieldValue> {
  const found = await attempt(() =>
    session.call({
      path: `/rest/api/2/user/search?${new URLSearchParams({ query: person, maxResults: '50' })}`,
      parse: (json) => need(asArray(json), 'list of users').map((user) => asObject(user) ?? {}),
    }),
  );
  // F2: an outage does not show that there is no such user.
  if (found instanceof Fault && found.kind === 'unreachable') throw found;
  const users = found instanceof Fault ? [] : found;
  const isNamed = (label: unknown): boolean => foldName(asText(label) ?? '') === foldName(person);
  const named = users.filter((user) => isNamed(user['displayName']) || isNamed(user['emailAddress']));
  // Most email addresses are hidden: if a search for one finds a single user, the address is theirs.
  const matches = named.length === 0 && person.includes('@') ? users : named;
  const accountId = matches.length === 1 ? asText(matches[0]?.['accountId']) : undefined;
  if (accountId !== undefined) return { kind: 'value', value: { accountId } };
  const why = matches.length > 1 ? `${matches.length} users match` : 'no user matches';
  return { kind: 'bad', expected: `the account id of a user: ${why} "${person}"` };
}
