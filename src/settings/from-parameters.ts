import type { FieldSetting } from '../app/ports.ts';
import type { ApprovalScope } from '../domain/approval-scope.ts';
import { baseUrlFault } from '../domain/base-url.ts';
import { type StateSets, stateSets } from '../domain/change-state.ts';
import { type Text, text } from '../domain/text.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { Variables } from '../octopus/variables.ts';
import { InputProblems } from './input-problems.ts';
import { ParameterValues } from './parameter-values.ts';

export const operations = ['Gate', 'Verify', 'Report', 'Test'] as const;
export type Operation = (typeof operations)[number];

/** Which JSM site, and what of it: from the parameters, or from a policy in their place. */
export interface SiteInputs {
  readonly baseUrl: URL;
  readonly username: string;
  readonly token: string;
  /** In capitals. */
  readonly serviceProject: string;
  readonly requestType: string;
  readonly states: StateSets;
  readonly plannedStartField: string | undefined;
  readonly plannedEndField: string | undefined;
  /** In capitals; the service project is one of them. */
  readonly allowedProjects: readonly string[];
  readonly customerComments: boolean;
  readonly requirePlannedEnd: boolean;
  readonly issueTypes: readonly string[] | undefined;
  /** V5: a policy must give leave. */
  readonly approveTransitionAllowed: boolean;
}

/** How the run behaves, whatever the site. */
export interface RunInputs {
  readonly whenPending: 'wait' | 'fail';
  readonly pollIntervalMs: number;
  /** 0: no limit. */
  readonly waitLimitMs: number;
  readonly outageMs: number;
  readonly approveTransition: string;
  readonly successStatus: string;
  readonly failureStatus: string;
}

export interface Read<T> {
  readonly value: T;
  readonly problems: InputProblems['list'];
}

function reading<T>(
  variables: Variables,
  read: (values: ParameterValues, problems: InputProblems) => T,
): Read<T> {
  const problems = new InputProblems();
  const value = read(new ParameterValues(variables, problems), problems);
  return { value, problems: problems.list };
}

export function readOperation(variables: Variables): Read<Operation> {
  return reading(variables, (values) => values.choice('JsmChange.Operation', operations, 'Gate'));
}

/** S1, S2: what decides alone whether approval is asked for, where no policy does. */
export function readApprovalScope(variables: Variables): Read<ApprovalScope> {
  return reading(variables, (values) => ({
    projectControlled: values.checkbox('JsmChange.ProjectChangeControlled', true),
    environmentControlled: values.checkbox('JsmChange.EnvironmentChangeControlled', true),
    runbookControlled: values.checkbox('JsmChange.RunbookChangeControlled', false),
    isRunbookRun: isRunbookRun(variables),
  }));
}

/** The parameters from `BaseUrl` to `CustomerComments`, where no policy takes their place. */
export function readSite(variables: Variables): Read<SiteInputs> {
  return reading(variables, (values, problems) => {
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
      serviceProject,
      requestType: values.text('JsmChange.RequestType') || 'Request a change',
      states: states(values, problems),
      plannedStartField: values.text('JsmChange.PlannedStartField') || undefined,
      plannedEndField: values.text('JsmChange.PlannedEndField') || undefined,
      allowedProjects: [...new Set([serviceProject, ...allowed])],
      customerComments: values.checkbox('JsmChange.CustomerComments', false),
      requirePlannedEnd: false,
      issueTypes: undefined,
      approveTransitionAllowed: true,
    };
  });
}

function baseUrl(values: ParameterValues, problems: InputProblems): URL {
  const value = values.required(
    'JsmChange.BaseUrl',
    text`set it to the root URL of the JSM site, for example https://acme.atlassian.net`,
  );
  const fault = value === '' ? undefined : baseUrlFault(value);
  if (fault !== undefined) problems.add('JsmChange.BaseUrl', text`is not usable. ${fault}`);
  return value === '' || fault !== undefined ? new URL('https://invalid.invalid') : new URL(value);
}

function token(values: ParameterValues, username: string, problems: InputProblems): string {
  const value = values.required('JsmChange.Token', text`set it to an API token or a personal access token`);
  const fault = tokenFault(username, value);
  if (fault !== undefined) problems.add('JsmChange.Token', fault);
  return value;
}

/** A header can't carry line ends and the like; a token that goes without a user name stands in one as it is. */
export function tokenFault(username: string, token: string): Text | undefined {
  if (/\p{Cc}/u.test(token)) return text`holds a line end or a control character.`;
  return username === '' && /[^\x20-\x7e]/.test(token)
    ? text`holds a character that no personal access token has.`
    : undefined;
}

function projectKey(value: string, name: string, problems: InputProblems): string {
  // Tested before case is folded: letters outside ASCII may become others in capitals.
  if (value !== '' && !/^[A-Za-z][A-Za-z0-9_]*$/.test(value)) {
    problems.add(name, text`holds "${value}", which is no project key; a key looks like CHG.`);
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
      text`names what JsmChange.ProceedStatuses names too: ${inBoth.join(', ')}.`,
    );
  }
  if (proceed.length === 0) {
    problems.add(
      'JsmChange.WaitStatuses',
      text`names the only status that lets the deployment go; name another in JsmChange.ProceedStatuses.`,
    );
  }
  return { proceed, wait };
}

const secondMs = 1000;
const minuteMs = 60_000;

/** The parameters behind the site's. */
export function readRun(variables: Variables): Read<RunInputs> {
  return reading(variables, (values) => ({
    whenPending:
      values.choice('JsmChange.WhenPending', ['Wait', 'Fail'], 'Wait') === 'Fail' ? 'fail' : 'wait',
    pollIntervalMs: values.wholeNumber('JsmChange.PollIntervalSeconds', { from: 1, to: 3600 }, 15) * secondMs,
    waitLimitMs: values.wholeNumber('JsmChange.WaitLimitMinutes', { from: 0, to: 43_200 }, 1440) * minuteMs,
    outageMs: values.wholeNumber('JsmChange.OutageMinutes', { from: 0, to: 1440 }, 15) * minuteMs,
    approveTransition: values.text('JsmChange.ApproveTransition'),
    successStatus: values.text('JsmChange.SuccessStatus'),
    failureStatus: values.text('JsmChange.FailureStatus'),
  }));
}

/** The names that a title is made of; those that are missing are problems. */
export interface RunNames {
  readonly project: string;
  readonly environment: string;
  readonly release: string;
  /** Set for a runbook run. */
  readonly runbook: string | undefined;
}

/** @param titleNeeded false where a number or a title is supplied, so that no name can be missed */
export function readNames(variables: Variables, titleNeeded: boolean): Read<RunNames> {
  const runbookRun = isRunbookRun(variables);
  return reading(variables, (_values, problems) => {
    const name = (
      variable:
        | 'Octopus.Project.Name'
        | 'Octopus.Environment.Name'
        | 'Octopus.Release.Number'
        | 'Octopus.Runbook.Name',
      needed: boolean,
    ): string => {
      const value = variables.get(variable);
      if (needed && value === '') problems.add(variable, text`is blank; Octopus sets it for every run.`);
      return value;
    };
    return {
      project: name('Octopus.Project.Name', true),
      environment: name('Octopus.Environment.Name', true),
      release: name('Octopus.Release.Number', titleNeeded && !runbookRun),
      runbook: runbookRun ? name('Octopus.Runbook.Name', titleNeeded) : undefined,
    };
  });
}

/** L7: the title that replaces the default one, and the fields that are left. */
export function readFields(
  variables: Variables,
): Read<{ readonly title: string | undefined; readonly fields: readonly FieldSetting[] }> {
  return reading(variables, (_values, problems) => {
    const all = variables.fields();
    const summaries = distinct(
      all.filter(({ field }) => field.toLowerCase() === 'summary'),
      problems,
    );
    return {
      title: summaries[0]?.value,
      fields: distinct(
        all.filter(({ field }) => field.toLowerCase() !== 'summary'),
        problems,
      ),
    };
  });
}

function distinct(fields: readonly FieldSetting[], problems: InputProblems): readonly FieldSetting[] {
  const byName = new Map<string, FieldSetting>();
  for (const setting of fields) {
    const known = byName.get(setting.field.toLowerCase());
    if (known !== undefined && known.value !== setting.value) {
      problems.add(
        `Octopus.JiraServiceManagement.Field[${setting.field}]`,
        text`is set twice, with different values.`,
      );
    }
    byName.set(setting.field.toLowerCase(), setting);
  }
  return [...byName.values()];
}

export const numberVariable = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
export const numberAlias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';

/** L1, L4: what was supplied, from the variable and its alias, without blank ones. */
export function readSuppliedNumbers(
  variables: Variables,
): Read<readonly { readonly variable: string; readonly value: string }[]> {
  return reading(variables, (values) =>
    ([numberVariable, numberAlias] as const)
      .map((variable) => ({ variable, value: values.text(variable) }))
      .filter(({ value }) => value !== ''),
  );
}
