import { describe, expect, it } from 'vitest';
import { parseJql } from './parse.ts';

describe('reading JQL', () => {
  it('binds NOT before AND before OR', () => {
    const read = parseJql('project = CHG OR status = "To do" AND NOT key in (CHG-1, CHG-2)');
    expect(read.where).toMatchObject({
      kind: 'or',
      parts: [
        { kind: 'clause', field: 'project', operator: '=', operand: { kind: 'value', text: 'CHG' } },
        {
          kind: 'and',
          parts: [{ field: 'status' }, { kind: 'not', part: { field: 'key', operator: 'in' } }],
        },
      ],
    });
  });

  it('reads parentheses, functions and the order', () => {
    const read = parseJql('(reporter = currentUser() or type is not EMPTY) order by created desc, key');
    expect(read.where).toMatchObject({
      kind: 'or',
      parts: [
        { operand: { kind: 'function', name: 'currentuser', args: [] } },
        { operator: 'is not', operand: { kind: 'empty' } },
      ],
    });
    expect(read.orderBy).toEqual([
      { field: 'created', descending: true },
      { field: 'key', descending: false },
    ]);
  });

  it('undoes the escapes of a quoted text once', () => {
    const read = parseJql(String.raw`summary ~ "\"a\\?\" \u0041\tb"`);
    expect(read.where).toMatchObject({ operand: { text: '"a\\?" A\tb' } });
  });

  it('takes words such as -30d and CHG-1 without quotes', () => {
    expect(parseJql('created >= -30d AND key = CHG-1').where).toMatchObject({
      parts: [{ operator: '>=', operand: { text: '-30d' } }, { operand: { text: 'CHG-1' } }],
    });
  });

  it.each([
    ['a text that does not end', 'summary ~ "abc', 'has not been completed'],
    ['a wrong escape', String.raw`summary ~ "\?"`, 'is an illegal JQL escape sequence'],
    ['a line end in a text', 'summary ~ "a\nb"', 'has not been completed'],
    ['a reserved character', 'project = CHG#', 'is a reserved JQL character'],
    ['a dot in a bare value', 'summary ~ 1.0.1', 'is a reserved JQL character'],
    ['a missing value', 'project =', 'before the end of the query'],
    ['a missing operator', 'project CHG', 'Expecting an operator'],
    ['words after the query', 'project = CHG status = Open', "Expecting 'OR', 'AND' or 'ORDER BY'"],
    ['an open parenthesis', '(project = CHG', "Expecting ')'"],
    ['an empty list', 'key in ()', 'Expecting a value'],
  ])('refuses %s', (_, jql, message) => {
    expect(() => parseJql(jql)).toThrow(message);
  });
});
