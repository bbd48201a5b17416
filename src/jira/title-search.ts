import type { SearchHit } from '../app/ports.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asNumber, asObject, asText, need } from '../http/json.ts';
import { parseHit } from './issue.ts';
import type { Session } from './session/session.ts';

const pageSize = 100;
const mostPages = 100;

interface Page {
  readonly hits: readonly SearchHit[];
  /** Token (Cloud) or offset (Data Center) of the next page; undefined after the last page. */
  readonly next: string | undefined;
}

/**
 * Runs a search to its end: with `search/jql` on Cloud, where the old search is gone (410), and with the old
 * search on Data Center, where the new path does not exist (404). Until the kind of site is known, Cloud's
 * search is tried first. The one that answers determines the kind, whatever headers suggested.
 * @param most the maximum number of hits, at which the search ends
 */
export async function search(
  session: Session,
  jql: string,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly SearchHit[]> {
  const isDataCenter = session.siteKind === 'data-center';
  const all = (read: ReadPage) => attempt(() => allHits(session, read, jql, most));
  const hits = await all(isDataCenter ? dataCenterPage : cloudPage);
  if (!(hits instanceof Fault)) return hits;
  if (!isOtherKind(hits, isDataCenter)) throw hits;
  const others = await all(isDataCenter ? cloudPage : dataCenterPage);
  // If the other search does not exist either, the first refusal counts (F3).
  if (others instanceof Fault) throw isOtherKind(others, !isDataCenter) ? hits : others;
  session.learnSiteKind(isDataCenter ? 'cloud' : 'data-center');
  return others;
}

/** Whether the requested path exists only on the other kind of site. */
function isOtherKind({ status }: Fault, isDataCenter: boolean): boolean {
  return isDataCenter ? status === 410 : status === 404 || status === 405;
}

type ReadPage = (session: Session, jql: string, next: string | undefined) => Promise<Page>;

async function allHits(
  session: Session,
  read: ReadPage,
  jql: string,
  most: number,
): Promise<readonly SearchHit[]> {
  const hits = new Map<string, SearchHit>();
  const tokens = new Set<string>();
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const found = await read(session, jql, next);
    const isNew = found.hits.some(({ key }) => !hits.has(key));
    for (const hit of found.hits) hits.set(hit.key, hit);
    next = found.next;
    if (hits.size >= most) return [...hits.values()].slice(0, most);
    // F3: a page with only known hits is the last one, but a page without hits may be in the middle.
    if (next === undefined || (found.hits.length > 0 && !isNew)) return [...hits.values()];
    if (tokens.has(next)) break;
    tokens.add(next);
  }
  throw new Fault(
    'refused',
    text`The search for the change request's title did not end: the site repeats its pages, or has too many hits.`,
    text`Supply the change request's number in Octopus.JiraServiceManagement.ChangeRequest.Number.`,
  );
}

const advice = text`Check Service project (JsmChange.ServiceProject): it must be the key of a project that the step's account may see.`;

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/ */
async function cloudPage(session: Session, jql: string, next: string | undefined): Promise<Page> {
  return session.call({
    method: 'POST',
    path: '/rest/api/3/search/jql',
    body: {
      jql,
      fields: ['summary', 'status'],
      maxResults: pageSize,
      ...(next !== undefined && { nextPageToken: next }),
    },
    advice,
    parse: (json) => {
      const body = need(asObject(json), 'page');
      const hits = need(asArray(body['issues']), 'issues').map(parseHit);
      const token = asText(body['nextPageToken']);
      const isLast = body['isLast'] === true || token === undefined || token === '';
      return { hits, next: isLast ? undefined : token };
    },
  });
}

async function dataCenterPage(session: Session, jql: string, next: string | undefined): Promise<Page> {
  const startAt = Number(next ?? 0);
  return session.call({
    method: 'POST',
    path: '/rest/api/2/search',
    body: { jql, startAt, maxResults: pageSize, fields: ['summary', 'status'] },
    advice,
    parse: (json) => {
      const body = need(asObject(json), 'page');
      const hits = need(asArray(body['issues']), 'issues').map(parseHit);
      const total = need(asNumber(body['total']), 'total');
      const end = startAt + hits.length;
      return { hits, next: hits.length === 0 || end >= total ? undefined : String(end) };
    },
  });
}

/** JQL for the requests that the account has raised, newest first. */
export function raisedJql(serviceProject: string, issueTypeId: string | undefined): string {
  const ofType = issueTypeId === undefined ? '' : ` AND issuetype = ${quoted(issueTypeId)}`;
  return `project = ${quoted(serviceProject)} AND reporter = currentUser()${ofType} ORDER BY created DESC`;
}

/** A JQL string literal, with quotes and backslashes escaped. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, (mark) => `\\${mark}`)}"`;
}

/**
 * L5, L9: JQL for issues whose summary matches and that are open or were updated in the last 30 days, since a
 * closed one of the same run matters.
 * @param sought the text for `~`; if empty, any summary matches
 * @param openStatuses names or ids of statuses that count as open whatever their category
 */
function titleJql(serviceProject: string, sought: string, openStatuses: readonly string[]): string {
  const summary = sought === '' ? '' : ` AND summary ~ ${quoted(sought)}`;
  const also = openStatuses.length === 0 ? '' : `status in (${openStatuses.map(quoted).join(', ')}) OR `;
  return `project = ${quoted(serviceProject)}${summary} AND (statusCategory != Done OR ${also}updated >= -30d) ORDER BY created DESC`;
}

type TitleJql = (serviceProject: string, title: string, openStatuses: readonly string[]) => string;

/**
 * L5: JQL that searches for a title as a phrase.
 *
 * JQL can't compare `summary` for equality, only with `~`; a phrase is a quoted string inside the JQL string.
 * Quotes and backslashes are not indexed and would end the phrase, so they become spaces. The caller compares
 * the summaries.
 */
export const titlePhraseJql: TitleJql = (serviceProject, title, openStatuses) => {
  const phrase = title.replace(/["\\]/g, ' ').replace(/\s+/gu, ' ').trim();
  return titleJql(serviceProject, `"${phrase}"`, openStatuses);
};

/**
 * L5: JQL for the second search: the words of the title in any order. Only words that consist of letters are
 * included, because it is uncertain how Jira splits others (`1.0.1`, `App.Web`).
 */
export const titleWordsJql: TitleJql = (serviceProject, title, openStatuses) => {
  const words = title
    .split(/[\s"\\]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, ''))
    .filter((word) => /^[\p{L}\p{M}]{2,}$/u.test(word) && !operators.has(word.toUpperCase()));
  return titleJql(serviceProject, [...new Set(words)].join(' '), openStatuses);
};

/** Words that a text query would treat as operators. */
const operators: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'TO']);
