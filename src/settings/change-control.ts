import type { TaskLog } from '../app/ports.ts';
import { notRequiredReason } from '../domain/approval-scope.ts';
import type { Outcome } from '../domain/outcome.ts';
import { text } from '../domain/text.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { Variables } from '../octopus/variables.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import { type PolicyRequired, resolvePolicy } from '../policy/resolve.ts';
import {
  type Operation,
  type Read,
  readApprovalScope,
  readSite,
  type SiteInputs,
  tokenFault,
} from './from-parameters.ts';
import type { InputProblem } from './input-problems.ts';
import { inputProblems, notRequired, unlisted } from './refusals.ts';

export type ChangeControl =
  | { readonly kind: 'required'; readonly site: Read<SiteInputs> }
  /** The policy can't tell. */
  | { readonly kind: 'unusable'; readonly problems: readonly PolicyProblem[] }
  | { readonly kind: 'ended'; readonly outcome: Outcome };

/**
 * S1 to S4: whether approval is required, from what decides it alone, and if so at which site: by the policy
 * where there is one, else by the parameters. `Test` asks for the site alone.
 */
export async function decideChangeControl(
  variables: Variables,
  operation: Operation,
  log: TaskLog,
): Promise<ChangeControl> {
  const policyText = variables.raw('JsmChange.Policy');
  if (policyText.trim() !== '') return byPolicy(policyText, variables, operation, log);
  const site = readSite(variables);
  if (operation === 'Test') return { kind: 'required', site };
  const scope = readApprovalScope(variables);
  // What is wrong here is told with everything else that is wrong: one pass finds all of it.
  if (scope.problems.length > 0) {
    return { kind: 'required', site: { ...site, problems: [...scope.problems, ...site.problems] } };
  }
  const reason = notRequiredReason(scope.value);
  return reason === undefined ? { kind: 'required', site } : ended(notRequired(reason));
}

function ended(outcome: Outcome): ChangeControl {
  return { kind: 'ended', outcome };
}

async function byPolicy(
  policyText: string,
  variables: Variables,
  operation: Operation,
  log: TaskLog,
): Promise<ChangeControl> {
  // Only a run that has a policy pays for reading one.
  const { loadPolicy } = await import('../policy/load.ts');
  const unresolved = /^\s*#\{[^}]*\}\s*$/.exec(policyText)?.[0].trim();
  if (unresolved !== undefined) {
    const message = text`holds an Octopus expression that was not resolved: ${unresolved}. Check the variable that it names, and its scope.`;
    return ended(inputProblems([{ variable: 'JsmChange.Policy', message }], log));
  }
  const loaded = loadPolicy(policyText);
  if (!loaded.ok) return { kind: 'unusable', problems: loaded.problems };
  const policy = operation === 'Test' ? everythingControlled(loaded.policy) : loaded.policy;
  const project = variables.get('Octopus.Project.Name');
  const environment = variables.get('Octopus.Environment.Name');
  const missing = policy.enabled ? missingNames({ project, environment }) : [];
  if (missing.length > 0 && operation !== 'Test') return ended(inputProblems(missing, log));
  const runbook =
    isRunbookRun(variables) && operation !== 'Test' ? variables.get('Octopus.Runbook.Name') : undefined;
  const resolution = resolvePolicy(policy, { project, environment, runbook });
  switch (resolution.kind) {
    case 'stop':
      return ended(unlisted(resolution.reason));
    case 'not-required': {
      const outcome = notRequired(resolution.reason);
      if (resolution.warning) log.warning(outcome.reason);
      return ended(outcome);
    }
    case 'required':
      return { kind: 'required', site: siteOf(resolution, variables) };
  }
}

/** `Test` tries the project's connection whatever the environment, and also while the policy is off. */
function everythingControlled(policy: Policy): Policy {
  return { ...policy, enabled: true, environments: [{ name: '*', changeControlled: true }] };
}

function missingNames(names: {
  readonly project: string;
  readonly environment: string;
}): readonly InputProblem[] {
  const isBlank = text`is blank; Octopus sets it for every run, and the policy goes by it.`;
  return [
    ...(names.project === '' ? [{ variable: 'Octopus.Project.Name', message: isBlank }] : []),
    ...(names.environment === '' ? [{ variable: 'Octopus.Environment.Name', message: isBlank }] : []),
  ];
}

function siteOf(policy: PolicyRequired, variables: Variables): Read<SiteInputs> {
  const { connection } = policy;
  const token = variables.raw(connection.tokenVariable).trim();
  const problems: InputProblem[] = [];
  if (token === '') {
    const message = text`is blank; the connection "${connection.name}" of the policy takes its secret from it.`;
    problems.push({ variable: connection.tokenVariable, message });
  } else if (/#\{/.test(token)) {
    const message = text`holds an Octopus expression that was not resolved.`;
    problems.push({ variable: connection.tokenVariable, message });
  } else {
    const message = tokenFault(connection.username, token);
    if (message !== undefined) problems.push({ variable: connection.tokenVariable, message });
  }
  const serviceProject = policy.serviceProject.toUpperCase();
  const value = {
    baseUrl: new URL(connection.baseUrl),
    username: connection.username,
    token,
    serviceProject,
    requestType: policy.requestType,
    states: policy.states,
    plannedStartField: policy.plannedStart,
    plannedEndField: policy.plannedEnd,
    allowedProjects: [
      ...new Set([serviceProject, ...policy.allowedProjects.map((key) => key.toUpperCase())]),
    ],
    customerComments: policy.customerComments,
    requirePlannedEnd: policy.requirePlannedEnd,
    issueTypes: policy.issueTypes.length === 0 ? undefined : policy.issueTypes,
    approveTransitionAllowed: policy.preApproved,
  };
  return { value, problems };
}
