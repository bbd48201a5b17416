import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { install } from '../../scripts/install-template/install.ts';
import { OctopusApi } from '../../scripts/install-template/octopus-api.ts';
import { octopusLogin } from '../../scripts/install-template/octopus-login.ts';
import { type OwnTemplate, ownTemplates } from '../../scripts/install-template/own-templates.ts';
import { createHttpTransport } from '../../src/http/http-transport.ts';
import { createCertificates } from '../black-box/certificates.ts';
import type { Permission } from '../sandbox/octopus/account.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { latest } from '../sandbox/octopus/template-store.ts';
import { startSandbox } from '../sandbox/server.ts';

/** The templates with short scripts, which are faster. */
const templates = (await ownTemplates()).map((own) => ({
  ...own,
  Properties: { ...own.Properties, 'Octopus.Action.Script.ScriptBody': `echo 1\necho ${own.Name}` },
}));
const [gate = fail(), ...others] = templates;
const names = templates.map(({ Name }) => Name);

function fail(): never {
  throw new Error('there is no template');
}

const editor: readonly Permission[] = [
  'ActionTemplateView',
  'ActionTemplateCreate',
  'ActionTemplateEdit',
  'ProcessEdit',
];

interface Asked {
  readonly space?: string;
  readonly isDryRun?: boolean;
  readonly updatesSteps?: boolean;
  readonly own?: readonly OwnTemplate[];
  readonly apiKey?: string;
}

let octopus: OctopusServer;
let key: string;
const transport = createHttpTransport({});
const waits: number[] = [];

beforeEach(async () => {
  octopus = await startOctopus();
  const second = octopus.addSpace('Retail');
  const user = octopus.addUser({ username: 'admin', permissions: editor });
  user.grants.push(...editor.map((permission) => ({ permission, spaceId: second.id })));
  key = user.apiKey;
  waits.length = 0;
});
afterEach(async () => {
  transport.close();
  await octopus.close();
});

async function run({
  space = 'Default',
  isDryRun = false,
  updatesSteps = false,
  own = templates,
  apiKey = key,
}: Asked = {}) {
  const lines: string[] = [];
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  const api = new OctopusApi({ ...octopusLogin(octopus.url, apiKey), send: transport.send, wait });
  const print = (line: string): void => void lines.push(line);
  const code = await install({ api, templates: own, space, isDryRun, updatesSteps, print });
  return { code, text: lines.join('\n') };
}

const writes = (): readonly string[] =>
  octopus.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

/**
 * Installs the templates of an older release; returns the first one and a function that adds a step with it.
 */
async function oldRelease(changed: Partial<OwnTemplate> = { Description: 'Older' }) {
  await run({ own: [{ ...gate, ...changed }, ...others] });
  octopus.requests.length = 0;
  const template = octopus.stepTemplates.templates[0] ?? fail();
  return { template, use: octopus.stepTemplates.use.bind(octopus.stepTemplates) };
}

describe('npm run install-template', () => {
  it('adds every template to every space, and changes nothing the second time', async () => {
    const { code, text } = await run({ space: 'all' });
    expect(code).toBe(0);
    expect(text).toContain('Space Default (Spaces-1)');
    expect(text).toContain('Space Retail (Spaces-2)');
    expect(text).toContain('Templates: 8 added, 0 updated, 0 unchanged. Steps: 0 updated. Failed: 0.');
    for (const space of octopus.spaces) {
      const inSpace = octopus.stepTemplates.templates.filter((template) => template.space === space);
      expect(inSpace.map((template) => latest(template).name)).toEqual(names);
      expect(latest(inSpace[0] ?? fail()).resource).toMatchObject({
        Properties: gate.Properties,
        Parameters: gate.Parameters,
        SpaceId: space.id,
      });
    }
    octopus.requests.length = 0;
    const second = await run({ space: 'all', updatesSteps: true });
    expect(second.code).toBe(0);
    expect(second.text).toContain(`${gate.Name}: unchanged, version 0 (ActionTemplates-1)`);
    expect(second.text).toContain('Templates: 0 added, 0 updated, 8 unchanged. Steps: 0 updated. Failed: 0.');
    expect(writes()).toEqual([]);
  });

  it('changes only the named space, in any case', async () => {
    await run({ space: 'retail' });
    expect(new Set(octopus.stepTemplates.templates.map(({ space }) => space.name))).toEqual(
      new Set(['Retail']),
    );
  });

  it('creates the next version of a template that differs, and shows where it is used', async () => {
    const { template, use } = await oldRelease();
    const step = use({ template, step: 'Change gate' });
    use({ template, step: 'Rotate gate', runbook: 'Rotate certificates' });
    const { code, text } = await run();
    expect(code).toBe(0);
    expect(text).toContain(`${gate.Name}: version 0 -> 1 (ActionTemplates-1), updated`);
    expect(text).toContain('project Web Site, step Change gate: version 0 (older: see --update-steps)');
    expect(text).toContain('project Web Site, runbook Rotate certificates, step Rotate gate: version 0');
    expect(latest(template).resource['Description']).toBe(gate.Description);
    expect(step.version).toBe(0);
    expect(writes()).toEqual(['PUT /api/Spaces-1/actiontemplates/ActionTemplates-1']);
  });

  it("keeps properties that only the server's template has", async () => {
    const { template } = await oldRelease({ Description: 'Older' });
    octopus.stepTemplates.change(template, {
      ...latest(template).resource,
      CommunityActionTemplateId: 'CommunityActionTemplates-9',
    });
    await run();
    expect(latest(template).resource).toMatchObject({
      CommunityActionTemplateId: 'CommunityActionTemplates-9',
      Id: template.id,
    });
  });

  it('sends the version that it read, so that a concurrent change is not overwritten', async () => {
    octopus.behaviour.refusesStaleVersions = true;
    const { template } = await oldRelease();
    expect((await run()).code).toBe(0);
    expect(latest(template).version).toBe(1);
  });

  it.each([
    ['script', { Properties: { ...gate.Properties, 'Octopus.Action.Script.ScriptBody': 'echo old' } }],
    ['parameter', { Parameters: (gate.Parameters ?? []).slice(1) }],
    ['label', { Parameters: (gate.Parameters ?? []).map((one) => ({ ...one, Label: 'Old' })) }],
  ])('notices a different %s', async (_what, changed) => {
    await oldRelease(changed);
    expect((await run()).text).toContain('0 added, 1 updated, 3 unchanged');
  });

  it('ignores how the server writes empty defaults, line ends and display settings', async () => {
    await oldRelease({
      Description: gate.Description.replaceAll('\n', '\r\n'),
      Parameters: (gate.Parameters ?? []).map((one) => ({
        ...one,
        HelpText: String(one['HelpText']).replaceAll('\n', '\r\n'),
        DefaultValue: one['DefaultValue'] === '' ? null : one['DefaultValue'],
        DisplaySettings: Object.fromEntries(Object.entries(Object(one['DisplaySettings'])).reverse()),
      })),
    });
    expect((await run()).text).toContain('0 added, 0 updated, 4 unchanged');
    expect(writes()).toEqual([]);
  });

  it('reports a server that does not store what was sent', async () => {
    const { template } = await oldRelease();
    const { resource } = latest(template);
    octopus.faults.add({
      method: 'PUT',
      fault: {
        kind: 'status',
        status: 200,
        body: JSON.stringify({ ...resource, Id: template.id, Version: 1, Description: 'Shortened' }),
      },
    });
    expect((await run()).text).toContain('Octopus stores this template differently from how it was sent');
  });

  it('[F3] ends a list that brings nothing new, or never ends', async () => {
    const listed = async (items: (skip: string) => string) => {
      const send: ConstructorParameters<typeof OctopusApi>[0]['send'] = async ({ url }) => ({
        status: 200,
        header: () => undefined,
        text: `{"Items":[${items(new URL(url).searchParams.get('skip') ?? '')}]}`,
      });
      const api = new OctopusApi({ ...octopusLogin(octopus.url, key), send, wait: async () => undefined });
      return api.list('/api/Spaces-1/actiontemplates');
    };
    expect(await listed(() => '{"Id":"ActionTemplates-1"}')).toEqual([{ Id: 'ActionTemplates-1' }]);
    await expect(listed((skip) => `{"Id":"ActionTemplates-${skip}"}`)).rejects.toThrow(
      /actiontemplates did not end after \d+ pages/,
    );
  });

  it('finds a template on a later page, but not one whose name only contains its name', async () => {
    octopus.behaviour.longestPage = 1;
    octopus.stepTemplates.add(octopus.defaultSpace, { Name: `${gate.Name} (copy)`, ActionType: 'X' });
    await run();
    expect((await run()).text).toContain('4 unchanged');
    expect(octopus.stepTemplates.templates).toHaveLength(5);
  });
});

describe('--update-steps', () => {
  it('updates each step to the new version, with a value for new parameters without a default', async () => {
    const added = (gate.Parameters ?? []).filter(({ DefaultValue }) => DefaultValue === '').slice(0, 2);
    const { template, use } = await oldRelease({
      Parameters: (gate.Parameters ?? []).filter((one) => !added.includes(one)),
    });
    const [step, runbook, branch] = [
      use({ template, step: 'Change gate' }),
      use({ template, step: 'Gate', runbook: 'Rotate' }),
      use({ template, step: 'Gate', project: 'Shop', branch: 'refs/heads/main' }),
    ];
    const { code, text } = await run({ updatesSteps: true });
    expect(code).toBe(0);
    expect([step.version, runbook.version, branch.version]).toEqual([1, 1, 1]);
    expect(Object.keys(step.values)).toEqual(added.map(({ Name }) => Name));
    expect(step.values[added[0]?.Name ?? '']).toEqual({ Value: '', IsSensitive: false });
    expect(text).toContain(
      `project Shop, branch refs/heads/main, step Gate: version 0 -> 1, updated; new parameters set to their defaults: ${added.map(({ Name }) => Name).join(', ')}`,
    );
    octopus.requests.length = 0;
    expect((await run({ updatesSteps: true })).text).toContain('Steps: 0 updated. Failed: 0.');
    expect(writes()).toEqual([]);
  });

  it('skips steps of unknown version or process', async () => {
    const { template, use } = await oldRelease();
    const { actionId, processId } = use({ template, step: 'Change gate' });
    const shown = { ActionId: actionId, ProcessId: processId, ProjectName: 'Shop', StepName: 'Gate' };
    const body = JSON.stringify([shown, { ...shown, Version: '0', Release: '1.2.3' }]);
    octopus.faults.add({ path: /usage$/, fault: { kind: 'status', status: 200, body } });
    const { code, text } = await run({ updatesSteps: true });
    expect(code).toBe(0);
    expect(text).toContain('project Shop, step Gate: version unknown');
    expect(text).toContain('project Shop, release 1.2.3, step Gate: version 0\n');
    expect(writes()).toEqual(['PUT /api/Spaces-1/actiontemplates/ActionTemplates-1']);
  });

  it('updates steps that an earlier run left behind', async () => {
    const { template, use } = await oldRelease();
    const step = use({ template, step: 'Change gate' });
    await run();
    const { text } = await run({ updatesSteps: true });
    expect(text).toContain('unchanged, version 1');
    expect(text).toContain('step Change gate: version 0 -> 1, updated');
    expect(step.version).toBe(1);
  });

  it('reports a step that a person must merge, and updates the others', async () => {
    const { template, use } = await oldRelease();
    const torn = use({ template, step: 'Edited', conflicts: { 'Octopus.Action.RunOnServer': ['changed'] } });
    const step = use({ template, step: 'Change gate', project: 'Shop' });
    const { code, text } = await run({ updatesSteps: true });
    expect(code).toBe(1);
    expect(text).toMatch(
      /step Edited: version 0, NOT UPDATED: .*ManualMergeRequired: Octopus\.Action\.RunOnServer/,
    );
    expect([torn.version, step.version]).toEqual([0, 1]);
    expect(text).toContain('Steps: 1 updated. Failed: 1.');
  });

  it.each([
    ['RemovedPackageInUse', 'it uses a package that the new version no longer has'],
    ['SomethingNew', 'the server reported SomethingNew'],
  ])('reports the outcome %s', async (Outcome, words) => {
    const { template, use } = await oldRelease();
    use({ template, step: 'Change gate' });
    octopus.faults.add({
      path: /actionsUpdate/,
      fault: { kind: 'status', status: 200, body: JSON.stringify([{ Outcome }]) },
    });
    const { code, text } = await run({ updatesSteps: true });
    expect(code).toBe(1);
    expect(text).toContain(words);
  });

  it('names the missing permission for a step, and still updates the template', async () => {
    const { template, use } = await oldRelease();
    use({ template, step: 'Change gate' });
    const { apiKey } = octopus.addUser({ username: 'author', permissions: editor.slice(0, 3) });
    const { code, text } = await run({ updatesSteps: true, apiKey });
    expect(code).toBe(1);
    expect(text).toMatch(/step Change gate: version 0, NOT UPDATED\. .*403.*ProcessEdit/);
    expect(latest(template).version).toBe(1);
  });
});

describe('--dry-run', () => {
  it('writes nothing, and lists what it would do', async () => {
    const { template, use } = await oldRelease();
    use({ template, step: 'Change gate' });
    const { code, text } = await run({ space: 'all', isDryRun: true, updatesSteps: true });
    expect(code).toBe(0);
    expect(writes()).toEqual([]);
    expect(text).toContain('(dry run: nothing is changed)');
    expect(text).toContain(`${gate.Name}: version 0 -> 1 (ActionTemplates-1), to update`);
    expect(text).toContain('step Change gate: version 0 -> 1, to update');
    expect(text).toContain(`${gate.Name}: to add`);
    expect(text).toContain('Templates: 4 to add, 1 to update, 3 unchanged. Steps: 1 to update. Failed: 0.');
  });
});

describe('a failure', () => {
  it('lists the existing spaces if the space does not exist', async () => {
    await expect(run({ space: 'Wholesale' })).rejects.toThrow(
      'The key\'s account cannot see a space named "Wholesale". It can see: Default, Retail.',
    );
  });

  it('rejects a key that the server does not know, without repeating it', async () => {
    const refused = run({ apiKey: 'API-WRONG' });
    await expect(refused).rejects.toThrow(/status 401: .*OCTOPUS_API_KEY is a key of this server/);
    await expect(refused).rejects.not.toThrow(/API-WRONG/);
  });

  it('continues with the next space if one cannot be changed', async () => {
    const user = octopus.addUser({ username: 'half', permissions: ['ActionTemplateView'] });
    const [, retail = fail()] = octopus.spaces;
    user.grants.push(...editor.map((permission) => ({ permission, spaceId: retail.id })));
    const { code, text } = await run({ space: 'all', apiKey: user.apiKey });
    expect(code).toBe(1);
    expect(text).toMatch(/FAILED\. POST .* returned status 403: .*ActionTemplateCreate/);
    expect(text).toContain('Templates: 4 added, 0 updated, 0 unchanged. Steps: 0 updated. Failed: 4.');
  });

  it.each([
    ['a web page', { kind: 'login-page' }, /status 200 with a web page\. Check that http/],
    [
      'a redirect',
      { kind: 'status', status: 302, headers: { location: 'https://login.acme.example/' } },
      /redirects to another address \(https:\/\/login\.acme\.example\/\)/,
    ],
    ['a broken connection', { kind: 'reset' }, /the connection was lost/],
    ['404 of a proxy', { kind: 'status', status: 404 }, /status 404 with a web page/],
    ['403 of a proxy', { kind: 'status', status: 403 }, /a web page\. The key's account lacks a permission/],
    ['other JSON', { kind: 'wrong-shape' }, /returned a space without an id/],
  ] as const)('explains %s', async (_what, fault, message) => {
    octopus.faults.add({ path: /spaces\/all/, fault });
    await expect(run()).rejects.toThrow(message);
  });

  it('reports a missing server', async () => {
    const api = new OctopusApi({
      server: 'http://127.0.0.1:1',
      apiKey: 'API-X',
      send: transport.send,
      wait: () => Promise.resolve(),
    });
    const asked = { api, templates, space: 'all', isDryRun: true, updatesSteps: false, print: () => {} };
    await expect(install(asked)).rejects.toThrow(
      'http://127.0.0.1:1: the server could not be reached (ECONNREFUSED).',
    );
  });

  it('waits as long as a 429 says, and sends the request again', async () => {
    octopus.faults.add(
      { method: 'POST', at: 1, fault: { kind: 'status', status: 429, retryAfterSeconds: 3 } },
      { method: 'POST', at: 2, fault: { kind: 'status', status: 429 } },
    );
    expect((await run()).code).toBe(0);
    expect(waits).toEqual([3000, 10_000]);
    expect(octopus.stepTemplates.templates).toHaveLength(4);
  });

  it('ends on a server that only answers 429', async () => {
    octopus.faults.add({ fault: { kind: 'status', status: 429 } });
    await expect(run()).rejects.toThrow(/status 429/);
    expect(waits).toHaveLength(4);
  });
});

describe('the login', () => {
  it.each([
    ['http://octopus.acme.example', 'https; plain http'],
    ['octopus', 'expected the root URL'],
    ['https://me:secret@acme.octopus.app', 'without a user name'],
    ['https://acme.octopus.app/app#/Spaces-1', 'without the path of a page'],
    ['https://acme.octopus.app/app', 'without the path of a page'],
  ])('refuses the address %s', (server, message) => {
    expect(() => octopusLogin(server, 'API-X')).toThrow(message);
  });

  it.each([
    ['http://localhost:8065/', 'http://localhost:8065'],
    [' https://acme.example/octopus/ ', 'https://acme.example/octopus'],
  ])('accepts %s', (address, server) => {
    expect(octopusLogin(address, 'API-X').server).toBe(server);
  });

  it('rejects a key that cannot be sent, without repeating it', () => {
    expect(() => octopusLogin('https://a.example', 'API-Ä\nB')).toThrow(/^OCTOPUS_API_KEY contains/);
    expect(() => octopusLogin('https://a.example', ' ')).toThrow('OCTOPUS_API_KEY is not set');
    expect(octopusLogin('https://a.example', 'API-X').withoutKey('the key API-X')).toBe('the key ********');
  });
});

describe('the command', () => {
  const command = (args: readonly string[], env: NodeJS.ProcessEnv) =>
    new Promise<{ code: number | null; text: string }>((resolve, reject) => {
      const root = fileURLToPath(new URL('../..', import.meta.url));
      const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/install-template.ts', ...args], {
        cwd: root,
        env: { ...process.env, ...env },
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
      }
      child.once('error', reject).once('close', (code) => resolve({ code, text }));
    });

  it('is called with the address and the key in the environment, and never prints the key', async () => {
    const env = { OCTOPUS_URL: octopus.url, OCTOPUS_API_KEY: key };
    const { code, text } = await command(['--space', 'all'], env);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain('8 added');
    octopus.faults.add({
      fault: { kind: 'status', status: 400, body: JSON.stringify({ ErrorMessage: `Bad key ${key}` }) },
    });
    const refused = await command(['--space', 'all'], env);
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('Bad key ********');
    expect(text + refused.text).not.toContain(key);
  });

  it('[X3] [R7] sends nothing if Node would print its requests', async () => {
    const env = { OCTOPUS_API_KEY: key, NODE_DEBUG: 'http' };
    const { code, text } = await command(['--server', octopus.url, '--space', 'all'], env);
    expect(text).not.toContain(key);
    expect(text).toMatch(/^NODE_DEBUG is set, so Node would print every request/m);
    expect(code).toBe(1);
    expect(octopus.requests).toHaveLength(0);
  });

  it('[F2] checks the certificate of the server whatever the environment says', async () => {
    const sandbox = await startSandbox({ tls: createCertificates(['IP:127.0.0.1']) });
    const env = { OCTOPUS_API_KEY: key, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { code, text } = await command(['--server', sandbox.url, '--space', 'all'], env);
    await sandbox.close();
    expect(text).toContain('certificate is not trusted');
    expect(code).toBe(1);
    expect(sandbox.requests).toHaveLength(0);
  });

  it('[X1] lets no name from the server write a line', async () => {
    octopus.addSpace('Sales\nTemplates: 0 added. Failed: 0.\u001b[8m');
    const { id } = octopus.spaces.at(-1) ?? fail();
    const user = octopus.addUser({ username: 'reader', permissions: editor });
    user.grants.push(...editor.map((permission) => ({ permission, spaceId: id })));
    const env = { OCTOPUS_URL: octopus.url, OCTOPUS_API_KEY: user.apiKey };
    const { text } = await command(['--space', 'all', '--dry-run'], env);
    expect(text).toContain('Space Sales\\u{a}Templates: 0 added. Failed: 0.\\u{1b}[8m (');
  });
});
