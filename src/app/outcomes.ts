import type { ChangeRequest } from '../domain/change-request.ts';
import type { StopDecision, StopReason, WaitDecision } from '../domain/decision.ts';
import type { Fault } from '../domain/fault.ts';
import type { Outcome } from '../domain/outcome.ts';
import { readRunLine } from '../domain/run-line.ts';
import type { TimedLook } from '../domain/run-record.ts';
import { join, link, type Text, text } from '../domain/text.ts';
import type { RunContext } from './run-context.ts';

/** What a wait is for, in words. Approved is what the statuses say: people may have approved it long before. */
export function awaited({ settings }: Pick<RunContext, 'settings'>, decision: WaitDecision): Text {
  switch (decision.reason) {
    case 'not-approved':
      return text`its approval (status ${settings.rules.states.proceed.join(' or ')})`;
    case 'before-planned-start':
      return text`its Planned start ${decision.start}`;
  }
}

/** The change request as a link in the task log (M1). */
export function changeRequestLink(context: Pick<RunContext, 'serviceDesk'>, key: string): Text {
  return link(key, context.serviceDesk.browseUrl(key));
}

export function proceed(look: TimedLook): Outcome {
  const { key, status } = look.changeRequest;
  return {
    verdict: 'Proceed',
    reason: text`The change request ${key} is approved (status ${status.name}) and ${insideWords(look)}.`,
  };
}

function insideWords({ window: { start, end } }: TimedLook): Text {
  if (start.kind === 'set' && end.kind === 'set') return text`inside its window (${start.at} to ${end.at})`;
  if (start.kind === 'set') return text`past its Planned start (${start.at})`;
  if (end.kind === 'set') return text`before its Planned end (${end.at})`;
  return text`has no planned window`;
}

interface StopWords {
  readonly reason: Text;
  readonly advice: Text;
}

type Words = {
  readonly [Reason in StopReason]: (
    decision: Extract<StopDecision, { reason: Reason }>,
    look: TimedLook,
    context: RunContext,
  ) => StopWords;
};

/** One entry for each reason to stop: a new reason without words does not compile. */
const words: Words = {
  'project-not-allowed': (_decision, { changeRequest }, { settings }) => ({
    reason: text`The change request ${changeRequest.key} belongs to the project ${changeRequest.projectKey}, which may not approve this deployment.`,
    advice: text`Allowed are: ${settings.rules.projects.join(', ')}. Supply a change request of one of them, or add the project to JsmChange.AllowedProjects (or allowedProjects in the policy).`,
  }),
  'issue-type-not-accepted': (_decision, { changeRequest }, { settings }) => ({
    reason: text`The change request ${changeRequest.key} is of the issue type ${changeRequest.issueType.name}, which the policy does not accept.`,
    advice: text`Accepted are: ${(settings.rules.issueTypes ?? []).join(', ')}.`,
  }),
  withdrawn: ({ inFavourOf }, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} was withdrawn in favour of ${inFavourOf}.`,
    advice: text`Supply ${inFavourOf} instead, or leave the number blank.`,
  }),
  'status-refuses': (_decision, { changeRequest }, { settings }) => ({
    reason: text`The change request ${changeRequest.key} has the status ${changeRequest.status.name}, which does not let the deployment go.`,
    advice: text`It goes on in: ${settings.rules.states.proceed.join(', ')}. It waits in: ${settings.rules.states.wait.join(', ')}. Move the change request to one of these, or start a new deployment after it is closed.`,
  }),
  'planned-field-missing': ({ field }, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} does not tell the planned field "${field}", so its window is unknown.`,
    advice: text`Check the field's name or id in JsmChange.PlannedStartField and JsmChange.PlannedEndField, and that it is on the change request's screens.`,
  }),
  'planned-fields-differ': ({ values }, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} has two planned fields with different values: ${values}.`,
    advice: text`Clear the wrong one, or name the right one by its id in JsmChange.PlannedStartField or JsmChange.PlannedEndField.`,
  }),
  'planned-date-unreadable': ({ field, value }, { changeRequest }) => ({
    reason: text`The field "${field}" of the change request ${changeRequest.key} holds "${value}", which is no date-time that can be relied on.`,
    advice: text`Use a date-time field, such as Jira's "Planned start", or name another field in the step's parameters.`,
  }),
  'time-zone-unknown': ({ field }, { changeRequest }) => ({
    reason: text`The field "${field}" of the change request ${changeRequest.key} holds a date without a time, and Jira does not tell the account's time zone.`,
    advice: text`Use a date-time field, or set the time zone in the account's Jira profile.`,
  }),
  'start-after-end': ({ start, end }, { changeRequest }) => ({
    reason: text`The Planned start ${start} of the change request ${changeRequest.key} lies after its Planned end ${end}.`,
    advice: text`Correct the window in the change request and deploy again.`,
  }),
  'server-time-unknown': (_decision, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} has a window, and neither the site's Date header nor its serverInfo tells the time.`,
    advice: text`Look for a proxy that removes the Date header from answers.`,
  }),
  'not-approved-in-time': ({ end }, { changeRequest, serverTime }) => ({
    reason: text`The change request ${changeRequest.key} (status ${changeRequest.status.name}) was not approved before its Planned end ${end}; the server's time is ${serverTime ?? 'unknown'}.`,
    advice: text`Move Planned end, or close the change request so that the next deployment raises a new one.`,
  }),
  'approved-too-late': ({ end }, { changeRequest, serverTime }) => ({
    reason: text`The change request ${changeRequest.key} is approved (status ${changeRequest.status.name}), but its Planned end ${end} has passed; the server's time is ${serverTime ?? 'unknown'}.`,
    advice: text`Move Planned end, or close the change request so that the next deployment raises a new one.`,
  }),
  'planned-end-required': (_decision, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} is approved but has no Planned end, which the policy requires.`,
    advice: text`Set Planned end in the change request and deploy again.`,
  }),
  'start-beyond-wait-limit': ({ start, limit }, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} is approved, but its Planned start ${start} lies beyond the wait limit, which ends at ${limit}.`,
    advice: text`Schedule the deployment for the planned start, or raise JsmChange.WaitLimitMinutes.`,
  }),
};

/** M2: what, why, and what to do. */
export function stopped(context: RunContext, decision: StopDecision, look: TimedLook): Outcome {
  const say = words[decision.reason] as (
    decision: StopDecision,
    look: TimedLook,
    context: RunContext,
  ) => StopWords;
  return { verdict: 'Stop', ...say(decision, look, context) };
}

/**
 * P1: one look, and the change request is not ready.
 * @param approvers who still has to approve, where JSM tells (M4)
 */
export function notReady(
  context: RunContext,
  decision: WaitDecision,
  { changeRequest }: TimedLook,
  approvers: Text | undefined,
): Outcome {
  const advice = text`Deploy again when it is ready, or set JsmChange.WhenPending to Wait.`;
  return {
    verdict: 'Stop',
    reason: text`The change request ${changeRequest.key} is not ready: its status is ${changeRequest.status.name}, and the deployment needs ${awaited(context, decision)}.`,
    advice: approvers === undefined ? advice : text`${approvers} ${advice}`,
  };
}

/** W8: every look was too old when it arrived. */
export function tooSlow({ changeRequest: { key } }: TimedLook, tookSeconds: number): Outcome {
  return {
    verdict: 'Error',
    reason: text`JSM takes ${tookSeconds} s to tell the state of the change request ${key}, and the deployment goes only on a look that is at most 10 s old.`,
    advice: text`Deploy again when the site answers faster.`,
  };
}

/** L8 */
export function several(context: RunContext, open: readonly ChangeRequest[]): Outcome {
  const list = open.map(({ key, status }) => text`${changeRequestLink(context, key)} (${status.name})`);
  return {
    verdict: 'Stop',
    reason: text`Several open change requests have the title "${context.settings.title}": ${join(list, ', ')}.`,
    advice: text`Supply the number of the right one in Octopus.JiraServiceManagement.ChangeRequest.Number, or close the wrong ones.`,
  };
}

/** C4: two of one title, and the run's own can't be withdrawn. */
export function cannotWithdraw(context: RunContext, own: string, older: string, why: Text): Outcome {
  return {
    verdict: 'Stop',
    reason: text`Several open change requests have the title "${context.settings.title}": ${changeRequestLink(context, older)} and ${changeRequestLink(context, own)}, which this run raised and can't withdraw: ${why}.`,
    advice: text`Supply the number of the right one in Octopus.JiraServiceManagement.ChangeRequest.Number, or close the wrong one.`,
  };
}

/** C3: a creation whose answer was lost, and that left nothing to be found. */
export function creationLost({ settings }: RunContext): Outcome {
  return {
    verdict: 'Error',
    reason: text`JSM did not answer the creation of the change request "${settings.title}", and it did not show within 2 minutes.`,
    advice: text`Look for it in the service project ${settings.serviceProject}: if it is there, deploy again or supply its number; if not, deploy again.`,
  };
}

/** L9 */
export function refusedBefore(context: RunContext, { key, status }: ChangeRequest): Outcome {
  return {
    verdict: 'Stop',
    reason: text`The change request ${changeRequestLink(context, key)}, which this run raised, is closed (status ${status.name}).`,
    advice: text`Start a new deployment to raise another, or supply the number of an approved one.`,
  };
}

/** L7: what this run raised, and no later run would find. */
export function storedOtherwise(context: RunContext, { key, summary }: ChangeRequest): Outcome {
  return {
    verdict: 'Stop',
    reason: text`Jira stored the title of ${changeRequestLink(context, key)} as "${summary}", not as "${context.settings.title}", so that no later run would find it.`,
    advice: text`Look for an automation or a field configuration that changes summaries, or set a title that Jira keeps with Octopus.JiraServiceManagement.Field[summary].`,
  };
}

/** L14: what this run raised, and may not go by. */
export function ofAnotherType(context: RunContext, { key, issueType }: ChangeRequest): Outcome {
  return {
    verdict: 'Stop',
    reason: text`The change request ${changeRequestLink(context, key)}, which this run raised, is of the issue type ${issueType.name}, which the policy does not accept.`,
    advice: text`Accepted are: ${(context.settings.rules.issueTypes ?? []).join(', ')}. Correct issueTypes or requestType in the policy.`,
  };
}

/** L13 */
export function ofAnotherServer(context: RunContext, { key, description }: ChangeRequest): Outcome {
  const line = readRunLine(description);
  const { run } = context.settings;
  return {
    verdict: 'Stop',
    reason: text`The open change request ${changeRequestLink(context, key)} of this title was raised by the Octopus server ${line?.serverUri ?? ''} in the space ${line?.spaceId ?? ''}, and this run belongs to ${run.serverUri} in the space ${run.spaceId}.`,
    advice: text`If it covers this deployment, supply its number in Octopus.JiraServiceManagement.ChangeRequest.Number; if not, give this one a title of its own with Octopus.JiraServiceManagement.Field[summary].`,
  };
}

/** L10: what the run went by was withdrawn, and the one that it names can't be used. */
export function withdrawnToNothing(context: RunContext, key: string): Outcome {
  return {
    verdict: 'Stop',
    reason: text`The change request ${changeRequestLink(context, key)} was withdrawn, and no open one of the title "${context.settings.title}" is left.`,
    advice: text`Start a new deployment to raise another.`,
  };
}

/** L3: a supplied number that JSM does not show. */
export function suppliedMissing(key: string, fault: Fault): Outcome {
  if (fault.kind === 'wrong-url') return { verdict: 'Error', reason: fault.summary, advice: fault.advice };
  return {
    verdict: 'Stop',
    reason: text`The change request ${key} does not exist, or the step's account may not see it.`,
    advice: text`Check the number in Octopus.JiraServiceManagement.ChangeRequest.Number, and that the account has the permission to browse its project.`,
  };
}

/** P4 */
export function timedOut(look: TimedLook | undefined): Outcome {
  const state =
    look === undefined
      ? text`No change request was seen in time`
      : text`The change request ${look.changeRequest.key} was not ready in time (last status ${look.changeRequest.status.name})`;
  return {
    verdict: 'TimedOut',
    reason: text`${state}: the wait limit is reached.`,
    advice: text`Deploy again when it is ready, or raise JsmChange.WaitLimitMinutes.`,
  };
}

/** F6 */
export function toldToEnd(): Outcome {
  return {
    verdict: 'Error',
    reason: text`The step was told to stop before the change request was ready.`,
    advice: text`Deploy again to go on with the same change request.`,
  };
}

export function faulted(fault: Fault): Outcome {
  return { verdict: 'Error', reason: fault.summary, advice: fault.advice };
}

/** F3: a change request that was there and is not any more. */
export function gone(key: string): Outcome {
  return {
    verdict: 'Stop',
    reason: text`The change request ${key} does not exist any more, or the step's account may not see it.`,
    advice: text`Check whether it was deleted, moved or hidden, and deploy again.`,
  };
}
