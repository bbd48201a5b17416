import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cleanTitle,
  deploymentTitle,
  isTitleOfWithdrawn,
  longestTitle,
  runbookTitle,
  withdrawnInFavourOf,
  withdrawnSummary,
} from '../../../src/domain/deployment/title.ts';

describe('the title of a change request', () => {
  it.each([
    ['Web Site', '1.0.1', 'Dev', 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"'],
    [
      'App "X"',
      '2026.1-beta+7',
      'Prod (EU)',
      'Octopus: Deploy "App "X"" version 2026.1-beta+7 to "Prod (EU)"',
    ],
    ['a\\b*c?d[e]', '1', '#{x}', 'Octopus: Deploy "a\\b*c?d[e]" version 1 to "#{x}"'],
    ['サイト', '1.0', 'Продакшн', 'Octopus: Deploy "サイト" version 1.0 to "Продакшн"'],
  ])('[L5] names project %s, release %s, environment %s', (project, release, environment, title) => {
    expect(deploymentTitle({ project, release, environment })).toBe(title);
  });

  it('[L6] names the runbook, the project and the environment of a runbook run', () => {
    expect(
      runbookTitle({ runbook: 'Rotate certificates', project: 'Web Site', environment: 'Production' }),
    ).toBe('Octopus: Run "Rotate certificates" of "Web Site" in "Production"');
  });

  it('[L12] contains the names character by character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (project, environment) => {
        expect(deploymentTitle({ project, release: '1.0', environment })).toBe(
          ['Octopus: Deploy "', project, '" version 1.0 to "', environment, '"'].join(''),
        );
      }),
    );
  });

  it.each([
    ['  Deploy it \t', 'Deploy it'],
    ['one\ntwo', 'one two'],
    ['one\r\ntwo', 'one two'],
    ['one\r\n\r\n\ttwo', 'one two'],
    ['one\u0000\u001btwo\u007f\u0085', 'one two'],
    ['one\u2028two\u2029three', 'one two three'],
    ['keeps  two blanks', 'keeps  two blanks'],
    ['Ü "x" \\ [y]', 'Ü "x" \\ [y]'],
  ])('[L7] cleans %j to %j', (given, title) => {
    expect(cleanTitle(given)).toBe(title);
  });

  it('[L7] is one trimmed line after cleaning, and cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        const title = cleanTitle(given);
        expect(title).not.toMatch(/[\p{Cc}\u2028\u2029]|^\s|\s$/u);
        expect(cleanTitle(title)).toBe(title);
      }),
    );
  });

  it('[L12] is limited to 255 characters, as in Jira', () => {
    expect(longestTitle).toBe(255);
  });
});

describe('the summary of a withdrawn change request', () => {
  it('[C4] names the older change request and keeps the title', () => {
    const summary = withdrawnSummary('CHG-7', 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"');
    expect(summary).toBe('Withdrawn in favour of CHG-7: Octopus: Deploy "Web Site" version 1.0.1 to "Dev"');
    expect(withdrawnInFavourOf(summary)).toBe('CHG-7');
  });

  it('[C4] is shortened to 255 without splitting a character, and still names the older change request', () => {
    const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(title, fc.nat({ max: 1_000_000 }), (words, number) => {
        const key = `CHG-${number + 1}`;
        const whole = `Withdrawn in favour of ${key}: ${words}`;
        const summary = withdrawnSummary(key, words);
        expect(summary.length).toBeLessThanOrEqual(longestTitle);
        const cut = [longestTitle, longestTitle - 1].map((units) => whole.slice(0, units).trimEnd());
        expect(whole.length <= longestTitle ? [whole] : cut).toContain(summary);
        expect(whole.startsWith(summary)).toBe(true);
        expect(summary).not.toMatch(/\p{Cs}/u);
        expect(withdrawnInFavourOf(summary)).toBe(key);
      }),
    );
  });

  it('[C4] is cut before a character that would be split, and only there', () => {
    const start = 'Withdrawn in favour of CHG-7: ';
    const fits = 'x'.repeat(longestTitle - start.length);
    expect(withdrawnSummary('CHG-7', fits)).toBe(start + fits);
    expect(withdrawnSummary('CHG-7', `${fits}y`)).toBe(start + fits);
    const split = fits.slice(1);
    expect(withdrawnSummary('CHG-7', `${split}\u{1F680}`)).toBe(start + split);
    expect(withdrawnSummary('CHG-7', `\u{1F680}${fits}`)).toHaveLength(longestTitle);
  });

  it('[C4] [L10] has no trailing space, which Jira would not store', () => {
    const start = 'Withdrawn in favour of CHG-7: ';
    const word = 'x'.repeat(longestTitle - start.length - 1);
    expect(withdrawnSummary('CHG-7', `${word} y`)).toBe(start + word);
    expect(isTitleOfWithdrawn(`${word} y`, start + word)).toBe(true);
  });

  it('[L10] matches its title, however short the rest, and no other title', () => {
    const title = 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"';
    const long = 'x'.repeat(longestTitle);
    expect(isTitleOfWithdrawn(title, withdrawnSummary('CHG-7', title))).toBe(true);
    expect(isTitleOfWithdrawn(long, withdrawnSummary('CHG-7', long))).toBe(true);
    expect(isTitleOfWithdrawn(title, `Withdrawn in favour of CHG-7: ${title}0`)).toBe(false);
    expect(isTitleOfWithdrawn(`${title}0`, withdrawnSummary('CHG-7', title))).toBe(false);
    expect(isTitleOfWithdrawn(title, title)).toBe(false);
    expect(isTitleOfWithdrawn(title, `undefined${title}`)).toBe(false);
  });

  it.each([
    'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"',
    'Withdrawn in favour of nothing: title',
    'Withdrawn in favour of chg-7: title',
    'Withdrawn in favour of CHG-7 title',
    'Withdrawn in favour of CHG-07: title',
    ' Withdrawn in favour of CHG-7: title',
    'Re: Withdrawn in favour of CHG-7: title',
    '',
  ])('[L10] "%s" names no other change request', (summary) => {
    expect(withdrawnInFavourOf(summary)).toBeUndefined();
  });
});
