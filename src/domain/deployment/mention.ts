import { foldName } from '../change/change-state.ts';

/** Scripts that are written without spaces: nothing in them shows where a word ends. */
const unspaced =
  '\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}';
const word = new RegExp(`^(?![${unspaced}])[\\p{L}\\p{N}\\p{M}]$`, 'u');
const wordOrLowLine = new RegExp(`^(?![${unspaced}])[\\p{L}\\p{N}\\p{M}_]$`, 'u');
const digit = /^\p{N}$/u;
const letterOrDigit = /^[\p{L}\p{N}]$/u;

/**
 * A1: those of the wanted texts that neither the summary nor the description mentions; a text that is empty in this
 * run is skipped. The time is linear in the length of both (X1).
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

/** Wiki mark-up as people see it: `\[1.0.1\-rc\]` is read as `[1.0.1-rc]`. */
function unescaped(markUp: string): string {
  return markUp.replace(/\\([^\p{L}\p{N}\s])/gu, '$1');
}

/** Without case, in NFC, with each run of spaces as one. The two small sigmas are one letter. */
function folded(text: string): string {
  // A small letter may compose with a mark where the capital does not.
  return foldName(text).normalize('NFC').replaceAll('ς', 'σ');
}

/** Whether a folded text contains another one as a whole. */
function mentions(place: string, sought: string): boolean {
  for (let at = place.indexOf(sought); at >= 0; at = place.indexOf(sought, at + 1)) {
    if (beginsWhole(place, at) && endsWhole(place, at + sought.length)) return true;
  }
  return false;
}

/** No longer word begins earlier, and no longer number: `0.1` is not in `1.0.1`. */
function beginsWhole(place: string, at: number): boolean {
  const first = after(place, at, 0);
  const previous = before(place, at, 0);
  if (word.test(first) && wordOrLowLine.test(previous)) return false;
  return !(digit.test(first) && previous === '.' && digit.test(before(place, at, 1)));
}

/** No longer word ends later, and no longer version: `1.0.1` is in neither `1.0.1-rc` nor `1.0.1.5`. */
function endsWhole(place: string, end: number): boolean {
  const last = before(place, end, 0);
  const next = after(place, end, 0);
  if (word.test(last) && wordOrLowLine.test(next)) return false;
  return !(digit.test(last) && /^[.+-]$/.test(next) && letterOrDigit.test(after(place, end, 1)));
}

/** The character at a distance behind a place of the text; empty beyond its end. */
function after(text: string, at: number, distance: number): string {
  // A character is two units at most.
  return [...text.slice(at, at + 2 * (distance + 1))][distance] ?? '';
}

/** The character at a distance ahead of a place of the text; empty beyond its start. */
function before(text: string, at: number, distance: number): string {
  return [...text.slice(Math.max(0, at - 2 * (distance + 1)), at)].at(-1 - distance) ?? '';
}
