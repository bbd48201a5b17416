/** What a run is, as Octopus tells it; what it does not tell is blank. */
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
  /** First line of the deployment's error; blank when it has none. */
  readonly error: string;
}
