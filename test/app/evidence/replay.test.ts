import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayed } from '../../../scripts/replay/replayed-record.ts';
import { changeRecord } from '../../../src/app/evidence/change-record.ts';
import type { ChangeRecord, RecordEntry } from '../../../src/app/evidence/record.ts';
import { text } from '../../../src/domain/text.ts';
import { defaultToken, plannedEndId, plannedStartId } from '../../sandbox/defaults.ts';
import { faultScenario, runFaults } from '../../simulation/fault-model.ts';
import { gate, hourMs, minuteMs, siteWith, supplied } from '../gate-run.ts';
import { entriesOf, leftRecord, wrong } from './left-record.ts';

const on = { 'JsmChange.EvidenceRecord': 'True', 'JsmChange.CustomerComments': 'True' };

async function aRecord(): Promise<ChangeRecord> {
  const { site, key } = siteWith({
    fields: { [plannedEndId]: new Date(Date.UTC(2026, 5, 13, 18)) },
  });
  const run = await gate(site, on, { at: [[20 * minuteMs, () => site.moveTo(key, 'Implementing')]] });
  expect(run.exitCode).toBe(0);
  return leftRecord(run).record;
}

/** The ending of the record, with something else about its change request. */
function ofChangeRequest(
  { ending }: Pick<ChangeRecord, 'ending'>,
  more: Partial<NonNullable<ChangeRecord['ending']['changeRequest']>>,
): Pick<ChangeRecord, 'ending'> {
  const { changeRequest } = ending;
  return { ending: { ...ending, changeRequest: changeRequest && { ...changeRequest, ...more } } };
}

/** Rewrites the record with changed entries or another ending, and digests that match. */
function rewritten(record: ChangeRecord, change: (entry: RecordEntry) => RecordEntry): ChangeRecord {
  const { entries, ending, digest: _digest, ...head } = record;
  const plain = entries.map(({ digest: _own, ...entry }) => change(entry as RecordEntry));
  const { decision: verdict, code, rule, at, uptimeMs, exitCode, approvals, changeRequest } = ending;
  const outcome = { verdict, code, rule, reason: text`${ending.reason}` };
  return changeRecord(
    head,
    plain,
    outcome,
    { at, uptimeMs, exitCode, approvals, changeRequest },
    (same) => same,
  );
}

describe('a replay', () => {
  it('[E3] gives the same result for every run, even with faults', async () => {
    for (const scenario of fc.sample(faultScenario, { numRuns: 20, seed: 14 })) {
      const run = await runFaults(scenario, { 'JsmChange.EvidenceRecord': 'True' });
      const { record } = leftRecord(run);
      expect(record.ending.exitCode).toBe(run.exitCode);
      expect(record.ending.code).toBe(run.outputs['DecisionCode']);
    }
  });

  it('[E3] says that the record is from another version, whose rules may differ', async () => {
    const record = await aRecord();
    const places = (of: ChangeRecord) => replayed(of).map(({ where }) => where);
    expect(places(record)).not.toContain('step.version');
    const other = rewritten({ ...record, step: { ...record.step, version: '0.0.1' } }, (entry) => entry);
    expect(places(other)).toContain('step.version');
  });

  it('[E3] [A1] does not join separate mentions in the description into one', async () => {
    const { site, key } = siteWith({
      summary: 'A change',
      description: 'The Site of the Web, by ACME\\\\\\[EU\\]',
      status: 'Implementing',
    });
    const run = await gate(site, {
      ...on,
      ...supplied(key),
      'JsmChange.SuppliedMustMention': 'Web\nSite\nWeb Site\nACME\\[EU]',
    });
    const { record } = leftRecord(run);
    expect(record.ending).toMatchObject({ code: 'NotAllowed', rule: 'A1' });
    expect(entriesOf(record, 'check')[0]?.descriptionMentions).toEqual(['Web', 'Site', 'ACME\\[EU]']);
  });

  it.each([
    ['Release 1.0.1-rc of the site', '1.0.1-\n1.0.1'],
    ['Deploys 1.0.1+7', '1.0.1+\n1.0.1'],
  ])(
    '[E3] [A1] gives the same result for the description %j that must mention %j',
    async (description, must) => {
      const { site, key } = siteWith({ summary: 'A change', description, status: 'Implementing' });
      const variables = { ...on, ...supplied(key), 'JsmChange.SuppliedMustMention': must };
      const run = await gate(site, variables);
      expect(run.outputs['DecisionCode']).toBe('NotAllowed');
      leftRecord(run);
    },
  );

  it('[E3] finds any changed value, and says where', async () => {
    const record = await aRecord();
    const paths = leaves(record);
    expect(paths.length).toBeGreaterThan(100);
    fc.assert(
      fc.property(fc.constantFrom(...paths), (path) => {
        const changed = structuredClone(record);
        change(changed, path);
        const [first] = wrong(changed);
        expect(first, path.join('.')).toBeDefined();
        if (path[0] === 'entries') expect(first?.where).toMatch(/entries/);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('[E3] finds entries that are missing, duplicated or reordered', async () => {
    const record = await aRecord();
    const [first, second, ...rest] = record.entries;
    if (first === undefined || second === undefined) throw new Error('too few entries');
    for (const entries of [
      [second, ...rest],
      [first, first, second, ...rest],
      [second, first, ...rest],
    ]) {
      expect(wrong({ ...record, entries })[0]?.where).toMatch(/entries\[[012]\]/);
    }
  });

  it('[E3] recomputes a decision that the facts do not support, even if the digests match', async () => {
    const record = await aRecord();
    const better = rewritten(record, (entry) =>
      entry.kind === 'check' && entry.decision?.kind === 'wait'
        ? { ...entry, decision: { kind: 'proceed', reason: 'approved-in-window', rule: 'W3' } }
        : entry,
    );
    expect(wrong(better)[0]).toMatchObject({
      where: expect.stringMatching(/^entries\[\d+\]\.decision$/),
      says: expect.stringContaining('wait, not-approved (T2)'),
    });
  });

  it.each<[string, (entry: RecordEntry) => RecordEntry, RegExp]>([
    [
      'a window that the planned fields do not give',
      (entry) =>
        entry.kind === 'check'
          ? { ...entry, window: { ...entry.window, end: { kind: 'unset', field: 'Planned end' } } }
          : entry,
      /window$/,
    ],
    [
      'a status that nobody allowed',
      (entry) =>
        entry.kind === 'check' && entry.decision?.kind === 'proceed'
          ? {
              ...entry,
              changeRequest: { ...entry.changeRequest, status: { id: '1', name: 'Review', category: 'new' } },
            }
          : entry,
      /decision$/,
    ],
    [
      'a last check that did not read all fields',
      (entry) => (entry.kind === 'check' ? { ...entry, isWhole: false } : entry),
      /ending$/,
    ],
    [
      'a last check that was too old',
      (entry) =>
        entry.kind === 'check'
          ? { ...entry, first: { ...entry.first, asked: { ...entry.first.asked, uptimeMs: 0 } } }
          : entry,
      /ending$/,
    ],
    [
      'a digest without its comment',
      (entry) =>
        entry.kind === 'write' && entry.what === 'comment' ? { ...entry, content: { body: '...' } } : entry,
      /^entries/,
    ],
    [
      'another digest than the comment contains',
      (entry) => (entry.kind === 'digest' ? { ...entry, sha256: '0'.repeat(64) } : entry),
      /^entries/,
    ],
  ])('[E3] finds %s even if the digests match', async (_what, change, where) => {
    const found = wrong(rewritten(await aRecord(), change));
    expect(found.map((one) => one.where).join()).toMatch(where);
  });

  it.each<[string, (record: ChangeRecord) => Partial<ChangeRecord>, string]>([
    [
      'a comment with a digest that the record lacks',
      ({ entries }) => ({ entries: entries.filter(({ kind }) => kind !== 'digest') }),
      'entries',
    ],
    [
      'a write after the last check',
      ({ entries }) => {
        const [write] = entries.filter(({ kind }) => kind === 'write');
        const moved = { ...write, what: 'transition', content: {} } as (typeof entries)[number];
        return { entries: [...entries, moved] };
      },
      'ending',
    ],
    [
      'an ending before the answer of the last check',
      ({ ending }) => ({ ending: { ...ending, uptimeMs: 1 } }),
      'ending',
    ],
    [
      'approvals that no entry shows',
      ({ ending }) => ({
        ending: { ...ending, approvals: { kind: 'approvals', at: ending.at, key: 'CHG-1', approvals: [] } },
      }),
      'ending.approvals',
    ],
  ])('[E3] [E4] finds %s', async (_what, change, where) => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const ann = site.addAccount('ann', 'Ann Approver').displayName;
    site.setApproval(key, { name: 'CAB', finalDecision: 'approved', approvers: { [ann]: 'approved' } });
    const { record } = leftRecord(await gate(site, { ...on, ...supplied(key) }));
    const found = wrong(rewritten({ ...record, ...change(record) }, (entry) => entry));
    expect(found.map((one) => one.where).join()).toContain(where);
  });

  it.each<[string, (record: ChangeRecord) => Partial<ChangeRecord>, string]>([
    [
      'a run line that is not that of the run',
      ({ run }) => ({ run: { ...run, runId: 'Deployments-999' } }),
      'run.line',
    ],
    [
      'a link to the change request that is not on the site of the settings',
      (record) => ofChangeRequest(record, { url: 'https://evil.example/browse/CHG-1' }),
      'ending.changeRequest.url',
    ],
    [
      'a source that the settings exclude',
      ({ settings }) => ({ settings: settings && { ...settings, suppliedKey: null } }),
      'ending.changeRequest.source',
    ],
    [
      'another source than that of a supplied change request',
      (record) => ofChangeRequest(record, { source: 'Matched' }),
      'ending.changeRequest.source',
    ],
    [
      'a change request that the run raised, without an entry that shows it',
      ({ settings, ...record }) => ({
        ...ofChangeRequest(record, { source: 'Created' }),
        settings: settings && { ...settings, suppliedKey: null },
      }),
      'ending.changeRequest.source',
    ],
  ])('[E3] finds %s even if the digests match', async (_what, change, where) => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const { record } = leftRecord(await gate(site, { 'JsmChange.EvidenceRecord': 'True', ...supplied(key) }));
    const found = wrong(rewritten({ ...record, ...change(record) }, (entry) => entry));
    expect(found.map((one) => one.where)).toEqual([where]);
  });

  it('[E3] accepts a run line and a link that contained a secret or were shortened', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    for (const serverUri of [`https://${defaultToken}.example`, `https://${'a'.repeat(3000)}.example`]) {
      const run = await gate(site, { ...on, ...supplied(key), 'Octopus.Web.ServerUri': serverUri });
      expect(leftRecord(run).record.run.line).not.toContain(serverUri);
    }
  });

  it('[E4] finds the digest of the comment in the record and in Jira', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const { record } = leftRecord(await gate(site, { ...on, ...supplied(key) }));
    const [sealed] = entriesOf(record, 'digest');
    const { comments } = site.issue(key);
    expect(comments.filter(({ body }) => body.includes(`: ${sealed?.sha256}\n`))).toHaveLength(1);
    // A repeated run adds no comment, and therefore no digest.
    const again = leftRecord(await gate(site, { ...on, ...supplied(key) })).record;
    expect(entriesOf(again, 'digest')).toEqual([]);
    expect(site.issue(key).comments).toHaveLength(comments.length);
  });

  it('[E3] recomputes approvals and mentions as well', async () => {
    const { site, key } = siteWith({
      description: 'Brings Web Site 1.0.1 to production.',
      summary: 'A change of ours',
      status: 'Implementing',
      fields: { [plannedStartId]: new Date(Date.UTC(2026, 5, 13, 9)) },
    });
    const ann = site.addAccount('ann', 'Ann Approver').displayName;
    site.setApproval(key, { name: 'CAB', approvers: { [ann]: 'pending' } });
    const run = await gate(
      site,
      {
        ...on,
        ...supplied(key),
        'JsmChange.SuppliedMustMention': 'Web Site\n1.0.1',
        'JsmChange.ApprovalCheck': 'OtherApprover',
      },
      {
        at: [
          [
            2 * hourMs,
            () =>
              site.setApproval(key, {
                name: 'CAB',
                finalDecision: 'approved',
                approvers: { [ann]: 'approved' },
              }),
          ],
        ],
      },
    );
    const { record } = leftRecord(run);
    expect(record.ending).toMatchObject({ decision: 'Proceed', code: 'Approved', by: 'decision' });
    const rules = entriesOf(record, 'check').map(({ decision }) => decision?.rule);
    expect(rules).toContain('A2');
    const forged = rewritten(record, (entry) =>
      entry.kind === 'check' ? { ...entry, descriptionMentions: [] } : entry,
    );
    expect(wrong(forged)[0]?.says).toContain('not-mentioned (A1)');
    const unapproved = rewritten(record, (entry) =>
      entry.kind === 'check' ? { ...entry, approvals: [] } : entry,
    );
    expect(wrong(unapproved)[0]?.says).toContain('no-approval (A2)');
    const unread = rewritten(record, (entry) =>
      entry.kind === 'check' ? { ...entry, approvals: null } : entry,
    );
    expect(wrong(unread)[0]).toMatchObject({ where: expect.stringMatching(/approvals$/) });
  });
});

type Path = readonly (string | number)[];

function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return parts.flatMap(([key, part]) => leaves(part, [...path, key]));
}

function change(value: unknown, path: Path): void {
  const at = path
    .slice(0, -1)
    .reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], value);
  const key = path.at(-1) ?? '';
  const part = at as Record<string | number, unknown>;
  part[key] = typeof part[key] === 'number' ? (part[key] as number) + 1 : `${part[key]}x`;
}
