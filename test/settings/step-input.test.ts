import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../src/domain/text.ts';
import type { ParameterName } from '../../src/octopus/parameters.ts';
import type { VariableName } from '../../src/octopus/variable-names.ts';
import { Variables } from '../../src/octopus/variables.ts';
import { StepInput } from '../../src/settings/step-input.ts';

function read<T>(
  name: VariableName,
  value: string | undefined,
  how: (input: StepInput) => T,
): { readonly value: T; readonly problems: readonly string[] } {
  const input = new StepInput(new Variables({ [name]: value }));
  const result = how(input);
  return { value: result, problems: input.problems.map((each) => `${each.variable} ${each.message.line}`) };
}

const blanks = [undefined, '', ' ', '\n\t'];

describe('a text', () => {
  it.each<[string | undefined, string]>([
    ['CHG', 'CHG'],
    ['  two  words \n', 'two  words'],
    ['50 % {x} #1 $', '50 % {x} #1 $'],
    ...blanks.map((blank): [string | undefined, string] => [blank, '']),
  ])('from %j is read as %j', (value, read_) => {
    expect(
      read('JsmChange.PlannedStartField', value, (input) => input.text('JsmChange.PlannedStartField')),
    ).toEqual({
      value: read_,
      problems: [],
    });
  });

  it.each([
    ['#{Jira.Project}', '#{Jira.Project}'],
    ['before #{A | ToLower} after #{B}', '#{A | ToLower}'],
    ['#{never closed', '#{never closed'],
    ['#{a#{b}c}', '#{a#{b}'],
  ])('[I5] with an unresolved expression is an error that names the expression: %j', (value, named) => {
    const { value: result, problems } = read('JsmChange.ServiceProject', value, (input) =>
      input.required('JsmChange.ServiceProject', text`say one`),
    );
    expect(result).toBe('');
    expect(problems).toEqual([
      `JsmChange.ServiceProject contains an Octopus expression that was not resolved: ${named}. Check the variable it names, and its scope.`,
    ]);
  });

  it('[X3] [I5] does not show the expression in a token, which may contain half of a secret', () => {
    const { problems } = read('JsmChange.Token', 'hunter2#{hunter3}', (input) =>
      input.required('JsmChange.Token', text`say one`),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('JsmChange.Token');
    expect(problems[0]).not.toContain('hunter');
  });

  it.each(blanks)('that is required but empty (%j) is named with advice', (value) => {
    const { problems } = read('JsmChange.BaseUrl', value, (input) =>
      input.required('JsmChange.BaseUrl', text`set it`),
    );
    expect(problems).toEqual(['JsmChange.BaseUrl is empty: set it.']);
  });
});

describe('a choice', () => {
  const choose = (value: string | undefined) =>
    read('JsmChange.WhenPending', value, (input) => input.choice('JsmChange.WhenPending', ['Wait', 'Fail']));

  it.each<[string | undefined, string]>([
    ['Wait', 'Wait'],
    ['fail', 'Fail'],
    [' FAIL ', 'Fail'],
    ...blanks.map((blank): [string | undefined, string] => [blank, 'Wait']),
  ])('from %j is %s', (value, chosen) => {
    expect(choose(value)).toEqual({ value: chosen, problems: [] });
  });

  it.each(['Stop', 'Wait,Fail', 'true'])('rejects %j and lists the choices', (value) => {
    expect(choose(value)).toEqual({
      value: 'Wait',
      problems: [`JsmChange.WhenPending is "${value}"; expected one of: Wait, Fail.`],
    });
  });
});

describe('a checkbox', () => {
  const check = (value: string | undefined, name: ParameterName = 'JsmChange.RunbookChangeControlled') =>
    read(name, value, (input) => input.checkbox(name));

  it.each([
    ['True', true],
    ['true', true],
    [' TRUE ', true],
    ['False', false],
    ['fALSE', false],
  ])('from %j is %s', (value, checked) => {
    expect(check(value)).toEqual({ value: checked, problems: [] });
    expect(check(value, 'JsmChange.ProjectChangeControlled')).toEqual({ value: checked, problems: [] });
  });

  it.each(blanks)('from %j is the default', (value) => {
    expect(check(value).value).toBe(false);
    expect(check(value, 'JsmChange.ProjectChangeControlled').value).toBe(true);
  });

  it.each(['yes', '1', '0', 'on', 'tru', 'no'])('rejects %j', (value) => {
    expect(check(value).problems).toEqual([
      `JsmChange.RunbookChangeControlled is "${value}"; expected True or False.`,
    ]);
  });
});

describe('a whole number', () => {
  const number = (value: string | undefined, from = 1, to = 3600) =>
    read('JsmChange.PollIntervalSeconds', value, (input) =>
      input.wholeNumber('JsmChange.PollIntervalSeconds', { from, to }),
    );

  it.each<[string | undefined, number]>([
    ['1', 1],
    ['3600', 3600],
    [' 20 ', 20],
    ['007', 7],
    ...blanks.map((blank): [string | undefined, number] => [blank, 15]),
  ])('from %j is %i', (value, read_) => {
    expect(number(value)).toEqual({ value: read_, problems: [] });
  });

  it.each([
    '0',
    '3601',
    '-1',
    '1.5',
    '1,5',
    '1e2',
    '0x10',
    '15s',
    '١٥',
    'NaN',
    'Infinity',
    '99999999999999999999',
    '+5',
    '5 5',
  ])('rejects %j as out of range or not a whole number', (value) => {
    expect(number(value)).toEqual({
      value: 15,
      problems: [`JsmChange.PollIntervalSeconds is "${value}"; expected a whole number from 1 to 3600.`],
    });
  });

  it('is always in range or the default for any text', () => {
    const texts = fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String));
    fc.assert(
      fc.property(texts, (value) => {
        const { value: result, problems } = number(value, 1, 3600);
        expect(Number.isInteger(result) && result >= 1 && result <= 3600).toBe(true);
        if (result !== 15) expect(problems).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('lists', () => {
  it.each<[string | undefined, readonly string[] | undefined]>([
    ['Implementing', ['Implementing']],
    ['A\nB\r\nC\rD', ['A', 'B', 'C', 'D']],
    ['\n  A b  \n\n ,B,\n', ['A b', ',B,']],
    ...blanks.map((blank): [string | undefined, undefined] => [blank, undefined]),
  ])('[T4] have one entry per line: %j', (value, entries) => {
    expect(
      read('JsmChange.ProceedStatuses', value, (input) => input.lines('JsmChange.ProceedStatuses')).value,
    ).toEqual(entries);
  });

  it.each<[string | undefined, readonly string[]]>([
    ['OPS', ['OPS']],
    ['OPS, HR;IT\nX', ['OPS', 'HR', 'IT', 'X']],
    [', ,', []],
    ...blanks.map((blank): [string | undefined, readonly string[]] => [blank, []]),
  ])('[L4] have entries separated by commas: %j', (value, entries) => {
    expect(
      read('JsmChange.AllowedProjects', value, (input) => input.commaList('JsmChange.AllowedProjects')).value,
    ).toEqual(entries);
  });
});
