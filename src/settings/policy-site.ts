import { text } from '../domain/text.ts';
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

/** The site that a policy names for a run, with the secret from the variable that its connection names. */
export function policySite(policy: PolicyRequired, input: StepInput): SiteSettings {
  const serviceProject = policy.serviceProject.toUpperCase();
  const further = policy.allowedProjects.map((key) => key.toUpperCase());
  return {
    baseUrl: new URL(policy.connection.baseUrl),
    username: policy.connection.username,
    token: policyToken(policy.connection, input),
    policyToken: policy.connection.tokenVariable,
    serviceProject,
    requestType: policy.requestType,
    states: policy.states,
    plannedStartField: policy.plannedStart,
    plannedEndField: policy.plannedEnd,
    allowedProjects: [...new Set([serviceProject, ...further])],
    customerComments: policy.customerComments,
    suppliedMustMention: policy.suppliedMustMention.map((what) =>
      input.variables.get(mentionVariables[what]),
    ),
    approvalCheck: policy.approvalCheck,
    requirePlannedEnd: policy.requirePlannedEnd,
    issueTypes: policy.issueTypes.length === 0 ? undefined : policy.issueTypes,
    mayApproveTransition: policy.preApproved,
  };
}

/** The secret of a policy's connection, from the variable that it names. */
export function policyToken(
  { name, username, tokenVariable }: PolicyRequired['connection'],
  input: StepInput,
): string {
  const token = input.variables.raw(tokenVariable).trim();
  if (token === '') {
    input.note(tokenVariable, text`is empty; the policy's connection "${name}" takes its token from it.`);
  } else if (unresolvedExpression(token) !== undefined) {
    input.note(tokenVariable, unresolved(undefined));
  } else {
    input.checkToken(tokenVariable, username, token);
  }
  return token;
}
