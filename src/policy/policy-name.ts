/**
 * How the names of projects, environments, runbooks and connections compare: without surrounding spaces, and with
 * Unicode's simple case folding. Nothing else is folded, so accents and repeated spaces count.
 */
export function foldPolicyName(name: string): string {
  return name.trim().replace(/./gsu, (character) => exceptions[character] ?? foldedCase(character));
}

/** Where simple case folding differs from lower case after upper case. */
const exceptions: Readonly<Record<string, string>> = {
  ı: 'ı',
  '\u1FD3': '\u0390',
  '\u1FE3': '\u03B0',
  '\uFB05': '\uFB06',
};

/** Simple folding maps one character to one: upper case such as SS for ß does not count. */
function foldedCase(character: string): string {
  const upper = only(character.toUpperCase()) ?? character;
  return only(upper.toLowerCase()) ?? upper;
}

function only(text: string): string | undefined {
  return [...text].length === 1 ? text : undefined;
}
