import { type ChangeStatus, isNamed } from '../domain/change/change-state.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import { changeRequestLink } from './outcomes.ts';
import type { Transition, TransitionAnswer } from './ports.ts';
import type { RunContext } from './run-context.ts';

type Moved =
  | { readonly kind: 'moved' }
  | { readonly kind: 'already-there' }
  | { readonly kind: 'impossible'; readonly why: Text };

/** An attempt that certainly did nothing, and may be worth repeating after the status was read again. */
interface Refused {
  readonly kind: 'refused';
  readonly why: Text;
  /** Id of the status from which the transition was rejected; undefined if it may work a moment later. */
  readonly notFrom: string | undefined;
}

/** V2: how long after the first read a status that has not changed yet is read again. */
const settlesWithinMs = 2000;

/**
 * V2: moves a change request to a status, by a transition that leads there: in JSM's change workflow several
 * transitions share one name. After a conflict or a rejected transition it reads the status again and makes
 * one more attempt, but not after a lost answer (C3). A read decides whether the change request was moved.
 * @param status name, untranslated name or id
 */
export async function moveToStatus(context: RunContext, key: string, status: string): Promise<Moved> {
  const first = await tryToMove(context, key, status, undefined);
  if (first.kind !== 'refused') return first;
  const second = await tryToMove(context, key, status, first);
  switch (second.kind) {
    case 'already-there':
      return { kind: 'moved' };
    case 'refused':
      // Somebody else may have been faster this time as well.
      return isNamed(await statusOf(context, key), status)
        ? { kind: 'moved' }
        : { kind: 'impossible', why: second.why };
    default:
      return second;
  }
}

async function tryToMove(
  context: RunContext,
  key: string,
  status: string,
  before: Refused | undefined,
): Promise<Moved | Refused> {
  const { serviceDesk, settings } = context;
  const changeRequest = await serviceDesk.glance(key);
  if (isNamed(changeRequest.status, status)) return { kind: 'already-there' };
  if (before?.notFrom === changeRequest.status.id) return { kind: 'impossible', why: before.why };
  const transitions = await serviceDesk.transitions(key, settings.transitionFields);
  const leading = transitions.filter(({ to }) => isNamed(to, status));
  const [unfilled] = leading;
  const fillable = leading.filter(({ screen }) => screen.problems.length === 0).sort(byFieldsSet);
  if (unfilled !== undefined && fillable.length === 0) {
    const { to, screen } = unfilled;
    return { kind: 'impossible', why: notMoved(context, key, to.name, text`${screen.problems.join(' ')}`) };
  }
  let rejected: Text | undefined;
  for (const transition of fillable) {
    const answer = await attempt(() => serviceDesk.transition(key, transition));
    if (!(answer instanceof Fault)) {
      noteFieldsLacking(context, transition);
      return readBack(context, key, status, answer);
    }
    const why = notMoved(context, key, status, answer.summary);
    if (answer.kind === 'conflict' || answer.kind === 'unreachable') {
      return { kind: 'refused', why, notFrom: undefined };
    }
    if (answer.kind !== 'rejected') return { kind: 'impossible', why };
    // A condition of the transition may not be met; another one to the same status may have no condition.
    rejected ??= why;
  }
  return rejected === undefined
    ? { kind: 'impossible', why: noWay(context, key, status, transitions) }
    : { kind: 'refused', why: rejected, notFrom: changeRequest.status.id };
}

/** Puts transitions first whose screens have more of the fields that are set. */
function byFieldsSet(one: Transition, other: Transition): number {
  return one.screen.lacks.length - other.screen.lacks.length;
}

function notMoved(context: RunContext, key: string, status: string, why: Text): Text {
  return text`${changeRequestLink(context, key)} could not be moved to "${status}": ${why}`;
}

/** V2: logs which fields were not sent because the transition's screen does not have them. */
export function noteFieldsLacking({ log }: RunContext, { name, screen }: Transition): void {
  if (screen.lacks.length === 0) return;
  log.verbose(
    text`The screen of the transition "${name}" does not have these fields of TransitionField[...] variables, so they were not set: ${screen.lacks.join(', ')}.`,
  );
}

async function readBack(
  context: RunContext,
  key: string,
  status: string,
  answer: TransitionAnswer,
): Promise<Moved> {
  const now = await settledStatus(context, key, (read) => isNamed(read, status));
  if (isNamed(now, status)) return { kind: 'moved' };
  if (answer.kind === 'lost') {
    const why = text`${answer.why} Its status is ${now.name}; if it stays there, move it manually.`;
    return { kind: 'impossible', why: notMoved(context, key, status, why) };
  }
  return {
    kind: 'impossible',
    why: text`Jira accepted the transition of ${changeRequestLink(context, key)} to "${status}", but its status is ${now.name}. Look for an automation rule or a condition of the workflow that moves it elsewhere.`,
  };
}

/** V2: reads back, twice if necessary, whether a transition that was sent changed the status. */
export async function settledStatus(
  context: RunContext,
  key: string,
  isExpected: (status: ChangeStatus) => boolean,
): Promise<ChangeStatus> {
  const first = await statusOf(context, key);
  if (isExpected(first)) return first;
  await context.sleep(settlesWithinMs);
  return statusOf(context, key);
}

async function statusOf({ serviceDesk }: RunContext, key: string): Promise<ChangeStatus> {
  return (await serviceDesk.glance(key)).status;
}

function noWay(context: RunContext, key: string, status: string, transitions: readonly Transition[]): Text {
  const reachable = [...new Set(transitions.map(({ to }) => to.name))].join(', ');
  return text`There is no transition of ${changeRequestLink(context, key)} to the status "${status}"; the statuses it can be moved to now: ${reachable === '' ? 'none' : reachable}.`;
}
