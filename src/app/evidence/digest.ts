import { createHash } from 'node:crypto';

/** Returns the SHA-256 of a text in UTF-8, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Returns the JSON text from which a digest is computed: without spaces, with the keys of each object sorted.
 */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** E3: continues a chain: returns the digest of the previous digest followed by the value. */
export function chained(before: string, value: unknown): string {
  return sha256(before + canonical(value));
}
