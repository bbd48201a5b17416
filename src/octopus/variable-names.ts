/**
 * The names of the Octopus variables that the action reads. Both launchers are generated from these lists: a
 * variable that is not listed does not reach the action.
 */
import { parameters } from './parameters.ts';

/** The variables of the deployment or runbook run that the action reads as well as the step's parameters. */
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

/** The name of a variable that the action reads, other than those that match a pattern. */
export type VariableName = (typeof runVariableNames)[number] | (typeof parameters)[number]['name'];

/** All exact names: first the parameters, then the variables that Octopus supplies. */
export const variableNames: readonly VariableName[] = [
  ...parameters.map((parameter) => parameter.name),
  ...runVariableNames,
];

/**
 * Folds a variable's name for comparison. Only the case of ASCII letters is ignored (B3), so that the action
 * and both script bodies agree whatever the locale: `İ` and the Kelvin sign are separate letters.
 */
export function foldedName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
