/**
 * Folds the name of a project, environment, runbook or connection for comparison: trims it, and applies
 * Unicode's simple case folding. Nothing else is folded, so accents and repeated spaces count.
 */
export function foldPolicyName(name: string): string {
  return name.trim().replace(/./gsu, (character) => exceptions[character] ?? foldedCase(character));
}

/** The characters for which simple case folding differs from upper-casing followed by lower-casing. */
const exceptions: Readonly<Record<string, string>> = {
  ı: 'ı',
  '\u1FD3': '\u0390',
  '\u1FE3': '\u03B0',
  '\uFB05': '\uFB06',
};

/** Simple folding maps one character to one, so a longer upper-case form, such as SS for ß, is ignored. */
function foldedCase(character: string): string {
  const upper = only(character.toUpperCase()) ?? character;
  return only(upper.toLowerCase()) ?? upper;
}

function only(text: string): string | undefined {
  return [...text].length === 1 ? text : undefined;
}
