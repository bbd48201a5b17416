import { describe, expect, it } from 'vitest';
import { defaultProceedStatuses, defaultWaitStatuses } from '../../src/domain/change/change-state.ts';
import { Variables } from '../../src/octopus/variables.ts';
import { readSiteParameters } from '../../src/settings/site-parameters.ts';
import { StepInput } from '../../src/settings/step-input.ts';

const least = {
  'JsmChange.BaseUrl': 'https://acme.atlassian.net',
  'JsmChange.Username': 'octopus@acme.example',
  'JsmChange.Token': 'ATATT3xFfGF0',
  'JsmChange.ServiceProject': 'chg',
};

function readSite(variables: Variables) {
  const input = new StepInput(variables);
  return { value: readSiteParameters(input), problems: input.problems };
}

function names(problems: readonly { readonly variable: string }[]): readonly string[] {
  return problems.map(({ variable }) => variable);
}

describe("the site's parameters", () => {
  it('have the defaults of the interface if empty', () => {
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
        customerComments: 'none',
        suppliedMustMention: [],
        approvalCheck: 'status',
        requirePlannedEnd: false,
        issueTypes: undefined,
        mayApproveTransition: true,
      },
      problems: [],
    });
  });

  it('are used if set', () => {
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
      customerComments: 'public',
      suppliedMustMention: [],
      approvalCheck: 'status',
    });
  });

  it('[I2] [I3] must not name one field for Planned start and Planned end, as in a policy', () => {
    const { problems } = readSite(
      new Variables({
        ...least,
        'JsmChange.PlannedStartField': 'Go live',
        'JsmChange.PlannedEndField': 'go  LIVE',
      }),
    );
    expect(names(problems)).toEqual(['JsmChange.PlannedEndField']);
    expect(problems[0]?.message.line).toBe(
      'names the same field as Planned start field (JsmChange.PlannedStartField); enter another one.',
    );
  });

  it('[L4] always include the service project among the allowed ones', () => {
    const { value } = readSite(new Variables({ ...least, 'JsmChange.AllowedProjects': 'OPS' }));
    expect(value.allowedProjects).toEqual(['CHG', 'OPS']);
  });

  it('[T4] reject a status in both lists', () => {
    const { problems } = readSite(
      new Variables({
        ...least,
        'JsmChange.ProceedStatuses': 'Implementing\nPlanning',
        'JsmChange.WaitStatuses': 'planning\nReview',
      }),
    );
    expect(problems.map(({ variable, message }) => `${variable} ${message.line}`)).toEqual([
      'JsmChange.WaitStatuses contains statuses that are also in Statuses that proceed (JsmChange.ProceedStatuses): planning.',
    ]);
  });

  it('[T4] reject an empty proceed list', () => {
    const { problems } = readSite(new Variables({ ...least, 'JsmChange.WaitStatuses': 'implementing' }));
    expect(problems.map(({ variable, message }) => `${variable} ${message.line}`)).toEqual([
      'JsmChange.WaitStatuses contains the only status that allows the deployment; enter another one in Statuses that proceed (JsmChange.ProceedStatuses).',
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
    ['JsmChange.Token', 'hunter2'],
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
  ])(
    '[I9] [X2] [X3] reject %s: %j in one line that names the parameter and shows no secret',
    (name, value) => {
      const { problems } = readSite(new Variables({ ...least, [name]: value }));
      expect(names(problems)).toEqual([name]);
      expect(problems[0]?.message.line).not.toContain('hunter2');
    },
  );

  it('[I9] require an ASCII token without a user name, since it is sent unchanged', () => {
    const token = { ...least, 'JsmChange.Token': 'tök-ën-hunter2' };
    expect(names(readSite(new Variables({ ...token, 'JsmChange.Username': '' })).problems)).toEqual([
      'JsmChange.Token',
    ]);
    expect(readSite(new Variables(token)).problems).toEqual([]);
  });
});
