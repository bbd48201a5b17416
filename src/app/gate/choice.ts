import type { ChangeRequest, ChangeRequestSource } from '../../domain/change/change-request.ts';
import { type Ended, ended, type Outcome } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { text } from '../../domain/text.ts';
import {
  cannotWithdraw,
  changeRequestLink,
  refusedBefore,
  refusedBeforeAnother,
  withdrawnToNothing,
} from '../outcomes.ts';
import type { PreparedRequest } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { setUnsetFields } from './creation.ts';
import { believedTwice } from './doubt.ts';
import {
  chooseOpen,
  isOfAnotherRun,
  isOwn,
  type Lookup,
  lookUpByTitle,
  oldestOf,
  openOneNamed,
} from './lookup.ts';
import { restorePlannedTimes } from './planned-times.ts';
import { RaceWatch } from './race-watch.ts';
import { withdrawOwn } from './withdrawal.ts';
import { continueWith } from './withdrawal-chain.ts';

/** The change request that a run uses. */
export interface Subject {
  readonly key: string;
  readonly source: ChangeRequestSource;
  /** A check that was already made. */
  readonly check?: TimedCheck;
  /** Set if it is the run's own, because a racing run may have raised an older one (C4). */
  readonly race?: RaceWatch;
}

export type Found = { readonly kind: 'subject'; readonly subject: Subject } | Ended;

/** A lookup after which at most one open change request with the title is the run's own. */
export type Choice = Exclude<Lookup, { kind: 'own-is-younger' }>;

/** L5, L8, L9, L13, C4: looks for the title, and withdraws what the run raised besides an older one. */
export async function lookUp(context: RunContext): Promise<Choice> {
  return withdrawYounger(context, await lookUpByTitle(context));
}

/** L8, L13, C4: the same for open change requests that are already known. */
export async function choose(context: RunContext, open: readonly ChangeRequest[]): Promise<Choice> {
  return withdrawYounger(context, await believedTwice(context, () => chooseOpen(context, open)));
}

async function withdrawYounger(context: RunContext, lookup: Lookup): Promise<Choice> {
  if (lookup.kind !== 'own-is-younger') return lookup;
  const left = await keepOldest(context, lookup.open);
  return left.kind === 'ended' ? left : choose(context, left.open);
}

/**
 * C4: withdraws every change request of the run that is not the oldest of these. No run withdraws one that is
 * not its own.
 * @param race the watch over one of them, which is the run's own even if it has no run line
 */
async function keepOldest(
  context: RunContext,
  open: readonly ChangeRequest[],
  race?: RaceWatch,
): Promise<{ readonly kind: 'left'; readonly open: readonly ChangeRequest[] } | Ended> {
  let left = open;
  for (;;) {
    const oldest = oldestOf(left);
    const younger = left.find(
      (one) => one.key !== oldest?.key && (one.key === race?.own.key || isOwn(context, one)),
    );
    if (oldest === undefined || younger === undefined) return { kind: 'left', open: left };
    const { key } = younger;
    const withdrawal = await withdrawOwn(context, {
      own: key,
      older: oldest.key,
      isInFirstStatus: (own) =>
        race?.own.key === key ? race.isInFirstStatus(own) : own.status.category === 'new',
    });
    switch (withdrawal.kind) {
      case 'withdrawn':
        left = left.filter((one) => one.key !== key);
        break;
      case 'impossible':
        return ended(cannotWithdraw(context, key, oldest.key, withdrawal.why));
      case 'not-needed': {
        // The older one was closed or withdrawn meanwhile: the run may have to give way to another one.
        const { older } = withdrawal;
        if (older !== undefined) race?.noteRefusal(older);
        const named = older && (await openOneNamed(context, older.summary));
        left = left.filter((one) => one.key !== oldest.key);
        if (named !== undefined && !left.some((one) => one.key === named.key)) left = [...left, named];
      }
    }
  }
}

/** L10: repeats the lookup without creating anything, after the change request in use was withdrawn. */
export async function findAgain(context: RunContext, withdrawn: string): Promise<Found> {
  const choice = await believedTwice(context, () => lookUp(context));
  return choice.kind === 'none' ? ended(withdrawnToNothing(context, withdrawn)) : take(context, choice);
}

/** Makes what a lookup found the change request that the run uses, and says so. */
export async function take(context: RunContext, choice: Exclude<Choice, { kind: 'none' }>): Promise<Found> {
  if (choice.kind === 'ended') return choice;
  const { changeRequest } = choice;
  context.log.highlight(
    text`Found the open change request ${changeRequestLink(context, changeRequest.key)} by its title.`,
  );
  return adopt(context, changeRequest);
}

/** Makes an open change request the one that the run uses: if the run raised it, as its own. */
export async function adopt(context: RunContext, changeRequest: ChangeRequest): Promise<Found> {
  context.record.glanced = changeRequest;
  const found = subject(context, changeRequest.key, 'Matched');
  if (!isOwn(context, changeRequest)) return found;
  const fieldIds = await setUnsetFields(context, changeRequest.key);
  return adoptOwn(context, 'Matched', changeRequest, undefined, fieldIds);
}

/**
 * C2, C4: restores the planned times of the run's own change request, and starts the watch for racing runs. A
 * retried step does both again, because its first attempt may not have finished them.
 */
export async function adoptOwn(
  context: RunContext,
  source: ChangeRequestSource,
  changeRequest: ChangeRequest,
  createdAt: number | undefined,
  fieldIds?: PreparedRequest['fieldIds'],
): Promise<Found> {
  const race = new RaceWatch(context, changeRequest, createdAt);
  const own = subject(context, changeRequest.key, source, { race });
  const outcome = await restorePlannedTimes(context, changeRequest.key, fieldIds);
  return outcome === undefined ? own : endAfterRace(context, race, outcome);
}

/**
 * C4: makes the required checks for racing runs before the run stops: two runs that both stop right after
 * creating a change request would leave two open.
 */
export async function endAfterRace(context: RunContext, race: RaceWatch, outcome: Outcome): Promise<Found> {
  while (!race.mayEnd()) {
    const found = await checkRace(context, race);
    if (found?.kind === 'subject') continueWith(context, found.subject, race.own.key);
    if (found !== undefined) return found;
  }
  return ended(outcome);
}

/**
 * C4: makes the next check for racing runs, and gives way to an older change request.
 * @returns undefined if the run goes on with the one that it watches
 */
export async function checkRace(context: RunContext, race: RaceWatch): Promise<Found | undefined> {
  const others = await believedTwice(context, () => race.checkNext());
  const left = await keepOldest(context, [race.own, ...others], race);
  if (left.kind === 'ended') return left;
  const oldest = oldestOf(left.open);
  if (oldest?.key === race.own.key) return goOnWith(context, race);
  // The run's own is withdrawn, so an ending from here on is not about it.
  delete context.record.key;
  delete context.record.source;
  // The younger ones of racing runs are theirs to withdraw; nobody withdraws those of people and of past runs.
  const lasting = left.open.filter(
    (one) => one === oldest || race.isBeyondReach(one) || !isOfAnotherRun(context, one),
  );
  const choice = await choose(context, lasting);
  switch (choice.kind) {
    case 'found':
      return adopt(context, choice.changeRequest);
    case 'none':
      return ended(withdrawnToNothing(context, race.own.key));
    case 'ended':
      return choice;
  }
}

/** L9: goes on with the watched one, unless an older one of the run is closed: then it withdraws this one. */
async function goOnWith(context: RunContext, race: RaceWatch): Promise<Ended | undefined> {
  const { refused } = race;
  if (refused === undefined) return undefined;
  const { key } = race.own;
  const withdrawal = await withdrawOwn(context, {
    own: key,
    older: refused.key,
    olderIsClosed: true,
    isInFirstStatus: (own) => race.isInFirstStatus(own),
  });
  return ended(
    withdrawal.kind === 'impossible'
      ? refusedBeforeAnother(context, refused, key, withdrawal.why)
      : refusedBefore(context, refused),
  );
}

export function subject(
  context: RunContext,
  key: string,
  source: ChangeRequestSource,
  more: Pick<Subject, 'check' | 'race'> = {},
): Found {
  context.record.key = key;
  context.record.source = source;
  return { kind: 'subject', subject: { key, source, ...more } };
}
