/** `npm run verify`: says which version a template is, and whether it was built from these sources. */
import { readFile } from 'node:fs/promises';
import { builtFiles, productVersion } from './built-files.ts';
import { runCommand, systemErrorWords, UsageError } from './command.ts';
import { templateVerdict } from './template-verdict.ts';

const usage = `Usage: npm run verify -- FILE...

Builds the templates from these sources, and says for each FILE which version it is, and whether its script and
parameters match. FILE is a template from a release, or one that was exported from Octopus.

Exit code 0: all match these sources; 1: a file does not, or cannot be read; 2: wrong usage.`;

await runCommand({ usage, mostArguments: Number.MAX_SAFE_INTEGER }, async ({ positionals: files }) => {
  if (files.length === 0) throw new UsageError('FILE is missing');
  const read = await Promise.allSettled(files.map(async (file) => ({ file, content: await readFile(file) })));
  const given = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const one of read) {
    if (one.status === 'fulfilled') continue;
    const words = systemErrorWords(one.reason);
    if (words === undefined) throw one.reason;
    console.error(words);
  }
  if (given.length === 0) return 1;
  const version = await productVersion();
  const built = [...(await builtFiles())]
    .filter(([path]) => /-template.*\.json$/.test(path))
    .map(([path, text]) => ({ path, template: JSON.parse(text) }));
  const verdicts = given.map(({ file, content }) => templateVerdict(file, content, built, version));
  for (const { lines } of verdicts) console.log(lines.join('\n'));
  return given.length === files.length && verdicts.every(({ isFromSources }) => isFromSources) ? 0 : 1;
});
