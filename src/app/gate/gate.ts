import { ended, type Outcome } from '../../domain/decision/outcome.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { checkChangeRequest, mostQuickTries } from '../check-change-request.ts';
import { creationLost, missingAtFirst, storedOtherwise } from '../outcomes.ts';
import type { PreparedRequest } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { showSupplied } from '../supplied.ts';
import { adoptOwn, type Choice, choose, endAfterRace, type Found, lookUp, subject, take } from './choice.ts';
import { type Creation, prepare, raise } from './creation.ts';
import { RaceWatch } from './race-watch.ts';
import { type EndInstead, waitForApproval } from './wait.ts';

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
  return waitForApproval(context, found.subject, endInstead);
}

function find(context: RunContext, requestedKey: string | undefined): Promise<Found> {
  const { suppliedKey } = context.settings;
  if (suppliedKey !== undefined) return named(context, suppliedKey, 'Supplied');
  // R1: the `Request` has already searched, and made the first check of C4.
  return requestedKey === undefined ? findOrRaise(context) : named(context, requestedKey, 'Matched');
}

/** L1, L3: checks the change request with this key, and no other. */
async function named(context: RunContext, key: string, source: 'Supplied' | 'Matched'): Promise<Found> {
  context.record.key = key;
  context.record.source = source;
  const check = await attempt(() => checkChangeRequest(context, key));
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
  const first = await lookUp(context);
  if (first.kind !== 'none') return take(context, first);
  const last: { choice: Choice } = { choice: first };
  /** If much time has passed since the last search, another run may have raised one that C4 would not see. */
  const isStillNone = async (): Promise<boolean> => {
    for (let tries = 0; tries < mostQuickTries && last.choice.kind === 'none'; tries += 1) {
      if (clock.now() - last.choice.searchedAt <= searchHoldsMs) break;
      last.choice = await lookUp(context);
    }
    return last.choice.kind === 'none';
  };
  const prepared = await prepare(context);
  const creation = (await isStillNone()) ? await raise(context, prepared, isStillNone) : undefined;
  if (creation !== undefined && creation.kind !== 'not-sent') return raised(context, prepared, creation);
  const { choice } = last;
  return choice.kind === 'none' ? findOrRaise(context) : take(context, choice);
}

async function raised(
  context: RunContext,
  prepared: PreparedRequest,
  creation: Exclude<Creation, { kind: 'not-sent' }>,
): Promise<Found> {
  if (creation.kind === 'ended') return creation;
  if (creation.kind === 'others') {
    // L8, L13: none of these is known to be the run's own, so they are treated as after any search.
    const choice = await choose(context, creation.open);
    return choice.kind === 'none' ? ended(creationLost(context)) : take(context, choice);
  }
  const { changeRequest, createdAt } = creation;
  context.record.glanced = changeRequest;
  if (changeRequest.summary !== context.settings.title) {
    const race = new RaceWatch(context, changeRequest, createdAt);
    return endAfterRace(context, race, storedOtherwise(context, changeRequest));
  }
  return adoptOwn(context, 'Created', changeRequest, createdAt, prepared.fieldIds);
}
