import { slipsBetween } from '../domain/nearest-word.ts';

export const secretMessage =
  'A policy must not contain a secret. Put it in a sensitive Octopus variable, name that variable in ' +
  'tokenVariable, and replace the secret, because others may have read it here.';

/** Returns Atlassian's own tokens in a text, which are recognized by their first letters. */
export function tokensIn(text: string): readonly RegExpExecArray[] {
  return [...text.matchAll(/\bAT(?:[A-Z]TT|BB)[A-Za-z0-9+/_=-]{6,}/g)];
}

/** Whether a key is named for a secret. `tokenVariable`, even if misspelt, is named for a variable. */
export function isSecretKey(key: string): boolean {
  const letters = key.toLowerCase().replace(/[^a-z]/g, '');
  if (letters.includes('var') || slipsBetween(letters.slice(0, 40), 'tokenvariable') <= 3) return false;
  const secret =
    /token|passw|passphrase|secret|(?:api|access|private)key|credential|bearer|authorization|^(?:pat|pwd|pass)$/;
  return secret.test(letters);
}
