import type { Flavour } from './account.ts';
import { dataCenterUsername, defaultProjectKey, defaultToken, defaultUsername } from './defaults.ts';

/** The Octopus variables of a typical deployment (I1). */
export const deployment: Readonly<Record<string, string>> = {
  'Octopus.Project.Name': 'Web Site',
  'Octopus.Release.Number': '1.0.1',
  'Octopus.Release.Notes': 'Fixes the basket.\n\n- WEB-12: totals with discounts\n- WEB-15: slow search',
  'Octopus.Environment.Name': 'Production',
  'Octopus.Space.Id': 'Spaces-1',
  'Octopus.Space.Name': 'Default',
  'Octopus.Deployment.Id': 'Deployments-421',
  'Octopus.Deployment.Name': 'Deploy to Production',
  'Octopus.Deployment.Comments': '',
  'Octopus.Deployment.CreatedBy.DisplayName': 'Dana Deployer',
  'Octopus.Deployment.CreatedBy.Username': 'dana',
  'Octopus.Deployment.CreatedBy.EmailAddress': 'dana@acme.example',
  'Octopus.Deployment.Tenant.Name': '',
  'Octopus.Deployment.Tenant.Tags': '',
  'Octopus.Task.Id': 'ServerTasks-9001',
  'Octopus.Task.QueueTime': 'Saturday, 13 June 2026 8:00:00 AM',
  'Octopus.Web.ServerUri': 'https://octopus.acme.example',
  'Octopus.Web.DeploymentLink': '/app#/Spaces-1/deployments/Deployments-421',
};

/** The title of the change request for `deployment`. */
export const deploymentTitle = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"';

/** Overrides that turn the deployment into a runbook run. */
export const runbookRun: Readonly<Record<string, string>> = {
  'Octopus.Runbook.Id': 'Runbooks-7',
  'Octopus.Runbook.Name': 'Rotate certificates',
  'Octopus.RunbookRun.Id': 'RunbookRuns-88',
  'Octopus.RunbookRun.Name': 'Rotate certificates in Production',
  'Octopus.RunbookSnapshot.Name': 'Snapshot 4',
  'Octopus.Web.RunbookRunLink': '/app#/Spaces-1/runbookRuns/RunbookRuns-88',
  'Octopus.Deployment.Id': '',
  'Octopus.Deployment.Name': '',
  'Octopus.Release.Number': '',
  'Octopus.Release.Notes': '',
  'Octopus.Web.DeploymentLink': '',
};

/** The title of the change request for `runbookRun`. */
export const runbookTitle = 'Octopus: Run "Rotate certificates" of "Web Site" in "Production"';

/**
 * Every variable that a deployment passes to the step, with the step's parameters set for the sandbox. Checks
 * follow each other as fast as the step allows. An override may add or replace a variable.
 */
export function deploymentVariables(
  sandbox: { url: string; site?: { flavour: Flavour } },
  overrides: Record<string, string> = {},
): Record<string, string> {
  return {
    ...deployment,
    'JsmChange.Operation': 'Gate',
    'JsmChange.BaseUrl': sandbox.url,
    'JsmChange.Username': sandbox.site?.flavour === 'dc' ? dataCenterUsername : defaultUsername,
    'JsmChange.Token': defaultToken,
    'JsmChange.ServiceProject': defaultProjectKey,
    'JsmChange.RequestType': 'Request a change',
    'JsmChange.ProceedStatuses': '',
    'JsmChange.WaitStatuses': '',
    'JsmChange.PlannedStartField': '',
    'JsmChange.PlannedEndField': '',
    'JsmChange.AllowedProjects': '',
    'JsmChange.ProjectChangeControlled': 'True',
    'JsmChange.EnvironmentChangeControlled': 'True',
    'JsmChange.RunbookChangeControlled': 'False',
    'JsmChange.CustomerComments': 'False',
    'JsmChange.WhenPending': 'Wait',
    'JsmChange.PollIntervalSeconds': '1',
    'JsmChange.WaitLimitMinutes': '5',
    'JsmChange.OutageMinutes': '15',
    'JsmChange.ApproveTransition': '',
    'JsmChange.SuccessStatus': '',
    'JsmChange.FailureStatus': '',
    'JsmChange.Policy': '',
    'Octopus.JiraServiceManagement.ChangeRequest.Number': '',
    ...overrides,
  };
}
