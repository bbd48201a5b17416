import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFiles, fileText } from './built-files.ts';
import { runCommand } from './command.ts';

const root = new URL('../', import.meta.url);

const usage = `Usage: npm run build

Writes everything that is generated from the sources: the bundle in dist/, the templates, and the generated parts of the
documents.`;

await runCommand({ usage }, async () => {
  try {
    await build();
    return 0;
  } catch (error) {
    // Prints only the message: Node would print the bundler's whole source too.
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
});

async function build(): Promise<void> {
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
}
