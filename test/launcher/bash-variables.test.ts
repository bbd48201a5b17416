import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variableNames } from '../../src/octopus/variable-names.ts';
import {
  environmentOf,
  messages,
  type OctopusVariables,
  outputs,
  programPath,
  runStep,
  toolFolder,
} from './bash-step.ts';
import { nastyValues } from './nasty-values.ts';

const kinds = [
  { kind: 'with octopus_parameters', options: 'array', language: undefined },
  { kind: 'with get_octopusvariable alone', options: '', language: 'C.UTF-8' },
];

/** What came of the variables that Octopus was given. */
async function handedOver(
  variables: OctopusVariables,
  options: string,
  language?: string,
): Promise<OctopusVariables> {
  const { code, stdout, stderr } = await runStep({ variables, options, environment: { LANG: language } });
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  const { PATH, LANG, TMPDIR, PWD, SHLVL, OLDPWD, _, ...rest } = environmentOf(stdout);
  return rest;
}

describe.each(kinds)('Variables $kind', ({ options, language }) => {
  it('[B3] nasty values reach the action exactly, in the fields and in the run', async () => {
    const variables: Record<string, string> = {};
    for (const [what, value] of Object.entries(nastyValues)) {
      variables[`Octopus.JiraServiceManagement.Field[${what}]`] = value;
    }
    variables['Octopus.Release.Notes'] = Object.values(nastyValues).join('');
    expect(await handedOver(variables, options, language)).toEqual(variables);
  });

  it('[B3] any name in brackets and any value come through, and so do their line ends', async () => {
    const inner = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((name) => !/[=\0\n]/.test(name));
    const value = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));
    const trailing = fc.constantFrom('', '\n', '\n\n', ' ', '.');
    const fields = fc.dictionary(inner, fc.tuple(value, trailing), {
      minKeys: 8,
      maxKeys: 16,
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(fields, async (values) => {
        const variables: Record<string, string> = {};
        const seen = new Set<string>();
        for (const [name, [text, end]] of Object.entries(values)) {
          // Octopus has one variable for names that differ in their case alone.
          if (seen.has(name.toLowerCase())) continue;
          seen.add(name.toLowerCase());
          variables[`Octopus.JiraServiceManagement.Field[${name}]`] = text + end;
        }
        expect(await handedOver(variables, options, language)).toEqual(variables);
      }),
      { numRuns: 4 },
    );
  });

  it('[B3] every variable that the action knows reaches it, and no other does', async () => {
    const known = Object.fromEntries(variableNames.map((name) => [name, `the value of ${name}`]));
    const patterns = {
      'Octopus.JiraServiceManagement.Field[Business [x] reason]': 'a field',
      'Octopus.Action[Gate "1" (prod)].Output.ChangeRequest.Number': 'CHG-1',
      'Octopus.Action[Gate].Output.Decision': 'Proceed',
    };
    const others = {
      'Octopus.Action[Gate].Output.Password': 'x',
      'Octopus.Action[Gate].Output.DecisionReason': 'x',
      'Octopus.JiraServiceManagement.Field': 'x',
      'Octopus.JiraServiceManagement.Field[]': 'x',
      'Octopus.Project.Name.More': 'x',
      'Octopus.Account.AccessKey': 'x',
      'JsmChange.Unknown': 'x',
      'My.Secret': 'x',
      PATH: 'x',
    };
    expect(await handedOver({ ...known, ...patterns, ...others }, options, language)).toEqual({
      ...known,
      ...patterns,
    });
  });

  it('[B3] Octopus ignores the case of a name, and the action gets the name that it knows', async () => {
    const variables = {
      'jsmchange.baseurl': 'https://acme.example',
      'OCTOPUS.JIRASERVICEMANAGEMENT.CHANGEREQUEST.NUMBER': 'CHG-1',
      'octopus.jiraservicemanagement.field[Impact]': 'High',
      'octopus.action[Gate].output.decision': 'Stop',
    };
    expect(await handedOver(variables, options, language)).toEqual({
      'JsmChange.BaseUrl': 'https://acme.example',
      'Octopus.JiraServiceManagement.ChangeRequest.Number': 'CHG-1',
      'Octopus.JiraServiceManagement.Field[Impact]': 'High',
      'Octopus.Action[Gate].Output.Decision': 'Stop',
    });
  });

  it('[B3] a name that holds an equals sign is an error that names it and not its value', async () => {
    const { code, stdout, stderr, left } = await runStep({
      options,
      variables: { 'Octopus.JiraServiceManagement.Field[a=b]': 'the value of it' },
    });
    expect({ code, stderr, left }).toEqual({ code: 1, stderr: '', left: [] });
    expect(messages(stdout, 'resultMessage', 'message').join()).toContain(
      'Octopus.JiraServiceManagement.Field[a=b]',
    );
    expect(outputs(stdout)).toMatchObject({ Decision: 'Error' });
    expect(stdout).not.toContain('the value of it');
    expect(stdout).not.toContain('ENV');
  });
});

describe('The variables that a policy names', () => {
  const policies: readonly { readonly policy: string; readonly named: readonly string[] }[] = [
    { policy: 'connections:\n  - name: A\n    tokenVariable: Acme.Token', named: ['Acme.Token'] },
    { policy: 'connections:\r\n  - tokenVariable: Acme.Token # or Other.Token\r\n', named: ['Acme.Token'] },
    { policy: "- 'tokenVariable' : 'It''s # a token' # x", named: ["It's # a token"] },
    { policy: '- "tokenVariable": "A \\"quoted\\" \\\\ token"', named: ['A "quoted" \\ token'] },
    {
      policy: 'c: [{name: "A #1, B", tokenVariable: Acme.Token}, {tokenVariable: Other.Token}]',
      named: ['Acme.Token', 'Other.Token'],
    },
    { policy: '{"connections":[{"tokenVariable":"Acme.Token","name":"x"}]}', named: ['Acme.Token'] },
    { policy: '# tokenVariable: Acme.Token\n - name: A # tokenVariable: Other.Token', named: [] },
    { policy: "- name: A # don't, tokenVariable: Acme.Token", named: [] },
    {
      policy: '- tokenVariable:\n\n    # below\n    Acme.Token\n- tokenVariable: Other.Token',
      named: ['Acme.Token', 'Other.Token'],
    },
    { policy: '- tokenVariable: Jeton d’accès, 世界', named: ['Jeton d’accès, 世界'] },
    {
      policy: '- tokenVariable: !!str Acme.Token\n- tokenVariable: &t Other.Token',
      named: ['Acme.Token', 'Other.Token'],
    },
    { policy: '- mytokenVariable: Acme.Token\n- tokenVariableX: Other.Token', named: [] },
    { policy: '- tokenVariable: JsmChange.Token', named: ['JsmChange.Token'] },
    { policy: '- tokenVariable: Acme.Token.*', named: [] },
  ];
  const secrets = {
    'Acme.Token': 'one',
    'Other.Token': 'two',
    "It's # a token": 'three',
    'A "quoted" \\ token': 'four',
    'Jeton d’accès, 世界': 'five',
    'JsmChange.Token': 'six',
  };

  it.each(policies)('[B3] are handed over and no others: $policy', async ({ policy, named }) => {
    const handed = await handedOver({ 'JsmChange.Policy': policy, ...secrets }, 'array');
    const expected = Object.entries(secrets).filter(
      ([name]) => name === 'JsmChange.Token' || named.includes(name),
    );
    // A variable that is named and missing reaches the action as blank.
    const given = Object.entries(handed).filter(
      ([name, value]) => value !== '' && name !== 'JsmChange.Policy',
    );
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(expected));
  });

  it('[B3] without the array, too', async () => {
    const variables = {
      'JsmChange.Policy': '- {tokenVariable: acme.token}',
      'Acme.Token': 'one\n',
      'Other.Token': 'two',
    };
    const { 'Other.Token': _, 'Acme.Token': token, ...rest } = variables;
    expect(await handedOver(variables, '')).toEqual({ ...rest, 'acme.token': token });
  });
});

describe('The environment of the worker', () => {
  it('[B3] reaches the action, but for what is named like a variable of Octopus', async () => {
    const { stdout } = await runStep({
      options: 'array',
      variables: { 'Octopus.Project.Name': 'Web', 'JsmChange.Policy': '- tokenVariable: ACME_TOKEN' },
      environment: {
        HTTPS_PROXY: 'http://proxy.example:3128',
        NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
        'Octopus.Environment.Name': 'from outside',
        'JsmChange.BaseUrl': 'https://outside.example',
        'octopus.action[Gate].Output.Decision': 'Proceed',
        ACME_TOKEN: 'from outside',
      },
    });
    const environment = environmentOf(stdout);
    expect(environment).toMatchObject({
      HTTPS_PROXY: 'http://proxy.example:3128',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      'Octopus.Project.Name': 'Web',
      ACME_TOKEN: '',
    });
    expect(JSON.stringify(environment)).not.toMatch(/outside|Octopus\.Environment|Decision/i);
  });

  it("[X3] keeps from the action what would make Node print its requests, and leaves it to the worker's own", async () => {
    const { code, stdout, stderr } = await runStep({
      options: 'array',
      environment: { NODE_DEBUG: 'http' },
      variables: { 'Octopus.Project.Name': 'Web' },
    });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(environmentOf(stdout)).not.toHaveProperty('NODE_DEBUG');
  });

  it.each([
    { version: 'v20.20.2', knows: false },
    { version: 'v22.14.0', knows: false },
    { version: 'v22.15.0', knows: true },
    { version: 'v23.7.9', knows: false },
    { version: 'v23.8.0', knows: true },
    { version: 'v24.0.0', knows: true },
    { version: 'v100.0.0', knows: true },
    { version: 'v24.0.0', knows: false, set: '0' },
    { version: 'v24.0.0', knows: false, set: '' },
  ])(
    "switches Node's use of the system's certificates on: $version, $set",
    async ({ version, knows, set }) => {
      const node = `#!${programPath('bash')}\nif [[ $1 == --version ]]; then echo ${version}; else echo "OPTIONS $1 $2"; exit 1; fi\n`;
      const folder = toolFolder([], { node });
      const { stdout } = await runStep({
        options: 'array',
        environment: { PATH: `${folder}:${process.env['PATH']}`, NODE_USE_SYSTEM_CA: set },
      });
      rmSync(folder, { recursive: true });
      expect(stdout).toContain(
        knows ? 'OPTIONS --use-system-ca --input-type=commonjs\n' : 'OPTIONS --input-type=commonjs -e\n',
      );
    },
  );
});
