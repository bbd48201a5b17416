import { text } from '../domain/text.ts';
import type { Variables } from '../octopus/variables.ts';
import type { PolicyRequired } from '../policy/resolve.ts';
import type { InputProblems } from './input-problems.ts';
import { unresolved, unresolvedExpression } from './parameter-values.ts';
import type { SiteSettings } from './settings.ts';
import { tokenFault } from './token-fault.ts';

/** A1 */
const mentionVariables = {
  project: 'Octopus.Project.Name',
  release: 'Octopus.Release.Number',
  environment: 'Octopus.Environment.Name',
  tenant: 'Octopus.Deployment.Tenant.Name',
} as const;

/** The site that a policy names for a run, with the secret from the variable that its connection names. */
export function policySite(
  policy: PolicyRequired,
  variables: Variables,
  problems: InputProblems,
): SiteSettings {
  const serviceProject = policy.serviceProject.toUpperCase();
  const further = policy.allowedProjects.map((key) => key.toUpperCase());
  return {
    baseUrl: new URL(policy.connection.baseUrl),
    username: policy.connection.username,
    token: policyToken(policy.connection, variables, problems),
    policyToken: policy.connection.tokenVariable,
    serviceProject,
    requestType: policy.requestType,
    states: policy.states,
    plannedStartField: policy.plannedStart,
    plannedEndField: policy.plannedEnd,
    allowedProjects: [...new Set([serviceProject, ...further])],
    customerComments: policy.customerComments,
    suppliedMustMention: policy.suppliedMustMention.map((what) => variables.get(mentionVariables[what])),
    approvalCheck: policy.approvalCheck,
    requirePlannedEnd: policy.requirePlannedEnd,
    issueTypes: policy.issueTypes.length === 0 ? undefined : policy.issueTypes,
    mayApproveTransition: policy.preApproved,
  };
}

/** The secret of a policy's connection, from the variable that it names. */
export function policyToken(
  { name, username, tokenVariable }: PolicyRequired['connection'],
  variables: Variables,
  problems: InputProblems,
): string {
  const token = variables.raw(tokenVariable).trim();
  if (token === '') {
    problems.add(tokenVariable, text`is empty; the policy's connection "${name}" takes its token from it.`);
  } else if (unresolvedExpression(token) !== undefined) {
    problems.add(tokenVariable, unresolved(undefined));
  } else {
    const fault = tokenFault(username, token);
    if (fault !== undefined) problems.add(tokenVariable, fault);
  }
  return token;
}
