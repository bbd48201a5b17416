import { type ChangeStatus, changeState, isNamed } from '../../domain/change/change-state.ts';
import { type Ended, ended, faultEndings, type Outcome } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { markedRunLine, markOfRun } from '../../domain/deployment/run-line.ts';
import { attempt, doubtedKinds, Fault } from '../../domain/fault.ts';
import { foldName } from '../../domain/names.ts';
import { join, safeLine, type Text, text, wikiText } from '../../domain/text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { Transition } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { noteFieldsLacking, settledStatus } from '../transition-to.ts';

/** Marks the comment that says that the transition was run. */
const ranMark = 'pre-approved';

type ApprovalTry =
  | { readonly kind: 'done' }
  /** Nothing was run: the setting does not name exactly one transition that may be run, or JSM refused it. */
  | Ended
  /** Jira accepted the transition, but the status did not change. */
  | { readonly kind: 'without-effect'; readonly outcome: Outcome }
  /** Nothing was run, because of a change at the same moment. */
  | { readonly kind: 'conflict'; readonly outcome: Outcome }
  /** It is not known whether the transition was run. */
  | { readonly kind: 'uncertain'; readonly why: Text; readonly transition: Transition };

/**
 * V5: runs the transition of a pre-approved change once, on the run's own change request. If somebody else
 * changes the change request at the same moment, it looks up the transition and tries again.
 * @returns the outcome if the run must end because the transition was not run or had no effect
 */
export async function runApproveTransition(
  context: RunContext,
  { changeRequest: { key, status } }: TimedCheck,
): Promise<Outcome | undefined> {
  let approval = await tryToApprove(context, key, status);
  if (approval.kind === 'ended' || approval.kind === 'conflict') {
    const now = await context.serviceDesk.glance(key);
    // Somebody else has moved the change request on, so the next check decides.
    if (changeState(now.status, context.settings.rules.states) !== 'wait') return undefined;
    if (approval.kind === 'conflict' || now.status.id !== status.id) {
      approval = await tryToApprove(context, key, now.status);
    }
  }
  if (approval.kind === 'done') return undefined;
  if (approval.kind !== 'uncertain') return approval.outcome;
  context.log.warning(
    text`It is not certain that the transition ${words(approval.transition)} was run: ${approval.why}`,
  );
  return undefined;
}

/**
 * V5: returns whether an earlier attempt of a retried step ran the transition, according to its comment.
 * @returns true also if the comments cannot be read, because the transition must never run twice
 */
export async function hasRunBefore(
  { serviceDesk, settings, log }: RunContext,
  key: string,
): Promise<boolean> {
  const comments = await attempt(() => serviceDesk.comments(key));
  if (!(comments instanceof Fault)) {
    return comments.list.some(({ body }) => markOfRun(body, settings.run) === ranMark);
  }
  log.warning(
    text`Approval transition (JsmChange.ApproveTransition) was not run, because it is not known whether an earlier attempt already ran it: ${comments.summary}`,
  );
  return true;
}

async function tryToApprove(context: RunContext, key: string, from: ChangeStatus): Promise<ApprovalTry> {
  const { serviceDesk, settings } = context;
  const all = await serviceDesk.transitions(key, settings.transitionFields);
  const named = transitionsNamed(all, settings.approveTransition);
  const [transition] = named;
  if (transition === undefined || named.length > 1) {
    return ended(notOne(context, key, named, all));
  }
  const state = changeState(transition.to, settings.rules.states);
  if (state === 'other') return ended(leadsElsewhere(context, key, transition));
  if (transition.screen.problems.length > 0) {
    return ended(notFilled(context, key, transition));
  }
  const answer = await attempt(() => serviceDesk.transition(key, transition));
  if (answer instanceof Fault) {
    if (doubtedKinds.has(answer.kind)) throw answer;
    const outcome = notRun(context, key, transition, answer);
    return answer.kind === 'conflict' ? { kind: 'conflict', outcome } : ended(outcome);
  }
  const goesNowhere = transition.to.id === from.id;
  // After a lost answer, any other status than the target may be somebody else's doing.
  const wasRun = ({ id }: ChangeStatus): boolean =>
    answer.kind === 'done' ? id !== from.id || goesNowhere : id === transition.to.id && !goesNowhere;
  const now = await attempt(() => settledStatus(context, key, wasRun));
  if (now instanceof Fault) {
    // F3: the transition was sent, and only its effect could not be read: repeating it would run it twice.
    if (!doubtedKinds.has(now.kind)) throw now;
    return { kind: 'uncertain', why: now.summary, transition };
  }
  if (!wasRun(now)) {
    return answer.kind === 'done'
      ? { kind: 'without-effect', outcome: withoutEffect(context, key, transition, now) }
      : { kind: 'uncertain', why: answer.why, transition };
  }
  await sayThatItRan(context, key, transition, state);
  return { kind: 'done' };
}

/** Says in the task log and on the change request that the transition was run. */
async function sayThatItRan(
  context: RunContext,
  key: string,
  transition: Transition,
  state: 'proceed' | 'wait',
): Promise<void> {
  const { log } = context;
  log.highlight(
    text`Ran the transition ${words(transition)} on ${changeRequestLink(context, key)}, as set in Approval transition (JsmChange.ApproveTransition).`,
  );
  if (state === 'wait') {
    log.warning(
      text`${transition.to.name} is a status in which the step waits: somebody still has to approve the change request.`,
    );
  }
  noteFieldsLacking(context, transition);
  await addRanComment(context, key, transition);
}

/** Finds transitions by id, or else by name or target status. */
function transitionsNamed(transitions: readonly Transition[], wanted: string): readonly Transition[] {
  const byId = transitions.filter(({ id }) => id === wanted);
  if (byId.length > 0) return byId;
  const folded = foldName(wanted);
  return transitions.filter(({ name, to }) => foldName(name) === folded || isNamed(to, wanted));
}

function notOne(
  context: RunContext,
  key: string,
  named: readonly Transition[],
  all: readonly Transition[],
): Outcome {
  const { approveTransition } = context.settings;
  if (all.length === 0) {
    return {
      verdict: 'Error',
      code: 'PermissionMissing',
      rule: 'V5',
      reason: text`Approval transition (JsmChange.ApproveTransition) "${approveTransition}" cannot be run: JSM offers no transitions for ${changeRequestLink(context, key)}.`,
      advice: text`Give the step's account the permission Transition issues, and check the conditions on the workflow's transitions.`,
    };
  }
  const list = join((named.length > 1 ? named : all).map(words), ', ');
  return {
    verdict: 'Error',
    code: 'InputInvalid',
    rule: 'V5',
    reason:
      named.length > 1
        ? text`Approval transition (JsmChange.ApproveTransition) "${approveTransition}" matches several transitions of ${changeRequestLink(context, key)}: ${list}.`
        : text`Approval transition (JsmChange.ApproveTransition) "${approveTransition}" is not a transition of ${changeRequestLink(context, key)}. Available transitions: ${list}.`,
    advice: text`Set Approval transition (JsmChange.ApproveTransition) to the id of one of them.`,
  };
}

/** V5: JSM refused the transition, or could not be reached for it, so the run would wait in vain. */
function notRun(context: RunContext, key: string, transition: Transition, fault: Fault): Outcome {
  const { code, rule } = faultEndings[fault.kind];
  const what = text`transition ${words(transition)} of ${changeRequestLink(context, key)}`;
  if (fault.kind === 'unreachable') {
    const reason = text`The ${what} was not run: ${fault.summary}`;
    return { verdict: 'Error', code, rule, reason, advice: fault.advice };
  }
  return {
    verdict: 'Error',
    code,
    rule: 'V5',
    reason: text`JSM refused the ${what}: ${fault.summary}`,
    advice: text`Correct what JSM objects to, set another transition in Approval transition (JsmChange.ApproveTransition), or leave it empty and let people approve the change request.`,
  };
}

/** V5: the transition had no effect and nobody was asked to approve, so the run would wait in vain. */
function withoutEffect(
  context: RunContext,
  key: string,
  transition: Transition,
  { name }: ChangeStatus,
): Outcome {
  return {
    verdict: 'Error',
    code: 'InputInvalid',
    rule: 'V5',
    reason: text`JSM accepted the transition ${words(transition)} of ${changeRequestLink(context, key)}, but its status is still ${name}.`,
    advice: text`Look for an automation rule or a condition of the workflow that keeps the change request there, set another transition in Approval transition (JsmChange.ApproveTransition), or leave it empty and let people approve the change request.`,
  };
}

function leadsElsewhere(context: RunContext, key: string, transition: Transition): Outcome {
  return {
    verdict: 'Error',
    code: 'InputInvalid',
    rule: 'V5',
    reason: text`The transition ${words(transition)} of ${changeRequestLink(context, key)} leads to a status that neither proceeds nor waits, so it was not run.`,
    advice: text`Set Approval transition (JsmChange.ApproveTransition) to another transition, or add the status to Statuses that proceed (JsmChange.ProceedStatuses) or Statuses that wait (JsmChange.WaitStatuses).`,
  };
}

/** V5: the fields on the transition's screen cannot be filled, so Jira would refuse the transition. */
function notFilled(context: RunContext, key: string, transition: Transition): Outcome {
  return {
    verdict: 'Error',
    code: 'InputInvalid',
    rule: 'V5',
    reason: text`The transition ${words(transition)} of ${changeRequestLink(context, key)} was not run: ${transition.screen.problems.join(' ')}`,
    advice: text`Correct this and deploy again, or set another transition in Approval transition (JsmChange.ApproveTransition).`,
  };
}

function words({ id, name, to }: Transition) {
  return text`"${name}" to ${to.name} (id ${id})`;
}

/** Adds a comment that says that the transition was run. A fault is only a warning. */
async function addRanComment(context: RunContext, key: string, { name, to }: Transition): Promise<void> {
  const { serviceDesk, settings, log } = context;
  const shown = (label: string): string => wikiText(safeLine(label));
  const what = `This change is pre-approved: Octopus Deploy ran the transition "${shown(name)}" to ${shown(to.name)}.`;
  const body = `${what}\n\n${markedRunLine(settings.run, ranMark)}`;
  const done = await attempt(() => serviceDesk.addComment(key, body, 'agents'));
  if (done instanceof Fault) {
    log.warning(
      text`The comment on ${changeRequestLink(context, key)} could not be written: ${done.summary}`,
    );
  }
}
