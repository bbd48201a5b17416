import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const urlOf = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const page = readFileSync(urlOf('CONTRIBUTING.md'), 'utf8');

describe('CONTRIBUTING.md', () => {
  it('names folders and files that exist', () => {
    const [, layout = ''] = /## Layout[\s\S]*?```\n([\s\S]*?)```/.exec(page) ?? [];
    let folder = '';
    const paths = layout.split('\n').flatMap((line) => {
      const [, indent = '', name = ''] = /^( {0,2})([\w-]+\/?[\w./-]*(?:\/|\.ts))(?: |$)/.exec(line) ?? [];
      if (name === '') return [];
      if (indent === '') folder = name;
      return [indent === '' ? name : `${folder}${name}`];
    });
    expect(paths.length).toBeGreaterThan(25);
    expect(paths.filter((path) => !existsSync(urlOf(path)))).toEqual([]);
  });

  it('names every command', () => {
    const { scripts } = JSON.parse(readFileSync(urlOf('package.json'), 'utf8'));
    const named = [...page.matchAll(/npm (?:run )?([\w-]+)/g)].map(([, name]) => name);
    expect(Object.keys(scripts).filter((name) => name !== 'prepare' && !named.includes(name))).toEqual([]);
  });
});
