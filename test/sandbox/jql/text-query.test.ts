import { describe, expect, it } from 'vitest';
import { matchesText, readTextQuery } from './text-query.ts';
import { indexedWords } from './words.ts';

function matches(query: string, text: string): boolean {
  const read = readTextQuery(query);
  expect(read).toBeDefined();
  return matchesText(read ?? [], text);
}

const title = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"';

describe('the text match of a search', () => {
  it.each([
    ['a phrase without the quotes', '"Octopus: Deploy  Web Site  version 1.0.1 to  Production "', title],
    ['another case', '"OCTOPUS DEPLOY web site"', title],
    ['a part of the title', '"version 1.0.1 to Production"', title],
    ['words in any order', 'Production Octopus', title],
    ['a stemmed word', 'deploying', title],
    ['a stemmed word in a phrase', '"octopus deployed web sites"', title],
    ['a longer title', `"${'Octopus Deploy Web Site version 1.0.1 to Production'}"`, `${title} (again)`],
    ['other stop words at the same places', '"run backup of shop"', 'run backup in shop'],
    ['ideographs one by one', '"展開 網站"', 'Octopus: 展開網站'],
    ['Cyrillic letters', '"сайт компании"', 'Octopus: Deploy "Сайт компании"'],
    ['a wildcard character inside a phrase, as data', '"Web * Site"', 'Web * Site'],
    ['stop words with a word', 'to the Production', title],
    ['a hyphen inside a word, as a phrase', '"my-shop"', 'the my shop'],
  ])('finds %s', (_, query, text) => {
    expect(matches(query, text)).toBe(true);
  });

  it.each([
    ['another version', '"version 1.0.1"', 'Octopus: Deploy "Web Site" version 1.0.10 to "Production"'],
    ['words that do not follow each other', '"Octopus Web Site"', title],
    ['a missing word', 'Octopus Staging', title],
    ['only stop words', 'to the', title],
    ['only punctuation', '"..."', title],
    ['too few words between for the gap of a stop word', '"run backup of shop"', 'run backup shop'],
  ])('does not find %s', (_, query, text) => {
    expect(matches(query, text)).toBe(false);
  });

  it.each([
    ['an open phrase', '"Octopus'],
    ['a quote inside a phrase', String.raw`"Web \"Site\""`],
    ['punctuation outside a phrase', 'Octopus: Deploy'],
    ['a wildcard', 'Octo*'],
    ['an exclusion', 'Octopus -Staging'],
    ['an operator', 'Octopus OR Staging'],
    ['no text', ' '],
  ])('refuses %s', (_, query) => {
    expect(readTextQuery(query)).toBeUndefined();
  });

  it('keeps versions and host names together and drops other punctuation', () => {
    const words = indexedWords('(Deploy) v1.0.1, 2.3 #4 to web.acme.example – "done"!').map(
      (one) => one.word,
    );
    expect(words).toEqual(['deploy', 'v1.0.1', '2.3', '4', 'web.acme.example', 'done']);
  });
});
