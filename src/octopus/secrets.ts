import { htmlText, percentEncoded, safeLine, shortened, wellFormed } from '../domain/text.ts';

/** Shorter values cannot be distinguished from ordinary text. Octopus, too, masks no shorter ones. */
const shortest = 4;
/** X2: the shortest token that is accepted. */
export const shortestToken = 8;

/**
 * X3: returns every form in which a login could appear: the token, its base64 and URL-encoded forms, the
 * value of the Authorization header, and each of these as a line of the task log would show it.
 */
export function secretForms(username: string, token: string): readonly string[] {
  if (token === '') return [];
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const encoded = [base64(token), base64(`${username}:${token}`)];
  const encodable = wellFormed(token);
  const urlEncoded = [
    encodeURI(encodable),
    encodeURIComponent(encodable),
    strictlyEncoded(encodable),
    strictlyEncoded(encodable).replaceAll('%20', '+'),
    new URLSearchParams([['', token]]).toString().slice(1),
    ...encoded.map(encodeURIComponent),
  ];
  const forms = [
    token,
    ...encoded,
    ...encoded.map((form) => form.replace(/=+$/, '')),
    ...encoded.map((form) => form.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')),
    ...urlEncoded,
    ...urlEncoded.map((form) => form.replace(/%../g, (code) => code.toLowerCase())),
    JSON.stringify(token).slice(1, -1),
    htmlText(token),
  ];
  return [...new Set([...forms, ...forms.map(safeLine)])]
    .filter((form) => form.length >= shortest)
    .sort((a, b) => b.length - a.length);
}

/** Percent-encodes everything but the unreserved characters of RFC 3986. */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, percentEncoded);
}

/**
 * Returns a pattern for any URL encoding of a text: encoders differ in which characters they leave unencoded,
 * in the case of the digits, and in how they encode a space.
 */
function anyUrlEncoding(text: string): RegExp {
  const characters = [...text].map((character) => {
    const encoded = [...Buffer.from(character, 'utf8')]
      .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
      .join('');
    const literal = character === ' ' ? '[ +]' : character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return `(?:${literal}|${encoded.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)})`;
  });
  return new RegExp(characters.join(''), 'gu');
}

/** Returns the forms that Octopus does not mask automatically: it knows only the variable's own value. */
export function formsToMask(username: string, token: string): readonly string[] {
  return secretForms(username, token).filter((form) => form !== token);
}

/** Replaces a secret. */
export const hidden = '********';

/** Hides the beginning of a secret that is left where a text was shortened in the middle of the secret. */
function withoutBeginning(text: string, form: string): string {
  if (!text.includes(shortened)) return text;
  let result = text;
  for (let length = form.length - 1; length >= shortest; length -= 1) {
    result = result.replaceAll(`${form.slice(0, length)}${shortened}`, `${hidden}${shortened}`);
  }
  return result;
}

/** The secrets of a run. Every message passes through `redact` (X3). */
export class Secrets {
  #forms: readonly string[] = [];
  #encodings: readonly RegExp[] = [];

  add(username: string, token: string): void {
    const forms = secretForms(username, token);
    this.#forms = [...this.#forms, ...forms].sort((a, b) => b.length - a.length);
    if (token.length >= shortest) this.#encodings = [...this.#encodings, anyUrlEncoding(token)];
  }

  /**
   * Adds a secret that this run does not use. A value too short for a token is ignored, since it could not be
   * distinguished from ordinary text.
   */
  addOther(token: string): void {
    const trimmed = token.trim();
    if (trimmed.length >= shortestToken) this.add('', trimmed);
  }

  /** Whether a text contains a form of a secret. */
  readonly isIn = (text: string): boolean => this.redact(text) !== text;

  /** Returns the text with every form of every secret replaced. */
  readonly redact = (text: string): string => {
    const plain = this.#forms.reduce((result, form) => result.replaceAll(form, hidden), text);
    const whole = this.#encodings.reduce((result, encoding) => result.replace(encoding, hidden), plain);
    return this.#forms.reduce(withoutBeginning, whole);
  };
}
