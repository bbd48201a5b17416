import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Approval,
  type ApprovalRule,
  type Approver,
  checkApprovals,
  isDeployerUnknown,
} from '../../../src/domain/change/approval-check.ts';
import { decide } from '../../../src/domain/decision/decision.ts';
import { aCheck, aStatus, setAt, someRules } from './a-change-request.ts';

const dora = { email: 'dora@acme.example', username: 'dora' };
const approved: ApprovalRule = { check: 'approved', deployer: dora };
const other: ApprovalRule = { check: 'other-approver', deployer: dora };

function approver(name: string, over: Partial<Approver> = {}): Approver {
  return { name, decision: 'approved', email: `${name}@acme.example`, username: '', ...over };
}

function approval(approvers: readonly Approver[], over: Partial<Approval> = {}): Approval {
  return {
    id: '1',
    name: 'CAB',
    finalDecision: 'approved',
    approvers,
    created: new Date('2026-06-13T08:00:00Z'),
    completed: undefined,
    ...over,
  };
}

const pending = { decision: 'pending' };
const declined = { decision: 'declined' };
const later = new Date('2026-06-13T09:00:00Z');

describe('what the approvals of a change request come to', () => {
  it.each<[string, readonly Approval[], ReturnType<typeof checkApprovals>]>([
    ['none', [], { kind: 'none' }],
    ['one that is given', [approval([approver('ann')])], { kind: 'holds' }],
    [
      'one that waits',
      [approval([approver('ann'), approver('bob', pending)], { finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['bob'] },
    ],
    [
      'one that waits, and names nobody',
      [approval([], { finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['CAB'] },
    ],
    [
      'one with a decision that nobody knows',
      [approval([approver('ann')], { finalDecision: 'withdrawn' })],
      { kind: 'undecided', missing: ['CAB'] },
    ],
    [
      'one of two that waits',
      [
        approval([approver('ann')]),
        approval([approver('bob', pending)], { name: 'Peers', finalDecision: 'pending' }),
      ],
      { kind: 'undecided', missing: ['bob'] },
    ],
    [
      'one of two that was declined, before all else',
      [
        approval([approver('ann', declined)], { finalDecision: 'declined' }),
        approval([approver('bob', pending)], { name: 'Peers', finalDecision: 'pending' }),
      ],
      { kind: 'declined', by: ['ann'] },
    ],
    [
      'a second round that is given after a first that was declined',
      [
        approval([approver('ann')], { created: later }),
        approval([approver('ann', declined)], { finalDecision: 'declined' }),
      ],
      { kind: 'holds' },
    ],
    [
      'a second round that was declined after a first that was given, in another case',
      [
        approval([approver('ann')]),
        approval([approver('ann', declined)], { name: 'cab', finalDecision: 'declined', created: later }),
      ],
      { kind: 'declined', by: ['ann'] },
    ],
    [
      'rounds whose dates are not known, by their ids',
      [
        approval([approver('ann')], { id: '10', created: undefined }),
        approval([approver('ann', declined)], { id: '9', finalDecision: 'declined', created: undefined }),
      ],
      { kind: 'holds' },
    ],
    [
      'rounds of one date, by their ids',
      [
        approval([approver('ann')], { id: '11' }),
        approval([approver('ann', declined)], { id: '10', finalDecision: 'declined' }),
      ],
      { kind: 'holds' },
    ],
    ['one by who deploys', [approval([approver('dora')])], { kind: 'holds' }],
    [
      'one that waits after somebody has declined: only who has not decided is missing',
      [approval([approver('ann', declined), approver('bob', pending)], { finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['bob'] },
    ],
    [
      'one without a name that waits, and names nobody',
      [approval([], { name: '', finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['somebody'] },
    ],
    [
      'two without a name: both count',
      [
        approval([approver('ann')], { name: ' ', created: later }),
        approval([approver('bob', declined)], { name: ' ', finalDecision: 'declined' }),
      ],
      { kind: 'declined', by: ['bob'] },
    ],
  ])('[A2] %s', (_what, approvals, verdict) => {
    expect(checkApprovals(approvals, approved)).toEqual(verdict);
    expect(checkApprovals([...approvals].reverse(), approved)).toEqual(verdict);
    expect(checkApprovals(approvals, { ...approved, check: 'status' })).toEqual({ kind: 'holds' });
  });

  it.each([
    ['x', 'y'],
    ['x', '10'],
    ['x9', '10'],
    ['10x', '9'],
    ['10', ''],
  ])(
    '[A2] of rounds of one date with the ids %s and %s, which have no order, both count',
    (id, declinedId) => {
      for (const [givenId, refusedId] of [
        [id, declinedId],
        [declinedId, id],
      ] as const) {
        const given = approval([approver('ann')], { id: givenId });
        const refused = approval([approver('bob', declined)], { id: refusedId, finalDecision: 'declined' });
        for (const approvals of [
          [given, refused],
          [refused, given],
        ]) {
          expect(checkApprovals(approvals, approved)).toEqual({ kind: 'declined', by: ['bob'] });
        }
      }
    },
  );

  it.each<[string, readonly Approver[], boolean]>([
    ['somebody else', [approver('ann')], true],
    ['who deploys', [approver('dora')], false],
    ['who deploys, in another case', [approver('x', { email: ' DORA@Acme.Example' })], false],
    ['somebody who hides the address', [approver('ann', { email: '' })], false],
    ['who deploys by the user name, under another address', [approver('x', { username: 'Dora' })], false],
    ['who deploys, whose address is masked', [approver('x', { email: 'dora at acme dot example' })], false],
    ['somebody else with an address and a user name', [approver('ann', { username: 'ann' })], true],
    ['somebody else by the user name alone', [approver('ann', { email: '', username: 'ann' })], false],
    [
      'somebody else, with spaces around the address',
      [approver('ann', { email: ' ann@acme.example ' })],
      true,
    ],
    ['somebody with words before the address', [approver('ann', { email: 'Ann ann@acme.example' })], false],
    [
      'somebody with words behind the address',
      [approver('ann', { email: 'ann@acme.example of ACME' })],
      false,
    ],
    ['who deploys, and somebody else', [approver('dora'), approver('ann')], true],
    ['nobody who is named', [], false],
    ['somebody else, who has not approved', [approver('dora'), approver('ann', pending)], false],
  ])('[A2] %s approved', (_who, approvers, holds) => {
    const verdict = checkApprovals([approval(approvers)], other);
    expect(verdict.kind).toBe(holds ? 'holds' : 'nobody-else');
  });

  it('[A2] a user name of Octopus that is the address in Jira is of the same person', () => {
    const rule: ApprovalRule = { ...other, deployer: { ...dora, username: 'Dora.Deploys@acme.example' } };
    const own = approver('Dora', { email: 'dora.deploys@acme.example' });
    expect(checkApprovals([approval([own])], rule)).toMatchObject({ kind: 'nobody-else', own: ['Dora'] });
    expect(checkApprovals([approval([own, approver('ann')])], rule).kind).toBe('holds');
  });

  it('[A2] two people without a user name are not one', () => {
    const rule: ApprovalRule = { ...other, deployer: { ...dora, username: '' } };
    expect(checkApprovals([approval([approver('ann')])], rule).kind).toBe('holds');
  });

  it('[A2] shows whose approval does not count', () => {
    const approvers = [approver('dora'), approver('ann', { email: '' })];
    expect(checkApprovals([approval(approvers)], other)).toEqual({
      kind: 'nobody-else',
      own: ['dora'],
      hidden: ['ann'],
    });
  });

  it('[A2] what a trigger has started has nobody to exclude', () => {
    const triggered: ApprovalRule = { check: 'other-approver', deployer: undefined };
    expect(isDeployerUnknown(triggered)).toBe(false);
    expect(checkApprovals([approval([approver('ann', { email: '' })])], triggered).kind).toBe('holds');
    expect(checkApprovals([approval([])], triggered).kind).toBe('nobody-else');
  });

  it('[A2] who deploys is unknown without an address', () => {
    const nameless: ApprovalRule = { check: 'other-approver', deployer: { email: ' ', username: 'dora' } };
    expect(isDeployerUnknown(nameless)).toBe(true);
    expect(isDeployerUnknown({ ...nameless, check: 'approved' })).toBe(false);
    expect(checkApprovals([approval([approver('ann')])], nameless).kind).toBe('nobody-else');
    const masked: ApprovalRule = { check: 'other-approver', deployer: { email: 'dora', username: 'dora' } };
    expect(isDeployerUnknown(masked)).toBe(true);
    expect(checkApprovals([approval([approver('ann')])], masked).kind).toBe('nobody-else');
  });
});

describe('the decision with approvals', () => {
  const rules = { ...someRules, approval: other };
  const waiting = approval([approver('ann', pending)], { finalDecision: 'pending' });
  const refused = approval([approver('ann', declined)], { finalDecision: 'declined' });
  const given = approval([approver('ann')]);

  it('[A2] in a status that proceeds they decide', () => {
    const decided = (...approvals: readonly Approval[]) => decide(aCheck({ approvals }), rules);
    expect(decided(given)).toEqual({ kind: 'proceed', reason: 'approved-in-window' });
    expect(decided()).toEqual({ kind: 'stop', reason: 'no-approval' });
    expect(decided(waiting)).toEqual({ kind: 'wait', reason: 'approval-undecided', missing: ['ann'] });
    expect(decided(refused)).toEqual({ kind: 'stop', reason: 'approval-declined', by: ['ann'] });
    expect(decided(approval([approver('dora')]))).toEqual({
      kind: 'wait',
      reason: 'no-other-approver',
      own: ['dora'],
      hidden: [],
    });
  });

  it('[A2] in a status that waits they decide nothing', () => {
    const changeRequest = { status: aStatus('Review') };
    for (const approvals of [[], [given], [refused]]) {
      expect(decide(aCheck({ changeRequest, approvals }), rules)).toEqual({
        kind: 'wait',
        reason: 'not-approved',
      });
    }
  });

  it('[A2] [W6] what is not approved by them does not wait beyond Planned end', () => {
    const end = setAt('2026-06-13T09:00:00Z', 'Planned end');
    expect(decide(aCheck({ end, approvals: [waiting] }), rules)).toMatchObject({
      reason: 'not-approved-in-time',
    });
    expect(decide(aCheck({ end, approvals: [given] }), rules)).toMatchObject({ reason: 'approved-too-late' });
  });

  it('[A2] nothing is decided by approvals that were not read', () => {
    expect(() => decide(aCheck(), rules)).toThrow('The approvals were not read.');
  });

  it('[A2] if Octopus does not show who deploys, it stops in any status', () => {
    const unknown = { ...someRules, approval: { ...other, deployer: { email: '', username: 'dora' } } };
    for (const name of ['Implementing', 'Review']) {
      const check = aCheck({ changeRequest: { status: aStatus(name) }, approvals: [given] });
      expect(decide(check, unknown)).toEqual({ kind: 'stop', reason: 'deployer-unknown' });
    }
  });

  it('[A1] a supplied change request that does not mention what it must stops, in any status', () => {
    const strict = { ...someRules, mustMention: ['Web Site', 'Production', ''] };
    expect(decide(aCheck(), strict)).toEqual({
      kind: 'stop',
      reason: 'not-mentioned',
      missing: ['Production'],
    });
    const described = { description: 'For *production*' };
    expect(decide(aCheck({ changeRequest: described }), strict).kind).toBe('proceed');
  });

  it('[A2] [F7] whatever the approvals, it proceeds only after the approval of somebody who is known to be other', () => {
    const names = ['dora', 'ann', 'bob'] as const;
    const approvers = fc.record({
      name: fc.constantFrom(...names),
      decision: fc.constantFrom('approved', 'approved', 'declined', 'pending', 'odd'),
      email: fc.constantFrom('', 'dora@acme.example', 'DORA@ACME.EXAMPLE', 'ann@acme.example', ' '),
      username: fc.constantFrom('', '', 'dora', 'Dora', 'ann'),
    });
    const approvals = fc.array(
      fc.record({
        id: fc.constantFrom('1', '2', '3', ''),
        name: fc.constantFrom('CAB', 'cab', 'Peers', ''),
        finalDecision: fc.constantFrom('approved', 'approved', 'approved', 'declined', 'pending', 'odd'),
        approvers: fc.array(approvers, { maxLength: 3 }),
        created: fc.constantFrom(undefined, new Date(0), new Date(1), new Date(2)),
        completed: fc.constant(undefined),
      }),
      { maxLength: 4 },
    );
    const deployers = fc.constantFrom(
      dora,
      { email: 'dora@acme.example', username: '' },
      { email: '', username: 'dora' },
    );
    let proceeded = 0;
    fc.assert(
      fc.property(approvals, deployers, (list, deployer) => {
        const decision = decide(aCheck({ approvals: list }), {
          ...someRules,
          approval: { check: 'other-approver', deployer },
        });
        if (decision.kind !== 'proceed') return;
        proceeded += 1;
        const ofOthers = list
          .filter(({ finalDecision }) => finalDecision === 'approved')
          .flatMap((one) => one.approvers)
          .filter(({ decision: decided }) => decided === 'approved')
          .filter(({ email }) => email.trim() !== '' && email.toLowerCase() !== deployer.email)
          .filter(({ username }) => username.toLowerCase() !== 'dora' || deployer.username === '');
        expect(ofOthers).not.toEqual([]);
        expect(deployer.email).not.toBe('');
        for (const one of list.filter(({ finalDecision }) => finalDecision !== 'approved')) {
          const isSame = ({ name }: Approval): boolean => name.toLowerCase() === one.name.toLowerCase();
          // Only a later round of the same name replaces it.
          expect(one.name).not.toBe('');
          expect(list.some((another) => another.finalDecision === 'approved' && isSame(another))).toBe(true);
        }
      }),
      { numRuns: 8000 },
    );
    expect(proceeded).toBeGreaterThan(50);
  });
});
