import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stepParameters } from '../../src/octopus/parameter-forms.ts';
import { variableNames } from '../../src/octopus/variable-names.ts';
import {
  fieldPattern,
  matchPattern,
  stepDecisionPattern,
  tokenPattern,
  transitionFieldPattern,
} from '../../src/octopus/variable-patterns.ts';

/** The interface that existing steps rely on: name, control and default of each parameter. */
const table = [
  ['JsmChange.Operation', 'Select', 'Gate'],
  ['JsmChange.BaseUrl', 'SingleLineText', ''],
  ['JsmChange.Username', 'SingleLineText', ''],
  ['JsmChange.Token', 'Sensitive', ''],
  ['JsmChange.ServiceProject', 'SingleLineText', ''],
  ['JsmChange.RequestType', 'SingleLineText', 'Request a change'],
  ['JsmChange.ProceedStatuses', 'MultiLineText', 'Implementing'],
  [
    'JsmChange.WaitStatuses',
    'MultiLineText',
    'Review\nPreview\nPlanning\nAuthorize\nAwaiting Implementation\nPeer review / change manager approval\nAwaiting CAB approval',
  ],
  ['JsmChange.PlannedStartField', 'SingleLineText', ''],
  ['JsmChange.PlannedEndField', 'SingleLineText', ''],
  ['JsmChange.AllowedProjects', 'SingleLineText', ''],
  ['JsmChange.ProjectChangeControlled', 'Checkbox', 'True'],
  ['JsmChange.EnvironmentChangeControlled', 'Checkbox', 'True'],
  ['JsmChange.RunbookChangeControlled', 'Checkbox', 'False'],
  ['JsmChange.CustomerComments', 'Select', 'False'],
  ['JsmChange.SuppliedMustMention', 'MultiLineText', ''],
  ['JsmChange.ApprovalCheck', 'Select', 'Status'],
  ['JsmChange.EvidenceRecord', 'Checkbox', 'True'],
  ['JsmChange.WhenPending', 'Select', 'Wait'],
  ['JsmChange.PollIntervalSeconds', 'SingleLineText', '15'],
  ['JsmChange.WaitLimitMinutes', 'SingleLineText', '1440'],
  ['JsmChange.OutageMinutes', 'SingleLineText', '15'],
  ['JsmChange.ApproveTransition', 'SingleLineText', ''],
  ['JsmChange.SuccessStatus', 'SingleLineText', ''],
  ['JsmChange.FailureStatus', 'SingleLineText', ''],
  ['JsmChange.OctopusUrl', 'SingleLineText', ''],
  ['JsmChange.OctopusApiKey', 'Sensitive', ''],
  ['JsmChange.ParkLimitDays', 'SingleLineText', '30'],
  ['JsmChange.Policy', 'MultiLineText', ''],
] as const;

describe('The parameters', () => {
  it('are those of the interface, in order', () => {
    expect(stepParameters.map(({ name, control, defaultValue }) => [name, control, defaultValue])).toEqual(
      table,
    );
  });

  it('have unique ids that never change', () => {
    const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(stepParameters.filter(({ id }) => !guid.test(id))).toEqual([]);
    expect(new Set(stepParameters.map(({ id }) => id)).size).toBe(stepParameters.length);
    expect(
      Object.fromEntries(stepParameters.map(({ name, id }) => [name.slice('JsmChange.'.length), id])),
    ).toMatchInlineSnapshot(`
      {
        "AllowedProjects": "844c6a26-a57a-434e-ae28-d936e820be6b",
        "ApprovalCheck": "c6a9f1c4-52a7-4b7e-8a51-2b8b3a0f6d92",
        "ApproveTransition": "687fea64-aa58-497f-88c6-eeb0c35924f9",
        "BaseUrl": "94d2edf3-de85-4fb5-8395-cf0e1ae54112",
        "CustomerComments": "74d04f28-88af-479c-99b8-c0124336c3a8",
        "EnvironmentChangeControlled": "e5d60c2f-8980-46b7-82e2-d87072c0bd18",
        "EvidenceRecord": "f2e7b6a0-3c1d-4f6a-9d35-8c4d5e7f1b23",
        "FailureStatus": "583728ba-3de2-4477-9c8e-1f1f380af34a",
        "OctopusApiKey": "5b7e9f20-8d46-4c1a-a3f5-6e0d2b9c7184",
        "OctopusUrl": "9d3c5a17-2f84-4a0b-b6e9-1c7f8e2d4a56",
        "Operation": "5aee9b2b-c17a-4cf0-9314-55ae0846f563",
        "OutageMinutes": "54bce0d8-3b28-48c0-adbf-14fe2f152e93",
        "ParkLimitDays": "e8a1d4c6-7b30-4f95-8c2e-3d6f0a5b9e47",
        "PlannedEndField": "03e805ef-2e67-4512-877a-307041d3228f",
        "PlannedStartField": "d797bc39-faa4-46e7-8a7b-9ebe9be3ef34",
        "Policy": "697eb5a0-78d2-4d5f-b545-4a0b23b0e16c",
        "PollIntervalSeconds": "2d31a508-2703-4ad4-b4cd-7441b6d6e291",
        "ProceedStatuses": "fef016fe-2065-4ad1-ae50-dff6ef1eefc2",
        "ProjectChangeControlled": "855eab39-620c-468d-9f35-9440289446e1",
        "RequestType": "aef3afca-16d8-4303-bdd7-3e1eea31ea0f",
        "RunbookChangeControlled": "beb4c5ad-8f09-44c7-8324-3edf01158977",
        "ServiceProject": "9ab31b11-d844-4d37-b764-1313e4c37e9d",
        "SuccessStatus": "cd2711f0-7d57-4ddc-9c71-731c0b72f4d9",
        "SuppliedMustMention": "0b0dbb5e-6f0d-4c53-9d0c-7a2f5b1a4e61",
        "Token": "330b28e1-0336-4bb1-9d96-70b6b84bed9e",
        "Username": "a21e061e-e5da-4a65-997c-828285c81526",
        "WaitLimitMinutes": "be0a3217-3a5f-4f55-a8ba-c298a56010ba",
        "WaitStatuses": "0452c7f9-f14a-443e-8e61-c83e0d9e72ff",
        "WhenPending": "a448ffd6-be5c-49c0-8c71-8ce3087ad763",
      }
    `);
  });

  it.each(stepParameters)(
    '$name explains an empty value or its purpose, in help that Octopus can show',
    (parameter) => {
      expect(parameter.label).not.toBe('');
      expect(parameter.help.split('\n\n').length).toBeGreaterThan(1);
      expect(parameter.help).toMatch(/\bIf empty\b|\bRequired unless a policy is set\b/);
      expect(parameter.help).not.toMatch(/#\{|<script|\t/);
    },
  );

  it('offer only values that the action knows, including the default', () => {
    const selects = stepParameters.filter(({ control }) => control === 'Select');
    expect(selects.map(({ options }) => Object.keys(options ?? {}))).toEqual([
      ['Gate', 'Request', 'Verify', 'Report', 'Test'],
      ['False', 'True', 'Internal'],
      ['Status', 'Approved', 'OtherApprover'],
      ['Wait', 'Fail'],
    ]);
    for (const { options, defaultValue } of selects) expect(options).toHaveProperty(defaultValue);
    expect(
      stepParameters.filter(({ control, options }) => control !== 'Select' && options !== undefined),
    ).toEqual([]);
  });
});

/** Every place in a message or hint that names a parameter, with the words before it. */
function parametersInMessages(): readonly { readonly before: string; readonly name: string }[] {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/octopus.parameter(s|-forms)\.ts$/.test(path))
    .flatMap((path) => {
      const code = readFileSync(`${source}${path}`, 'utf8').replace(/\/\*.*?\*\//gs, '');
      // A name that is a whole string is not in a message, and `JsmChange.Token[...]` is a family.
      return [...code.matchAll(/([^\n'`]*)(?<!['`])(JsmChange\.[A-Z]\w*)(?!\[)/g)].map(
        ([, before = '', name = '']) => ({ before, name }),
      );
    });
}

describe('The messages', () => {
  it('[M2] name a parameter by its label, with its name in brackets', () => {
    const named = parametersInMessages();
    expect(named.length).toBeGreaterThan(20);
    const wrong = named.filter(({ before, name }) => {
      // "raise the wait limit (JsmChange.WaitLimitMinutes)": within a sentence the unit is omitted.
      const label = stepParameters
        .find((parameter) => parameter.name === name)
        ?.label.replace(/ \(\w+\)$/, '');
      return label === undefined || !before.toLowerCase().endsWith(`${label.toLowerCase()} (`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('The names of variables', () => {
  it('[B3] [I1] are each listed once', () => {
    expect(new Set(variableNames.map((name) => name.toLowerCase())).size).toBe(variableNames.length);
    expect(variableNames).toHaveLength(table.length + 31);
  });

  it.each([
    { pattern: fieldPattern, name: 'Octopus.JiraServiceManagement.Field[summary]', inner: 'summary' },
    { pattern: fieldPattern, name: 'octopus.jiraservicemanagement.field[A [b] c]', inner: 'A [b] c' },
    { pattern: fieldPattern, name: 'Octopus.JiraServiceManagement.Field[]', inner: undefined },
    { pattern: fieldPattern, name: 'Octopus.JiraServiceManagement.Field', inner: undefined },
    { pattern: fieldPattern, name: 'Octopus.JiraServiceManagement.Field[summary].x', inner: undefined },
    { pattern: tokenPattern, name: 'JSMCHANGE.TOKEN[Acme Cloud]', inner: 'Acme Cloud' },
    { pattern: tokenPattern, name: 'JsmChange.Token', inner: undefined },
    { pattern: tokenPattern, name: 'JsmChange.To\u212Aen[Acme]', inner: undefined },
    { pattern: transitionFieldPattern, name: 'Octopus.JiraServiceManagement.TransitionField[x]', inner: 'x' },
    { pattern: fieldPattern, name: 'Octopus.J\u0130raServiceManagement.Field[x]', inner: undefined },
    { pattern: stepDecisionPattern, name: 'Octopus.Action[Gate 1].Output.Decision', inner: 'Gate 1' },
    { pattern: stepDecisionPattern, name: 'Octopus.Action[Gate 1].Output.DecisionReason', inner: undefined },
  ])('[B3] [I1] are parsed by a pattern that finds $inner in $name', ({ pattern, name, inner }) => {
    expect(matchPattern(pattern, name)).toBe(inner);
  });
});
