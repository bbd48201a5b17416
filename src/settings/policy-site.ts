import { text } from '../domain/text.ts';
import type { Connection, Policy } from '../policy/policy.ts';
import type { PolicyRequired } from '../policy/resolve.ts';
import type { SiteSettings } from './settings.ts';
import { type StepInput, unresolved, unresolvedExpression } from './step-input.ts';

/** A1 */
const mentionVariables = {
  project: 'Octopus.Project.Name',
  release: 'Octopus.Release.Number',
  environment: 'Octopus.Environment.Name',
  tenant: 'Octopus.Deployment.Tenant.Name',
} as const;

/** Returns the site settings that a policy defines for a run. */
export function policySite(policy: PolicyRequired, input: StepInput): SiteSettings {
  const serviceProject = policy.serviceProject.toUpperCase();
  return {
    ...policyLogin(policy.connection, input),
    ...policyRules(policy, [serviceProject]),
    policyToken: policy.connection.tokenVariable,
    serviceProject,
    requestType: policy.requestType,
    customerComments: policy.customerComments,
    suppliedMustMention: policy.suppliedMustMention.map((what) =>
      input.variables.get(mentionVariables[what]),
    ),
    mayApproveTransition: policy.preApproved,
  };
}

/**
 * Returns what a policy requires of the change requests of these service projects.
 * @param serviceProjects their keys, in upper case
 */
export function policyRules(policy: Policy | PolicyRequired, serviceProjects: readonly string[]) {
  const further = policy.allowedProjects.map((key) => key.toUpperCase());
  return {
    states: policy.states,
    plannedStartField: policy.plannedStart,
    plannedEndField: policy.plannedEnd,
    allowedProjects: [...new Set([...serviceProjects, ...further])],
    approvalCheck: policy.approvalCheck,
    requirePlannedEnd: policy.requirePlannedEnd,
    issueTypes: policy.issueTypes.length === 0 ? undefined : policy.issueTypes,
  };
}

/** Reads the login of a policy's connection, with the secret from the variable that the connection names. */
export function policyLogin({ name, baseUrl, username, tokenVariable }: Connection, input: StepInput) {
  const token = input.variables.raw(tokenVariable).trim();
  if (token === '') {
    input.note(tokenVariable, text`is empty; the policy's connection "${name}" reads its token from it.`);
  } else if (unresolvedExpression(token) !== undefined) {
    input.note(tokenVariable, unresolved(undefined));
  } else {
    input.checkToken(tokenVariable, username, token);
  }
  return { baseUrl: new URL(baseUrl), username, token };
}
