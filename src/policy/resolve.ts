import type { NotRequiredReason } from '../domain/deployment/approval-scope.ts';
import type { ControlledProject, Policy } from './policy.ts';
import { foldPolicyName } from './policy-name.ts';

/** The deployment or runbook run that a policy is asked about. */
export interface PolicyRun {
  readonly project: string;
  readonly environment: string;
  /** Set only for a runbook run. */
  readonly runbook?: string | undefined;
}

type UnlistedReason = 'project-unlisted' | 'environment-unlisted';

export type PolicyResolution =
  /** S1 to S3: no approval is required. With `warning` the task log must highlight it. */
  | {
      readonly kind: 'not-required';
      readonly reason: NotRequiredReason | UnlistedReason | 'disabled';
      readonly warning: boolean;
    }
  /** `unlisted: stop`: the run must not proceed. */
  | { readonly kind: 'stop'; readonly reason: UnlistedReason }
  | PolicyRequired;

/** Approval is required, with all that the policy says about it. */
export interface PolicyRequired
  extends Omit<ControlledProject, 'name' | 'changeControlled' | 'runbooks'>,
    Omit<Policy, 'enabled' | 'unlisted' | 'projects' | 'environments'> {
  readonly kind: 'required';
}

/**
 * What a policy says about a run.
 *
 * The first of these decides: a policy that is off, the project's entry or its absence, an environment or a runbook that
 * is not change controlled, the absence of the environment's entry. So what an entry exempts needs no other entry.
 */
export function resolvePolicy(policy: Policy, run: PolicyRun): PolicyResolution {
  const { enabled, unlisted, projects, environments, ...settings } = policy;
  if (!enabled) return { kind: 'not-required', reason: 'disabled', warning: true };

  const project = entryFor(projects, run.project);
  if (!project) return notListed(unlisted, 'project-unlisted');
  if (!project.changeControlled) return notControlled('project-not-controlled');

  const environment = entryFor(environments, run.environment);
  if (environment && !environment.changeControlled) return notControlled('environment-not-controlled');
  const { name: _, changeControlled: __, runbooks, ...entry } = project;
  if (run.runbook !== undefined && !controlsRunbook(runbooks, run.runbook)) {
    return notControlled('runbook-not-controlled');
  }
  if (!environment) return notListed(unlisted, 'environment-unlisted');
  return { kind: 'required', ...settings, ...entry };
}

/** Y4: the entry of that very name, else the entry `*`. */
function entryFor<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
): Entry | undefined {
  const named = (sought: string) => entries.find((entry) => foldPolicyName(entry.name) === sought);
  return named(foldPolicyName(name)) ?? named('*');
}

function controlsRunbook(runbooks: readonly string[], name: string): boolean {
  const sought = foldPolicyName(name);
  return runbooks.some((runbook) => runbook === '*' || foldPolicyName(runbook) === sought);
}

function notListed(unlisted: Policy['unlisted'], reason: UnlistedReason): PolicyResolution {
  return unlisted === 'stop' ? { kind: 'stop', reason } : { kind: 'not-required', reason, warning: true };
}

function notControlled(reason: NotRequiredReason): PolicyResolution {
  return { kind: 'not-required', reason, warning: false };
}
