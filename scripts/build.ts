/** `npm run build`: writes everything that is generated from the sources. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFiles, fileText } from './built-files.ts';

const root = new URL('../', import.meta.url);

const files = await builtFiles();
for (const [path, text] of files) {
  const url = new URL(path, root);
  const changed = (await fileText(path)) !== text;
  await mkdir(dirname(fileURLToPath(url)), { recursive: true });
  if (changed) await writeFile(url, text);
  console.log(`${path}: ${changed ? 'written' : 'unchanged'}, ${Buffer.byteLength(text)} bytes`);
}
for (const name of await readdir(new URL('dist/', root))) {
  if (!files.has(`dist/${name}`)) await rm(new URL(`dist/${name}`, root), { recursive: true });
}
