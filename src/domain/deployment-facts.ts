/** What a run is, as Octopus describes it; what it does not say is empty. */
export interface DeploymentFacts {
  readonly project: string;
  readonly release: string;
  readonly environment: string;
  /** Blank for a deployment. */
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
