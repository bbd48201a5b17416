import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parameters } from '../../src/octopus/parameters.ts';
import { endings } from './endings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');
const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(`${root}/package.json`, 'utf8'),
).scripts;

function section(title: string): string {
  const found = readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`README.md has no section "${title}"`);
  return found;
}

/** The text of every source that can write a message, in one. */
function sources(): string {
  const files = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' });
  return files
    .filter((path) => /\.(?:ts|sh|ps1|cjs)$/.test(path) && !path.includes('generated'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join('\n')
    .replaceAll("\\'", "'");
}

describe('the endings in README.md', () => {
  const shown = [...section('What each ending looks like').matchAll(/^```\n([\s\S]*?)^```/gm)].flatMap(
    ([, block = '']) => block.trimEnd().split('\n'),
  );
  const said: string[] = [];

  it.each(Object.entries(endings))('show %s', async (_what, run) => {
    const { summary } = await run();
    const last = summary.at(-1);
    expect(shown).toContain(last);
    said.push(...summary);
  });

  it('show nothing else', () => {
    expect(shown.filter((line) => !said.includes(line))).toEqual([]);
  });
});

describe('the messages in README.md', () => {
  const messages = [...section('Troubleshooting').matchAll(/^\| `([^`]+)` \|/gm)].map(
    ([, message = '']) => message,
  );
  const written = sources()
    .replace(/\$wantedNode|\$wanted/g, 'Node.js 20 or later')
    // What differs stands in the sources as an expression of JavaScript, Bash or PowerShell, if need be in another.
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
  it('has a row for every parameter', () => {
    for (const { name } of parameters) expect(readme).toContain(`| \`${name}\` |`);
  });

  it('names scripts that there are', () => {
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

  /** As GitHub makes them: small letters, hyphens for spaces, no other marks. */
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .trim()
      .replace(/\s/g, '-');

  it.each(documents)('lead somewhere: %s', (name) => {
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

  it('are run by continuous integration as they are, if they are tests', () => {
    expect(commands).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    expect(readFileSync(`${root}/.ci/run`, 'utf8')).toContain(`{ ${commands[1]}; }`);
  });
});
