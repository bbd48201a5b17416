/**
 * Text from outside for a field or comment that Jira reads as wiki mark-up: macros (`{...}`), links and
 * mentions (`[...]`), embedded files (`!...!`) and forced line ends stay text.
 */
export function wikiText(value: string): string {
  return value
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/\\/g, '&#92;')
    .replace(/[{}[\]!|]/g, (mark) => `\\${mark}`);
}
