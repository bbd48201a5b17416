import { foldName } from '../names.ts';

/** Scripts that are written without spaces: nothing in them shows where a word ends. */
const unspaced =
  '\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}';
const word = new RegExp(`^(?![${unspaced}])[\\p{L}\\p{N}\\p{M}]$`, 'u');
const wordOrLowLine = new RegExp(`^(?![${unspaced}])[\\p{L}\\p{N}\\p{M}_]$`, 'u');
const digit = /^\p{N}$/u;
const letterOrDigit = /^[\p{L}\p{N}]$/u;

/**
 * A1: returns the wanted texts that neither the summary nor the description mentions. A text that is empty in
 * this run is skipped. The time is linear in the length of both (X1).
 */
export function notMentioned(
  { summary, description }: { readonly summary: string; readonly description: string },
  wanted: readonly string[],
): readonly string[] {
  const places = [summary, unescaped(description)].map(folded);
  return wanted.filter((one) => {
    const sought = folded(one);
    return sought !== '' && !places.some((place) => mentions(place, sought));
  });
}

/** Unescapes wiki mark-up, so that text reads as people see it: `\[1.0.1\-rc\]` becomes `[1.0.1-rc]`. */
function unescaped(markUp: string): string {
  return markUp.replace(/\\([^\p{L}\p{N}\s])/gu, '$1');
}

/**
 * Folds a text for comparison: lower case, NFC, each run of spaces as one space. The two forms of the small
 * sigma count as one letter.
 */
function folded(text: string): string {
  // A small letter may compose with a mark that its capital does not compose with.
  return foldName(text).normalize('NFC').replaceAll('ς', 'σ');
}

/** Whether a folded text contains the sought text as a whole. */
function mentions(place: string, sought: string): boolean {
  for (let at = place.indexOf(sought); at >= 0; at = place.indexOf(sought, at + 1)) {
    if (beginsWhole(place, at) && endsWhole(place, at + sought.length)) return true;
  }
  return false;
}

/** Whether the match does not end a longer word or number: `0.1` is not in `1.0.1`. */
function beginsWhole(place: string, at: number): boolean {
  const first = after(place, at, 0);
  const previous = before(place, at, 0);
  if (word.test(first) && wordOrLowLine.test(previous)) return false;
  return !(digit.test(first) && previous === '.' && digit.test(before(place, at, 1)));
}

/** Whether the match does not begin a longer word or version: `1.0.1` is not in `1.0.1-rc` or `1.0.1.5`. */
function endsWhole(place: string, end: number): boolean {
  const last = before(place, end, 0);
  const next = after(place, end, 0);
  if (word.test(last) && wordOrLowLine.test(next)) return false;
  return !(digit.test(last) && /^[.+-]$/.test(next) && letterOrDigit.test(after(place, end, 1)));
}

/** Returns the character at a distance after a position of the text; empty beyond the end of the text. */
function after(text: string, at: number, distance: number): string {
  // A character has at most two UTF-16 units.
  return [...text.slice(at, at + 2 * (distance + 1))][distance] ?? '';
}

/** Returns the character at a distance before a position of the text; empty beyond the start of the text. */
function before(text: string, at: number, distance: number): string {
  return [...text.slice(Math.max(0, at - 2 * (distance + 1)), at)].at(-1 - distance) ?? '';
}
