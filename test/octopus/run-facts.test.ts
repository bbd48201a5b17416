import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRunLine, runLine } from '../../src/domain/deployment/run-line.ts';
import { deploymentFacts, description, octopusRun, requester, taskUrl } from '../../src/octopus/run-facts.ts';
import { Variables } from '../../src/octopus/variables.ts';

const deployment = {
  'Octopus.Project.Name': 'Web Site',
  'Octopus.Release.Number': '1.0.1',
  'Octopus.Environment.Name': 'Dev',
  'Octopus.Space.Id': 'Spaces-1',
  'Octopus.Space.Name': 'Default',
  'Octopus.Deployment.Id': 'Deployments-101',
  'Octopus.Deployment.CreatedBy.DisplayName': 'Ada Example',
  'Octopus.Deployment.CreatedBy.Username': 'ada',
  'Octopus.Deployment.CreatedBy.EmailAddress': 'ada@acme.example',
  'Octopus.Task.Id': 'ServerTasks-7',
  'Octopus.Web.ServerUri': 'https://octopus.acme.example/',
  'Octopus.Web.DeploymentLink': '/app#/Spaces-1/deployments/Deployments-101',
};

const runbookRun = {
  'Octopus.Project.Name': 'Web Site',
  'Octopus.Environment.Name': 'Production',
  'Octopus.Space.Id': 'Spaces-1',
  'Octopus.Runbook.Id': 'Runbooks-3',
  'Octopus.Runbook.Name': 'Rotate certificates',
  'Octopus.RunbookRun.Id': 'RunbookRuns-9',
  'Octopus.RunbookSnapshot.Name': 'Snapshot A',
  'Octopus.Web.ServerUri': 'https://octopus.acme.example',
  'Octopus.Web.RunbookRunLink': 'app#/runs/9',
};

describe('the facts of a run', () => {
  it('[C1] name a deployment by its id, and a runbook run by its own', () => {
    expect(octopusRun(new Variables(deployment))).toEqual({
      serverUri: 'https://octopus.acme.example/',
      spaceId: 'Spaces-1',
      runId: 'Deployments-101',
    });
    expect(octopusRun(new Variables({ ...deployment, ...runbookRun })).runId).toBe('RunbookRuns-9');
    expect(octopusRun(new Variables({}))).toEqual({ serverUri: '', spaceId: '', runId: '' });
  });

  it.each([
    [deployment, 'https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-7'],
    [
      { ...deployment, 'Octopus.Task.Id': '' },
      'https://octopus.acme.example/app#/Spaces-1/deployments/Deployments-101',
    ],
    [runbookRun, 'https://octopus.acme.example/app#/runs/9'],
    [{ ...deployment, 'Octopus.Web.ServerUri': '' }, ''],
    [{ 'Octopus.Web.ServerUri': 'https://octopus.acme.example' }, ''],
  ])('[C1] include its page in the portal', (entries, url) => {
    expect(taskUrl(new Variables(entries))).toBe(url);
  });

  it.each([
    ['Ada Example', 'ada', 'ada@acme.example', 'Ada Example (ada@acme.example)'],
    ['Ada Example', 'ada', '', 'Ada Example'],
    ['', 'ada', '', 'ada'],
    ['', 'ada@acme.example', 'ada@acme.example', 'ada@acme.example'],
    ['', '', 'ada@acme.example', '(ada@acme.example)'],
    ['', '', '', ''],
  ])('[C1] include the requester from "%s", "%s", "%s"', (name, username, email, shown) => {
    expect(
      requester(
        new Variables({
          'Octopus.Deployment.CreatedBy.DisplayName': name,
          'Octopus.Deployment.CreatedBy.Username': username,
          'Octopus.Deployment.CreatedBy.EmailAddress': email,
        }),
      ),
    ).toBe(shown);
  });

  it('[V2] include the first line of an error, at most 500 characters', () => {
    const error = (value: string): string =>
      deploymentFacts(new Variables({ 'Octopus.Deployment.Error': value })).error;
    expect(error('Step 2 failed.\nat line 7\nat line 8')).toBe('Step 2 failed.');
    expect(error('\r\n Step 2 failed.\r\nmore')).toBe('Step 2 failed.');
    expect(error('')).toBe('');
    expect([...error('👍'.repeat(600))]).toHaveLength(500);
  });
});

describe('the description of a change request', () => {
  it('[C1] of a deployment names the project, release, environment, requester and release notes', () => {
    expect(
      description(
        new Variables({
          ...deployment,
          'Octopus.Deployment.Tenant.Name': 'Acme',
          'Octopus.Deployment.Tenant.Tags': 'Region/EU',
          'Octopus.Deployment.Comments': 'Please\napprove',
          'Octopus.Release.Notes': '- fix a\r\n- fix b',
        }),
      ).split('\n'),
    ).toEqual([
      'Octopus Deploy asks for approval of a deployment.',
      '',
      'Project: Web Site',
      'Release: 1.0.1',
      'Environment: Dev',
      'Tenant: Acme (Region/EU)',
      'Space: Default',
      'Requested by: Ada Example (ada@acme.example)',
      'Comments: Please approve',
      'Link: https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-7',
      '',
      'Release notes:',
      '- fix a',
      '- fix b',
    ]);
  });

  it('[C1] of a runbook run names the runbook and its snapshot', () => {
    expect(description(new Variables(runbookRun)).split('\n')).toEqual([
      'Octopus Deploy asks for approval of a runbook run.',
      '',
      'Project: Web Site',
      'Runbook: Rotate certificates',
      'Snapshot: Snapshot A',
      'Environment: Production',
      'Link: https://octopus.acme.example/app#/runs/9',
    ]);
  });

  it('[C1] contains the first lines of the release notes, and says that there are more', () => {
    const notes = Array.from({ length: 40 }, (_, line) => `- change ${line + 1}`).join('\n');
    const lines = description(new Variables({ 'Octopus.Release.Notes': notes })).split('\n');
    expect(lines.slice(-3)).toEqual(['- change 14', '- change 15', '...']);
    const long = description(new Variables({ 'Octopus.Release.Notes': 'x'.repeat(500_000) }));
    expect(long.length).toBeLessThan(3000);
    expect(long.endsWith('...')).toBe(true);
    expect(description(new Variables({ 'Octopus.Release.Notes': ' \n ' }))).not.toContain('Release notes');
  });

  it('[C1] does not cut long comments and release notes in the middle of a character', () => {
    const long = `a${'🚀'.repeat(3000)}`;
    const lines = description(
      new Variables({ 'Octopus.Deployment.Comments': long, 'Octopus.Release.Notes': long }),
    ).split('\n');
    const shown = `a${'🚀'.repeat(1999)}`;
    expect(lines).toContain(`Comments: ${shown}...`);
    expect(lines.slice(-2)).toEqual([shown, '...']);
  });

  it('[C1] is never longer than Jira accepts, for any variables', () => {
    const huge = 'é{'.repeat(100_000);
    const entries = Object.fromEntries(
      Object.keys({ ...deployment, 'Octopus.Deployment.Comments': '', 'Octopus.Release.Notes': '' }).map(
        (name) => [name, name.endsWith('.Comments') || name.endsWith('.Notes') ? huge : 'short'],
      ),
    );
    // Jira's limit for a description.
    expect(description(new Variables(entries)).length).toBeLessThan(32_767);
  });

  it('[X1] keeps mark-up in variables as text', () => {
    const shown = description(
      new Variables({ ...deployment, 'Octopus.Deployment.Comments': '[~boss] {code}x{code} !i.png!' }),
    );
    expect(shown).toContain('Comments: \\[~boss\\] \\{code\\}x\\{code\\} \\!i.png\\!');
  });

  it('[X1] breaks up links in variables', () => {
    const shown = description(
      new Variables({
        ...deployment,
        'Octopus.Release.Notes':
          'See https://evil.example/x\n  - [x|mailto:it@evil.example], www.evil.example',
        'Octopus.Deployment.Comments': 'https:\u200b//evil.example',
      }),
    );
    expect(shown).toContain('Comments: https:/ /evil.example\n');
    expect(shown).toContain(
      '\nSee https:/ /evil.example/x\n  - \\[x\\|mailto: it@evil.example\\], www. evil.example',
    );
  });

  it("[C1] contains no run line from a variable, and the run's own line still counts", () => {
    const hostile = fc
      .array(
        fc.constantFrom(
          'Octopus run:',
          'octopus run: https://evil.example Spaces-9 Deployments-9',
          '\n',
          '\r\n',
          '\u2028',
          '\u0085',
          '\v',
          'x',
          '\\',
          ' ',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(hostile, hostile, hostile, (project, comments, notes) => {
        const variables = new Variables({
          ...deployment,
          'Octopus.Project.Name': project,
          'Octopus.Deployment.Comments': comments,
          'Octopus.Release.Notes': notes,
        });
        const shown = description(variables);
        expect(readRunLine(shown)).toBeUndefined();
        const run = octopusRun(variables);
        expect(readRunLine(`${shown}\n\n${runLine(run)}`)).toEqual(run);
      }),
    );
  });
});
