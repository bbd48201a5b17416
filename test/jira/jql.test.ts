import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { titlePhraseJql, titleWordsJql } from '../../src/jira/jql.ts';

const title = 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"';

/** Takes the strings out of a query: `"..."` with `\"` and `\\` inside. */
function strings(jql: string): { readonly values: readonly string[]; readonly rest: string } {
  const values: string[] = [];
  const rest = jql.replace(/"((?:[^"\\]|\\["\\])*)"/g, (_all, value: string) => {
    values.push(value.replace(/\\(["\\])/g, '$1'));
    return '?';
  });
  return { values, rest };
}

describe('the search by a phrase', () => {
  it('[L5] is bounded to the service project, and finds closed ones too (L9)', () => {
    expect(titlePhraseJql('CHG', title)).toBe(
      String.raw`project = "CHG" AND summary ~ "\"Octopus: Deploy Web Site version 1.0.1 to Dev\"" ORDER BY created DESC`,
    );
  });

  it.each([
    ['a "b" c', '"a b c"'],
    ['a\\b', '"a b"'],
    ['\\"', '""'],
    ['a [b] {c} * ? + - & | ! ( ) ^ ~ :', '"a [b] {c} * ? + - & | ! ( ) ^ ~ :"'],
    ['#{x} AND summary ~ "y"', '"#{x} AND summary ~ y"'],
    ['  サイト  Ü ', '"サイト Ü"'],
  ])('[L12] %s is sought as %s', (words, phrase) => {
    expect(strings(titlePhraseJql('CHG', words)).values).toEqual(['CHG', phrase]);
  });

  it('[L12] no title gets out of its string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (project, words) => {
        const { values, rest } = strings(titlePhraseJql(project, words));
        expect(rest).toBe('project = ? AND summary ~ ? ORDER BY created DESC');
        expect(values[0]).toBe(project);
        expect(values[1]).toMatch(/^"[^"\\]*"$/);
      }),
    );
  });
});

describe('the search by words', () => {
  it('[L5] has no phrase, and asks for the plain words among the open ones and the latest (L9)', () => {
    expect(titleWordsJql('CHG', title)).toBe(
      'project = "CHG" AND summary ~ "Octopus Deploy Web Site version Dev" AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC',
    );
  });

  it.each([
    ['App.Web 1.0 x', undefined],
    ['AND or Not to', undefined],
    ['*stars* (brackets) word?', 'stars brackets word'],
    ['-minus +plus !bang', 'minus plus bang'],
    ['naïve サイト', 'naïve サイト'],
    ['same same Same', 'same Same'],
    ['', undefined],
    ['12345', undefined],
  ])('[L12] of "%s" it seeks %j', (words, sought) => {
    expect(strings(titleWordsJql('CHG', words)).values).toEqual(
      sought === undefined ? ['CHG'] : ['CHG', sought],
    );
  });

  it('[L12] no title gets out of its string, nor does a mark of the text query get into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const { values, rest } = strings(titleWordsJql('CHG', words));
        expect(rest).toMatch(
          /^project = \?( AND summary ~ \?)? AND \(statusCategory != Done OR updated >= -30d\) ORDER BY created DESC$/,
        );
        expect(values[1] ?? '').toMatch(/^[\p{L}\p{M} ]*$/u);
      }),
    );
  });
});
