import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compilePolicySchema } from '../../scripts/compile-policy-schema.ts';
import { defaultProceedStatuses, defaultWaitStatuses } from '../../src/domain/change/change-state.ts';
import { schemaErrors } from '../../src/policy/policy-validator.js';
import { examplePolicy } from './example.ts';

interface Schema {
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly additionalProperties?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const file = (name: string) => readFile(new URL(`../../src/policy/${name}`, import.meta.url), 'utf8');
const schema: Schema = JSON.parse(await file('policy.schema.json'));

function parts(node: Schema, path: string): readonly (readonly [path: string, node: Schema])[] {
  return [
    [path, node],
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => parts(child, `${path}/${key}`)),
    ...(node.items ? parts(node.items, `${path}/*`) : []),
  ];
}

describe('the JSON Schema of the policy', () => {
  it('is the source of the compiled validator', async () => {
    expect(await file('policy-validator.js')).toBe(await compilePolicySchema());
  });

  it('needs neither code generation nor any part of ajv at run time', async () => {
    expect(await file('policy-validator.js')).not.toMatch(/\beval\(|new Function|\brequire\(|^import /m);
  });

  it('is a valid schema with an id', () => {
    expect(schema.$id).toMatch(/^urn:/);
    expect(new Ajv().validateSchema(schema)).toBe(true);
  });

  it.each(parts(schema, ''))('has a title, a description and valid examples at %j', (_path, node) => {
    expect(node.title).toMatch(/\w/);
    expect(node.description).toMatch(/\w.*\.$/);
    expect(node.examples).not.toHaveLength(0);
    const { $id: _, ...rest } = node;
    const validate = new Ajv({ strict: false, formats: { uri: true } }).compile(rest);
    for (const example of node.examples ?? []) expect(validate(example), JSON.stringify(example)).toBe(true);
    if (node.default !== undefined) expect(validate(node.default)).toBe(true);
    if (node.properties) expect(node.additionalProperties).toBe(false);
  });

  it('[T4] documents the default statuses of the step', () => {
    const states = schema.properties?.['states']?.properties;
    expect(states?.['proceed']?.default).toEqual(defaultProceedStatuses);
    expect(states?.['wait']?.default).toEqual(defaultWaitStatuses);
  });

  it.each([
    ['the example', parse(examplePolicy), true],
    ['a list', [], false],
    ['nothing', null, false],
    ['the bare minimum', { version: 1 }, true],
    ['another version', { version: 2 }, false],
    ['an unknown key', { version: 1, project: [] }, false],
    ['a controlled project without a connection', { version: 1, projects: [{ name: 'A' }] }, false],
    ['an uncontrolled project', { version: 1, projects: [{ name: 'A', changeControlled: false }] }, true],
  ])('agrees with the compiled validator on %s', (_title, value, valid) => {
    expect(schemaErrors(value).length === 0).toBe(valid);
    expect(new Ajv({ allowUnionTypes: true, formats: { uri: true } }).validate(schema, value)).toBe(valid);
  });
});
