import { type Call, maySee, type Route, translated } from '../call.ts';
import { commentPage, platformComment } from '../comment-json.ts';
import { isObject, jiraError, json, noContent, type Reply } from '../exchange.ts';
import { type FieldDefinition, fieldSchema, isCustom } from '../field.ts';
import { readFieldValue } from '../field-value.ts';
import type { Issue } from '../issue.ts';
import { issueJson, selectFields, statusJson } from '../issue-json.ts';
import { plainText } from '../rich-text.ts';
import { storedText } from '../text-links.ts';
import type { Transition } from '../workflow.ts';

/** Returns the issue that the path names, if the caller may see it. */
function seenIssue(call: Call): Issue | undefined {
  return maySee(call) ? call.site.find(decodeURIComponent(call.parts[0] ?? '')) : undefined;
}

function missingIssue(call: Call): Reply {
  return jiraError(404, [
    call.site.flavour === 'cloud'
      ? 'Issue does not exist or you do not have permission to see it.'
      : 'Issue Does Not Exist',
  ]);
}

function padded(body: string, bytes: number): string {
  const missing = bytes - Buffer.byteLength(body);
  return missing <= 0 ? body : `${body.slice(0, -1)},"properties":{"padding":"${'x'.repeat(missing)}"}}`;
}

function readIssue(call: Call): Reply {
  const issue = seenIssue(call);
  if (issue === undefined) {
    return missingIssue(call);
  }
  const { site } = call;
  const variant = `${call.english ? 'en' : ''}|${call.base}|${call.asked}`;
  const failing = site.behaviour.failingFields.length > 0;
  const known = failing ? undefined : issue.answers.get(variant);
  if (known !== undefined) {
    return { status: 200, body: known, contentType: 'application/json;charset=UTF-8' };
  }
  const fields = selectFields(call, call.query.getAll('fields'));
  if (failing && site.flavour === 'cloud' && call.query.get('failFast') === 'true') {
    const broken = fields.find((field) => site.isFailing(field));
    if (broken !== undefined) {
      return jiraError(500, [`An error occurred while loading the field '${broken.name}'.`]);
    }
  }
  const expand = call.query.getAll('expand').flatMap((one) => one.split(','));
  const answer = json(200, issueJson(call, issue, { fields, expand }));
  const body = padded(answer.body, site.behaviour.issueBodyBytes);
  if (!failing) {
    issue.answers.set(variant, body);
  }
  return { ...answer, body };
}

/** The maximum number of issues in one bulk read. */
const longestBulk = 100;

/**
 * Cloud's bulk read. Issues that are missing or not visible are silently left out, as are fields that fail to
 * load; the order differs from that of the request, and an issue that was moved has its new key.
 */
function readMany(call: Call): Reply {
  const { site, body } = call;
  if (site.flavour !== 'cloud') return jiraError(404, ['null for uri']);
  const wanted = isObject(body) && Array.isArray(body['issueIdsOrKeys']) ? body['issueIdsOrKeys'] : [];
  if (!isObject(body) || wanted.length === 0 || wanted.length > longestBulk) {
    return jiraError(400, [`The number of issues must be between 1 and ${longestBulk}.`]);
  }
  const fields = selectFields(call, Array.isArray(body['fields']) ? body['fields'].map(String) : []);
  const expand = Array.isArray(body['expand']) ? body['expand'].map(String) : [];
  const found = maySee(call) ? wanted.flatMap((one) => site.find(String(one)) ?? []) : [];
  const issues = [...new Set(found)].reverse();
  return json(200, {
    expand: 'names,schema',
    issues: issues.map((issue) => issueJson(call, issue, { fields, expand })),
    issueErrors: [],
  });
}

/** Returns the value after an `update` operation; undefined for an operation that Jira does not know. */
function updatedValue(issue: Issue, field: FieldDefinition, operations: unknown): unknown {
  let value: unknown = issue.values.get(field.id) ?? null;
  for (const operation of Array.isArray(operations) ? operations : []) {
    if (!isObject(operation)) {
      continue;
    }
    if ('set' in operation) {
      value = operation['set'];
    } else if ('add' in operation) {
      value = [...(Array.isArray(value) ? value : []), operation['add']];
    } else if ('remove' in operation) {
      value = (Array.isArray(value) ? value : []).filter((one) => one !== operation['remove']);
    }
  }
  return value;
}

/** Validates the `fields` and `update` members of an edit; returns all values, or errors and no values. */
function readEdit(
  call: Call,
  issue: Issue,
  body: Record<string, unknown>,
  allowed: (field: FieldDefinition) => boolean,
): { values: Map<string, unknown>; errors: Record<string, string> } {
  const { site } = call;
  const values = new Map<string, unknown>();
  const errors: Record<string, string> = {};
  const sets = isObject(body['fields']) ? body['fields'] : {};
  const updates = isObject(body['update']) ? body['update'] : {};
  for (const id of new Set([...Object.keys(sets), ...Object.keys(updates)])) {
    if (id === 'comment') {
      continue;
    }
    const field = site.fields.find((one) => one.id === id);
    if (field === undefined || !allowed(field)) {
      errors[id] = `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`;
      continue;
    }
    const raw = id in sets ? sets[id] : updatedValue(issue, field, updates[id]);
    const read = readFieldValue(field, raw, site.valueContext(call.base));
    if (read.ok) {
      values.set(
        id,
        field.id === 'description' && typeof read.value === 'string'
          ? storedText(read.value, site.behaviour.links)
          : read.value,
      );
    } else {
      errors[id] = read.error;
    }
  }
  return { values, errors };
}

function editIssue(call: Call): Reply {
  const issue = seenIssue(call);
  if (issue === undefined) {
    return missingIssue(call);
  }
  const { site } = call;
  if (!site.behaviour.permissions.edit) {
    return jiraError(site.flavour === 'cloud' ? 403 : 400, [
      'You do not have permission to edit issues in this project.',
    ]);
  }
  if (!isObject(call.body)) {
    return jiraError(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
  }
  const { values, errors } = readEdit(call, issue, call.body, (field) => site.isEditable(field));
  if (Object.keys(errors).length > 0) {
    return jiraError(400, [], errors);
  }
  if (values.size === 0) {
    return jiraError(400, ["one of 'fields' or 'update' required"]);
  }
  for (const [id, value] of values) {
    site.setValue(issue, id, value);
  }
  return noContent();
}

/** Returns the fields of a transition's screen, and whether each requires a value. */
function screenOf(call: Call, transition: Transition): { field: FieldDefinition; required: boolean }[] {
  const { requires = [], defaults = {}, shows = [] } = transition;
  const named = (names: readonly string[], required: boolean) =>
    names.map((name) => ({ field: call.site.field(name), required }));
  return [...named(requires, true), ...named(Object.keys(defaults), true), ...named(shows, false)];
}

function hasDefault(call: Call, { defaults = {} }: Transition, field: FieldDefinition): boolean {
  return Object.keys(defaults).some((name) => call.site.field(name) === field);
}

function allowedValues(call: Call, field: FieldDefinition): Record<string, unknown>[] | undefined {
  return field.options?.map(({ id, value }) =>
    isCustom(field)
      ? { self: `${call.base}/rest/api/2/customFieldOption/${id}`, value, id }
      : { name: value, id },
  );
}

function transitionJson(
  call: Call,
  issue: Issue,
  transition: Transition,
  withFields: boolean,
): Record<string, unknown> {
  const screen = screenOf(call, transition);
  const fields = screen.map(({ field, required }) => [
    field.id,
    {
      required,
      schema: fieldSchema(field),
      name: translated(call, field.name),
      key: field.id,
      hasDefaultValue: hasDefault(call, transition, field),
      operations: [field.id === 'comment' ? 'add' : 'set'],
      ...(field.options === undefined ? {} : { allowedValues: allowedValues(call, field) }),
    },
  ]);
  return {
    id: transition.id,
    name: translated(call, transition.name),
    to: statusJson(call, call.site.status(issue.project, transition.to)),
    hasScreen: screen.length > 0,
    isGlobal: transition.from.includes('*'),
    isInitial: false,
    isConditional: false,
    ...(call.site.flavour === 'cloud' ? { isAvailable: true } : {}),
    ...(withFields ? { fields: Object.fromEntries(fields) } : {}),
  };
}

function listTransitions(call: Call): Reply {
  const issue = seenIssue(call);
  if (issue === undefined) {
    return missingIssue(call);
  }
  const withFields = (call.query.get('expand') ?? '').includes('transitions.fields');
  const only = call.query.get('transitionId');
  const offered = call.site.transitions(issue).filter((one) => only === null || one.id === only);
  return json(200, {
    expand: 'transitions',
    transitions: offered.map((one) => transitionJson(call, issue, one, withFields)),
  });
}

function wrongTransition(call: Call, id: unknown): Reply {
  return call.site.flavour === 'cloud'
    ? jiraError(400, [`Transition id '${String(id)}' is not valid for this issue.`])
    : jiraError(500, ['Internal server error']);
}

/** Returns the comments that the body's `update` adds. */
function addedComments(body: Record<string, unknown>): Record<string, unknown>[] {
  const operations = isObject(body['update']) ? body['update']['comment'] : undefined;
  return (Array.isArray(operations) ? operations : []).flatMap((one) =>
    isObject(one) && isObject(one['add']) ? [one['add']] : [],
  );
}

function followTransition(call: Call): Reply {
  const issue = seenIssue(call);
  if (issue === undefined) {
    return missingIssue(call);
  }
  const { site } = call;
  const wanted =
    isObject(call.body) && isObject(call.body['transition']) ? call.body['transition']['id'] : undefined;
  if (!isObject(call.body) || wanted === undefined) {
    return jiraError(400, ["Missing 'transition' identifier"]);
  }
  const found = site.transitions(issue).find((one) => one.id === String(wanted));
  if (found === undefined) {
    return wrongTransition(call, wanted);
  }
  const screen = screenOf(call, found);
  const { values, errors } = readEdit(call, issue, call.body, (field) =>
    screen.some((one) => one.field === field),
  );
  const comments = addedComments(call.body);
  for (const { field, required } of screen) {
    const isGiven = field.id === 'comment' ? comments.length > 0 : values.has(field.id);
    const isPresent = issue.values.has(field.id) || hasDefault(call, found, field);
    if (required && !isGiven && !isPresent && errors[field.id] === undefined) {
      errors[field.id] = `${field.name} is required.`;
    }
  }
  if (Object.keys(errors).length > 0) {
    return jiraError(400, [], errors);
  }
  for (const [name, value] of Object.entries(found.defaults ?? {})) {
    site.setField(issue.key, name, value);
  }
  for (const [id, value] of values) {
    site.setValue(issue, id, value);
  }
  for (const comment of comments) {
    site.addComment(
      issue,
      call.account ?? site.octopus,
      plainText(comment['body']) ?? '',
      !isInternal(comment),
    );
  }
  site.moveTo(issue.key, found.to);
  return noContent();
}

function isInternal(body: Record<string, unknown>): boolean {
  const properties = Array.isArray(body['properties']) ? body['properties'] : [];
  return properties.some(
    (one) =>
      isObject(one) &&
      one['key'] === 'sd.public.comment' &&
      isObject(one['value']) &&
      one['value']['internal'] === true,
  );
}

function addComment(call: Call): Reply {
  const issue = seenIssue(call);
  if (issue === undefined || call.account === undefined) {
    return missingIssue(call);
  }
  const { site } = call;
  if (!site.behaviour.permissions.comment) {
    return jiraError(400, [], {
      comment: `${call.account.displayName}, you do not have the permission to comment on this issue.`,
    });
  }
  const text = isObject(call.body) ? plainText(call.body['body']) : undefined;
  if (!isObject(call.body) || text === undefined || text.trim() === '') {
    return jiraError(400, [], { comment: 'Comment body can not be empty!' });
  }
  const comment = site.addComment(
    issue,
    call.account,
    storedText(text, site.behaviour.links),
    !isInternal(call.body),
  );
  return json(201, platformComment(call, issue, comment));
}

function listComments(call: Call): Reply {
  const issue = seenIssue(call);
  return issue === undefined ? missingIssue(call) : json(200, commentPage(call, issue));
}

function readComment(call: Call): Reply {
  const issue = seenIssue(call);
  const comment = issue?.comments.find((one) => one.id === call.parts[1]);
  return issue === undefined || comment === undefined
    ? missingIssue(call)
    : json(200, platformComment(call, issue, comment));
}

function readEditMeta(call: Call): Reply {
  const issue = seenIssue(call);
  if (issue === undefined) {
    return missingIssue(call);
  }
  const { site } = call;
  const fields = site.fields.filter((field) => site.behaviour.permissions.edit && site.isEditable(field));
  const entries = fields.map((field) => [
    field.id,
    {
      required: field.id === 'summary',
      schema: fieldSchema(field),
      name: translated(call, field.name),
      key: field.id,
      operations: ['set'],
      ...(field.options === undefined ? {} : { allowedValues: field.options }),
    },
  ]);
  return json(200, { fields: Object.fromEntries(entries) });
}

const issuePath = '^/rest/api/(?:2|3|latest)/issue/([^/]+)';

export const issueRoutes: readonly Route[] = [
  {
    method: 'POST',
    pattern: /^\/rest\/api\/3\/issue\/bulkfetch$/,
    scope: 'read:jira-work',
    answer: readMany,
  },
  { method: 'GET', pattern: new RegExp(`${issuePath}$`), scope: 'read:jira-work', answer: readIssue },
  { method: 'PUT', pattern: new RegExp(`${issuePath}$`), scope: 'write:jira-work', answer: editIssue },
  {
    method: 'GET',
    pattern: new RegExp(`${issuePath}/transitions$`),
    scope: 'read:jira-work',
    answer: listTransitions,
  },
  {
    method: 'POST',
    pattern: new RegExp(`${issuePath}/transitions$`),
    scope: 'write:jira-work',
    answer: followTransition,
  },
  {
    method: 'GET',
    pattern: new RegExp(`${issuePath}/comment$`),
    scope: 'read:jira-work',
    answer: listComments,
  },
  {
    method: 'POST',
    pattern: new RegExp(`${issuePath}/comment$`),
    scope: 'write:jira-work',
    answer: addComment,
  },
  {
    method: 'GET',
    pattern: new RegExp(`${issuePath}/comment/([^/]+)$`),
    scope: 'read:jira-work',
    answer: readComment,
  },
  {
    method: 'GET',
    pattern: new RegExp(`${issuePath}/editmeta$`),
    scope: 'read:jira-work',
    answer: readEditMeta,
  },
];
