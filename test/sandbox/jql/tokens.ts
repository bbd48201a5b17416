import { JqlError } from './jql-error.ts';

export type Token =
  | { kind: 'word'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'operator'; text: string }
  | { kind: 'open' | 'close' | 'comma' | 'end'; text: string };

const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  "'": "'",
  '"': '"',
  '\\': '\\',
  ' ': ' ',
};

const reserved = /[+.;?|*/%^$#@[\]{}`:\\]/;

function place(query: string, index: number): string {
  const before = query.slice(0, index);
  const line = before.split('\n').length;
  return `(line ${line}, character ${index - before.lastIndexOf('\n')})`;
}

/** Reads a quoted text from `start`, the place of its opening quote. */
function readQuoted(query: string, start: number): { text: string; next: number } {
  const quote = query[start];
  let text = '';
  let index = start + 1;
  while (index < query.length && query[index] !== quote) {
    const char = query[index] ?? '';
    if (char === '\n' || char === '\r') {
      break;
    }
    if (char !== '\\') {
      text += char;
      index += 1;
      continue;
    }
    const escaped = readEscape(query, index);
    text += escaped.text;
    index = escaped.next;
  }
  if (query[index] !== quote) {
    throw new JqlError(
      `Error in the JQL Query: The quoted string '${query.slice(start + 1)}' has not been completed. ${place(query, start)}`,
    );
  }
  return { text, next: index + 1 };
}

function readEscape(query: string, index: number): { text: string; next: number } {
  const next = query[index + 1] ?? '';
  const unicode = /^u([0-9a-fA-F]{4})/.exec(query.slice(index + 1, index + 6));
  if (unicode !== null) {
    return { text: String.fromCharCode(Number.parseInt(unicode[1] ?? '', 16)), next: index + 6 };
  }
  const plain = escapes[next];
  if (plain === undefined) {
    throw new JqlError(
      `Error in the JQL Query: '\\${next}' is an illegal JQL escape sequence. ` +
        `The valid escape sequences are \\', \\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. ${place(query, index)}`,
    );
  }
  return { text: plain, next: index + 2 };
}

/** Splits a JQL query; what Jira refuses in it is refused here. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  while (index < query.length) {
    const char = query[index] ?? '';
    if (/\s/.test(char)) {
      index += 1;
    } else if (char === '"' || char === "'") {
      const read = readQuoted(query, index);
      tokens.push({ kind: 'text', text: read.text });
      index = read.next;
    } else {
      const token = readPlain(query, index);
      tokens.push(token);
      index += token.text.length;
    }
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

const marks: Record<string, 'open' | 'close' | 'comma'> = { '(': 'open', ')': 'close', ',': 'comma' };

function readPlain(query: string, index: number): Token {
  const char = query[index] ?? '';
  const mark = marks[char];
  if (mark !== undefined) {
    return { kind: mark, text: char };
  }
  const operator = /^(?:!=|!~|>=|<=|&&|\|\||[=~<>!&])/.exec(query.slice(index, index + 2));
  if (operator !== null) {
    return { kind: 'operator', text: operator[0] };
  }
  const custom = /^cf\[\d+\]/i.exec(query.slice(index));
  if (custom !== null) {
    return { kind: 'word', text: custom[0] };
  }
  if (reserved.test(char)) {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    throw new JqlError(
      `Error in the JQL Query: The character '${char}' is a reserved JQL character. ` +
        `You must enclose it in a string or use the escape '\\u${code}' instead. ${place(query, index)}`,
    );
  }
  const word = /^[^\s"'(),=~<>!&+.;?|*/%^$#@[\]{}`:\\]+/.exec(query.slice(index));
  return { kind: 'word', text: word?.[0] ?? char };
}
