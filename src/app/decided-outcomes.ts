import type { StopDecision, StopReason, WaitDecision } from '../domain/decision.ts';
import type { DecisionCode, Outcome } from '../domain/outcome.ts';
import type { TimedLook } from '../domain/run-record.ts';
import { type Text, text } from '../domain/text.ts';
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

export function proceed(look: TimedLook): Outcome {
  const { key, status } = look.changeRequest;
  return {
    verdict: 'Proceed',
    code: 'Approved',
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
  readonly code: DecisionCode;
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
  'project-not-allowed': (_decision, { changeRequest }, { settings, record }) => ({
    code: 'NotAllowed',
    reason: text`The change request ${changeRequest.key} belongs to the project ${changeRequest.projectKey}, which is not allowed to approve this deployment.`,
    advice:
      record.source === 'Supplied'
        ? text`Allowed projects: ${settings.rules.projects.join(', ')}. Supply a change request from one of them, or add the project to Other allowed projects (JsmChange.AllowedProjects, or allowedProjects in a policy).`
        : text`Allowed projects: ${settings.rules.projects.join(', ')}. Move the change request back to one of them, or add the project to Other allowed projects (JsmChange.AllowedProjects, or allowedProjects in a policy).`,
  }),
  'issue-type-not-accepted': (_decision, { changeRequest }, { settings, record }) => ({
    code: 'NotAllowed',
    reason: text`The change request ${changeRequest.key} has the issue type ${changeRequest.issueType.name}, which the policy does not accept.`,
    advice:
      record.source === 'Supplied'
        ? text`Accepted issue types: ${acceptedTypes(settings)}. Supply a change request of one of them, or correct issueTypes in the policy.`
        : text`Accepted issue types: ${acceptedTypes(settings)}. Change its type back, or correct issueTypes or requestType in the policy.`,
  }),
  withdrawn: ({ inFavourOf }, { changeRequest }, { record }) => ({
    code: 'Withdrawn',
    reason: text`The change request ${changeRequest.key} was withdrawn in favour of ${inFavourOf}.`,
    advice:
      record.source === 'Supplied'
        ? text`Supply ${inFavourOf} instead, or leave the number empty.`
        : text`Start a new deployment, or supply ${inFavourOf} if it covers this one.`,
  }),
  'status-refuses': (_decision, { changeRequest }, { settings, record }) => ({
    code: 'Refused',
    reason: text`The change request ${changeRequest.key} is ${changeRequest.status.name}, so the deployment is blocked.`,
    advice: text`Statuses that proceed: ${settings.rules.states.proceed.join(', ')}. Statuses that wait: ${settings.rules.states.wait.join(', ')}. Move the change request to one of these${record.source === 'Supplied' ? ', or supply another one' : ', or close it and start a new deployment'}.`,
  }),
  'planned-field-missing': ({ field }, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The planned field "${field}" of the change request ${changeRequest.key} is missing from Jira's answer, so its window is unknown.`,
    advice: text`Check that the field is on the change request's screens, and that the step's account may see it. If it is named in Planned start field (JsmChange.PlannedStartField), Planned end field (JsmChange.PlannedEndField) or an Octopus.JiraServiceManagement.Field[...] variable, check the name or id there.`,
  }),
  'planned-fields-differ': ({ values }, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The change request ${changeRequest.key} has two planned fields with different values: ${values}.`,
    advice: text`Clear the wrong one, or name the right one by its id in Planned start field (JsmChange.PlannedStartField) or Planned end field (JsmChange.PlannedEndField).`,
  }),
  'planned-date-unreadable': ({ field, value }, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The field "${field}" of the change request ${changeRequest.key} contains "${value}", which is not a date and time.`,
    advice: text`Use a date-time field such as Jira's "Planned start", or name another field in the step's parameters.`,
  }),
  'time-zone-unknown': ({ field }, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The field "${field}" of the change request ${changeRequest.key} contains a date without a time, and Jira does not show the account's time zone.`,
    advice: text`Use a date-time field, or set the time zone in the account's Jira profile.`,
  }),
  'start-after-end': ({ start, end }, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The Planned start ${start} of the change request ${changeRequest.key} is after its Planned end ${end}.`,
    advice: text`Correct the window in the change request and deploy again.`,
  }),
  'server-time-unknown': (_decision, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The change request ${changeRequest.key} has a window, but neither the site's Date header nor its serverInfo shows a time that can be relied on.`,
    advice: text`Look for a proxy that removes or changes the Date header of answers.`,
  }),
  'not-approved-in-time': ({ end }, { changeRequest, serverTime }) => ({
    code: 'WindowClosed',
    reason: text`The change request ${changeRequest.key} (status ${changeRequest.status.name}) was not approved before its Planned end ${end}; the server's time is ${serverTime ?? 'unknown'}.`,
    advice: afterTheEnd,
  }),
  'approved-too-late': ({ end }, { changeRequest, serverTime }) => ({
    code: 'WindowClosed',
    reason: text`The change request ${changeRequest.key} is approved (status ${changeRequest.status.name}), but its Planned end ${end} has passed; the server's time is ${serverTime ?? 'unknown'}.`,
    advice: afterTheEnd,
  }),
  'planned-end-required': (_decision, { changeRequest }) => ({
    code: 'WindowUnknown',
    reason: text`The change request ${changeRequest.key} is approved but has no Planned end, which the policy requires.`,
    advice: text`Set Planned end in the change request and deploy again.`,
  }),
  'start-beyond-wait-limit': ({ start, limit }, { changeRequest }) => ({
    code: 'AwaitingPlannedStart',
    reason: text`The change request ${changeRequest.key} is approved, but its Planned start ${start} is beyond the wait limit, which ends at ${limit}.`,
    advice: text`Schedule the deployment for the planned start, or raise the wait limit (JsmChange.WaitLimitMinutes).`,
  }),
};

/** W13 */
const afterTheEnd = text`Move Planned end and deploy again, or close the change request so that the next deployment raises a new one.`;

function acceptedTypes({ rules }: RunContext['settings']): string {
  return (rules.issueTypes ?? []).join(', ');
}

/** M2: what, why, and what to do, in advice that fits how the run came to its change request. */
export function stopped(context: RunContext, decision: StopDecision, look: TimedLook): Outcome {
  const say = words[decision.reason] as (
    decision: StopDecision,
    look: TimedLook,
    context: RunContext,
  ) => StopWords;
  return { verdict: 'Stop', ...say(decision, look, context) };
}

/** O2: what is awaited, in one word. */
export function awaitingCode({ reason }: WaitDecision): DecisionCode {
  return reason === 'not-approved' ? 'AwaitingApproval' : 'AwaitingPlannedStart';
}

/**
 * P1: one look, and the change request is not ready.
 * @param approvers who still has to approve, if JSM shows it (M4)
 */
export function notReady(
  context: RunContext,
  decision: WaitDecision,
  { changeRequest }: TimedLook,
  approvers: Text | undefined,
): Outcome {
  const advice = text`Deploy again when it is ready, or set When the change is pending (JsmChange.WhenPending) to Wait.`;
  return {
    verdict: 'Stop',
    code: awaitingCode(decision),
    reason: text`The change request ${changeRequest.key} is not ready: it is ${changeRequest.status.name}, and the deployment needs ${awaited(context, decision)}.`,
    advice: approvers === undefined ? advice : text`${approvers} ${advice}`,
  };
}

/** W8: every look was too old when it arrived. */
export function tooSlow({ changeRequest: { key } }: TimedLook, tookSeconds: number): Outcome {
  return {
    verdict: 'Error',
    code: 'Unreachable',
    reason: text`Jira took ${tookSeconds} s to return ${key}; the step only acts on results at most 10 s old.`,
    advice: text`Deploy again when the site answers faster.`,
  };
}

/** W8: the process was stopped, suspended or held up by its output after the look that allowed the deployment. */
export function heldUp({ changeRequest: { key } }: TimedLook, ageSeconds: number): Outcome {
  return {
    verdict: 'Error',
    code: 'Unreachable',
    reason: text`The step was held up: its last check of ${key} is ${ageSeconds} s old, and it only acts on results at most 10 s old.`,
    advice: text`Deploy again. If it happens again, look for a worker that is suspended or overloaded.`,
  };
}
