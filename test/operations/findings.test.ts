import { describe, expect, it } from 'vitest';
import { plannedFieldsFinding } from '../../src/app/connection-test/field-check.ts';
import { browseFinding } from '../../src/app/connection-test/right-checks.ts';
import { statusesFinding } from '../../src/app/connection-test/status-check.ts';
import type { RunContext } from '../../src/app/run-context.ts';

const start = { id: 'customfield_1', name: 'Planned start', type: 'datetime' };
const end = { id: 'customfield_2', name: 'Planned end', type: 'datetime' };
const usual = { start: undefined, end: undefined };

describe('the line on planned fields', () => {
  it.each([
    [
      'both fields',
      [start, end],
      usual,
      'pass',
      /^Planned start: .*\(customfield_1\); Planned end: .*\(customfield_2\)$/,
    ],
    [
      'neither field',
      [],
      usual,
      'fail',
      /Planned start: no field called Planned start or Change start date; .* set Planned start field \(JsmChange\.PlannedStartField/,
    ],
    [
      'one of two fields',
      [start],
      usual,
      'fail',
      /Planned end: no field called Planned end or Change completion date\. .* open on that side/,
    ],
    [
      'a wrong type',
      [{ ...start, type: 'string' }, end],
      usual,
      'fail',
      /customfield_1 is of the type string/,
    ],
    [
      'a name without similar names',
      [start, end],
      { ...usual, end: 'Xyz' },
      'fail',
      /no field "Xyz"\. Check/,
    ],
    [
      'a name with many similar names',
      [...[1, 2, 3, 4, 5].map((id) => ({ ...end, id: `cf_${id}`, name: `Go live ${id}` })), start],
      { ...usual, end: 'Go live 9' },
      'fail',
      /no field "Go live 9"; similar names: Go live 1, Go live 2, Go live 3\. Check/,
    ],
  ] as const)('[V4] for %s', (_what, fields, configured, result, says) => {
    const [found, text] = plannedFieldsFinding(fields, configured);
    expect(found).toBe(result);
    expect(text.line).toMatch(says);
  });
});

describe('the line on statuses', () => {
  const statuses = ['Review', 'Implementing', 'Completed'].map((name, id) => ({ id: `1000${id}`, name }));

  it.each([
    ['all of them', ['Implementing', '10000'], ['Completed'], 'pass', /has: Implementing, 10000, Completed/],
    ['one of those to proceed in', ['Implementing', 'Doing'], [], 'warning', /does not have: Doing\. Check/],
    [
      'no status that proceeds',
      ['Implement', 'Doing'],
      [],
      'fail',
      /does not have: Implement, Doing; similar names: Implementing\. No change request/,
    ],
    [
      'only the statuses that proceed',
      ['Implementing'],
      ['Complete'],
      'warning',
      /does not have: Complete; similar names: Completed\./,
    ],
  ])('[V4] if the project has %s', (_what, proceed, others, result, says) => {
    const [found, text] = statusesFinding(statuses, { proceed, others });
    expect(found).toBe(result);
    expect(text.line).toMatch(says);
  });
});

describe('the line on statuses, for the workflow of the request type', () => {
  const statuses = [
    { id: '1', name: 'Review', issueTypeId: '10005' },
    { id: '2', name: 'Implementing', issueTypeId: '10006' },
    { id: '3', name: 'Completed', issueTypeId: '10006' },
  ];

  it.each([
    ['a status that proceeds', ['Doing it', '2'], '10006', 'warning', /does not have: Doing it/],
    ['it by its name', ['implementing'], '10006', 'pass', /has: implementing/],
    [
      'none',
      ['Implementing', 'Completed'],
      '10005',
      'warning',
      /none of these statuses: Implementing, Completed\. Check/,
    ],
    ['nothing, since Jira lists no such type', ['Implementing'], '10007', 'pass', /has: Implementing/],
    ['nothing, since Jira does not show the type', ['Implementing'], undefined, 'pass', /has: Implementing/],
  ] as const)('[V4] %s', (_what, proceed, raised, result, says) => {
    const [found, text] = statusesFinding(statuses, { proceed, others: [] }, raised);
    expect(found).toBe(result);
    expect(text.line).toMatch(says);
  });
});

describe('the line on permissions', () => {
  const context = { settings: { serviceProject: 'CHG' } } as RunContext;

  it.each([
    [true, 'pass', /can see change requests/],
    [false, 'fail', /lacks the permission Browse projects in CHG/],
    [undefined, 'fail', /lacks the permission Browse projects in CHG/],
  ])('[V4] if browsing is %s', (allowed, result, says) => {
    const rights = new Map(allowed === undefined ? [] : [['BROWSE_PROJECTS', allowed]]);
    const [found, text, learned] = browseFinding(context, rights);
    expect([found, learned]).toEqual([result, rights]);
    expect(text.line).toMatch(says);
  });
});
