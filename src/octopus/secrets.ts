import { safeLine } from '../domain/text.ts';

/** Shorter values can't be told from ordinary text; Octopus masks those over 3 characters as well. */
const shortest = 4;

/**
 * X3: every form in which a login could show: the token, its base64 and URL-encoded forms, the value of the
 * Authorization header, and what a line of the task log would make of each.
 */
export function secretForms(username: string, token: string): readonly string[] {
  if (token === '') return [];
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const wellFormed = token.replace(/\p{Cs}/gu, '\uFFFD');
  const urlEncoded = [encodeURIComponent(wellFormed), new URLSearchParams([['', token]]).toString().slice(1)];
  const forms = [
    token,
    base64(token),
    base64(token).replace(/=+$/, ''),
    base64(`${username}:${token}`),
    base64(`${username}:${token}`).replace(/=+$/, ''),
    ...urlEncoded,
    ...urlEncoded.map((form) => form.replace(/%../g, (code) => code.toLowerCase())),
    JSON.stringify(token).slice(1, -1),
  ];
  return [...new Set([...forms, ...forms.map(safeLine)])]
    .filter((form) => form.length >= shortest)
    .sort((a, b) => b.length - a.length);
}

/** The forms that Octopus does not know by itself: it knows the sensitive variable's own value. */
export function formsToMask(username: string, token: string): readonly string[] {
  return secretForms(username, token).filter((form) => form !== token);
}

/** The secrets of a run; what is said passes through it (X3). */
export class Secrets {
  #forms: readonly string[] = [];

  add(username: string, token: string): void {
    this.#forms = [...this.#forms, ...secretForms(username, token)].sort((a, b) => b.length - a.length);
  }

  /** The text with every form of every secret replaced. */
  readonly redact = (text: string): string =>
    this.#forms.reduce((result, form) => result.replaceAll(form, '********'), text);
}
