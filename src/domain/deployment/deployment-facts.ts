/** A run as Octopus describes it. Facts that Octopus does not give are empty. */
export interface DeploymentFacts {
  readonly project: string;
  readonly release: string;
  readonly environment: string;
  /** Empty for a deployment. */
  readonly runbook: string;
  readonly isRunbookRun: boolean;
  readonly tenant: string;
  readonly tenantTags: string;
  /** Who requested the run. */
  readonly requester: string;
  /** The task's page in the Octopus portal. */
  readonly taskUrl: string;
  /** First line of the deployment's error; empty if there is none. */
  readonly error: string;
}

/** Returns the tenant's name with its tags; empty without a tenant. */
export function tenantWithTags({ tenant, tenantTags }: DeploymentFacts): string {
  return tenant === '' || tenantTags === '' ? tenant : `${tenant} (${tenantTags})`;
}
