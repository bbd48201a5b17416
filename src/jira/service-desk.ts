import type { CreateAnswer, PreparedRequest, SearchHit, ServiceDesk } from '../app/ports.ts';
import type { ChangeRequest } from '../domain/change-request.ts';
import { text } from '../domain/text.ts';
import { approvals } from './approvals.ts';
import { addComment, addIssueComment, comments } from './comments.ts';
import { type DecidingReads, decidingRead } from './deciding-read.ts';
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
    read: (key, how) => decidingRead(options, key, how),
    glance: (key, signal) => glance(session, key, signal),
    search: (title, how, signal) => searchTitle(options, title, how, signal),
    timeZone: async (signal) => {
      // P2: a look is one request; the account's zone is asked for once.
      knownZone ??= await timeZone(session, signal);
      return knownZone;
    },
    serverInfoTime: (signal) => serverInfoTime(session, signal),
    prepareRequest: (draft, signal) => prepareRequest(session, options, draft, signal),
    createRequest: (prepared, signal) => createRequest(options, prepared, signal),
    edit: (key, values, signal) => edit(session, key, values, signal),
    editTime: (key, fieldId, time, signal) =>
      edit(session, key, { [fieldId]: jiraDateTime(time.trim()) ?? time.trim() }, signal),
    approvals: (key, effort, signal) => approvals(session, key, effort, signal),
    comments: (key, signal) => comments(session, key, signal),
    addIssueComment: (key, body, signal) => addIssueComment(session, key, body, signal),
    addComment: (key, body, audience, signal) => addComment(session, key, body, audience, signal),
    transitions: (key, signal) => transitions(session, key, signal),
    transition: (key, id, signal) => transition(session, key, id, signal),
  };
}

async function glance(session: Session, key: string, signal: AbortSignal): Promise<ChangeRequest> {
  return session.call(
    {
      method: 'GET',
      path: issuePath(key, { fields: glanceFields.join(',') }),
      parse: (json) => parseIssue(json, { start: undefined, end: undefined, set: [] }, undefined),
    },
    signal,
  );
}

async function searchTitle(
  { session, serviceProject }: ServiceDeskOptions,
  title: string,
  how: 'phrase' | 'words',
  signal: AbortSignal,
): Promise<readonly SearchHit[]> {
  const jql = how === 'phrase' ? titlePhraseJql(serviceProject, title) : titleWordsJql(serviceProject, title);
  return search(session, jql, signal);
}

async function timeZone(session: Session, signal: AbortSignal): Promise<string | undefined> {
  return session.call(
    {
      method: 'GET',
      path: '/rest/api/2/myself',
      parse: (json) => asText(need(asObject(json), 'account')['timeZone']),
    },
    signal,
  );
}

async function serverInfoTime(session: Session, signal: AbortSignal): Promise<Date | undefined> {
  return session.call(
    {
      method: 'GET',
      path: '/rest/api/2/serverInfo',
      parse: (json) => {
        const ms = Date.parse(asText(need(asObject(json), 'server information')['serverTime']) ?? '');
        return Number.isNaN(ms) ? undefined : new Date(ms);
      },
    },
    signal,
  );
}

async function createRequest(
  { session, serviceProject }: ServiceDeskOptions,
  prepared: PreparedRequest,
  signal: AbortSignal,
): Promise<CreateAnswer> {
  const outcome = await session.once(
    {
      method: 'POST',
      path: '/rest/servicedeskapi/request',
      body: {
        serviceDeskId: prepared.serviceDeskId,
        requestTypeId: prepared.requestTypeId,
        requestFieldValues: prepared.values,
      },
      advice: text`Nothing was raised. The step's account must be allowed to raise requests in the service project ${serviceProject}, and the Octopus.JiraServiceManagement.Field[...] variables must fit its request type.`,
      parse: (json) => need(asText(asObject(json)?.['issueKey']), 'issueKey'),
    },
    signal,
  );
  return outcome.kind === 'done' ? { kind: 'created', key: outcome.value } : outcome;
}

/** Editing comes to the same when it is done twice, so a lost answer is simply tried again. */
async function edit(
  session: Session,
  key: string,
  fields: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<void> {
  await session.call(
    {
      method: 'PUT',
      path: `/rest/api/2/issue/${encodeURIComponent(key)}`,
      body: { fields },
      ...statusAlone,
      advice: text`The step's account needs the permission to edit issues, and the field must be on the edit screen.`,
    },
    signal,
  );
}
