import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { gate, numberVariable } from '../app/gate-run.ts';
import { defaultScopedToken, defaultUsername } from '../sandbox/defaults.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { skipsContract } from '../sandbox/openapi.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(`${root}/docs/jira-calls.md`, 'utf8');

interface Row {
  /** `GET /rest/api/2/issue/{key}` */
  readonly call: string;
  readonly when: string;
  readonly permission: string;
  readonly classic: readonly string[];
  readonly granular: readonly string[];
}

const rows: readonly Row[] = [
  ...document.matchAll(/^\| `((?:GET|POST|PUT|DELETE) \/[^`]+)` \|(.*)\|$/gm),
].map(([, call = '', rest = '']) => {
  const [when = '', permission = '', classic = '', granular = ''] = rest
    .split('|')
    .map((cell) => cell.trim());
  const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return { call, when, permission, classic: codes(classic), granular: codes(granular) };
});

/** A path with its variable parts as `{}`. */
function template(path: string): string {
  return path.replace(/\{[^}]*\}/g, '{}');
}

/** The row that a request is of: the one with the fewest variable parts. */
function rowOf(method: string, path: string): string | undefined {
  const fitting = rows.filter(({ call }) => {
    const [verb, shape = ''] = call.split(' ');
    return verb === method && new RegExp(`^${shape.replace(/\{[^}]*\}/g, '[^/]+')}$`).test(path);
  });
  return fitting.sort((a, b) => a.call.split('{').length - b.call.split('{').length)[0]?.call;
}

interface Sent {
  readonly method: string;
  readonly path: string;
}

/** Runs that together make every call that there is. */
async function everyCall(): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const run = async (site: SimulatedSite, variables: Readonly<Record<string, string>>): Promise<void> => {
    const { requests } = await gate(site, { 'JsmChange.WaitLimitMinutes': '5', ...variables });
    const clean = ({ method, path }: Sent): Sent => ({
      method,
      path: path.replace(/^\/ex\/jira\/[^/]+/, ''),
    });
    sent.push(...requests.map(clean));
  };
  const test = { 'JsmChange.Operation': 'Test' };
  const comments = { 'JsmChange.CustomerComments': 'True' };

  await run(new SimulatedSite(), test);
  await run(new SimulatedSite({ deskIdsOnly: true }), test);
  await run(new SimulatedSite(), { ...test, 'JsmChange.Token': defaultScopedToken });
  const offForm = 'Octopus.JiraServiceManagement.Field[Impact]';
  await run(new SimulatedSite(), {
    ...comments,
    [offForm]: 'High',
    'Octopus.JiraServiceManagement.Field[Change manager]': defaultUsername,
    'JsmChange.ApproveTransition': '61',
  });
  const manyFields = new SimulatedSite();
  manyFields.faults.add({ fault: { kind: 'oversized' }, path: /\/field$/ });
  await run(manyFields, test);
  const dataCenter = new SimulatedSite({ flavour: 'dc' });
  dataCenter.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false });
  await run(dataCenter, {});
  const noRequest = new SimulatedSite();
  const { key } = noRequest.createRequest({
    summary: deploymentTitle,
    status: 'Implementing',
    customerRequest: false,
  });
  await run(noRequest, { ...comments, [numberVariable]: key });
  return sent;
}

/** Every path that the client's source holds, with its variable parts as `{}`. */
function pathsOfSource(): readonly string[] {
  const folder = `${root}/src/jira`;
  const code = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n')
    .replace(/\/\*.*?\*\/|(?<![:'"`])\/\/[^\n]*/gs, '');
  const desk = /const desks = '([^']+)'/.exec(code)?.[1] ?? '';
  const whole = code.replace(/\$\{desks\}/g, desk).replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '{}');
  const found = whole.matchAll(/\/(?:rest\/(?:api|servicedeskapi)|_edge)\/[^\s'"`?]*/g);
  return [...new Set([...found].map(([path]) => path))];
}

describe('docs/jira-calls.md', () => {
  let sent: readonly Sent[];
  beforeAll(async () => {
    sent = await everyCall();
  });

  it('names each call once, with its occasion, permission and scopes', () => {
    const calls = rows.map(({ call }) => call);
    expect(calls.length).toBeGreaterThan(20);
    expect(new Set(calls).size).toBe(calls.length);
    for (const { when, permission } of rows) expect([when, permission]).not.toContain('');
  });

  it('names every path that the client can send, and no other', () => {
    const documented = new Set(rows.map(({ call }) => template(call.split(' ')[1] ?? '')));
    expect([...documented].sort()).toEqual([...pathsOfSource()].sort());
  });

  it('names every call that runs have made, and each of its calls was made', () => {
    const unknown = sent.filter(({ method, path }) => rowOf(method, path) === undefined);
    expect(unknown).toEqual([]);
    const made = new Set(sent.map(({ method, path }) => rowOf(method, path)));
    expect(rows.map(({ call }) => call).filter((call) => !made.has(call))).toEqual([]);
  });

  it('lists the classic scopes that the rows need, as the message about a missing scope does', () => {
    const needed = [...new Set(rows.flatMap(({ classic }) => classic))].sort();
    const listed = /^(?:`[a-z:-]+` ?)+$/m.exec(document)?.[0].match(/[a-z:-]+/g) ?? [];
    expect([...listed].sort()).toEqual(needed);
    const advice = readFileSync(`${root}/src/jira/session/login-fault.ts`, 'utf8');
    for (const scope of needed) expect(advice).toContain(scope);
  });
});

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-atlassian-oauth2-scopes'?: readonly {
    readonly state: string;
    readonly scopes: readonly string[];
  }[];
}

describe.skipIf(skipsContract)('the scopes in docs/jira-calls.md', () => {
  const folder = fileURLToPath(new URL('../../../shared/jira-openapi/', import.meta.url));
  const read = (name: string): OpenApi =>
    existsSync(folder) ? JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) : { paths: {} };
  const documents = ['jira-cloud-platform-v2.json', 'jira-cloud-platform-v3.json', 'jsm-cloud.json'].map(
    read,
  );

  function operation(call: string): Operation | undefined {
    const [method = '', path = ''] = call.replace('projectKey:', '').split(' ');
    for (const { paths } of documents) {
      const found = Object.keys(paths).find((one) => template(one) === template(path));
      const operation = found === undefined ? undefined : paths[found]?.[method.toLowerCase()];
      if (operation !== undefined) return operation;
    }
    return undefined;
  }

  // One is only of Data Center, one is not part of any API, and one is not in the documents at hand.
  const outside = ['POST /rest/api/2/search', 'GET /_edge/tenant_info', 'GET /rest/api/2/user/search'];

  it.each(rows.filter(({ call }) => !outside.includes(call)))(
    'of $call are Atlassian’s',
    ({ call, classic, granular }) => {
      const scopes = operation(call)?.['x-atlassian-oauth2-scopes'] ?? [];
      const of = (state: string): readonly string[] =>
        scopes.find((one) => one.state === state)?.scopes ?? ['?'];
      expect([...classic].sort()).toEqual([...of('Current')].sort());
      expect([...granular].sort()).toEqual([...of('Beta')].sort());
    },
  );
});
