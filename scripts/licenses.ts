import { readdir, readFile } from 'node:fs/promises';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly license?: string; readonly dev?: boolean }>
  >;
}

/**
 * The licences of the packages that the bundle is made of, as they ask to be passed on with it: every package of the
 * lock file that is not for development alone.
 *
 * @param root URL of the project's folder
 */
export async function licenseTexts(root: URL): Promise<string> {
  const lock: Lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8'));
  const texts = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(async ([path, { version, license }]) => {
      const folder = new URL(`${path}/`, root);
      const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.md|\.txt)?$/i.test(name));
      const text = file === undefined ? '' : await readFile(new URL(file, folder), 'utf8');
      const heading = `${path.replace(/^.*node_modules\//, '')} ${version} (${license ?? 'see below'})`;
      return `${heading}\n${'-'.repeat(heading.length)}\n${text.replace(/\r\n/g, '\n').trim()}`.trim();
    });
  return `${(await Promise.all(texts)).join('\n\n\n')}\n`;
}
