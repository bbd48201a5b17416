import { sha256 } from './built-files.ts';
import { scriptOf, type TemplateFile, templateDifferences } from './template-differences.ts';

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
  const given = parsed(new TextDecoder().decode(content));
  if (given === undefined) return { isFromSources: false, lines: [`${file}: not an Octopus step template.`] };
  const { path, differences } = nearest(given, built);
  const isFromSources = differences.length === 0;
  return {
    isFromSources,
    lines: [
      `${file}: ${String(given.Name)}, template version ${String(given.Version)}`,
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
    ],
  };
}

function parsed(text: string): TemplateFile | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value !== 'object' || value === null) return undefined;
    return scriptOf(value) === '' ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Returns the built template from which the file differs least. */
function nearest(given: TemplateFile, built: readonly BuiltTemplate[]) {
  const compared = built.map(({ path, template }) => ({
    path,
    differences: templateDifferences(given, template),
  }));
  const [least] = compared.sort((a, b) => a.differences.length - b.differences.length);
  if (least === undefined) throw new Error('The build produced no template.');
  return least;
}
