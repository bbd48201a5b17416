import type { ApprovalScope } from '../domain/deployment/approval-scope.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { RunSettings } from './settings.ts';
import type { StepInput } from './step-input.ts';

const secondMs = 1000;
const minuteMs = 60_000;

/** Reads the parameters that a policy does not replace. */
export function readRunParameters(input: StepInput): RunSettings {
  return {
    whenPending: input.choice('JsmChange.WhenPending', ['Wait', 'Fail']) === 'Fail' ? 'fail' : 'wait',
    pollIntervalMs: input.wholeNumber('JsmChange.PollIntervalSeconds', { from: 1, to: 3600 }) * secondMs,
    waitLimitMs: input.wholeNumber('JsmChange.WaitLimitMinutes', { from: 0, to: 43_200 }) * minuteMs,
    outageMs: input.wholeNumber('JsmChange.OutageMinutes', { from: 0, to: 1440 }) * minuteMs,
    approveTransition: input.text('JsmChange.ApproveTransition'),
    successStatus: input.text('JsmChange.SuccessStatus'),
    failureStatus: input.text('JsmChange.FailureStatus'),
    evidenceRecord: input.checkbox('JsmChange.EvidenceRecord'),
  };
}

/** S1, S2: reads the only inputs that determine whether approval is required, unless a policy decides. */
export function readApprovalScope(input: StepInput): ApprovalScope {
  const isRunbook = isRunbookRun(input.variables);
  return {
    projectControlled: input.checkbox('JsmChange.ProjectChangeControlled'),
    environmentControlled: input.checkbox('JsmChange.EnvironmentChangeControlled'),
    isRunbookRun: isRunbook,
    runbookControlled: isRunbook && input.checkbox('JsmChange.RunbookChangeControlled'),
  };
}
