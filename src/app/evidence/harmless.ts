/** The longest text of a record, in characters. */
const longestText = 2000;

/** A JSON value whose texts show no secret (X3) and are short enough to be kept by the hundred. */
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

/** Whether a text of a record may be the beginning of a longer one. */
export function isShortened(text: string): boolean {
  return text.length === longestText + ellipsis.length && text.endsWith(ellipsis);
}
