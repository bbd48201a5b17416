import { foldName } from '../domain/change-state.ts';
import type { ControlledProject, Policy } from './policy.ts';

/** What a policy is asked about. */
export interface PolicyRun {
  readonly project: string;
  readonly environment: string;
  /** Set for a runbook run alone. */
  readonly runbook?: string | undefined;
}

export type PolicyResolution = PolicyNotRequired | PolicyStop | PolicyRequired;

/** S1 to S3: no approval is asked for. `warning` says that the task log must highlight it. */
export type PolicyNotRequired =
  | {
      readonly kind: 'not-required';
      readonly reason: 'disabled' | 'project-unlisted' | 'environment-unlisted';
      readonly warning: true;
    }
  | {
      readonly kind: 'not-required';
      readonly reason: 'project-not-controlled' | 'environment-not-controlled' | 'runbook-not-controlled';
      readonly warning: false;
    };

/** `unlisted: stop`: the run must not go on. */
export interface PolicyStop {
  readonly kind: 'stop';
  readonly reason: 'project-unlisted' | 'environment-unlisted';
}

/** Approval is asked for, with all that the policy says about it. */
export interface PolicyRequired
  extends Omit<ControlledProject, 'name' | 'changeControlled'>,
    Pick<
      Policy,
      | 'customerComments'
      | 'states'
      | 'plannedStart'
      | 'plannedEnd'
      | 'requirePlannedEnd'
      | 'issueTypes'
      | 'allowedProjects'
    > {
  readonly kind: 'required';
}

/**
 * What a policy says about a run.
 *
 * The first of these decides: a policy that is off, the project's entry or its absence, an environment or a
 * runbook that is not change controlled, the absence of the environment's entry. So what an entry keeps out of
 * change control needs no other entry.
 */
export function resolvePolicy(policy: Policy, run: PolicyRun): PolicyResolution {
  if (!policy.enabled) return { kind: 'not-required', reason: 'disabled', warning: true };

  const project = entryFor(policy.projects, run.project);
  if (!project) return unlisted(policy, 'project-unlisted');
  if (!project.changeControlled) return notControlled('project-not-controlled');

  const environment = entryFor(policy.environments, run.environment);
  if (environment && !environment.changeControlled) return notControlled('environment-not-controlled');
  if (run.runbook !== undefined && !controlsRunbook(project, run.runbook)) {
    return notControlled('runbook-not-controlled');
  }
  if (!environment) return unlisted(policy, 'environment-unlisted');

  return {
    kind: 'required',
    connection: project.connection,
    serviceProject: project.serviceProject,
    requestType: project.requestType,
    runbooks: project.runbooks,
    preApproved: project.preApproved,
    customerComments: policy.customerComments,
    states: policy.states,
    plannedStart: policy.plannedStart,
    plannedEnd: policy.plannedEnd,
    requirePlannedEnd: policy.requirePlannedEnd,
    issueTypes: policy.issueTypes,
    allowedProjects: policy.allowedProjects,
  };
}

/** The entry of that very name, else the entry `*`. */
function entryFor<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
): Entry | undefined {
  const named = (sought: string) => entries.find((entry) => foldName(entry.name) === sought);
  return named(foldName(name)) ?? named('*');
}

function controlsRunbook(project: ControlledProject, runbook: string): boolean {
  const sought = foldName(runbook);
  return project.runbooks.some((name) => name === '*' || foldName(name) === sought);
}

function unlisted(
  policy: Policy,
  reason: 'project-unlisted' | 'environment-unlisted',
): PolicyNotRequired | PolicyStop {
  return policy.unlisted === 'stop'
    ? { kind: 'stop', reason }
    : { kind: 'not-required', reason, warning: true };
}

function notControlled(reason: Extract<PolicyNotRequired, { warning: false }>['reason']): PolicyNotRequired {
  return { kind: 'not-required', reason, warning: false };
}
