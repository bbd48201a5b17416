import { jsmUserJson } from '../account.ts';
import { type Call, type Route, translated } from '../call.ts';
import { jsmComment } from '../comment-json.ts';
import { isObject, jsmError, json, type Reply } from '../exchange.ts';
import { readFieldValue } from '../field-value.ts';
import type { Approval, Issue } from '../issue.ts';
import { portalUrl } from '../issue-json.ts';
import { jsmDate } from '../jira-date.ts';
import type { Project, RequestType } from '../project.ts';
import { storedText } from '../text-links.ts';
import type { CategoryKey } from '../workflow.ts';
import { listPage } from './service-desk.ts';

const categoryNames: Record<CategoryKey, string> = {
  new: 'NEW',
  indeterminate: 'INDETERMINATE',
  done: 'DONE',
};

function requestFieldValues(call: Call, issue: Issue): Record<string, unknown>[] {
  const type = issue.project.requestTypes.find((one) => one.id === issue.requestTypeId);
  return (type === undefined ? [] : call.site.form(type)).map((one) => {
    const field = call.site.field(one.fieldId);
    const value = issue.values.get(field.id);
    const date =
      field.kind === 'datetime' && typeof value === 'string' ? Date.parse(dateText(value)) : Number.NaN;
    return {
      fieldId: field.id,
      label: one.label ?? translated(call, field.name),
      ...(value === undefined
        ? {}
        : { value: Number.isNaN(date) ? value : jsmDate(date, call.site.timeZone) }),
    };
  });
}

function dateText(value: string): string {
  return value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
}

/** Returns a request as JSM does, on Cloud and on Data Center. */
function requestJson(call: Call, issue: Issue): Record<string, unknown> {
  const { site } = call;
  const cloud = site.flavour === 'cloud';
  const category = { statusCategory: categoryNames[issue.status.category.key] };
  return {
    _expands: [
      'participant',
      'status',
      'sla',
      'requestType',
      'serviceDesk',
      'attachment',
      'action',
      'comment',
    ],
    issueId: issue.id,
    issueKey: issue.key,
    ...(cloud ? { summary: issue.values.get('summary') } : {}),
    requestTypeId: issue.requestTypeId,
    serviceDeskId: issue.project.serviceDeskId,
    createdDate: jsmDate(issue.createdMs, site.timeZone),
    reporter: jsmUserJson(issue.reporter, call.base, site.flavour),
    requestFieldValues: requestFieldValues(call, issue),
    currentStatus: {
      status: translated(call, issue.status.name),
      ...(cloud ? category : {}),
      statusDate: jsmDate(issue.statusChangedMs, site.timeZone),
    },
    _links: {
      jiraRest: `${call.base}/rest/api/2/issue/${issue.id}`,
      web: portalUrl(call, issue),
      ...(cloud ? { agent: `${site.baseUrl}/browse/${issue.key}` } : {}),
      self: `${call.base}/rest/servicedeskapi/request/${issue.id}`,
    },
  };
}

function refuseFields(problems: readonly string[]): Reply {
  const text = [
    'Your request could not be created. Please check the fields have been correctly filled in.',
    ...problems,
  ];
  return jsmError(400, text.join(' '), 'sd.request.create.error.fields');
}

/** Validates the values against the form; returns all of them, or Jira's error messages. */
function readValues(
  call: Call,
  type: RequestType,
  given: Record<string, unknown>,
): { values: Map<string, unknown>; problems: string[] } {
  const { site } = call;
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  const form = site.form(type);
  for (const [id, raw] of Object.entries(given)) {
    const field = site.fields.find((one) => one.id === id);
    if (field === undefined || !form.some((one) => one.fieldId === id)) {
      problems.push(`${id}: Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`);
      continue;
    }
    const read = readFieldValue(field, raw, site.valueContext(call.base));
    if (!read.ok) {
      problems.push(`${field.name}: ${read.error}`);
    } else if (read.value !== undefined && !site.isIgnoredOnCreate(field)) {
      values.set(id, read.value);
    }
  }
  for (const one of form) {
    const value = given[one.fieldId];
    if (one.required === true && (value === undefined || value === null || value === '')) {
      problems.push(`${site.field(one.fieldId).name}: ${site.field(one.fieldId).name} is required.`);
    }
  }
  return { values, problems };
}

const createMembers = new Set([
  'serviceDeskId',
  'requestTypeId',
  'requestFieldValues',
  'raiseOnBehalfOf',
  'requestParticipants',
  'isAdfRequest',
  'form',
  'channel',
]);

interface NewRequestBody {
  project: Project;
  type: RequestType;
  values: Record<string, unknown>;
}

function readCreateBody(call: Call): NewRequestBody | Reply {
  const body = call.body;
  if (!isObject(body) || Object.keys(body).some((member) => !createMembers.has(member))) {
    return jsmError(400, 'The request body could not be read.', 'sd.request.create.error.body');
  }
  const { serviceDeskId, requestTypeId, requestFieldValues: values } = body;
  const project = call.site.projects.find((one) => one.serviceDeskId === serviceDeskId);
  if (project === undefined) {
    return jsmError(
      400,
      `The Service Desk with id '${String(serviceDeskId)}' does not exist.`,
      'sd.request.create.error.servicedesk',
    );
  }
  const type = project.requestTypes.find((one) => one.id === requestTypeId);
  if (type === undefined) {
    return jsmError(
      400,
      `The request type with id '${String(requestTypeId)}' does not exist.`,
      'sd.request.create.error.requesttype',
    );
  }
  if (!isObject(values)) {
    return jsmError(400, 'requestFieldValues is required.', 'sd.request.create.error.values');
  }
  return { project, type, values };
}

function applyAutomations(call: Call, issue: Issue): void {
  const { site } = call;
  const { rewriteSummary, statusOnCreation } = site.behaviour;
  const description = issue.values.get('description');
  if (typeof description === 'string') {
    issue.values.set('description', storedText(description, site.behaviour.links));
  }
  if (rewriteSummary !== undefined) {
    site.editSummary(issue.key, rewriteSummary(String(issue.values.get('summary'))));
  }
  if (statusOnCreation !== undefined) {
    site.moveTo(issue.key, statusOnCreation);
  }
}

function createRequest(call: Call): Reply {
  const { site, account } = call;
  if (account === undefined || !site.behaviour.permissions.create) {
    return jsmError(
      403,
      'You do not have permission to create a request in this service desk.',
      'sd.request.create.error.permission',
    );
  }
  const read = readCreateBody(call);
  if ('status' in read) {
    return read;
  }
  const { values, problems } = readValues(call, read.type, read.values);
  if (problems.length > 0) {
    return refuseFields(problems);
  }
  const issue = site.raise({
    project: read.project,
    issueTypeId: read.type.issueTypeId,
    requestTypeId: read.type.id,
    reporter: account,
    values,
  });
  applyAutomations(call, issue);
  const answer = json(201, requestJson(call, issue));
  site.onCreate?.(site, issue.key);
  return answer;
}

/**
 * Returns the request that the path names. Customers see their own requests without permission to browse the
 * project.
 */
function requestOfPath(call: Call): Issue | undefined {
  const issue = call.site.find(decodeURIComponent(call.parts[0] ?? ''));
  const own = issue?.reporter === call.account;
  return issue?.requestTypeId !== undefined && (own || call.site.behaviour.permissions.browse)
    ? issue
    : undefined;
}

function missingRequest(): Reply {
  return jsmError(
    404,
    'The request does not exist, or you do not have permission to see it.',
    'sd.request.error.not.found',
  );
}

function readRequest(call: Call): Reply {
  const issue = requestOfPath(call);
  return issue === undefined ? missingRequest() : json(200, requestJson(call, issue));
}

function listComments(call: Call): Reply {
  const issue = requestOfPath(call);
  if (issue === undefined) {
    return missingRequest();
  }
  const withPublic = call.query.get('public') !== 'false';
  const withInternal = call.query.get('internal') !== 'false' && call.site.behaviour.permissions.browse;
  const seen = issue.comments.filter((one) => (one.public ? withPublic : withInternal));
  return json(
    200,
    listPage(
      call,
      seen.map((comment) => jsmComment(call, issue, comment)),
    ),
  );
}

function addComment(call: Call): Reply {
  const issue = requestOfPath(call);
  const { site, account, body } = call;
  if (issue === undefined || account === undefined) {
    return missingRequest();
  }
  if (!site.behaviour.permissions.comment) {
    return jsmError(
      403,
      'You do not have permission to comment on this request.',
      'sd.comment.error.permission',
    );
  }
  if (!isObject(body) || typeof body['public'] !== 'boolean') {
    return jsmError(400, 'The request is missing the required public parameter.', 'sd.comment.error.public');
  }
  if (typeof body['body'] !== 'string' || body['body'].trim() === '') {
    return jsmError(400, 'Comment body can not be empty!', 'sd.comment.error.body');
  }
  const comment = site.addComment(
    issue,
    account,
    storedText(body['body'], site.behaviour.links),
    body['public'],
  );
  return json(201, jsmComment(call, issue, comment));
}

function approvalJson(call: Call, issue: Issue, approval: Approval): Record<string, unknown> {
  const { site } = call;
  return {
    id: approval.id,
    name: approval.name,
    finalDecision: approval.finalDecision,
    // The standard approval step excludes the reporter.
    canAnswerApproval: false,
    approvers: approval.approvers.map((one) => ({
      approver: jsmUserJson(one.approver, call.base, site.flavour),
      approverDecision: one.decision,
    })),
    createdDate: jsmDate(approval.createdMs, site.timeZone),
    ...(approval.completedMs === undefined
      ? {}
      : { completedDate: jsmDate(approval.completedMs, site.timeZone) }),
    _links: { self: `${call.base}/rest/servicedeskapi/request/${issue.id}/approval/${approval.id}` },
  };
}

function listApprovals(call: Call): Reply {
  const issue = requestOfPath(call);
  if (issue === undefined) {
    return missingRequest();
  }
  if (!call.site.behaviour.permissions.seeApprovals) {
    return jsmError(403, 'You do not have permission to view the approvals.', 'sd.approval.error.permission');
  }
  if (call.site.behaviour.experimental && call.headers['x-experimentalapi'] === undefined) {
    return jsmError(
      412,
      'This API is experimental. Opt in with the X-ExperimentalApi header.',
      'sd.experimental',
    );
  }
  return json(
    200,
    listPage(
      call,
      issue.approvals.map((approval) => approvalJson(call, issue, approval)),
    ),
  );
}

const path = '^/rest/servicedeskapi/request';
const read = { method: 'GET', scope: 'read:servicedesk-request', needsLogin: true } as const;
const write = { method: 'POST', scope: 'write:servicedesk-request', needsLogin: true } as const;

export const requestRoutes: readonly Route[] = [
  { ...write, pattern: new RegExp(`${path}$`), answer: createRequest },
  { ...read, pattern: new RegExp(`${path}/([^/]+)$`), answer: readRequest },
  { ...read, pattern: new RegExp(`${path}/([^/]+)/comment$`), answer: listComments },
  { ...write, pattern: new RegExp(`${path}/([^/]+)/comment$`), answer: addComment },
  { ...read, pattern: new RegExp(`${path}/([^/]+)/approval$`), answer: listApprovals },
];
