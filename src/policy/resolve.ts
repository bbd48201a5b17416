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
  /** S1 and S2: no approval is required. */
  | { readonly kind: 'not-required'; readonly reason: NotRequiredReason }
  /** S3 and `unlisted: warn`: no approval is required, and the task log must highlight that. */
  | { readonly kind: 'warn'; readonly reason: UnlistedReason | 'disabled' }
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
  if (!enabled) return { kind: 'warn', reason: 'disabled' };

  const project = entryFor(projects, run.project);
  if (!project) return { kind: unlisted, reason: 'project-unlisted' };
  if (!project.changeControlled) return { kind: 'not-required', reason: 'project-not-controlled' };

  const environment = entryFor(environments, run.environment);
  if (environment?.changeControlled === false) {
    return { kind: 'not-required', reason: 'environment-not-controlled' };
  }
  const { name: _, changeControlled: __, runbooks, ...entry } = project;
  const controlled = runbooks.map((runbook) => ({ name: runbook }));
  if (run.runbook !== undefined && !entryFor(controlled, run.runbook)) {
    return { kind: 'not-required', reason: 'runbook-not-controlled' };
  }
  if (!environment) return { kind: unlisted, reason: 'environment-unlisted' };
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
