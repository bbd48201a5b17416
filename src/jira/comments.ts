import type { BeforeTry, Comments } from '../app/ports.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asInstant, asObject, asText, need } from '../http/json.ts';
import { everyPage } from './pages.ts';
import { statusAlone } from './session/call.ts';
import type { Session } from './session/session.ts';

/** Makes an ordinary comment internal: JSM hides comments with this property from customers. */
export const internalComment = { properties: [{ key: 'sd.public.comment', value: { internal: true } }] };

/** How often a call that only informs people is tried. */
const informingTries = 3;

/** The path of the comments of a customer request. */
export function requestComments(key: string): string {
  return `/rest/servicedeskapi/request/${encodeURIComponent(key)}/comment`;
}

/** The path of the ordinary comments of any issue. */
export function issueComments(key: string): string {
  return `/rest/api/2/issue/${encodeURIComponent(key)}/comment`;
}

export async function comments(session: Session, key: string): Promise<Comments> {
  const list = await attempt(() =>
    everyPage(session, requestComments(key), {
      parse: (json) => parseComment(json, (created) => asObject(created)?.['iso8601']),
      mostTries: informingTries,
    }),
  );
  if (!(list instanceof Fault)) return { isCustomerRequest: true, list };
  // The issue was created without a request type; some sites answer 403 in this case.
  if (list.status !== 404 && list.status !== 403) throw list;
  const listing = { member: 'comments', parse: parseComment, mostTries: informingTries };
  return { isCustomerRequest: false, list: await everyPage(session, issueComments(key), listing) };
}

/** V5: throws if a comment is unreadable, because it might record that the transition was run. */
function parseComment(
  json: unknown,
  timeIn: (created: unknown) => unknown = (created) => created,
): Comments['list'] {
  const comment = asObject(json);
  const body = need(asText(comment?.['body']), 'body of a comment');
  return [{ body, created: asInstant(timeIn(comment?.['created'])) }];
}

/** Sends a comment once. After a lost answer, people can see whether it was added. */
export async function addComment(
  session: Session,
  path: string,
  body: Readonly<Record<string, unknown>>,
  beforeTry?: BeforeTry,
): Promise<void> {
  const outcome = await session.once({
    method: 'POST',
    path,
    body,
    mostTries: informingTries,
    mayBeSent: beforeTry,
    ...statusAlone,
    advice: text`The step's account needs permission to add comments; on Data Center, public ones need a Jira Service Management licence.`,
  });
  if (outcome.kind === 'lost') {
    throw new Fault('unreachable', outcome.why, text`The comment may have been added anyway.`);
  }
}
