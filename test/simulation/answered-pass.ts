import type { Interruption } from '../sandbox/octopus/interruption.ts';
import { approvalsIn, type Read, readsOf } from './answered-reads.ts';
import { defaultRules, judge, type OracleRules, withdrawnFor } from './decision-oracle.ts';
import { ParkedWorld } from './parked-world.ts';
import type { JudgedRun } from './pass-judge.ts';
import type { RunOptions, SimulatedRun } from './simulate.ts';

interface ResumePath {
  readonly flavour: 'cloud' | 'dc';
  readonly check: 'Status' | 'Approved';
  /** False for an old server, which sends no types. */
  readonly givesTypes: boolean;
}

/** Passes over parked deployments that send different requests. */
export const resumePaths: Readonly<Record<string, ResumePath>> = {
  resume: { flavour: 'cloud', check: 'Status', givesTypes: true },
  'resume, Data Center': { flavour: 'dc', check: 'Status', givesTypes: false },
  'resume, approved': { flavour: 'cloud', check: 'Approved', givesTypes: true },
};

interface ResumeWorld {
  readonly world: ParkedWorld;
  readonly path: ResumePath;
  readonly parked: readonly JudgedRun[];
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Creates one deployment for each way in which a pass may treat it. */
export function resumeWorld(name: string): ResumeWorld {
  const path = resumePaths[name];
  if (path === undefined) throw new Error(`there is no path ${name}`);
  const { flavour, givesTypes } = path;
  const world = new ParkedWorld(
    { flavour, projects: [{ key: 'CHG' }, { key: 'XYZ' }] },
    { behaviour: { longestPage: 4, takeoverStatus: 200, givesTypes } },
  );
  const { site, octopus } = world;
  const ann = octopus.addUser({ username: 'ann', teams: ['Change gate'] });
  const at = (startMs: number, endMs: number) => ({
    fields: { 'Planned start': site.dateIn(startMs), 'Planned end': site.dateIn(endMs) },
  });
  const inside = at(-hourMs, hourMs);
  const own = [
    { ...inside },
    { ...at(-2 * hourMs, -hourMs) },
    { ...at(hourMs, 2 * hourMs) },
    { ...inside, status: 'Declined' },
    { ...inside, status: 'Authorize' },
  ].map((given) => world.park(given));
  const waiting = site.createRequest({ summary: 'Another', status: 'Planning', lagged: false, ...inside });
  const withdrawn = world.park({
    status: 'Declined',
    summary: `Withdrawn in favour of ${waiting.key}: Another`,
    ...inside,
  });
  const linked = world.park({ ...inside }, { isLinkedToOther: true });
  const guided = world.park(
    { ...inside },
    { type: 'GuidedFailure', title: 'Deploy requires failure guidance' },
  );
  const held = world.park({ ...inside });
  held.interruption.responsible = ann;
  const foreign = world.park({ ...inside, project: 'XYZ' });
  const parked = [
    ...[...own, withdrawn].map(({ key, interruption }) => ({ key, interruption })),
    ...[linked, guided, held, foreign].map(({ interruption }) => ({ key: undefined, interruption })),
  ];
  if (path.check === 'Approved') {
    own.forEach(({ key }, index) => {
      site.setApproval(key, { name: 'CAB', finalDecision: 'approved', approvers: { Ann: 'approved' } });
      if (index === 0) return;
      site.setApproval(key, { name: 'Peers', approvers: { Bob: 'pending' } });
    });
    const undecided = world.park({ ...inside });
    site.setApproval(undecided.key, {
      name: 'CAB',
      finalDecision: 'approved',
      approvers: { Ann: 'approved' },
    });
    site.setApproval(undecided.key, { name: 'Peers', approvers: { Bob: 'pending' } });
    parked.push(undecided);
  }
  return { world, path, parked };
}

export function playResume(
  { world, path }: ResumeWorld,
  rewrite?: RunOptions['rewrite'],
): Promise<SimulatedRun> {
  return world.pass({ 'JsmChange.ApprovalCheck': path.check }, { rewrite, untilMs: hourMs });
}

/** Lists what a pass did although the answers, as they arrived, do not allow it. */
export function resumeBreaches({ world, path, parked }: ResumeWorld, run: SimulatedRun): readonly string[] {
  const isTotalled = run.summary.some((line) => line.startsWith('Resume: '));
  return [
    ...(isTotalled ? [] : ['[R6] it gives no total']),
    ...parked.flatMap(({ interruption, key }) => {
      const { answer, id } = interruption;
      if (key === undefined) return isTouched(world, interruption) ? [`[R3] ${id} was touched`] : [];
      if (answer === undefined) return [];
      const verdicts = verdictsOn(world, path, run, key, answer.atMs);
      const wanted = answer.given === 'Proceed' ? 'proceed' : 'stop';
      return verdicts.includes(wanted)
        ? []
        : [`[R4] ${id} got ${answer.given}, and the answers about ${key} say: ${verdicts.join(', ')}`];
    }),
  ];
}

function isTouched({ robot }: ParkedWorld, { answer, responsible }: Interruption): boolean {
  return answer?.by === robot || responsible === robot;
}

/**
 * Judges each answer of the last minute about a change request, or about the one in whose favour it was
 * withdrawn.
 */
function verdictsOn(
  { site }: ParkedWorld,
  path: ResumePath,
  run: SimulatedRun,
  key: string,
  answeredMs: number,
): readonly string[] {
  const names = new Map(site.fields.map(({ id, name }) => [id, name]));
  const planned = new Set([site.field('Planned start').id, site.field('Planned end').id]);
  const rules: OracleRules = {
    ...defaultRules,
    timeZone: site.timeZone,
    approval: { check: path.check === 'Approved' ? 'approved' : 'status', deployer: undefined },
  };
  const reads = readsOf(run);
  const keys = new Set([key]);
  for (const { answer } of reads) {
    const named = withdrawnFor(String(answer.fields?.['summary']));
    if (keys.has(String(answer.key)) && named !== undefined) keys.add(named);
  }
  // The times of interruptions are by the site's clock.
  const offMs = site.siteClock.now() - site.time.now;
  return reads
    .filter(({ answer, asked, request }) => isAbout({ answer, asked, request }, keys, answeredMs - offMs))
    .map(({ answer, asked, request }) => {
      const nowMs = Math.floor(((request.arrivedMs ?? 0) + offMs) / 1000) * 1000;
      const approvals = approvalsIn(run, String(answer.key), answeredMs - offMs);
      const { kind, rule } = judge(answer, rules, { nowMs, hadFields: planned, siteNames: names, approvals });
      // R4: whatever a bulk answer lacks is read separately, and an answer that is not about an issue decides
      // nothing.
      const isNone = rule === 'F5' || rule === 'L16' || (rule === 'W12' && asked === undefined);
      return isNone ? `nothing [${rule}]` : kind;
    });
}

function isAbout({ answer, asked, request }: Read, keys: ReadonlySet<string>, atMs: number): boolean {
  const isKnown = keys.has(String(answer.key)) && (asked === undefined || asked === answer.key);
  const { arrivedMs = Number.POSITIVE_INFINITY } = request;
  return isKnown && arrivedMs <= atMs && atMs - arrivedMs <= minuteMs;
}
