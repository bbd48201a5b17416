import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

/**
 * The modules of src, the folders and the packages that the modules of a folder may import besides each
 * other. `app/*` are the modules of that folder without its subfolders.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  'domain/change': ['domain/*'],
  'domain/deployment': ['domain/*', 'domain/change/'],
  'domain/decision': ['domain/*', 'domain/change/', 'domain/deployment/'],
  app: ['domain/', 'app/gate/', 'app/evidence/'],
  'app/gate': ['domain/', 'app/*'],
  'app/evidence': ['domain/', 'app/*', 'node:crypto', 'node:util'],
  'app/evidence/page': ['domain/', 'app/evidence/*'],
  'app/connection-test': ['domain/', 'app/*'],
  'app/parking': ['domain/', 'app/*', 'app/gate/', 'app/connection-test/checklist.ts'],
  policy: ['domain/', 'yaml', '../node_modules/yaml/'],
  octopus: ['domain/', 'app/ports.ts'],
  settings: ['domain/', 'app/ports.ts', 'policy/', 'octopus/'],
  jira: [
    'domain/',
    'app/ports.ts',
    'app/connection-test/ports.ts',
    'app/parking/ports.ts',
    'jira/session/',
    'jira/fields/',
    'jira/request/',
    'http/',
  ],
  'octopus-server': ['domain/', 'app/ports.ts', 'app/parking/ports.ts', 'http/'],
  'jira/request': ['domain/', 'app/ports.ts', 'jira/*', 'jira/session/', 'jira/fields/', 'http/'],
  'jira/fields': ['domain/', 'app/ports.ts', 'jira/*', 'jira/session/', 'http/'],
  'jira/session': ['domain/', 'app/ports.ts', 'http/'],
  http: ['domain/', 'app/ports.ts', 'node-fetch', 'https-proxy-agent', 'proxy-from-env', 'node:'],
};

interface Module {
  /** The path relative to src, with forward slashes. */
  readonly path: string;
  readonly folder: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly string[];
}

const modules: readonly Module[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const code = readFileSync(join(source, path), 'utf8').replace(/\/\*.*?\*\/|(?<![:'"`])\/\/[^\n]*/gs, '');
    const specifiers = code.matchAll(/(?:\bfrom|^import|\bimport\()\s*'([^']+)'/gm);
    return {
      path,
      folder: dirname(path),
      code,
      imports: [...specifiers].map(([, name = '']) =>
        name.startsWith('.') ? posix.join(dirname(path), name) : name,
      ),
    };
  });

const paths = modules.map(({ path }) => path);

describe('The architecture', () => {
  it('has a rule for every folder, and the imports are found', () => {
    expect([...new Set(modules.map(({ folder }) => folder))].sort()).toEqual(
      ['.', ...Object.keys(allowed)].sort(),
    );
    const imports = modules.flatMap((module) => module.imports);
    expect(imports.length).toBeGreaterThan(modules.length);
    expect(imports.filter((name) => name.endsWith('.ts') && !paths.includes(name))).toEqual([]);
  });

  it.each(Object.entries(allowed))('lets %s import only what it may', (folder, others) => {
    const inside = modules.filter((module) => module.folder === folder);
    expect(inside).not.toHaveLength(0);
    const mayImport = (name: string): boolean =>
      [`${folder}/*`, ...others].some((start) =>
        start.endsWith('/*') ? dirname(name) === start.slice(0, -2) : name.startsWith(start),
      );
    const outside = inside.flatMap(({ path, imports }) =>
      imports.filter((name) => !mayImport(name)).map((name) => `${path} -> ${name}`),
    );
    expect(outside).toEqual([]);
  });

  it('has no circular imports', () => {
    const reached = (path: string, seen = new Set<string>()): Set<string> => {
      for (const next of modules.find((module) => module.path === path)?.imports ?? []) {
        if (!seen.has(next)) reached(next, seen.add(next));
      }
      return seen;
    };
    expect(paths.filter((path) => reached(path).has(path))).toEqual([]);
  });

  it('has no barrels', () => {
    const barrels = modules.filter(({ code }) => /^export (\*|(type )?\{[^}]*\}) from/m.test(code));
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });

  it('touches the process only in main.ts', () => {
    const touching = modules.filter(({ code }) => /\bprocess\b(?=[.[])|node:process|\bconsole\./.test(code));
    expect(touching.map(({ path }) => path)).toEqual(['main.ts']);
  });

  it('keeps clocks, timers and randomness out of the domain, the operations and the policy', () => {
    const impure =
      /\bDate\.now\b|new Date\(\)|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\bperformance\b|\bfetch\(/;
    const pure = modules.filter(({ path }) => /^(?:domain|app|policy)\//.test(path));
    expect(pure.filter(({ code }) => impure.test(code)).map(({ path }) => path)).toEqual([]);
  });

  it('has only local packages that are dependencies, and none of them imports anything', () => {
    const packages = fileURLToPath(new URL('../packages', import.meta.url));
    const { dependencies } = JSON.parse(readFileSync(join(packages, '../package.json'), 'utf8'));
    const own = Object.values<string>(dependencies).filter((version) => version.startsWith('file:'));
    const folders = readdirSync(packages).map((name) => `file:packages/${name}`);
    expect([...new Set(own)].sort()).toEqual(folders.sort());
    const importing = folders
      .map((folder) => join(packages, folder.slice('file:packages/'.length), 'index.js'))
      .filter((path) => /\bimport\b|\brequire\(/.test(readFileSync(path, 'utf8')));
    expect(importing).toEqual([]);
  });
});
