import { sha256 } from './built-files.ts';
import { scriptOf, type TemplateFile, templateDifferences } from './template-differences.ts';

/** A template as the sources give it. */
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
 * Says which version a template is, and whether it comes from these sources.
 *
 * @param file its name, for people
 * @param version of the product, as the sources have it
 */
export function templateVerdict(
  file: string,
  content: Uint8Array,
  built: readonly BuiltTemplate[],
  version: string,
): Verdict {
  const given = parsed(new TextDecoder().decode(content));
  if (given === undefined)
    return { isFromSources: false, lines: [`${file}: not a step template of Octopus.`] };
  const { path, differences } = nearest(given, built);
  const isFromSources = differences.length === 0;
  return {
    isFromSources,
    lines: [
      `${file}: ${String(given.Name)}, template version ${String(given.Version)}`,
      `  SHA-256 ${sha256(content)}`,
      isFromSources
        ? `  It is ${path} of version ${version}: its script and parameters come from these sources.`
        : `  It does not come from these sources (version ${version}). Compared with ${path}:`,
      ...differences.map((difference) => `  - ${difference}`),
      ...(isFromSources
        ? []
        : [
            '  If it is of another version, verify it with the sources of that version. Otherwise do not use it.',
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

/** The template of the sources from which a file differs least. */
function nearest(given: TemplateFile, built: readonly BuiltTemplate[]) {
  const compared = built.map(({ path, template }) => ({
    path,
    differences: templateDifferences(given, template),
  }));
  const [least] = compared.sort((a, b) => a.differences.length - b.differences.length);
  if (least === undefined) throw new Error('The build gives no template.');
  return least;
}
