import { readdir, readFile } from 'node:fs/promises';

/** A package that is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** Subresource integrity of the package's archive, such as `sha512-...`. */
  readonly integrity: string;
  /** The text of its licence, which has to be distributed with the package. */
  readonly licenseText: string;
}

interface Lock {
  readonly packages: Readonly<Record<string, Partial<BundledPackage>>>;
}

/**
 * Reads what the lock file and the packages themselves say about the packages in the bundle.
 *
 * @param root URL of the project's folder
 * @param folders as the lock file names them
 * @throws if a package has no entry in the lock file, or no licence: the bundle must not be distributed then
 */
export async function bundledPackages(
  root: URL,
  folders: readonly string[],
): Promise<readonly BundledPackage[]> {
  const lock: Lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8'));
  return Promise.all(
    folders.map(async (folder) => {
      const name = folder.replace(/^.*node_modules\//, '');
      const { version, license, integrity } = lock.packages[folder] ?? {};
      if (version === undefined || integrity === undefined)
        throw new Error(`The lock file lacks ${folder}, which is in the bundle.`);
      if (license === undefined) throw new Error(`The lock file names no licence for ${folder}.`);
      return {
        name,
        version,
        license,
        integrity,
        licenseText: await licenseText(new URL(`${folder}/`, root)),
      };
    }),
  );
}

async function licenseText(folder: URL): Promise<string> {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.md|\.txt)?$/i.test(name));
  const text = file === undefined ? '' : await readFile(new URL(file, folder), 'utf8');
  if (text.trim() === '')
    throw new Error(`The package in ${folder.pathname} is in the bundle but has no licence text.`);
  return text.replace(/\r\n/g, '\n').trim();
}

/** Returns the text of `dist/licenses.txt`. The project's own packages are under its own licence. */
export function licenseTexts(packages: readonly BundledPackage[]): string {
  const texts = packages.map(({ name, version, license, licenseText: text }) => {
    const heading = `${name} ${version} (${license})`;
    return `${heading}\n${'-'.repeat(heading.length)}\n${text}`;
  });
  return `${texts.join('\n\n\n')}\n`;
}
