import { asObject, parseJson } from '../src/http/json.ts';
import { sha256 } from './built-files.ts';
import { scriptOf, shown, type TemplateFile, templateDifferences } from './template-differences.ts';
import { terminalLine } from './terminal.ts';

/** A template built from the sources. */
interface BuiltTemplate {
  readonly path: string;
  readonly template: TemplateFile;
}

interface Verdict {
  readonly isFromSources: boolean;
  /** The whole verdict, for people. */
  readonly lines: readonly string[];
}

/**
 * Says which version a template is, and whether it was built from these sources.
 *
 * @param file its name, for people
 * @param version the version of the product in these sources
 */
export function templateVerdict(
  file: string,
  content: Uint8Array,
  built: readonly BuiltTemplate[],
  version: string,
): Verdict {
  const text = new TextDecoder().decode(content);
  const given = templateIn(text);
  const name = terminalLine(file);
  if (given === undefined) return { isFromSources: false, lines: [`${name}: not an Octopus step template.`] };
  const { path, differences } = nearest(given, built);
  if (hasDuplicateNames(text, given))
    differences.push('It contains a name twice, so that programs may read it differently.');
  const isFromSources = differences.length === 0;
  return {
    isFromSources,
    lines: [
      `${name}: ${shown(given.Name)}, template version ${shown(given.Version)}`,
      `  SHA-256 ${sha256(content)}`,
      isFromSources
        ? `  This is ${path} of version ${version}: its script and parameters match these sources.`
        : `  This does not match these sources (version ${version}). Compared with ${path}:`,
      ...differences.map((difference) => `  - ${difference}`),
      ...(isFromSources
        ? []
        : [
            '  If it is another version, verify it with the sources of that version. Otherwise do not use it.',
          ]),
    ].map(terminalLine),
  };
}

function templateIn(text: string): TemplateFile | undefined {
  const value = asObject(parseJson(text));
  return value === undefined || scriptOf(value) === '' ? undefined : value;
}

/** `JSON.parse` uses the last of two members with one name, but Octopus may use the first, or both. */
function hasDuplicateNames(text: string, json: unknown): boolean {
  const colons = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, '').match(/:/g) ?? [];
  return colons.length !== memberCount(json);
}

function memberCount(json: unknown): number {
  if (typeof json !== 'object' || json === null) return 0;
  const parts: readonly unknown[] = Object.values(json);
  const own = Array.isArray(json) ? 0 : parts.length;
  return parts.reduce<number>((sum, part) => sum + memberCount(part), own);
}

/** Returns the built template from which the file differs least. */
function nearest(given: TemplateFile, built: readonly BuiltTemplate[]) {
  const compared = built.map(({ path, template }) => ({
    path,
    differences: [...templateDifferences(given, template)],
  }));
  const [least] = compared.sort((a, b) => a.differences.length - b.differences.length);
  if (least === undefined) throw new Error('The build produced no template.');
  return least;
}
