import type { OctopusModel } from './model.ts';
import { type Run, runName } from './run.ts';
import type { Task } from './task.ts';

/** The system variables of a run, as Octopus passes them to each of its steps. */
export function runVariables(octopus: OctopusModel, { run, id, queuedMs }: Task): Record<string, string> {
  const space = octopus.spaceOf(run);
  return {
    'Octopus.Space.Id': space.id,
    'Octopus.Space.Name': space.name,
    'Octopus.Project.Id': run.project.id,
    'Octopus.Project.Name': run.project.name,
    'Octopus.Environment.Id': run.environment.id,
    'Octopus.Environment.Name': run.environment.name,
    'Octopus.Task.Id': id,
    // Human-readable text, as in Octopus: not to be parsed.
    'Octopus.Task.QueueTime': new Date(queuedMs).toUTCString(),
    'Octopus.Web.ServerUri': octopus.serverUri,
    ...(run.tenant === undefined
      ? {}
      : {
          'Octopus.Deployment.Tenant.Id': run.tenant.id,
          'Octopus.Deployment.Tenant.Name': run.tenant.name,
          'Octopus.Deployment.Tenant.Tags': '',
        }),
    ...(run.trigger === undefined
      ? {}
      : {
          'Octopus.Deployment.Trigger.Id': run.trigger.id,
          'Octopus.Deployment.Trigger.Name': run.trigger.name,
        }),
    ...(run.runbook === undefined ? deploymentVariables(run) : runbookVariables(run, run.runbook.name)),
  };
}

function deploymentVariables(run: Run): Record<string, string> {
  return {
    'Octopus.Release.Id': run.release?.id ?? '',
    'Octopus.Release.Number': run.release?.name ?? '',
    'Octopus.Deployment.Id': run.id,
    'Octopus.Deployment.Name': runName(run),
    'Octopus.Deployment.Comments': run.comments,
    'Octopus.Deployment.CreatedBy.Id': run.createdBy?.id ?? '',
    'Octopus.Deployment.CreatedBy.Username': run.createdBy?.username ?? '',
    'Octopus.Deployment.CreatedBy.DisplayName': run.createdBy?.displayName ?? '',
    'Octopus.Deployment.CreatedBy.EmailAddress': run.createdBy?.emailAddress ?? '',
    'Octopus.Web.DeploymentLink': `/app#/${run.spaceId}/deployments/${run.id}`,
  };
}

function runbookVariables(run: Run, name: string): Record<string, string> {
  return {
    'Octopus.Runbook.Id': run.runbook?.id ?? '',
    'Octopus.Runbook.Name': name,
    'Octopus.RunbookRun.Id': run.id,
    'Octopus.RunbookRun.Name': runName(run),
    'Octopus.RunbookSnapshot.Name': 'Snapshot 1',
    'Octopus.Web.RunbookRunLink': `/app#/${run.spaceId}/runbookRuns/${run.id}`,
  };
}
