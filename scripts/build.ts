/** `npm run build`: writes everything that is generated from the sources. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFiles, fileText } from './built-files.ts';

const root = new URL('../', import.meta.url);

try {
  const files = await builtFiles();
  for (const [path, text] of files) {
    const changed = (await fileText(path)) !== text;
    await mkdir(dirname(fileURLToPath(new URL(path, root))), { recursive: true });
    if (changed) await writeFile(new URL(path, root), text);
    console.log(`${changed ? 'written  ' : 'unchanged'} ${path}, ${Buffer.byteLength(text)} bytes`);
  }
  for (const name of await readdir(new URL('dist/', root))) {
    if (!files.has(`dist/${name}`)) await rm(new URL(`dist/${name}`, root), { recursive: true });
  }
} catch (error) {
  // Its message alone: Node would print the bundler's whole source beside it.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
