/** `npm run verify`: says which version a template is, and whether it comes from these sources. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { builtFiles } from './built-files.ts';
import { runCommand, UsageError } from './command.ts';
import { scriptOf, type TemplateFile, templateDifferences } from './template-differences.ts';

const usage = `Usage: npm run verify -- FILE...

Says of each step template which version it is, and whether its script and its parameters are those that these sources
give. FILE is a template of a release, or one that was exported from Octopus.

Exit code 0: all come from these sources; 1: one does not, or cannot be read; 2: wrong usage.`;

await runCommand({ usage, mostArguments: Number.MAX_SAFE_INTEGER }, async ({ positionals: files }) => {
  if (files.length === 0) throw new UsageError('No file is named.');
  const version: string = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  ).version;
  const built = [...(await builtFiles())]
    .filter(([path]) => /-template.*\.json$/.test(path))
    .map(([path, text]) => ({ path, template: JSON.parse(text) as TemplateFile }));
  let exitCode = 0;
  for (const file of files) {
    const text = await readFile(file);
    const digest = createHash('sha256').update(text).digest('hex');
    const given = parsed(text.toString());
    if (given === undefined) {
      console.log(`${file}: not a step template of Octopus.`);
      exitCode = 1;
      continue;
    }
    const { path, differences } = nearest(given, built);
    console.log(`${file}: ${String(given.Name)}, template version ${String(given.Version)}`);
    console.log(`  SHA-256 ${digest}`);
    if (differences.length === 0) {
      console.log(
        `  It is ${path} of version ${version}: its script and parameters come from these sources.`,
      );
    } else {
      console.log(`  It does not come from these sources (version ${version}). Compared with ${path}:`);
      for (const difference of differences) console.log(`  - ${difference}`);
      exitCode = 1;
    }
  }
  return exitCode;
});

function parsed(text: string): TemplateFile | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value !== 'object' || value === null) return undefined;
    return scriptOf(value) === '' ? undefined : value;
  } catch {
    return undefined;
  }
}

/** The template of the sources from which a file differs least. */
function nearest(given: TemplateFile, built: readonly { path: string; template: TemplateFile }[]) {
  const compared = built.map(({ path, template }) => ({
    path,
    differences: templateDifferences(given, template),
  }));
  const [least] = compared.sort((a, b) => a.differences.length - b.differences.length);
  if (least === undefined) throw new Error('The build gives no template.');
  return least;
}
