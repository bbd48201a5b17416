import { readdir, readFile } from 'node:fs/promises';

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly version: string; readonly license?: string; readonly dev?: boolean; readonly link?: boolean }
    >
  >;
}

/**
 * The licences of the packages in the bundle, which ask to be passed on with it: of every package in the lock file that
 * is not only for development. The project's own packages, which are links, come under its own licence.
 *
 * @param root URL of the project's folder
 */
export async function licenseTexts(root: URL): Promise<string> {
  const lock: Lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8'));
  const texts = Object.entries(lock.packages)
    .filter(([path, { dev, link }]) => path.startsWith('node_modules/') && !dev && !link)
    .map(async ([path, { version, license }]) => {
      const folder = new URL(`${path}/`, root);
      const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.md|\.txt)?$/i.test(name));
      const text = file === undefined ? '' : await readFile(new URL(file, folder), 'utf8');
      const heading = `${path.replace(/^.*node_modules\//, '')} ${version} (${license ?? 'see below'})`;
      return `${heading}\n${'-'.repeat(heading.length)}\n${text.replace(/\r\n/g, '\n').trim()}`.trim();
    });
  return `${(await Promise.all(texts)).join('\n\n\n')}\n`;
}
