import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { gate, numberVariable } from '../app/gate-run.ts';
import { describeWith } from '../atlassian.ts';
import { defaultScopedToken, defaultUsername } from '../sandbox/defaults.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { ParkedWorld, toJira } from '../simulation/parked-world.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { callsDocument, documentedCallOf, documentedCalls } from './documented-calls.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A path with its variable parts as `{}`. */
function template(path: string): string {
  return path.replace(/\{[^}]*\}/g, '{}');
}

interface Sent {
  readonly method: string;
  readonly path: string;
}

/** Runs that together make every call. */
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
  const parked = new ParkedWorld();
  for (let count = 0; count < 3; count += 1) parked.park();
  sent.push(...toJira(await parked.pass()));
  return sent;
}

/** Every path in the source of the client, with its variable parts as `{}`. */
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

  it('lists each call once, with its occasion, permission and scopes', () => {
    const calls = documentedCalls.map(({ call }) => call);
    expect(calls.length).toBeGreaterThan(20);
    expect(new Set(calls).size).toBe(calls.length);
    for (const { when, permission } of documentedCalls) expect([when, permission]).not.toContain('');
  });

  it('lists exactly the paths that the client can request', () => {
    const documented = new Set(documentedCalls.map(({ call }) => template(call.split(' ')[1] ?? '')));
    expect([...documented].sort()).toEqual([...pathsOfSource()].sort());
  });

  it('lists exactly the calls that the runs made', () => {
    const unknown = sent.filter(({ method, path }) => documentedCallOf(method, path) === undefined);
    expect(unknown).toEqual([]);
    const made = new Set(sent.map(({ method, path }) => documentedCallOf(method, path)));
    expect(documentedCalls.map(({ call }) => call).filter((call) => !made.has(call))).toEqual([]);
  });

  it('lists the classic scopes that the calls need, like the message about a missing scope', () => {
    const needed = [...new Set(documentedCalls.flatMap(({ classic }) => classic))].sort();
    const listed = /^(?:`[a-z:-]+` ?)+$/m.exec(callsDocument)?.[0].match(/[a-z:-]+/g) ?? [];
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

describeWith('jira-openapi', 'the scopes in docs/jira-calls.md', (folder) => {
  const read = (name: string): OpenApi => JSON.parse(readFileSync(`${folder}${name}`, 'utf8'));
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

  // One call exists only on Data Center, one is not part of any API, and two are missing from these
  // documents.
  const outside = [
    'POST /rest/api/2/search',
    'GET /_edge/tenant_info',
    'GET /rest/api/2/user/search',
    'POST /rest/api/3/issue/bulkfetch',
  ];

  it.each(documentedCalls.filter(({ call }) => !outside.includes(call)))(
    'for $call are those that Atlassian documents',
    ({ call, classic, granular }) => {
      const scopes = operation(call)?.['x-atlassian-oauth2-scopes'] ?? [];
      const of = (state: string): readonly string[] =>
        scopes.find((one) => one.state === state)?.scopes ?? ['?'];
      expect([...classic].sort()).toEqual([...of('Current')].sort());
      expect([...granular].sort()).toEqual([...of('Beta')].sort());
    },
  );
});
