import { describe, expect, it } from 'vitest';
import { withFigures } from '../../scripts/bench/figures-page.ts';
import { manyVariables } from '../../scripts/bench/octopus-variables.ts';
import { markdownTable, notMeasured } from '../../scripts/bench/row.ts';
import { inTurns } from '../../scripts/bench/timed-process.ts';
import { median, medianOver, percentile } from '../../scripts/median.ts';
import { deploymentVariables } from '../sandbox/octopus-variables.ts';

describe('the figures of the bench', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 9, 1, 2], 5.5],
  ])('have %j with the median %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('take differences pair by pair, so that one slow pair does not count', () => {
    expect(medianOver([12, 113, 14], [10, 110, 10])).toBe(3);
  });

  it('are undefined without values', () => {
    expect([median([]), percentile([], 1)]).toEqual([Number.NaN, Number.NaN]);
  });

  it.each([
    [0.5, 5],
    [0.99, 10],
    [1, 10],
  ])('have percentile %d of 1 to 10 at %d', (share, expected) => {
    expect(percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share)).toBe(expected);
  });

  it('come from interleaved measurements, without the first round', async () => {
    const order: string[] = [];
    const measured = (name: string) => async (): Promise<number> => order.push(name);
    const taken = await inTurns({ times: 2, longestMs: 60_000 }, { a: measured('a'), b: measured('b') });
    expect(order.join('')).toBe('ababab');
    expect(taken).toEqual({ a: [3, 5], b: [4, 6] });
  });

  it('come from fewer rounds on a busy machine, but at least five', async () => {
    const { a } = await inTurns({ times: 100, longestMs: -1 }, { a: async () => 1 });
    expect(a).toHaveLength(5);
  });

  it.each([40, 200])('use a step with exactly %d variables, including all that reach the action', (count) => {
    const deployment = deploymentVariables({ url: 'https://acme.example' });
    const many = manyVariables(deployment, count);
    expect(Object.keys(many)).toHaveLength(count);
    expect(many).toMatchObject({ 'JsmChange.Policy': '', 'Octopus.Project.Name': 'Web Site' });
  });
});

describe('the table of the bench', () => {
  it('says which targets are met, missed and not measured', () => {
    const row = { measure: 'm', how: 'a | b', figure: '2', target: '1' };
    expect(
      markdownTable([
        { ...row, floor: '1', met: true },
        { ...row, met: false },
        notMeasured('m', 'h', '1', 'needs /proc'),
      ]).split('\n'),
    ).toEqual([
      '| measure | how | floor | figure | target | met |',
      '| --- | --- | --- | --- | --- | --- |',
      '| m | a \\| b | 1 | 2 | 1 | yes |',
      '| m | a \\| b |  | 2 | 1 | **no** |',
      '| m | h |  | not measured: needs /proc | 1 |  |',
    ]);
  });

  it('is written between its marks, and the text around it stays', () => {
    const page = 'before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n';
    const written = 'before\n<!-- bench:start -->\nnew\n<!-- bench:end -->\nafter\n';
    expect(withFigures(page, 'new\n')).toBe(written);
    expect(() => withFigures('no marks', 'new')).toThrow('<!-- bench:start -->');
  });
});
