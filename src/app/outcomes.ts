import type { ChangeRequest, ChangeRequestSource } from '../domain/change/change-request.ts';
import { faultEndings, type Outcome } from '../domain/decision/outcome.ts';
import type { TimedCheck } from '../domain/decision/run-record.ts';
import { readRunLine } from '../domain/deployment/run-line.ts';
import type { Fault } from '../domain/fault.ts';
import type { Operation } from '../domain/operation.ts';
import { clause, join, link, type Text, text } from '../domain/text.ts';
import type { RunContext } from './run-context.ts';

/** Returns the change request as a link for the task log (M1). */
export function changeRequestLink(context: Pick<RunContext, 'serviceDesk'>, key: string): Text {
  return link(key, context.serviceDesk.browseUrl(key));
}

/** L8 */
export function several(context: RunContext, open: readonly ChangeRequest[]): Outcome {
  const list = open.map(({ key, status }) => text`${changeRequestLink(context, key)} (${status.name})`);
  return {
    verdict: 'Stop',
    code: 'SeveralFound',
    rule: 'L8',
    reason: text`Several open change requests have the title "${context.settings.title}": ${join(list, ', ')}.`,
    advice: text`Supply the number of the right one in Octopus.JiraServiceManagement.ChangeRequest.Number, or close the wrong ones.`,
  };
}

/** C4: two open change requests have the title, and the run cannot withdraw its own. */
export function cannotWithdraw(context: RunContext, own: string, older: string, why: Text): Outcome {
  return {
    verdict: 'Stop',
    code: 'SeveralFound',
    rule: 'C4',
    reason: text`Several open change requests have the title "${context.settings.title}": ${changeRequestLink(context, older)} and ${changeRequestLink(context, own)}, which this run raised and cannot withdraw: ${clause(why)}.`,
    advice: text`Supply the number of the right one in Octopus.JiraServiceManagement.ChangeRequest.Number, or close the wrong one.`,
  };
}

/** C3: the answer to the create request was lost, and the search found no change request. */
export function creationLost({ settings }: RunContext): Outcome {
  return {
    verdict: 'Error',
    code: 'NotRaised',
    rule: 'C3',
    reason: text`JSM did not answer the request to create the change request "${settings.title}", and it did not appear within 2 minutes.`,
    advice: text`Look for it in the service project ${settings.serviceProject}. Either way, deploy again: if it is there, the next run finds it.`,
  };
}

/** L9 */
export function refusedBefore(context: RunContext, { key, status }: ChangeRequest): Outcome {
  return {
    verdict: 'Stop',
    code: 'Refused',
    rule: 'L9',
    reason: text`The change request ${changeRequestLink(context, key)}, which this run raised, is closed (status ${status.name}), so the deployment is blocked.`,
    advice: text`Start a new deployment to raise another one, or supply the number of an approved one.`,
  };
}

/**
 * L9, C4: before the index showed that the run's change request is closed, a retried step raised another one,
 * which it cannot withdraw.
 */
export function refusedBeforeAnother(
  context: RunContext,
  { key, status }: ChangeRequest,
  another: string,
  why: Text,
): Outcome {
  const next = changeRequestLink(context, another);
  return {
    verdict: 'Stop',
    code: 'SeveralFound',
    rule: 'L9',
    reason: text`The change request ${changeRequestLink(context, key)}, which this run raised, is closed (status ${status.name}), so the deployment is blocked. The run then raised ${next}, and cannot withdraw it: ${why}.`,
    advice: text`Close ${next} and start a new deployment to raise another one, or supply the number of an approved one.`,
  };
}

/** L7: Jira stored the change request of this run under another title, so no later run would find it. */
export function storedOtherwise(context: RunContext, { key, summary }: ChangeRequest): Outcome {
  return {
    verdict: 'Stop',
    code: 'InputInvalid',
    rule: 'L7',
    reason: text`Jira stored the title of ${changeRequestLink(context, key)} as "${summary}", not as "${context.settings.title}", so no later run would find it.`,
    advice: text`Look for an automation rule or a field configuration that changes summaries, or set a title that Jira keeps in Octopus.JiraServiceManagement.Field[summary].`,
  };
}

/** L14: this run raised a change request of an issue type that the policy does not accept. */
export function ofAnotherType(context: RunContext, { key, issueType }: ChangeRequest): Outcome {
  return {
    verdict: 'Stop',
    code: 'NotAllowed',
    rule: 'L14',
    reason: text`The change request ${changeRequestLink(context, key)}, which this run raised, has the issue type ${issueType.name}, which the policy does not accept.`,
    advice: text`Accepted issue types: ${(context.settings.rules.issueTypes ?? []).join(', ')}. Correct issueTypes or requestType in the policy.`,
  };
}

/** L13 */
export function ofAnotherServer(context: RunContext, { key, description }: ChangeRequest): Outcome {
  const line = readRunLine(description);
  const { run } = context.settings;
  return {
    verdict: 'Stop',
    code: 'NotAllowed',
    rule: 'L13',
    reason: text`The open change request ${changeRequestLink(context, key)} with this title was raised by the Octopus server ${line?.serverUri ?? ''} in the space ${line?.spaceId ?? ''}, but this run belongs to ${run.serverUri} in the space ${run.spaceId}.`,
    advice: text`If it covers this deployment, supply its number in Octopus.JiraServiceManagement.ChangeRequest.Number; if not, set a title for this one in Octopus.JiraServiceManagement.Field[summary].`,
  };
}

/** L10: the change request in use was withdrawn, and the one that its summary names cannot be used. */
export function withdrawnToNothing(context: RunContext, key: string): Outcome {
  return {
    verdict: 'Stop',
    code: 'Withdrawn',
    rule: 'L10',
    reason: text`The change request ${changeRequestLink(context, key)} was withdrawn, and there is no other open one with the title "${context.settings.title}".`,
    advice: text`Start a new deployment to raise another one.`,
  };
}

/** L3: the change request to start with is missing or not visible; the advice depends on its source (M2). */
export function missingAtFirst(key: string, source: ChangeRequestSource): Outcome {
  return {
    verdict: 'Stop',
    code: 'NotFound',
    rule: 'L3',
    reason: text`The change request ${key} does not exist, or the step's account is not allowed to see it.`,
    advice:
      source === 'Supplied'
        ? text`Check the number in Octopus.JiraServiceManagement.ChangeRequest.Number, and that the account has the permission to browse its project.`
        : text`An earlier step of this run used it: check whether it was deleted, moved or hidden since, and that the account has the permission to browse its project.`,
  };
}

/** P4 */
export function timedOut(operation: Operation, check: TimedCheck | undefined): Outcome {
  const ending = { verdict: 'TimedOut', code: 'TimedOut', rule: 'P4' } as const;
  const raise = text`raise Wait limit (JsmChange.WaitLimitMinutes).`;
  if (operation !== 'Gate') {
    return {
      ...ending,
      reason: text`The wait limit was reached before ${unfinished[operation]}.`,
      advice: text`Find out why the site answers so slowly, or ${raise}`,
    };
  }
  return {
    ...ending,
    reason:
      check === undefined
        ? text`The wait limit was reached before a change request was read.`
        : text`The wait limit was reached before the change request ${check.changeRequest.key} was ready (last status: ${check.changeRequest.status.name}).`,
    advice: text`Deploy again when it is ready, or ${raise}`,
  };
}

/** What each operation had not completed when the run had to end. */
const unfinished: Readonly<Record<Operation, Text>> = {
  Gate: text`the change request was ready`,
  Request: text`the change request was found or raised, and checked`,
  Verify: text`the change request was checked`,
  Report: text`everything was reported`,
  Resume: text`every parked deployment was checked`,
  Test: text`the test was complete`,
};

const deployAgain = text`Deploy again to continue with the same change request.`;

const afterCancelling: Readonly<Record<Operation, Text>> = {
  Gate: deployAgain,
  Request: deployAgain,
  Verify: deployAgain,
  Report: text`Check the change request, and add what is missing.`,
  Resume: text`The next run continues.`,
  Test: text`Run it again.`,
};

/** F6 */
export function cancelled(operation: Operation): Outcome {
  return {
    verdict: 'Error',
    code: 'Cancelled',
    rule: 'F6',
    reason: text`The step was cancelled before ${unfinished[operation]}.`,
    advice: afterCancelling[operation],
  };
}

/** F7: an unexpected error, which never allows the deployment. */
export function unexpected(error: unknown): Outcome {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    verdict: 'Error',
    code: 'Unexpected',
    rule: 'F7',
    reason: text`Unexpected error: ${what}.`,
    advice: text`The deployment is blocked. Please report this together with the task log.`,
  };
}

export function faulted(fault: Fault): Outcome {
  return {
    verdict: 'Error',
    ...faultEndings[fault.kind],
    reason: fault.summary,
    advice: fault.advice,
  };
}

/** F3: a change request that this run has read is now missing or no longer visible. */
export function gone(key: string): Outcome {
  return {
    verdict: 'Stop',
    code: 'NotFound',
    rule: 'F3',
    reason: text`The change request ${key} no longer exists, or the step's account is no longer allowed to see it.`,
    advice: text`Check whether it was deleted, moved or hidden, and deploy again.`,
  };
}
