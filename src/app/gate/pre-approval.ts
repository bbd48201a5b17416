import { changeState, foldName } from '../../domain/change-state.ts';
import { Fault } from '../../domain/fault.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { markedRunLine, markOfRun } from '../../domain/run-mark.ts';
import type { TimedLook } from '../../domain/run-record.ts';
import { join, safeLine, type Text, text } from '../../domain/text.ts';
import { wikiText } from '../../domain/wiki-text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { Transition } from '../ports.ts';
import type { RunContext } from '../run-context.ts';

/** Of the comment that says that the transition was run. */
const ranMark = 'pre-approved';

type Approval =
  | { readonly kind: 'done' }
  /** Nothing was run: the setting names no transition that may be. */
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly why: Text; readonly byConflict: boolean };

/**
 * V5: runs the transition of a pre-approved change on the run's own change request, once. Where somebody else
 * changes it at the same moment, the transition is looked up once more.
 * @returns the ending when the setting does not name one transition that may be run
 */
export async function runApproveTransition(
  context: RunContext,
  { changeRequest: { key, status } }: TimedLook,
): Promise<Outcome | undefined> {
  let approval = await tryToApprove(context, key);
  if (approval.kind === 'ended' || (approval.kind === 'failed' && approval.byConflict)) {
    const now = await context.serviceDesk.glance(key);
    // What has moved on by itself is for the next look to judge.
    if (changeState(now.status, context.settings.rules.states) !== 'wait') return undefined;
    if (approval.kind === 'failed' || now.status.id !== status.id)
      approval = await tryToApprove(context, key);
  }
  if (approval.kind === 'failed') context.log.warning(approval.why);
  return approval.kind === 'ended' ? approval.outcome : undefined;
}

/**
 * V5: whether an earlier attempt of a retried step has run the transition, by the comment that it left.
 * @returns true also where the comments can't be read: it is run once, or not at all
 */
export async function hasRunBefore(
  { serviceDesk, settings, log }: RunContext,
  key: string,
): Promise<boolean> {
  try {
    const { list } = await serviceDesk.comments(key);
    return list.some(({ body }) => markOfRun(body, settings.run) === ranMark);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warning(
      text`Whether an earlier attempt has run JsmChange.ApproveTransition can't be told, so it is not run: ${error.summary}`,
    );
    return true;
  }
}

async function tryToApprove(context: RunContext, key: string): Promise<Approval> {
  const { serviceDesk, settings, log } = context;
  const all = await serviceDesk.transitions(key);
  const named = transitionsNamed(all, settings.approveTransition);
  const [transition] = named;
  if (transition === undefined || named.length > 1) {
    return { kind: 'ended', outcome: notOne(context, key, named, all) };
  }
  const state = changeState(transition.to, settings.rules.states);
  if (state === 'other') return { kind: 'ended', outcome: leadsElsewhere(context, key, transition) };
  try {
    await serviceDesk.transition(key, transition.id);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const why = text`The transition ${words(transition)} failed: ${error.summary}`;
    return { kind: 'failed', why, byConflict: error.kind === 'conflict' };
  }
  log.highlight(
    text`Ran the transition ${words(transition)} on ${changeRequestLink(context, key)}, as JsmChange.ApproveTransition says.`,
  );
  if (state === 'wait')
    log.warning(text`${transition.to.name} is a status that is waited in: somebody else has to approve.`);
  await say(context, key, transition);
  return { kind: 'done' };
}

/** By id, else by name or target status. */
export function transitionsNamed(transitions: readonly Transition[], wanted: string): readonly Transition[] {
  const byId = transitions.filter(({ id }) => id === wanted);
  if (byId.length > 0) return byId;
  const folded = foldName(wanted);
  return transitions.filter(
    ({ name, to }) => foldName(name) === folded || foldName(to.name) === folded || to.id === wanted,
  );
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
      reason: text`JsmChange.ApproveTransition "${approveTransition}" can't be run: JSM offers none of the transitions of ${changeRequestLink(context, key)}.`,
      advice: text`Give the step's account the permission Transition issues, and look for conditions on the workflow's transitions.`,
    };
  }
  const list = join((named.length > 1 ? named : all).map(words), ', ');
  return {
    verdict: 'Error',
    reason:
      named.length > 1
        ? text`JsmChange.ApproveTransition "${approveTransition}" fits several transitions of ${changeRequestLink(context, key)}: ${list}.`
        : text`JsmChange.ApproveTransition "${approveTransition}" is no transition of ${changeRequestLink(context, key)}; there are: ${list}.`,
    advice: text`Name one by its id.`,
  };
}

function leadsElsewhere(context: RunContext, key: string, transition: Transition): Outcome {
  return {
    verdict: 'Error',
    reason: text`The transition ${words(transition)} of ${changeRequestLink(context, key)} leads to a status that is neither one to proceed in nor one to wait in; it was not run.`,
    advice: text`Name another transition in JsmChange.ApproveTransition.`,
  };
}

function words({ id, name, to }: Transition) {
  return text`"${name}" to ${to.name} (id ${id})`;
}

/** The comment that says so; a fault of it is mentioned. */
async function say(context: RunContext, key: string, { name, to }: Transition): Promise<void> {
  const { serviceDesk, settings, log } = context;
  const shown = (label: string): string => wikiText(safeLine(label));
  const what = `This change is pre-approved: Octopus Deploy ran the transition "${shown(name)}" to ${shown(to.name)}.`;
  const body = `${what}\n\n${markedRunLine(settings.run, ranMark)}`;
  try {
    await serviceDesk.addComment(key, body, 'agents');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warning(
      text`The comment on ${changeRequestLink(context, key)} could not be written: ${error.summary}`,
    );
  }
}
