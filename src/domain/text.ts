import { shownTime } from './instant.ts';

/**
 * One line that is safe in the task log as it is (X1): no line ends or control characters, no service
 * message and no link that is not the step's own. Only {@link text} and {@link link} make one.
 */
export class Text {
  readonly line: string;

  private constructor(line: string) {
    this.line = line;
  }

  /** For this module only: what calls it vouches for the line. */
  static trusted(line: string): Text {
    return new Text(line);
  }
}

/** What a line may be filled with; a plain string counts as coming from outside. */
type TextValue = string | number | Date | Text;

/** How much of one text from outside a line shows, in characters. */
const longestValue = 1000;
/** What replaces the rest of a text that was cut off. */
export const shortened = '...';

/**
 * Makes a text from outside (JSM, Octopus variables) safe for a line of the task log.
 *
 * Octopus reads `##octopus[` anywhere in a line as a service message, and shows `[text](url)` and bare
 * URLs of highlighted lines as links.
 */
export function safeLine(value: string): string {
  // Marks that show nothing or turn the direction of writing could make a line read as another.
  const seen = oneLine(value).replace(/[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu, '');
  const line = wellFormed(seen)
    .replace(/##(?=octopus)/giu, '# # ')
    .replace(/\](?=[([:])/gu, '] ')
    .replace(/:\/\//gu, ':/ /')
    .trim();
  const characters = [...line];
  return characters.length > longestValue
    ? `${characters.slice(0, longestValue).join('')}${shortened}`
    : line;
}

/** A line with values in it: `` text`Waiting for ${status}` ``. Strings among the values are made safe. */
export function text(words: TemplateStringsArray, ...values: readonly TextValue[]): Text {
  const pieces = words.flatMap((word, index) => {
    const value = values[index];
    return value === undefined ? [word] : [word, shown(value)];
  });
  return Text.trusted(pieced(pieces));
}

/** Texts one after the other, with a separator between them. */
export function join(parts: readonly TextValue[], separator: string): Text {
  const between = oneLine(separator);
  return Text.trusted(
    pieced(parts.flatMap((part, index) => (index === 0 ? [] : [between]).concat(shown(part)))),
  );
}

/** What is harmless in each piece must not become a link or a service message when two of them meet. */
function pieced(pieces: readonly string[]): string {
  const line = pieces.reduce((sum, piece) => {
    const opensLink = sum.endsWith(']') && /^[([:]/.test(piece);
    const opensUrl = /:\/?$/.test(sum) && /:\/\//.test(sum.slice(-2) + piece.slice(0, 2));
    return sum + (opensLink || opensUrl ? ' ' : '') + piece;
  }, '');
  return line.replace(/##(?=octopus)/giu, '# # ');
}

/** A text in which each run of line ends and control characters is one space. */
export function oneLine(value: string): string {
  return value.replace(/[\0-\x1F\x7F-\x9F\u2028\u2029]+/gu, ' ');
}

/** A text without half characters, which are nothing in UTF-8. */
export function wellFormed(value: string): string {
  // Not `\p{Cs}`: V8 makes such a set from ICU's tables at its first use, which is before the first request.
  return value.replace(/[\uD800-\uDFFF]/gu, '\uFFFD');
}

/** A link in the task log. The URL is the step's own, put together from the configured site or server. */
export function link(label: string, url: URL): Text {
  const shownLabel = safeLine(label.replace(/[[\]]/gu, ''));
  return Text.trusted(`[${shownLabel}](${urlText(url)})`);
}

/**
 * `href` is ASCII without spaces; parentheses and brackets would end a Markdown link early. The brackets around an
 * IPv6 host stay: they belong to it.
 */
function urlText({ href, origin }: URL): string {
  const behind = href.slice(origin.length);
  return `${origin}${behind.replace(/[()[\]]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}

function shown(value: TextValue): string {
  if (value instanceof Text) return value.line;
  if (value instanceof Date) return shownTime(value);
  return typeof value === 'number' ? String(value) : safeLine(value);
}

/** The line without its links, for places that show no Markdown. */
export function plain(line: Text): string {
  // A label contains no bracket, so that the time stays linear in the length (X1).
  return line.line.replace(/\[([^[\]]*)\]\(https?:[^)\s[]*\)/g, '$1');
}

/**
 * Text from outside for a field or comment that Jira reads as wiki mark-up: macros (`{...}`), links and
 * mentions (`[...]`), embedded files (`!...!`) and forced line ends stay text.
 */
export function wikiText(value: string): string {
  return wellFormed(value)
    .replace(/\\/g, '&#92;')
    .replace(/[{}[\]!|]/g, (mark) => `\\${mark}`);
}
