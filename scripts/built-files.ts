/** Generates everything that is built from the sources. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TemplateKind } from '../src/octopus/parameter-forms.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundleOf } from './bundle.ts';
import { bundledPackages, licenseTexts } from './bundled-packages.ts';
import { setup as writePolicyValidator } from './compile-policy-schema.ts';
import { pack } from './packing.ts';
import { withParameterTable } from './parameter-table.ts';
import { type Launcher, scriptBody } from './script-body.ts';
import { nextVersion, stepTemplate, templateText } from './step-template.ts';

const root = new URL('../', import.meta.url);

/** The page to start from if it is missing: it contains only the table. */
const emptyPage = '# Parameters\n\n<!-- parameters:start -->\n<!-- parameters:end -->\n';

const launchers: Readonly<Record<Launcher['shell'], string>> = {
  bash: 'src/launcher/bash.sh',
  powershell: 'src/launcher/powershell.ps1',
};

/** The templates, with the operation of those that have only one. */
const templates: readonly {
  readonly path: string;
  readonly shell: Launcher['shell'];
  readonly kind: TemplateKind;
  readonly operation?: 'Resume';
}[] = [
  { path: 'step-template.json', shell: 'bash', kind: 'step' },
  { path: 'step-template.powershell.json', shell: 'powershell', kind: 'step' },
  { path: 'resume-template.json', shell: 'bash', kind: 'resume', operation: 'Resume' },
  { path: 'resume-template.powershell.json', shell: 'powershell', kind: 'resume', operation: 'Resume' },
];

/** Texts, keyed by their paths from the project's root. */
type BuiltFiles = ReadonlyMap<string, string>;

/**
 * Builds everything in memory: the bundle, the templates, the table of parameters. Only the policy's
 * validator, which the bundle contains, is written to disk, where the sources import it. The same sources and
 * the same last commit give the same bytes.
 */
export async function builtFiles(): Promise<BuiltFiles> {
  const files = new Map<string, string>();
  await writePolicyValidator();
  const { code: bundle, packages: folders } = await bundleOf(fileURLToPath(new URL('src/main.ts', root)));
  const packages = await bundledPackages(root, folders);
  files.set('dist/index.js', bundle);
  files.set('dist/licenses.txt', licenseTexts(packages));
  files.set('dist/package.json', `${JSON.stringify({ type: 'commonjs' }, null, 2)}\n`);
  files.set('dist/sbom.cdx.json', billOfMaterials(await productVersion(), sha256(bundle), packages));
  const packed = pack(bundle);
  const loader = await source('src/launcher/loader.cjs');
  for (const { shell, path, kind, operation } of templates) {
    const committed = await committedText(path);
    const launcher = { shell, source: await source(launchers[shell]) };
    const template = (version: number) => {
      const body = scriptBody(launcher, packed, loader.replace('__TEMPLATE__', `${version}`), operation);
      return stepTemplate(shell, body, version, kind, packages);
    };
    files.set(path, templateText(template(nextVersion(template, committed))));
  }
  const page = 'docs/parameters.md';
  files.set(page, withParameterTable((await fileText(page)) ?? emptyPage));
  return files;
}

/** Returns the text of a file of the project; undefined if there is no such file. */
export async function fileText(path: string): Promise<string | undefined> {
  try {
    return await readFile(new URL(path, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns the version of the product, which only `package.json` states. */
export async function productVersion(): Promise<string> {
  return JSON.parse(await source('package.json')).version;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function source(path: string): Promise<string> {
  const text = await fileText(path);
  if (text === undefined) throw new Error(`${path} is missing.`);
  return text;
}

/** Returns the last committed text of a file; outside a repository, its current text. */
export async function committedText(path: string): Promise<string | undefined> {
  const git = promisify(execFile);
  const options = { cwd: fileURLToPath(root), maxBuffer: 16 * 1024 * 1024 };
  try {
    await git('git', ['rev-parse', '--verify', 'HEAD'], options);
  } catch {
    return fileText(path);
  }
  try {
    return (await git('git', ['show', `HEAD:./${path}`], options)).stdout;
  } catch {
    return undefined;
  }
}
