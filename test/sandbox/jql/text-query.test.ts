import { describe, expect, it } from 'vitest';
import { JqlError } from './jql-error.ts';
import { matchesText, parseTextQuery } from './text-query.ts';
import { indexedWords } from './words.ts';

function matches(query: string, text: string): boolean {
  return matchesText(parseTextQuery(query, 'summary'), indexedWords(text));
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
    ['a wildcard inside', 'Octo*s', title],
    ['a wildcard for one letter', 'Octopu?', title],
    ['an escaped reserved character', 'Octopus\\: Deploy\\?', title],
    ['a fuzzy word', 'octopas~', title],
    ['either word', 'Staging OR Production', title],
    ['a group', '(Staging || Production) && Web', title],
    ['an exclusion beside a word', 'Octopus -Staging', title],
    ['ideographs one by one', '"展開 網站"', 'Octopus: 展開網站'],
    ['Cyrillic letters', '"сайт компании"', 'Octopus: Deploy "Сайт компании"'],
    ['a wildcard character inside a phrase, as data', '"Web * Site"', 'Web * Site'],
    ['stop words beside a word', 'to the Production', title],
    ['a hyphen inside a word, as a phrase', 'my-shop', 'the my shop'],
  ])('finds %s', (_, query, text) => {
    expect(matches(query, text)).toBe(true);
  });

  it.each([
    ['another version', '"version 1.0.1"', 'Octopus: Deploy "Web Site" version 1.0.10 to "Production"'],
    ['words that do not follow each other', '"Octopus Web Site"', title],
    ['a missing word', 'Octopus Staging', title],
    ['an excluded word', 'Octopus -Production', title],
    ['an exclusion alone', '-Staging', title],
    ['a field that is none', 'Octopus:Deploy', title],
    ['an unescaped colon before a blank', 'Octopus: Deploy', title],
    ['stop words alone', 'to the', title],
    ['punctuation alone', '"..."', title],
    ['too few words between for the gap of a stop word', '"run backup of shop"', 'run backup shop'],
    ['an escaped wildcard as a wildcard', 'Octo\\*', title],
  ])('does not find %s', (_, query, text) => {
    expect(matches(query, text)).toBe(false);
  });

  it.each([
    ['an open phrase', '"Octopus'],
    ['an open parenthesis', '(Octopus'],
    ['a closing parenthesis', 'Octopus)'],
    ['a bracket', 'Deploy [Web]'],
    ['a brace', 'Deploy {Web}'],
    ['a caret without a number', 'Deploy ^'],
    ['a wildcard at the start', '*ctopus'],
    ['a question mark at the start', '?ctopus'],
    ['a lone operator', 'AND Octopus'],
    ['an operator at the end', 'Octopus OR'],
    ['a trailing backslash', 'Octopus\\'],
    ['no text', ' '],
  ])('refuses %s', (_, query) => {
    expect(() => parseTextQuery(query, 'summary')).toThrow(JqlError);
  });

  it('keeps versions and host names together and drops other punctuation', () => {
    const words = indexedWords('(Deploy) v1.0.1, 2.3 #4 to web.acme.example – "done"!').map(
      (one) => one.word,
    );
    expect(words).toEqual(['deploy', 'v1.0.1', '2.3', '4', 'web.acme.example', 'done']);
  });
});
