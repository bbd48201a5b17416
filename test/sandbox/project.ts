import {
  defaultIssueType,
  defaultProjectKey,
  defaultProjectName,
  defaultRequestTypeId,
  defaultRequestTypeName,
  defaultServiceDeskId,
  plannedEndId,
  plannedStartId,
} from './defaults.ts';
import { changeWorkflow, type Workflow } from './workflow.ts';

interface IssueType {
  id: string;
  name: string;
  /** Names of the statuses that its workflow has; all statuses of the project by default. */
  statuses?: readonly string[];
}

/** One field of a request type's form. */
export interface FormField {
  fieldId: string;
  /** The form's own label; the field's name by default. */
  label?: string;
  required?: boolean;
  /** The preset value for requests that do not set the field; only Cloud shows it. */
  presetValues?: readonly string[];
}

export interface RequestType {
  id: string;
  name: string;
  description: string;
  issueTypeId: string;
  fields: readonly FormField[];
}

/** A service project with its desk. Options that are left out are those of the default project. */
export interface ProjectOptions {
  key: string;
  name?: string;
  id?: string;
  serviceDeskId?: string;
  workflow?: Workflow;
  issueTypes?: readonly IssueType[];
  requestTypes?: readonly RequestType[];
  /** Statuses that require an approval when they are entered, with the display names of the approvers. */
  approvals?: Record<string, readonly string[]>;
}

export interface Project extends Required<ProjectOptions> {
  /** The number of the newest issue. */
  lastNumber: number;
}

const defaultIssueTypes: readonly IssueType[] = [
  { id: '10005', name: defaultIssueType },
  { id: '10006', name: '[System] Service request' },
];

export const changeForm: readonly FormField[] = [
  { fieldId: 'summary', required: true },
  { fieldId: 'description' },
  { fieldId: plannedStartId },
  { fieldId: plannedEndId },
];

const defaultRequestTypes: readonly RequestType[] = [
  {
    id: '24',
    name: 'Get IT help',
    description: 'Something does not work, or a change is needed',
    issueTypeId: '10006',
    fields: [{ fieldId: 'summary', required: true, label: 'What do you need?' }, { fieldId: 'description' }],
  },
  {
    id: defaultRequestTypeId,
    name: defaultRequestTypeName,
    description: 'Raise a change for approval',
    issueTypeId: '10005',
    fields: changeForm,
  },
];

/** Returns the request types of the default desk, with another form for "Request a change". */
export function requestTypesWithForm(fields: readonly FormField[]): RequestType[] {
  return defaultRequestTypes.map((one) => (one.id === defaultRequestTypeId ? { ...one, fields } : one));
}

export const defaultProject: ProjectOptions = {
  key: defaultProjectKey,
  name: defaultProjectName,
  serviceDeskId: defaultServiceDeskId,
};

/** Fills in omitted options; `index` makes the ids of several projects distinct. */
export function createProject(options: ProjectOptions, index: number): Project {
  return {
    name: options.key,
    id: String(10012 + index),
    serviceDeskId: String(10 + index),
    workflow: changeWorkflow,
    issueTypes: defaultIssueTypes,
    requestTypes: defaultRequestTypes,
    approvals: {},
    ...options,
    lastNumber: 0,
  };
}
