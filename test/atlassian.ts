import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/**
 * Files that Atlassian's licences allow for tests but not for distribution: OpenAPI documents and recorded
 * answers. They are not part of the project. If a folder of them is present next to the project, it adds a
 * check.
 */
const names = { 'jira-openapi': 'OpenAPI documents', 'jira-samples': 'recorded answers' } as const;

type FolderName = keyof typeof names;

/** The folder's path, with a trailing slash, or undefined if it is missing. */
export function atlassianFolder(name: FolderName): string | undefined {
  const path = fileURLToPath(new URL(`../../shared/${name}/`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** Tests that need a folder. Without it they count as one skipped test whose title says why. */
export function describeWith(name: FolderName, title: string, tests: (folder: string) => void): void {
  const folder = atlassianFolder(name);
  if (folder === undefined) it.skip(`${title} (skipped: no ${names[name]} of Atlassian here)`, () => {});
  else describe(title, () => tests(folder));
}
