import { JqlError } from './jql-error.ts';
import { type IndexedWord, indexedWords, stem } from './words.ts';

/**
 * The second language inside `summary ~ "..."`: Lucene's query syntax, as Jira uses it. A text in double quotes
 * is a phrase, in which only `\` and `"` mean something; outside, the characters + - & | ! ( ) { } [ ] ^ ~ * ? \ :
 * are operators unless a backslash stands before them.
 */
export type TextQuery =
  | { kind: 'word'; word: string }
  | { kind: 'phrase'; words: readonly IndexedWord[] }
  | { kind: 'pattern'; pattern: RegExp }
  | { kind: 'fuzzy'; word: string }
  /** A word of a field that does not exist (`Octopus:Deploy`), or no words at all. */
  | { kind: 'nothing' }
  /** Stop words only: they restrict nothing. */
  | { kind: 'ignored' }
  | { kind: 'not'; part: TextQuery }
  | { kind: 'and' | 'or'; parts: readonly TextQuery[] };

type Piece =
  | { kind: 'term'; text: string; wild: boolean; fuzzy: boolean }
  | { kind: 'phrase'; text: string }
  | { kind: 'field' | 'open' | 'close' | 'and' | 'or' | 'not' | 'must' };

function unreadable(field: string, text: string): JqlError {
  return new JqlError(`Unable to parse the text '${text}' for field '${field}'.`);
}

const operatorWords: Record<string, 'and' | 'or' | 'not'> = { AND: 'and', OR: 'or', NOT: 'not' };

/** Cuts a text query into its pieces. */
class Scanner {
  readonly #text: string;
  readonly #field: string;
  #index = 0;

  constructor(text: string, field: string) {
    this.#text = text;
    this.#field = field;
  }

  pieces(): Piece[] {
    const pieces: Piece[] = [];
    while (this.#index < this.#text.length) {
      const piece = this.#piece();
      if (piece !== undefined) {
        pieces.push(piece);
      }
    }
    return pieces;
  }

  #error(): JqlError {
    return unreadable(this.#field, this.#text);
  }

  #piece(): Piece | undefined {
    const rest = this.#text.slice(this.#index);
    const blank = /^\s+/.exec(rest);
    if (blank !== null) {
      this.#index += blank[0].length;
      return undefined;
    }
    const char = rest[0] ?? '';
    if (char === '"') {
      return this.#phrase();
    }
    const double = { '&&': 'and', '||': 'or' } as const;
    const pair = rest.slice(0, 2);
    if (pair === '&&' || pair === '||') {
      this.#index += 2;
      return { kind: double[pair] };
    }
    const single = { '(': 'open', ')': 'close', '+': 'must', '-': 'not', '!': 'not' } as const;
    if (char in single) {
      this.#index += 1;
      return { kind: single[char as keyof typeof single] };
    }
    if ('[]{}^~:'.includes(char)) {
      throw this.#error();
    }
    return this.#term();
  }

  #phrase(): Piece {
    let text = '';
    let index = this.#index + 1;
    while (index < this.#text.length && this.#text[index] !== '"') {
      index += this.#text[index] === '\\' ? 1 : 0;
      text += this.#text[index] ?? '';
      index += 1;
    }
    if (this.#text[index] !== '"') {
      throw this.#error();
    }
    this.#index = index + 1;
    this.#boost();
    return { kind: 'phrase', text };
  }

  /** `~2` and `^1.5` after a term or phrase; says whether there was a `~`. */
  #boost(): boolean {
    const rest = this.#text.slice(this.#index);
    const fuzzy = /^~\d*(?:\.\d+)?/.exec(rest)?.[0] ?? '';
    const boost = /^\^\d+(?:\.\d+)?/.exec(rest.slice(fuzzy.length))?.[0] ?? '';
    this.#index += fuzzy.length + boost.length;
    return fuzzy !== '';
  }

  #term(): Piece {
    let text = '';
    let wild = false;
    let escaped = false;
    while (this.#index < this.#text.length) {
      const char = this.#text[this.#index] ?? '';
      if (/[\s!(){}[\]^"~:]/.test(char)) {
        break;
      }
      if (char === '\\') {
        const next = this.#text[this.#index + 1];
        if (next === undefined) {
          throw this.#error();
        }
        text += /[*?]/.test(next) ? ' ' : next;
        escaped = true;
        this.#index += 2;
        continue;
      }
      if (/[*?]/.test(char) && text === '') {
        throw new JqlError(
          `The text query '${this.#text}' for field '${this.#field}' is not allowed to start with '${char}'.`,
        );
      }
      wild ||= /[*?]/.test(char);
      text += char;
      this.#index += 1;
    }
    const operator = escaped ? undefined : operatorWords[text];
    if (operator !== undefined) {
      return { kind: operator };
    }
    if (this.#text[this.#index] === ':') {
      this.#index += 1;
      return { kind: 'field' };
    }
    return { kind: 'term', text, wild, fuzzy: this.#boost() };
  }
}

function termQuery(text: string, wild: boolean, fuzzy: boolean): TextQuery {
  if (wild) {
    const source = text
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return { kind: 'pattern', pattern: new RegExp(`^${source}$`, 'u') };
  }
  if (fuzzy) {
    return { kind: 'fuzzy', word: text.toLowerCase() };
  }
  return phraseQuery(text);
}

function phraseQuery(text: string): TextQuery {
  const words = indexedWords(text);
  const only = words[0];
  if (only === undefined) {
    return { kind: 'ignored' };
  }
  return words.length === 1 ? { kind: 'word', word: only.word } : { kind: 'phrase', words };
}

/** Puts the pieces together: OR binds least, blanks mean AND. */
class Builder {
  readonly #pieces: readonly Piece[];
  readonly #error: JqlError;
  #next = 0;

  constructor(pieces: readonly Piece[], error: JqlError) {
    this.#pieces = pieces;
    this.#error = error;
  }

  build(): TextQuery {
    const query = this.#or();
    if (this.#next < this.#pieces.length) {
      throw this.#error;
    }
    return query;
  }

  #kind(): Piece['kind'] | 'end' {
    return this.#pieces[this.#next]?.kind ?? 'end';
  }

  #or(): TextQuery {
    const parts = [this.#and()];
    while (this.#kind() === 'or') {
      this.#next += 1;
      parts.push(this.#and());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #and(): TextQuery {
    const parts = [this.#part()];
    while (!['or', 'close', 'end'].includes(this.#kind())) {
      this.#next += this.#kind() === 'and' ? 1 : 0;
      parts.push(this.#part());
    }
    return { kind: 'and', parts };
  }

  #part(): TextQuery {
    const piece = this.#pieces[this.#next];
    this.#next += 1;
    switch (piece?.kind) {
      case 'term':
        return termQuery(piece.text, piece.wild, piece.fuzzy);
      case 'phrase':
        return phraseQuery(piece.text);
      case 'not':
        return { kind: 'not', part: this.#part() };
      case 'must':
        return this.#part();
      case 'field':
        // The part belongs to a field of that name, which the index does not have.
        this.#part();
        return { kind: 'nothing' };
      case 'open': {
        const inner = this.#or();
        if (this.#kind() !== 'close') {
          throw this.#error;
        }
        this.#next += 1;
        return inner;
      }
      default:
        throw this.#error;
    }
  }
}

/** Reads the text of a `~` clause; throws `JqlError` where Jira answers 400. */
export function parseTextQuery(text: string, field: string): TextQuery {
  const pieces = new Scanner(text, field).pieces();
  if (pieces.length === 0) {
    throw new JqlError(`The text query '${text}' for field '${field}' is not allowed to be empty.`);
  }
  return new Builder(pieces, unreadable(field, text)).build();
}

function matchesPhrase(words: readonly IndexedWord[], text: readonly IndexedWord[]): boolean {
  const first = words[0];
  if (first === undefined) {
    return false;
  }
  return text.some((start, index) => {
    if (start.word !== first.word) {
      return false;
    }
    const shift = start.place - first.place;
    let at = index;
    return words.every((wanted) => {
      while (at < text.length && (text[at]?.place ?? 0) < wanted.place + shift) {
        at += 1;
      }
      return text[at]?.place === wanted.place + shift && text[at]?.word === wanted.word;
    });
  });
}

/** Whether two words differ in at most `limit` letters. */
function isNear(left: string, right: string, limit: number): boolean {
  if (Math.abs(left.length - right.length) > limit) {
    return false;
  }
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[right.length] ?? 0) <= limit;
}

function matchesAll(parts: readonly TextQuery[], text: readonly IndexedWord[]): boolean {
  // A query of exclusions alone finds nothing, and so does one of stop words and punctuation alone.
  const positive = parts.some((part) => part.kind !== 'not' && part.kind !== 'ignored');
  return positive && parts.every((part) => part.kind === 'ignored' || matchesText(part, text));
}

/** Whether a text, as the index holds it, fits the query. */
export function matchesText(query: TextQuery, text: readonly IndexedWord[]): boolean {
  switch (query.kind) {
    case 'word':
      return text.some((one) => one.word === query.word);
    case 'phrase':
      return matchesPhrase(query.words, text);
    case 'pattern':
      return text.some((one) => query.pattern.test(one.word));
    case 'fuzzy':
      return text.some((one) => isNear(one.word, stem(query.word), 2));
    case 'nothing':
    case 'ignored':
      return false;
    case 'not':
      return !matchesText(query.part, text);
    case 'and':
      return matchesAll(query.parts, text);
    case 'or':
      return query.parts.some((part) => part.kind !== 'not' && matchesText(part, text));
  }
}
