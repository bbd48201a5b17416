import type { Subject, User } from './account.ts';
import { time } from './page.ts';

/** A space, project, environment, tenant, runbook or release: an id and a name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A deployment, or a run of a runbook. */
export interface Run {
  /** `Deployments-1` or `RunbookRuns-1`. */
  readonly id: string;
  readonly spaceId: string;
  readonly taskId: string;
  readonly project: Named;
  readonly environment: Named;
  readonly tenant: Named | undefined;
  /** Only for a deployment; its name is the release number. */
  readonly release: Named | undefined;
  /** Only for a runbook run. */
  readonly runbook: Named | undefined;
  readonly createdMs: number;
  /** Undefined if a trigger started the run. */
  readonly createdBy: User | undefined;
  readonly trigger: Named | undefined;
  readonly comments: string;
  readonly usesGuidedFailure: boolean;
  /** Whether a step has failed. */
  hasFailed: boolean;
}

export function subjectOf(run: Run): Subject {
  return {
    spaceId: run.spaceId,
    project: run.project.name,
    environment: run.environment.name,
    tenant: run.tenant?.name,
  };
}

export function runName(run: Run): string {
  return run.runbook === undefined
    ? `Deploy to ${run.environment.name}`
    : `${run.runbook.name} in ${run.environment.name}`;
}

/** All ids by which `regarding` finds the run. */
export function relatedIds(run: Run): readonly string[] {
  const ids = [run.id, run.taskId, run.project.id, run.environment.id];
  return run.tenant === undefined ? ids : [...ids, run.tenant.id];
}

export function runJson(run: Run): Record<string, unknown> {
  const kind = run.runbook === undefined ? 'deployments' : 'runbookRuns';
  return {
    Id: run.id,
    SpaceId: run.spaceId,
    Name: runName(run),
    ProjectId: run.project.id,
    EnvironmentId: run.environment.id,
    TenantId: run.tenant?.id ?? null,
    ...(run.runbook === undefined
      ? {
          ReleaseId: run.release?.id,
          ChannelId: 'Channels-1',
          DeploymentProcessId: `deploymentprocess-${run.project.id}-s-1`,
          Changes: [],
          ChangesMarkdown: '',
          ForcePackageRedeployment: false,
        }
      : {
          RunbookId: run.runbook.id,
          RunbookSnapshotId: 'RunbookSnapshots-1',
          FrozenRunbookProcessId: `RunbookProcess-${run.runbook.id}-s-1`,
        }),
    TaskId: run.taskId,
    ManifestVariableSetId: `variableset-${run.id}`,
    FormValues: {},
    SkipActions: [],
    SpecificMachineIds: [],
    ExcludedMachineIds: [],
    ForcePackageDownload: false,
    Created: time(run.createdMs),
    DeployedBy: run.createdBy?.username ?? 'System',
    DeployedById: run.createdBy?.id ?? 'users-system',
    QueueTime: null,
    QueueTimeExpiry: null,
    UseGuidedFailure: run.usesGuidedFailure,
    FailureEncountered: run.hasFailed,
    Comments: run.comments,
    ChangeRequestSettings: null,
    Links: {
      Self: `/api/${run.spaceId}/${kind}/${run.id}`,
      Task: `/api/tasks/${run.taskId}`,
      Interruptions: `/api/${run.spaceId}/interruptions?regarding=${run.id}`,
    },
  };
}
