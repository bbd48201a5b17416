import type { ApprovalScope } from '../domain/deployment/approval-scope.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { Variables } from '../octopus/variables.ts';
import type { ParameterValues } from './parameter-values.ts';
import type { RunSettings } from './settings.ts';

const secondMs = 1000;
const minuteMs = 60_000;

/** The parameters that a policy does not replace. */
export function readRunParameters(values: ParameterValues): RunSettings {
  return {
    whenPending: values.choice('JsmChange.WhenPending', ['Wait', 'Fail']) === 'Fail' ? 'fail' : 'wait',
    pollIntervalMs: values.wholeNumber('JsmChange.PollIntervalSeconds', { from: 1, to: 3600 }) * secondMs,
    waitLimitMs: values.wholeNumber('JsmChange.WaitLimitMinutes', { from: 0, to: 43_200 }) * minuteMs,
    outageMs: values.wholeNumber('JsmChange.OutageMinutes', { from: 0, to: 1440 }) * minuteMs,
    approveTransition: values.text('JsmChange.ApproveTransition'),
    successStatus: values.text('JsmChange.SuccessStatus'),
    failureStatus: values.text('JsmChange.FailureStatus'),
    evidenceRecord: values.checkbox('JsmChange.EvidenceRecord'),
  };
}

/** S1, S2: whether approval is required depends only on these, unless a policy decides. */
export function readApprovalScope(values: ParameterValues, variables: Variables): ApprovalScope {
  return {
    projectControlled: values.checkbox('JsmChange.ProjectChangeControlled'),
    environmentControlled: values.checkbox('JsmChange.EnvironmentChangeControlled'),
    runbookControlled: values.checkbox('JsmChange.RunbookChangeControlled'),
    isRunbookRun: isRunbookRun(variables),
  };
}
