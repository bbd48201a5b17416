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

/** The decisions that appear with a code; empty for an undocumented code. */
export function decisionsOf(code: string): readonly string[] {
  return documentedCodes.find((row) => row.code === code)?.decisions ?? [];
}
