/**
 * Returns the known word that a misspelt word was probably meant to be, or undefined if none is near: equal
 * but for case and punctuation, one part of the other, or a few typos apart.
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  return nearWords(word, known)[0];
}

/** Returns all near words, the nearest first; words that contain the other, or are part of it, come last. */
export function nearWords(word: string, known: readonly string[]): readonly string[] {
  const sought = letters(word);
  if (sought === '' || sought.length > 100) return [];
  const near = known
    .map((candidate) => ({ candidate, slips: slipsBetween(sought, letters(candidate)) }))
    .filter(({ candidate, slips }) => slips <= allowedSlips(sought, letters(candidate)))
    .sort((a, b) => a.slips - b.slips)
    .map(({ candidate }) => candidate);
  const containing = known.filter((candidate) => contains(letters(candidate), sought));
  return [...new Set([...near, ...containing])];
}

function letters(word: string): string {
  return word.toLowerCase().replace(/[\s_.-]+/gu, '');
}

function allowedSlips(sought: string, candidate: string): number {
  return Math.max(1, Math.floor(Math.min(sought.length, candidate.length) / 3));
}

function contains(candidate: string, sought: string): boolean {
  return (
    (sought.length >= 3 && candidate.includes(sought)) ||
    (candidate.length >= 4 && sought.includes(candidate))
  );
}

/** Returns how many letters to add, drop, change or swap with a neighbour to turn one word into the other. */
export function slipsBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let slips = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        slips = Math.min(slips, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
