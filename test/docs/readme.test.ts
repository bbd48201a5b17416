import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parameters } from '../../src/octopus/parameters.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');
const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(`${root}/package.json`, 'utf8'),
).scripts;

const pageOf = (name: string): string => readFileSync(`${root}/docs/${name}.md`, 'utf8');

/** The text of every source that can write a message, joined. */
function sources(): string {
  const files = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' });
  return files
    .filter((path) => /\.(?:ts|sh|ps1|cjs)$/.test(path) && !path.includes('generated'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join('\n')
    .replaceAll("\\'", "'");
}

describe('the messages in docs/troubleshooting.md', () => {
  const messages = [...pageOf('troubleshooting').matchAll(/^\| `([^`]+)` \|/gm)].map(
    ([, message = '']) => message,
  );
  const written = sources()
    // The variable parts are expressions in the sources, possibly nested.
    .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '...');

  it.each(messages)('are in the sources: %s', (message) => {
    const parts = message.split('...').map((piece) => piece.trim());
    expect(parts.filter((part) => part.length > 1 && !written.includes(part))).toEqual([]);
  });

  it('are many', () => {
    expect(messages.length).toBeGreaterThan(25);
    expect(new Set(messages).size).toBe(messages.length);
  });
});

describe('README.md', () => {
  it('has at most 1,800 words', () => {
    expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1800);
  });

  it('leaves the parameters to docs/parameters.md, which has a row for each', () => {
    for (const { name } of parameters) expect(pageOf('parameters')).toContain(`| \`${name}\` |`);
  });

  it('links to every page of docs', () => {
    const pages = readdirSync(`${root}/docs`).filter((name) => name.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.filter((name) => !readme.includes(`](docs/${name}`))).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name = '']) => name);
    const known = new Set([...Object.keys(scripts), 'ci', 'run']);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('links between the documents', () => {
  const documents = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...readdirSync(`${root}/docs`)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  /** An anchor as GitHub creates it: lower case, hyphens for spaces, no other punctuation. */
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .trim()
      .replace(/\s/g, '-');

  it.each(documents)('are not broken: %s', (name) => {
    const text = readFileSync(join(root, name), 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .replace(/`[^`\n]*`/g, '');
    const broken = [...text.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', fragment] = target.split('#');
        const file = path === '' ? join(root, name) : join(root, dirname(name), path);
        if (!existsSync(file)) return true;
        if (fragment === undefined) return false;
        const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
          anchor(heading),
        );
        return !headings.includes(fragment);
      });
    expect(broken).toEqual([]);
  });
});

describe('the commands at the top of README.md', () => {
  const commands = [...readme.matchAll(/^```\n(npm ci && npm .*)\n```$/gm)].map(
    ([, command = '']) => command,
  );

  it('are run by continuous integration word for word if they are tests', () => {
    expect(commands).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    expect(readFileSync(`${root}/.ci/run`, 'utf8')).toContain(`{ ${commands[1]}; }`);
  });
});
