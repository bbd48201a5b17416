import { numberVariable } from '../app/gate-run.ts';
import type { Comment } from '../sandbox/issue.ts';
import {
  type Act,
  gateVariables,
  type RunOptions,
  type SimulatedRun,
  simulate,
} from '../simulation/simulate.ts';
import type { SimulatedRequest } from '../simulation/simulated-network.ts';
import type { SimulatedSite } from '../simulation/simulated-site.ts';

export type Operation = 'Gate' | 'Request' | 'Verify' | 'Report' | 'Test';

export type OperationOptions = Omit<RunOptions, 'variables'> & {
  readonly at?: readonly Act[];
  readonly untilMs?: number;
};

/** Runs one operation at a site with the default variables and the given ones. */
export function operate(
  site: SimulatedSite,
  operation: Operation,
  overrides: Readonly<Record<string, string>> = {},
  options: OperationOptions = {},
): Promise<SimulatedRun> {
  const variables = gateVariables(site, { 'JsmChange.Operation': operation, ...overrides });
  return simulate({ site, variables, ...options });
}

/** The output variables that a gate earlier in the same run left. */
export function earlierGate(
  number: string,
  decision = 'Proceed',
  step = 'Change gate',
): Record<string, string> {
  return {
    [`Octopus.Action[${step}].Output.ChangeRequest.Number`]: number,
    [`Octopus.Action[${step}].Output.Decision`]: decision,
  };
}

export { numberVariable };

/** The variable that sets a field. */
export function fieldVariable(name: string): string {
  return `Octopus.JiraServiceManagement.Field[${name}]`;
}

/** The comments of a change request, oldest first. */
export function commentsOf(site: SimulatedSite, key: string): readonly Comment[] {
  return site.issue(key).comments;
}

/** The requests whose path matches. */
export function requestsTo(run: SimulatedRun, method: string, path: RegExp): readonly SimulatedRequest[] {
  return run.requests.filter((request) => request.method === method && path.test(request.path));
}

/** Whether a run set no decision. */
export function decidedNothing(run: SimulatedRun): boolean {
  return run.outputs['Decision'] === undefined && run.outputs['DecisionReason'] === undefined;
}
