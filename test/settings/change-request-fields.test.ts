import { describe, expect, it } from 'vitest';
import { Variables } from '../../src/octopus/variables.ts';
import { readFields } from '../../src/settings/change-request-fields.ts';
import { StepInput } from '../../src/settings/step-input.ts';

function read(variables: Variables) {
  const input = new StepInput(variables);
  const value = readFields(input, (text) => text.includes('hunter2-hunter2'));
  return { value, problems: input.problems };
}

function names(problems: readonly { readonly variable: string }[]): readonly string[] {
  return problems.map(({ variable }) => variable);
}

describe('the fields', () => {
  const field = (name: string): string => `Octopus.JiraServiceManagement.Field[${name}]`;

  it.each(['summary', 'Summary', ' SUMMARY '])('[L7] Field[%s] replaces the title', (name) => {
    const result = read(new Variables({ [field(name)]: 'My title', [field('Impact')]: 'Low' }));
    expect(result).toEqual({
      value: { title: 'My title', fields: [{ field: 'Impact', value: 'Low' }] },
      problems: [],
    });
  });

  it('[L7] do not replace the title if empty', () => {
    expect(read(new Variables({ [field('summary')]: '  ' })).value.title).toBeUndefined();
  });

  it('[C1] must not have two values', () => {
    const variables = new Variables({ [field('Impact')]: 'Low', [field(' impact ')]: 'High' });
    expect(names(read(variables).problems)).toEqual([field('impact')]);
    const same = new Variables({ [field('Impact')]: 'Low', [field(' impact ')]: 'Low' });
    expect(read(same)).toMatchObject({ value: { fields: [{ value: 'Low' }] }, problems: [] });
  });

  it.each(['#{Release.Owner}', 'before #{A} after', '#{never closed'])(
    '[L15] must not contain an unresolved expression, and the error names the variable: %j',
    (value) => {
      for (const name of ['summary', 'Impact']) {
        const { problems } = read(new Variables({ [field(name)]: value }));
        expect(names(problems)).toEqual([field(name)]);
        expect(problems[0]?.message.line).toContain('was not resolved: #{');
      }
    },
  );

  it('[L15] may contain marks that only look like an expression', () => {
    expect(read(new Variables({ [field('Impact')]: 'costs $ {5} #7' })).problems).toEqual([]);
  });

  it('[X3] must not contain the token, and the error does not show it', () => {
    for (const name of ['summary', 'description']) {
      const { problems } = read(new Variables({ [field(name)]: 'the login is hunter2-hunter2 today' }));
      expect(names(problems)).toEqual([field(name)]);
      expect(problems[0]?.message.line).not.toContain('hunter2');
    }
  });
});
