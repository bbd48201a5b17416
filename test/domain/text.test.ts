import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  htmlText,
  join,
  link,
  partsOf,
  plain,
  safeLine,
  Text,
  text,
  wikiText,
} from '../../src/domain/text.ts';

const site = new URL('https://acme.atlassian.net/browse/CHG-12');

/** Text that tries to be a service message, a line break or a link, whole or in pieces. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...hostilePieces()) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

function hostilePieces(): readonly string[] {
  return [
    ...['##octopus[', '#', '##', 'octopus', 'OCTOPUS', 'octopuſ[', '\u200b', '\u2060', '\ufeff', '\u202e'],
    ...[
      '[',
      ']',
      '(',
      ')',
      '](',
      '][',
      ']:',
      '[x](',
      'http',
      'https',
      ':',
      '/',
      '//',
      '://',
      '\\',
      '<',
      '>',
      '@',
      'mailto:',
      'www.',
      'evil.example)',
    ],
    ...[
      '\n',
      '\r',
      '\r\n',
      '\u2028',
      '\u2029',
      '\u0085',
      '\v',
      '\f',
      '\0',
      '\t',
      ' ',
      'a',
      '\ud800',
      '\udfff',
    ],
  ];
}

function expectHarmless(line: string): void {
  expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  expect(line).not.toMatch(/##octopus/iu);
  expect(line).not.toMatch(/\][([:]/);
  expect(line).not.toMatch(/:[/\\]{2}/);
  // No address in angle brackets, and no tag.
  expect(line).not.toMatch(/<[^\s<"]/);
  expect(line).not.toMatch(/(?:mailto:|www\.)\S/iu);
  expect(line).not.toMatch(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u);
  expect(line).not.toMatch(/\p{Cs}/u);
}

describe('outside text in a line of the task log', () => {
  it.each([
    ['CHG-12 is ready', 'CHG-12 is ready'],
    ['one\ntwo\r\nthree', 'one two three'],
    ['x\u2028y\u2029z', 'x y z'],
    ["##octopus[setVariable name='x' value='y']", "# # octopus[setVariable name='x' value='y']"],
    ['##OctoPus[mask]', '# # OctoPus[mask]'],
    ['###octopus[mask]', '## # octopus[mask]'],
    ['##\u200boctopus[mask]', '# # octopus[mask]'],
    ['##\noctopus[mask]', '## octopus[mask]'],
    ['[click](https://evil.example)', '[click] (https:/ /evil.example)'],
    ['[click][1]', '[click] [1]'],
    ['[1]: https://evil.example', '[1] : https:/ /evil.example'],
    ['see https://evil.example/x', 'see https:/ /evil.example/x'],
    ['<ftp://evil.example>', '< ftp:/ /evil.example>'],
    ['<https:\\\\evil.example>', '< https:\\ \\evil.example>'],
    ['<https:/\\evil.example>', '< https:/ \\evil.example>'],
    ['<mailto:it@evil.example>', '< mailto: it@evil.example>'],
    ['<it@evil.example>', '< it@evil.example>'],
    ['<javascript:x>', '< javascript:x>'],
    ['<a href=//evil.example>', '< a href=//evil.example>'],
    ['<\u200bit@evil.example>', '< it@evil.example>'],
    ['see www.evil.example or _WWW.evil.example_', 'see www. evil.example or _WWW. evil.example_'],
    ['C:\\Octopus, C:/Octopus, 1 < 2', 'C:\\Octopus, C:/Octopus, 1 < 2'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['\ud800', '\ufffd'],
    ['Ünïcödé 変更 👍', 'Ünïcödé 変更 👍'],
    ['', ''],
  ])('[X1] shows %j as %j', (value, shown) => {
    expect(safeLine(value)).toBe(shown);
    expect(text`${value}`.line).toBe(shown);
  });

  it('[X1] never becomes a line break, a service message or a link', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (value) => {
        expectHarmless(text`${value}`.line);
      }),
      { numRuns: 2000 },
    );
  });

  it('[X1] never becomes one of these, nor do several of them side by side', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        expectHarmless(text`${a}${b}${c}`.line);
        expectHarmless(text`${text`${a}`}${text`${b}${c}`}`.line);
        expectHarmless(join([a, text`${b}`, c], '').line);
        expectHarmless(text`field ${a} (${b}): ${c}.`.line.replace(/: /, ' '));
        expectHarmless(text`${a}(${b}):${c}`.line);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['https:', '//evil.example', 'https: //evil.example'],
    ['https:/', '/evil.example', 'https:/ /evil.example'],
    ['https', '://evil.example', 'https:/ /evil.example'],
    ['https:\\', '/evil.example', 'https:\\ /evil.example'],
    ['<', 'it@evil.example>', '< it@evil.example>'],
    ['mail', 'to:it@evil.example', 'mail to:it@evil.example'],
    ['mailto:', 'it@evil.example', 'mailto: it@evil.example'],
    ['ww', 'w.evil.example', 'ww w.evil.example'],
    ['[label]', '(x)', '[label] (x)'],
    ['[label]', '[1]', '[label] [1]'],
    // Nothing is inserted where no link could form.
    ['[label]', 'x(y)', '[label]x(y)'],
    ['a', '//b', 'a//b'],
    ['a: b', '/c', 'a: b/c'],
    ['label', '(x)', 'label(x)'],
  ])('[X1] shows %j and %j side by side as %j', (before, after, shown) => {
    expect(text`${before}${after}`.line).toBe(shown);
    expect(join([before, after], '').line).toBe(shown);
  });

  it('[X1] inserts nothing between a colon and a link of the step', () => {
    const shown = 'State:[CHG-12](https://acme.atlassian.net/browse/CHG-12)';
    expect(text`State:${link('CHG-12', site)}`.line).toBe(shown);
  });

  it("[X1] allows no link next to it except the step's own", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (before, label, after) => {
        const line = text`${before}${link(label, site)}${after}`.line;
        const links = [...line.matchAll(/\[([^\]]*)\]\(([^)]*)\)/g)];
        expect(links.map(([, , target]) => target)).toEqual([site.href]);
        const rest = line.replace(`](${site.href})`, ' ');
        expect(rest).not.toContain('://');
        expect(rest).not.toMatch(/##octopus|[\p{Cc}\u2028\u2029]/iu);
        expect(rest).not.toMatch(/\][([:]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('[X1] leaves harmless text unchanged', () => {
    const words = fc.stringMatching(/^[A-Za-z0-9äöü変 ,.'"()-]{1,40}$/).map((value) => value.trim());
    fc.assert(fc.property(words, (value) => safeLine(value) === value));
  });

  it('[X1] limits the length of one text in the log', () => {
    expect(text`${'x'.repeat(1000)}`.line).toHaveLength(1000);
    expect(text`${'x'.repeat(1001)}`.line).toBe(`${'x'.repeat(1000)}...`);
    const emoji = text`${'👍'.repeat(2000)}`.line;
    expect([...emoji]).toHaveLength(1003);
    expect(emoji).not.toMatch(/\p{Cs}/u);
  });
});

describe('a line with values', () => {
  it('[X1] shows numbers, times and lines unchanged', () => {
    const inner = text`(${7} of ${9})`;
    expect(text`At ${new Date('2026-06-13T10:00:00Z')} ${inner}`.line).toBe(
      'At 2026-06-13T10:00:00Z (7 of 9)',
    );
    expect(text`${new Date('2026-06-13T10:00:00.5Z')}`.line).toBe('2026-06-13T10:00:00Z');
  });

  it('[X1] is made safe only once, even inside other lines', () => {
    const name = text`${'##octopus[x]'}`;
    expect(text`${text`${name}`}`.line).toBe(name.line);
  });

  it('joins with a separator', () => {
    expect(join(['a', text`${'b'}`, 3], ', ').line).toBe('a, b, 3');
    expect(join([], ', ').line).toBe('');
    expect(join(['a', 'b'], '\n').line).toBe('a b');
  });

  it('cannot be made from a plain string by accident', () => {
    expect(text`x`).toBeInstanceOf(Text);
  });
});

describe('links', () => {
  it('[M1] show a change request as a link', () => {
    expect(link('CHG-12', site).line).toBe('[CHG-12](https://acme.atlassian.net/browse/CHG-12)');
  });

  it.each([
    ['https://acme.example/a(b)c[d]', 'https://acme.example/a%28b%29c%5Bd%5D'],
    ['http://[::1]:8080/browse/CHG-1', 'http://[::1]:8080/browse/CHG-1'],
    ['https://acme.example/a b"c', 'https://acme.example/a%20b%22c'],
    ['https://acme.example/ü', 'https://acme.example/%C3%BC'],
    ['https://acme.example/##octopus[x]', 'https://acme.example/##octopus%5Bx%5D'],
  ])('[X1] end %s where they should', (href, shown) => {
    const line = link('x', new URL(href)).line;
    expect(line).toBe(
      `[x](${shown})`.replace(/##octopus/, line.includes('# # ') ? '# # octopus' : '##octopus'),
    );
    expect(line).not.toContain('##octopus[');
  });

  it('[X1] have a label without brackets and line breaks', () => {
    expect(link('a](https://evil.example)\nb[c', site).line).toBe(
      '[a(https:/ /evil.example) bc](https://acme.atlassian.net/browse/CHG-12)',
    );
  });

  it('[M2] show only their label in a result message', () => {
    expect(plain(text`See ${link('CHG-12', site)} and ${link('CHG-7', site)} (open).`)).toBe(
      'See CHG-12 and CHG-7 (open).',
    );
    expect(plain(text`no link [here] (really)`)).toBe('no link [here] (really)');
  });
});

describe('harmless text stays unchanged when it is joined', () => {
  const shown = '[CHG-12](https://acme.atlassian.net/browse/CHG-12)';

  it.each([
    ['spaces around a value', text`is ${'  Review '}.`, 'is Review.'],
    ['brackets without a parenthesis next to them', text`${'[x]'}, see ${'(y)'}`, '[x], see (y)'],
    ['a colon after a link', text`${link('CHG-12', site)} is:${'Review'}`, `${shown} is:Review`],
    ['a separator of several line breaks', join(['a', 'b'], '\r\n'), 'a b'],
  ])('[X1] %s', (_what, made, line) => {
    expect(made.line).toBe(line);
  });

  it('a plain text contains no Markdown, even for a site without TLS', () => {
    expect(plain(text`${link('CHG-12', site)}, ${link('here', new URL('http://localhost:8080/x'))}`)).toBe(
      'CHG-12, here',
    );
  });
});

describe('the time for a long line', () => {
  it('[X1] is linear for a million brackets', () => {
    const long = '['.repeat(1_000_000);
    expect(plain(join([Text.trusted(long)], ''))).toBe(long);
    const links = Text.trusted('[a](https:'.repeat(100_000));
    expect(plain(links)).toBe(links.line);
    for (const piece of ['<a:', '<a@', ':\\', 'mailto:', 'www.'])
      expect(safeLine(piece.repeat(200_000))).toHaveLength(1003);
  });
});

describe('outside text in wiki mark-up', () => {
  it.each([
    ['Web Site 1.0.1', 'Web Site 1.0.1'],
    ['[~admin] please', '\\[~admin\\] please'],
    ['[click|https://evil.example]', '\\[click\\|https://evil.example\\]'],
    ['{code}rm -rf{code}', '\\{code\\}rm -rf\\{code\\}'],
    ['{color:red}x{color}', '\\{color:red\\}x\\{color\\}'],
    ['!https://evil.example/x.png!', '\\!https://evil.example/x.png\\!'],
    ['a\\\\b', 'a&#92;&#92;b'],
    ['\\[x]', '&#92;\\[x\\]'],
    ['| cell |', '\\| cell \\|'],
    ['\ud800x', '\ufffdx'],
    ['変更 👍', '変更 👍'],
  ])('[X1] writes %j as %j', (value, written) => {
    expect(wikiText(value)).toBe(written);
  });

  it('[X1] opens no macro, link, mention, table or embedded file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const written = wikiText(value);
        // Every such mark follows its own backslash, and every backslash precedes such a mark.
        expect(written.replace(/\\[{}[\]!|]/g, '')).not.toMatch(/[{}[\]!|\\]/);
      }),
    );
  });
});

describe('text in HTML', () => {
  it('has no character with a meaning there', () => {
    expect(htmlText(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
  });
});

describe('the parts of a text', () => {
  it('are trimmed, and none is empty', () => {
    expect(partsOf(' a b , ,c,\n', /[,\n]/)).toEqual(['a b', 'c']);
    expect(partsOf(' ', ',')).toEqual([]);
  });
});
