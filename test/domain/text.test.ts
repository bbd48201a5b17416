import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { join, link, plain, safeLine, Text, text, wikiText } from '../../src/domain/text.ts';

const site = new URL('https://acme.atlassian.net/browse/CHG-12');

/** Text that tries to be a service message, a line end or a link, whole or in pieces. */
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
  expect(line).not.toContain('://');
  expect(line).not.toMatch(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u);
  expect(line).not.toMatch(/\p{Cs}/u);
}

describe('text from outside in a line of the task log', () => {
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
    ['<ftp://evil.example>', '<ftp:/ /evil.example>'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['\ud800', '\ufffd'],
    ['Ünïcödé 変更 👍', 'Ünïcödé 変更 👍'],
    ['', ''],
  ])('[X1] %j is shown as %j', (value, shown) => {
    expect(safeLine(value)).toBe(shown);
    expect(text`${value}`.line).toBe(shown);
  });

  it('[X1] no string whatever becomes a line end, a service message or a link', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (value) => {
        expectHarmless(text`${value}`.line);
      }),
      { numRuns: 2000 },
    );
  });

  it('[X1] nor do several of them side by side', () => {
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
    ['[label]', '(x)', '[label] (x)'],
    ['[label]', '[1]', '[label] [1]'],
    // Where nothing comes of it, nothing comes between.
    ['[label]', 'x(y)', '[label]x(y)'],
    ['a', '//b', 'a//b'],
    ['a: b', '/c', 'a: b/c'],
    ['label', '(x)', 'label(x)'],
  ])('[X1] %j and %j side by side are shown as %j', (before, after, shown) => {
    expect(text`${before}${after}`.line).toBe(shown);
    expect(join([before, after], '').line).toBe(shown);
  });

  it('[X1] nothing comes between a colon and a link of the step', () => {
    const shown = 'State:[CHG-12](https://acme.atlassian.net/browse/CHG-12)';
    expect(text`State:${link('CHG-12', site)}`.line).toBe(shown);
  });

  it("[X1] the only link that shows next to text from outside is the step's own", () => {
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

  it('[X1] what is harmless stays as it is', () => {
    const words = fc.stringMatching(/^[A-Za-z0-9äöü変 ,.'"()-]{1,40}$/).map((value) => value.trim());
    fc.assert(fc.property(words, (value) => safeLine(value) === value));
  });

  it('[X1] one text does not flood the log', () => {
    expect(text`${'x'.repeat(1000)}`.line).toHaveLength(1000);
    expect(text`${'x'.repeat(1001)}`.line).toBe(`${'x'.repeat(1000)}...`);
    const emoji = text`${'👍'.repeat(2000)}`.line;
    expect([...emoji]).toHaveLength(1003);
    expect(emoji).not.toMatch(/\p{Cs}/u);
  });
});

describe('a line with values', () => {
  it('[X1] shows numbers, times and lines as they are', () => {
    const inner = text`(${7} of ${9})`;
    expect(text`At ${new Date('2026-06-13T10:00:00Z')} ${inner}`.line).toBe(
      'At 2026-06-13T10:00:00Z (7 of 9)',
    );
    expect(text`${new Date('2026-06-13T10:00:00.5Z')}`.line).toBe('2026-06-13T10:00:00Z');
  });

  it('[X1] is made safe once, not once for each line that it goes through', () => {
    const name = text`${'##octopus[x]'}`;
    expect(text`${text`${name}`}`.line).toBe(name.line);
  });

  it('joins with a separator', () => {
    expect(join(['a', text`${'b'}`, 3], ', ').line).toBe('a, b, 3');
    expect(join([], ', ').line).toBe('');
    expect(join(['a', 'b'], '\n').line).toBe('a b');
  });

  it('cannot be made of a plain string by accident', () => {
    expect(text`x`).toBeInstanceOf(Text);
  });
});

describe('links', () => {
  it('[M1] a change request shows as a link', () => {
    expect(link('CHG-12', site).line).toBe('[CHG-12](https://acme.atlassian.net/browse/CHG-12)');
  });

  it.each([
    ['https://acme.example/a(b)c[d]', 'https://acme.example/a%28b%29c%5Bd%5D'],
    ['http://[::1]:8080/browse/CHG-1', 'http://[::1]:8080/browse/CHG-1'],
    ['https://acme.example/a b"c', 'https://acme.example/a%20b%22c'],
    ['https://acme.example/ü', 'https://acme.example/%C3%BC'],
    ['https://acme.example/##octopus[x]', 'https://acme.example/##octopus%5Bx%5D'],
  ])('[X1] %s ends if it should', (href, shown) => {
    const line = link('x', new URL(href)).line;
    expect(line).toBe(
      `[x](${shown})`.replace(/##octopus/, line.includes('# # ') ? '# # octopus' : '##octopus'),
    );
    expect(line).not.toContain('##octopus[');
  });

  it('[X1] a label contains no brackets and no line end', () => {
    expect(link('a](https://evil.example)\nb[c', site).line).toBe(
      '[a(https:/ /evil.example) bc](https://acme.atlassian.net/browse/CHG-12)',
    );
  });

  it('[M2] a result message shows the words of a link only', () => {
    expect(plain(text`See ${link('CHG-12', site)} and ${link('CHG-7', site)} (open).`)).toBe(
      'See CHG-12 and CHG-7 (open).',
    );
    expect(plain(text`no link [here] (really)`)).toBe('no link [here] (really)');
  });
});

describe('what is put together stays as it is if it is harmless', () => {
  const shown = '[CHG-12](https://acme.atlassian.net/browse/CHG-12)';

  it.each([
    ['spaces around a value', text`is ${'  Review '}.`, 'is Review.'],
    ['brackets that meet no parenthesis', text`${'[x]'}, see ${'(y)'}`, '[x], see (y)'],
    ['a colon behind a link', text`${link('CHG-12', site)} is:${'Review'}`, `${shown} is:Review`],
    ['a separator of several line ends', join(['a', 'b'], '\r\n'), 'a b'],
  ])('[X1] %s', (_what, made, line) => {
    expect(made.line).toBe(line);
  });

  it('shows no Markdown if none is shown, of a site without TLS either', () => {
    expect(plain(text`${link('CHG-12', site)}, ${link('here', new URL('http://localhost:8080/x'))}`)).toBe(
      'CHG-12, here',
    );
  });
});

describe('time', () => {
  it('[X1] a line of a million brackets becomes plain in linear time', () => {
    const long = '['.repeat(1_000_000);
    expect(plain(join([Text.trusted(long)], ''))).toBe(long);
    const links = Text.trusted('[a](https:'.repeat(100_000));
    expect(plain(links)).toBe(links.line);
  });
});

describe('text from outside in wiki mark-up', () => {
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
  ])('[X1] %j is written as %j', (value, written) => {
    expect(wikiText(value)).toBe(written);
  });

  it('[X1] no string opens a macro, a link, a mention, a table or an embedded file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const written = wikiText(value);
        // Each such mark stands behind its own backslash, and no backslash is anything else.
        expect(written.replace(/\\[{}[\]!|]/g, '')).not.toMatch(/[{}[\]!|\\]/);
      }),
    );
  });
});
