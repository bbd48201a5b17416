/**
 * The names of the Octopus variables that the action reads. Both launchers are generated from these lists: what is
 * not here does not reach the action.
 */
import { parameters } from './parameters.ts';

/** Variables of the deployment or runbook run that stand beside the step's parameters. */
export const runVariableNames = [
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

/** The name of a variable the action reads, apart from the patterns and the policy's `tokenVariable`. */
export type VariableName = (typeof runVariableNames)[number] | (typeof parameters)[number]['name'];

/** Every exact name: the parameters first, then what Octopus itself supplies. */
export const variableNames: readonly VariableName[] = [
  ...parameters.map((parameter) => parameter.name),
  ...runVariableNames,
];

/** A family of names: a fixed beginning and end around a text that anyone may choose. */
export interface VariablePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** `Octopus.JiraServiceManagement.Field[<field id or field name>]`: a value for a field of the change request. */
export const fieldPattern: VariablePattern = {
  prefix: 'Octopus.JiraServiceManagement.Field[',
  suffix: ']',
};

/** The change request that a step earlier in the same run has found or created. */
export const gateNumberPattern: VariablePattern = {
  prefix: 'Octopus.Action[',
  suffix: '].Output.ChangeRequest.Number',
};

/** What a step earlier in the same run has decided. */
export const gateDecisionPattern: VariablePattern = {
  prefix: 'Octopus.Action[',
  suffix: '].Output.Decision',
};

export const variablePatterns: readonly VariablePattern[] = [
  fieldPattern,
  gateNumberPattern,
  gateDecisionPattern,
];

/**
 * The text between a pattern's ends (a field's name, a step's name), or undefined where the name is none of the
 * family. Octopus ignores the case of a variable's name, and so does this.
 */
export function matchPattern(pattern: VariablePattern, name: string): string | undefined {
  const { prefix, suffix } = pattern;
  if (name.length <= prefix.length + suffix.length) return undefined;
  const folded = name.toLowerCase();
  if (!folded.startsWith(prefix.toLowerCase()) || !folded.endsWith(suffix.toLowerCase())) return undefined;
  return name.slice(prefix.length, name.length - suffix.length);
}
