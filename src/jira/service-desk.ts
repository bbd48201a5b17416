import type { CreateAnswer, MayBeSent, PreparedRequest, SearchHit, ServiceDesk } from '../app/ports.ts';
import type { ChangeRequest } from '../domain/change/change-request.ts';
import { attempt, Fault, type FaultKind } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asObject, need } from '../http/json.ts';
import { approvals, onlyShown, readWithApprovals } from './approvals.ts';
import { addComment, comments, internalComment, issueComments, requestComments } from './comments.ts';
import { type DecidingReads, decidingRead, plannedOfSite } from './deciding-read.ts';
import { jiraDateTime } from './fields/field-value.ts';
import { checkFields, isFilled, issuePath, needKey, parseIssue } from './issue.ts';
import { confirmMove } from './moved-issue.ts';
import { prepareRequest } from './request/request-form.ts';
import { NotSent, statusAlone } from './session/call.ts';
import type { Session } from './session/session.ts';
import { myself, siteTime } from './site-info.ts';
import { search, titlePhraseJql, titleWordsJql } from './title-search.ts';
import { transition, transitions } from './transitions.ts';

export interface ServiceDeskOptions extends DecidingReads {
  readonly serviceProject: string;
  readonly requestType: string;
  /** L5: names or ids of non-default statuses in the status lists; they count as open in any category. */
  readonly openStatuses: readonly string[];
  /** A2: deciding reads include the approvals. */
  readonly withApprovals: boolean;
}

const glanceFields = [...checkFields, 'description'];

/** Creates the port to the JSM site, over its REST API. */
export function createServiceDesk(options: ServiceDeskOptions): ServiceDesk {
  const { session } = options;
  let knownZone: string | undefined;
  let { openStatuses } = options;
  return {
    browseUrl: (key) => session.browseUrl(key),
    until: (signal) => createServiceDesk({ ...options, session: session.until(signal) }),
    read: (key, earlier, fields = 'known') =>
      (options.withApprovals ? readWithApprovals : decidingRead)(options, { key, earlier }, fields),
    glance: async (key, counts) => {
      const changeRequest = await glance(session, key);
      if (counts === 'as-check') options.patience.sawGoodCheck();
      return changeRequest;
    },
    search: async (title, how) => {
      const found = await searchTitle({ ...options, openStatuses }, title, how);
      openStatuses = found.openStatuses;
      return found.hits;
    },
    timeZone: async (effort) => {
      // P2: a check is one request, so the account's time zone is read only once.
      knownZone ??= (await session.call(effort === 'once' ? { ...myself, ...onlyShown } : myself)).timeZone;
      return knownZone;
    },
    serverInfoTime: () => siteTime(session),
    plannedFieldNames: async () => {
      const planned = await plannedOfSite(options);
      return planned && [...planned.values()];
    },
    prepareRequest: (draft) => prepareRequest(session, options, draft),
    createRequest: (prepared, mayBeSent) => createRequest(options, prepared, mayBeSent),
    unsetFields: (key, fieldIds) => unsetFields(session, key, fieldIds),
    edit: (key, values, mayBeSent) => edit(session, key, values, mayBeSent),
    editTime: (key, fieldId, time, mayBeSent) =>
      edit(session, key, { [fieldId]: jiraDateTime(time.trim()) ?? time.trim() }, mayBeSent),
    approvals: (key, effort) => approvals(session, key, effort),
    comments: (key) => comments(session, key),
    addIssueComment: (key, body, audience, beforeTry) =>
      addComment(
        session,
        issueComments(key),
        { body, ...(audience === 'agents' && internalComment) },
        beforeTry,
      ),
    addComment: (key, body, audience, beforeTry) =>
      addComment(session, requestComments(key), { body, public: audience === 'customers' }, beforeTry),
    transitions: (key, fields) => transitions(session, key, fields),
    transition: (key, chosen, beforeTry) => transition(session, key, chosen, beforeTry),
  };
}

async function glance(session: Session, key: string): Promise<ChangeRequest> {
  const asked = { key, earlier: undefined };
  const changeRequest = await session.call({
    path: issuePath(key, { fields: glanceFields.join(',') }),
    mayBeMissing: true,
    parse: (json, { askedAt, answeredAt, serverTime }) => ({
      ...parseIssue(json, { start: undefined, end: undefined, set: [] }, asked),
      answered: { askedAt, answeredAt, serverTime },
    }),
  });
  await confirmMove(session, asked, changeRequest);
  return changeRequest;
}

async function unsetFields(
  session: Session,
  key: string,
  fieldIds: readonly string[],
): Promise<readonly string[]> {
  return session.call({
    path: issuePath(key, { fields: fieldIds.join(',') }),
    parse: (json) => {
      const fields = need(asObject(asObject(json)?.['fields']), 'fields');
      return fieldIds.filter((id) => id in fields && !isFilled(fields[id]));
    },
  });
}

/**
 * L5: searches for a title. Jira refuses a search that mentions an unknown status, so the search is repeated
 * without the statuses that the refusal names, then without any.
 * @returns the hits, and the statuses that the site knows
 */
async function searchTitle(
  options: ServiceDeskOptions,
  title: string,
  how: 'phrase' | 'words',
): Promise<{ readonly hits: readonly SearchHit[]; readonly openStatuses: readonly string[] }> {
  const { session, serviceProject, openStatuses } = options;
  const jql = how === 'phrase' ? titlePhraseJql : titleWordsJql;
  const hits = await attempt(() => search(session, jql(serviceProject, title, openStatuses)));
  if (!(hits instanceof Fault)) return { hits, openStatuses };
  if (hits.kind !== 'rejected' || openStatuses.length === 0) throw hits;
  const refusal = hits.summary.line.toLowerCase();
  const known = openStatuses.filter((status) => !refusal.includes(`'${status.toLowerCase()}'`));
  const fewer = known.length < openStatuses.length ? known : [];
  return searchTitle({ ...options, openStatuses: fewer }, title, how);
}

/** The faults of a create request that show that Jira raised nothing, apart from a missing permission. */
const refusedCreations: ReadonlySet<FaultKind> = new Set(['rejected', 'wrong-url', 'refused', 'conflict']);

async function createRequest(
  { session, serviceProject }: ServiceDeskOptions,
  prepared: PreparedRequest,
  mayBeSent: MayBeSent | undefined,
): Promise<CreateAnswer> {
  const sent = session.once({
    method: 'POST',
    mayBeSent,
    path: '/rest/servicedeskapi/request',
    body: {
      serviceDeskId: prepared.serviceDeskId,
      requestTypeId: prepared.requestTypeId,
      requestFieldValues: prepared.values,
    },
    advice: text`Nothing was raised. The step's account must be allowed to raise requests in the service project ${serviceProject}, and the Octopus.JiraServiceManagement.Field[...] variables must fit its request type.`,
    parse: (json) => needKey(asObject(json)?.['issueKey']),
  });
  const outcome = await unlessNotSent(refusedAsNotRaised(sent));
  if (outcome === undefined) return { kind: 'not-sent' };
  return outcome.kind === 'done' ? { kind: 'created', key: outcome.value } : outcome;
}

async function refusedAsNotRaised<T>(created: Promise<T>): Promise<T> {
  const outcome = await attempt(() => created);
  if (!(outcome instanceof Fault)) return outcome;
  if (!refusedCreations.has(outcome.kind)) throw outcome;
  throw new Fault('not-raised', outcome.summary, outcome.advice, { status: outcome.status });
}

/** Edits fields. Editing twice has the same effect, so an edit whose answer was lost is repeated. */
async function edit(
  session: Session,
  key: string,
  fields: Readonly<Record<string, unknown>>,
  mayBeSent?: MayBeSent,
): Promise<void> {
  const sent = session.call({
    method: 'PUT',
    mayBeSent,
    path: `/rest/api/2/issue/${encodeURIComponent(key)}`,
    body: { fields },
    ...statusAlone,
    advice: text`The step's account needs permission to edit issues, and the field must be on the edit screen.`,
  });
  await unlessNotSent(sent);
}

/** Returns what a write resolves to; undefined if it was no longer to be sent. Rejects if that is not known. */
async function unlessNotSent<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof NotSent)) throw error;
    if (error.cause !== undefined) throw error.cause;
    return undefined;
  }
}
