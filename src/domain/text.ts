import { shownTime } from './instant.ts';

/**
 * One line that is safe in the task log (X1): it has no line breaks or control characters, and no service
 * message or link that is not the step's own. Only {@link text}, {@link join} and {@link link} create one.
 */
export class Text {
  readonly line: string;

  private constructor(line: string) {
    this.line = line;
  }

  /** For this module only: the caller vouches for the line. */
  static trusted(line: string): Text {
    return new Text(line);
  }
}

/** A value in a line; a plain string counts as text from outside. */
type TextValue = string | number | Date | Text;

/** The most characters of one value that a line shows. */
const longestValue = 1000;
/** Replaces the end of a text that was cut off. */
export const shortened = '...';

/**
 * Makes a text from outside (JSM, Octopus variables) safe for a line of the task log.
 *
 * Octopus reads `##octopus[` anywhere in a line as a service message, and shows highlighted lines as Markdown,
 * with its links: `[text](url)`, `<url>`, `<address>` and bare URLs.
 */
export function safeLine(value: string): string {
  return cutTo(withoutMessages(withoutLinks(visible(value))).trim(), longestValue);
}

/** Cuts a text to a number of characters, and marks where it was cut off. */
export function cutTo(value: string, most: number): string {
  const characters = [...value];
  return characters.length > most ? `${characters.slice(0, most).join('')}${shortened}` : value;
}

/** X1: puts a space into each `#{`, with which an expression that Octopus evaluates begins. */
export function withoutExpressions(value: string): string {
  return value.replace(/#(?=\{)/g, '# ');
}

/** Makes one line of a text from outside for a field or comment in Jira, which shows bare URLs as links. */
export function linklessLine(value: string): string {
  return withoutUrls(visible(value));
}

function withoutUrls(line: string): string {
  // Browsers read a backslash in a URL as a slash.
  return line.replace(/:[/\\](?=[/\\])/gu, '$& ').replace(/(?:mailto:|www\.)(?=\S)/gi, '$& ');
}

/** Breaks up what Markdown shows as a link. After a `<`, that is an address with any scheme, or a tag. */
function withoutLinks(line: string): string {
  return withoutUrls(line)
    .replace(/\](?=[([:])/gu, '] ')
    .replace(/<(?=[^\s<"])/gu, '< ');
}

/** The most characters that the patterns of {@link withoutLinks} look at: `mailto:` and the next one. */
const longestPattern = 8;

/** Breaks up what Octopus reads as a service message. */
export function withoutMessages(line: string): string {
  return line.replace(/##(?=octopus)/giu, '# # ');
}

/** Makes one line without invisible characters and direction marks, which could make it read as another. */
function visible(value: string): string {
  return wellFormed(
    oneLine(value).replace(/[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu, ''),
  );
}

/** Creates a line with values in it: `` text`Waiting for ${status}` ``. Makes string values safe. */
export function text(words: TemplateStringsArray, ...values: readonly TextValue[]): Text {
  const pieces = words.flatMap((word, index) => {
    const value = values[index];
    return value === undefined ? [word] : [word, shown(value)];
  });
  return Text.trusted(pieced(pieces));
}

/** Returns a sentence without its full stop, as the end of a longer one. */
export function clause({ line }: Text): Text {
  return Text.trusted(line.replace(/\.$/, ''));
}

/** Joins values into one line, with a separator between them. */
export function join(parts: readonly TextValue[], separator: string): Text {
  const between = oneLine(separator);
  return Text.trusted(
    pieced(parts.flatMap((part, index) => (index === 0 ? [] : [between]).concat(shown(part)))),
  );
}

/** Concatenates harmless pieces; no link or service message may arise where two of them meet. */
function pieced(pieces: readonly string[]): string {
  const line = pieces.reduce((sum, piece) => {
    const end = sum.slice(-longestPattern);
    const start = piece.slice(0, longestPattern);
    const opensLink = withoutLinks(end + start) !== withoutLinks(end) + withoutLinks(start);
    return sum + (opensLink ? ' ' : '') + piece;
  }, '');
  return withoutMessages(line);
}

/** Replaces each run of line breaks and control characters with one space. */
export function oneLine(value: string): string {
  return value.replace(/[\0-\x1F\x7F-\x9F\u2028\u2029]+/gu, ' ');
}

/** Replaces lone surrogates, which UTF-8 cannot encode. */
export function wellFormed(value: string): string {
  // Not `\p{Cs}`: V8 builds that set from ICU's tables on first use, which is before the first request.
  return value.replace(/[\uD800-\uDFFF]/gu, '\uFFFD');
}

/** Returns the parts of a text between separators, trimmed, without empty ones. */
export function partsOf(value: string, separator: string | RegExp): readonly string[] {
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Creates a link for the task log. The URL is the step's own, built from the configured site or server. */
export function link(label: string, url: URL): Text {
  const shownLabel = safeLine(label.replace(/[[\]]/gu, ''));
  return Text.trusted(`[${shownLabel}](${urlText(url)})`);
}

/**
 * `href` is ASCII without spaces, but parentheses and brackets would end a Markdown link early, so they are
 * encoded. The brackets around an IPv6 host are part of it, so they stay.
 */
function urlText({ href, origin }: URL): string {
  const behind = href.slice(origin.length);
  return `${origin}${behind.replace(/[()[\]]/g, percentEncoded)}`;
}

/** Percent-encodes an ASCII character. */
export function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function shown(value: TextValue): string {
  if (value instanceof Text) return value.line;
  if (value instanceof Date) return shownTime(value);
  return typeof value === 'number' ? String(value) : safeLine(value);
}

/** Returns the line with each link replaced by its label, for places that do not render Markdown. */
export function plain(line: Text): string {
  // The pattern allows no bracket in a label, so that the time stays linear in the length (X1).
  return line.line.replace(/\[([^[\]]*)\]\(https?:[^)\s[]*\)/g, '$1');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes the characters that have a meaning in HTML. */
export function htmlText(value: string): string {
  return value.replace(/[&<>"']/g, (mark) => entities[mark] ?? '');
}

/**
 * Escapes text from outside for a field or comment that Jira reads as wiki mark-up: macros (`{...}`), links
 * and mentions (`[...]`), embedded files (`!...!`) and forced line breaks stay plain text.
 */
export function wikiText(value: string): string {
  return wellFormed(value)
    .replace(/\\/g, '&#92;')
    .replace(/[{}[\]!|]/g, (mark) => `\\${mark}`);
}
