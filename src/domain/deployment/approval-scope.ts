/** S1 to S2: what decides whether approval is asked for. */
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

/** The reason why no approval is asked for, or undefined when it is. */
export function notRequiredReason(scope: ApprovalScope): NotRequiredReason | undefined {
  if (!scope.projectControlled) return 'project-not-controlled';
  if (!scope.environmentControlled) return 'environment-not-controlled';
  if (scope.isRunbookRun && !scope.runbookControlled) return 'runbook-not-controlled';
  return undefined;
}
