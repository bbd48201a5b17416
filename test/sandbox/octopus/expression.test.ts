import { describe, expect, it } from 'vitest';
import { evaluate, lookupIn } from './expression.ts';

const pending =
  '#{unless Octopus.Deployment.Error}#{if Octopus.Action[Change gate].Output.Decision == "Pending"}True#{/if}#{/unless}';
const decision = 'Octopus.Action[Change gate].Output.Decision';

describe('Octopus’ variable expressions', () => {
  it.each<[text: string, variables: Record<string, string>, result: string]>([
    ['a #{Name} b', { name: 'x' }, 'a x b'],
    ['#{Missing}', {}, '#{Missing}'],
    ['#{A}', { A: '#{B}', B: 'c' }, 'c'],
    ['#{if A}yes#{else}no#{/if}', { A: 'False' }, 'no'],
    ['#{if A}yes#{else}no#{/if}', { A: 'anything' }, 'yes'],
    ['#{if A == "x"}1#{/if}#{if A != "x"}2#{/if}', { A: 'X' }, '2'],
    ['#{if A == B}same#{/if}', { A: 'v', B: 'v' }, 'same'],
    ['#{if A}#{if B}both#{else}one#{/if}#{else}none#{/if}', { A: '1' }, 'one'],
    [pending, { [decision]: 'Pending' }, 'True'],
    [pending, { [decision]: 'Pending', 'Octopus.Deployment.Error': 'failed' }, ''],
    [pending, { [decision]: 'Ready' }, ''],
    [pending, {}, ''],
  ])('%s with %j is %j', (text, variables, result) => {
    expect(evaluate(text, lookupIn(variables))).toBe(result);
  });

  it('end, even if values refer to each other', () => {
    expect(evaluate('#{A}', lookupIn({ A: '#{B}', B: '#{A}' }))).toContain('#{');
  });

  it('are an error without their end', () => {
    expect(() => evaluate('#{if A}x', lookupIn({}))).toThrow('#{if} has no end');
  });
});
