import { describe, expect, it } from 'vitest';
import { Variables } from '../../src/octopus/variables.ts';
import { readApprovalScope, readRunParameters } from '../../src/settings/run-parameters.ts';
import { StepInput } from '../../src/settings/step-input.ts';

function read(variables: Variables) {
  const input = new StepInput(variables);
  return { value: readRunParameters(input), problems: input.problems };
}

function readScope(variables: Variables) {
  const input = new StepInput(variables);
  return { value: readApprovalScope(input), problems: input.problems };
}

function names(problems: readonly { readonly variable: string }[]): readonly string[] {
  return problems.map(({ variable }) => variable);
}

describe('the parameters of the run', () => {
  it('have the defaults of the interface if empty', () => {
    expect(read(new Variables({}))).toEqual({
      value: {
        whenPending: 'wait',
        pollIntervalMs: 15_000,
        waitLimitMs: 86_400_000,
        outageMs: 900_000,
        approveTransition: '',
        successStatus: '',
        failureStatus: '',
        evidenceRecord: true,
      },
      problems: [],
    });
  });

  it.each([
    ['JsmChange.PollIntervalSeconds', '1', { pollIntervalMs: 1000 }],
    ['JsmChange.PollIntervalSeconds', '3600', { pollIntervalMs: 3_600_000 }],
    ['JsmChange.WaitLimitMinutes', '0', { waitLimitMs: 0 }],
    ['JsmChange.WaitLimitMinutes', '43200', { waitLimitMs: 2_592_000_000 }],
    ['JsmChange.OutageMinutes', '0', { outageMs: 0 }],
    ['JsmChange.OutageMinutes', '1440', { outageMs: 86_400_000 }],
    ['JsmChange.WhenPending', 'FAIL', { whenPending: 'fail' }],
    ['JsmChange.ApproveTransition', ' Implementing ', { approveTransition: 'Implementing' }],
    ['JsmChange.SuccessStatus', 'Completed', { successStatus: 'Completed' }],
    ['JsmChange.FailureStatus', 'Failed', { failureStatus: 'Failed' }],
  ])('accept %s: %s', (name, value, expected) => {
    const result = read(new Variables({ [name]: value }));
    expect(result.problems).toEqual([]);
    expect(result.value).toMatchObject(expected);
  });

  it.each([
    ['JsmChange.PollIntervalSeconds', '0'],
    ['JsmChange.PollIntervalSeconds', '3601'],
    ['JsmChange.WaitLimitMinutes', '43201'],
    ['JsmChange.WaitLimitMinutes', '-1'],
    ['JsmChange.OutageMinutes', '1441'],
    ['JsmChange.OutageMinutes', '1.5'],
    ['JsmChange.WhenPending', 'Later'],
    ['JsmChange.SuccessStatus', '#{Status}'],
  ])('[I2] reject %s: %s', (name, value) => {
    expect(names(read(new Variables({ [name]: value })).problems)).toEqual([name]);
  });
});

describe('the parameters of the scope', () => {
  it('[S1][S2] make the project and environment change controlled by default, but not runbooks', () => {
    expect(readScope(new Variables({})).value).toEqual({
      projectControlled: true,
      environmentControlled: true,
      runbookControlled: false,
      isRunbookRun: false,
    });
  });

  it('[S2] [I6] treat a run as a runbook run if its runbook has an id', () => {
    expect(readScope(new Variables({ 'Octopus.Runbook.Id': 'Runbooks-7' })).value.isRunbookRun).toBe(true);
    expect(readScope(new Variables({ 'Octopus.Runbook.Id': ' ' })).value.isRunbookRun).toBe(false);
  });

  it('[S1] [I4] do not depend on other invalid values', () => {
    const variables = new Variables({
      'JsmChange.Token': '#{Token}',
      'JsmChange.EnvironmentChangeControlled': 'False',
    });
    expect(readScope(variables)).toMatchObject({
      value: { environmentControlled: false },
      problems: [],
    });
  });
});
