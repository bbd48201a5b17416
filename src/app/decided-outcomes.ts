import type { Approval } from '../domain/change/approval-check.ts';
import { isOpen } from '../domain/change/change-state.ts';
import type { Decision, StopDecision, StopReason, WaitDecision } from '../domain/decision/decision.ts';
import { endingOf } from '../domain/decision/decision-rule.ts';
import type { Outcome } from '../domain/decision/outcome.ts';
import type { RunRecord, TimedCheck } from '../domain/decision/run-record.ts';
import { shownTime } from '../domain/instant.ts';
import { join, type Text, text } from '../domain/text.ts';
import { approvedBy, approverWords, declinedBy, isAllGiven, nameList } from './approvers.ts';
import type { RunContext } from './run-context.ts';

/**
 * M1: says what a run waits for, and who can end the wait. The status decides whether a change request is
 * approved: people may have given their approvals long before.
 * @param approvals the approvals, if JSM shows them
 */
export function awaited(
  { settings, record }: StopContext,
  decision: WaitDecision,
  approvals?: readonly Approval[],
): Text {
  const statuses = settings.rules.states.proceed.join(' or ');
  switch (decision.reason) {
    case 'not-approved':
      return isAllGiven(approvals)
        ? text`somebody to move it to ${statuses}: every approval requested so far is given`
        : text`its approval and the status ${statuses}`;
    case 'approval-undecided':
      return text`the approval of ${nameList(decision.missing)}, which the approval check requires`;
    case 'no-other-approver':
      return text`the approval of somebody other than the person who deploys${soFar(decision)}`;
    case 'before-planned-start':
      return text`its Planned start ${shown(decision.start, record)}`;
  }
}

function soFar({ own, hidden }: Extract<WaitDecision, { reason: 'no-other-approver' }>): Text {
  const who = [
    ...(own.length === 0 ? [] : [text`${nameList(own)}, who deploys`]),
    ...(hidden.length === 0 ? [] : [text`${nameList(hidden)}, whose email address Jira does not show`]),
  ];
  return who.length === 0 ? text`` : text` (so far approved by ${join(who, ', and by ')})`;
}

/** M1: formats a time in UTC and, if it is known, in the account's time zone. */
function shown(at: Date, { timeZone }: Pick<RunRecord, 'timeZone'>): string {
  return shownTime(at, timeZone);
}

/** @param approvals the approvals, if JSM shows them (A3) */
export function proceed(check: TimedCheck, approvals?: readonly Approval[], record: RunRecord = {}): Outcome {
  const { key, status } = check.changeRequest;
  const by = approvedBy(approvals);
  return {
    verdict: 'Proceed',
    ...endingOf({ reason: 'approved-in-window' }, check.window),
    reason: text`The change request ${key} is approved (status ${status.name}) and ${insideWords(check, record)}${by === undefined ? text`` : text`; ${by}`}.`,
  };
}

function insideWords({ window: { start, end } }: TimedCheck, record: RunRecord): Text {
  if (start.kind === 'set' && end.kind === 'set')
    return text`inside its window (${shown(start.at, record)} to ${shown(end.at, record)})`;
  if (start.kind === 'set') return text`past its Planned start (${shown(start.at, record)})`;
  if (end.kind === 'set') return text`before its Planned end (${shown(end.at, record)})`;
  return text`has no planned window`;
}

interface StopWords {
  readonly reason: Text;
  readonly advice: Text;
}

type Say<Reason extends StopReason> = (
  decision: Extract<StopDecision, { reason: Reason }>,
  check: TimedCheck,
  context: StopContext,
  approvals: readonly Approval[] | undefined,
) => StopWords;

/** What the message of a stop depends on besides the check. */
interface StopContext extends Pick<RunContext, 'record'> {
  readonly settings: Pick<RunContext['settings'], 'rules' | 'whenPending'>;
}

/** One entry for each reason to stop; a new reason without an entry does not compile. */
const words: { readonly [Reason in StopReason]: Say<Reason> } = {
  'project-not-allowed': (_decision, { changeRequest }, { settings, record }) => ({
    reason: text`The change request ${changeRequest.key} belongs to the project ${changeRequest.projectKey}, which is not allowed to approve this deployment.`,
    advice:
      record.source === 'Supplied'
        ? text`Allowed projects: ${settings.rules.projects.join(', ')}. Supply a change request from one of them, or add the project to Other allowed projects (JsmChange.AllowedProjects, or allowedProjects in a policy).`
        : text`Allowed projects: ${settings.rules.projects.join(', ')}. Move the change request back to one of them, or add the project to Other allowed projects (JsmChange.AllowedProjects, or allowedProjects in a policy).`,
  }),
  'issue-type-not-accepted': (_decision, { changeRequest }, { settings, record }) => ({
    reason: text`The change request ${changeRequest.key} has the issue type ${changeRequest.issueType.name}, which the policy does not accept.`,
    advice:
      record.source === 'Supplied'
        ? text`Accepted issue types: ${acceptedTypes(settings)}. Supply a change request of one of them, or correct issueTypes in the policy.`
        : text`Accepted issue types: ${acceptedTypes(settings)}. Change its type back, or correct issueTypes or requestType in the policy.`,
  }),
  withdrawn: ({ inFavourOf }, { changeRequest }, { record }) => ({
    reason: text`The change request ${changeRequest.key} was withdrawn in favour of ${inFavourOf}.`,
    advice:
      record.source === 'Supplied'
        ? text`Supply ${inFavourOf} instead, or leave the number empty.`
        : text`Start a new deployment, or supply ${inFavourOf} if it covers this one.`,
  }),
  'not-mentioned': ({ missing }, { changeRequest }) => ({
    reason: text`The supplied change request ${changeRequest.key} ("${changeRequest.summary}") does not mention ${join(
      missing.map((one) => text`"${one}"`),
      ' or ',
    )} in its summary or description.`,
    advice: text`If it covers this deployment, add what is missing to its description; otherwise supply the one that does. The required texts are set in A supplied change request must mention (JsmChange.SuppliedMustMention, or suppliedMustMention in a policy).`,
  }),
  'status-refuses': (_decision, { changeRequest }, { settings, record }, approvals) => ({
    reason: text`The change request ${changeRequest.key} is ${changeRequest.status.name}${ofWhom(approvals)}, so the deployment is blocked.`,
    advice: text`Statuses that proceed: ${settings.rules.states.proceed.join(', ')}. Statuses that wait: ${settings.rules.states.wait.join(', ')}. ${afterRefusal(record, isOpen(changeRequest.status, settings.rules.states))}`,
  }),
  'deployer-unknown': (_decision, { changeRequest }) => ({
    reason: text`The approval check requires that somebody other than the person who deploys approves ${changeRequest.key}, but Octopus gives no email address for the person who deploys, so no approver can be recognized as somebody else.`,
    advice: text`Add an email address to that person's Octopus user and deploy again, or set ${approvalCheck} to Approved.`,
  }),
  'approval-declined': ({ by }, { changeRequest }, { record }) => ({
    reason: text`The approval of the change request ${changeRequest.key} was declined by ${nameList(by)}, although its status is ${changeRequest.status.name}.`,
    advice: text`Have the change request approved again${record.source === 'Supplied' ? ', or supply another one' : ', or close it and start a new deployment to raise another one'}.`,
  }),
  'no-approval': (_decision, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} is ${changeRequest.status.name}, but nobody was asked to approve it in JSM, and the approval check requires an approval.`,
    advice: text`Move it back to a status in which JSM asks for approval. If the workflow has none, set ${approvalCheck} to Status.`,
  }),
  'planned-field-missing': ({ field }, { changeRequest }) => ({
    reason: text`The planned field "${field}" of the change request ${changeRequest.key} is missing from Jira's answer, so its window is unknown.`,
    advice: text`Check that the field is on the change request's screens, and that the step's account may see it. If it is named in Planned start field (JsmChange.PlannedStartField), Planned end field (JsmChange.PlannedEndField) or an Octopus.JiraServiceManagement.Field[...] variable, check the name or id there.`,
  }),
  'planned-fields-differ': ({ values }, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} has two planned fields with different values: ${values}.`,
    advice: text`Clear the wrong one, or name the right one by its id in Planned start field (JsmChange.PlannedStartField) or Planned end field (JsmChange.PlannedEndField).`,
  }),
  'planned-date-unreadable': ({ field, value }, { changeRequest }) => ({
    reason: text`The field "${field}" of the change request ${changeRequest.key} contains "${value}", which is not a date and time.`,
    advice: text`Use a date-time field such as Jira's "Planned start", or name another field in Planned start field (JsmChange.PlannedStartField) or Planned end field (JsmChange.PlannedEndField).`,
  }),
  'time-zone-unknown': ({ field }, { changeRequest }) => ({
    reason: text`The field "${field}" of the change request ${changeRequest.key} contains a date without a time, and Jira does not show the account's time zone.`,
    advice: text`Use a date-time field, or set the time zone in the account's Jira profile.`,
  }),
  'start-after-end': ({ start, end }, { changeRequest }, { record }) => ({
    reason: text`The Planned start ${shown(start, record)} of the change request ${changeRequest.key} is after its Planned end ${shown(end, record)}.`,
    advice: text`Correct the window in the change request and deploy again.`,
  }),
  'server-time-unknown': (_decision, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} has a window, but neither the site's Date header nor its serverInfo shows a time that can be relied on.`,
    advice: text`Look for a proxy that removes or changes the Date header of answers.`,
  }),
  'not-approved-in-time': ({ end }, { changeRequest, serverTime }, { record }) => ({
    reason: text`The change request ${changeRequest.key} (status ${changeRequest.status.name}) was not approved before its Planned end ${shown(end, record)}; the site's time is ${serverTime ?? 'unknown'}.`,
    advice: afterTheEnd(record),
  }),
  'approved-too-late': ({ end }, { changeRequest, serverTime }, { record }) => ({
    reason: text`The change request ${changeRequest.key} is approved (status ${changeRequest.status.name}), but its Planned end ${shown(end, record)} has passed; the site's time is ${serverTime ?? 'unknown'}.`,
    advice: afterTheEnd(record),
  }),
  'planned-end-required': (_decision, { changeRequest }) => ({
    reason: text`The change request ${changeRequest.key} is approved but has no Planned end, which the policy requires.`,
    advice: text`Set Planned end in the change request and deploy again.`,
  }),
  'start-beyond-wait-limit': ({ start, limit }, { changeRequest }, { record, settings }) => ({
    reason: text`The change request ${changeRequest.key} is approved, but its Planned start ${shown(start, record)} is beyond the wait limit, which ends at ${shown(limit, record)}.`,
    // With only a longer wait limit, a run that does not wait would still stop.
    advice: text`Schedule the deployment for the planned start, or ${settings.whenPending === 'fail' ? text`set ${whenPending} to Wait and raise` : 'raise'} Wait limit (JsmChange.WaitLimitMinutes).`,
  }),
};

const whenPending = text`When the change is pending (JsmChange.WhenPending)`;
const approvalCheck = text`Approval check (JsmChange.ApprovalCheck, or approvalCheck in a policy)`;

/** M2: names who declined, in parentheses, if JSM shows it. */
function ofWhom(approvals: readonly Approval[] | undefined): Text {
  const by = declinedBy(approvals);
  return by === undefined ? text`` : text` (${by})`;
}

/** @param isOpen L9: whether a new deployment would find the same change request again */
function afterRefusal({ source }: RunContext['record'], isOpen: boolean): Text {
  if (source === 'Supplied') {
    return text`Move the change request to one of these, or supply another one.`;
  }
  return text`Move the change request to one of these and deploy again, or ${isOpen ? 'close it and start' : 'start'} a new deployment to raise another one.`;
}

/** W13 */
function afterTheEnd({ source }: RunContext['record']): Text {
  return text`Move Planned end and deploy again, or close the change request ${source === 'Supplied' ? 'and supply another one' : 'so that the next deployment raises a new one'}.`;
}

function acceptedTypes({ rules }: Pick<StopContext['settings'], 'rules'>): string {
  return (rules.issueTypes ?? []).join(', ');
}

/** M2: returns the outcome of a stop, with advice that fits how the run found its change request. */
export function stopped(
  context: StopContext,
  decision: StopDecision,
  check: TimedCheck,
  approvals?: readonly Approval[],
): Outcome {
  const say = words[decision.reason] as Say<StopReason>;
  return {
    verdict: 'Stop',
    ...endingOf(decision, check.window),
    ...say(decision, check, context, approvals),
  };
}

/**
 * P1: returns the outcome of a run that checks once and finds the change request not ready.
 * @param approvals the approvals, if JSM shows them (M4)
 */
export function notReady(
  context: RunContext,
  decision: WaitDecision,
  { changeRequest, window }: TimedCheck,
  approvals: readonly Approval[] | undefined,
): Outcome {
  const advice = text`Deploy again when it is ready, or set ${whenPending} to Wait.`;
  const approvers = approverWords(approvals);
  return {
    verdict: 'Stop',
    ...endingOf(decision, window),
    reason: text`The change request ${changeRequest.key} is not ready: it is ${changeRequest.status.name}, and the deployment needs ${awaited(context, decision, approvals)}.`,
    advice: approvers === undefined ? advice : text`${approvers} ${advice}`,
  };
}

/** M1: returns whether the message about a decision contains a time. */
export function namesTime(decision: Decision): boolean {
  return 'start' in decision || 'end' in decision;
}

/** W8: every check was too old on arrival. */
export function tooSlow({ changeRequest: { key } }: TimedCheck, tookSeconds: number): Outcome {
  return {
    verdict: 'Error',
    code: 'Unreachable',
    rule: 'W8',
    reason: text`Jira took ${tookSeconds} s to return ${key}; the step only acts on results at most 10 s old.`,
    advice: text`Deploy again when the site answers faster.`,
  };
}

/** W8: the process was stopped, suspended or blocked by its output after the check that decided. */
export function heldUp({ changeRequest: { key } }: TimedCheck, ageSeconds: number): Outcome {
  return {
    verdict: 'Error',
    code: 'Unreachable',
    rule: 'W8',
    reason: text`The step was held up: its last check of ${key} is ${ageSeconds} s old, and the step only acts on results at most 10 s old.`,
    advice: text`Deploy again. If it happens again, look for a worker that is suspended or overloaded.`,
  };
}
