import { describe, expect, it } from 'vitest';
import { describeWith } from '../atlassian.ts';
import { brokenRules, type WatchedRun } from './always.ts';
import { readTaskLog } from './task-log.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const set = (name: string, value: string): string =>
  `##octopus[setVariable name='${base64(name)}' value='${base64(value)}']`;
const token = 'a-very-secret-token';

const approval = {
  method: 'GET',
  path: '/rest/api/2/issue/CHG-1?fields=status',
  headers: { authorization: `Basic ${base64(`dana:${token}`)}` },
  atMs: 0,
  answer: {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"key":"CHG-1","fields":{"status":{"id":"1","name":"Implementing"}}}',
  },
};

const lines = {
  ending:
    '##octopus[stdout-highlight]\n[CHG-1](https://acme.example/browse/CHG-1): Proceed. Go.\n##octopus[stdout-default]',
  number: set('ChangeRequest.Number', 'CHG-1'),
  decision: set('Decision', 'Proceed'),
  code: set('DecisionCode', 'Approved'),
  reason: set('DecisionReason', 'Go.'),
};

function watched(
  given: { log?: Partial<typeof lines>; more?: string } & Partial<WatchedRun> = {},
): WatchedRun {
  const { log, more = '', ...run } = given;
  const stdout = `${Object.values({ ...lines, ...log }).join('\n')}\n${more}`;
  return {
    ...readTaskLog(stdout),
    stdout,
    stderr: '',
    exitCode: 0,
    signal: null,
    variables: { 'JsmChange.Token': token, 'JsmChange.Username': 'dana' },
    siteUrl: 'https://acme.example',
    flavour: 'cloud',
    requests: [approval],
    files: new Map(),
    faulty: false,
    ...run,
  };
}

describe('the rules for every run', () => {
  it('are satisfied by a good run', () => {
    expect(brokenRules(watched())).toEqual([]);
  });

  it.each<[string, string, Parameters<typeof watched>[0]]>([
    ['another exit code', 'O1', { exitCode: 2 }],
    ['a signal', 'O1', { exitCode: null }],
    ['an exit code that contradicts the decision', 'O1', { exitCode: 1 }],
    ['something on stderr', 'M0', { stderr: 'warning: deprecated' }],
    ['an unknown decision', 'O3', { log: { decision: set('Decision', 'Maybe') } }],
    ['no decision', 'O3', { log: { decision: '' } }],
    ['no code', 'O3', { log: { code: '' } }],
    ['a code of another decision', 'O3', { log: { code: set('DecisionCode', 'Refused') } }],
    ['no reason', 'O2', { log: { reason: '' } }],
    ['an unknown output variable', 'O2', { more: `${set('Number', '1')}\n` }],
    ['an output variable that is set twice', 'O2', { more: `${set('Decision', 'Proceed')}\n` }],
    ['a planned time that is not a time', 'O2', { more: `${set('ChangeRequest.PlannedEnd', 'tomorrow')}\n` }],
    [
      'no ending in the Task Summary',
      'M1',
      { log: { ending: '[CHG-1](https://acme.example/browse/CHG-1)' } },
    ],
    ['no link', 'M1', { log: { ending: '##octopus[stdout-highlight]\nProceed\n##octopus[stdout-default]' } }],
    ['a stop without its result message', 'M2', { log: { decision: set('Decision', 'Stop') }, exitCode: 1 }],
    [
      'a result message of a run that proceeds',
      'M2',
      { more: `##octopus[resultMessage message='${base64('No')}']\n` },
    ],
    ['no read of the change request', 'F7', { requests: [] }],
    ['a read of another change request only', 'F7', { log: { number: '' } }],
    [
      'a last read that shows no approval',
      'F7',
      {
        requests: [
          approval,
          {
            ...approval,
            answer: { ...approval.answer, body: approval.answer.body.replace('Impl', 'Not impl') },
          },
        ],
      },
    ],
    ['a message that Octopus drops', 'X1', { more: '##octopus[mask value=x]\n' }],
    [
      'a service message that the step does not use',
      'X1',
      { more: `##octopus[deleteTarget path='${base64('/etc/passwd')}']\n` },
    ],
    ['a control character', 'X1', { more: 'red \u001b[31m\n' }],
    ['a link to another site', 'X1', { more: '[CHG-1](https://evil.example/browse/CHG-1)\n' }],
    ['a level that is left behind', 'level', { more: '##octopus[stdout-wait]\n' }],
    ['the token in a line', 'X3', { more: `sent ${token}\n` }],
    [
      'the token in an output variable',
      'X3',
      { log: { reason: set('DecisionReason', `no ${base64(token)}`) } },
    ],
    [
      'the token in an address',
      'X3',
      { requests: [{ ...approval, path: `${approval.path}&os_password=${token}` }] },
    ],
    [
      'the login in another header',
      'X3',
      { requests: [{ ...approval, headers: { cookie: base64(`dana:${token}`) } }] },
    ],
  ])('are broken by %s', (_, rule, given) => {
    expect(brokenRules(watched(given)).join('\n')).toContain(rule);
  });
});

describeWith('jira-openapi', 'the rules for every run from the OpenAPI documents', () => {
  it('are broken by a request that no document defines', () => {
    const requests = [{ ...approval, path: '/rest/api/2/nothing' }, approval];
    expect(brokenRules(watched({ requests }))).toEqual([
      'GET /rest/api/2/nothing: is in no document',
      'GET /rest/api/2/nothing -> 200: is in no document',
    ]);
  });
});
