import { htmlText } from '../../../domain/text.ts';

/** A piece of a page in which all text is escaped; {@link html} makes one from values. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Value = string | number | Html | readonly Html[];

/** Makes a piece of a page from a template: every value that is not such a piece is escaped as text. */
export function html(words: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(words.reduce((sum, word, index) => sum + shown(values[index - 1] ?? '') + word));
}

export const nothing = new Html('');

function shown(value: Value): string {
  if (value instanceof Html) return value.source;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? escaped(value) : value.map(({ source }) => source).join('');
}

/** E5: escapes text, and shows the codes of characters that are invisible or change the writing direction. */
function escaped(text: string): string {
  return htmlText(text).replace(
    /[\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu,
    (mark) => (mark === '\n' ? '<br>' : `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`),
  );
}
