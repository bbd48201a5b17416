/**
 * The only list of the step's parameters and their defaults: both step templates, both launchers and the
 * table of parameters are generated from it. Each parameter becomes an Octopus variable of the same name.
 * What only a form needs is in `parameter-forms.ts`, which is not part of a script body.
 */
import { defaultRequestType } from '../domain/change/change-request.ts';
import { defaultProceedStatuses, defaultWaitStatuses } from '../domain/change/change-state.ts';

interface Parameter {
  /** The variable's name. */
  readonly name: `JsmChange.${string}`;
  readonly label: string;
  /** What an empty value means; Octopus fills it in when the step is added. */
  readonly defaultValue: string;
}

export const parameters = [
  { name: 'JsmChange.Operation', label: 'Operation', defaultValue: 'Gate' },
  { name: 'JsmChange.BaseUrl', label: 'Jira base URL', defaultValue: '' },
  { name: 'JsmChange.Username', label: 'Jira user name', defaultValue: '' },
  { name: 'JsmChange.Token', label: 'Jira token', defaultValue: '' },
  { name: 'JsmChange.ServiceProject', label: 'Service project', defaultValue: '' },
  { name: 'JsmChange.RequestType', label: 'Request type', defaultValue: defaultRequestType },
  {
    name: 'JsmChange.ProceedStatuses',
    label: 'Statuses that proceed',
    defaultValue: defaultProceedStatuses.join('\n'),
  },
  {
    name: 'JsmChange.WaitStatuses',
    label: 'Statuses that wait',
    defaultValue: defaultWaitStatuses.join('\n'),
  },
  { name: 'JsmChange.PlannedStartField', label: 'Planned start field', defaultValue: '' },
  { name: 'JsmChange.PlannedEndField', label: 'Planned end field', defaultValue: '' },
  { name: 'JsmChange.AllowedProjects', label: 'Other allowed projects', defaultValue: '' },
  { name: 'JsmChange.ProjectChangeControlled', label: 'Project is change controlled', defaultValue: 'True' },
  {
    name: 'JsmChange.EnvironmentChangeControlled',
    label: 'Environment is change controlled',
    defaultValue: 'True',
  },
  {
    name: 'JsmChange.RunbookChangeControlled',
    label: 'Runbook runs are change controlled',
    defaultValue: 'False',
  },
  { name: 'JsmChange.CustomerComments', label: 'Customer comments', defaultValue: 'False' },
  {
    name: 'JsmChange.SuppliedMustMention',
    label: 'A supplied change request must mention',
    defaultValue: '',
  },
  { name: 'JsmChange.ApprovalCheck', label: 'Approval check', defaultValue: 'Status' },
  { name: 'JsmChange.EvidenceRecord', label: 'Evidence record', defaultValue: 'True' },
  { name: 'JsmChange.WhenPending', label: 'When the change is pending', defaultValue: 'Wait' },
  { name: 'JsmChange.PollIntervalSeconds', label: 'Polling interval (seconds)', defaultValue: '15' },
  { name: 'JsmChange.WaitLimitMinutes', label: 'Wait limit (minutes)', defaultValue: '1440' },
  { name: 'JsmChange.OutageMinutes', label: 'Jira outage limit (minutes)', defaultValue: '15' },
  { name: 'JsmChange.ApproveTransition', label: 'Approval transition', defaultValue: '' },
  { name: 'JsmChange.SuccessStatus', label: 'Status on success', defaultValue: '' },
  { name: 'JsmChange.FailureStatus', label: 'Status on failure', defaultValue: '' },
  { name: 'JsmChange.OctopusUrl', label: 'Octopus URL', defaultValue: '' },
  { name: 'JsmChange.OctopusApiKey', label: 'Octopus API key', defaultValue: '' },
  { name: 'JsmChange.ParkLimitDays', label: 'Park limit (days)', defaultValue: '30' },
  { name: 'JsmChange.Policy', label: 'Policy', defaultValue: '' },
] as const satisfies readonly Parameter[];

export type ParameterName = (typeof parameters)[number]['name'];
