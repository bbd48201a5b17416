import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notMentioned } from '../../../src/domain/deployment/mention.ts';

const isIn = (sought: string, place: string): boolean =>
  notMentioned({ summary: place, description: '' }, [sought]).length === 0;

describe('the texts that a change request mentions', () => {
  it('[A1] are found in a description with escaped wiki mark-up', () => {
    const missing = (description: string, sought: string) =>
      notMentioned({ summary: '', description }, [sought]);
    expect(missing('Web Site \\[EU\\], 1.0.1\\-rc', 'Web Site [EU]')).toEqual([]);
    expect(missing('Web Site \\[EU\\], 1.0.1\\-rc', '1.0.1-rc')).toEqual([]);
    expect(missing('Web Site \\[EU\\], 1.0.1\\-rc', '1.0.1')).toEqual(['1.0.1']);
    expect(missing('on C:\\web', 'C:\\web')).toEqual([]);
  });

  it.each<[sought: string, place: string]>([
    ['Web Site', 'Deploy web  SITE\nto production'],
    ['Web Site', 'the web\u00a0site'],
    ['  Web Site ', 'Web Site'],
    ['Web Site', '"Web Site"'],
    ['Web Site', 'web-web site-shop'],
    ['1.0.1', 'release-1.0.1'],
    ['1.0.1', 'v. 1.0.1.'],
    ['1.0.1', '1.0.1, then 1.0.2'],
    ['1.0.1', '(1.0.1)'],
    ['1.0.1', 'server 7-1.0.1'],
    ['1.0.1', '1.0.1-'],
    ['1.0.1', '1.0.1-rc and then 1.0.1'],
    ['1.0.1-rc', '1.0.1-RC'],
    ['1.0.1+7', 'build 1.0.1+7'],
    ['Web', 'Web-Site'],
    ['.NET', 'ASP.NET'],
    ['C++', 'C++11'],
    ['Přehled', 'PR\u030cEHLED'],
    ['J\u030c', '\u01f0'],
    ['Straße', 'straße 1'],
    ['ΟΔΟΣ', 'οδος 7'],
    ['ΟΔΟΣ', 'Οδοσ'],
    ['网站', '新网站发布'],
    ['网站 1.0.1', '新网站 1.0.1 发布'],
    ['1.0.1', '版本1.0.1发布'],
    ['ウェブ', 'ウェブサイト'],
    ['เว็บ', 'เปิดเว็บไซต์'],
    ['Web', 'のWebサイト'],
    ['😀', 'a😀b'],
    ['𝒳', '𝒳 1'],
  ])('[A1] include %j in %j', (sought, place) => {
    expect(isIn(sought, place)).toBe(true);
  });

  it.each<[sought: string, place: string]>([
    ['1.0.1', '1.0.1-rc'],
    ['1.0.1', '1.0.1.5'],
    ['1.0.1', '1.0.1+7'],
    ['1.0.1', '1.0.10'],
    ['1.0.1', '11.0.1'],
    ['1.0.1', '1.0.1_2'],
    ['1.0.1', 'v1.0.1'],
    ['0.1', '1.0.1'],
    ['0.1', 'see 1.0.1'],
    ['Web Site', 'Web Sites'],
    ['Web Site', 'My_Web Site'],
    ['Web Site', 'WebSite'],
    ['Web', 'Web\u0301'],
    ['Site', 'Onsite'],
    ['Straße', 'Strasse'],
    ['Prehled', 'Přehled'],
    ['𝒳', '𝒳𝒴'],
    ['Web Site', ''],
  ])('[A1] do not include %j in %j', (sought, place) => {
    expect(isIn(sought, place)).toBe(false);
  });

  it('[A1] are in the summary or the description but not across the two, and empty texts are skipped', () => {
    const changeRequest = { summary: 'Web', description: 'Site, 1.0.1' };
    expect(notMentioned(changeRequest, ['Web', '1.0.1', '', ' \n'])).toEqual([]);
    expect(notMentioned(changeRequest, ['Web Site', '1.0.1', 'Production'])).toEqual([
      'Web Site',
      'Production',
    ]);
  });

  it('[A1] include a text between spaces, in any case and Unicode composition', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (sought, before, after) => {
        const forms = [sought, sought.normalize('NFD'), sought.normalize('NFC')];
        for (const form of forms) expect(isIn(sought, `${before} ${form} ${after}`)).toBe(true);
      }),
    );
  });

  it('[A1] do not include the beginning or end of a longer word or number', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    fc.assert(
      fc.property(word, fc.constantFrom('x', '7', '_', 'é', 'я', '\u0301'), (sought, more) => {
        expect(isIn(sought, `${sought}${more}`)).toBe(false);
        if (more !== '\u0301') expect(isIn(sought, `${more}${sought}`)).toBe(false);
      }),
    );
  });

  it('[X1] are found in time linear in the length', () => {
    const timed = (length: number): number => {
      const place = 'a'.repeat(length);
      const startedAt = performance.now();
      expect(isIn('a', place)).toBe(false);
      expect(isIn('aab', place)).toBe(false);
      return performance.now() - startedAt;
    };
    timed(100_000);
    // Normalizing takes time quadratic in the number of consecutive marks.
    expect(isIn('a', `a${'\u0301\u0316'.repeat(500_000)}`)).toBe(false);
    // Quadratic time would be hours.
    expect(timed(2_000_000)).toBeLessThan(20_000);
  });
});
