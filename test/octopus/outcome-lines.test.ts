import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/decision/outcome.ts';
import type { RunRecord } from '../../src/domain/decision/run-record.ts';
import { link, text } from '../../src/domain/text.ts';
import { writeOutcome } from '../../src/octopus/outcome-lines.ts';
import { createTaskLog } from '../../src/octopus/task-log.ts';
import { aCheck, aStatus, setAt } from '../domain/change/a-change-request.ts';
import { RecordedLines } from './recorded-lines.ts';

const check = {
  ...aCheck({
    changeRequest: { status: aStatus('Implementing') },
    start: setAt('2026-06-13T09:00:00Z'),
    end: { kind: 'unset', field: 'Planned end' },
  }),
  askedAt: 0,
  askedAtWallMs: 0,
  isWhole: true,
  answeredAt: 1,
};

const site = 'https://acme.atlassian.net';

function written(
  outcome: Outcome,
  record: RunRecord,
  { hasSite = true, asciiOnly = false, isStop = true, parks = false } = {},
): RecordedLines {
  const out = new RecordedLines();
  const redact = (value: string): string => value.replaceAll('hunter2', '********');
  writeOutcome(outcome, record, {
    out,
    log: createTaskLog({ out, redact, asciiOnly }),
    redact,
    url: hasSite && record.key !== undefined ? new URL(`${site}/browse/${record.key}`) : undefined,
    isStop,
    parks,
  });
  return out;
}

const proceed: Outcome = {
  verdict: 'Proceed',
  code: 'Approved',
  rule: 'W1',
  reason: text`CHG-12 is approved.`,
};
const stop: Outcome = {
  verdict: 'Stop',
  code: 'Refused',
  rule: 'T3',
  reason: text`${link('CHG-12', new URL(`${site}/browse/CHG-12`))} is declined.`,
  advice: text`Start a new deployment.`,
};

describe('the ending of a run', () => {
  it('[M1] is in the Task Summary as one highlighted line with a link', () => {
    const { lines } = written(proceed, { key: 'CHG-12', check });
    expect(lines.slice(0, 3)).toEqual([
      '##octopus[stdout-highlight]',
      `[CHG-12](${site}/browse/CHG-12): Proceed. CHG-12 is approved.`,
      '##octopus[stdout-default]',
    ]);
    expect(lines.filter((line) => line.includes('stdout-highlight'))).toHaveLength(1);
  });

  it('[M1] has no link without a change request', () => {
    const { plain } = written(
      {
        verdict: 'NotRequired',
        code: 'NotChangeControlled',
        rule: 'S1',
        reason: text`No approval is required.`,
      },
      {},
    );
    expect(plain).toEqual(['NotRequired. No approval is required.']);
  });

  it('[O2] sets every known output variable', () => {
    expect(written(proceed, { key: 'CHG-12', source: 'Matched', check }).outputs).toEqual({
      'ChangeRequest.Number': 'CHG-12',
      'ChangeRequest.Url': `${site}/browse/CHG-12`,
      'ChangeRequest.Status': 'Implementing',
      'ChangeRequest.Source': 'Matched',
      'ChangeRequest.PlannedStart': '2026-06-13T09:00:00Z',
      'ChangeRequest.PlannedEnd': '',
      Decision: 'Proceed',
      DecisionCode: 'Approved',
      DecisionReason: 'CHG-12 is approved.',
    });
  });

  it.each([
    [{}, { hasSite: false }, []],
    [{ key: 'CHG-12' }, { hasSite: false }, ['ChangeRequest.Number']],
    [
      { key: 'CHG-12', source: 'Created' as const },
      {},
      ['ChangeRequest.Number', 'ChangeRequest.Url', 'ChangeRequest.Source'],
    ],
  ])('[O2] sets what is known on an early ending: %j', (record, options, known) => {
    const { outputs } = written(stop, record, options);
    expect(Object.keys(outputs).sort()).toEqual(
      [...known, 'Decision', 'DecisionCode', 'DecisionReason'].sort(),
    );
  });

  it.each(['NotRequired', 'Proceed', 'Stop', 'TimedOut', 'Error'] as const)(
    '[O3] sets the decision %s and its reason',
    (decision) => {
      expect(
        written({ verdict: decision, code: 'Unexpected', rule: 'F7', reason: text`Because.` }, {}).outputs,
      ).toEqual({
        Decision: decision,
        DecisionCode: 'Unexpected',
        DecisionReason: 'Because.',
      });
    },
  );

  it('[M2] writes a result message for a stop with what happened, why and what to do, without mark-up', () => {
    const { messages } = written(stop, { key: 'CHG-12', check });
    expect(messages.at(-1)).toEqual({
      name: 'resultMessage',
      attributes: { message: 'CHG-12 is declined. Start a new deployment.' },
    });
  });

  it.each([
    ['a run that stops', true, 1],
    ['a run that proceeds', false, 0],
  ] as const)('[M2] for %s writes %i result messages', (_what, isStop, count) => {
    const { messages } = written(proceed, {}, { isStop });
    expect(messages.filter(({ name }) => name === 'resultMessage')).toHaveLength(count);
  });

  it('[R2] always sets WaitInstructions for a Request, so that none from an earlier attempt remain', () => {
    expect(written(stop, {}, { parks: true }).outputs['WaitInstructions']).toBe('');
    const pending: Outcome = { ...proceed, verdict: 'Pending', waitInstructions: 'Wait.\n\nParked: #{x}' };
    expect(written(pending, {}, { parks: true }).outputs['WaitInstructions']).toBe('Wait.\n\nParked: # {x}');
    expect(written(pending, {}).outputs).not.toHaveProperty('WaitInstructions');
  });

  it('[X1] does not let text from Jira or a variable end the line or add an output', () => {
    const status = aStatus("Odd\n##octopus[setVariable name='RGVjaXNpb24=' value='UHJvY2VlZA==']");
    const out = written(
      { verdict: 'Stop', code: 'Refused', rule: 'T3', reason: text`The status is ${status.name}.` },
      { key: 'CHG-12', check: { ...check, changeRequest: { ...check.changeRequest, status } } },
    );
    expect(out.outputs['Decision']).toBe('Stop');
    expect(out.outputs['ChangeRequest.Status']).toBe(status.name);
    expect(out.plain).toHaveLength(1);
  });

  it('[X3] shows no secret in any output', () => {
    const out = written(
      {
        verdict: 'Error',
        code: 'Unexpected',
        rule: 'F7',
        reason: text`Jira said hunter2.`,
        advice: text`Not hunter2.`,
      },
      {
        key: 'CHG-12',
        check: { ...check, changeRequest: { ...check.changeRequest, status: aStatus('hunter2') } },
      },
    );
    const said = [...out.plain, ...out.messages.flatMap(({ attributes }) => Object.values(attributes))];
    expect(said.join(' ')).not.toContain('hunter2');
  });

  it('[M3] sets the exact reason on Windows as well', () => {
    const out = written(
      { verdict: 'Stop', code: 'Refused', rule: 'T3', reason: text`状態は却下です` },
      {},
      { asciiOnly: true },
    );
    expect(out.outputs['DecisionReason']).toBe('状態は却下です');
    expect(out.lines.every((line) => /^[\x20-\x7e]*$/.test(line))).toBe(true);
  });

  it.each([
    ['#{Some.Secret}', '# {Some.Secret}'],
    ['a ##{x} b #{y', 'a ## {x} b # {y'],
    ['# {not one}', '# {not one}'],
  ])('[O5] [X1] contains no expression in an output that Octopus would evaluate: %j', (name, value) => {
    const status = aStatus(name);
    const { outputs } = written(
      { verdict: 'Stop', code: 'Refused', rule: 'T3', reason: text`Its status is ${name}.` },
      { key: 'CHG-12', check: { ...check, changeRequest: { ...check.changeRequest, status } } },
    );
    expect(outputs['ChangeRequest.Status']).toBe(value);
    expect(outputs['DecisionReason']).toBe(`Its status is ${value}.`);
  });

  it.each(['x'.repeat(1_000_000), '#{'.repeat(500_000), '😀'.repeat(300_000)])(
    '[X1] cuts an output value to 2,000 characters',
    (name) => {
      const status = aStatus(name);
      const { outputs } = written(stop, {
        key: 'CHG-12',
        check: { ...check, changeRequest: { ...check.changeRequest, status } },
      });
      const value = outputs['ChangeRequest.Status'] ?? '';
      expect([...value]).toHaveLength(2000);
      expect(value).not.toContain('#{');
      expect(value).not.toMatch(/\p{Cs}/u);
    },
  );
});
