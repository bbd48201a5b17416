import type { BulkReader } from '../app/parking/ports.ts';
import type { Reading } from '../app/ports.ts';
import { type ChangeRequest, plannedCandidates } from '../domain/change/change-request.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { foldName } from '../domain/names.ts';
import { asArray, asObject, ifReadable, type JsonObject, need } from '../http/json.ts';
import type { DecidingReads } from './deciding-read.ts';
import { checkFields, isPlannedName, needKey, parseIssue, plannedNames } from './issue.ts';
import type { AnswerFacts } from './session/call.ts';
import { siteFields } from './site-fields.ts';

const mostKeys = 100;
/** Fewer keys need no more requests with single reads than with the field list and a bulk read. */
const fewestKeys = 3;
const nothing: ReadonlyMap<string, Reading> = new Map();

/** R4: reads up to 100 change requests per request. Only Cloud can do this; elsewhere the result is empty. */
export function createBulkReader(options: DecidingReads): BulkReader {
  const { session, plannedFields } = options;
  /** The planned fields that issues lack, by project and issue type, as single reads have shown. */
  const without = new Map<string, ReadonlySet<string>>();
  /** Names of the site's planned fields by id. */
  let planned: ReadonlyMap<string, string> | undefined;
  let isRefused = false;

  return {
    size: mostKeys,
    isComplete: (changeRequest) => {
      const known = without.get(typeOf(changeRequest));
      const { plannedStart, plannedEnd } = changeRequest;
      const isNamedMissing = plannedStart.missing.length + plannedEnd.missing.length > 0;
      const isOfType = changeRequest.issueType.id !== '';
      return isOfType && !isNamedMissing && lacking(changeRequest).every((id) => known?.has(id));
    },
    learn: (changeRequest) => {
      without.set(typeOf(changeRequest), new Set(lacking(changeRequest)));
    },
    readMany: async (keys) => {
      if (isRefused || keys.length < fewestKeys || session.siteKind === 'data-center') return nothing;
      const found = await attempt(async () => {
        planned ??= await namesOfPlanned();
        return session.siteKind === 'cloud' ? bulkfetch(keys, planned) : nothing;
      });
      if (!(found instanceof Fault)) return found;
      // Do not retry a login that was never accepted. After a good answer, the token may only lack a scope.
      if (found.kind === 'login' && planned === undefined) throw found;
      isRefused = true;
      return nothing;
    },
  };

  /** Ids of the site's planned fields that a change request lacks, and the bounds for which it has none. */
  function lacking(changeRequest: ChangeRequest): readonly string[] {
    const { plannedStart, plannedEnd } = changeRequest;
    const has = new Set(plannedCandidates(changeRequest).map(({ id }) => id));
    return [
      ...[...(planned?.keys() ?? [])].filter((id) => !has.has(id)),
      ...(plannedStart.candidates.length === 0 ? ['start'] : []),
      ...(plannedEnd.candidates.length === 0 ? ['end'] : []),
    ];
  }

  async function namesOfPlanned(): Promise<ReadonlyMap<string, string>> {
    const wanted = new Set(plannedNames(plannedFields).map(foldName));
    const fields = await siteFields(session, [...wanted]);
    const isPlanned = fields.filter(
      ({ id, name }) => isPlannedName(name, plannedFields) || wanted.has(foldName(id)),
    );
    return new Map(isPlanned.map(({ id, name }) => [id, name]));
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ */
  async function bulkfetch(
    keys: readonly string[],
    names: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, Reading>> {
    const asked = new Set(keys);
    return session.call({
      method: 'POST',
      path: '/rest/api/3/issue/bulkfetch',
      body: { issueIdsOrKeys: keys, fields: [...checkFields, ...names.keys()], fieldsByKeys: false },
      parse: (json, { serverTime, isTimeDoubted, askedAt, answeredAt }: AnswerFacts) => {
        const readings = new Map<string, Reading>();
        const doubled = new Set<string>();
        for (const issue of need(asArray(asObject(json)?.['issues']), 'issues')) {
          const changeRequest = changeIn(asObject(issue), names);
          if (changeRequest === undefined || !asked.has(changeRequest.key)) continue;
          const { key } = changeRequest;
          if (readings.has(key)) doubled.add(key);
          readings.set(key, { changeRequest, serverTime, isTimeDoubted, askedAt, answeredAt });
        }
        for (const key of doubled) readings.delete(key);
        return readings;
      },
    });
  }

  function changeIn(
    issue: JsonObject | undefined,
    names: ReadonlyMap<string, string>,
  ): ChangeRequest | undefined {
    const fields = asObject(issue?.['fields']);
    if (issue === undefined || fields === undefined) return undefined;
    const here = [...names].filter(([id]) => Object.hasOwn(fields, id));
    return ifReadable(() => {
      const asked = { key: needKey(issue['key']), earlier: undefined };
      return parseIssue({ ...issue, names: Object.fromEntries(here) }, plannedFields, asked);
    });
  }
}

/** Project and issue type as a key: together they determine which fields an issue has. */
function typeOf({ projectKey, issueType }: ChangeRequest): string {
  return `${projectKey} ${issueType.id}`;
}
