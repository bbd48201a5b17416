import { type IndexedWord, indexedWords } from './words.ts';

/** The terms after `summary ~`. Each is a sequence of words: a single word, or the words of a phrase. */
type TextQuery = readonly (readonly IndexedWord[])[];

/**
 * Reads a phrase in double quotes, or plain words, all of which are required. Undefined for the rest of
 * Lucene's syntax, which Jira's text search also accepts, but which nothing uses.
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

/**
 * Returns true if a summary matches the query. A query of only stop words and punctuation matches nothing.
 */
export function matchesText(query: TextQuery, summary: string): boolean {
  const text = indexedWords(summary);
  const terms = query.filter((words) => words.length > 0);
  return terms.length > 0 && terms.every((words) => hasInSequence(text, words));
}

/** Returns true if the text contains the words at the same distances: a stop word leaves its place empty. */
function hasInSequence(text: readonly IndexedWord[], words: readonly IndexedWord[]): boolean {
  const at = new Map(text.map(({ place, word }) => [place, word]));
  const firstPlace = words[0]?.place ?? 0;
  return text.some((start) =>
    words.every(({ place, word }) => at.get(start.place + place - firstPlace) === word),
  );
}
