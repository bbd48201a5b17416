import { describe, expect, it } from 'vitest';
import {
  approvalsOfRefusal,
  approvalsToShow,
  approvedBy,
  approverWords,
  declinedBy,
  isAllGiven,
  mayReadToShow,
  nameList,
} from '../../src/app/approvers.ts';
import type { RunContext } from '../../src/app/run-context.ts';
import type { Approval } from '../../src/domain/change/approval-check.ts';
import type { StopDecision } from '../../src/domain/decision/decision.ts';
import type { TimedCheck } from '../../src/domain/decision/run-record.ts';
import { aCheck } from '../domain/change/a-change-request.ts';
import { ManualClock } from '../jira/manual-clock.ts';

type Decided = Readonly<Record<string, 'approved' | 'declined' | 'pending'>>;

function approval(name: string, finalDecision: string, approvers: Decided, completed?: string): Approval {
  return {
    id: name,
    name,
    finalDecision,
    approvers: Object.entries(approvers).map(([person, decision]) => ({
      name: person,
      decision,
      email: '',
      username: '',
    })),
    created: new Date('2026-06-13T08:00:00Z'),
    completed: completed === undefined ? undefined : new Date(completed),
  };
}

const given = approval('CAB', 'approved', { Ann: 'approved', Bob: 'pending' }, '2026-06-13T09:00:00Z');

describe('who approved', () => {
  it('[M4] [A2] of several approvals with the same name only the latest counts', () => {
    const replaced = approval('CAB', 'pending', { Bob: 'pending' });
    const later = { ...given, created: new Date('2026-06-13T08:30:00Z') };
    expect(approverWords([replaced, later])?.line).toBe('Approved by: Ann.');
    expect(isAllGiven([replaced, later])).toBe(true);
  });

  it.each<[string, readonly Approval[] | undefined, string | undefined]>([
    ['unknown', undefined, undefined],
    ['nobody', [], undefined],
    ['only those who approved, and when', [given], 'approved by Ann at 2026-06-13T09:00:00Z'],
    ['no time if Jira gives none', [approval('CAB', 'approved', { Ann: 'approved' })], 'approved by Ann'],
    ['not those of an open approval', [approval('CAB', 'pending', { Ann: 'approved' })], undefined],
    ['not those of a declined approval', [approval('CAB', 'declined', { Ann: 'approved' })], undefined],
    ['nobody if an automation approved', [approval('CAB', 'approved', { Ann: 'pending' })], undefined],
    [
      'the approvers of each approval',
      [given, approval('Peers', 'approved', { Cid: 'approved', Dee: 'approved' })],
      'approved by Ann at 2026-06-13T09:00:00Z, and by Cid, Dee',
    ],
    [
      'the latest approval of each name',
      [
        approval('CAB', 'approved', { Eve: 'approved' }),
        { ...given, created: new Date('2026-06-13T08:30:00Z') },
      ],
      'approved by Ann at 2026-06-13T09:00:00Z',
    ],
  ])('[A3] %s', (_what, approvals, expected) => {
    expect(approvedBy(approvals)?.line).toBe(expected);
  });

  it.each<[string, readonly Approval[] | undefined, string | undefined]>([
    ['unknown', undefined, undefined],
    ['nobody', [given], undefined],
    [
      'only those who declined',
      [approval('CAB', 'declined', { Ann: 'approved', Bob: 'declined', Cid: 'pending' })],
      'declined by Bob',
    ],
  ])('[M2] who declined: %s', (_what, approvals, expected) => {
    expect(declinedBy(approvals)?.line).toBe(expected);
  });

  it.each([
    [10, 'P1, P2, P3, P4, P5, P6, P7, P8, P9, P10'],
    [12, 'P1, P2, P3, P4, P5, P6, P7, P8, P9, P10 and 2 more'],
  ])('[M4] a line names ten of %i people, each once', (count, expected) => {
    const names = Array.from({ length: count }, (_, index) => `P${index + 1}`);
    expect(nameList([...names, ...names]).line).toBe(expected);
  });
});

/** A run in which a read of approvals gives one of Ann's. */
function runWith(deadline: number | undefined) {
  const reads: string[] = [];
  const serviceDesk = {
    approvals: (key: string, tries: string) => {
      reads.push(`${key} ${tries}`);
      return Promise.resolve([given]);
    },
  };
  const record: { approvals?: readonly Approval[] } = {};
  const clock = new ManualClock();
  const context = {
    clock,
    serviceDesk,
    record,
    deadline: deadline === undefined ? undefined : clock.now() + deadline,
  } as unknown as RunContext;
  return { context, reads, record };
}

const check: TimedCheck = { ...aCheck(), askedAt: 0, askedAtWallMs: 0, answeredAt: 0, isWhole: true };

describe('approvals that are only shown', () => {
  it.each([
    ['without a wait limit', undefined, true],
    ['6 s before the wait limit', 6000, true],
    ['later than that', 5999, false],
  ])('[P4] [A3] %s', async (_when, deadline, isRead) => {
    const { context, reads, record } = runWith(deadline);
    expect(mayReadToShow(context)).toBe(isRead);
    expect(await approvalsToShow(context, check)).toEqual(isRead ? [given] : undefined);
    expect(reads).toEqual(isRead ? ['CHG-12 once'] : []);
    expect(record.approvals).toEqual(isRead ? [given] : undefined);
  });

  it('[A3] are not read again if the check has them', async () => {
    const { context, reads } = runWith(undefined);
    expect(await approvalsToShow(context, { ...check, approvals: [] })).toEqual([]);
    expect(reads).toEqual([]);
  });

  it.each<[StopDecision, number]>([
    [{ kind: 'stop', reason: 'status-refuses' }, 1],
    [{ kind: 'stop', reason: 'project-not-allowed' }, 0],
  ])('[M2] %o', async (decision, count) => {
    const { context, reads } = runWith(undefined);
    await approvalsOfRefusal(context, decision, check);
    expect(reads).toHaveLength(count);
  });
});
