import type { ChangeStatus } from '../domain/change-state.ts';
import { foldName } from '../domain/change-state.ts';
import { Fault } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import { changeRequestLink } from './outcomes.ts';
import type { Transition } from './ports.ts';
import type { RunContext } from './run-context.ts';

export type Moved =
  | { readonly kind: 'moved' }
  | { readonly kind: 'already-there' }
  | { readonly kind: 'impossible'; readonly why: Text };

/** A try that may be worth another one, after a read of what became of the change request. */
interface Refused {
  readonly kind: 'refused';
  readonly why: Text;
  /** Id of the status from which the transition is not possible; undefined: it may be, a moment later. */
  readonly notFrom: string | undefined;
}

/**
 * V2: changes a change request's status, by the transition whose target it is: in JSM's change workflow
 * several transitions share one name. A conflict, a lost answer or a transition that is refused because the
 * status has changed meanwhile is followed by one more read.
 * @param status name or id
 */
export async function moveToStatus(context: RunContext, key: string, status: string): Promise<Moved> {
  const first = await tryToMove(context, key, status, undefined);
  if (first.kind !== 'refused') return first;
  const second = await tryToMove(context, key, status, first);
  switch (second.kind) {
    case 'already-there':
      return { kind: 'moved' };
    case 'refused':
      return { kind: 'impossible', why: second.why };
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
  const { serviceDesk } = context;
  const changeRequest = await serviceDesk.glance(key);
  if (isStatus(changeRequest.status, status)) return { kind: 'already-there' };
  if (before?.notFrom === changeRequest.status.id) return { kind: 'impossible', why: before.why };
  const transitions = await serviceDesk.transitions(key);
  const leading = transitions.filter(({ to }) => isStatus(to, status));
  let rejected: Text | undefined;
  for (const { id } of leading) {
    const fault = await faultOf(serviceDesk.transition(key, id));
    if (fault === undefined) return { kind: 'moved' };
    const why = text`${changeRequestLink(context, key)} could not be moved to "${status}": ${fault.summary}`;
    if (fault.kind === 'conflict' || fault.kind === 'unreachable') {
      return { kind: 'refused', why, notFrom: undefined };
    }
    if (fault.kind !== 'rejected') return { kind: 'impossible', why };
    // Its screen may ask for a field: another transition to the same status may not.
    rejected ??= why;
  }
  return rejected === undefined
    ? { kind: 'impossible', why: noWay(context, key, status, transitions) }
    : { kind: 'refused', why: rejected, notFrom: changeRequest.status.id };
}

async function faultOf(attempt: Promise<void>): Promise<Fault | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

export function isStatus(status: Pick<ChangeStatus, 'id' | 'name'>, wanted: string): boolean {
  return foldName(status.name) === foldName(wanted) || status.id === wanted.trim();
}

function noWay(context: RunContext, key: string, status: string, transitions: readonly Transition[]): Text {
  const reachable = [...new Set(transitions.map(({ to }) => to.name))].join(', ');
  return text`No transition leads ${changeRequestLink(context, key)} to the status "${status}"; from where it is, these can be reached: ${reachable === '' ? 'none' : reachable}.`;
}
