import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { isOpen } from '../../domain/change/change-state.ts';
import { acceptsIssueType } from '../../domain/decision/decision.ts';
import { type Ended, ended } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { isOfAnotherServerOrSpace, isOfThisRun, readRunLine } from '../../domain/deployment/run-line.ts';
import { mostWithdrawals, withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { issueNumberOf } from '../../domain/issue-key.ts';
import { ofAnotherServer, ofAnotherType, refusedBefore, several, storedOtherwise } from '../outcomes.ts';
import type { SearchHit } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { shortestIntervalMs } from './check-interval.ts';
import { believedTwice } from './doubt.ts';

export type Lookup =
  | { readonly kind: 'found'; readonly changeRequest: ChangeRequest }
  /** @property searchedAt steady clock just before the last search */
  | { readonly kind: 'none'; readonly searchedAt: number }
  /** L8: several are open, and the run's own, which it may withdraw (C4), is not the oldest. */
  | {
      readonly kind: 'own-is-younger';
      readonly open: readonly ChangeRequest[];
      readonly oldest: ChangeRequest;
    }
  | Ended;

/** L8: how long a run waits for a racing run to withdraw its own, and how often it reads the open ones. */
const withdrawalPatienceMs = 20_000;
const withdrawalPollMs = 4_000;
/** How many hits that are closed according to the index are read. */
const mostClosedReads = 20;
/** How many hits whose summary is longer than the title, but contains it, are read. */
const mostAlteredReads = 5;

/** The change requests with the run's title, as reads by key show them. */
export interface TitleMatches {
  /** Steady clock just before the search; the reads of its hits may have taken much longer. */
  readonly searchedAt: number;
  readonly open: readonly ChangeRequest[];
  readonly closed: readonly ChangeRequest[];
  /** L14: those of an issue type that is not accepted, in any status. */
  readonly otherType: readonly ChangeRequest[];
  /** L7: those that this run raised and Jira stored under another title. */
  readonly altered: readonly ChangeRequest[];
}

/** L5, L8, L9, L13: finds the open change request with the title, or returns why the run must end. */
export async function lookUpByTitle(context: RunContext): Promise<Lookup> {
  let matches = await findByTitle(context, 'phrase');
  if (matches.open.length === 0) {
    // The index lags, so one empty search does not prove that there is no change request.
    await context.sleep(2000 + 3000 * context.random());
    const again = await findByTitle(context, 'words');
    matches = {
      searchedAt: again.searchedAt,
      open: again.open,
      closed: [...matches.closed, ...again.closed],
      otherType: [...matches.otherType, ...again.otherType],
      altered: [...matches.altered, ...again.altered],
    };
  }
  if (matches.open.length > 0) return chooseOpen(context, matches.open);
  const refused = matches.closed.find((closed) => isOwn(context, closed));
  if (refused !== undefined) return ended(refusedBefore(context, refused));
  // The request type creates issues of a type that the policy refuses: each retry would raise another one.
  const unaccepted = matches.otherType.find((other) => isOwn(context, other));
  if (unaccepted !== undefined) return ended(ofAnotherType(context, unaccepted));
  const [altered] = matches.altered;
  if (altered !== undefined) return ended(storedOtherwise(context, altered));
  return { kind: 'none', searchedAt: matches.searchedAt };
}

/** L5: searches for the title, and reads each hit by its key before it counts. */
export async function findByTitle(context: RunContext, how: 'phrase' | 'words'): Promise<TitleMatches> {
  const { serviceDesk, settings, clock } = context;
  const searchedAt = clock.now();
  const hits = await serviceDesk.search(settings.title, how);
  const keys = new Set(keysToRead(context, hits));
  const first = await readTitled(context, keys);
  // F3: a missing hit next to an open one may be the right one (L8): it counts as gone at the second read.
  const isOneOfSeveral =
    first.unseen.length > 0 && first.read.some(({ status }) => isOpen(status, settings.rules.states));
  if (isOneOfSeveral) await context.sleep(shortestIntervalMs);
  const read = isOneOfSeveral
    ? [...first.read, ...(await readTitled(context, first.unseen)).read]
    : first.read;
  const accepted = read.filter((changeRequest) => acceptsIssueType(changeRequest, settings.rules));
  const open = accepted.filter((changeRequest) => isOpen(changeRequest.status, settings.rules.states));
  return {
    searchedAt,
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

/**
 * L7: returns the run's own change requests that are stored under another title. Even if an automation rule
 * changed the title, the summary usually still contains it. Without this, each retry would raise another one.
 */
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
 * Returns the keys of the hits with exactly the title. A runbook's title has no version, so closed ones add
 * up: of these, only the newest (the search lists them first) are read, to see whether the run's own is one
 * (L9).
 */
function keysToRead({ settings }: RunContext, hits: readonly SearchHit[]): readonly string[] {
  const titled = hits.filter(({ summary }) => summary === settings.title);
  const isClosed = ({ status }: SearchHit): boolean =>
    status !== undefined && !isOpen(status, settings.rules.states);
  const newestClosed = titled.filter(isClosed).slice(0, mostClosedReads);
  return [...titled.filter((hit) => !isClosed(hit)), ...newestClosed].map(({ key }) => key);
}

/** Reads a change request for a lookup; undefined if it is missing or not visible. */
export async function glanceIfVisible(context: RunContext, key: string): Promise<ChangeRequest | undefined> {
  const seen = await attempt(() => context.serviceDesk.glance(key));
  if (!(seen instanceof Fault)) return seen;
  if (seen.kind === 'missing') return undefined;
  throw seen;
}

/**
 * Reads a change request that may not exist; undefined after any 404. Once a change request was raised,
 * BaseUrl is known to be right, so even a 404 without Jira's JSON means that the issue does not exist.
 */
export async function glanceIfThere(context: RunContext, key: string): Promise<ChangeRequest | undefined> {
  const seen = await attempt(() => glanceIfVisible(context, key));
  if (!(seen instanceof Fault)) return seen;
  if (seen.kind === 'wrong-url') return undefined;
  throw seen;
}

/**
 * L5, L14: returns whether the change request has the exact title, the right project and an accepted type.
 */
export function hasTitle(context: RunContext, changeRequest: ChangeRequest): boolean {
  return isTitled(context, changeRequest) && acceptsIssueType(changeRequest, context.settings.rules);
}

function isTitled({ settings }: RunContext, { summary, projectKey }: ChangeRequest): boolean {
  return summary === settings.title && projectKey === settings.serviceProject;
}

/** C1: returns whether this run, or an earlier attempt of it, raised the change request. */
export function isOwn({ settings }: RunContext, changeRequest: ChangeRequest): boolean {
  return isOfThisRun(readRunLine(changeRequest.description), settings.run);
}

/** C1: returns whether another run raised the change request. */
export function isOfAnotherRun({ settings }: RunContext, changeRequest: ChangeRequest): boolean {
  const line = readRunLine(changeRequest.description);
  return line !== undefined && !isOfThisRun(line, settings.run);
}

function isForeign({ settings }: RunContext, changeRequest: ChangeRequest): boolean {
  const line = readRunLine(changeRequest.description);
  return line !== undefined && isOfAnotherServerOrSpace(line, settings.run);
}

/** L13: returns whether a check of all fields shows that a match by title is of another server or space. */
export function isForeignMatch(context: RunContext, { isWhole, changeRequest }: TimedCheck): boolean {
  const { suppliedKey, earlierKey } = context.settings;
  const isByTitle = suppliedKey === undefined && earlierKey === undefined;
  return isByTitle && isWhole && isForeign(context, changeRequest);
}

/** L8, L13: decides which of the open change requests with the title the run uses. */
export async function chooseOpen(context: RunContext, open: readonly ChangeRequest[]): Promise<Lookup> {
  const [only] = open;
  return only !== undefined && open.length === 1 ? usable(context, only) : chooseAmong(context, open);
}

/** L13: a change request that another Octopus server or another space raised is not used. */
export function usable(
  context: RunContext,
  changeRequest: ChangeRequest,
): Extract<Lookup, { kind: 'found' }> | Ended {
  return isForeign(context, changeRequest)
    ? ended(ofAnotherServer(context, changeRequest))
    : { kind: 'found', changeRequest };
}

/**
 * L8: reads the open ones again for a while, since a racing run may be withdrawing its own. It never guesses.
 */
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
  const open = new Map<string, ChangeRequest>();
  for (const one of before) {
    const now = await glanceIfVisible(context, one.key);
    // F3: a missing change request counts as gone only at the second read.
    if (now === undefined ? !unseen.has(one.key) : isOpenOfTitle(context, now)) open.set(one.key, now ?? one);
    if (now === undefined) unseen.add(one.key);
    else unseen.delete(one.key);
    // C4: a racing run may have withdrawn it in favour of one that the index does not show yet.
    const named = now && (await openOneNamed(context, now.summary));
    if (named !== undefined) open.set(named.key, named);
  }
  return [...open.values()];
}

/** Returns whether the change request is open and has the run's title. */
export function isOpenOfTitle(context: RunContext, changeRequest: ChangeRequest): boolean {
  return hasTitle(context, changeRequest) && isOpen(changeRequest.status, context.settings.rules.states);
}

/** Returns the open change request to which the references of withdrawn ones lead; undefined if to none. */
export async function openOneNamed(context: RunContext, summary: string): Promise<ChangeRequest | undefined> {
  let named = withdrawnInFavourOf(summary);
  for (let followed = 0; named !== undefined && followed < mostWithdrawals; followed += 1) {
    const key = named;
    const other = await believedTwice(context, () => glanceIfVisible(context, key));
    if (other === undefined) return undefined;
    if (isOpenOfTitle(context, other)) return other;
    named = withdrawnInFavourOf(other.summary);
  }
  return undefined;
}

export function oldestOf(changeRequests: readonly ChangeRequest[]): ChangeRequest | undefined {
  return [...changeRequests].sort((a, b) => issueNumberOf(a.key) - issueNumberOf(b.key))[0];
}
