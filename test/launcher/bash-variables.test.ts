import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variableNames } from '../../src/octopus/variable-names.ts';
import {
  environmentOf,
  messages,
  type OctopusVariables,
  outputs,
  programPath,
  runStep,
  toolFolder,
  variablesOf,
} from './bash-step.ts';
import { nastyValues } from './nasty-values.ts';

const kinds = [
  { kind: 'with octopus_parameters', options: 'array', language: undefined },
  { kind: 'with only get_octopusvariable', options: '', language: 'C.UTF-8' },
];

/** The variables that the action got for these Octopus variables. */
async function handedOver(
  variables: OctopusVariables,
  options: string,
  language?: string,
): Promise<OctopusVariables> {
  const { code, stdout, stderr } = await runStep({ variables, options, environment: { LANG: language } });
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  return variablesOf(stdout);
}

describe.each(kinds)('Variables $kind', ({ options, language }) => {
  it('[B3] reach the action exactly with nasty values, in the fields and in the run', async () => {
    const variables: Record<string, string> = {};
    for (const [what, value] of Object.entries(nastyValues)) {
      variables[`Octopus.JiraServiceManagement.Field[${what}]`] = value;
    }
    variables['Octopus.Release.Notes'] = Object.values(nastyValues).join('');
    expect(await handedOver(variables, options, language)).toEqual(variables);
  });

  it('[B3] reach the action with any name in brackets, any value, and its line ends', async () => {
    const inner = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((name) => !/[\0\n]/.test(name));
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
          // Octopus has a single variable for names that differ only in case.
          if (seen.has(name.toLowerCase())) continue;
          seen.add(name.toLowerCase());
          variables[`Octopus.JiraServiceManagement.Field[${name}]`] = text + end;
        }
        expect(await handedOver(variables, options, language)).toEqual(variables);
      }),
      { numRuns: 4 },
    );
  });

  it('[B3] reach the action if it knows them, and no others do', async () => {
    const known = Object.fromEntries(variableNames.map((name) => [name, `the value of ${name}`]));
    const patterns = {
      'Octopus.JiraServiceManagement.Field[Business [x] reason]': 'a field',
      'Octopus.Action[Gate "1" (prod)].Output.ChangeRequest.Number': 'CHG-1',
      'Octopus.Action[Gate].Output.Decision': 'Proceed',
      'Octopus.JiraServiceManagement.TransitionField[Close notes]': 'done',
      'JsmChange.Token[Acme Cloud, "EU"]': 'a secret',
    };
    const others = {
      'Octopus.Action[Gate].Output.Password': 'x',
      'Octopus.Action[Gate].Output.DecisionReason': 'x',
      'Octopus.JiraServiceManagement.Field': 'x',
      'Octopus.JiraServiceManagement.Field[]': 'x',
      'Octopus.Project.Name.More': 'x',
      'Octopus.Account.AccessKey': 'x',
      'JsmChange.Unknown': 'x',
      'JsmChange.Token[]': 'x',
      'JsmChange.Token[x].More': 'x',
      'JsmChange.Tokens[x]': 'x',
      Jira_Token: 'x',
      'My.Secret': 'x',
      PATH: 'x',
    };
    expect(await handedOver({ ...known, ...patterns, ...others }, options, language)).toEqual({
      ...known,
      ...patterns,
    });
  });

  it('[B3] are found in any case, and the action gets the name that it knows', async () => {
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

  it('[B3] reach the action even if no environment could contain them', async () => {
    const variables = {
      'Octopus.JiraServiceManagement.Field[a=b]': 'the value of it',
      'Octopus.JiraServiceManagement.Field[=]': '=',
      'Octopus.Release.Notes': 'x'.repeat(200_000),
      'JsmChange.Policy': '- name: x\n'.repeat(20_000),
    };
    expect(await handedOver(variables, options, language)).toEqual(variables);
  });
});

describe('The names of Octopus variables', () => {
  const variables = {
    'Octopus.Project.Name': 'Web',
    'Octopus.JiraServiceManagement.ChangeRequest.Number': 'CHG-1',
    'Octopus.JiraServiceManagement.Field[Añadido]': '世界',
  };
  const script = (text: string): string => `#!${programPath('bash')}\n${text}\n`;
  const refused = async (options: Parameters<typeof runStep>[0]) => {
    const { code, stdout, stderr } = await runStep({ variables, ...options });
    expect({ code, stderr }, stdout).toEqual({ code: 1, stderr: '' });
    expect(stdout).not.toContain('RUN');
    expect(outputs(stdout)).toMatchObject({ Decision: 'Error', DecisionCode: 'NotStarted' });
    return messages(stdout, 'resultMessage', 'message').join();
  };

  it.each(['', 'array'])(
    '[B3] are listed without any other program and without /dev/fd ("%s")',
    async (options) => {
      const failing = Object.fromEntries(
        ['sed', 'base64', 'awk', 'cat', 'tr', 'mktemp', 'xxd', 'grep'].map((tool) => [
          tool,
          script('exit 1'),
        ]),
      );
      const folder = toolFolder([], failing);
      const { code, stdout, stderr } = await runStep({
        variables,
        options,
        // The module runs after the stand-in for Octopus' bootstrap has done its work; no file can be created
        // anywhere.
        module: `PATH=${folder}:$PATH; TMPDIR=/no/such/folder; ulimit -f 0`,
      });
      rmSync(folder, { recursive: true });
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
      expect(variablesOf(stdout)).toEqual(variables);
      // These constructs make Bash use /dev/fd or a file.
      const source = readFileSync(new URL('../../src/launcher/bash.sh', import.meta.url), 'utf8');
      expect(source.replace(/^ *#.*$/gm, '')).not.toMatch(/[<>]\(|<<[^=<(\d ]/);
    },
  );

  it.each([
    {
      what: 'is missing',
      module: 'unset -f get_octopusvariable; unset octopus_parameters',
      says: 'Raw scripting',
    },
    { what: 'has no names', module: 'get_octopusvariable() { echo x; }', says: 'cannot be listed' },
    {
      what: 'has names of another form',
      module: `eval "$(declare -f get_octopusvariable | sed '0,/"T2N0[^"]*")/s//T2N0*)/')"`,
      says: 'cannot be listed',
    },
  ])('[B3] end the step if they cannot be listed: the function $what', async ({ module, says }) => {
    for (const options of ['', 'array']) expect(await refused({ module, options })).toContain(says);
  });

  it('[B3] are not read from an array that lacks a name', async () => {
    const { code, stdout } = await runStep({
      variables,
      options: 'array',
      module: "unset 'octopus_parameters[Octopus.JiraServiceManagement.ChangeRequest.Number]'",
    });
    expect(code, stdout).toBe(0);
    expect(variablesOf(stdout)).toEqual(variables);
  });

  it('[B3] [M2] end the step if their values cannot be read, and a missing openssl is named', async () => {
    const folder = toolFolder(['node', 'bash']);
    const missing = await refused({ module: `PATH=${folder}` });
    rmSync(folder, { recursive: true });
    expect(missing).toContain('openssl');
    const failing = toolFolder([], { openssl: script('exit 1') });
    expect(await refused({ module: `PATH=${failing}:$PATH` })).toContain('do not work on this worker');
    rmSync(failing, { recursive: true });
    // The tool that encodes names works, but the one that decrypts values does not.
    expect(await refused({ module: 'decrypt_variable() { return 1; }' })).toContain(
      'cannot read the variable',
    );
  });
});

describe('The locale of the worker', () => {
  const locale = 'tr_TR.UTF-8';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's own way to write a variable
  const smallI = 'x=I; echo "${x,,}"';
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'locale-'));
    spawnSync('localedef', ['-i', 'tr_TR', '-f', 'UTF-8', join(folder, locale)]);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.for(['', 'array'])(
    '[B3] does not decide which letters are equal: I and i, even in Turkish ("%s")',
    async (options, { skip }) => {
      const environment = { LC_ALL: locale, LOCPATH: folder };
      const turkish = spawnSync('bash', ['-c', smallI], {
        env: { ...process.env, ...environment },
      });
      if (turkish.stdout.toString().trim() !== 'ı')
        skip('needs the sources of locales (the Debian package locales)');
      const { code, stdout, stderr } = await runStep({
        options,
        environment,
        variables: {
          'OCTOPUS.JIRASERVICEMANAGEMENT.CHANGEREQUEST.NUMBER': 'CHG-1',
          'octopus.jiraservicemanagement.field[İIıi]': 'one',
          'JSMCHANGE.TOKEN[IDI]': 'two',
        },
      });
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
      expect(variablesOf(stdout)).toEqual({
        'Octopus.JiraServiceManagement.ChangeRequest.Number': 'CHG-1',
        'Octopus.JiraServiceManagement.Field[İIıi]': 'one',
        'JsmChange.Token[IDI]': 'two',
      });
      expect(environmentOf(stdout)['LC_ALL']).toBe(locale);
    },
  );
});

describe('The environment of the worker', () => {
  it('[B3] reaches the action, except for names of Octopus variables', async () => {
    const { stdout } = await runStep({
      options: 'array',
      variables: {
        'Octopus.Project.Name': 'Web',
        'JsmChange.Policy': '- tokenVariable: JsmChange.Token[Acme]',
      },
      environment: {
        HTTPS_PROXY: 'http://proxy.example:3128',
        NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
        'Octopus.Environment.Name': 'from outside',
        'JsmChange.BaseUrl': 'https://outside.example',
        'octopus.action[Gate].Output.Decision': 'Proceed',
        'JSMCHANGE.TOKEN[ACME]': 'from outside',
        'jsmchange.token': 'from outside',
      },
    });
    const environment = environmentOf(stdout);
    expect(environment).toMatchObject({
      HTTPS_PROXY: 'http://proxy.example:3128',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
    });
    expect(JSON.stringify(environment)).not.toMatch(/outside|Octopus\.|JsmChange\./i);
    expect(Object.keys(variablesOf(stdout)).sort()).toEqual(['JsmChange.Policy', 'Octopus.Project.Name']);
  });

  it('[X3] loses the entries that would make Node print its requests, but only for the action', async () => {
    const { code, stdout, stderr } = await runStep({
      options: 'array',
      environment: { NODE_DEBUG: 'http' },
      variables: { 'Octopus.Project.Name': 'Web' },
    });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(environmentOf(stdout)).not.toHaveProperty('NODE_DEBUG');
  });
});
