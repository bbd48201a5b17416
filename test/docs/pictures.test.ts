import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digestOf, digestsFile, pictures, picturesFolder } from '../../scripts/pictures/picture.ts';

const digests: Readonly<Record<string, string>> = JSON.parse(readFileSync(digestsFile, 'utf8'));

describe('the pictures of the documents', () => {
  it.each(pictures)(
    '$file shows what a run produces now (otherwise: npm run pictures)',
    async ({ file, source }) => {
      const text = await source();
      expect(digestOf(text), text).toBe(digests[file]);
      // An SVG is its own source.
      if (file.endsWith('.svg')) expect(readFileSync(new URL(file, picturesFolder), 'utf8')).toBe(text);
    },
  );

  it('all exist, are small, and there are no others', () => {
    const files = pictures.map(({ file }) => file);
    expect(Object.keys(digests)).toEqual(files);
    expect(readdirSync(picturesFolder).sort()).toEqual([...files, 'sources.json'].sort());
    for (const file of files)
      expect(statSync(new URL(file, picturesFolder)).size, file).toBeLessThan(130_000);
  });
});
