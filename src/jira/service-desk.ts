import type {
  Approval,
  ChangeRequestDraft,
  Comments,
  CreateAnswer,
  PreparedRequest,
  Reading,
  ReadOptions,
  SearchHit,
  ServiceDesk,
  Transition,
} from '../app/ports.ts';
import type { ChangeRequest } from '../domain/change-request.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { jiraDateTime } from './field-value.ts';
import { isPlannedName, knownFieldIds, type PlannedFieldNames, parseIssue } from './issue.ts';
import { titlePhraseJql, titleWordsJql } from './jql.ts';
import { asArray, asObject, asText, need } from './json.ts';
import { pages } from './pages.ts';
import { allFields, prepareRequest } from './request-form.ts';
import type { EnoughAnswers, Patience } from './retry.ts';
import type { Call, Session, TimedAnswer } from './session.ts';
import { search } from './title-search.ts';

export interface ServiceDeskOptions {
  readonly session: Session;
  readonly patience: Patience;
  readonly serviceProject: string;
  readonly requestType: string;
  readonly plannedFields: PlannedFieldNames;
}

/** Comments, attachments and worklogs grow without bound. */
const everyField = '*all,-comment,-attachment,-worklog';
const lookFields = ['summary', 'status', 'issuetype', 'project', 'created'];
const glanceFields = [...lookFields, 'description'];
/** W12: so many answers of this status to a first read are taken as one field that does not load. */
const fieldDoesNotLoad = { status: 500, tries: 3 };

/** For calls whose answer says nothing but that it was done. */
const statusAlone = { bodyMatters: false, parse: () => undefined } as const;

/** The JSM site over its REST API. */
export function createServiceDesk(options: ServiceDeskOptions): ServiceDesk {
  const { session } = options;
  let knownZone: string | undefined;
  return {
    browseUrl: (key) => session.browseUrl(key),
    read: (key, how) => read(options, key, how),
    glance: (key, signal) => glance(session, key, signal),
    search: (title, how, signal) => searchTitle(options, title, how, signal),
    timeZone: async (signal) => {
      // P2: a look is one request; the account's zone is asked for once.
      knownZone ??= await timeZone(session, signal);
      return knownZone;
    },
    serverInfoTime: (signal) => serverInfoTime(session, signal),
    prepareRequest: (draft: ChangeRequestDraft, signal) => prepareRequest(session, options, draft, signal),
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

function issuePath(key: string, query: Readonly<Record<string, string>>): string {
  return `/rest/api/2/issue/${encodeURIComponent(key)}?${new URLSearchParams(query).toString()}`;
}

/** A deciding read. Cloud is asked to fail rather than to leave out a field that does not load (W12). */
async function read(
  options: ServiceDeskOptions,
  key: string,
  { known, signal }: ReadOptions,
): Promise<Reading> {
  const ids = known === undefined ? undefined : knownFieldIds(known);
  if (known !== undefined && ids !== undefined) {
    return readNamed(options, key, known, ids, signal);
  }
  const first = { fields: everyField, expand: 'names', failFast: 'true' };
  try {
    return await readIssue(options, issuePath(key, first), known, signal, { enough: fieldDoesNotLoad });
  } catch (error) {
    if (!(error instanceof Fault) || (error.status !== 500 && error.status !== 400)) throw error;
  }
  // Some field does not load: learn the ids alone, and let the deciding read name its fields.
  const learned = await readIssue(
    options,
    issuePath(key, { fields: everyField, expand: 'names' }),
    known,
    signal,
  );
  const learnedIds = knownFieldIds(learned.changeRequest);
  if (learnedIds !== undefined) return readNamed(options, key, learned.changeRequest, learnedIds, signal);
  // A planned field that does not load may have lost its name with its value: the site's list has it.
  const ofSite = await plannedFieldsOfSite(options, signal);
  const { plannedStart, plannedEnd } = learned.changeRequest;
  const some = [...plannedStart.candidates, ...plannedEnd.candidates].map(({ id }) => id);
  return readNamed(
    options,
    key,
    learned.changeRequest,
    [...new Set([...some, ...ofSite.keys()])],
    signal,
    ofSite,
  );
}

/** @param ofSite names by id of fields that count where the answer has them, as if it had told their names */
async function readNamed(
  options: ServiceDeskOptions,
  key: string,
  known: ChangeRequest,
  ids: readonly string[],
  signal: AbortSignal,
  ofSite?: ReadonlyMap<string, string>,
): Promise<Reading> {
  const query = { fields: [...lookFields, ...ids].join(','), failFast: 'true' };
  return readIssue(options, issuePath(key, query), known, signal, { ofSite });
}

/** The site's fields that would be read as planned ones, by id; none where it does not tell them. */
async function plannedFieldsOfSite(
  { session, plannedFields }: ServiceDeskOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  try {
    const fields = await allFields(session, signal);
    return new Map(
      fields.filter(({ name }) => isPlannedName(name, plannedFields)).map(({ id, name }) => [id, name]),
    );
  } catch (error) {
    if (error instanceof Fault && error.status === 404) return new Map();
    throw error;
  }
}

async function readIssue(
  { session, patience, plannedFields }: ServiceDeskOptions,
  path: string,
  known: ChangeRequest | undefined,
  signal: AbortSignal,
  {
    enough,
    ofSite,
  }: { readonly enough?: EnoughAnswers; readonly ofSite?: ReadonlyMap<string, string> | undefined } = {},
): Promise<Reading> {
  // A variable may name its field by id: the request form has told whether that is a planned one.
  const names = {
    ...plannedFields,
    set: plannedFields.set.map((field) => session.fieldName(field) ?? field),
  };
  const reading = await session.call<Reading>(
    {
      method: 'GET',
      path,
      parse: (json, { serverTime, askedAt, answeredAt }: TimedAnswer) => ({
        changeRequest: learnNames(session, parseIssue(withNames(json, ofSite), names, known)),
        serverTime,
        askedAt,
        answeredAt,
      }),
      ...(enough !== undefined && { enough }),
    },
    signal,
  );
  patience.sawGoodLook();
  return reading;
}

/** An issue with the names of those fields that it has. */
function withNames(json: unknown, names: ReadonlyMap<string, string> = new Map()): unknown {
  const issue = asObject(json);
  const fields = asObject(issue?.['fields']);
  if (issue === undefined || fields === undefined) return json;
  const had = [...names].filter(([id]) => Object.hasOwn(fields, id));
  return { ...issue, names: { ...asObject(issue['names']), ...Object.fromEntries(had) } };
}

function learnNames(session: Session, changeRequest: ChangeRequest): ChangeRequest {
  const { plannedStart, plannedEnd } = changeRequest;
  session.learnFieldNames(
    [...plannedStart.candidates, ...plannedEnd.candidates].map(({ id, name }) => [id, name]),
  );
  return changeRequest;
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

async function approvals(
  session: Session,
  key: string,
  effort: 'once' | 'retried',
  signal: AbortSignal,
): Promise<readonly Approval[]> {
  const path = `/rest/servicedeskapi/request/${encodeURIComponent(key)}/approval`;
  if (effort === 'retried') return pages(session, path, 'values', parseApproval, signal);
  const first: Call<readonly Approval[]> = {
    method: 'GET',
    path,
    mostTries: 1,
    parse: (json) =>
      (asArray(asObject(json)?.['values']) ?? []).flatMap((value) => parseApproval(value) ?? []),
  };
  return session.call(first, signal);
}

function parseApproval(json: unknown): Approval | undefined {
  const approval = asObject(json);
  if (approval === undefined) return undefined;
  const approvers = (asArray(approval['approvers']) ?? []).flatMap((value) => {
    const entry = asObject(value);
    const person = asObject(entry?.['approver']);
    const name =
      asText(person?.['displayName']) ?? asText(person?.['name']) ?? asText(person?.['emailAddress']);
    const decision = asText(entry?.['approverDecision'])?.toLowerCase();
    return [{ name: name ?? 'somebody', decision: decision ?? 'pending' }];
  });
  return {
    name: asText(approval['name']) ?? '',
    // C4: what is not told must not pass for undecided.
    finalDecision: need(asText(approval['finalDecision']), 'finalDecision').toLowerCase(),
    approvers,
  };
}

/** How often what only informs people is tried. */
const informingTries = 3;

async function comments(session: Session, key: string, signal: AbortSignal): Promise<Comments> {
  const request = `/rest/servicedeskapi/request/${encodeURIComponent(key)}/comment`;
  try {
    const list = await pages(session, request, 'values', parseRequestComment, signal, informingTries);
    return { isCustomerRequest: true, list };
  } catch (error) {
    if (!(error instanceof Fault) || error.status !== 404) throw error;
  }
  const issue = `/rest/api/2/issue/${encodeURIComponent(key)}/comment`;
  return { isCustomerRequest: false, list: await issueComments(session, issue, signal) };
}

function parseRequestComment(json: unknown): Comments['list'][number] | undefined {
  const comment = asObject(json);
  const created = asText(asObject(comment?.['created'])?.['iso8601']);
  return comment === undefined
    ? undefined
    : { body: asText(comment['body']) ?? '', created: dateOf(created) };
}

async function issueComments(session: Session, path: string, signal: AbortSignal): Promise<Comments['list']> {
  const all: Comments['list'][number][] = [];
  for (let total = 1; all.length < total; ) {
    const page = await session.call(
      {
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
      },
      signal,
    );
    all.push(...page.items);
    total = page.items.length === 0 ? 0 : page.total;
  }
  return all;
}

function dateOf(value: string | undefined): Date | undefined {
  const ms = Date.parse(value ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

async function addIssueComment(
  session: Session,
  key: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  await sayOnce(session, `/rest/api/2/issue/${encodeURIComponent(key)}/comment`, { body }, signal);
}

async function addComment(
  session: Session,
  key: string,
  body: string,
  audience: 'customers' | 'agents',
  signal: AbortSignal,
): Promise<void> {
  const path = `/rest/servicedeskapi/request/${encodeURIComponent(key)}/comment`;
  await sayOnce(session, path, { body, public: audience === 'customers' }, signal);
}

/** A comment is sent once: whether one whose answer was lost stands there is for people to see. */
async function sayOnce(
  session: Session,
  path: string,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await session.once(
    {
      method: 'POST',
      path,
      body,
      mostTries: informingTries,
      ...statusAlone,
      advice: text`The step's account needs the permission to add comments; on Data Center public ones take a Jira Service Management licence.`,
    },
    signal,
  );
  if (outcome.kind === 'lost') {
    throw new Fault('unreachable', outcome.why, text`It may stand there all the same.`);
  }
}

async function transitions(
  session: Session,
  key: string,
  signal: AbortSignal,
): Promise<readonly Transition[]> {
  return session.call(
    {
      method: 'GET',
      path: `/rest/api/2/issue/${encodeURIComponent(key)}/transitions`,
      parse: (json) =>
        need(asArray(asObject(json)?.['transitions']), 'transitions').flatMap((value) => {
          const item = asObject(value);
          const to = asObject(item?.['to']);
          const id = asText(item?.['id']);
          if (id === undefined) return [];
          return [
            {
              id,
              name: asText(item?.['name']) ?? '',
              to: {
                id: asText(to?.['id']) ?? '',
                name: asText(to?.['name']) ?? '',
                category: asText(asObject(to?.['statusCategory'])?.['key']) ?? '',
              },
            },
          ];
        }),
    },
    signal,
  );
}

async function transition(
  session: Session,
  key: string,
  transitionId: string,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await session.once(
    {
      method: 'POST',
      path: `/rest/api/2/issue/${encodeURIComponent(key)}/transitions`,
      body: { transition: { id: transitionId } },
      conflictEnds: true,
      ...statusAlone,
    },
    signal,
  );
  if (outcome.kind === 'lost') {
    throw new Fault(
      'unreachable',
      outcome.why,
      text`Look at the change request to see whether the transition was done.`,
    );
  }
}
