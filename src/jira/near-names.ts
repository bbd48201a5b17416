import { foldName } from '../domain/change-state.ts';

/** The names nearest to a wanted one, best first, for an error that helps with a misspelling. */
export function nearNames(wanted: string, names: readonly string[], most = 5): readonly string[] {
  const folded = foldName(wanted);
  return [...new Set(names)]
    .map((name) => ({ name, distance: distance(folded, foldName(name)) }))
    .filter(
      ({ name, distance: far }) => far <= Math.max(2, Math.floor(Math.max(folded.length, name.length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Levenshtein's distance, over one row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
