import { describe, expect, it } from 'vitest';
import { Variables } from '../../src/octopus/variables.ts';
import { StepInput } from '../../src/settings/step-input.ts';
import { chooseNumber, readSuppliedNumbers } from '../../src/settings/supplied-numbers.ts';

function read(variables: Variables) {
  const input = new StepInput(variables);
  return { value: readSuppliedNumbers(input), problems: input.problems };
}

function names(problems: readonly { readonly variable: string }[]): readonly string[] {
  return problems.map(({ variable }) => variable);
}

describe('supplied numbers', () => {
  const number = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
  const alias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';

  it.each([
    [{}, []],
    [{ [number]: '  ' }, []],
    [{ [number]: ' CHG-12 ' }, [{ variable: number, value: 'CHG-12' }]],
    [{ [alias]: 'CHG-12' }, [{ variable: alias, value: 'CHG-12' }]],
    [
      { [number]: 'CHG-12', [alias]: 'CHG-13' },
      [
        { variable: number, value: 'CHG-12' },
        { variable: alias, value: 'CHG-13' },
      ],
    ],
  ])('[L1][L4] are read from %j', (entries, supplied) => {
    expect(read(new Variables(entries))).toEqual({ value: supplied, problems: [] });
  });

  it('[I5] are an error if they still contain an expression, not empty', () => {
    expect(names(read(new Variables({ [number]: '#{Change}' })).problems)).toEqual([number]);
  });

  const site = new URL('https://acme.atlassian.net');

  it('[L4] stop the run if they differ, and each is named with its variable', () => {
    const chosen = chooseNumber(
      [
        { variable: number, value: 'CHG-12' },
        { variable: alias, value: 'chg-13' },
      ],
      site,
    );
    expect(chosen.kind).toBe('ended');
    const line = chosen.kind === 'ended' ? chosen.outcome.reason.line : '';
    for (const part of ['CHG-12', number, 'chg-13', alias]) expect(line).toContain(part);
  });

  it('[L4] may be the same number in two forms', () => {
    const value = 'https://acme.atlassian.net/browse/CHG-12';
    expect(
      chooseNumber(
        [
          { variable: number, value },
          { variable: alias, value: 'chg-12' },
        ],
        site,
      ),
    ).toEqual({ kind: 'key', key: 'CHG-12' });
  });
});
