import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';
import { describeProblem } from '../../src/policy/problem.ts';
import { examplePolicy } from './example.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const text = await read('docs/policy.md');
const schema: Schema = JSON.parse(await read('src/policy/policy.schema.json'));

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

function keys(node: Schema, path = ''): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const own = path === '' ? key : `${path}.${key}`;
    const inner = [...keys(child, own), ...keys(child.items ?? {}, `${own}[]`)];
    return key === 'states' ? inner : [own, ...inner];
  });
}

describe('docs/policy.md', () => {
  it('shows a complete policy without problems, the same as in the tests', async () => {
    const yaml = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const shown = await loadPolicy(yaml);
    expect(shown).toMatchObject({ ok: true });
    expect(shown).toEqual(await loadPolicy(examplePolicy));
  });

  it.each(keys(schema))('explains the key %s', (key) => {
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.some((row) => row.split('|')[1]?.includes(`\`${key}\``))).toBe(true);
  });

  it('[Y7] shows problems in the words of the loader', async () => {
    const result = await loadPolicy(`version: 1
enabeld: true
connections:
  - name: Acme Cloud


    baseUrl: http://acme.atlassian.net
    tokenVariable: JsmChange.Token
projects:
  - name: A
    serviceProject: CHG
    connection: Acme Clod
  - name: B
    changeControlled: false
    runbooks: Fix
`);
    const broken = await loadPolicy(`${'#\n'.repeat(14)}    runbooks: *`);
    const said = [result, broken].flatMap((each) => (each.ok ? [] : each.problems.map(describeProblem)));
    expect(said).toHaveLength(5);
    for (const line of said) expect(text).toContain(`\n${line}\n`);
  });
});
