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

describe("the result of a change request's approvals", () => {
  it.each<[string, readonly Approval[], ReturnType<typeof checkApprovals>]>([
    ['reports that there are no approvals', [], { kind: 'none' }],
    ['is met if the only approval is given', [approval([approver('ann')])], { kind: 'holds' }],
    [
      'is undecided while somebody has not decided',
      [approval([approver('ann'), approver('bob', pending)], { finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['bob'] },
    ],
    [
      'names a pending approval that lists nobody',
      [approval([], { finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['CAB'] },
    ],
    [
      'is undecided on an unknown decision',
      [approval([approver('ann')], { finalDecision: 'withdrawn' })],
      { kind: 'undecided', missing: ['CAB'] },
    ],
    [
      'is undecided if one of two is pending',
      [
        approval([approver('ann')]),
        approval([approver('bob', pending)], { name: 'Peers', finalDecision: 'pending' }),
      ],
      { kind: 'undecided', missing: ['bob'] },
    ],
    [
      'is declined if one of two is declined',
      [
        approval([approver('ann', declined)], { finalDecision: 'declined' }),
        approval([approver('bob', pending)], { name: 'Peers', finalDecision: 'pending' }),
      ],
      { kind: 'declined', by: ['ann'] },
    ],
    [
      'is met if a second round is given after a declined first round',
      [
        approval([approver('ann')], { created: later }),
        approval([approver('ann', declined)], { finalDecision: 'declined' }),
      ],
      { kind: 'holds' },
    ],
    [
      'is declined if a second round in another case is declined after a given first round',
      [
        approval([approver('ann')]),
        approval([approver('ann', declined)], { name: 'cab', finalDecision: 'declined', created: later }),
      ],
      { kind: 'declined', by: ['ann'] },
    ],
    [
      'orders rounds without dates by their ids',
      [
        approval([approver('ann')], { id: '10', created: undefined }),
        approval([approver('ann', declined)], { id: '9', finalDecision: 'declined', created: undefined }),
      ],
      { kind: 'holds' },
    ],
    [
      'orders rounds of one date by their ids',
      [
        approval([approver('ann')], { id: '11' }),
        approval([approver('ann', declined)], { id: '10', finalDecision: 'declined' }),
      ],
      { kind: 'holds' },
    ],
    ['is met if the deployer approved', [approval([approver('dora')])], { kind: 'holds' }],
    [
      'names only those who have not decided as missing',
      [approval([approver('ann', declined), approver('bob', pending)], { finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['bob'] },
    ],
    [
      'names somebody if a nameless approval lists nobody',
      [approval([], { name: '', finalDecision: 'pending' })],
      { kind: 'undecided', missing: ['somebody'] },
    ],
    [
      'counts both approvals without a name',
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
  ])('[A2] counts both rounds of one date if their ids %s and %s have no order', (id, declinedId) => {
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
  });

  it.each<[string, readonly Approver[], boolean]>([
    ['somebody else', [approver('ann')], true],
    ['the deployer', [approver('dora')], false],
    ['the deployer, in another case', [approver('x', { email: ' DORA@Acme.Example' })], false],
    ['somebody who hides the address', [approver('ann', { email: '' })], false],
    ['the deployer by user name, under another address', [approver('x', { username: 'Dora' })], false],
    ['the deployer, whose address is masked', [approver('x', { email: 'dora at acme dot example' })], false],
    ['somebody else with an address and a user name', [approver('ann', { username: 'ann' })], true],
    ['somebody else by user name only', [approver('ann', { email: '', username: 'ann' })], false],
    [
      'somebody else, with spaces around the address',
      [approver('ann', { email: ' ann@acme.example ' })],
      true,
    ],
    ['somebody with words before the address', [approver('ann', { email: 'Ann ann@acme.example' })], false],
    [
      'somebody with words after the address',
      [approver('ann', { email: 'ann@acme.example of ACME' })],
      false,
    ],
    ['the deployer and somebody else', [approver('dora'), approver('ann')], true],
    ['nobody by name', [], false],
    ['somebody else, who has not approved', [approver('dora'), approver('ann', pending)], false],
  ])('[A2] requires a known other approver: %s approved', (_who, approvers, holds) => {
    const verdict = checkApprovals([approval(approvers)], other);
    expect(verdict.kind).toBe(holds ? 'holds' : 'nobody-else');
  });

  it('[A2] treats an Octopus user name that equals the address in Jira as the same person', () => {
    const rule: ApprovalRule = { ...other, deployer: { ...dora, username: 'Dora.Deploys@acme.example' } };
    const own = approver('Dora', { email: 'dora.deploys@acme.example' });
    expect(checkApprovals([approval([own])], rule)).toMatchObject({ kind: 'nobody-else', own: ['Dora'] });
    expect(checkApprovals([approval([own, approver('ann')])], rule).kind).toBe('holds');
  });

  it('[A2] does not treat two people without a user name as the same person', () => {
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

  it('[A2] excludes nobody if a trigger started the deployment', () => {
    const triggered: ApprovalRule = { check: 'other-approver', deployer: undefined };
    expect(isDeployerUnknown(triggered)).toBe(false);
    expect(checkApprovals([approval([approver('ann', { email: '' })])], triggered).kind).toBe('holds');
    expect(checkApprovals([approval([])], triggered).kind).toBe('nobody-else');
  });

  it('[A2] treats a deployer without an address as unknown', () => {
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

  it('[A2] decides by the approvals in a status that proceeds', () => {
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

  it('[A2] ignores the approvals in a status that waits', () => {
    const changeRequest = { status: aStatus('Review') };
    for (const approvals of [[], [given], [refused]]) {
      expect(decide(aCheck({ changeRequest, approvals }), rules)).toEqual({
        kind: 'wait',
        reason: 'not-approved',
      });
    }
  });

  it('[A2] [W6] does not wait for approvals beyond Planned end', () => {
    const end = setAt('2026-06-13T09:00:00Z', 'Planned end');
    expect(decide(aCheck({ end, approvals: [waiting] }), rules)).toMatchObject({
      reason: 'not-approved-in-time',
    });
    expect(decide(aCheck({ end, approvals: [given] }), rules)).toMatchObject({ reason: 'approved-too-late' });
  });

  it('[A2] throws if the approvals were not read', () => {
    expect(() => decide(aCheck(), rules)).toThrow('The approvals were not read.');
  });

  it('[A2] stops in any status if Octopus does not say who deploys', () => {
    const unknown = { ...someRules, approval: { ...other, deployer: { email: '', username: 'dora' } } };
    for (const name of ['Implementing', 'Review']) {
      const check = aCheck({ changeRequest: { status: aStatus(name) }, approvals: [given] });
      expect(decide(check, unknown)).toEqual({ kind: 'stop', reason: 'deployer-unknown' });
    }
  });

  it('[A1] stops in any status if a supplied change request lacks a required text', () => {
    const strict = { ...someRules, mustMention: ['Web Site', 'Production', ''] };
    expect(decide(aCheck(), strict)).toEqual({
      kind: 'stop',
      reason: 'not-mentioned',
      missing: ['Production'],
    });
    const described = { description: 'For *production*' };
    expect(decide(aCheck({ changeRequest: described }), strict).kind).toBe('proceed');
  });

  it('[A2] [F7] proceeds only after the approval of somebody known to be other than the deployer', () => {
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
          // Only a later round of the same name replaces an approval.
          expect(one.name).not.toBe('');
          expect(list.some((another) => another.finalDecision === 'approved' && isSame(another))).toBe(true);
        }
      }),
      { numRuns: 8000 },
    );
    expect(proceeded).toBeGreaterThan(50);
  });
});
