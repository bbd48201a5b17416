import { describe, expect, it } from 'vitest';
import { reportLines } from '../../scripts/check/test-report.ts';

const file = { name: '/home/me/gate/test/app/wait.test.ts', status: 'passed', message: '' };
const test = (fullName: string, status: string) => ({ fullName, status });

describe('the last lines of the check', () => {
  it('are empty if all tests passed', () => {
    const results = [{ ...file, assertionResults: [test('a wait [W1] ends', 'passed')] }];
    expect(reportLines({ testResults: results }, '/home/me/gate/')).toEqual([]);
  });

  it('contain the command that reruns each failed test', () => {
    const results = [
      { ...file, status: 'failed', assertionResults: [test("a wait [W1] doesn't end (yet)", 'failed')] },
    ];
    expect(reportLines({ testResults: results }, '/home/me/gate/')).toEqual([
      String.raw`FAILED   npx vitest run test/app/wait.test.ts -t '^a wait \[W1\] doesn'\''t end \(yet\)$'`,
    ]);
  });

  it('name a file that could not be loaded, and the reason', () => {
    const results = [
      { ...file, status: 'failed', message: 'Unexpected token\n  at ...', assertionResults: [] },
    ];
    expect(reportLines({ testResults: results }, '/home/me/gate/')).toEqual([
      'FAILED   npx vitest run test/app/wait.test.ts  # Unexpected token',
    ]);
  });

  it('count the skipped tests by reason', () => {
    const results = [
      {
        ...file,
        assertionResults: [
          test('in Windows (skipped: needs Wine) a', 'skipped'),
          test('in Windows (skipped: needs Wine) b', 'pending'),
          test('c', 'todo'),
        ],
      },
    ];
    expect(reportLines({ testResults: results }, '/home/me/gate/')).toEqual([
      'skipped  2 tests: needs Wine',
      'skipped  1 test: no reason given: c',
    ]);
  });
});
