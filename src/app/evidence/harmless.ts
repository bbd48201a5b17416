/** The maximum length of a text in a record, in characters. */
const longestText = 2000;

/**
 * Returns a copy of a JSON value whose texts contain no secret (X3). Long ones are shortened, because a
 * record may keep hundreds of them.
 */
export function harmless<T>(value: T, redact: (text: string) => string): T {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? shortened(redact(part)) : part,
  );
  return JSON.parse(text) as T;
}

const ellipsis = '...';

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}${ellipsis}` : text;
}

/** Returns whether a text in a record may have been shortened. */
export function isShortened(text: string): boolean {
  return text.length === longestText + ellipsis.length && text.endsWith(ellipsis);
}
