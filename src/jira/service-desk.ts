import type { CreateAnswer, PreparedRequest, SearchHit, ServiceDesk } from '../app/ports.ts';
import type { ChangeRequest } from '../domain/change-request.ts';
import { text } from '../domain/text.ts';
import { approvals } from './approvals.ts';
import { addComment, addIssueComment, comments } from './comments.ts';
import { type DecidingReads, decidingRead, plannedFieldNames } from './deciding-read.ts';
import { jiraDateTime } from './field-value.ts';
import { parseIssue } from './issue.ts';
import { issuePath, lookFields } from './issue-path.ts';
import { titlePhraseJql, titleWordsJql } from './jql.ts';
import { asObject, asText, need } from './json.ts';
import { prepareRequest } from './request-form.ts';
import { statusAlone } from './session/call.ts';
import type { Session } from './session/session.ts';
import { search } from './title-search.ts';
import { transition, transitions } from './transitions.ts';

export interface ServiceDeskOptions extends DecidingReads {
  readonly serviceProject: string;
  readonly requestType: string;
}

const glanceFields = [...lookFields, 'description'];

/** The JSM site over its REST API. */
export function createServiceDesk(options: ServiceDeskOptions): ServiceDesk {
  const { session } = options;
  let knownZone: string | undefined;
  return {
    browseUrl: (key) => session.browseUrl(key),
    until: (signal) => createServiceDesk({ ...options, session: session.until(signal) }),
    read: (key, known, fields = 'known') => decidingRead(options, key, known, fields),
    glance: (key) => glance(session, key),
    search: (title, how) => searchTitle(options, title, how),
    timeZone: async () => {
      // P2: a look is one request; the account's zone is asked for once.
      knownZone ??= await timeZone(session);
      return knownZone;
    },
    serverInfoTime: () => serverInfoTime(session),
    plannedFieldNames: () => plannedFieldNames(options),
    prepareRequest: (draft) => prepareRequest(session, options, draft),
    createRequest: (prepared) => createRequest(options, prepared),
    edit: (key, values) => edit(session, key, values),
    editTime: (key, fieldId, time) =>
      edit(session, key, { [fieldId]: jiraDateTime(time.trim()) ?? time.trim() }),
    approvals: (key, effort) => approvals(session, key, effort),
    comments: (key) => comments(session, key),
    addIssueComment: (key, body, audience) => addIssueComment(session, key, body, audience),
    addComment: (key, body, audience) => addComment(session, key, body, audience),
    transitions: (key) => transitions(session, key),
    transition: (key, id) => transition(session, key, id),
  };
}

async function glance(session: Session, key: string): Promise<ChangeRequest> {
  return session.call({
    method: 'GET',
    path: issuePath(key, { fields: glanceFields.join(',') }),
    parse: (json) => parseIssue(json, { start: undefined, end: undefined, set: [] }, undefined),
  });
}

async function searchTitle(
  { session, serviceProject }: ServiceDeskOptions,
  title: string,
  how: 'phrase' | 'words',
): Promise<readonly SearchHit[]> {
  const jql = how === 'phrase' ? titlePhraseJql(serviceProject, title) : titleWordsJql(serviceProject, title);
  return search(session, jql);
}

async function timeZone(session: Session): Promise<string | undefined> {
  return session.call({
    method: 'GET',
    path: '/rest/api/2/myself',
    parse: (json) => asText(need(asObject(json), 'account')['timeZone']),
  });
}

async function serverInfoTime(session: Session): Promise<Date | undefined> {
  return session.call({
    method: 'GET',
    path: '/rest/api/2/serverInfo',
    parse: (json) => {
      const ms = Date.parse(asText(need(asObject(json), 'server information')['serverTime']) ?? '');
      return Number.isNaN(ms) ? undefined : new Date(ms);
    },
  });
}

async function createRequest(
  { session, serviceProject }: ServiceDeskOptions,
  prepared: PreparedRequest,
): Promise<CreateAnswer> {
  const outcome = await session.once({
    method: 'POST',
    path: '/rest/servicedeskapi/request',
    body: {
      serviceDeskId: prepared.serviceDeskId,
      requestTypeId: prepared.requestTypeId,
      requestFieldValues: prepared.values,
    },
    advice: text`Nothing was raised. The step's account must be allowed to raise requests in the service project ${serviceProject}, and the Octopus.JiraServiceManagement.Field[...] variables must fit its request type.`,
    parse: (json) => need(asText(asObject(json)?.['issueKey']), 'issueKey'),
  });
  return outcome.kind === 'done' ? { kind: 'created', key: outcome.value } : outcome;
}

/** Editing comes to the same when it is done twice, so a lost answer is simply tried again. */
async function edit(session: Session, key: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  await session.call({
    method: 'PUT',
    path: `/rest/api/2/issue/${encodeURIComponent(key)}`,
    body: { fields },
    ...statusAlone,
    advice: text`The step's account needs the permission to edit issues, and the field must be on the edit screen.`,
  });
}
