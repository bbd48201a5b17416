import { describe, expect, it } from 'vitest';
import { Variables } from '../../src/octopus/variables.ts';
import { defaultTitle, noteMissingNames, noteTitle } from '../../src/settings/run-names.ts';
import { StepInput } from '../../src/settings/step-input.ts';

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

function missing(entries: Readonly<Record<string, string>>, byTitle: boolean, byPolicy = false) {
  const input = new StepInput(new Variables(entries));
  noteMissingNames(input, { byTitle, byPolicy });
  return input.problems.map(({ variable }) => variable);
}

describe('the names of a run', () => {
  it('[L5] make the title of a deployment', () => {
    expect(missing(deployment, true)).toEqual([]);
    expect(defaultTitle(new Variables(deployment))).toBe('Octopus: Deploy "Web Site" version 1.0.1 to "Dev"');
  });

  it('[L6] make the title of a runbook run, which has no release', () => {
    expect(missing(runbookRun, true)).toEqual([]);
    expect(defaultTitle(new Variables(runbookRun))).toBe(
      'Octopus: Run "Rotate certificates" of "Web Site" in "Dev"',
    );
  });

  it('[L12] may contain the beginning of an expression', () => {
    const entries = { ...deployment, 'Octopus.Project.Name': 'App #{x}' };
    expect(missing(entries, true)).toEqual([]);
    expect(defaultTitle(new Variables(entries))).toContain('"App #{x}"');
  });

  const project = 'Octopus.Project.Name';
  const environment = 'Octopus.Environment.Name';
  const runbook = { 'Octopus.Runbook.Id': 'Runbooks-7' };

  it.each([
    ['a title of a deployment', {}, true, false, [project, environment, 'Octopus.Release.Number']],
    ['a supplied number', {}, false, false, [project, environment]],
    ['a title of a runbook run', runbook, true, false, [project, environment, 'Octopus.Runbook.Name']],
    ['a supplied number for a runbook run', runbook, false, false, [project, environment]],
    ['a policy', {}, false, true, [project, environment]],
    ['a policy for a runbook run', runbook, false, true, [project, environment, 'Octopus.Runbook.Name']],
  ])('[I6] are errors if they are missing for %s', (_what, entries, byTitle, byPolicy, names) => {
    expect(missing(entries, byTitle, byPolicy)).toEqual(names);
  });

  it.each([
    ['', 'no visible characters'],
    ['x'.repeat(256), '256 characters, and Jira allows 255'],
  ])('[L12] make an error that suggests a fix if Jira would reject the title: %j', (title, why) => {
    const input = new StepInput(new Variables({}));
    noteTitle(title, input);
    expect(input.problems).toHaveLength(1);
    expect(input.problems[0]?.variable).toBe('Octopus.JiraServiceManagement.Field[summary]');
    expect(input.problems[0]?.message.line).toContain(why);
  });

  it('[L12] may make a title of 255 characters', () => {
    const input = new StepInput(new Variables({}));
    noteTitle('x'.repeat(255), input);
    expect(input.problems).toEqual([]);
  });
});
