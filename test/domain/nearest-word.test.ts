import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestWord, nearWords, slipsBetween } from '../../src/domain/nearest-word.ts';

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
    ['cloudname', 'name'],
  ])('for %s is %s', (word, meant) => {
    expect(nearestWord(word, known)).toBe(meant);
  });

  it.each(['project', 'xyz', 'ur', '', '-', 'x'.repeat(10_000)])('does not exist for %.20s', (word) => {
    expect(nearestWord(word, known)).toBeUndefined();
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    ['the nearest first', 'Implementng', ['Implemented', 'Implementing'], ['Implementing', 'Implemented']],
    ['names that contain the word last', 'review', ['Peer review', 'Reviev'], ['Reviev', 'Peer review']],
    ['no name twice', 'name', ['name'], ['name']],
    ['no short word inside a longer one', 'monkeys', ['key'], []],
    ['nothing if a short word has three slips', 'rexviewzs', ['review'], []],
    ['up to 100 letters', 'name'.padEnd(100, 'x'), ['name'], ['name']],
    ['nothing over 100 letters', 'name'.padEnd(101, 'x'), ['name'], []],
    ['nothing for a word of only punctuation', ' - ', ['a'], []],
  ])('lists %s', (_what, word, among, near) => {
    expect(nearWords(word, among)).toEqual(near);
  });

  it('counts one slip for each letter added, dropped, changed or swapped', () => {
    expect(['name', 'nam', 'names', 'nane', 'nmae', ''].map((word) => slipsBetween(word, 'name'))).toEqual([
      0, 1, 1, 1, 1, 4,
    ]);
  });

  it.each([
    ['kitten', 'sitting', 3],
    ['abcd', 'wxyz', 4],
    ['ab', 'ba', 1],
    ['', '', 0],
  ])('counts the slips from %s to %s as %i', (from, to, slips) => {
    expect(slipsBetween(from, to)).toBe(slips);
  });

  it('is symmetric, and zero only for equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(slipsBetween(a, b)).toBe(slipsBetween(b, a));
        expect(slipsBetween(a, b) === 0).toBe(a === b);
        expect(slipsBetween(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
