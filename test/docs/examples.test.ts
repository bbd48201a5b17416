import { existsSync, readFileSync } from 'node:fs';
import { parse } from '@cdktf/hcl2json';
import { describe, expect, it } from 'vitest';
import { defaultProceedStatuses, defaultWaitStatuses } from '../../src/domain/change/change-state.ts';
import { parameters } from '../../src/octopus/parameters.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { resolvePolicy } from '../../src/policy/resolve.ts';
import { tableOf } from '../recipes/parking-page.ts';
import { startOctopus } from '../sandbox/octopus/server.ts';

const urlOf = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const textOf = (path: string): string => readFileSync(urlOf(path), 'utf8');
const template = JSON.parse(textOf('step-template.json'));

type Block = Readonly<Record<string, unknown>>;

/**
 * The attributes of each resource in the documentation of Octopus' provider (docs/resources); `*` means
 * required.
 */
const attributes: Readonly<Record<string, string>> = {
  step_template:
    'space_id name* description action_type* step_package_id* packages* git_dependencies properties* parameters*',
  variable: 'space_id owner_id name* description type* value is_sensitive sensitive_value scope prompt',
  process: 'space_id project_id* runbook_id',
  process_templated_step:
    'space_id process_id* name* slug template_id* template_version* parameters properties execution_properties condition is_required is_disabled environments worker_pool_id',
  process_step:
    'space_id process_id* name* slug type* properties execution_properties condition is_required is_disabled environments worker_pool_id',
  process_steps_order: 'space_id process_id* steps*',
  runbook: 'space_id project_id* name* description environment_scope environments',
  project_scheduled_trigger:
    'space_id* project_id* name* description run_runbook_action cron_expression_schedule timezone',
  user: 'display_name* username* email_address is_active is_service password identity',
  team: 'space_id name* description users user_role external_security_group',
  user_role: 'name* description granted_space_permissions granted_system_permissions',
  scoped_user_role:
    'space_id team_id* user_role_id* environment_ids project_group_ids project_ids tenant_ids',
};

describe.each(['gate', 'parked', 'policy'])('examples/%s/main.tf', async (folder) => {
  const path = `examples/${folder}/main.tf`;
  const text = textOf(path);
  const { resource = {}, variable = {} } = (await parse('main.tf', text)) as Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, readonly Block[]>>>>>
  >;
  const blocks = Object.entries(resource).flatMap(([type, labels]) =>
    Object.values(labels).flatMap((found) => found.map((block) => ({ type, block }))),
  );

  it('sets only attributes that the provider has, including all required ones', () => {
    expect(blocks.length).toBeGreaterThan(0);
    for (const { type, block } of blocks) {
      const listed = (attributes[type.replace('octopusdeploy_', '')] ?? '').split(' ');
      const known = listed.map((name) => name.replace('*', ''));
      expect([...known, 'for_each'], type).toEqual(expect.arrayContaining(Object.keys(block)));
      const required = listed.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
      expect(Object.keys(block), type).toEqual(expect.arrayContaining(required));
    }
  });

  it('puts everything that belongs to a space into the given space', () => {
    const ofServer = ['octopusdeploy_user', 'octopusdeploy_user_role'];
    const without = blocks.filter(({ type, block }) => !('space_id' in block) && !ofServer.includes(type));
    expect(without.map(({ type }) => type)).toEqual([]);
  });

  it('refers only to declared names, and declares no unused ones', () => {
    const used = [...text.matchAll(/\bvar\.(\w+)/g)].map(([, name = '']) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(variable)));
    for (const [reference, type = '', label = ''] of text.matchAll(
      /(?<!")\b(octopusdeploy_\w+)\.(\w+)\.\w+/g,
    )) {
      expect(resource[type]?.[label], reference).toBeDefined();
    }
  });

  it('reads files that exist', () => {
    const files = [...text.matchAll(/file\("\$\{path\.module\}\/([^"]+)"\)/g)].map(([, file = '']) => file);
    expect(files).toHaveLength(folder === 'parked' ? 0 : 1);
    for (const file of files) expect(existsSync(new URL(file, urlOf(path))), file).toBe(true);
  });
});

describe('examples/gate/main.tf', () => {
  const text = textOf('examples/gate/main.tf');

  it('uses only properties of the template', () => {
    const fields = [...text.matchAll(/local\.template\.(\w+)/g)].map(([, name = '']) => name);
    expect(Object.keys(template)).toEqual(expect.arrayContaining(fields));
    const ofParameters = [...text.matchAll(/\bparameter\.(\w+)/g)].map(([, name = '']) => name);
    expect(ofParameters.length).toBeGreaterThan(5);
    for (const parameter of template.Parameters) {
      expect(Object.keys(parameter)).toEqual(expect.arrayContaining(ofParameters));
    }
  });

  it('sets parameters of the step', () => {
    const set = [...text.matchAll(/"(JsmChange\.[^"]+)"\s+=/g)].map(([, name = '']) => name);
    expect(new Set(set).size).toBe(8);
    const known = parameters.map(({ name }): string => name);
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the example policies', () => {
  const load = (file: string) => {
    const result = loadPolicy(textOf(`examples/policy/${file}`));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    return result.policy;
  };
  const kindOf = (file: string, project: string, environment: string, runbook?: string) =>
    resolvePolicy(load(file), { project, environment, runbook }).kind;

  it.each([
    ['policy.yaml', 'Web Site', 'Production', 'required'],
    ['policy.yaml', 'Web Site', 'Test', 'not-required'],
    ['many-spaces.yaml', 'Ledger', 'Production', 'required'],
    ['many-spaces.yaml', 'Web Site', 'Staging', 'not-required'],
    ['many-spaces.yaml', 'Web Site Docs', 'Production', 'not-required'],
    ['many-spaces.yaml', 'New project', 'Production', 'stop'],
  ])('%s: approval for %s to %s is %s', (file, project, environment, kind) => {
    expect(kindOf(file, project, environment)).toBe(kind);
  });

  it('gate the runbooks that they name', () => {
    expect(kindOf('many-spaces.yaml', 'Web Site', 'Production', 'Rotate certificates')).toBe('required');
    expect(kindOf('many-spaces.yaml', 'Web Site', 'Production', 'Other')).toBe('not-required');
  });
});

describe('examples/policy/change-gate.rego', () => {
  const text = textOf('examples/policy/change-gate.rego');
  const code = text.replace(/^\s*#.*$/gm, '');
  const bare = code.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');

  /**
   * The fields of https://octopus.com/docs/platform-hub/policies/schema that every deployment has, and
   * Runbook.
   */
  const input = [
    ...['Environment', 'Project', 'Space', 'ProjectGroup'].flatMap((name) =>
      ['Id', 'Name', 'Slug'].map((field) => `${name}.${field}`),
    ),
    'SkippedSteps',
    'Steps',
    'Runbook',
  ];
  const step = [
    'Id',
    'Slug',
    'ActionType',
    'Enabled',
    'IsRequired',
    'Source.Type',
    'Source.SlugOrId',
    'Source.Version',
  ];
  const fieldsOf = (name: string): readonly string[] =>
    [...bare.matchAll(new RegExp(`\\b${name}\\.([\\w.]+)`, 'g'))].map(([, field = '']) => field);

  it('closes every string and bracket', () => {
    expect(bare.replaceAll('""', '')).not.toContain('"');
    const open: string[] = [];
    for (const [mark] of bare.matchAll(/[{}[\]()]/g)) {
      if ('{[('.includes(mark)) open.push(mark);
      else expect(`${open.pop()}${mark}`).toMatch(/^(?:\{\}|\[\]|\(\))$/);
    }
    expect(open).toEqual([]);
  });

  it('has a package name that can be the slug of a policy', () => {
    expect(bare.trim().split('\n')[0]).toMatch(/^package [a-z]+(?:_[a-z]+)*$/);
  });

  it('blocks by default', () => {
    expect(bare).toMatch(/^default evaluate := false$/m);
    const [, byDefault = ''] = /^default result := (\{[^}]*\})/m.exec(code) ?? [];
    expect(JSON.parse(byDefault.replace(/,\s*\}/, '}'))).toEqual({
      allowed: false,
      action: 'block',
      reason: expect.stringContaining(`'${template.Name}'`),
    });
  });

  it('reads only documented fields of the input', () => {
    expect(fieldsOf('input').length).toBeGreaterThan(3);
    expect(fieldsOf('input').filter((field) => !input.includes(field))).toEqual([]);
    expect(fieldsOf('step')).toEqual(
      expect.arrayContaining(['Source.Type', 'Source.SlugOrId', 'Enabled', 'Id']),
    );
    expect(fieldsOf('step').filter((field) => !step.includes(field))).toEqual([]);
  });

  it('uses only names that it defines, and keywords of the language', () => {
    const defined = [...bare.matchAll(/^(?:default |package )?(\w+)(?: :=| if|$)|\bsome (\w+) in/gm)].map(
      ([, rule, item]) => rule ?? item ?? '',
    );
    const words = [...bare.matchAll(/(?<![.\w])[A-Za-z_]\w*/g)].map(([word]) => word);
    const language = ['package', 'default', 'if', 'some', 'in', 'not', 'input', 'true', 'false'];
    expect(words.filter((word) => !language.includes(word) && !defined.includes(word))).toEqual([]);
  });
});

describe('the rules for Jira Automation', () => {
  interface Rule {
    readonly name: string;
    readonly when: Readonly<Record<string, unknown>>;
    readonly if: readonly Readonly<Record<string, string>>[];
    readonly then: readonly Readonly<Record<string, unknown>>[];
  }
  const ruleOf = (name: string): Rule => JSON.parse(textOf(`examples/jira-automation/${name}.json`));

  it('move an approved change from a status that waits to one that proceeds', () => {
    const rule = ruleOf('approved-to-implementing');
    expect(rule.when).toEqual({ trigger: 'Approval completed', decision: 'Approved' });
    const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
    const from = rule.if.find(({ field }) => field === 'Status')?.['value'] ?? '';
    expect(lower(defaultWaitStatuses)).toContain(from.toLowerCase());
    expect(lower(defaultProceedStatuses)).toContain(
      String(rule.then[0]?.['destination status']).toLowerCase(),
    );
    expect(textOf('docs/jira-setup.md')).toContain(`When: ${String(rule.when['trigger']).toLowerCase()}`);
  });

  it('send the web request of docs/parking.md, which starts the runbook', async () => {
    const rule = ruleOf('wake-up');
    expect(rule.when['to status']).toEqual(['Implementing', 'Declined']);
    const [{ 'HTTP method': method, 'Web request URL': url, Headers: headers } = {}] = rule.then;
    const [header] = headers as readonly { key: string; value: string; hidden: boolean }[];
    expect({ Method: method, URL: url, Header: header?.key }).toEqual(tableOf('webhook'));
    expect(header?.hidden).toBe(true);
    const octopus = await startOctopus();
    try {
      const { id } = octopus.addWebhook({ runbook: 'Resume parked deployments', secret: 's3cret' });
      const values: Readonly<Record<string, string>> = {
        'Octopus URL': octopus.url,
        'space id': octopus.defaultSpace.id,
        id,
        secret: 's3cret',
      };
      const filled = (text: unknown) =>
        String(text).replace(/\{([^}]+)\}/g, (_all, name) => values[name] ?? '');
      octopus.setProcess({ steps: [], variables: {} }, { runbook: 'Resume parked deployments' });
      const answer = await fetch(filled(url), {
        method: String(method),
        headers: { [header?.key ?? '']: filled(header?.value) },
      });
      expect(answer.status).toBe(200);
      expect(octopus.runs).toMatchObject([{ runbook: { name: 'Resume parked deployments' } }]);
    } finally {
      await octopus.close();
    }
  });
});

describe.each(['examples/README.md', 'docs/rollout.md'])('%s', (path) => {
  it('links to files that exist', () => {
    const links = [...textOf(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((link) => !existsSync(new URL(link, urlOf(path))))).toEqual([]);
  });
});
