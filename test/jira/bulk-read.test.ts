import { describe, expect, it } from 'vitest';
import { attempt } from '../../src/domain/fault.ts';
import { createBulkReader } from '../../src/jira/bulk-read.ts';
import { byPath, good, refusal, type Script, scriptedSession } from './scripted-site.ts';

const fields = [
  { id: 'customfield_1', name: 'Planned start', schema: { type: 'datetime' } },
  { id: 'customfield_2', name: 'Planned end', schema: { type: 'datetime' } },
];

function issue(number: number, given: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: String(1000 + number),
    key: `CHG-${number}`,
    fields: {
      summary: `Change ${number}`,
      status: { id: '1', name: 'Implementing', statusCategory: { key: 'indeterminate' } },
      issuetype: { id: '5', name: 'Change' },
      project: { key: 'CHG' },
      created: '2026-06-13T08:00:00.000+0000',
      customfield_1: null,
      customfield_2: null,
      ...given,
    },
  };
}

const keys = ['CHG-1', 'CHG-2', 'CHG-3'];

async function readMany(
  bulk: ReturnType<typeof good> | ReturnType<typeof refusal> | Script,
  list: readonly unknown[] = fields,
) {
  const { session, patience, site } = scriptedSession(
    byPath({ 'GET /rest/api/2/field': good(list), 'POST /rest/api/3/issue/bulkfetch': bulk }),
  );
  const plannedFields = { start: undefined, end: undefined, set: [] };
  const reader = createBulkReader({ session, patience, plannedFields, withDescription: false });
  const found = await attempt(() => reader.readMany(keys));
  return { found, reader, site };
}

async function keysRead(...issues: readonly unknown[]): Promise<readonly string[]> {
  const { found } = await readMany(good({ issues, issueErrors: [] }));
  return found instanceof Map ? [...found.keys()] : [];
}

describe('A bulk read', () => {
  it('[R4] reads everything that a decision needs in one request', async () => {
    const { found, site } = await readMany(good({ issues: [3, 1, 2].map((number) => issue(number)) }));
    expect(found instanceof Map && [...found.keys()].sort()).toEqual(keys);
    const sent = site.requests.at(-1);
    const body = JSON.parse(sent?.body ?? '{}');
    expect(body.issueIdsOrKeys).toEqual(keys);
    expect(body.fields).toEqual(
      expect.arrayContaining(['summary', 'status', 'project', 'customfield_1', 'customfield_2']),
    );
    expect(sent?.freshConnection).toBe(false);
  });

  it('[R4][L16] omits issues that were not requested, that appear twice, or that cannot be parsed', async () => {
    expect(await keysRead(issue(1), issue(9))).toEqual(['CHG-1']);
    expect(await keysRead(issue(1), issue(1, { summary: 'Other' }), issue(2))).toEqual(['CHG-2']);
    expect(await keysRead(issue(1), issue(2, { status: null }), 'x', { key: 'CHG-3' })).toEqual(['CHG-1']);
    expect(await keysRead()).toEqual([]);
  });

  it('[R4][W12] treats an issue that lacks a planned field as incomplete, until a single read explains it', async () => {
    const { found, reader } = await readMany(
      good({ issues: [issue(1), issue(2, { customfield_2: undefined })] }),
    );
    if (!(found instanceof Map)) throw new Error('nothing was read');
    const [whole, lacking] = [found.get('CHG-1')?.changeRequest, found.get('CHG-2')?.changeRequest];
    if (whole === undefined || lacking === undefined) throw new Error('both are there');
    expect([reader.isComplete(whole), reader.isComplete(lacking)]).toEqual([true, false]);
    reader.learn(lacking);
    expect(reader.isComplete(lacking)).toBe(true);
    expect(reader.isComplete({ ...lacking, projectKey: 'OPS' })).toBe(false);
  });

  it('[R4][W12] accepts that there is no planned field only from a complete read', async () => {
    const list = [{ id: 'summary', name: 'Summary' }];
    const { found, reader } = await readMany(good({ issues: [issue(1)] }), list);
    const changeRequest = found instanceof Map ? found.get('CHG-1')?.changeRequest : undefined;
    if (changeRequest === undefined) throw new Error('it is there');
    expect(reader.isComplete(changeRequest)).toBe(false);
    reader.learn(changeRequest);
    expect(reader.isComplete(changeRequest)).toBe(true);
  });

  it('[R4][W12] learns nothing for an issue of unknown type', async () => {
    const list = [{ id: 'summary', name: 'Summary' }];
    const untyped = issue(1, { issuetype: {} });
    const { found, reader } = await readMany(good({ issues: [untyped] }), list);
    const changeRequest = found instanceof Map ? found.get('CHG-1')?.changeRequest : undefined;
    if (changeRequest === undefined) throw new Error('it is there');
    reader.learn(changeRequest);
    expect(reader.isComplete(changeRequest)).toBe(false);
  });

  it.each([400, 403, 404])('[R4] is not tried again after a refusal with %s', async (status) => {
    const { found, reader, site } = await readMany(refusal(status, 'no'));
    expect(found).toEqual(new Map());
    const before = site.requests.length;
    expect(await reader.readMany(keys)).toEqual(new Map());
    expect(site.requests.length).toBe(before);
  });

  it('[R4] is not used for two issues', async () => {
    const { reader, site } = await readMany(good({ issues: [] }));
    const before = site.requests.length;
    expect(await reader.readMany(['CHG-1', 'CHG-2'])).toEqual(new Map());
    expect(site.requests.length).toBe(before);
  });
});
