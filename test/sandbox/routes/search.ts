import { type Call, maySee, numberIn, type Route } from '../call.ts';
import { isObject, jiraError, json, type Reply } from '../exchange.ts';
import type { FieldDefinition } from '../field.ts';
import { fieldNotes, issueJson, selectFields } from '../issue-json.ts';
import { type Found, JqlError, readJql } from '../jql/query.ts';
import { reconciledEntry, searchedEntry } from '../search-index.ts';

interface SearchRequest {
  jql: string;
  fields: readonly string[];
  expand: readonly string[];
  maxResults: number;
  startAt: number;
  nextPageToken: string | undefined;
  reconcileIssues: readonly string[];
}

const invalidPayload = 'Invalid request payload. Refer to the REST API documentation and try again.';

function badRequest(call: Call, messages: string[]): Reply {
  return call.site.flavour === 'cloud'
    ? json(400, { errorMessages: messages, errors: {} })
    : json(400, { errorMessages: messages, errors: {}, warningMessages: [] });
}

/**
 * Returns all hits in order.
 * @throws JqlError for a query that Jira refuses
 */
function hits(call: Call, request: SearchRequest, bounded: boolean): Found[] {
  const { site } = call;
  const { where, order } = readJql(request.jql, site, call.account);
  if (bounded && where === undefined) {
    throw new JqlError(
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    );
  }
  if (!maySee(call) && call.account === undefined) {
    // Nothing is public: a caller without a login finds nothing, and no reason is given.
    return [];
  }
  const found: Found[] = [];
  const now = site.now();
  for (const issue of site.storedIssues()) {
    const reconciled = request.reconcileIssues.includes(issue.id);
    const entry = reconciled ? reconciledEntry(issue, now) : searchedEntry(issue, now);
    if (entry !== undefined && maySee(call) && (where?.({ issue, entry }) ?? true)) {
      found.push({ issue, entry });
    }
  }
  return found.sort(order);
}

/** Returns a hit as a search does: with the field values of the index, not newer ones. */
function hitJson(call: Call, found: Found, fields: readonly FieldDefinition[]): Record<string, unknown> {
  const { issue, entry } = found;
  const indexed = {
    ...issue,
    key: entry.key,
    project: entry.project,
    status: entry.status,
    issueTypeId: entry.issueTypeId,
    values: new Map(entry.values),
    updatedMs: entry.updatedMs,
  };
  return issueJson(call, indexed, { fields, expand: [] });
}

function pageToken(jql: string, offset: number): string {
  return Buffer.from(JSON.stringify([offset, jql])).toString('base64url');
}

function tokenOffset(token: string | undefined, jql: string): number | undefined {
  if (token === undefined || token === '') {
    return 0;
  }
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(read) && typeof read[0] === 'number' && read[1] === jql ? read[0] : undefined;
  } catch {
    return undefined;
  }
}

function cloudSearch(call: Call, request: SearchRequest): Reply {
  const { behaviour } = call.site;
  const offset = tokenOffset(request.nextPageToken, request.jql);
  if (offset === undefined) {
    return badRequest(call, ['The provided next page token is invalid or expired.']);
  }
  const all = hits(call, request, true);
  const size = Math.max(1, Math.min(request.maxResults, behaviour.searchPageLimit, 5000));
  const page = all.slice(offset, offset + size);
  const last = offset + size >= all.length;
  const ids = request.fields.length === 0 || request.fields.every((one) => one === 'id');
  const fields = ids ? [] : selectFields(call, request.fields);
  const loops = last && behaviour.pageTokens === 'loop';
  return json(200, {
    issues: page.map((found) => (ids ? { id: found.issue.id } : hitJson(call, found, fields))),
    ...(last && !loops ? {} : { nextPageToken: pageToken(request.jql, loops ? 0 : offset + size) }),
    isLast: last && !loops,
    ...fieldNotes(call, { fields, expand: request.expand }),
  });
}

function dataCenterSearch(call: Call, request: SearchRequest): Reply {
  const all = hits(call, request, false);
  const size = Math.min(request.maxResults, call.site.behaviour.searchPageLimit, 1000);
  const page = all.slice(request.startAt, request.startAt + size);
  const fields = selectFields(call, request.fields.length === 0 ? ['*navigable'] : request.fields);
  return json(200, {
    expand: 'schema,names',
    startAt: request.startAt,
    maxResults: size,
    total: all.length,
    issues: page.map((found) => hitJson(call, found, fields)),
    ...fieldNotes(call, { fields, expand: request.expand }),
  });
}

function texts(value: unknown): string[] | undefined {
  if (value === undefined || value === null) {
    return [];
  }
  if (typeof value === 'string') {
    return value.split(',');
  }
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

const cloudMembers = new Set([
  'jql',
  'fields',
  'fieldsByKeys',
  'expand',
  'maxResults',
  'nextPageToken',
  'properties',
  'reconcileIssues',
]);
const dataCenterMembers = new Set(['jql', 'fields', 'expand', 'maxResults', 'startAt', 'validateQuery']);

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** Reads the members of a POST; undefined for a body that Jira refuses. */
function fromBody(call: Call): SearchRequest | undefined {
  const body = call.body;
  const members = call.site.flavour === 'cloud' ? cloudMembers : dataCenterMembers;
  if (!isObject(body) || Object.keys(body).some((member) => !members.has(member))) {
    return undefined;
  }
  const fields =
    Array.isArray(body['fields']) || body['fields'] === undefined ? texts(body['fields']) : undefined;
  // Cloud accepts a string, Data Center a list.
  const isRightExpand =
    call.site.flavour === 'cloud' ? !Array.isArray(body['expand']) : typeof body['expand'] !== 'string';
  const expand = isRightExpand ? texts(body['expand']) : undefined;
  const jql = body['jql'] ?? '';
  const reconcile = body['reconcileIssues'] ?? [];
  if (fields === undefined || expand === undefined || typeof jql !== 'string' || !Array.isArray(reconcile)) {
    return undefined;
  }
  if (reconcile.length > 50 || reconcile.some((id) => typeof id !== 'number')) {
    return undefined;
  }
  return {
    jql,
    fields,
    expand,
    maxResults: numberOf(body['maxResults'], 50),
    startAt: numberOf(body['startAt'], 0),
    nextPageToken: typeof body['nextPageToken'] === 'string' ? body['nextPageToken'] : undefined,
    reconcileIssues: reconcile.map(String),
  };
}

function fromQuery(call: Call): SearchRequest {
  const { query } = call;
  const list = (name: string): string[] =>
    query
      .getAll(name)
      .flatMap((one) => one.split(','))
      .filter(Boolean);
  return {
    jql: query.get('jql') ?? '',
    fields: list('fields'),
    expand: list('expand'),
    maxResults: numberIn(query, 'maxResults', 50),
    startAt: numberIn(query, 'startAt', 0),
    nextPageToken: query.get('nextPageToken') ?? undefined,
    reconcileIssues: list('reconcileIssues'),
  };
}

function search(call: Call, run: (call: Call, request: SearchRequest) => Reply): Reply {
  const request = call.method === 'GET' ? fromQuery(call) : fromBody(call);
  if (request === undefined) {
    return badRequest(call, [invalidPayload]);
  }
  try {
    return run(call, request);
  } catch (error) {
    if (error instanceof JqlError) {
      return badRequest(call, [error.message]);
    }
    throw error;
  }
}

/** Cloud's search that was removed. */
function gone(): Reply {
  return jiraError(410, [
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. ' +
      'A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
  ]);
}

function answerOldSearch(call: Call): Reply {
  return call.site.flavour === 'cloud' ? gone() : search(call, dataCenterSearch);
}

/** Answers a request for a path that the site does not have. */
export function unknownPath(call: Call): Reply {
  return call.site.flavour === 'cloud'
    ? json(404, { status: 404, error: 'Not Found', message: 'No message available', path: call.path })
    : json(404, { message: `null for uri: ${call.base}${call.asked}`, 'status-code': 404 });
}

function answerNewSearch(call: Call): Reply {
  return call.site.flavour === 'cloud' ? search(call, cloudSearch) : unknownPath(call);
}

const newSearch = /^\/rest\/api\/(?:2|3|latest)\/search\/jql$/;
const oldSearch = /^\/rest\/api\/(?:2|3|latest)\/search$/;

export const searchRoutes: readonly Route[] = [
  { method: 'POST', pattern: newSearch, scope: 'read:jira-work', answer: answerNewSearch },
  { method: 'GET', pattern: newSearch, scope: 'read:jira-work', answer: answerNewSearch },
  { method: 'POST', pattern: oldSearch, scope: 'read:jira-work', answer: answerOldSearch },
  { method: 'GET', pattern: oldSearch, scope: 'read:jira-work', answer: answerOldSearch },
];
