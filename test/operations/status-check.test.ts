import { describe, expect, it } from 'vitest';
import { statusesFinding } from '../../src/app/connection-test/status-check.ts';

const statuses = [
  { id: '10000', name: 'Review' },
  { id: '10001', name: 'Umsetzung', untranslatedName: 'Implementing' },
  { id: '10002', name: 'Plan A' },
  { id: '10003', name: 'Plan B' },
  { id: '10004', name: 'Plan C' },
  { id: '10005', name: 'Plan D' },
  { id: '10006', name: 'Plan E' },
  { id: '2', name: '2nd line' },
  { id: '10007', name: 'Tier-12', issueTypeId: '7' },
];

function finding(proceed: readonly string[], others: readonly string[] = []): string {
  const [result, says] = statusesFinding(statuses, { proceed, others });
  return `${result}: ${says.line}`;
}

describe('the statuses that the step is configured with', () => {
  it.each([['Umsetzung'], [' umsetzung '], ['Implementing'], ['10001']])('[V4] include %j', (name) => {
    expect(finding([name])).toBe(`pass: the service project has: ${name.trim()}`);
  });

  it('[V4] [T4] may lack all but one that proceeds, with a warning', () => {
    expect(finding(['Implementing', 'Implemting'])).toMatch(
      /^warning: the service project does not have: Implemting; similar names: Implementing\./,
    );
    expect(finding(['Implementing'], ['Reviw'])).toMatch(
      /^warning: the service project does not have: Reviw; similar names: Review\..*JsmChange\.WaitStatuses.*JsmChange\.SuccessStatus/,
    );
    expect(finding(['Implemting', 'Reviw'])).toMatch(
      /^fail: .*No change request could ever allow a deployment/,
    );
  });

  it('[V4] are a warning if the request type reaches none that proceeds', () => {
    const withType = (proceed: readonly string[]) =>
      statusesFinding(statuses, { proceed, others: [] }, '7')[0];
    expect(withType(['Implementing', 'Tier-12'])).toBe('pass');
    expect(withType(['Implementing'])).toBe('warning');
  });

  it('[V4] are named once, with a few similar names and no ids', () => {
    expect(finding(['Implementing'], ['Plan X', 'Plan X', 'Plan Y'])).toMatch(
      /does not have: Plan X, Plan Y; similar names: Plan A, Plan B, Plan C\./,
    );
    expect(finding(['Implementing'], ['10009'])).toMatch(/does not have: 10009\. /);
    expect(finding(['Implementing'], ['2nd lin'])).toMatch(/similar names: 2nd line\./);
    expect(finding(['Implementing'], ['Tier-11'])).toMatch(/similar names: Tier-12\./);
    expect(finding(['Implementing'], ['Nothing like them'])).toMatch(/does not have: Nothing like them\. /);
  });
});
