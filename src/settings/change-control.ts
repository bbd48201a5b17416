import type { TaskLog } from '../app/ports.ts';
import { type Ended, ended } from '../domain/decision/outcome.ts';
import { notRequiredReason } from '../domain/deployment/approval-scope.ts';
import type { Operation } from '../domain/operation.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import { resolvePolicy } from '../policy/resolve.ts';
import { notRequired, unlisted } from './early-outcomes.ts';
import { policySite } from './policy-site.ts';
import { noteEmpty, noteMissingNames } from './run-names.ts';
import { readApprovalScope } from './run-parameters.ts';
import type { SiteSettings } from './settings.ts';
import { readSiteParameters } from './site-parameters.ts';
import { type StepInput, unresolved, unresolvedExpression } from './step-input.ts';

type PolicyUnusable = { readonly kind: 'policy-unusable'; readonly problems: readonly PolicyProblem[] };

type ChangeControl = { readonly kind: 'required'; readonly site: SiteSettings } | PolicyUnusable | Ended;

/**
 * S1 to S4: determines whether approval is required, using only the inputs that this depends on (I4), and if
 * so, at which site: by the policy if there is one, else by the parameters. For `Test` it determines only the
 * site.
 * @param input collects what is wrong with the site's settings
 */
export async function decideChangeControl(
  input: StepInput,
  operation: Operation,
  log: TaskLog,
): Promise<ChangeControl> {
  const policy = await readPolicy(input);
  if (policy.kind !== 'none') {
    const before = input.problems.length;
    notePolicyNames(policy, input, operation);
    if (policy.kind === 'policy-unusable') return policy;
    return input.problems.length > before ? unusable : byPolicy(policy.policy, input, operation, log);
  }
  if (operation !== 'Test') {
    const before = input.problems.length;
    const scope = readApprovalScope(input);
    // An invalid scope is reported with the other problems, and never means that no approval is required.
    const reason = input.problems.length === before ? notRequiredReason(scope) : undefined;
    if (reason !== undefined) return ended(notRequired(reason));
    // A deployment does not depend on it, but reports it with the other problems (I3).
    if (!scope.isRunbookRun) input.checkbox('JsmChange.RunbookChangeControlled');
  }
  return { kind: 'required', site: readSiteParameters(input) };
}

type PolicyReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'policy'; readonly policy: Policy }
  | PolicyUnusable;

/** The policy's text has no problems of its own: the reason is among the problems of the input. */
const unusable: PolicyUnusable = { kind: 'policy-unusable', problems: [] };

/** Returns the step's policy, or why it cannot be used. */
export async function readPolicy(input: StepInput): Promise<PolicyReading> {
  const written = input.variables.raw('JsmChange.Policy');
  if (written.trim() === '') return { kind: 'none' };
  const expression = unresolvedExpression(written);
  if (expression !== undefined && expression === written.trim()) {
    input.note('JsmChange.Policy', unresolved(expression));
    return unusable;
  }
  // Only a run that has a policy spends time on loading the parser.
  const { loadPolicy } = await import('../policy/load.ts');
  const loaded = loadPolicy(written);
  return loaded.ok
    ? { kind: 'policy', policy: loaded.policy }
    : { kind: 'policy-unusable', problems: loaded.problems };
}

/** I6: notes the empty names that the policy decides on, or would if it were valid. */
function notePolicyNames(
  reading: Exclude<PolicyReading, { kind: 'none' }>,
  input: StepInput,
  operation: Operation,
): void {
  if (operation === 'Test') noteEmpty(input, ['Octopus.Project.Name']);
  else if (reading.kind === 'policy-unusable' || reading.policy.enabled)
    noteMissingNames(input, { byTitle: false, byPolicy: true });
}

function byPolicy(policy: Policy, input: StepInput, operation: Operation, log: TaskLog): ChangeControl {
  const { variables } = input;
  const isTest = operation === 'Test';
  const names = {
    project: variables.get('Octopus.Project.Name'),
    environment: variables.get('Octopus.Environment.Name'),
    runbook: isRunbookRun(variables) && !isTest ? variables.get('Octopus.Runbook.Name') : undefined,
  };
  const resolution = resolvePolicy(isTest ? everythingControlled(policy) : policy, names);
  switch (resolution.kind) {
    case 'stop':
      return ended(unlisted(resolution.reason, names));
    case 'warn':
    case 'not-required': {
      const outcome = notRequired(resolution.reason, names);
      if (resolution.kind === 'warn') log.warning(outcome.reason);
      return ended(outcome);
    }
    case 'required':
      return { kind: 'required', site: policySite(resolution, input) };
  }
}

/** `Test` tries the project's connection whatever the environment, and even if the policy is switched off. */
function everythingControlled(policy: Policy): Policy {
  return { ...policy, enabled: true, environments: [{ name: '*', changeControlled: true }] };
}
