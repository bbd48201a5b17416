/** The maximum length of a text in a record, in characters. */
const longestText = 2000;

/**
 * Copies a JSON value, removes secrets from its texts (X3), and shortens long ones: a record has hundreds of
 * them.
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

/** Whether a text in a record may have been shortened. */
export function isShortened(text: string): boolean {
  return text.length === longestText + ellipsis.length && text.endsWith(ellipsis);
}
