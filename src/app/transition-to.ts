import type { ChangeStatus } from '../domain/change-state.ts';
import { foldName } from '../domain/change-state.ts';
import { Fault } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import { changeRequestLink } from './endings.ts';
import type { Transition } from './ports.ts';
import type { RunContext } from './run-context.ts';

export type Moved =
  | { readonly kind: 'moved' }
  | { readonly kind: 'already-there' }
  | { readonly kind: 'impossible'; readonly why: Text };

/**
 * V2: changes a change request's status, by the transition whose target it is: in JSM's change workflow
 * several transitions share one name. A conflict or a lost answer is followed by one more read.
 * @param status name or id
 */
export async function moveToStatus(context: RunContext, key: string, status: string): Promise<Moved> {
  const { serviceDesk, signal } = context;
  for (let attempt = 1; ; attempt += 1) {
    const changeRequest = await serviceDesk.glance(key, signal);
    if (isStatus(changeRequest.status, status)) return { kind: attempt === 1 ? 'already-there' : 'moved' };
    const transitions = await serviceDesk.transitions(key, signal);
    const transition = transitions.find(({ to }) => isStatus(to, status));
    if (transition === undefined)
      return { kind: 'impossible', why: noWay(context, key, status, transitions) };
    try {
      await serviceDesk.transition(key, transition.id, signal);
      return { kind: 'moved' };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (attempt > 1 || (error.kind !== 'conflict' && error.kind !== 'unreachable')) {
        return { kind: 'impossible', why: error.summary };
      }
    }
  }
}

export function isStatus(status: Pick<ChangeStatus, 'id' | 'name'>, wanted: string): boolean {
  return foldName(status.name) === foldName(wanted) || status.id === wanted.trim();
}

function noWay(context: RunContext, key: string, status: string, transitions: readonly Transition[]): Text {
  const reachable = [...new Set(transitions.map(({ to }) => to.name))].join(', ');
  return text`No transition leads ${changeRequestLink(context, key)} to the status "${status}"; from where it is, these can be reached: ${reachable === '' ? 'none' : reachable}.`;
}
