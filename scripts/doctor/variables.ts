import { stepParameters } from '../../src/octopus/parameter-forms.ts';
import { foldedName, variableNames } from '../../src/octopus/variable-names.ts';
import { tokenPattern } from '../../src/octopus/variable-patterns.ts';
import { Variables } from '../../src/octopus/variables.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { UsageError } from '../command.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the name that an Octopus variable can have in a shell: `JSM_BASE_URL` for `JsmChange.BaseUrl`,
 * `OCTOPUS_PROJECT_NAME` for `Octopus.Project.Name`, `JSM_TOKEN_ACME` for `JsmChange.Token[Acme]`.
 */
export function shellName(name: string): string {
  return name
    .replace(/^JsmChange\./i, 'Jsm.')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .replace(/[^A-Za-z0-9]+$/, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/**
 * Collects the Octopus variables for a run of `Test`. An argument overrides the environment, and within each of
 * them an Octopus name overrides its shell name.
 * @param args `NAME=VALUE`, with either kind of name
 * @param readText reads a text file
 */
export async function doctorVariables(
  env: Environment,
  args: readonly string[],
  readText: (path: string) => Promise<string>,
): Promise<Record<string, string>> {
  const given = readArguments(args);
  const named = (names: readonly string[]): Record<string, string> =>
    overridden(octopusVariables(env, names), octopusVariables(given, names));
  const givenPolicy = octopusVariables(given, ['JsmChange.Policy'])['JsmChange.Policy'];
  const policyFile = given[policyFileName] ?? (givenPolicy === undefined ? env[policyFileName] : undefined);
  const ofFile = policyFile ? { 'JsmChange.Policy': await readText(policyFile) } : {};
  const policy = new Variables(overridden(named(variableNames), ofFile)).raw('JsmChange.Policy');
  const variables = overridden(named([...variableNames, ...tokenVariables(policy)]), ofFile);
  if (Object.values(variables).every((value) => value.trim() === ''))
    throw new UsageError('There is nothing to test: no variable is set');
  // Somebody is waiting: three attempts show as much as two minutes of them.
  const quick = new Variables(variables).get('JsmChange.OutageMinutes') === '';
  return overridden(variables, {
    'JsmChange.Operation': 'Test',
    ...(quick && { 'JsmChange.OutageMinutes': '0' }),
  });
}

const policyFileName = 'JSM_POLICY_FILE';

/** Returns what is given under an Octopus name, and the named variables that are given under a shell name. */
function octopusVariables(given: Environment, names: readonly string[]): Record<string, string> {
  const isSet = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined;
  const set = Object.entries(given).filter(isSet);
  const own = Object.fromEntries(set.filter(([name]) => /^(?:Octopus|JsmChange)\./i.test(name)));
  const byShellName = new Map(set);
  const others = names.flatMap((name) => {
    const value = byShellName.get(shellName(name));
    return value === undefined ? [] : [[name, value] as const];
  });
  return overridden(Object.fromEntries(others), own);
}

/** Returns both sets of variables, without those of the first whose names, in any case, the second has too. */
function overridden(
  variables: Readonly<Record<string, string>>,
  by: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = new Set(Object.keys(by).map(foldedName));
  const left = Object.entries(variables).filter(([name]) => !names.has(foldedName(name)));
  return { ...Object.fromEntries(left), ...by };
}

function readArguments(args: readonly string[]): Environment {
  const given: Record<string, string> = {};
  for (const argument of args) {
    const [, name = '', value = ''] = /^([^=[]+(?:\[[^\]]*\])?)=(.*)$/su.exec(argument) ?? [];
    if (!/^(?:Octopus\.|JsmChange\.|JSM_|OCTOPUS_)/i.test(name)) {
      throw new UsageError(
        name === '' ? 'An argument is not NAME=VALUE' : `${name} is not a variable of the step`,
      );
    }
    if (isSecret(name)) {
      throw new UsageError(`Set ${name} in the environment: others can read a command line`);
    }
    given[name] = value;
  }
  return given;
}

/** R7, X3: whether a variable contains a secret, under an Octopus name or a shell name, however it is written. */
function isSecret(name: string): boolean {
  return secretNames.includes(letters(name)) || letters(name).startsWith(letters(tokenPattern.prefix));
}

/** The letters and digits of a shell name: people may write it without its underscores. */
function letters(name: string): string {
  return shellName(name).replaceAll('_', '');
}

const secretNames: readonly string[] = stepParameters
  .filter(({ control }) => control === 'Sensitive')
  .map(({ name }) => letters(name));

/**
 * Returns the variables that contain the secrets of a policy. Empty for an invalid policy, which the run
 * itself reports.
 */
function tokenVariables(policy: string): readonly string[] {
  if (policy.trim() === '') return [];
  const loaded = loadPolicy(policy);
  if (!loaded.ok) return [];
  const controlled = loaded.policy.projects.filter((project) => project.changeControlled);
  return controlled.map(({ connection }) => connection.tokenVariable);
}

export const usage = `Usage: npm run doctor -- [NAME=VALUE...]

Tests the connection to Jira Service Management without changing anything. Prints one line per test, and exits with 0
only if none failed. It reads these environment variables:

  JSM_BASE_URL          root URL of the site, for example https://acme.atlassian.net
  JSM_USERNAME          email address (Cloud) or user name (Data Center); unset for a personal access token
  JSM_TOKEN             API token, password (Data Center) or personal access token
  JSM_SERVICE_PROJECT   key of the service project, for example CHG
  JSM_REQUEST_TYPE      name or id of the request type

Every other parameter of the step has a similar name: JSM_PLANNED_START_FIELD is JsmChange.PlannedStartField. With a
policy, set JSM_POLICY_FILE and OCTOPUS_PROJECT_NAME instead, and the variable that contains the token. Pass Octopus names
as arguments, because npm's shell drops them from the environment:

  npm run doctor -- "Octopus.JiraServiceManagement.Field[Impact]=High"`;
