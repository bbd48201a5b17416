import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { type Ended, ended } from '../../domain/decision/outcome.ts';
import { runLine, withoutRunLine } from '../../domain/deployment/run-line.ts';
import { attempt, Fault, RunEnded } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { changeRequestLink, creationLost } from '../outcomes.ts';
import type { ChangeRequestDraft, MayBeSent, PreparedRequest } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { findByTitle, glanceIfThere, isOwn, type TitleMatches } from './lookup.ts';
import { firstStatusMs } from './race-watch.ts';

/** C2: how long a newly created change request may still be missing. */
const readBackMs = 30_000;
const readBackPollMs = 2000;
/** C3: how long the step searches for a change request after the answer to the create request was lost. */
const lostSearchMs = 120_000;
const lostSearchPollMs = 5000;

type LaterField = PreparedRequest['later'][number];

export type Creation =
  /** @property createdAt steady clock at its creation; undefined if its first status is no longer known */
  | {
      readonly kind: 'created';
      readonly changeRequest: ChangeRequest;
      readonly createdAt: number | undefined;
    }
  /** The answer was lost, and the open change requests with the title may be those of other runs. */
  | { readonly kind: 'others'; readonly open: readonly ChangeRequest[] }
  /** An outage put it off, and it is no longer to be raised. */
  | { readonly kind: 'not-sent' }
  | Ended;

/** C1, C5: prepares the request, and finds everything that can be wrong with it before anything is raised. */
export async function prepare(context: RunContext): Promise<PreparedRequest> {
  const prepared = await context.serviceDesk.prepareRequest(draftOf(context));
  if (!prepared.hasRunLine && !prepared.later.some(isDescription)) warnOfNoRunLine(context);
  return prepared;
}

function draftOf(context: RunContext): ChangeRequestDraft {
  const { title, fields } = context.settings;
  return { title, description: describe(context), fields };
}

function isDescription({ id }: Pick<LaterField, 'id'>): boolean {
  return id === 'description';
}

function warnOfNoRunLine({ log }: RunContext): void {
  log.warning(
    text`The request type's form has no description, so the change request cannot record which run raised it: a retried step will not recognize its own change request, nor notice one that another Octopus space with the same names raised. Add Description to the form.`,
  );
}

/** C1 to C3: raises the run's change request once, and reads it back. */
export async function raise(
  context: RunContext,
  prepared: PreparedRequest,
  mayBeSent: MayBeSent,
): Promise<Creation> {
  const { settings, clock, log } = context;
  log.info(text`No open change request has the title "${settings.title}": raising one.`);
  const sentAt = clock.now();
  const answer = await context.beyondWaitLimit().serviceDesk.createRequest(prepared, mayBeSent);
  if (answer.kind === 'not-sent') return answer;
  const createdAt = clock.now();
  if (answer.kind === 'lost') {
    log.warning(
      text`The answer to the create request was lost (${answer.why}). The request is not sent again; searching for the title for 2 minutes.`,
    );
    return searchForLost(context, prepared, sentAt);
  }
  noteRaised(context, answer.key);
  const changeRequest = await readBack(context, answer.key);
  await setLater(context, prepared.later, changeRequest.key);
  return { kind: 'created', changeRequest, createdAt };
}

function noteRaised(context: RunContext, key: string): void {
  context.record.key = key;
  context.record.source = 'Created';
  context.log.highlight(text`Raised the change request ${changeRequestLink(context, key)}.`);
}

function describe({ settings }: RunContext): string {
  const given = settings.fields.find(({ field }) => field.toLowerCase() === 'description')?.value;
  const body = withoutRunLine(given ?? settings.description).trimEnd();
  return `${body}\n\n${runLine(settings.run)}`;
}

/** C2: reads the new change request by its key, and retries while it is missing. */
async function readBack(context: RunContext, key: string): Promise<ChangeRequest> {
  const { clock, sleep } = context;
  const until = clock.now() + readBackMs;
  for (;;) {
    const changeRequest = await glanceIfThere(context, key);
    if (changeRequest !== undefined) return changeRequest;
    if (clock.now() >= until) {
      throw new Fault(
        'missing',
        text`JSM raised the change request ${key}, but it cannot be read.`,
        text`Give the step's account the permission Browse projects in the service project.`,
      );
    }
    await sleep(Math.min(readBackPollMs, until - clock.now()));
  }
}

/** C3: searches for the change request that may have been created, and recognizes it by its run line. */
async function searchForLost(
  context: RunContext,
  prepared: PreparedRequest,
  sentAt: number,
): Promise<Creation> {
  const { clock, random, deadline } = context;
  const until = clock.now() + lostSearchMs;
  // P4: an outage may prolong the search, but not beyond the wait limit.
  const searching = context.beyondWaitLimit(deadline && Math.max(until, deadline));
  let others: readonly ChangeRequest[] = [];
  for (let round = 0; clock.now() < until; round += 1) {
    await searching.sleep(Math.min(lostSearchPollMs * (0.8 + 0.4 * random()), until - clock.now()));
    const { open, altered, otherType, closed } = await find(searching, round % 2 === 0 ? 'phrase' : 'words');
    // An automation may have changed its title, or closed it: its ending is then that of any other answer.
    const all = [...open, ...altered, ...otherType, ...closed];
    const own = all.find((changeRequest) => isOwn(context, changeRequest));
    if (own !== undefined) {
      noteRaised(context, own.key);
      await setLater(context, prepared.later, own.key);
      // If it is found late, it may have left its first status, so it is treated as in a retried step (C4).
      const isNew = clock.now() - sentAt <= firstStatusMs;
      return { kind: 'created', changeRequest: own, createdAt: isNew ? sentAt : undefined };
    }
    if (open.length > 0) others = open;
    // Without a run line, the run cannot recognize its own, so the search ends with the first hits.
    if (others.length > 0 && !prepared.hasRunLine) break;
  }
  return others.length > 0 ? { kind: 'others', open: others } : ended(creationLost(context));
}

/**
 * C3: searches for the title. An unreachable site counts as an empty result, so that the run does not end as
 * an outage: its outcome must say that the change request may have been created.
 */
async function find(context: RunContext, how: 'phrase' | 'words'): Promise<TitleMatches> {
  try {
    return await findByTitle(context, how);
  } catch (error) {
    const isOutOfReach =
      error instanceof Fault
        ? error.kind === 'unreachable'
        : error instanceof RunEnded && error.by === 'wait-limit';
    if (!isOutOfReach) throw error;
    return { searchedAt: context.clock.now(), open: [], closed: [], otherType: [], altered: [] };
  }
}

/** Sets the fields that the request form lacks by editing the change request. A refusal is only a warning. */
async function setLater(context: RunContext, later: readonly LaterField[], key: string): Promise<void> {
  const { serviceDesk, log } = context;
  for (const { id, name, value } of later) {
    let tries = 0;
    const mayBeSent = async (): Promise<boolean> => {
      tries += 1;
      return tries === 1 || (await serviceDesk.unsetFields(key, [id])).length > 0;
    };
    const edited = await attempt(() => serviceDesk.edit(key, { [id]: value }, mayBeSent));
    if (edited instanceof Fault) {
      log.warning(
        text`The field "${name}" is not on the request form, and setting it on ${changeRequestLink(context, key)} was refused: ${edited.summary}`,
      );
      if (isDescription({ id })) warnOfNoRunLine(context);
    }
  }
}

/**
 * F6, C1: sets the fields that the request form lacks on the change request of a retried step, whose first
 * attempt may have ended before it did. Fields that have a value are left alone.
 * @returns ids of the fields that the variables name; undefined if they are not known
 */
export async function setUnsetFields(
  context: RunContext,
  key: string,
): Promise<PreparedRequest['fieldIds'] | undefined> {
  const { serviceDesk, settings, log } = context;
  if (settings.fields.length === 0) return undefined;
  const prepared = await attempt(async () => {
    const { later, fieldIds } = await serviceDesk.prepareRequest(draftOf(context));
    // Its description has a value: it contains the run line by which the step recognized it.
    const fields = later.filter((field) => !isDescription(field));
    const ids = fields.map(({ id }) => id);
    const unset = ids.length === 0 ? [] : await serviceDesk.unsetFields(key, ids);
    return { later: fields.filter(({ id }) => unset.includes(id)), fieldIds };
  });
  if (prepared instanceof Fault) {
    log.warning(
      text`Whether the Octopus.JiraServiceManagement.Field[...] variables are set on ${changeRequestLink(context, key)} cannot be checked: ${prepared.summary}`,
    );
    return undefined;
  }
  await setLater(context, prepared.later, key);
  return prepared.fieldIds;
}
