/** S1 to S2: what determines whether approval is required. */
export interface ApprovalScope {
  readonly projectControlled: boolean;
  readonly environmentControlled: boolean;
  readonly runbookControlled: boolean;
  readonly isRunbookRun: boolean;
}

export type NotRequiredReason =
  | 'project-not-controlled'
  | 'environment-not-controlled'
  | 'runbook-not-controlled';

/** Returns why no approval is required, or undefined if it is. */
export function notRequiredReason(scope: ApprovalScope): NotRequiredReason | undefined {
  if (!scope.projectControlled) return 'project-not-controlled';
  if (!scope.environmentControlled) return 'environment-not-controlled';
  if (scope.isRunbookRun && !scope.runbookControlled) return 'runbook-not-controlled';
  return undefined;
}
