import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const copied = ['docs', 'package.json', 'scripts', 'src', 'test', 'tsconfig.json', 'vitest.config.ts'];
/** Folders that people and tools create, and no clone contains. */
const local = new Set(['node_modules', 'bin', 'obj']);

const sources = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.ts') && !path.split('/').some((part) => local.has(part)))
  .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }));
const dependent = sources
  .filter(({ path, text }) => path.endsWith('.test.ts') && /from '\.\.\/atlassian\.ts'/.test(text))
  .map(({ path }) => path);

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

/** Runs test files in the same way as continuous integration. */
async function runTests(project: string, files: readonly string[]): Promise<Report> {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', ...files];
  const { PATH = '' } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, vitest, { cwd: project, env: { PATH, CI: 'true' } }, (_, stdout) =>
      resolve(JSON.parse(stdout)),
    );
  });
}

describe("a clone without Atlassian's documents", () => {
  const folder = mkdtempSync(join(tmpdir(), 'clone-'));
  const project = join(folder, 'project');

  beforeAll(() => {
    for (const name of copied) {
      const filter = (path: string): boolean => !local.has(basename(path));
      cpSync(`${root}${name}`, join(project, name), { recursive: true, filter });
    }
    symlinkSync(`${root}node_modules`, join(project, 'node_modules'), 'junction');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('passes the tests that use them, even under CI, and says what it skips', async () => {
    expect(dependent).toContain('test/black-box/always.test.ts');
    const { testResults } = await runTests(project, dependent);
    expect(testResults.map(({ name, status }) => [basename(name), status]).sort()).toEqual(
      dependent.map((path) => [basename(path), 'passed']).sort(),
    );
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const titles = tests.filter(({ status }) => status !== 'passed').map(({ title }) => title);
    // At least one per file; otherwise the documents were present.
    expect(titles.length).toBeGreaterThanOrEqual(dependent.length);
    for (const title of titles) expect(title).toMatch(/\(skipped: no .+ of Atlassian here\)$/);
  });
});

describe('test/atlassian.ts', () => {
  it("is the only module that looks for Atlassian's documents", () => {
    const looking = sources.filter(({ text }) => /(?:\.\.\/)+shared\b/.test(text)).map(({ path }) => path);
    expect(looking).toEqual(['test/atlassian.ts']);
  });
});
