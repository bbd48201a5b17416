import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldOctopusName } from '../../src/domain/names.ts';

const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const changing = /\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u;
const cased = everyCharacter.filter((character) => changing.test(character));

/** A regular expression with the flags i and u compares by Unicode's simple case folding. */
function sameByEngine(character: string): RegExp {
  return new RegExp(`\\u{${character.codePointAt(0)?.toString(16)}}`, 'giu');
}

describe('[Y4] the comparison of names in a policy', () => {
  it.each([
    ['K', '\u212A', 'the Kelvin sign'],
    ['s', 'ſ', 'the long s'],
    ['Σ', 'ς', 'the final sigma'],
    ['σ', 'ς', 'both small sigmas'],
    ['ß', 'ẞ', 'the capital sharp s'],
    ['Å', '\u212B', 'the Angstrom sign'],
    ['µ', 'μ', 'the micro sign'],
    ['ᾳ', 'ᾼ', 'a capital with iota'],
    ['ꭰ', 'Ꭰ', 'Cherokee'],
    ['\u{10400}', '\u{10428}', 'a letter beyond 16 bits'],
    ['\uFB05', '\uFB06', 'the ligatures of st'],
  ])('treats %s and %s as equal: %s', (a, b) => {
    expect(foldOctopusName(a)).toBe(foldOctopusName(b));
  });

  it.each([
    ['ß', 'ss', 'two letters for one'],
    ['İ', 'i', 'the dotted capital I'],
    ['İ', 'i\u0307', 'the dotted capital I in two characters'],
    ['ı', 'i', 'the dotless i'],
    ['ﬁ', 'fi', 'a ligature and its letters'],
    ['é', 'e\u0301', 'two encodings of one letter'],
    ['é', 'e', 'an accent'],
    ['Ａ', 'A', 'a full-width letter'],
    ['Web Site', 'Web  Site', 'two spaces'],
    ['Web Site', 'Web\u00a0Site', 'a no-break space'],
    ['Web Site', 'Web\tSite', 'a tab'],
    ['Web Site', 'WebSite', 'no space'],
  ])('treats %j and %j as different: %s', (a, b) => {
    expect(foldOctopusName(a)).not.toBe(foldOctopusName(b));
  });

  it('treats two characters as equal if and only if simple case folding makes them equal', () => {
    const all = cased.join('');
    const byFold = grouped();
    const wrong = cased.filter(
      (character) =>
        all.match(sameByEngine(character))?.join('') !== byFold.get(foldOctopusName(character))?.join(''),
    );
    expect(cased.length).toBeGreaterThan(2800);
    expect(wrong).toEqual([]);
  });

  it('leaves characters without case unchanged', () => {
    const known = new Set(cased);
    const others = everyCharacter.filter((character) => !known.has(character)).join('');
    expect(others.length).toBeGreaterThan(1_100_000);
    expect(foldOctopusName(`.${others}.`) === `.${others}.`).toBe(true);
  });

  it('folds a name character by character after trimming it', () => {
    const names = fc.array(
      fc.oneof(fc.constantFrom(...cased), fc.constantFrom(' ', '\u0301', 'a', '*', '#{x}')),
    );
    fc.assert(
      fc.property(names, (characters) => {
        const name = characters.join('');
        const each = [...name.trim()].map((character) =>
          /\s/u.test(character) ? character : foldOctopusName(character),
        );
        expect(foldOctopusName(` ${name}\n`)).toBe(each.join(''));
        expect(foldOctopusName(foldOctopusName(name))).toBe(foldOctopusName(name));
      }),
    );
  });
});

/** The cased characters, grouped by their folded form. */
function grouped(): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const character of cased) {
    const folded = foldOctopusName(character);
    groups.set(folded, [...(groups.get(folded) ?? []), character]);
  }
  return groups;
}
