/** What a run is, as Octopus describes it; what it does not say is empty. */
export interface DeploymentFacts {
  readonly project: string;
  readonly release: string;
  readonly environment: string;
  /** Empty for a deployment. */
  readonly runbook: string;
  readonly isRunbookRun: boolean;
  readonly tenant: string;
  readonly tenantTags: string;
  /** Who asked for it. */
  readonly requester: string;
  /** The task's page in the Octopus portal. */
  readonly taskUrl: string;
  /** First line of the deployment's error; empty if it has none. */
  readonly error: string;
}

/** The tenant as people know it, with its tags; empty without a tenant. */
export function tenantWithTags({ tenant, tenantTags }: DeploymentFacts): string {
  return tenant === '' || tenantTags === '' ? tenant : `${tenant} (${tenantTags})`;
}
