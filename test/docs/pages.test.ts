import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../docs/', import.meta.url);

describe('a page of docs', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.md')))(
    '%s says in its first line who it is for, and what they find there',
    (name) => {
      const [heading = '', blank, first = ''] = readFileSync(new URL(name, folder), 'utf8').split('\n');
      expect(heading).toMatch(/^# \S/);
      expect(blank).toBe('');
      expect(first).toMatch(/^For [^:.]+: [^:]\S*( \S+)+\.$/);
    },
  );
});
