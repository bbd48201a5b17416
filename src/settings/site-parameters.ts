import { baseUrlFault } from '../domain/base-url.ts';
import { type StateSets, stateSets } from '../domain/change/change-state.ts';
import { foldName } from '../domain/names.ts';
import { text } from '../domain/text.ts';
import { shownName } from './input-problem.ts';
import type { SiteSettings } from './settings.ts';
import type { StepInput } from './step-input.ts';

/** Replaces an invalid address until the problem has been reported. */
export const noAddress = new URL('https://invalid.invalid');

const commentModes = { False: 'none', True: 'public', Internal: 'internal' } as const;

const approvalChecks = { Status: 'status', Approved: 'approved', OtherApprover: 'other-approver' } as const;

/** Reads the parameters from `BaseUrl` to `ApprovalCheck`, which a policy replaces. */
export function readSiteParameters(input: StepInput): SiteSettings {
  const serviceProject = projectKey(
    input.required(
      'JsmChange.ServiceProject',
      text`set it to the key of the service project, for example CHG`,
    ),
    'JsmChange.ServiceProject',
    input,
  );
  const username = input.text('JsmChange.Username');
  const allowed = input
    .commaList('JsmChange.AllowedProjects')
    .map((key) => projectKey(key, 'JsmChange.AllowedProjects', input));
  const plannedStartField = input.text('JsmChange.PlannedStartField') || undefined;
  const plannedEndField = input.text('JsmChange.PlannedEndField') || undefined;
  if (plannedStartField !== undefined && foldName(plannedStartField) === foldName(plannedEndField ?? '')) {
    const other = shownName('JsmChange.PlannedStartField');
    input.note('JsmChange.PlannedEndField', text`names the same field as ${other}; enter another one.`);
  }
  return {
    baseUrl: baseUrl(input),
    username,
    token: token(input, username),
    policyToken: undefined,
    serviceProject,
    requestType: input.text('JsmChange.RequestType'),
    states: states(input),
    plannedStartField,
    plannedEndField,
    allowedProjects: [...new Set([serviceProject, ...allowed])],
    customerComments: commentModes[input.choice('JsmChange.CustomerComments', ['False', 'True', 'Internal'])],
    suppliedMustMention: input.lines('JsmChange.SuppliedMustMention') ?? [],
    approvalCheck:
      approvalChecks[input.choice('JsmChange.ApprovalCheck', ['Status', 'Approved', 'OtherApprover'])],
    requirePlannedEnd: false,
    issueTypes: undefined,
    mayApproveTransition: true,
  };
}

function baseUrl(input: StepInput): URL {
  const value = input.required(
    'JsmChange.BaseUrl',
    text`set it to the root URL of the JSM site, for example https://acme.atlassian.net`,
  );
  if (value === '') return noAddress;
  const fault = baseUrlFault(value);
  if (fault === undefined) return new URL(value);
  input.note('JsmChange.BaseUrl', text`is invalid. ${fault}`);
  return noAddress;
}

function token(input: StepInput, username: string): string {
  const value = input.required('JsmChange.Token', text`set it to an API token or a personal access token`);
  input.checkToken('JsmChange.Token', username, value);
  return value;
}

function projectKey(value: string, name: string, input: StepInput): string {
  // Matched before upper-casing, which may turn letters outside ASCII into ASCII letters.
  if (value !== '' && !/^[A-Za-z][A-Za-z0-9_]*$/.test(value)) {
    input.note(name, text`contains "${value}", which is not a project key. A key looks like CHG.`);
  }
  return value.toUpperCase();
}

function states(input: StepInput): StateSets {
  const { proceed, wait, inBoth } = stateSets({
    proceed: input.lines('JsmChange.ProceedStatuses'),
    wait: input.lines('JsmChange.WaitStatuses'),
  });
  if (inBoth.length > 0) {
    input.note(
      'JsmChange.WaitStatuses',
      text`contains statuses that are also in ${shownName('JsmChange.ProceedStatuses')}: ${inBoth.join(', ')}.`,
    );
  }
  if (proceed.length === 0) {
    input.note(
      'JsmChange.WaitStatuses',
      text`contains the only status that allows the deployment; enter another one in ${shownName('JsmChange.ProceedStatuses')}.`,
    );
  }
  return { proceed, wait };
}
