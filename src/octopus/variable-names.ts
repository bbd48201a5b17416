/**
 * The names of the Octopus variables that the action reads. Both launchers are generated from these lists: what is
 * not here does not reach the action.
 */
import { parameters } from './parameters.ts';

/** Variables of the deployment or runbook run that the action reads as well as the step's parameters. */
const runVariableNames = [
  'Octopus.JiraServiceManagement.ChangeRequest.Number',
  'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber',
  'Octopus.Project.Name',
  'Octopus.Release.Number',
  'Octopus.Release.Notes',
  'Octopus.Environment.Name',
  'Octopus.Space.Id',
  'Octopus.Space.Name',
  'Octopus.Deployment.Id',
  'Octopus.Deployment.Name',
  'Octopus.Deployment.Comments',
  'Octopus.Deployment.Error',
  'Octopus.Deployment.ErrorDetail',
  'Octopus.Deployment.CreatedBy.DisplayName',
  'Octopus.Deployment.CreatedBy.Username',
  'Octopus.Deployment.CreatedBy.EmailAddress',
  'Octopus.Deployment.Tenant.Name',
  'Octopus.Deployment.Tenant.Tags',
  'Octopus.Deployment.Trigger.Id',
  'Octopus.Deployment.Trigger.Name',
  'Octopus.Action.Name',
  'Octopus.Runbook.Id',
  'Octopus.Runbook.Name',
  'Octopus.RunbookRun.Id',
  'Octopus.RunbookRun.Name',
  'Octopus.RunbookSnapshot.Name',
  'Octopus.Task.Id',
  'Octopus.Task.QueueTime',
  'Octopus.Web.ServerUri',
  'Octopus.Web.DeploymentLink',
  'Octopus.Web.RunbookRunLink',
] as const;

/** The name of a variable the action reads, apart from the patterns. */
export type VariableName = (typeof runVariableNames)[number] | (typeof parameters)[number]['name'];

/** Every exact name: the parameters first, then what Octopus itself supplies. */
export const variableNames: readonly VariableName[] = [
  ...parameters.map((parameter) => parameter.name),
  ...runVariableNames,
];

/**
 * A variable's name for comparison. Names ignore the case of ASCII letters and of no others (B3), so that the action
 * and both script bodies agree whatever the locale: `İ` and the Kelvin sign are letters of their own.
 */
export function foldedName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
