import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { oldestMs } from '../../domain/decision/check-age.ts';
import { isTitleOfWithdrawn, withdrawnInFavourOf, withdrawnSummary } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { mostQuickTries } from '../check-change-request.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { Transition } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { jittered, shortestIntervalMs } from './check-interval.ts';
import { believedTwice } from './doubt.ts';
import { glanceIfThere, isOpenOfTitle } from './lookup.ts';

/** C4: the statuses to which a withdrawn change request may be moved, preferred ones first. */
const withdrawnTargets = [/cancel/i, /withdraw/i, /declin/i, /^clos/i];

/** What is to be withdrawn, and why. */
interface Duplicate {
  /** Key of a change request that the run raised. */
  readonly own: string;
  /** Key of the one that it gives way to. */
  readonly older: string;
  /** Returns whether the run's own, as it was just read, is still in its first status. */
  readonly isInFirstStatus: (own: ChangeRequest) => boolean;
  /** L9: the older one is closed, and the run must not leave another one open. */
  readonly olderIsClosed?: true;
}

type Withdrawal =
  | { readonly kind: 'withdrawn' }
  /** @property older what the older one has become; undefined if it is missing */
  | { readonly kind: 'not-needed'; readonly older: ChangeRequest | undefined }
  | { readonly kind: 'impossible'; readonly why: Text };

/**
 * C4: withdraws a change request of the run in favour of an older one with the same title, provided that the
 * older one is open, nobody has decided an approval on the run's own, and that is still in its first status.
 */
export async function withdrawOwn(context: RunContext, duplicate: Duplicate): Promise<Withdrawal> {
  const { serviceDesk, settings, log } = context;
  const { own, older } = duplicate;
  const summary = withdrawnSummary(older, settings.title);
  // An outage may put the edit off for minutes, so all that it depends on is read again before each try.
  const states: (State | Fault)[] = [];
  const mayBeSent = async (): Promise<boolean> => {
    const state = await attempt(() => stateOf(context, duplicate));
    states.push(state);
    return !(state instanceof Fault) && state.kind === 'to-withdraw';
  };
  const edited = await attempt(() =>
    believedTwice(context, () => serviceDesk.edit(own, { summary }, mayBeSent)),
  );
  const last = states.at(-1);
  if (last instanceof Fault) throw last;
  if (last?.kind === 'not-needed' || last?.kind === 'impossible') return last;
  // Only a read shows whether Jira stored the summary.
  const after = await seen(context, own);
  if (after === undefined || !isTitleOfWithdrawn(settings.title, after.summary)) {
    return impossible(edited instanceof Fault ? edited.summary : text`Jira did not store its new summary`);
  }

  await harmless(context, () =>
    serviceDesk.addComment(
      own,
      `Withdrawn: ${older} with the same title was raised first, and only one may stay open.`,
      'agents',
    ),
  );
  await harmless(context, () => moveAway(context, own));
  log.highlight(
    text`Withdrew the change request ${changeRequestLink(context, own)}, which this run raised: ${changeRequestLink(context, older)} with the same title is older.`,
  );
  return { kind: 'withdrawn' };
}

function impossible(why: Text): Extract<Withdrawal, { kind: 'impossible' }> {
  return { kind: 'impossible', why };
}

/** What is true of both change requests just before the edit. */
type State =
  | { readonly kind: 'to-withdraw' }
  /** By an earlier try whose answer was lost, or by another attempt of this run. */
  | { readonly kind: 'already-withdrawn' }
  | Exclude<Withdrawal, { kind: 'withdrawn' }>;

type Timed = <T>(read: () => Promise<T>) => Promise<T>;

/**
 * Reads the state again if an outage delayed one of the reads, since the others are then old. On a site that
 * always answers slowly, the last state must do.
 */
async function stateOf(context: RunContext, duplicate: Duplicate): Promise<State> {
  const { clock } = context;
  for (let tries = 1; ; tries += 1) {
    let slowestMs = 0;
    const timed: Timed = async (read) => {
      const since = clock.now();
      const value = await read();
      slowestMs = Math.max(slowestMs, clock.now() - since);
      return value;
    };
    const state = await readState(context, duplicate, timed);
    if (state.kind !== 'to-withdraw' || slowestMs <= oldestMs || tries === mostQuickTries) return state;
  }
}

async function readState(
  context: RunContext,
  { own, older, olderIsClosed, isInFirstStatus }: Duplicate,
  timed: Timed,
): Promise<State> {
  if (olderIsClosed !== true) {
    const other = await timed(() => seen(context, older));
    if (other === undefined || !isOpenOfTitle(context, other)) return { kind: 'not-needed', older: other };
  }
  const now = await timed(() => seen(context, own));
  if (now === undefined) return impossible(text`it cannot be read`);
  if (withdrawnInFavourOf(now.summary) !== undefined) return { kind: 'already-withdrawn' };
  if (!isInFirstStatus(now)) return impossible(text`its status is already ${now.status.name}`);
  return timed(() => approvalsState(context, own));
}

/** F3, L8: reads a change request; undefined only if it is missing at a second read as well. */
async function seen(context: RunContext, key: string): Promise<ChangeRequest | undefined> {
  const read = () => believedTwice(context, () => glanceIfThere(context, key));
  const first = await read();
  if (first !== undefined) return first;
  await context.sleep(context.record.check === undefined ? shortestIntervalMs : jittered(context));
  return read();
}

async function approvalsState(context: RunContext, key: string): Promise<State> {
  const approvals = await attempt(() =>
    believedTwice(context, () => context.serviceDesk.approvals(key, 'retried')),
  );
  if (approvals instanceof Fault) {
    return impossible(text`its approvals cannot be read (${approvals.summary})`);
  }
  const isDecided = approvals.some(
    (approval) =>
      approval.finalDecision !== 'pending' ||
      approval.approvers.some((approver) => approver.decision !== 'pending'),
  );
  return isDecided ? impossible(text`an approval on it is already decided`) : { kind: 'to-withdraw' };
}

async function moveAway(context: RunContext, key: string): Promise<void> {
  const { serviceDesk, log } = context;
  const transitions = await serviceDesk.transitions(key, []);
  const away = bestTarget(transitions.filter(({ screen }) => screen.problems.length === 0));
  if (away === undefined) return;
  const answer = await serviceDesk.transition(key, away);
  if (answer.kind === 'lost') log.verbose(answer.why);
}

/** Returns a transition to a cancelled, withdrawn, declined or closed status; undefined if there is none. */
export function bestTarget(transitions: readonly Transition[]): Transition | undefined {
  for (const pattern of withdrawnTargets) {
    const found = transitions.find(
      ({ to }) => pattern.test(to.name) || pattern.test(to.untranslatedName ?? ''),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Runs an action that helps people but decides nothing: a fault is only logged. */
async function harmless(context: RunContext, action: () => Promise<void>): Promise<void> {
  const done = await attempt(action);
  if (done instanceof Fault) context.log.verbose(text`${done.summary}`);
}
