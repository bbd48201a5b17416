import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wikiText } from '../../src/domain/wiki-text.ts';

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
