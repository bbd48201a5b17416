import { describe, expect, it } from 'vitest';
import { changeRecord, recordText } from '../../../src/app/evidence/change-record.ts';
import { chained } from '../../../src/app/evidence/digest.ts';
import type { ApprovalsEntry, RecordHead } from '../../../src/app/evidence/record.ts';
import { Trail } from '../../../src/app/evidence/trail.ts';
import { decide } from '../../../src/domain/decision/decision.ts';
import type { TimedCheck } from '../../../src/domain/decision/run-record.ts';
import { text } from '../../../src/domain/text.ts';
import { aChangeRequest, aCheck, aStatus, someRules } from '../../domain/change/a-change-request.ts';

const head = { record: 'octopus-jsm-change-record' } as unknown as RecordHead;
const longTitle = '変更'.repeat(127);

function checks(
  trail: Trail,
  count: number,
  statusOf: (index: number) => string,
  summary = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"',
): void {
  for (let index = 0; index < count; index += 1) {
    const at = index * 15_000;
    const changeRequest = aChangeRequest({ status: aStatus(statusOf(index)), summary });
    const serverTime = new Date(Date.UTC(2026, 5, 13) + at);
    const check: TimedCheck = {
      ...aCheck({ changeRequest, serverTime }),
      askedAt: at,
      answeredAt: at + 100,
      askedAtWallMs: serverTime.getTime(),
      isWhole: false,
    };
    trail.checked(check);
    trail.decided(check, decide(check, someRules));
  }
}

function textOf(trail: Trail, approvals: ApprovalsEntry | null = null): string {
  const outcome = { verdict: 'TimedOut', code: 'TimedOut', rule: 'P4', reason: text`Over.` } as const;
  const circumstances = { at: '', uptimeMs: 0, exitCode: 1, approvals, changeRequest: null } as const;
  return recordText(changeRecord(head, trail.entries, outcome, circumstances, (same) => same));
}

const same = (value: string): string => value;

describe('the trail of a run', () => {
  it('[E2] counts checks with the same result', () => {
    const trail = new Trail(same);
    checks(trail, 1000, (index) => (index < 400 ? 'Review' : 'Planning'));
    expect(trail.entries).toMatchObject([
      {
        kind: 'check',
        count: 400,
        first: { asked: { uptimeMs: 0 } },
        last: { asked: { uptimeMs: 399 * 15_000 } },
      },
      { kind: 'check', count: 600 },
    ]);
  });

  it('[E2] adds no entry for a check with the same result', () => {
    let texts = 0;
    const trail = new Trail((value) => {
      texts += 1;
      return value;
    });
    checks(trail, 1, () => 'Review');
    const [first] = trail.entries;
    const ofOneEntry = texts;
    checks(trail, 100, () => 'Review');
    expect(trail.entries).toHaveLength(1);
    expect(trail.entries[0]).toBe(first);
    expect(first).toMatchObject({ count: 101, last: { asked: { uptimeMs: 99 * 15_000 } } });
    // Only the times are turned into text again.
    const ofTimes = JSON.stringify(first).match(/"(?:site|worker)":"/g)?.length ?? 0;
    expect(texts - ofOneEntry).toBe(100 * (ofTimes / 2));
    expect(ofOneEntry).toBeGreaterThan(ofTimes);
  });

  it.each<[string, Partial<TimedCheck>]>([
    ['with another summary', { changeRequest: aChangeRequest({ summary: 'Another' }) }],
    ['with another status', { changeRequest: aChangeRequest({ status: aStatus('Planning') }) }],
    ['with another time zone', { timeZone: 'Asia/Tokyo' }],
    ['of all fields', { isWhole: true }],
    ['with approvals', { approvals: [] }],
    ['with another window', { window: { start: { kind: 'unset' }, end: { kind: 'zone-needed' } } as never }],
  ])('[E2] adds an entry for a check %s, and for the one after it', (_what, other) => {
    const trail = new Trail(same);
    const check: TimedCheck = { ...aCheck({}), askedAt: 0, answeredAt: 1, askedAtWallMs: 0, isWhole: false };
    for (const one of [check, { ...check, ...other }, check, { ...check }]) trail.checked(one);
    expect(trail.entries.map((entry) => ('count' in entry ? entry.count : undefined))).toEqual([1, 1, 2]);
  });

  it('[E2] adds an entry for a check with another decision', () => {
    const trail = new Trail(same);
    checks(trail, 2, () => 'Review');
    const check: TimedCheck = {
      ...aCheck({ changeRequest: aChangeRequest({ status: aStatus('Review') }) }),
      askedAt: 0,
      answeredAt: 1,
      askedAtWallMs: 0,
      isWhole: false,
    };
    trail.checked(check);
    trail.decided(check, { kind: 'stop', reason: 'status-refuses' });
    expect(trail.entries).toHaveLength(2);
  });

  it('[E2] keeps 500 distinct checks and the last, and counts the rest with a running digest', () => {
    const trail = new Trail(same);
    checks(trail, 700, (index) => ['Review', 'Planning'][index % 2] ?? '');
    const { entries } = trail;
    const omitted = entries.find((entry) => entry.kind === 'omitted');
    expect(entries).toHaveLength(501);
    expect(omitted).toMatchObject({ entries: 200, checks: 200 });
    expect(entries.at(-1)).toMatchObject({ count: 1, first: { asked: { uptimeMs: 699 * 15_000 } } });

    const whole = new Trail(same);
    checks(whole, 700, (index) => ['Review', 'Planning'][index % 2] ?? '');
    expect(whole.entries.find((entry) => entry.kind === 'omitted')).toEqual(omitted);
    const other = new Trail(same);
    checks(other, 700, (index) => (index === 600 ? 'Authorize' : (['Review', 'Planning'][index % 2] ?? '')));
    expect(other.entries.find((entry) => entry.kind === 'omitted')).not.toEqual(omitted);
  });

  it('[E2] stays under 1 MB for any answers of the site', () => {
    const trail = new Trail(same);
    // Each check has another status; otherwise they would only be counted.
    checks(trail, 3000, (index) => `${longTitle} ${index}`, longTitle);
    expect(Buffer.byteLength(textOf(trail))).toBeLessThan(1_000_000);
    expect(trail.entries.at(-1)).toMatchObject({ changeRequest: { status: { name: `${longTitle} 2999` } } });
  });

  it.each([0, 3, 600])(
    '[E2] stays under 1 MB if %i checks come before five with 200 KB of approvals each',
    (before) => {
      const trail = new Trail(same);
      checks(trail, before, (index) => ['Review', 'Planning'][index % 2] ?? '', longTitle);
      const changeRequest = aChangeRequest({ status: aStatus('Implementing') });
      const askFor = (decided: number): void => {
        const approvers = Array.from({ length: 1500 }, (_, index) => ({
          name: `Approver number ${index} of the board`,
          accountId: `5b10ac8d82e05b22cc7d${index}`,
          email: '',
          username: '',
          decision: index < decided ? 'approved' : 'pending',
        }));
        const check = {
          ...aCheck({ changeRequest }),
          askedAt: 0,
          answeredAt: 1,
          askedAtWallMs: 0,
          isWhole: false,
        };
        const approvals = [{ id: '1', name: 'CAB', finalDecision: 'pending', approvers }] as never;
        trail.checked({ ...check, approvals });
      };
      for (let decided = 0; decided < 5; decided += 1) askFor(decided);
      trail.seal('');
      askFor(5);
      const approvals = trail.approvalsOf(changeRequest.key) ?? null;
      expect(Buffer.byteLength(JSON.stringify(approvals))).toBeGreaterThan(150_000);
      expect(Buffer.byteLength(textOf(trail, approvals))).toBeLessThan(1_000_000);
      expect(trail.entries.at(-1)?.kind).toBe('check');
      const counts = trail.entries.map((entry) => (entry.kind === 'omitted' ? entry.entries : 1));
      expect(counts.reduce((sum, count) => sum + count)).toBe(before + 5 + 2);
    },
  );

  it('[E4] leaves what a digest covers unchanged', () => {
    const trail = new Trail(same);
    checks(trail, 3, () => 'Implementing');
    const before = structuredClone(trail.entries);
    trail.seal(chained('', 'so far'));
    checks(trail, 3, () => 'Implementing');
    expect(trail.entries.slice(0, before.length)).toEqual(before);
    expect(trail.entries).toMatchObject([{ count: 3 }, { kind: 'digest' }, { count: 3 }]);
  });

  it('[E4] leaves what a digest covers unchanged even if only the last entries are kept', () => {
    const trail = new Trail(same);
    const status = (index: number): string => ['Review', 'Planning'][index % 2] ?? '';
    checks(trail, 600, status);
    const before = structuredClone(trail.entries);
    trail.seal('');
    checks(trail, 600, status);
    expect(trail.entries.slice(0, before.length)).toEqual(before);
    expect(trail.entries.slice(before.length)).toMatchObject([
      { kind: 'digest' },
      { kind: 'omitted', entries: 599 },
      { kind: 'check' },
    ]);
  });

  it('[X3] shows no secret', () => {
    const trail = new Trail((value) => value.replaceAll(longTitle, '***'));
    checks(trail, 1, () => 'Review', longTitle);
    expect(JSON.stringify(trail.entries)).not.toContain(longTitle);
  });
});
