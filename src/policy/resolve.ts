import type { NotRequiredReason } from '../domain/deployment/approval-scope.ts';
import { foldOctopusName } from '../domain/names.ts';
import type { ControlledProject, Policy } from './policy.ts';

/** The deployment or runbook run that a policy is applied to. */
export interface PolicyRun {
  readonly project: string;
  readonly environment: string;
  /** Set only for a runbook run. */
  readonly runbook?: string | undefined;
}

type UnlistedReason = 'project-unlisted' | 'environment-unlisted';

export type PolicyResolution =
  /** S1 to S3: no approval is required. With `warning`, the task log must highlight that. */
  | {
      readonly kind: 'not-required';
      readonly reason: NotRequiredReason | UnlistedReason | 'disabled';
      readonly warning: boolean;
    }
  /** `unlisted: stop`: the run must not proceed. */
  | { readonly kind: 'stop'; readonly reason: UnlistedReason }
  | PolicyRequired;

/** Approval is required, with everything that the policy says about it. */
export interface PolicyRequired
  extends Omit<ControlledProject, 'name' | 'changeControlled' | 'runbooks'>,
    Omit<Policy, 'enabled' | 'unlisted' | 'connections' | 'projects' | 'environments'> {
  readonly kind: 'required';
}

/**
 * Applies a policy to a run.
 *
 * The first of these decides: the policy is switched off; the project's entry exempts it or does not exist;
 * the environment or the runbook is not change controlled; the environment has no entry. So a run that one
 * entry exempts needs no further entry.
 */
export function resolvePolicy(policy: Policy, run: PolicyRun): PolicyResolution {
  const { enabled, unlisted, connections, projects, environments, ...settings } = policy;
  if (!enabled) return { kind: 'not-required', reason: 'disabled', warning: true };

  const project = entryFor(projects, run.project);
  if (!project) return notListed(unlisted, 'project-unlisted');
  if (!project.changeControlled) return notControlled('project-not-controlled');

  const environment = entryFor(environments, run.environment);
  if (environment && !environment.changeControlled) return notControlled('environment-not-controlled');
  const { name: _, changeControlled: __, runbooks, ...entry } = project;
  const controlled = runbooks.map((runbook) => ({ name: runbook }));
  if (run.runbook !== undefined && !entryFor(controlled, run.runbook)) {
    return notControlled('runbook-not-controlled');
  }
  if (!environment) return notListed(unlisted, 'environment-unlisted');
  return { kind: 'required', ...settings, ...entry };
}

/** Y4: returns the entry with exactly this name, or else the entry `*`. */
function entryFor<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
): Entry | undefined {
  const named = (sought: string) => entries.find((entry) => foldOctopusName(entry.name) === sought);
  return named(foldOctopusName(name)) ?? named('*');
}

function notListed(unlisted: Policy['unlisted'], reason: UnlistedReason): PolicyResolution {
  return unlisted === 'stop' ? { kind: 'stop', reason } : { kind: 'not-required', reason, warning: true };
}

function notControlled(reason: NotRequiredReason): PolicyResolution {
  return { kind: 'not-required', reason, warning: false };
}
