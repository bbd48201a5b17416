import type { ChangeRequest, ChangeRequestSource } from '../../domain/change/change-request.ts';
import { ended, type Outcome } from '../../domain/decision/outcome.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { checkChangeRequest } from '../check-change-request.ts';
import {
  cannotWithdraw,
  changeRequestLink,
  creationLost,
  missingAtFirst,
  storedOtherwise,
  withdrawnToNothing,
} from '../outcomes.ts';
import type { PreparedRequest } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { showSupplied } from '../supplied.ts';
import { prepare, raise, setUnsetFields } from './creation.ts';
import { believedTwice } from './doubt.ts';
import { chooseOpen, isOwn, type Lookup, lookUpByTitle, usable } from './lookup.ts';
import { restorePlannedTimes } from './planned-times.ts';
import { RaceWatch } from './race-watch.ts';
import { type EndInstead, type Found, type Subject, waitForApproval } from './wait.ts';
import { withdrawOwn } from './withdrawal.ts';

/** L5: how long after a search a change request may be raised without another search. */
const searchHoldsMs = 20_000;

interface GateStart {
  /** L4: key of the change request that a `Request` earlier in this run found or raised. */
  readonly requestedKey?: string | undefined;
  /** Replaces the endings that are not stops (R1). */
  readonly endInstead?: EndInstead;
}

/**
 * Operation `Gate`: finds or raises the change request, and waits until it allows or stops the deployment.
 */
export async function gate(
  context: RunContext,
  { requestedKey, endInstead }: GateStart = {},
): Promise<Outcome> {
  const found = await find(context, requestedKey);
  if (found.kind === 'ended') return found.outcome;
  return waitForApproval(context, found.subject, (withdrawn) => findAgain(context, withdrawn), endInstead);
}

function find(context: RunContext, requestedKey: string | undefined): Promise<Found> {
  const { suppliedKey } = context.settings;
  if (suppliedKey !== undefined) return named(context, suppliedKey, 'Supplied');
  // R1: the `Request` has already searched, and made the first check of C4.
  return requestedKey === undefined ? findOrRaise(context) : named(context, requestedKey, 'Matched');
}

/** L1, L3: checks the change request with this key, and no other. */
async function named(context: RunContext, key: string, source: 'Supplied' | 'Matched'): Promise<Found> {
  noteSubject(context, key, source);
  const check = await attempt(() => checkChangeRequest(context, key, undefined));
  if (!(check instanceof Fault)) {
    if (source === 'Supplied') showSupplied(context, check);
    return subject(context, check.changeRequest.key, source, { check });
  }
  if (check.kind !== 'missing') throw check;
  return ended(missingAtFirst(key, source));
}

/** L5 to L9, C1 to C4 */
async function findOrRaise(context: RunContext): Promise<Found> {
  const { clock } = context;
  const lookup = await lookUpByTitle(context);
  if (lookup.kind !== 'none') return follow(context, lookup);
  const searchedAt = clock.now();
  const prepared = await prepare(context);
  if (clock.now() - searchedAt > searchHoldsMs) {
    // Preparing took long: another run may have raised one since, which is too old for the checks of C4.
    const again = await lookUpByTitle(context);
    if (again.kind !== 'none') return follow(context, again);
  }
  return raised(context, prepared);
}

async function follow(context: RunContext, lookup: Exclude<Lookup, { kind: 'none' }>): Promise<Found> {
  switch (lookup.kind) {
    case 'ended':
      return lookup;
    case 'found':
      return matched(context, lookup.changeRequest);
    case 'own-is-younger':
      return giveWay(context, lookup.open, lookup.oldest);
  }
}

async function matched(context: RunContext, changeRequest: ChangeRequest): Promise<Found> {
  noteSubject(context, changeRequest.key, 'Matched');
  context.record.glanced = changeRequest;
  context.log.highlight(
    text`Found the open change request ${changeRequestLink(context, changeRequest.key)} by its title.`,
  );
  if (!isOwn(context, changeRequest)) return subject(context, changeRequest.key, 'Matched');
  const fieldIds = await setUnsetFields(context, changeRequest.key);
  return ownSubject(context, 'Matched', changeRequest, undefined, fieldIds);
}

/**
 * C4: a retried step that finds an older change request withdraws all younger ones that its attempts raised.
 */
async function giveWay(
  context: RunContext,
  open: readonly ChangeRequest[],
  oldest: ChangeRequest,
): Promise<Found> {
  const younger = open.filter((one) => one.key !== oldest.key && isOwn(context, one));
  for (const { key } of younger) {
    const withdrawal = await withdrawOwn(context, key, oldest.key, ({ status }) => status.category === 'new');
    if (withdrawal.kind === 'impossible') {
      return ended(cannotWithdraw(context, key, oldest.key, withdrawal.why));
    }
  }
  // L13: as in RaceWatch, the run has withdrawn its own even if it may not continue with the older one.
  return follow(context, usable(context, oldest));
}

async function raised(context: RunContext, prepared: PreparedRequest): Promise<Found> {
  const creation = await raise(context, prepared);
  if (creation.kind === 'ended') return creation;
  if (creation.kind === 'others') {
    // L8, L13: none of these is known to be the run's own, so they are treated as after any search.
    const lookup = await chooseOpen(context, creation.open);
    return lookup.kind === 'none' ? ended(creationLost(context)) : follow(context, lookup);
  }
  const { changeRequest, createdAt } = creation;
  context.record.glanced = changeRequest;
  if (changeRequest.summary !== context.settings.title) {
    const race = new RaceWatch(context, changeRequest, createdAt);
    return endAfterRace(context, race, storedOtherwise(context, changeRequest));
  }
  return ownSubject(context, 'Created', changeRequest, createdAt, prepared.fieldIds);
}

/**
 * C2, C4: restores the planned times of the run's own change request, and starts the watch for racing runs. A
 * retried step does both again, because its first attempt may not have finished them.
 */
async function ownSubject(
  context: RunContext,
  source: ChangeRequestSource,
  changeRequest: ChangeRequest,
  createdAt: number | undefined,
  fieldIds?: PreparedRequest['fieldIds'],
): Promise<Found> {
  const race = new RaceWatch(context, changeRequest, createdAt);
  const outcome = await restorePlannedTimes(context, changeRequest.key, fieldIds);
  return outcome === undefined
    ? subject(context, changeRequest.key, source, { race })
    : endAfterRace(context, race, outcome);
}

/**
 * C4: makes the required checks for racing runs before the run stops: two runs that both stop right after
 * creating a change request would leave two open.
 */
async function endAfterRace(context: RunContext, race: RaceWatch, outcome: Outcome): Promise<Found> {
  while (!race.mayEnd()) {
    const checked = await believedTwice(context, () => race.checkNext());
    if (checked.kind === 'ended') return checked;
    if (checked.kind === 'found') return matched(context, checked.changeRequest);
  }
  return ended(outcome);
}

/** L10: repeats the lookup without creating anything, after the change request in use was withdrawn. */
async function findAgain(context: RunContext, withdrawn: string): Promise<Found> {
  const lookup = await lookUpByTitle(context);
  return lookup.kind === 'none' ? ended(withdrawnToNothing(context, withdrawn)) : follow(context, lookup);
}

function subject(
  context: RunContext,
  key: string,
  source: ChangeRequestSource,
  more: Pick<Subject, 'check' | 'race'> = {},
): Found {
  noteSubject(context, key, source);
  return { kind: 'subject', subject: { key, source, ...more } };
}

/** O2: an ending from here on is about this change request, even if it was not read yet. */
function noteSubject({ record }: RunContext, key: string, source: ChangeRequestSource): void {
  record.key = key;
  record.source = source;
}
