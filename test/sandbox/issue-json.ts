import { userJson } from './account.ts';
import { type Call, translated } from './call.ts';
import { commentPage } from './comment-json.ts';
import { requestTypeFieldId } from './defaults.ts';
import { type FieldDefinition, fieldSchema } from './field.ts';
import type { Issue } from './issue.ts';
import { jiraDate } from './jira-date.ts';
import { shownText } from './rich-text.ts';
import type { Category, Status } from './workflow.ts';

function categoryJson(call: Call, category: Category): Record<string, unknown> {
  return {
    self: `${call.base}/rest/api/2/statuscategory/${category.id}`,
    id: category.id,
    key: category.key,
    colorName: category.colorName,
    name: translated(call, category.name),
  };
}

export function statusJson(call: Call, status: Status): Record<string, unknown> {
  return {
    self: `${call.base}/rest/api/2/status/${status.id}`,
    description: '',
    iconUrl: `${call.base}/images/icons/statuses/generic.png`,
    name: translated(call, status.name),
    id: status.id,
    statusCategory: categoryJson(call, status.category),
  };
}

type Reader = (call: Call, issue: Issue) => unknown;

const readers: Record<string, Reader> = {
  status: (call, issue) => statusJson(call, issue.status),
  issuetype: (call, issue) => {
    const type = issue.project.issueTypes.find((one) => one.id === issue.issueTypeId);
    return {
      self: `${call.base}/rest/api/2/issuetype/${issue.issueTypeId}`,
      id: issue.issueTypeId,
      description: '',
      iconUrl: `${call.base}/images/icons/issuetypes/change.png`,
      name: translated(call, type?.name ?? ''),
      subtask: false,
    };
  },
  project: (call, issue) => ({
    self: `${call.base}/rest/api/2/project/${issue.project.id}`,
    id: issue.project.id,
    key: issue.project.key,
    name: issue.project.name,
    projectTypeKey: 'service_desk',
    ...(call.site.flavour === 'cloud' ? { simplified: false } : {}),
  }),
  reporter: (call, issue) => userJson(issue.reporter, call.base, call.site.flavour),
  creator: (call, issue) => userJson(issue.reporter, call.base, call.site.flavour),
  created: (call, issue) => jiraDate(issue.createdMs, call.site.timeZone),
  updated: (call, issue) => jiraDate(issue.updatedMs, call.site.timeZone),
  resolutiondate: () => null,
  statuscategorychangedate: (call, issue) => jiraDate(issue.categoryChangedMs, call.site.timeZone),
  comment: (call, issue) => commentPage(call, issue),
  [requestTypeFieldId]: (call, issue) => requestTypeValue(call, issue),
};

function requestTypeValue(call: Call, issue: Issue): unknown {
  const type = issue.project.requestTypes.find((one) => one.id === issue.requestTypeId);
  if (type === undefined) {
    return null;
  }
  const self = `${call.base}/rest/servicedeskapi/request/${issue.id}`;
  return {
    _links: { jiraRest: `${call.base}/rest/api/2/issue/${issue.id}`, web: portalUrl(call, issue), self },
    requestType: {
      id: type.id,
      _links: {
        self: `${call.base}/rest/servicedeskapi/servicedesk/${issue.project.serviceDeskId}/requesttype/${type.id}`,
      },
      name: type.name,
      description: type.description,
      issueTypeId: type.issueTypeId,
      serviceDeskId: issue.project.serviceDeskId,
    },
  };
}

/**
 * Returns the address of a request in the customer portal, which is on the site even for calls through the
 * gateway.
 */
export function portalUrl(call: Call, issue: Issue): string {
  return `${call.site.baseUrl}/servicedesk/customer/portal/${issue.project.serviceDeskId}/${issue.key}`;
}

function fieldValue(call: Call, issue: Issue, field: FieldDefinition): unknown {
  const reader = readers[field.id];
  if (reader !== undefined) {
    return reader(call, issue);
  }
  const value = issue.values.get(field.id) ?? (field.id === 'labels' ? [] : null);
  return field.kind === 'textarea' && typeof value === 'string' ? shownText(call, value) : value;
}

/**
 * Returns the fields that a `fields` parameter names: `*all`, `*navigable`, ids, and `-id` to exclude a
 * field.
 */
export function selectFields(call: Call, wanted: readonly string[]): FieldDefinition[] {
  const names = wanted.flatMap((one) => one.split(',')).map((one) => one.trim());
  const included = new Set(names.filter((one) => one !== '' && !one.startsWith('-')));
  const excluded = new Set(names.filter((one) => one.startsWith('-')).map((one) => one.slice(1)));
  const every = included.has('*all') || included.size === 0;
  const navigable = every || included.has('*navigable');
  return call.site.fields.filter((field) => {
    const listed = every || included.has(field.id) || (navigable && field.id !== 'comment');
    return listed && !excluded.has(field.id) && !call.site.isHidden(field);
  });
}

interface IssueView {
  fields: readonly FieldDefinition[];
  expand: readonly string[];
}

/** Returns the issue as the platform's API does, without fields that fail to load. */
export function issueJson(call: Call, issue: Issue, view: IssueView): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of view.fields) {
    if (!call.site.isFailing(field)) {
      fields[field.id] = fieldValue(call, issue, field);
    }
  }
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: issue.id,
    self: `${call.base}/rest/api/2/issue/${issue.id}`,
    key: issue.key,
    fields,
    ...fieldNotes(call, view),
  };
}

/** Returns `names` and `schema` if `expand` asks for them. */
export function fieldNotes(call: Call, view: IssueView): Record<string, unknown> {
  const notes: Record<string, unknown> = {};
  const keepsAll = call.site.behaviour.failingFieldNames === 'kept';
  const shown = view.fields.filter((field) => keepsAll || !call.site.isFailing(field));
  if (view.expand.includes('names')) {
    notes['names'] = Object.fromEntries(shown.map((field) => [field.id, translated(call, field.name)]));
  }
  if (view.expand.includes('schema')) {
    notes['schema'] = Object.fromEntries(shown.map((field) => [field.id, fieldSchema(field)]));
  }
  return notes;
}
