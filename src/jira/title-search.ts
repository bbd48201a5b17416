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
  /** The next page's token (Cloud) or offset (Data Center); undefined: this was the last one. */
  readonly next: string | undefined;
}

/**
 * Runs a search to its end, in the way of the site: `search/jql` on Cloud, where the old search is gone (410), and
 * the old one on Data Center, where the new path does not exist (404). If nothing has shown yet which it is, Cloud's
 * is tried first; the one that answers wins over what headers suggested.
 * @param most ends it as soon as there are so many
 */
export async function search(
  session: Session,
  jql: string,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly SearchHit[]> {
  const isDataCenter = session.siteKind === 'data-center';
  const all = (read: ReadPage) => attempt(() => everyPage(session, read, jql, most));
  const hits = await all(isDataCenter ? dataCenterPage : cloudPage);
  if (!(hits instanceof Fault)) return hits;
  if (!isOtherKind(hits, isDataCenter)) throw hits;
  const others = await all(isDataCenter ? cloudPage : dataCenterPage);
  // If that is not there either, the first refusal stands (F3).
  if (others instanceof Fault) throw isOtherKind(others, !isDataCenter) ? hits : others;
  session.learnSiteKind(isDataCenter ? 'cloud' : 'data-center');
  return others;
}

/** The path that was asked for only exists on the other kind of site. */
function isOtherKind({ status }: Fault, isDataCenter: boolean): boolean {
  return isDataCenter ? status === 410 : status === 404 || status === 405;
}

type ReadPage = (session: Session, jql: string, next: string | undefined) => Promise<Page>;

async function everyPage(
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
    // F3: a page whose hits all came before ends it; one without hits may come in the middle.
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

/** What the account itself has raised, the newest first. */
export function raisedJql(serviceProject: string, issueTypeId: string | undefined): string {
  const ofType = issueTypeId === undefined ? '' : ` AND issuetype = ${quoted(issueTypeId)}`;
  return `project = ${quoted(serviceProject)} AND reporter = currentUser()${ofType} ORDER BY created DESC`;
}

/** A string of JQL: quotes and backslashes escaped. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, (mark) => `\\${mark}`)}"`;
}

/**
 * L5, L9: of the summaries in which something is found, the open ones and those of the last month, since a closed one of
 * the same run matters.
 * @param sought for `~`; empty: any summary
 * @param openStatuses names or ids of statuses that are open whatever their category
 */
function titleJql(serviceProject: string, sought: string, openStatuses: readonly string[]): string {
  const summary = sought === '' ? '' : ` AND summary ~ ${quoted(sought)}`;
  const also = openStatuses.length === 0 ? '' : `status in (${openStatuses.map(quoted).join(', ')}) OR `;
  return `project = ${quoted(serviceProject)}${summary} AND (statusCategory != Done OR ${also}updated >= -30d) ORDER BY created DESC`;
}

type TitleJql = (serviceProject: string, title: string, openStatuses?: readonly string[]) => string;

/**
 * L5: searches for a title as a phrase.
 *
 * `summary` can't be compared for equality, only with `~`: a phrase is a quoted string inside the string. Quotes and
 * backslashes are not indexed and would end the phrase, so they become spaces. The client compares what is found.
 */
export const titlePhraseJql: TitleJql = (serviceProject, title, openStatuses = []) => {
  const phrase = title.replace(/["\\]/g, ' ').replace(/\s+/gu, ' ').trim();
  return titleJql(serviceProject, `"${phrase}"`, openStatuses);
};

/**
 * L5: the second search: the plain words of the title in any order. Only words made of letters are asked for: how
 * Jira splits others (`1.0.1`, `App.Web`) is not certain.
 */
export const titleWordsJql: TitleJql = (serviceProject, title, openStatuses = []) => {
  const words = title
    .split(/[\s"\\]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, ''))
    .filter((word) => /^[\p{L}\p{M}]{2,}$/u.test(word) && !operators.has(word.toUpperCase()));
  return titleJql(serviceProject, [...new Set(words)].join(' '), openStatuses);
};

/** Words that the text query would read as operators. */
const operators: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'TO']);
