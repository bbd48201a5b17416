import { describe, expect, it } from 'vitest';
import { attempt, doubtedKinds, Fault, RunEnded } from '../../src/domain/fault.ts';
import { text } from '../../src/domain/text.ts';

describe('a fault', () => {
  it('says what happened and what to do, and keeps its cause and status', () => {
    const cause = new Error('ECONNRESET');
    const fault = new Fault('unreachable', text`It broke.`, text`Try later.`, { cause, status: 503 });
    expect(fault).toBeInstanceOf(Error);
    expect(fault).toMatchObject({
      name: 'Fault',
      kind: 'unreachable',
      message: 'It broke. Try later.',
      status: 503,
    });
    expect(fault.cause).toBe(cause);
    expect([fault.summary.line, fault.advice.line]).toEqual(['It broke.', 'Try later.']);
  });

  it('has no status if no answer came', () => {
    expect(new Fault('refused', text`x`, text`y`).status).toBeUndefined();
  });

  it('[X1] is a single line even if it contains special characters', () => {
    const fault = new Fault('rejected', text`Jira said: ${'a\n##octopus[x]'}`, text`Look.`);
    expect(fault.message).toBe('Jira said: a # # octopus[x] Look.');
  });
});

describe('the faults that must be confirmed after a good check', () => {
  it.each([
    ['login', true],
    ['forbidden', true],
    ['missing', true],
    ['wrong-url', true],
    ['conflict', false],
    ['rejected', false],
    ['unreachable', false],
    ['refused', false],
    ['window-unknown', false],
    ['configuration', false],
  ] as const)('[F3] include %s: %s', (kind, isDoubted) => {
    expect(doubtedKinds.has(kind)).toBe(isDoubted);
  });
});

describe('the result of an action', () => {
  it('is its value or its fault', async () => {
    const fault = new Fault('conflict', text`x`, text`y`);
    expect(await attempt(async () => 7)).toBe(7);
    expect(await attempt(() => Promise.reject(fault))).toBe(fault);
  });

  it.each([new RunEnded('signal'), new TypeError('x is not a function'), 'a string'])(
    '[F6] [F7] never includes anything else that is thrown: %s',
    async (thrown) => {
      await expect(attempt(() => Promise.reject(thrown))).rejects.toBe(thrown);
    },
  );
});

describe('a run that must end', () => {
  it.each([
    ['wait-limit', 'The wait limit is reached.'],
    ['signal', 'The run was asked to stop.'],
  ] as const)('[P4][F6] knows the cause: %s', (by, message) => {
    expect(new RunEnded(by)).toMatchObject({ name: 'RunEnded', by, message });
    expect(new RunEnded(by)).not.toBeInstanceOf(Fault);
  });
});
