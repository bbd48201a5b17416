import { baseUrlFault } from '../domain/base-url.ts';
import { type StateSets, stateSets } from '../domain/change/change-state.ts';
import { text } from '../domain/text.ts';
import { type InputProblems, shownName } from './input-problems.ts';
import type { ParameterValues } from './parameter-values.ts';
import type { SiteSettings } from './settings.ts';
import { tokenFault } from './token-fault.ts';

/** Replaces an address that is not usable, until that has been reported. */
const noAddress = 'https://invalid.invalid';

const commentModes = { False: 'none', True: 'public', Internal: 'internal' } as const;

const approvalChecks = { Status: 'status', Approved: 'approved', OtherApprover: 'other-approver' } as const;

/** The parameters from `BaseUrl` to `ApprovalCheck`, which a policy replaces. */
export function readSiteParameters(values: ParameterValues, problems: InputProblems): SiteSettings {
  const serviceProject = projectKey(
    values.required(
      'JsmChange.ServiceProject',
      text`set it to the key of the service project, for example CHG`,
    ),
    'JsmChange.ServiceProject',
    problems,
  );
  const username = values.text('JsmChange.Username');
  const allowed = values
    .commaList('JsmChange.AllowedProjects')
    .map((key) => projectKey(key, 'JsmChange.AllowedProjects', problems));
  return {
    baseUrl: baseUrl(values, problems),
    username,
    token: token(values, username, problems),
    policyToken: undefined,
    serviceProject,
    requestType: values.text('JsmChange.RequestType'),
    states: states(values, problems),
    plannedStartField: values.text('JsmChange.PlannedStartField') || undefined,
    plannedEndField: values.text('JsmChange.PlannedEndField') || undefined,
    allowedProjects: [...new Set([serviceProject, ...allowed])],
    customerComments:
      commentModes[values.choice('JsmChange.CustomerComments', ['False', 'True', 'Internal'])],
    suppliedMustMention: values.lines('JsmChange.SuppliedMustMention') ?? [],
    approvalCheck:
      approvalChecks[values.choice('JsmChange.ApprovalCheck', ['Status', 'Approved', 'OtherApprover'])],
    requirePlannedEnd: false,
    issueTypes: undefined,
    mayApproveTransition: true,
  };
}

function baseUrl(values: ParameterValues, problems: InputProblems): URL {
  const value = values.required(
    'JsmChange.BaseUrl',
    text`set it to the root URL of the JSM site, for example https://acme.atlassian.net`,
  );
  if (value === '') return new URL(noAddress);
  const fault = baseUrlFault(value);
  if (fault === undefined) return new URL(value);
  problems.add('JsmChange.BaseUrl', text`is not usable. ${fault}`);
  return new URL(noAddress);
}

function token(values: ParameterValues, username: string, problems: InputProblems): string {
  const value = values.required('JsmChange.Token', text`set it to an API token or a personal access token`);
  const fault = value === '' ? undefined : tokenFault(username, value);
  if (fault !== undefined) problems.add('JsmChange.Token', fault);
  return value;
}

function projectKey(value: string, name: string, problems: InputProblems): string {
  // Tested before case is folded: letters outside ASCII may become others in capitals.
  if (value !== '' && !/^[A-Za-z][A-Za-z0-9_]*$/.test(value)) {
    problems.add(name, text`contains "${value}", which is not a project key. A key looks like CHG.`);
  }
  return value.toUpperCase();
}

function states(values: ParameterValues, problems: InputProblems): StateSets {
  const { proceed, wait, inBoth } = stateSets({
    proceed: values.lines('JsmChange.ProceedStatuses'),
    wait: values.lines('JsmChange.WaitStatuses'),
  });
  if (inBoth.length > 0) {
    problems.add(
      'JsmChange.WaitStatuses',
      text`contains statuses that are also in ${shownName('JsmChange.ProceedStatuses')}: ${inBoth.join(', ')}.`,
    );
  }
  if (proceed.length === 0) {
    problems.add(
      'JsmChange.WaitStatuses',
      text`contains the only status that allows the deployment; enter another one in ${shownName('JsmChange.ProceedStatuses')}.`,
    );
  }
  return { proceed, wait };
}
