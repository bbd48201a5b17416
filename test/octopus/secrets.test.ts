import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../src/domain/text.ts';
import { formsToMask, Secrets, secretForms } from '../../src/octopus/secrets.ts';

const username = 'octopus@acme.example';
const token = 'ATATT3x+Ff/GF0=77';
const base64 = (value: string): string => Buffer.from(value, 'utf8').toString('base64');

function redacted(value: string, secret = token, user = username): string {
  const secrets = new Secrets();
  secrets.add(user, secret);
  return secrets.redact(value);
}

describe('secrets', () => {
  it.each([
    ['the token', token],
    ['its base64', base64(token)],
    ['its base64 without padding', base64(token).replace(/=+$/, '')],
    ['its URL-encoded form', encodeURIComponent(token)],
    [
      'its URL-encoded form in lower case',
      encodeURIComponent(token).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ['its form-encoded form', new URLSearchParams([['t', token]]).toString().slice(2)],
    ['the Authorization header', `Basic ${base64(`${username}:${token}`)}`],
    ['its value without padding', base64(`${username}:${token}`).replace(/=+$/, '')],
    ['its URL-encoded value', encodeURIComponent(base64(`${username}:${token}`))],
    ['its base64url value', Buffer.from(`${username}:${token}`).toString('base64url')],
    ['a personal access token as a header', `Bearer ${token}`],
  ])('[X3] do not show: %s', (_what, form) => {
    const shown = redacted(`before ${form} after ${form}`);
    expect(shown).not.toContain(form.replace(/^(?:Basic|Bearer) /, ''));
    expect(shown).toMatch(/^before .*\*{8} after .*\*{8}$/);
  });

  it('[X3] are hidden in HTML that escapes them', () => {
    expect(redacted('&lt;b&gt;pa&lt;ss&amp;&quot;word&#39;&lt;/b&gt;', 'pa<ss&"word\'')).toBe(
      '&lt;b&gt;********&lt;/b&gt;',
    );
  });

  it('[X3] leave no beginning if a long text is cut in the middle of one', () => {
    for (let before = 960; before <= 1000; before += 1) {
      const shown = redacted(text`Jira said: ${`${'x'.repeat(before)}${token}`}`.line);
      for (let length = 4; length <= token.length; length += 1) {
        expect(shown).not.toContain(token.slice(0, length));
      }
    }
    expect(redacted('waiting... and so on')).toBe('waiting... and so on');
  });

  it('[X3] are hidden in JSON that quotes them', () => {
    const odd = 'pa"ss\\word';
    expect(redacted(JSON.stringify({ error: odd }), odd)).toBe('{"error":"********"}');
  });

  it.each([
    'pa]](ss:word',
    'abc://def',
    'ab##octopus[cd',
    'ab\u200bcdef',
    'ab"](cd',
    'ab<c:d',
    'a:\\bcd',
    'www.abc',
  ])('[X3] are hidden even if making a line safe changes them: %j', (odd) => {
    const said = (form: string): string => redacted(text`Jira said: ${`bad token <${form}>`}.`.line, odd);
    expect(said(odd)).toBe('Jira said: bad token < ********>.');
    expect(said(JSON.stringify(odd))).toBe('Jira said: bad token <"********">.');
  });

  it('[X3] are hidden in every form in any line', () => {
    const tokens = fc
      .string({ unit: 'grapheme-ascii', minLength: 4, maxLength: 40 })
      .filter((value) => value.trim() === value && !/^\*+$/.test(value));
    fc.assert(
      fc.property(tokens, fc.string({ maxLength: 12 }), (secret, user) => {
        const forms = [
          secret,
          base64(secret),
          base64(`${user}:${secret}`),
          encodeURIComponent(secret),
          new URLSearchParams([['t', secret]]).toString().slice(2),
          JSON.stringify(secret).slice(1, -1),
        ];
        for (const form of forms) {
          const line = redacted(text`<${`<${form}>`}>`.line, secret, user);
          expect(line).not.toContain(form);
          expect(line).toContain('********');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('[X3] have masks for the forms that Octopus does not mask itself', () => {
    const forms = formsToMask(username, token);
    expect(forms).toContain(base64(`${username}:${token}`));
    expect(forms).toContain(base64(token));
    expect(forms).toContain(encodeURIComponent(token));
    expect(forms).not.toContain(token);
    expect(new Set(forms).size).toBe(forms.length);
  });

  it('[X3] are hidden without a user name as well', () => {
    expect(redacted(`Bearer ${token} ${base64(token)}`, token, '')).toBe('Bearer ******** ********');
  });

  it('may be malformed text without a crash', () => {
    expect(redacted('ab\ud800cd', 'ab\ud800cd')).toBe('********');
  });

  it('hide nothing if there is no token', () => {
    expect(secretForms('user', '')).toEqual([]);
    expect(redacted('all of this', '')).toBe('all of this');
  });

  it('do not hide a word of three letters everywhere', () => {
    expect(redacted('the theme', 'the')).toBe('the theme');
  });

  it('[X3] are hidden with the longest first if there are several', () => {
    const secrets = new Secrets();
    secrets.add('', 'secret');
    secrets.add('', 'secret-and-more');
    expect(secrets.redact('secret-and-more, secret')).toBe('********, ********');
  });

  it.each([
    ['!', '%21'],
    ['*', '%2A'],
    ['(', '%28'],
    [')', '%29'],
    ["'", '%27'],
    ['~', '%7e'],
    ['+', '%2B'],
    ['&', '%26'],
    ['/', '%2F'],
    [' ', '+'],
    [' ', '%20'],
    ['ö', '%C3%b6'],
  ])('[X3] are hidden however an encoder writes their punctuation: %j as %s', (mark, encoded) => {
    const secrets = new Secrets();
    secrets.add('', `begin${mark}middle${mark}finish`);
    for (const shown of [
      `begin${encoded}middle${mark}finish`,
      `begin${mark}middle${encoded}finish`,
      `begin${encoded}middle${encoded}finish`,
    ]) {
      expect(secrets.redact(`?token=${shown}&x`)).toBe('?token=********&x');
      expect(secrets.isIn(shown)).toBe(true);
    }
  });

  it('[X3] are not found in a text without the token', () => {
    const secrets = new Secrets();
    secrets.add('octopus@acme.example', 'hunter2-hunter2');
    expect(secrets.isIn('hunter2, octopus@acme.example')).toBe(false);
  });
});
