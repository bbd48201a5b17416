import type { TaskLog } from '../app/ports.ts';
import type { Outcome } from '../domain/decision/outcome.ts';
import { notRequiredReason } from '../domain/deployment/approval-scope.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { Variables } from '../octopus/variables.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import { resolvePolicy } from '../policy/resolve.ts';
import { notRequired, notRequiredByPolicy, unlisted } from './early-outcomes.ts';
import type { InputProblems } from './input-problems.ts';
import { ParameterValues, unresolved, unresolvedExpression } from './parameter-values.ts';
import { policySite } from './policy-site.ts';
import { noteMissingNames } from './run-names.ts';
import { readApprovalScope } from './run-parameters.ts';
import type { Operation, SiteSettings } from './settings.ts';
import { readSiteParameters } from './site-parameters.ts';

interface PolicyUnusable {
  readonly kind: 'policy-unusable';
  readonly problems: readonly PolicyProblem[];
}

type ChangeControl =
  | { readonly kind: 'required'; readonly site: SiteSettings }
  | PolicyUnusable
  | { readonly kind: 'ended'; readonly outcome: Outcome };

/**
 * S1 to S4: whether approval is required, only from what decides it (I4), and if so at which site: by the policy if
 * there is one, else by the parameters. `Test` only asks for the site.
 * @param problems collects what is wrong with the site's settings
 */
export async function decideChangeControl(
  variables: Variables,
  operation: Operation,
  log: TaskLog,
  problems: InputProblems,
): Promise<ChangeControl> {
  const policyText = variables.raw('JsmChange.Policy');
  if (policyText.trim() !== '') return byPolicy(policyText, { variables, operation, log, problems });
  const values = new ParameterValues(variables, problems);
  if (operation !== 'Test') {
    const before = problems.list.length;
    const scope = readApprovalScope(values, variables);
    // A scope that cannot be read is reported with everything else, and never means that no approval is required.
    const reason = problems.list.length === before ? notRequiredReason(scope) : undefined;
    if (reason !== undefined) return ended(notRequired(reason));
  }
  return { kind: 'required', site: readSiteParameters(values, problems) };
}

function ended(outcome: Outcome): Extract<ChangeControl, { kind: 'ended' }> {
  return { kind: 'ended', outcome };
}

interface PolicyRun {
  readonly variables: Variables;
  readonly operation: Operation;
  readonly log: TaskLog;
  readonly problems: InputProblems;
}

/** Nothing is wrong with the policy's own text; what is wrong is with the other problems. */
const unusable: PolicyUnusable = { kind: 'policy-unusable', problems: [] };

/** The policy that a text holds, or why it cannot be used. */
export async function policyIn(
  policyText: string,
  problems: InputProblems,
): Promise<PolicyUnusable | { readonly kind: 'policy'; readonly policy: Policy }> {
  const expression = unresolvedExpression(policyText);
  if (expression !== undefined && expression === policyText.trim()) {
    problems.add('JsmChange.Policy', unresolved(expression));
    return unusable;
  }
  // Only a run that has a policy pays for reading one.
  const { loadPolicy } = await import('../policy/load.ts');
  const loaded = loadPolicy(policyText);
  return loaded.ok
    ? { kind: 'policy', policy: loaded.policy }
    : { kind: 'policy-unusable', problems: loaded.problems };
}

async function byPolicy(policyText: string, run: PolicyRun): Promise<ChangeControl> {
  const { variables, operation, log, problems } = run;
  const loaded = await policyIn(policyText, problems);
  if (loaded.kind !== 'policy') return loaded;
  const isTest = operation === 'Test';
  const policy = isTest ? everythingControlled(loaded.policy) : loaded.policy;
  if (policy.enabled && !isTest) {
    const before = problems.list.length;
    noteMissingNames(variables, { byTitle: false, byPolicy: true }, problems);
    if (problems.list.length > before) return unusable;
  }
  const names = {
    project: variables.get('Octopus.Project.Name'),
    environment: variables.get('Octopus.Environment.Name'),
    runbook: isRunbookRun(variables) && !isTest ? variables.get('Octopus.Runbook.Name') : undefined,
  };
  const resolution = resolvePolicy(policy, names);
  switch (resolution.kind) {
    case 'stop':
      return ended(unlisted(resolution.reason, names));
    case 'not-required': {
      const outcome = notRequiredByPolicy(resolution.reason, names);
      if (resolution.warning) log.warning(outcome.reason);
      return ended(outcome);
    }
    case 'required':
      return { kind: 'required', site: policySite(resolution, variables, problems) };
  }
}

/** `Test` tries the project's connection whatever the environment, and also while the policy is off. */
function everythingControlled(policy: Policy): Policy {
  return { ...policy, enabled: true, environments: [{ name: '*', changeControlled: true }] };
}
