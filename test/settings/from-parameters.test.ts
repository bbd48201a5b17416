import { describe, expect, it } from 'vitest';
import { defaultProceedStatuses, defaultWaitStatuses } from '../../src/domain/change-state.ts';
import { Variables } from '../../src/octopus/variables.ts';
import {
  readApprovalScope,
  readFields,
  readNames,
  readOperation,
  readRun,
  readSite,
  readSuppliedNumbers,
} from '../../src/settings/from-parameters.ts';

const least = {
  'JsmChange.BaseUrl': 'https://acme.atlassian.net',
  'JsmChange.Username': 'octopus@acme.example',
  'JsmChange.Token': 'ATATT3xFfGF0',
  'JsmChange.ServiceProject': 'chg',
};

const deployment = {
  'Octopus.Project.Name': 'Web Site',
  'Octopus.Environment.Name': 'Dev',
  'Octopus.Release.Number': '1.0.1',
};

const runbookRun = {
  'Octopus.Project.Name': 'Web Site',
  'Octopus.Environment.Name': 'Dev',
  'Octopus.Runbook.Id': 'Runbooks-7',
  'Octopus.Runbook.Name': 'Rotate certificates',
};

function names(problems: readonly { readonly variable: string }[]): readonly string[] {
  return problems.map(({ variable }) => variable);
}

describe("the site's parameters", () => {
  it('blank ones have the defaults of the interface', () => {
    expect(readSite(new Variables(least))).toEqual({
      value: {
        baseUrl: new URL('https://acme.atlassian.net'),
        username: 'octopus@acme.example',
        token: 'ATATT3xFfGF0',
        serviceProject: 'CHG',
        requestType: 'Request a change',
        states: { proceed: defaultProceedStatuses, wait: defaultWaitStatuses },
        plannedStartField: undefined,
        plannedEndField: undefined,
        allowedProjects: ['CHG'],
        customerComments: false,
        requirePlannedEnd: false,
        issueTypes: undefined,
        approveTransitionAllowed: true,
      },
      problems: [],
    });
  });

  it('set ones are taken', () => {
    const { value, problems } = readSite(
      new Variables({
        ...least,
        'JsmChange.BaseUrl': 'https://jira.acme.example:8443/jira/',
        'JsmChange.Username': '',
        'JsmChange.RequestType': '25',
        'JsmChange.ProceedStatuses': 'Approved',
        'JsmChange.WaitStatuses': 'New\nOpen',
        'JsmChange.PlannedStartField': 'Go live',
        'JsmChange.PlannedEndField': 'customfield_10011',
        'JsmChange.AllowedProjects': 'ops, CHG, Hr_2',
        'JsmChange.CustomerComments': 'True',
      }),
    );
    expect(problems).toEqual([]);
    expect(value).toMatchObject({
      baseUrl: new URL('https://jira.acme.example:8443/jira/'),
      username: '',
      requestType: '25',
      states: { proceed: ['Approved'], wait: ['New', 'Open'] },
      plannedStartField: 'Go live',
      plannedEndField: 'customfield_10011',
      allowedProjects: ['CHG', 'OPS', 'HR_2'],
      customerComments: true,
    });
  });

  it('[L4] the service project is always one of the allowed ones', () => {
    const { value } = readSite(new Variables({ ...least, 'JsmChange.AllowedProjects': 'OPS' }));
    expect(value.allowedProjects).toEqual(['CHG', 'OPS']);
  });

  it('[T4] a status in both sets is an error', () => {
    const { problems } = readSite(
      new Variables({
        ...least,
        'JsmChange.ProceedStatuses': 'Implementing\nPlanning',
        'JsmChange.WaitStatuses': 'planning\nReview',
      }),
    );
    expect(problems.map(({ variable, message }) => `${variable} ${message.line}`)).toEqual([
      'JsmChange.WaitStatuses names what JsmChange.ProceedStatuses names too: planning.',
    ]);
  });

  it('[T4] an empty proceed set is an error', () => {
    const { problems } = readSite(new Variables({ ...least, 'JsmChange.WaitStatuses': 'implementing' }));
    expect(problems.map(({ variable, message }) => `${variable} ${message.line}`)).toEqual([
      'JsmChange.WaitStatuses names the only status that lets the deployment go; name another in JsmChange.ProceedStatuses.',
    ]);
  });

  it.each([
    ['JsmChange.BaseUrl', ''],
    ['JsmChange.BaseUrl', 'acme.atlassian.net'],
    ['JsmChange.BaseUrl', 'http://acme.atlassian.net'],
    ['JsmChange.BaseUrl', 'https://octopus:hunter2-hunter2@acme.example'],
    ['JsmChange.BaseUrl', 'https://#{Jira.Host}'],
    ['JsmChange.Username', '#{Jira.User}'],
    ['JsmChange.Token', ''],
    ['JsmChange.Token', ' '],
    ['JsmChange.Token', '#{Jira.Token}'],
    ['JsmChange.Token', 'hunter2-hunter2\nhunter2-hunter2'],
    ['JsmChange.Token', 'hunter2-hunter2\u0000'],
    ['JsmChange.ServiceProject', ''],
    ['JsmChange.ServiceProject', 'Change management'],
    ['JsmChange.ServiceProject', 'CHG-12'],
    ['JsmChange.ServiceProject', 'stra\u00dfe'],
    ['JsmChange.RequestType', '#{Type}'],
    ['JsmChange.AllowedProjects', 'OPS, 7'],
    ['JsmChange.CustomerComments', 'perhaps'],
    ['JsmChange.ProceedStatuses', '#{Statuses}'],
    ['JsmChange.PlannedStartField', '#{Field}'],
  ])('[I9] [X3] %s: %j is an error of one line, which names it and shows no secret', (name, value) => {
    const { problems } = readSite(new Variables({ ...least, [name]: value }));
    expect(names(problems)).toEqual([name]);
    expect(problems[0]?.message.line).not.toContain('hunter2');
  });

  it('[I9] a token without a user name is sent as it is, so it must be ASCII', () => {
    const token = { ...least, 'JsmChange.Token': 'tök-ën' };
    expect(names(readSite(new Variables({ ...token, 'JsmChange.Username': '' })).problems)).toEqual([
      'JsmChange.Token',
    ]);
    expect(readSite(new Variables(token)).problems).toEqual([]);
  });
});

describe('the parameters of the run', () => {
  it('blank ones have the defaults of the interface', () => {
    expect(readRun(new Variables({}))).toEqual({
      value: {
        whenPending: 'wait',
        pollIntervalMs: 15_000,
        waitLimitMs: 86_400_000,
        outageMs: 900_000,
        approveTransition: '',
        successStatus: '',
        failureStatus: '',
      },
      problems: [],
    });
  });

  it.each([
    ['JsmChange.PollIntervalSeconds', '1', { pollIntervalMs: 1000 }],
    ['JsmChange.PollIntervalSeconds', '3600', { pollIntervalMs: 3_600_000 }],
    ['JsmChange.WaitLimitMinutes', '0', { waitLimitMs: 0 }],
    ['JsmChange.WaitLimitMinutes', '43200', { waitLimitMs: 2_592_000_000 }],
    ['JsmChange.OutageMinutes', '0', { outageMs: 0 }],
    ['JsmChange.OutageMinutes', '1440', { outageMs: 86_400_000 }],
    ['JsmChange.WhenPending', 'FAIL', { whenPending: 'fail' }],
    ['JsmChange.ApproveTransition', ' Implementing ', { approveTransition: 'Implementing' }],
    ['JsmChange.SuccessStatus', 'Completed', { successStatus: 'Completed' }],
    ['JsmChange.FailureStatus', 'Failed', { failureStatus: 'Failed' }],
  ])('%s: %s is taken', (name, value, expected) => {
    const read = readRun(new Variables({ [name]: value }));
    expect(read.problems).toEqual([]);
    expect(read.value).toMatchObject(expected);
  });

  it.each([
    ['JsmChange.PollIntervalSeconds', '0'],
    ['JsmChange.PollIntervalSeconds', '3601'],
    ['JsmChange.WaitLimitMinutes', '43201'],
    ['JsmChange.WaitLimitMinutes', '-1'],
    ['JsmChange.OutageMinutes', '1441'],
    ['JsmChange.OutageMinutes', '1.5'],
    ['JsmChange.WhenPending', 'Later'],
    ['JsmChange.SuccessStatus', '#{Status}'],
  ])('[I2] %s: %s is an error', (name, value) => {
    expect(names(readRun(new Variables({ [name]: value })).problems)).toEqual([name]);
  });
});

describe('everything that is wrong', () => {
  it('[I3] is found in one pass, by parameter name', () => {
    const variables = new Variables({
      'JsmChange.Operation': 'Approve',
      'JsmChange.BaseUrl': 'http://acme.example',
      'JsmChange.Username': '#{User}',
      'JsmChange.ServiceProject': '?',
      'JsmChange.AllowedProjects': 'OPS, !',
      'JsmChange.ProceedStatuses': 'Planning',
      'JsmChange.WaitStatuses': 'Planning',
      'JsmChange.ProjectChangeControlled': 'x',
      'JsmChange.EnvironmentChangeControlled': 'y',
      'JsmChange.RunbookChangeControlled': 'z',
      'JsmChange.CustomerComments': 'w',
      'JsmChange.WhenPending': 'v',
      'JsmChange.PollIntervalSeconds': 'a',
      'JsmChange.WaitLimitMinutes': 'b',
      'JsmChange.OutageMinutes': 'c',
      'JsmChange.FailureStatus': '#{d',
    });
    const problems = [
      readOperation(variables),
      readApprovalScope(variables),
      readSite(variables),
      readRun(variables),
      readNames(variables, true),
    ].flatMap((read) => read.problems);
    expect([...names(problems)].sort()).toEqual(
      [
        'JsmChange.Operation',
        'JsmChange.BaseUrl',
        'JsmChange.Username',
        'JsmChange.Token',
        'JsmChange.ServiceProject',
        'JsmChange.AllowedProjects',
        'JsmChange.WaitStatuses',
        'JsmChange.ProjectChangeControlled',
        'JsmChange.EnvironmentChangeControlled',
        'JsmChange.RunbookChangeControlled',
        'JsmChange.CustomerComments',
        'JsmChange.WhenPending',
        'JsmChange.PollIntervalSeconds',
        'JsmChange.WaitLimitMinutes',
        'JsmChange.OutageMinutes',
        'JsmChange.FailureStatus',
        'Octopus.Project.Name',
        'Octopus.Environment.Name',
        'Octopus.Release.Number',
      ].sort(),
    );
  });
});

describe('the operation', () => {
  it.each([
    ['', 'Gate'],
    ['gate', 'Gate'],
    ['VERIFY', 'Verify'],
    ['Report', 'Report'],
    ['test', 'Test'],
  ])('%j is %s', (value, operation) => {
    expect(readOperation(new Variables({ 'JsmChange.Operation': value }))).toEqual({
      value: operation,
      problems: [],
    });
  });
});

describe('what decides the scope', () => {
  it('[S1][S2] defaults: project and environment are change controlled, runbooks are not', () => {
    expect(readApprovalScope(new Variables({})).value).toEqual({
      projectControlled: true,
      environmentControlled: true,
      runbookControlled: false,
      isRunbookRun: false,
    });
  });

  it('[S2] [I6] a run is a runbook run if its runbook has an id', () => {
    expect(readApprovalScope(new Variables(runbookRun)).value.isRunbookRun).toBe(true);
    expect(readApprovalScope(new Variables({ 'Octopus.Runbook.Id': ' ' })).value.isRunbookRun).toBe(false);
  });

  it('[S1] [I4] does not depend on anything else that is wrong', () => {
    const variables = new Variables({
      'JsmChange.Token': '#{Token}',
      'JsmChange.EnvironmentChangeControlled': 'False',
    });
    expect(readApprovalScope(variables)).toMatchObject({
      value: { environmentControlled: false },
      problems: [],
    });
  });
});

describe('the names of a title', () => {
  it('[L5] of a deployment', () => {
    expect(readNames(new Variables(deployment), true)).toEqual({
      value: { project: 'Web Site', environment: 'Dev', release: '1.0.1', runbook: undefined },
      problems: [],
    });
  });

  it('[L6] of a runbook run, which has no release', () => {
    expect(readNames(new Variables(runbookRun), true)).toEqual({
      value: { project: 'Web Site', environment: 'Dev', release: '', runbook: 'Rotate certificates' },
      problems: [],
    });
  });

  it('[L12] they may hold what an expression begins with', () => {
    const variables = new Variables({ ...deployment, 'Octopus.Project.Name': 'App #{x}' });
    expect(readNames(variables, true)).toMatchObject({ value: { project: 'App #{x}' }, problems: [] });
  });

  it('[I6] missing ones are errors, a release only if the title needs it', () => {
    expect(names(readNames(new Variables({}), true).problems)).toEqual([
      'Octopus.Project.Name',
      'Octopus.Environment.Name',
      'Octopus.Release.Number',
    ]);
    expect(names(readNames(new Variables({}), false).problems)).toEqual([
      'Octopus.Project.Name',
      'Octopus.Environment.Name',
    ]);
    expect(names(readNames(new Variables({ 'Octopus.Runbook.Id': 'Runbooks-7' }), true).problems)).toEqual([
      'Octopus.Project.Name',
      'Octopus.Environment.Name',
      'Octopus.Runbook.Name',
    ]);
  });
});

describe('the fields', () => {
  const field = (name: string): string => `Octopus.JiraServiceManagement.Field[${name}]`;

  it.each(['summary', 'Summary', ' SUMMARY '])('[L7] Field[%s] replaces the title', (name) => {
    const read = readFields(new Variables({ [field(name)]: 'My title', [field('Impact')]: 'Low' }));
    expect(read).toEqual({
      value: { title: 'My title', fields: [{ field: 'Impact', value: 'Low' }] },
      problems: [],
    });
  });

  it('[L7] a blank one does not', () => {
    expect(readFields(new Variables({ [field('summary')]: '  ' })).value.title).toBeUndefined();
  });

  it('[C1] one field with two values is an error', () => {
    const variables = new Variables({ [field('Impact')]: 'Low', [field(' impact ')]: 'High' });
    expect(names(readFields(variables).problems)).toEqual([field('impact')]);
    const same = new Variables({ [field('Impact')]: 'Low', [field(' impact ')]: 'Low' });
    expect(readFields(same)).toMatchObject({ value: { fields: [{ value: 'Low' }] }, problems: [] });
  });
});

describe('supplied numbers', () => {
  const number = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
  const alias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';

  it.each([
    [{}, []],
    [{ [number]: '  ' }, []],
    [{ [number]: ' CHG-12 ' }, [{ variable: number, value: 'CHG-12' }]],
    [{ [alias]: 'CHG-12' }, [{ variable: alias, value: 'CHG-12' }]],
    [
      { [number]: 'CHG-12', [alias]: 'CHG-13' },
      [
        { variable: number, value: 'CHG-12' },
        { variable: alias, value: 'CHG-13' },
      ],
    ],
  ])('[L1][L4] of %j', (entries, supplied) => {
    expect(readSuppliedNumbers(new Variables(entries))).toEqual({ value: supplied, problems: [] });
  });

  it('[I5] one that still contains an expression is an error, not an empty number', () => {
    expect(names(readSuppliedNumbers(new Variables({ [number]: '#{Change}' })).problems)).toEqual([number]);
  });
});
