/** X1: normalization takes quadratic time for consecutive marks; no letter of any language has this many. */
const mostMarks = 30;
const uselessMarks = /(?<=\p{M}{30})\p{M}+/gu;

/** Folds a name of Jira for comparison: lower case, NFC, trimmed, each run of spaces as one space. */
export function foldName(name: string): string {
  // Compiling that pattern takes time (docs/figures.md), and most names are too short to match it.
  const orderable = name.length > mostMarks ? name.replace(uselessMarks, '') : name;
  return orderable.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

/**
 * Y4: folds a name of Octopus (a project, environment or runbook) for comparison: trims it, and applies
 * Unicode's simple case folding. Nothing else is folded, so accents and repeated spaces count.
 */
export function foldOctopusName(name: string): string {
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
