import { userJson } from '../account.ts';
import { type Call, maySee, type Route, translated } from '../call.ts';
import { jiraError, json, type Reply } from '../exchange.ts';
import { fieldSchema, isCustom } from '../field.ts';
import { statusJson } from '../issue-json.ts';
import { jiraDate, jsmDate } from '../jira-date.ts';

function serverTime(call: Call): Record<string, string> {
  switch (call.site.behaviour.serverTime) {
    case 'on':
      return { serverTime: jiraDate(Math.floor(call.site.now() / 1000) * 1000, call.site.timeZone) };
    case 'garbled':
      return { serverTime: 'half past ten' };
    case 'none':
      return {};
  }
}

function serverInfo(call: Call): Reply {
  const cloud = call.site.flavour === 'cloud';
  return json(200, {
    baseUrl: call.site.baseUrl,
    ...(cloud ? { displayUrl: call.site.baseUrl } : {}),
    version: cloud ? '1001.0.0-SNAPSHOT' : '10.3.24',
    versionNumbers: cloud ? [1001, 0, 0] : [10, 3, 24],
    deploymentType: cloud ? 'Cloud' : 'Server',
    buildNumber: cloud ? 100300 : 10030024,
    buildDate: '2026-01-15T00:00:00.000+0000',
    ...serverTime(call),
    scmInfo: '1f51473f5c7b75c1a69a0090f4832cdc5053702a',
    serverTitle: 'Jira',
    ...(cloud ? { defaultLocale: { locale: 'en_US' } } : {}),
  });
}

function myself(call: Call): Reply {
  const account = call.account;
  if (account === undefined) {
    return jiraError(401, ['You are not authenticated.']);
  }
  return json(200, {
    ...userJson(account, call.base, call.site.flavour),
    locale: account.locale,
    ...(call.site.flavour === 'dc' ? { deleted: false } : {}),
    groups: { size: 3, items: [] },
    applicationRoles: { size: 1, items: [] },
    expand: 'groups,applicationRoles',
  });
}

function fieldsOf(call: Call): Record<string, unknown>[] {
  const cloud = call.site.flavour === 'cloud';
  const seen =
    call.account === undefined ? call.site.fields.filter((field) => !isCustom(field)) : call.site.fields;
  return seen.map((field) => ({
    id: field.id,
    ...(cloud ? { key: field.id } : {}),
    name: translated(call, field.name),
    ...(cloud && isCustom(field) ? { untranslatedName: field.name } : {}),
    custom: isCustom(field),
    orderable: field.kind !== 'read-only',
    navigable: field.id !== 'comment',
    searchable: true,
    clauseNames: isCustom(field) ? [`cf[${field.id.slice('customfield_'.length)}]`, field.name] : [field.id],
    schema: fieldSchema(field),
  }));
}

function listFields(call: Call): Reply {
  return json(200, fieldsOf(call));
}

/** Cloud: returns the fields with these ids, or with a text in their names, all on one page. */
function searchFields(call: Call): Reply {
  if (call.site.flavour !== 'cloud') return jiraError(404, ['No such resource.']);
  const ids = call.query.getAll('id');
  const query = call.query.get('query')?.toLowerCase() ?? '';
  const values = fieldsOf(call)
    .filter(({ id, name }) =>
      ids.length > 0 ? ids.includes(String(id)) : String(name).toLowerCase().includes(query),
    )
    .map(({ id, key, name, schema }) => ({ id, key, name, schema }));
  return json(200, { maxResults: 100, startAt: 0, total: values.length, isLast: true, values });
}

/** Cloud: finds users by a part of their name or email address. */
function searchUsers(call: Call): Reply {
  const query = (call.query.get('query') ?? '').toLowerCase();
  const found = call.site.accounts.filter(({ displayName, emailAddress }) =>
    [displayName, emailAddress].some((text) => text.toLowerCase().includes(query)),
  );
  return json(
    200,
    found.map((account) => userJson(account, call.base, call.site.flavour)),
  );
}

const permissionNames: Record<string, string> = {
  BROWSE_PROJECTS: 'Browse Projects',
  CREATE_ISSUES: 'Create Issues',
  ADD_COMMENTS: 'Add Comments',
  TRANSITION_ISSUES: 'Transition Issues',
  EDIT_ISSUES: 'Edit Issues',
  LINK_ISSUES: 'Link Issues',
  SERVICEDESK_AGENT: 'Service Desk Agent',
};

function hasPermission(call: Call, key: string): boolean {
  const { permissions } = call.site.behaviour;
  const switches: Record<string, boolean> = {
    BROWSE_PROJECTS: permissions.browse,
    CREATE_ISSUES: permissions.create,
    ADD_COMMENTS: permissions.comment,
    TRANSITION_ISSUES: permissions.transition,
    EDIT_ISSUES: permissions.edit,
  };
  return call.account !== undefined && (switches[key] ?? true);
}

function myPermissions(call: Call): Reply {
  const projectKey = call.query.get('projectKey');
  const seen = maySee(call) && call.site.projects.some((one) => one.key === projectKey);
  if (projectKey !== null && !seen) {
    return jiraError(404, [`No project could be found with key '${projectKey}'.`]);
  }
  const asked = call.query.get('permissions');
  if (call.site.flavour === 'cloud' && asked === null) {
    return jiraError(400, ["The 'permissions' query parameter is required."]);
  }
  const keys =
    call.site.flavour === 'cloud' && asked !== null ? asked.split(',') : Object.keys(permissionNames);
  const unknown = keys.filter((key) => permissionNames[key] === undefined);
  if (unknown.length > 0) {
    return jiraError(400, [`Unrecognized permission: ${unknown.join(', ')}`]);
  }
  const permissions = keys.map((key, index) => [
    key,
    {
      id: String(10 + index),
      key,
      name: permissionNames[key],
      type: 'PROJECT',
      description: '',
      havePermission: hasPermission(call, key),
    },
  ]);
  return json(200, { permissions: Object.fromEntries(permissions) });
}

function serviceDeskInfo(call: Call): Reply {
  return json(200, {
    version: call.site.flavour === 'cloud' ? '1001.0.0-SNAPSHOT' : '10.3.24',
    platformVersion: call.site.flavour === 'cloud' ? '1001.0.0-SNAPSHOT' : '10.3.24',
    buildDate: jsmDate(Date.UTC(2026, 0, 15), call.site.timeZone),
    buildChangeSet: 'c6679417c550918e7c94a9eaaada133f15dc8ff0',
    isLicensedForUse: true,
    _links: { self: `${call.base}/rest/servicedeskapi/info` },
  });
}

/** Returns the statuses of a project, by issue type. */
function listStatuses(call: Call): Reply {
  const key = decodeURIComponent(call.parts[0] ?? '');
  const project = call.site.projects.find((one) => one.key === key || one.id === key);
  if (project === undefined || !maySee(call)) {
    return jiraError(404, [`No project could be found with key '${key}'.`]);
  }
  return json(
    200,
    project.issueTypes.map(({ id, name, statuses: own }) => ({
      self: `${call.base}/rest/api/2/issuetype/${id}`,
      id,
      name: translated(call, name),
      subtask: false,
      statuses: project.workflow.statuses
        .filter((status) => own?.includes(status.name) ?? true)
        .map((status) => statusJson(call, status)),
    })),
  );
}

const platform = '^/rest/api/(?:2|3|latest)';

export const siteInfoRoutes: readonly Route[] = [
  { method: 'GET', pattern: new RegExp(`${platform}/serverInfo$`), answer: serverInfo },
  {
    method: 'GET',
    pattern: new RegExp(`${platform}/myself$`),
    scope: 'read:jira-user',
    needsLogin: true,
    answer: myself,
  },
  { method: 'GET', pattern: new RegExp(`${platform}/field$`), scope: 'read:jira-work', answer: listFields },
  {
    method: 'GET',
    pattern: new RegExp(`${platform}/field/search$`),
    scope: 'read:jira-work',
    needsLogin: true,
    answer: searchFields,
  },
  {
    method: 'GET',
    pattern: new RegExp(`${platform}/user/search$`),
    scope: 'read:jira-user',
    needsLogin: true,
    answer: searchUsers,
  },
  {
    method: 'GET',
    pattern: new RegExp(`${platform}/project/([^/]+)/statuses$`),
    scope: 'read:jira-work',
    answer: listStatuses,
  },
  {
    method: 'GET',
    pattern: new RegExp(`${platform}/mypermissions$`),
    scope: 'read:jira-work',
    answer: myPermissions,
  },
  { method: 'GET', pattern: /^\/rest\/servicedeskapi\/info$/, answer: serviceDeskInfo },
];
