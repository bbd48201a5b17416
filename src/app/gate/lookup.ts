import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { isOpen } from '../../domain/change/change-state.ts';
import { acceptsIssueType } from '../../domain/decision/decision.ts';
import { type Ended, ended } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { isOfAnotherServerOrSpace, isOfThisRun, readRunLine } from '../../domain/deployment/run-line.ts';
import { withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { issueNumberOf } from '../../domain/issue-key.ts';
import { ofAnotherServer, ofAnotherType, refusedBefore, several, storedOtherwise } from '../outcomes.ts';
import type { SearchHit } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { shortestIntervalMs } from './check-interval.ts';

export type Lookup =
  | { readonly kind: 'found'; readonly changeRequest: ChangeRequest }
  | { readonly kind: 'none' }
  /** L8: several open ones with the run's own among the younger, which it may withdraw (C4). */
  | {
      readonly kind: 'own-is-younger';
      readonly open: readonly ChangeRequest[];
      readonly oldest: ChangeRequest;
    }
  | Ended;

/** L8: how long a run waits for a racing run to withdraw its own, and how often it checks. */
const withdrawalPatienceMs = 20_000;
const withdrawalPollMs = 4_000;
/** How many of those that are closed according to the index are read. */
const mostClosedReads = 20;
/** How many of those whose title contains the run's own are read. */
const mostAlteredReads = 5;

/** Every change request of the run's title, as reads by key show them. */
interface TitleMatches {
  readonly open: readonly ChangeRequest[];
  readonly closed: readonly ChangeRequest[];
  /** L14: of an issue type that is not accepted, in any status. */
  readonly otherType: readonly ChangeRequest[];
  /** L7: raised by this very run, and stored under another title. */
  readonly altered: readonly ChangeRequest[];
}

/** L5, L8, L9, L13: finds the open change request of the title, or says why it cannot be used. */
export async function lookUpByTitle(context: RunContext): Promise<Lookup> {
  let matches = await findByTitle(context, 'phrase');
  if (matches.open.length === 0) {
    // The index lags: one empty search does not prove that there is none.
    await context.sleep(2000 + 3000 * context.random());
    const again = await findByTitle(context, 'words');
    matches = {
      open: again.open,
      closed: [...matches.closed, ...again.closed],
      otherType: [...matches.otherType, ...again.otherType],
      altered: [...matches.altered, ...again.altered],
    };
  }
  if (matches.open.length > 0) return chooseOpen(context, matches.open);
  const refused = matches.closed.find((closed) => isOwn(context, closed));
  if (refused !== undefined) return ended(refusedBefore(context, refused));
  // The request type raises another type than the policy accepts: each retry would raise one more.
  const unaccepted = matches.otherType.find((other) => isOwn(context, other));
  if (unaccepted !== undefined) return ended(ofAnotherType(context, unaccepted));
  const [altered] = matches.altered;
  return altered === undefined ? { kind: 'none' } : ended(storedOtherwise(context, altered));
}

/** L5: searches, and reads each hit by its key before it counts. */
export async function findByTitle(context: RunContext, how: 'phrase' | 'words'): Promise<TitleMatches> {
  const { serviceDesk, settings } = context;
  const hits = await serviceDesk.search(settings.title, how);
  const keys = new Set(keysToRead(context, hits));
  const first = await readTitled(context, keys);
  // F3: that one of several is gone is believed only the second time, since it might be the right one (L8).
  const isOneOfSeveral =
    first.unseen.length > 0 && first.read.some(({ status }) => isOpen(status, settings.rules.states));
  if (isOneOfSeveral) await context.sleep(shortestIntervalMs);
  const read = isOneOfSeveral
    ? [...first.read, ...(await readTitled(context, first.unseen)).read]
    : first.read;
  const accepted = read.filter((changeRequest) => acceptsIssueType(changeRequest, settings.rules));
  const open = accepted.filter((changeRequest) => isOpen(changeRequest.status, settings.rules.states));
  return {
    open,
    closed: accepted.filter((changeRequest) => !open.includes(changeRequest)),
    otherType: read.filter((changeRequest) => !accepted.includes(changeRequest)),
    altered: open.length === 0 ? await ownUnderAnotherTitle(context, hits) : [],
  };
}

async function readTitled(
  context: RunContext,
  keys: Iterable<string>,
): Promise<{ readonly read: readonly ChangeRequest[]; readonly unseen: readonly string[] }> {
  const read: ChangeRequest[] = [];
  const unseen: string[] = [];
  for (const key of keys) {
    const changeRequest = await glanceIfVisible(context, key);
    if (changeRequest === undefined) unseen.push(key);
    else if (isTitled(context, changeRequest)) read.push(changeRequest);
  }
  return { read, unseen };
}

/** What an automation rule makes of a title mostly still contains it; a retried step must not raise one more each time. */
async function ownUnderAnotherTitle(
  context: RunContext,
  hits: readonly SearchHit[],
): Promise<readonly ChangeRequest[]> {
  const { title } = context.settings;
  const near = hits
    .filter(({ summary }) => summary !== title && summary.includes(title))
    .filter(({ summary }) => withdrawnInFavourOf(summary) === undefined)
    .slice(0, mostAlteredReads);
  const own: ChangeRequest[] = [];
  for (const { key } of near) {
    const changeRequest = await glanceIfVisible(context, key);
    if (changeRequest !== undefined && isOwn(context, changeRequest)) own.push(changeRequest);
  }
  return own;
}

/**
 * The hits with exactly the title. A runbook's title has no version, so closed ones add up: besides those that may be
 * open, the newest ones (the search puts them first) show whether this run's own was closed (L9).
 */
function keysToRead({ settings }: RunContext, hits: readonly SearchHit[]): readonly string[] {
  const titled = hits.filter(({ summary }) => summary === settings.title);
  const isClosed = ({ status }: SearchHit): boolean =>
    status !== undefined && !isOpen(status, settings.rules.states);
  const newestClosed = titled.filter(isClosed).slice(0, mostClosedReads);
  return [...titled.filter((hit) => !isClosed(hit)), ...newestClosed].map(({ key }) => key);
}

/** Reads a change request for a lookup; undefined when it is gone or not visible. */
export async function glanceIfVisible(context: RunContext, key: string): Promise<ChangeRequest | undefined> {
  const seen = await attempt(() => context.serviceDesk.glance(key));
  if (!(seen instanceof Fault)) return seen;
  if (seen.kind === 'missing') return undefined;
  throw seen;
}

/** After a change request was raised, BaseUrl is not in doubt: a 404 of whatever form says that a number does not exist. */
export async function glanceIfThere(context: RunContext, key: string): Promise<ChangeRequest | undefined> {
  const seen = await attempt(() => glanceIfVisible(context, key));
  if (!(seen instanceof Fault)) return seen;
  if (seen.kind === 'wrong-url') return undefined;
  throw seen;
}

/** L5, L14: the title character by character, in the service project, of an accepted type. */
export function hasTitle(context: RunContext, changeRequest: ChangeRequest): boolean {
  return isTitled(context, changeRequest) && acceptsIssueType(changeRequest, context.settings.rules);
}

function isTitled({ settings }: RunContext, { summary, projectKey }: ChangeRequest): boolean {
  return summary === settings.title && projectKey === settings.serviceProject;
}

/** C1: this run, or the attempt of it before a retry, raised the change request. */
export function isOwn({ settings }: RunContext, changeRequest: ChangeRequest): boolean {
  return isOfThisRun(readRunLine(changeRequest.description), settings.run);
}

export function isForeign({ settings }: RunContext, changeRequest: ChangeRequest): boolean {
  const line = readRunLine(changeRequest.description);
  return line !== undefined && isOfAnotherServerOrSpace(line, settings.run);
}

/** L13: what was found by its title shows another run line to the check that decides than to the lookup. */
export function isForeignMatch(context: RunContext, { isWhole, changeRequest }: TimedCheck): boolean {
  const { suppliedKey, earlierKey } = context.settings;
  const isByTitle = suppliedKey === undefined && earlierKey === undefined;
  return isByTitle && isWhole && isForeign(context, changeRequest);
}

/** L8, L13: which of the open ones of the title the run uses. */
export async function chooseOpen(context: RunContext, open: readonly ChangeRequest[]): Promise<Lookup> {
  const [only] = open;
  return only !== undefined && open.length === 1 ? usable(context, only) : chooseAmong(context, open);
}

function usable(context: RunContext, changeRequest: ChangeRequest): Lookup {
  if (isForeign(context, changeRequest)) {
    return ended(ofAnotherServer(context, changeRequest));
  }
  return { kind: 'found', changeRequest };
}

/** L8: checks again for a while, since a racing run may be withdrawing its own; then it never guesses. */
async function chooseAmong(context: RunContext, first: readonly ChangeRequest[]): Promise<Lookup> {
  const { clock } = context;
  const until = clock.now() + withdrawalPatienceMs;
  const unseen = new Set<string>();
  let open = first;
  for (;;) {
    const oldest = oldestOf(open);
    if (oldest !== undefined && open.some((one) => one.key !== oldest.key && isOwn(context, one))) {
      return { kind: 'own-is-younger', open, oldest };
    }
    if (clock.now() >= until) return ended(several(context, open));
    const isDoubted = open.some(({ key }) => unseen.has(key));
    const pollMs = isDoubted ? shortestIntervalMs : withdrawalPollMs;
    await context.sleep(Math.min(pollMs, until - clock.now()));
    open = await stillOpen(context, open, unseen);
    const only = open[0];
    if (only === undefined) return lookUpByTitle(context);
    if (open.length === 1) return usable(context, only);
  }
}

async function stillOpen(
  context: RunContext,
  before: readonly ChangeRequest[],
  unseen: Set<string>,
): Promise<readonly ChangeRequest[]> {
  const open: ChangeRequest[] = [];
  for (const one of before) {
    const now = await glanceIfVisible(context, one.key);
    // F3: that one is gone is believed only the second time.
    if (now === undefined ? !unseen.has(one.key) : isOpenOfTitle(context, now)) open.push(now ?? one);
    if (now === undefined) unseen.add(one.key);
    else unseen.delete(one.key);
  }
  return open;
}

/** An open change request of the run's own title. */
export function isOpenOfTitle(context: RunContext, changeRequest: ChangeRequest): boolean {
  return hasTitle(context, changeRequest) && isOpen(changeRequest.status, context.settings.rules.states);
}

export function oldestOf(changeRequests: readonly ChangeRequest[]): ChangeRequest | undefined {
  return [...changeRequests].sort((a, b) => issueNumberOf(a.key) - issueNumberOf(b.key))[0];
}
