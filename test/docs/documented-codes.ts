import { readFileSync } from 'node:fs';

const document = readFileSync(new URL('../../docs/decision-codes.md', import.meta.url), 'utf8');

/** The rows of `docs/decision-codes.md`. */
export const documentedCodes = [...document.matchAll(/^\| `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(
  ([, code = '', decisions = '', meaning = '', use = '']) => ({
    code,
    decisions: [...decisions.matchAll(/`(\w+)`/g)].map(([, decision = '']) => decision),
    meaning: meaning.trim(),
    use: use.trim(),
  }),
);

/** The decisions that a code comes with; none for a code that is not documented. */
export function decisionsOf(code: string): readonly string[] {
  return documentedCodes.find((row) => row.code === code)?.decisions ?? [];
}
