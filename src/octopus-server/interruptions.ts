import type { Interruption, OctopusServer, PendingInterruptions } from '../app/parking/ports.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { type Text, text } from '../domain/text.ts';
import {
  asArray,
  asInstant,
  asNumber,
  asObject,
  asText,
  ifReadable,
  need,
  ShapeError,
} from '../http/json.ts';
import { isTooLarge } from '../http/transport.ts';
import type { OctopusSession } from './octopus-session.ts';

const pageSize = 100;
const mostPages = 1000;

/** Creates the port to the interruptions of one space, over the REST API. */
export function createOctopusServer(session: OctopusSession, spaceId: string): OctopusServer {
  const root = `/api/${encodeURIComponent(spaceId)}/interruptions`;
  const seen = text`Check that Octopus API key (JsmChange.OctopusApiKey) is a valid key of this server, and that its account has the permission InterruptionView in the space ${spaceId}.`;
  const answered = text`Give the account of Octopus API key (JsmChange.OctopusApiKey) the permission InterruptionViewSubmitResponsible in the space ${spaceId}, and make it a member of the responsible team of the Manual Intervention.`;
  const address = (id: string): string => `${root}/${encodeURIComponent(id)}`;
  return {
    pending: () => allPending(session, root, seen),
    interruption: (id) =>
      session.read({
        path: address(id),
        advice: seen,
        parse: (json) => ofThisId(parseInterruption(json), id),
      }),
    take: (id) =>
      session.write({
        method: 'PUT',
        path: `${address(id)}/responsible`,
        advice: answered,
        parse: (json) => need(asText(asObject(json)?.['Id']), 'Id'),
      }),
    submit: (id, answer, notes) =>
      session.write({
        method: 'POST',
        path: `${address(id)}/submit`,
        body: { Id: id, SpaceId: spaceId, Result: answer, Notes: notes, Instructions: null },
        advice: answered,
        parse: (json) => ofThisId(parseInterruption(json), id),
      }),
  };
}

/** R3: reads all pending interruptions, each once: new ones may push known ones to a later page meanwhile. */
async function allPending(
  session: OctopusSession,
  root: string,
  advice: Text,
): Promise<PendingInterruptions> {
  const found = new FoundOnce();
  let skip = 0;
  let take = pageSize;
  for (let page = 0; page < mostPages; page += 1) {
    const got = await attempt(() =>
      session.read({
        path: `${root}?pendingOnly=true&skip=${skip}&take=${take}`,
        advice,
        parse: (json, serverTime) => {
          const items = need(asArray(asObject(json)?.['Items']), 'Items');
          return { items, total: asNumber(asObject(json)?.['TotalResults']), serverTime };
        },
      }),
    );
    if (got instanceof Fault) {
      if (!isTooLarge(got)) throw got;
      // X5: request smaller pages, and finally skip the one interruption that is too large.
      if (take === 1) skip += 1;
      else take = Math.ceil(take / 10);
      continue;
    }
    const { items, total, serverTime } = got;
    // An unreadable interruption must not hide the others.
    const read = items.flatMap((item) => ifReadable(() => parseInterruption(item)) ?? []);
    const brought = read.filter((item) => found.add(item)).length;
    skip += items.length;
    const isLast = total === undefined ? items.length < take : skip >= total;
    const isNew = items.length > 0 && (read.length === 0 || brought > 0);
    if (isLast || !isNew)
      return { list: found.list(), serverTime: serverTime ?? (await timeAgain(session, advice)) };
    take = pageSize;
  }
  throw new Fault('refused', text`The list of interruptions did not end after ${mostPages} pages.`, advice);
}

/** W9: asks again for a doubted time. Without a confirmed time, no run counts as parked for too long. */
async function timeAgain(session: OctopusSession, advice: Text): Promise<Date | undefined> {
  const again = await attempt(() =>
    session.read({ path: '/api', advice, parse: (_json, serverTime) => serverTime }),
  );
  return again instanceof Fault ? undefined : again;
}

/**
 * The interruptions of a list, each once. Drops an id that the list shows for two deployments, because one
 * might be answered instead of the other.
 */
class FoundOnce {
  readonly #byId = new Map<string, Interruption>();
  readonly #ofTwo = new Set<string>();

  /** @returns whether it is new */
  add(item: Interruption): boolean {
    const known = this.#byId.get(item.id);
    if (known === undefined) this.#byId.set(item.id, item);
    else if (known.instructions !== item.instructions) this.#ofTwo.add(item.id);
    return known === undefined;
  }

  list(): readonly Interruption[] {
    return [...this.#byId.values()].filter(({ id }) => !this.#ofTwo.has(id));
  }
}

function ofThisId(interruption: Interruption, id: string): Interruption {
  if (interruption.id !== id) throw new ShapeError('the answer is about another interruption');
  return interruption;
}

/** Reads an interruption, whose fields have the names in Octopus' API reference. */
function parseInterruption(json: unknown): Interruption {
  const item = need(asObject(json), 'interruption');
  const form = asObject(item['Form']);
  const text = (name: string): string => asText(item[name]) ?? '';
  const isOwn = item['HasResponsibility'] === true;
  return {
    id: need(asText(item['Id']), 'Id'),
    isManualIntervention: isManualIntervention(asText(item['Type']), text('Title').trim()),
    isLinked: (item['IsLinkedToOtherInterruption'] ?? false) !== false,
    isPending: need(typeof item['IsPending'] === 'boolean' ? item['IsPending'] : undefined, 'IsPending'),
    created: asInstant(item['Created']),
    taskId: text('TaskId'),
    relatedDocumentIds: (asArray(item['RelatedDocumentIds']) ?? []).flatMap((id) => asText(id) ?? []),
    instructions: instructionsIn(form?.['Elements']),
    canTake: isOwn || item['CanTakeResponsibility'] === true,
    isOwn,
    isTaken: isOwn || text('ResponsibleUserId') !== '',
    result: asText(asObject(form?.['Values'])?.['Result']) ?? '',
  };
}

/**
 * Whether an interruption is a Manual Intervention. Old servers send no type: there the title identifies a
 * guided failure, and without a title the answer is no.
 */
function isManualIntervention(type: string | undefined, title: string): boolean {
  return type === undefined
    ? title !== '' && !title.endsWith('requires failure guidance')
    : type === 'ManualIntervention';
}

function instructionsIn(elements: unknown): string {
  for (const element of asArray(elements) ?? []) {
    const { Name: name, Control: control } = asObject(element) ?? {};
    if (name === 'Instructions') return asText(asObject(control)?.['Text']) ?? '';
  }
  return '';
}
