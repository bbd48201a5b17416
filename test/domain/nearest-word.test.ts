import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestWord, slipsBetween } from '../../src/domain/nearest-word.ts';

const known = ['baseUrl', 'username', 'tokenVariable', 'name'];

describe('the nearest known word', () => {
  it.each([
    ['baseURL', 'baseUrl'],
    ['base_url', 'baseUrl'],
    ['url', 'baseUrl'],
    ['usrname', 'username'],
    ['user', 'username'],
    ['nmae', 'name'],
    ['tokenVar', 'tokenVariable'],
    ['Names', 'name'],
  ])('%s is meant to be %s', (word, meant) => {
    expect(nearestWord(word, known)).toBe(meant);
  });

  it.each(['project', 'xyz', '', '-', 'x'.repeat(10_000)])('nothing is near to %.20s', (word) => {
    expect(nearestWord(word, known)).toBeUndefined();
  });

  it('counts one slip for each letter added, dropped, changed or swapped', () => {
    expect(['name', 'nam', 'names', 'nane', 'nmae', ''].map((word) => slipsBetween(word, 'name'))).toEqual([
      0, 1, 1, 1, 1, 4,
    ]);
  });

  it('is symmetric, and zero for equal words alone', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(slipsBetween(a, b)).toBe(slipsBetween(b, a));
        expect(slipsBetween(a, b) === 0).toBe(a === b);
        expect(slipsBetween(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
