/**
 * Splits text into words as Jira's index does: without case and punctuation, stemmed, and without stop words.
 */

/** A word in the index, with its place: stop words leave their place empty. */
export interface IndexedWord {
  word: string;
  place: number;
}

const stopWords = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such that the their then there these they ' +
    'this to was will with'
  ).split(' '),
);

/**
 * Letters and digits stay together; so do dots between digits or between letters (`1.0.1`, `example.com`),
 * apostrophes between letters, and underscores. Each ideograph and each hiragana character is a word.
 */
const wordPattern =
  /[\p{Script=Han}\p{Script=Hiragana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}])[\p{L}\p{M}\p{N}_])+(?:(?:(?<=\p{N})[.,](?=\p{N})|(?<=\p{L})['’.](?=\p{L}))(?:(?![\p{Script=Han}\p{Script=Hiragana}])[\p{L}\p{M}\p{N}_])+)*/gu;

/**
 * Returns a light English stem, enough to treat `deploy`, `deploys`, `deployed` and `deploying` as the same
 * word.
 */
function stem(word: string): string {
  if (!/^[a-z]{4,}$/.test(word)) {
    return word;
  }
  const singular = word.endsWith('ies')
    ? `${word.slice(0, -3)}y`
    : word.endsWith('s') && !word.endsWith('ss') && !word.endsWith('us')
      ? word.slice(0, -1)
      : word;
  for (const ending of ['ing', 'ed']) {
    const rest = singular.slice(0, -ending.length);
    if (singular.endsWith(ending) && rest.length >= 3 && /[aeiouy]/.test(rest)) {
      return rest;
    }
  }
  return singular.length > 4 && singular.endsWith('e') ? singular.slice(0, -1) : singular;
}

/** Returns the words of a text in lower case, unstemmed, including stop words. */
function rawWords(text: string): string[] {
  return (text.toLowerCase().match(wordPattern) ?? []).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

const known = new Map<string, readonly IndexedWord[]>();

/** Returns the words of a text as they are in the index. */
export function indexedWords(text: string): readonly IndexedWord[] {
  let words = known.get(text);
  if (words === undefined) {
    words = rawWords(text)
      .map((word, place) => ({ word: stem(word), place, stop: stopWords.has(word) }))
      .filter((one) => !one.stop)
      .map(({ word, place }) => ({ word, place }));
    if (known.size > 5000) {
      known.clear();
    }
    known.set(text, words);
  }
  return words;
}
