import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEarlierSteps } from '../../src/octopus/earlier-steps.ts';
import { fieldPattern, matchPattern } from '../../src/octopus/variable-patterns.ts';
import { Variables } from '../../src/octopus/variables.ts';

describe('Octopus variables', () => {
  it('[I7] are read by name in any case, without spaces around the value', () => {
    const variables = new Variables({ 'octopus.project.NAME': '  Web Site \n' });
    expect(variables.get('Octopus.Project.Name')).toBe('Web Site');
    expect(variables.raw('Octopus.Project.Name')).toBe('  Web Site \n');
  });

  it('are empty if missing', () => {
    const variables = new Variables({ 'Octopus.Space.Id': undefined });
    expect(variables.get('Octopus.Space.Id')).toBe('');
    expect(variables.raw('Whatever')).toBe('');
  });

  it.each([
    [{ 'Octopus.Space.Id': ' ', 'OCTOPUS.SPACE.ID': 'Spaces-1' }],
    [{ 'OCTOPUS.SPACE.ID': 'Spaces-1', 'Octopus.Space.Id': ' ' }],
  ])('[I7] use the one that is not empty if two names differ only in case: %j', (entries) => {
    expect(new Variables(entries).get('Octopus.Space.Id')).toBe('Spaces-1');
  });

  it.each(['__proto__', 'constructor', 'toString'])('ignore a name such as %s', (name) => {
    expect(new Variables({}).raw(name)).toBe('');
  });

  it('[B3] pass values unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(new Variables({ 'Octopus.Release.Notes': value }).raw('Octopus.Release.Notes')).toBe(value);
      }),
    );
  });

  it('[C1] name fields by the text in the brackets, and omit empty fields', () => {
    const variables = new Variables({
      'Octopus.JiraServiceManagement.Field[customfield_10010]': ' keeps blanks ',
      'octopus.jiraservicemanagement.field[ Planned start ]': '2026-06-13T10:00:00Z',
      'Octopus.JiraServiceManagement.Field[a [nested] name]': '1',
      'Octopus.JiraServiceManagement.Field[empty]': ' \n',
      'Octopus.JiraServiceManagement.Field[ ]': 'nameless',
      'Octopus.JiraServiceManagement.Field[]': 'nameless',
      'Octopus.JiraServiceManagement.Field': 'none',
      'Octopus.JiraServiceManagement.Fields[x]': 'none',
    });
    expect(variables.fields(fieldPattern)).toEqual([
      { field: 'customfield_10010', value: ' keeps blanks ' },
      { field: 'Planned start', value: '2026-06-13T10:00:00Z' },
      { field: 'a [nested] name', value: '1' },
    ]);
  });

  it('[C1] allow any name in the brackets', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(matchPattern(fieldPattern, `Octopus.JiraServiceManagement.Field[${name}]`)).toBe(name);
      }),
    );
  });
});

describe('steps earlier in the same run', () => {
  it('[V1][V2] are known by their outputs, and empty outputs are omitted', () => {
    const gates = readEarlierSteps(
      new Variables({
        'Octopus.Action[Require approval].Output.ChangeRequest.Number': ' CHG-12 ',
        'Octopus.Action[Require approval].Output.Decision': 'Proceed',
        'Octopus.Action[Verify [late]].Output.ChangeRequest.Number': 'CHG-13',
        'Octopus.Action[Verify [late]].Output.Decision': 'Stop',
        'Octopus.Action[Skipped].Output.ChangeRequest.Number': ' ',
        'Octopus.Action[Skipped].Output.Decision': '',
        'Octopus.Action[Other].Output.Number': 'X-1',
        'Octopus.Action.Output.ChangeRequest.Number': 'X-2',
      }),
    );
    expect(gates).toEqual({
      numbers: [
        { variable: 'Octopus.Action[Require approval].Output.ChangeRequest.Number', value: 'CHG-12' },
        { variable: 'Octopus.Action[Verify [late]].Output.ChangeRequest.Number', value: 'CHG-13' },
      ],
      requested: [],
      decisions: ['Proceed', 'Stop'],
    });
  });

  it('[L4] count with the number of a Request until a gate or verify has left one', () => {
    const requests = {
      'Octopus.Action[Request change].Output.ChangeRequest.Number': 'CHG-12',
      'Octopus.Action[Request change].Output.Decision': 'pending',
      'Octopus.Action[Again].Output.ChangeRequest.Number': 'CHG-12',
      'Octopus.Action[Again].Output.Decision': 'Ready',
    };
    const request = {
      variable: 'Octopus.Action[Request change].Output.ChangeRequest.Number',
      value: 'CHG-12',
    };
    const both = [request, { ...request, variable: 'Octopus.Action[Again].Output.ChangeRequest.Number' }];
    expect(readEarlierSteps(new Variables(requests))).toEqual({
      numbers: both,
      requested: both,
      decisions: ['pending', 'Ready'],
    });
    const gate = {
      'Octopus.Action[Gate].Output.ChangeRequest.Number': 'CHG-3',
      'Octopus.Action[Gate].Output.Decision': 'TimedOut',
    };
    expect(readEarlierSteps(new Variables({ ...requests, ...gate }))).toEqual({
      numbers: [{ variable: 'Octopus.Action[Gate].Output.ChangeRequest.Number', value: 'CHG-3' }],
      requested: [],
      decisions: ['pending', 'Ready', 'TimedOut'],
    });
  });

  it('may be missing', () => {
    expect(readEarlierSteps(new Variables({}))).toEqual({ numbers: [], requested: [], decisions: [] });
  });
});
