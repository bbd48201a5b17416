import type { Comments } from '../app/ports.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asObject, asText, need } from './json.ts';
import { pages } from './pages.ts';
import { statusAlone } from './session/call.ts';
import type { Session } from './session/session.ts';

/** How often what only informs people is tried. */
const informingTries = 3;

export async function comments(session: Session, key: string): Promise<Comments> {
  const request = `/rest/servicedeskapi/request/${encodeURIComponent(key)}/comment`;
  try {
    const list = await pages(session, request, 'values', parseRequestComment, informingTries);
    return { isCustomerRequest: true, list };
  } catch (error) {
    if (!(error instanceof Fault) || error.status !== 404) throw error;
  }
  const issue = `/rest/api/2/issue/${encodeURIComponent(key)}/comment`;
  return { isCustomerRequest: false, list: await issueComments(session, issue) };
}

function parseRequestComment(json: unknown): Comments['list'][number] | undefined {
  const comment = asObject(json);
  const created = asText(asObject(comment?.['created'])?.['iso8601']);
  return comment === undefined
    ? undefined
    : { body: asText(comment['body']) ?? '', created: dateOf(created) };
}

async function issueComments(session: Session, path: string): Promise<Comments['list']> {
  const all: Comments['list'][number][] = [];
  for (let total = 1; all.length < total; ) {
    const page = await session.call({
      method: 'GET',
      path: `${path}?startAt=${all.length}&maxResults=100`,
      mostTries: informingTries,
      parse: (json) => ({
        total: Number(asObject(json)?.['total'] ?? 0),
        items: need(asArray(asObject(json)?.['comments']), 'comments').map((item) => ({
          body: asText(asObject(item)?.['body']) ?? '',
          created: dateOf(asText(asObject(item)?.['created'])),
        })),
      }),
    });
    all.push(...page.items);
    total = page.items.length === 0 ? 0 : page.total;
  }
  return all;
}

function dateOf(value: string | undefined): Date | undefined {
  const ms = Date.parse(value ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

export async function addIssueComment(
  session: Session,
  key: string,
  body: string,
  audience: 'customers' | 'agents',
): Promise<void> {
  await sayOnce(session, `/rest/api/2/issue/${encodeURIComponent(key)}/comment`, {
    body,
    // Where the issue is a customer request after all, JSM hides a comment with this property from customers.
    ...(audience === 'agents' && {
      properties: [{ key: 'sd.public.comment', value: { internal: true } }],
    }),
  });
}

export async function addComment(
  session: Session,
  key: string,
  body: string,
  audience: 'customers' | 'agents',
): Promise<void> {
  await sayOnce(session, `/rest/servicedeskapi/request/${encodeURIComponent(key)}/comment`, {
    body,
    public: audience === 'customers',
  });
}

/** A comment is sent once: whether one whose answer was lost stands there is for people to see. */
async function sayOnce(
  session: Session,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const outcome = await session.once({
    method: 'POST',
    path,
    body,
    mostTries: informingTries,
    ...statusAlone,
    advice: text`The step's account needs the permission to add comments; on Data Center public ones take a Jira Service Management licence.`,
  });
  if (outcome.kind === 'lost') {
    throw new Fault('unreachable', outcome.why, text`It may stand there all the same.`);
  }
}
