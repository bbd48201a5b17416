import { type IndexedWord, indexedWords } from './words.ts';

/** What follows `summary ~`, for each of its terms the words that follow each other: one, or those of a phrase. */
type TextQuery = readonly (readonly IndexedWord[])[];

/**
 * Reads a phrase in double quotes, or plain words, all of which must be there. Undefined for the rest of Lucene's syntax,
 * which Jira's text search has as well: nothing asks for it.
 */
export function readTextQuery(text: string): TextQuery | undefined {
  const phrase = /^\s*"([^"\\]*)"\s*$/.exec(text)?.[1];
  if (phrase !== undefined) return [indexedWords(phrase)];
  const words = text.trim().split(/\s+/);
  const arePlain = words.every(
    (word) => /^[\p{L}\p{M}\p{N}]+$/u.test(word) && !['AND', 'OR', 'NOT'].includes(word),
  );
  return arePlain ? words.map(indexedWords) : undefined;
}

/** Whether a summary fits the query. A query of stop words and punctuation finds nothing. */
export function matchesText(query: TextQuery, summary: string): boolean {
  const text = indexedWords(summary);
  const terms = query.filter((words) => words.length > 0);
  return terms.length > 0 && terms.every((words) => hasInSequence(text, words));
}

/** Whether the words are in the text at the same distances: a stop word leaves its place empty. */
function hasInSequence(text: readonly IndexedWord[], words: readonly IndexedWord[]): boolean {
  const at = new Map(text.map(({ place, word }) => [place, word]));
  const firstPlace = words[0]?.place ?? 0;
  return text.some((start) =>
    words.every(({ place, word }) => at.get(start.place + place - firstPlace) === word),
  );
}
