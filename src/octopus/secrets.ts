import { safeLine, shortened } from '../domain/text.ts';

/** Shorter values can't be told from ordinary text; Octopus masks those over 3 characters as well. */
const shortest = 4;

/**
 * X3: every form in which a login could show: the token, its base64 and URL-encoded forms, the value of the
 * Authorization header, and what a line of the task log would make of each.
 */
export function secretForms(username: string, token: string): readonly string[] {
  if (token === '') return [];
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const encoded = [base64(token), base64(`${username}:${token}`)];
  const wellFormed = token.replace(/\p{Cs}/gu, '\uFFFD');
  const urlEncoded = [
    encodeURIComponent(wellFormed),
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
    htmlEscaped(token),
  ];
  return [...new Set([...forms, ...forms.map(safeLine)])]
    .filter((form) => form.length >= shortest)
    .sort((a, b) => b.length - a.length);
}

function htmlEscaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The forms that Octopus does not know by itself: it knows the sensitive variable's own value. */
export function formsToMask(username: string, token: string): readonly string[] {
  return secretForms(username, token).filter((form) => form !== token);
}

const hidden = '********';

/** Where a text was shortened in the middle of a secret, its beginning is left. */
function withoutBeginning(text: string, form: string): string {
  if (!text.includes(shortened)) return text;
  let result = text;
  for (let length = form.length - 1; length >= shortest; length -= 1) {
    result = result.replaceAll(`${form.slice(0, length)}${shortened}`, `${hidden}${shortened}`);
  }
  return result;
}

/** The secrets of a run; what is said passes through it (X3). */
export class Secrets {
  #forms: readonly string[] = [];

  add(username: string, token: string): void {
    this.#forms = [...this.#forms, ...secretForms(username, token)].sort((a, b) => b.length - a.length);
  }

  /** The text with every form of every secret replaced. */
  readonly redact = (text: string): string => {
    const whole = this.#forms.reduce((result, form) => result.replaceAll(form, hidden), text);
    return this.#forms.reduce(withoutBeginning, whole);
  };
}
