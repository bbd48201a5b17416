import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { smallPng } from '../../scripts/pictures/small-png.ts';
import { terminalSvg } from '../../scripts/pictures/terminal-svg.ts';

describe('the picture of a terminal', () => {
  it('shows each piece in its colour and column, and text as text', () => {
    const svg = terminalSvg('npm run demo', '\n  a\u001b[1;94m <b> & c\u001b[0m\nd  e\n', 20);
    const rows = [
      ...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" fill="(#\w+)"([^>]*)>([^<]*)</g),
    ];
    expect(rows.map(([, ...parts]) => parts)).toEqual([
      ['16.0', '64.25', '#d8dee9', '', 'a'],
      ['32.8', '64.25', '#82b4ff', ' font-weight="bold"', '&lt;b&gt; &amp; c'],
      ['16.0', '83.25', '#d8dee9', '', 'd\u00a0\u00a0e'],
    ]);
    expect(svg).toContain('$ npm run demo');
    expect(svg).not.toContain('\u001b');
  });
});

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG from rows of bytes that are already filtered. */
function png(width: number, rows: readonly (readonly number[])[]): Buffer {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, rows.length, 8, 2, 0, 0, 0]);
  const data = deflateSync(Buffer.from(rows.flat()));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a small PNG', () => {
  it('has the same pixels with any filter of each row', () => {
    const plain = [
      [10, 20, 30, 40, 50, 60],
      [11, 22, 33, 44, 55, 66],
      [12, 24, 36, 48, 60, 72],
      [90, 80, 70, 60, 50, 40],
      [91, 82, 73, 64, 55, 46],
    ];
    const filtered = plain.map((row, y) =>
      row.map((value, x) => {
        const [left, above, corner] = [row[x - 3] ?? 0, plain[y - 1]?.[x] ?? 0, plain[y - 1]?.[x - 3] ?? 0];
        const estimate = left + above - corner;
        const nearest = [left, above, corner].reduce((best, one) =>
          Math.abs(estimate - one) < Math.abs(estimate - best) ? one : best,
        );
        return (value - ([0, left, above, (left + above) >> 1, nearest][y] ?? 0)) & 0xff;
      }),
    );
    const same = smallPng(
      png(
        2,
        filtered.map((row, filter) => [filter, ...row]),
      ),
    );
    expect(same).toEqual(
      smallPng(
        png(
          2,
          plain.map((row) => [0, ...row]),
        ),
      ),
    );
    expect(same.toString('latin1', 12, 16)).toBe('IHDR');
    expect(same[25]).toBe(3);
    // Ten colours with three bytes each.
    expect(same.readUInt32BE(33)).toBe(30);
  });

  it('replaces the rarest of more than 256 colours with the nearest other one', () => {
    const row = (shift: number) => Array.from({ length: 200 }, (_, x) => [x, shift, 0]).flat();
    const small = smallPng(
      png(200, [
        [0, ...row(0)],
        [0, ...row(0)],
        [0, ...row(100)],
      ]),
    );
    expect(small.readUInt32BE(33)).toBe(256 * 3);
  });
});
