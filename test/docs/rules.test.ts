import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(`${root}/docs/rules.md`, 'utf8');
const defined = [...document.matchAll(/^### (.*)$/gm)].map(([, id = '']) => id);

/** Words that look like rule ids: the JavaScript engine. */
const otherWords: ReadonlySet<string> = new Set(['V8']);

const ids = (text: string): string[] => text.match(/\b[A-Z]\d{1,2}\b/g) ?? [];

/** The comments of a source file; a URL does not start one. */
function commentsOf(path: string, text: string): string[] {
  const patterns = /\.(?:sh|ps1)$/.test(path)
    ? [/(?:^|\s)#(?!\{).*$/gm, /<#[\s\S]*?#>/g]
    : [/^\s*\/\*[\s\S]*?\*\//gm, /(?:^|\s)\/\/.*$/gm];
  return patterns.flatMap((pattern) => text.match(pattern) ?? []);
}

/** The ids at the start of titles: `[L3] ...` or `[V1] [V2] ...`. */
function idsInTitles(text: string): string[] {
  return [...text.matchAll(/['"`]((?:\s*\[[A-Z]\d{1,2}\])+)/g)].flatMap(([, start = '']) => ids(start));
}

/** The ids at the start of findings: `X1: ...`. */
function idsInFindings(text: string): string[] {
  return [...text.matchAll(/['"`]([A-Z]\d{1,2}): /g)].map(([, id = '']) => id);
}

/**
 * Every rule that a file cites: anywhere in a document, and in comments and at the start of strings in a
 * source.
 */
function citedIn(path: string, text: string): string[] {
  const cited = path.endsWith('.md')
    ? ids(text)
    : [...commentsOf(path, text).flatMap(ids), ...idsInTitles(text), ...idsInFindings(text)];
  return cited.filter((id) => !otherWords.has(id));
}

/** Sections of a text outside the repository that a comment or a finding cites by number. */
function sectionsCitedIn(path: string, text: string): string[] {
  const section = /\bspec \d|\bsection \d|\((?:\d\.\d)[,)]|^\W*\d\.\d(?::| \*\/|$)/gim;
  const findings = text.match(/['"`]\d\.\d: /g) ?? [];
  return [...commentsOf(path, text).flatMap((comment) => comment.match(section) ?? []), ...findings];
}

const skipped = new Set(['node_modules', 'bin', 'obj', 'dist']);

function filesBelow(folder: string): string[] {
  return readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path);
    return /\.(?:ts|mjs|cjs|js|sh|ps1|cs|md)$/.test(entry.name) ? [path] : [];
  });
}

const files = [
  ...['src', 'scripts', 'test', 'docs'].flatMap(filesBelow),
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
]
  // The samples below are not citations.
  .filter((path) => path !== 'test/docs/rules.test.ts')
  .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));

describe('docs/rules.md', () => {
  it('defines each rule once, in order and without gaps', () => {
    expect(defined.length).toBeGreaterThan(70);
    const letters = [...new Set(defined.map((id) => id.charAt(0)))];
    const inOrder = letters.flatMap((letter) => {
      const numbers = defined.filter((id) => id.startsWith(letter)).map((id) => Number(id.slice(1)));
      const first = Math.min(...numbers);
      return numbers.map((_, index) => `${letter}${first + index}`);
    });
    expect(defined).toEqual(inOrder);
  });

  it('explains each rule', () => {
    const [, ...sections] = document.split(/^### .*$/m);
    for (const section of sections) expect(section.split(/^#/m)[0]?.trim()).toMatch(/^[A-Z`*].*[.:]/);
  });

  it('defines every rule that a source, a test or a document cites', () => {
    const undefinedIds = files.flatMap(({ path, text }) =>
      citedIn(path, text)
        .filter((id) => !defined.includes(id))
        .map((id) => `${path}: ${id}`),
    );
    expect(undefinedIds).toEqual([]);
  });

  it('is cited by id, not by the section of another text', () => {
    const sections = files.flatMap(({ path, text }) =>
      sectionsCitedIn(path, text).map((section) => `${path}: ${section}`),
    );
    expect(sections).toEqual([]);
  });

  it('has a test for each rule', () => {
    const titles = files
      .filter(({ path }) => path.endsWith('.test.ts'))
      .flatMap(({ text }) => idsInTitles(text));
    expect(defined.filter((id) => !titles.includes(id))).toEqual([]);
  });

  it('names files that exist', () => {
    const named = [
      ...document.matchAll(/`([\w./-]+\.(?:ts|json|md|js|sh|ps1)|(?:src|test|docs|scripts)\/[^`#]+)/g),
    ].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !existsSync(`${root}/${name}`))).toEqual([]);
  });

  it('links to no other site', () => {
    expect(document.match(/\]\(https?:[^)]*\)/g)).toBeNull();
  });
});

describe('a citation', () => {
  it.each([
    ['a.ts', '/** Y9: why. */', ['Y9']],
    ['a.ts', '/**\n * Reads it twice (L98,\n * L99).\n */', ['L98', 'L99']],
    ['a.ts', 'const a = 1; // as Q7 says', ['Q7']],
    ['a.ts', "it('[S1][S2] both', test);", ['S1', 'S2']],
    ['a.ts', 'it("[S1] [S2] both", test);', ['S1', 'S2']],
    ['a.ts', "broken.push('M0: stderr');", ['M0']],
    ['a.ts', "const key = 'L19'; const url = 'https://a.example/X1';", []],
    ['a.ts', '// V8 compiles it', []],
    ['a.sh', 'echo B1\n# as B4 wants', ['B4']],
    ['a.ps1', '<# B5\n and B6 #>', ['B5', 'B6']],
    ['a.md', 'By the rules C3 and [C4](#c4)', ['C3', 'C4']],
  ])('is found in %s: %j', (path, text, expected) => {
    expect(citedIn(path, text)).toEqual(expected);
  });

  it.each([
    '/** 1.4 */',
    '/** Spec 1.5: what is change controlled. */',
    '// what it sets (1.4, M1)',
    "broken.push('1.4: no decision');",
  ])('by section is found: %s', (text) => {
    expect(sectionsCitedIn('a.ts', text)).not.toEqual([]);
  });

  it('is not found in a version', () => {
    const text = '// `1.0.1` (1.5 ms, v1.4)\nconst most = 1.3; // 1.19 times';
    expect(sectionsCitedIn('a.ts', text)).toEqual([]);
  });
});
