/** A piece of a page whose texts are escaped. Only {@link html} and {@link each} make one. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Value = string | number | Html | readonly Html[];

/** A piece of a page with values in it: whatever is not a piece itself is text. */
export function html(words: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(words.reduce((sum, word, index) => sum + shown(values[index - 1] ?? '') + word));
}

export const nothing = new Html('');

function shown(value: Value): string {
  if (value instanceof Html) return value.source;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? escaped(value) : value.map(({ source }) => source).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** E5: text stays text, and marks that show nothing or turn the direction of writing are shown as what they are. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (mark) => entities[mark] ?? '')
    .replace(/[\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu, (mark) =>
      mark === '\n' ? '<br>' : `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
