import type { ChangeRequest, ChangeRequestSource } from '../domain/change-request.ts';
import type { Ending } from '../domain/ending.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { raise } from './creation.ts';
import { cannotWithdraw, changeRequestLink, suppliedMissing, withdrawnToNothing } from './endings.ts';
import { isOwn, lookUpByTitle } from './lookup.ts';
import { restorePlannedTimes } from './planned-times.ts';
import { RaceWatch } from './race-watch.ts';
import type { RunContext } from './run-context.ts';
import { takeLook } from './take-look.ts';
import { type Found, type Subject, waitForApproval } from './wait.ts';
import { withdrawOwn } from './withdrawal.ts';

/** Operation `Gate`: finds or raises the change request, and ends when it lets the deployment go or stops it. */
export async function gate(context: RunContext): Promise<Ending> {
  const { suppliedKey } = context.settings;
  const found = suppliedKey === undefined ? await findOrRaise(context) : await supplied(context, suppliedKey);
  if (found.kind === 'ended') return found.ending;
  return waitForApproval(context, found.subject, (withdrawn) => findAgain(context, withdrawn));
}

/** L1, L3: only that change request is looked at. */
async function supplied(context: RunContext, key: string): Promise<Found> {
  context.record.key = key;
  context.record.source = 'Supplied';
  try {
    const look = await takeLook(context, key, undefined);
    return subject(context, look.changeRequest.key, 'Supplied', { look });
  } catch (error) {
    if (error instanceof Fault && (error.kind === 'missing' || error.kind === 'wrong-url')) {
      return { kind: 'ended', ending: suppliedMissing(key, error) };
    }
    throw error;
  }
}

/** L5 to L9, C1 to C4 */
async function findOrRaise(context: RunContext): Promise<Found> {
  const lookup = await lookUpByTitle(context);
  switch (lookup.kind) {
    case 'ended':
      return lookup;
    case 'found':
      return matched(context, lookup.changeRequest);
    case 'own-is-younger':
      return giveWay(context, lookup.own, lookup.oldest);
    case 'none':
      return raised(context);
  }
}

async function matched(context: RunContext, changeRequest: ChangeRequest): Promise<Found> {
  context.log.highlight(
    text`Found the open change request ${changeRequestLink(context, changeRequest.key)} by its title.`,
  );
  if (!isOwn(context, changeRequest)) return subject(context, changeRequest.key, 'Matched');
  // A retried step: what its first attempt may not have done before it ended is done now.
  const ending = await restorePlannedTimes(context, changeRequest.key);
  if (ending !== undefined) return { kind: 'ended', ending };
  return subject(context, changeRequest.key, 'Matched', {
    race: new RaceWatch(context, changeRequest, undefined),
  });
}

/** C4: a retried step finds the change request that it raised beside an older one. */
async function giveWay(context: RunContext, own: ChangeRequest, oldest: ChangeRequest): Promise<Found> {
  const withdrawal = await withdrawOwn(
    context,
    own.key,
    oldest.key,
    ({ status }) => status.category === 'new',
  );
  if (withdrawal.kind === 'impossible') {
    return { kind: 'ended', ending: cannotWithdraw(context, own.key, oldest.key, withdrawal.why) };
  }
  return matched(context, oldest);
}

async function raised(context: RunContext): Promise<Found> {
  const creation = await raise(context);
  if (creation.kind === 'ended') return creation;
  const { changeRequest } = creation;
  if (creation.kind === 'other') return matched(context, changeRequest);
  const { title } = context.settings;
  if (changeRequest.summary !== title) {
    return {
      kind: 'ended',
      ending: {
        decision: 'Stop',
        reason: text`Jira stored the title of ${changeRequestLink(context, changeRequest.key)} as "${changeRequest.summary}", not as "${title}", so that no later run would find it.`,
        advice: text`Look for an automation or a field configuration that changes summaries, or set a title that Jira keeps with Octopus.JiraServiceManagement.Field[summary].`,
      },
    };
  }
  const ending = await restorePlannedTimes(context, changeRequest.key);
  if (ending !== undefined) return { kind: 'ended', ending };
  return subject(context, changeRequest.key, 'Created', {
    race: new RaceWatch(context, changeRequest, creation.createdAt),
  });
}

/** L10: what the run went by was withdrawn and leads nowhere: one more lookup, which creates nothing. */
async function findAgain(context: RunContext, withdrawn: string): Promise<Found> {
  const lookup = await lookUpByTitle(context);
  if (lookup.kind === 'found') return matched(context, lookup.changeRequest);
  if (lookup.kind === 'own-is-younger') return giveWay(context, lookup.own, lookup.oldest);
  if (lookup.kind === 'ended') return lookup;
  return { kind: 'ended', ending: withdrawnToNothing(context, withdrawn) };
}

function subject(
  context: RunContext,
  key: string,
  source: ChangeRequestSource,
  more: Pick<Subject, 'look' | 'race'> = {},
): Found {
  context.record.key = key;
  context.record.source = source;
  return { kind: 'subject', subject: { key, source, ...more } };
}
