import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomSeed } from '../random-cases.ts';
import { allPaths, answerMutants, answersToMutate, runAnswer } from './answer-model.ts';
import { decisionScenario, runDecision } from './decision-model.ts';
import { dayStart, judge, type OracleRules, statusLists } from './decision-oracle.ts';
import { runTimeline, timelineScenario } from './timeline-model.ts';

const rules: OracleRules = {
  proceed: ['Implementing'],
  wait: ['Planning'],
  projects: ['CHG'],
  issueTypes: undefined,
  requirePlannedEnd: false,
  startField: undefined,
  endField: undefined,
  setFields: [],
  timeZone: 'Europe/Berlin',
};

function issue(fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    id: '1',
    key: 'CHG-1',
    names: { customfield_1: 'Planned start', customfield_2: 'Planned end' },
    fields: {
      summary: 'A change',
      project: { key: 'CHG' },
      status: { name: 'Implementing' },
      customfield_1: null,
      customfield_2: null,
      ...fields,
    },
  };
}

describe('the oracle', () => {
  const nowMs = Date.parse('2026-06-13T08:00:00Z');

  it.each([
    ['W4', 'proceed', {}],
    ['T2', 'wait', { status: { name: ' PLANNING' } }],
    ['T3', 'stop', { status: { name: 'Declined' } }],
    ['L4', 'stop', { project: { key: 'OPS' } }],
    ['L10', 'stop', { summary: 'Withdrawn in favour of CHG-2: A change' }],
    ['W5', 'wait', { customfield_1: '2026-06-13T10:00:00.001+0200' }],
    ['W4', 'proceed', { customfield_1: '2026-06-13T10:00:00.000+02:00' }],
    ['W4', 'proceed', { customfield_2: '2026-06-13T08:00:00.000Z' }],
    ['W7', 'stop', { customfield_2: '2026-06-13T07:59:59.999Z' }],
    ['W6', 'stop', { status: { name: 'Planning' }, customfield_2: '2026-06-12' }],
    ['W4', 'proceed', { customfield_1: '2026-06-13', customfield_2: '2026-06-13' }],
    ['W11', 'stop', { customfield_1: '2026-06-14', customfield_2: '2026-06-13' }],
    ['W10', 'stop', { customfield_2: '2026-06-13T08:00:00.000' }],
    ['W12', 'stop', { customfield_3: 'a field without a name' }],
  ] as const)('knows [%s]: %s for %j', (rule, kind, fields) => {
    expect(judge(issue(fields), rules, { nowMs })).toEqual({ kind, rule });
  });

  const deployer = { email: 'dana@acme.example', username: 'dana' };
  const given = (name: string, emailAddress?: string) => ({
    id: '1',
    name: 'CAB',
    finalDecision: 'approved',
    createdDate: { jira: '2026-06-13T08:00:00.000+0000' },
    approvers: [{ approver: { name, emailAddress }, approverDecision: 'approved' }],
  });
  const byAnn = given('ann', 'ann@acme.example');

  it.each<[string, 'approved' | 'other', readonly unknown[] | undefined]>([
    ['proceed', 'approved', [byAnn]],
    ['proceed', 'other', [byAnn]],
    [
      'proceed',
      'approved',
      [
        { ...byAnn, finalDecision: 'declined' },
        { ...byAnn, id: '2' },
      ],
    ],
    ['wait', 'other', [given('dana', 'dana@other.example')]],
    ['wait', 'other', [given('d', 'DANA@acme.example')]],
    ['wait', 'other', [given('d', 'dana at acme dot example')]],
    ['wait', 'other', [given('ann')]],
    ['wait', 'approved', [byAnn, { ...byAnn, name: 'Peers', finalDecision: 'pending' }]],
    ['stop', 'approved', [byAnn, { ...byAnn, id: '2', finalDecision: 'declined' }]],
    ['stop', 'approved', [byAnn, {}]],
    ['stop', 'approved', []],
    ['stop', 'approved', undefined],
  ])('knows [A2]: %s if %s is asked for and %j given', (kind, check, approvals) => {
    const approval = { check, deployer };
    expect(judge(issue(), { ...rules, approval }, { nowMs, approvals }).kind).toBe(kind);
  });

  it.each([
    ['Web Site', 'for the WEB  SITE.', true],
    ['Web Site', 'Web Sites', false],
    ['1.0.1', 'v1.0.1 and 1.0.1', true],
    ['1.0.1', '1.0.1-rc, 11.0.1, 1.0.1.5', false],
    ['0.1', '1.0.1', false],
    ['本番', '本番環境', true],
    [' ', 'nothing', true],
  ])('knows [A1]: whether %j is mentioned by %j: %s', (text, description, isMentioned) => {
    const { kind } = judge(issue({ description }), { ...rules, mustMention: [text] }, { nowMs });
    expect(kind).toBe(isMentioned ? 'proceed' : 'stop');
  });

  it('knows when a day begins, also on a day on which clocks change', () => {
    expect(new Date(dayStart('2026-03-29', 'Europe/Berlin')).toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(new Date(dayStart('2026-03-30', 'Europe/Berlin')).toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(new Date(dayStart('2026-06-13', 'Pacific/Kiritimati')).toISOString()).toBe(
      '2026-06-12T10:00:00.000Z',
    );
  });

  it('knows which lists contradict each other', () => {
    expect(statusLists(['Approved'], ['approved '])).toBeUndefined();
    expect(statusLists(undefined, ['Implementing'])).toBeUndefined();
    expect(statusLists(['Planning'], undefined)?.wait).not.toContain('Planning');
  });
});

describe('whole runs against the oracle', () => {
  it('[T3] [L4] [L14] [W10] [W12] [W13] random change requests are decided as the rules say', async () => {
    const kinds = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(decisionScenario, async (scenario) => {
        const { verdict, breach } = await runDecision(scenario);
        expect(breach).toBeUndefined();
        kinds.set(verdict.kind, (kinds.get(verdict.kind) ?? 0) + 1);
      }),
      { numRuns: 600 },
    );
    // Otherwise a step that always stops would pass too.
    expect(kinds.get('proceed')).toBeGreaterThan(10);
    expect(kinds.get('wait')).toBeGreaterThan(3);
  });

  it('[W8] [L11] [W12] a wait in which the change request changes ends as a Verify at that time would', async () => {
    let proceeded = 0;
    await fc.assert(
      fc.asyncProperty(timelineScenario, async (scenario) => {
        const { run, breaches } = await runTimeline(scenario);
        expect(breaches).toEqual([]);
        if (run.exitCode === 0) proceeded += 1;
      }),
      { numRuns: 150 },
    );
    expect(proceeded).toBeGreaterThan(15);
  });

  it('[F7] [M2] [X1] whatever value of an answer is wrong, a run ends with one reason, and with 0 only if the answers allow it', async () => {
    const found: string[] = [];
    const played = new Set<string>();
    for (const mutant of answerMutants(await answersToMutate(), 400, randomSeed)) {
      const { breaches } = await runAnswer(mutant);
      played.add(mutant.path);
      found.push(...breaches.map((breach) => `${breach} (seed ${randomSeed}, ${JSON.stringify(mutant)})`));
    }
    expect(found).toEqual([]);
    expect([...played].sort()).toEqual([...allPaths].sort());
  });
});
