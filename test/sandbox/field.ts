import {
  approversId,
  changeCompletionDateId,
  changeStartDateId,
  plannedEndId,
  plannedStartId,
  requestTypeFieldId,
} from './defaults.ts';

type FieldKind =
  | 'text'
  | 'textarea'
  | 'datetime'
  | 'date'
  | 'number'
  | 'select'
  | 'multiselect'
  | 'cascading'
  | 'labels'
  | 'user'
  | 'users'
  | 'request-type'
  | 'any'
  | 'read-only';

export interface FieldOption {
  id: string;
  value: string;
}

export interface FieldDefinition {
  id: string;
  name: string;
  kind: FieldKind;
  options?: readonly FieldOption[];
  /** The type of a system field in its schema, if it differs from that of its kind. */
  systemType?: string;
  /** Only the screens of transitions have the field. */
  offEditScreen?: boolean;
}

const prefix = 'com.atlassian.jira.plugin.system.customfieldtypes';

interface SchemaRow {
  type: string;
  items?: string;
  custom: string;
}

const schemas: Record<FieldKind, SchemaRow> = {
  text: { type: 'string', custom: `${prefix}:textfield` },
  textarea: { type: 'string', custom: `${prefix}:textarea` },
  datetime: { type: 'datetime', custom: `${prefix}:datetime` },
  date: { type: 'date', custom: `${prefix}:datepicker` },
  number: { type: 'number', custom: `${prefix}:float` },
  select: { type: 'option', custom: `${prefix}:select` },
  multiselect: { type: 'array', items: 'option', custom: `${prefix}:multiselect` },
  cascading: { type: 'option-with-child', custom: `${prefix}:cascadingselect` },
  labels: { type: 'array', items: 'string', custom: `${prefix}:labels` },
  user: { type: 'user', custom: `${prefix}:userpicker` },
  users: { type: 'array', items: 'user', custom: `${prefix}:multiuserpicker` },
  'request-type': { type: 'sd-customerrequesttype', custom: 'com.atlassian.servicedesk:vp-origin' },
  any: { type: 'any', custom: 'com.atlassian.servicedesk:any' },
  'read-only': { type: 'any', custom: `${prefix}:readonlyfield` },
};

export function isCustom(field: FieldDefinition): boolean {
  return field.id.startsWith('customfield_');
}

/** Returns the field's schema, as `/field`, `expand=schema` and a request type's form do. */
export function fieldSchema(field: FieldDefinition): Record<string, unknown> {
  const row = schemas[field.kind];
  const items = row.items === undefined ? {} : { items: row.items };
  return isCustom(field)
    ? {
        type: row.type,
        ...items,
        custom: row.custom,
        customId: Number(field.id.slice('customfield_'.length)),
      }
    : { type: field.systemType ?? row.type, ...items, system: field.id };
}

function options(firstId: number, ...values: string[]): FieldOption[] {
  return values.map((value, index) => ({ id: String(firstId + index), value }));
}

function readOnly(id: string, name: string, systemType: string): FieldDefinition {
  return { id, name, kind: 'read-only', systemType };
}

export const systemFields: readonly FieldDefinition[] = [
  { id: 'summary', name: 'Summary', kind: 'text' },
  { id: 'description', name: 'Description', kind: 'textarea' },
  { id: 'labels', name: 'Labels', kind: 'labels' },
  {
    id: 'priority',
    name: 'Priority',
    kind: 'select',
    systemType: 'priority',
    options: options(1, 'Highest', 'High', 'Medium', 'Low'),
  },
  { id: 'assignee', name: 'Assignee', kind: 'user' },
  { id: 'duedate', name: 'Due date', kind: 'date' },
  readOnly('status', 'Status', 'status'),
  readOnly('issuetype', 'Issue Type', 'issuetype'),
  readOnly('project', 'Project', 'project'),
  readOnly('reporter', 'Reporter', 'user'),
  readOnly('creator', 'Creator', 'user'),
  readOnly('created', 'Created', 'datetime'),
  readOnly('updated', 'Updated', 'datetime'),
  // The standard final transitions do not set it.
  {
    id: 'resolution',
    name: 'Resolution',
    kind: 'select',
    systemType: 'resolution',
    options: options(10000, 'Done', "Won't do", 'Failed'),
    offEditScreen: true,
  },
  readOnly('resolutiondate', 'Resolved', 'datetime'),
  readOnly('statuscategorychangedate', 'Status Category Changed', 'datetime'),
  readOnly('comment', 'Comment', 'comments-page'),
];

export const plannedFields: readonly FieldDefinition[] = [
  { id: plannedStartId, name: 'Planned start', kind: 'datetime' },
  { id: plannedEndId, name: 'Planned end', kind: 'datetime' },
];

export const olderDateFields: readonly FieldDefinition[] = [
  { id: changeStartDateId, name: 'Change start date', kind: 'datetime' },
  { id: changeCompletionDateId, name: 'Change completion date', kind: 'datetime' },
];

export const otherFields: readonly FieldDefinition[] = [
  { id: requestTypeFieldId, name: 'Request Type', kind: 'request-type' },
  {
    id: 'customfield_10004',
    name: 'Impact',
    kind: 'select',
    options: options(10000, 'Extensive', 'Significant', 'Moderate', 'Minor'),
  },
  {
    id: 'customfield_10005',
    name: 'Change type',
    kind: 'select',
    options: options(10010, 'Standard', 'Normal', 'Emergency'),
  },
  {
    id: 'customfield_10006',
    name: 'Change risk',
    kind: 'select',
    options: options(10020, 'Critical', 'High', 'Medium', 'Low'),
  },
  {
    id: 'customfield_10050',
    name: 'Affected services',
    kind: 'multiselect',
    options: options(10030, 'Web', 'Mobile', 'Billing'),
  },
  { id: 'customfield_10051', name: 'Affected users', kind: 'number' },
  { id: 'customfield_10052', name: 'Change manager', kind: 'user' },
  { id: 'customfield_10053', name: 'Review by', kind: 'date' },
  { id: 'customfield_10054', name: 'Backout plan', kind: 'textarea' },
  { id: 'customfield_10055', name: 'External reference', kind: 'text' },
  { id: 'customfield_10056', name: 'Affected hardware', kind: 'any' },
  { id: 'customfield_10057', name: 'Location', kind: 'cascading', options: options(10040, 'Europe', 'Asia') },
  { id: 'customfield_10058', name: 'Keywords', kind: 'labels' },
  { id: approversId, name: 'Approvers', kind: 'users' },
];
