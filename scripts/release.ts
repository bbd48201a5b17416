/** `npm run release`: writes the files that are attached to a release. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtFiles, committedText, fileText, productVersion } from './built-files.ts';
import { runCommand, UsageError } from './command.ts';
import { ReleaseError, releaseFiles, releaseNotes } from './release/release-files.ts';

const usage = `Usage: npm run release -- TAG --out DIR

Builds everything, compares it with what is committed, and writes the files that are attached to the release to DIR: the
templates, the bill of materials of the bundle (sbom.cdx.json), the licences of its packages (licenses.txt), SHA256SUMS,
and the release's section of the change log (notes.md). TAG is v followed by the version in package.json.

Exit code 0: written; 1: the tag or the change log does not match the version, or the committed files do not match the
sources; 2: wrong usage.`;

await runCommand(
  { usage, mostArguments: 1, options: { out: { type: 'string' } } },
  async ({ positionals: [tag], values: { out } }) => {
    if (tag === undefined) throw new UsageError('TAG is missing');
    if (out === undefined) throw new UsageError('--out is missing');
    try {
      const notes = releaseNotes(tag, await productVersion(), (await fileText('CHANGELOG.md')) ?? '');
      const files = await releaseFiles(notes, await builtFiles(), committedText);
      await mkdir(out, { recursive: true });
      for (const [name, text] of files) {
        await writeFile(join(out, name), text);
        console.log(`written ${join(out, name)}, ${Buffer.byteLength(text)} bytes`);
      }
      return 0;
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
      console.error(error.message);
      return 1;
    }
  },
);
