import { describe, expect, it } from 'vitest';
import { terminalLine } from '../../scripts/terminal.ts';

describe('a line for a terminal', () => {
  it.each([
    ['a\nb\r\tc', 'a\\u{a}b\\u{d}\\u{9}c'],
    ['\u001b[8m\u0007\u009b', '\\u{1b}[8m\\u{7}\\u{9b}'],
    ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['\u202egpj.exe\ufeff\u200b', '\\u{202e}gpj.exe\\u{feff}\\u{200b}'],
    ['\ud83d', '\\u{d83d}'],
  ])('[X1] shows %j as %s', (given, shown) => {
    expect(terminalLine(given)).toBe(shown);
  });

  it.each(['Zürich \\u{a} "日本"', '👩\u200d🚀', 'می\u200cخواهم'])('leaves %j as it is', (text) => {
    expect(terminalLine(text)).toBe(text);
  });
});
