import fc from 'fast-check';
import { type FaultOrder, faultCatalogue } from '../sandbox/fault.ts';
import type { Interruption } from '../sandbox/octopus/interruption.ts';
import { ParkedWorld } from './parked-world.ts';
import { type JudgedRun, PassJudge } from './pass-judge.ts';
import type { Act, SimulatedRun } from './simulate.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const latestMs = 5000;
const statuses = ['Implementing', 'Implementing', 'Review', 'Authorize', 'Declined', 'Completed'] as const;

/** How one run is parked. */
interface ParkedCase {
  readonly status: (typeof statuses)[number];
  /** In ms from the beginning of the pass. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly ageDays: number;
  readonly kind:
    | 'parked'
    | 'withdrawn'
    | 'taken-before'
    | 'guided'
    | 'linked'
    | 'of another server'
    | 'of another run'
    | 'of another project'
    | 'held by a person'
    | 'of another team';
}

type Happening =
  | { readonly kind: 'status'; readonly atMs: number; readonly of: number; readonly status: string }
  | {
      readonly kind: 'answered' | 'taken' | 'removed' | 'cancelled';
      readonly atMs: number;
      readonly of: number;
    };

interface PassScenario {
  readonly seed: number;
  readonly flavour: 'cloud' | 'dc';
  readonly parked: readonly ParkedCase[];
  readonly parkLimitDays: 0 | 1 | 30;
  readonly slowestMs: number;
  readonly siteFaults: readonly FaultOrder[];
  readonly octopusFaults: readonly FaultOrder[];
  readonly happenings: readonly Happening[];
  /** When a second pass starts; undefined if there is none. */
  readonly secondMs: number | undefined;
  /** When the first pass is killed; undefined if it is not. */
  readonly crashMs: number | undefined;
  readonly takeoverStatus: 200 | 400 | 403 | 409;
  readonly secondSubmitStatus: 400 | 403 | 404 | 409;
  readonly longestPage: number;
  readonly givesTypes: boolean;
  readonly limited: boolean;
}

const nearly = fc.option(fc.integer({ min: -20_000, max: 20_000 }), { nil: undefined, freq: 2 });

const parkedCase: fc.Arbitrary<ParkedCase> = fc.record({
  status: fc.constantFrom(...statuses),
  start: nearly,
  end: nearly,
  ageDays: fc.constantFrom(0, 0, 2, 40),
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constant('parked' as const) },
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        'withdrawn' as const,
        'taken-before' as const,
        'guided' as const,
        'linked' as const,
        'of another server' as const,
        'of another run' as const,
        'of another project' as const,
        'held by a person' as const,
        'of another team' as const,
      ),
    },
  ),
});

const faultOrder: fc.Arbitrary<FaultOrder> = fc
  .record({
    fault: fc.constantFrom(...Object.values(faultCatalogue)),
    at: fc.integer({ min: 1, max: 12 }),
    count: fc.constantFrom(1, 1, 1, 2, 4, 40),
  })
  .map((order) => order);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    atMs: fc.integer({ min: 0, max: latestMs }),
    of: fc.nat(9),
    status: fc.constantFrom(...statuses),
  }),
  fc.record({
    kind: fc.constantFrom('answered' as const, 'taken' as const, 'removed' as const, 'cancelled' as const),
    atMs: fc.integer({ min: 0, max: latestMs }),
    of: fc.nat(9),
  }),
);

export const passScenario: fc.Arbitrary<PassScenario> = fc.record({
  seed: fc.nat(1_000_000),
  flavour: fc.constantFrom('cloud', 'dc'),
  parked: fc.array(parkedCase, { minLength: 1, maxLength: 8 }),
  parkLimitDays: fc.constantFrom(0, 1, 30),
  slowestMs: fc.constantFrom(50, 200, 3000, 15_000),
  siteFaults: fc.array(faultOrder, { maxLength: 2 }),
  octopusFaults: fc.array(faultOrder, { maxLength: 2 }),
  happenings: fc.array(happening, { maxLength: 4 }),
  secondMs: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined, freq: 2 }),
  crashMs: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined, freq: 2 }),
  takeoverStatus: fc.constantFrom(200, 400, 403, 409),
  secondSubmitStatus: fc.constantFrom(400, 403, 404, 409),
  longestPage: fc.constantFrom(1, 2, 100),
  givesTypes: fc.boolean(),
  limited: fc.boolean(),
});

interface PlayedPasses {
  readonly runs: readonly SimulatedRun[];
  readonly breaches: readonly string[];
  /** The numbers of `Proceed` and `Abort` by the service account. */
  readonly answers: Readonly<Record<'Proceed' | 'Abort', number>>;
}

/** Plays the passes of a scenario, followed by one without faults, and judges every answer. */
export async function playPasses(scenario: PassScenario): Promise<PlayedPasses> {
  const { seed, flavour, takeoverStatus, secondSubmitStatus, longestPage, givesTypes } = scenario;
  const rateLimit = scenario.limited ? { perMinute: 60, burst: 6, givesRetryAfter: true } : undefined;
  const world = new ParkedWorld(
    { flavour, seed, projects: [{ key: 'CHG' }, { key: 'XYZ' }] },
    { behaviour: { takeoverStatus, secondSubmitStatus, longestPage, givesTypes, rateLimit } },
  );
  const ann = world.octopus.addUser({ username: 'ann', teams: ['Change gate'] });
  const judged = scenario.parked.map((one) => park(world, one, ann));
  const judge = new PassJudge(world, scenario.parkLimitDays * dayMs, scenario.slowestMs);
  world.site.faults.add(...scenario.siteFaults);
  world.octopus.faults.add(...scenario.octopusFaults);
  const variables = { 'JsmChange.ParkLimitDays': String(scenario.parkLimitDays) };
  const latency = { minMs: 10, maxMs: scenario.slowestMs };
  const at = scenario.happenings.map((one): Act => [one.atMs, () => happen(world, judged, one, ann)]);
  const first = { latency, seed, ...(scenario.crashMs !== undefined && { crashMs: scenario.crashMs }) };
  const second =
    scenario.secondMs === undefined ? [] : [{ latency, seed: seed + 1, startMs: scenario.secondMs }];
  const runs = await world.passes([first, ...second], variables, at);
  const during = judge.breaches(judged);
  world.site.faults.clear();
  world.octopus.faults.clear();
  // By then all events of the scenario are over.
  const last = await world.pass(variables, { latency: 20, startMs: latestMs + 1000 });
  const left = last.exitCode === 0 ? judged.flatMap((run) => leftOver(world, run, scenario)) : ['exit 1'];
  const given = judged.map(({ interruption: { answer } }) =>
    answer?.by === world.robot ? answer.given : '',
  );
  return {
    runs: [...runs, last],
    breaches: [...during, ...judge.breaches(judged), ...left.map((what) => `a pass without faults: ${what}`)],
    answers: {
      Proceed: given.filter((one) => one === 'Proceed').length,
      Abort: given.filter((one) => one === 'Abort').length,
    },
  };
}

type Person = Parameters<ParkedWorld['octopus']['answerInterruption']>[2];

function park(world: ParkedWorld, one: ParkedCase, ann: Person): JudgedRun {
  const { site, octopus } = world;
  const relative = (ms: number | undefined): Date | null => (ms === undefined ? null : site.dateIn(ms));
  const release = `2.0.${octopus.interruptions.length}`;
  const title = `Octopus: Deploy "Web Site" version ${release} to "Production"`;
  const request = {
    summary: title,
    status: one.status,
    lagged: false,
    project: one.kind === 'of another project' ? 'XYZ' : 'CHG',
    fields: { 'Planned start': relative(one.start), 'Planned end': relative(one.end) },
  };
  let { key } = site.createRequest(request);
  if (one.kind === 'withdrawn') {
    const summary = `Withdrawn in favour of ${key}: ${title}`;
    key = site.createRequest({ summary, status: 'Declined', lagged: false }).key;
  }
  const url = `${site.baseUrl}/browse/${key}`;
  const line = (server: string, runId: string): string =>
    `Wait.\n\nParked: ${url} ${server} Spaces-1 ${runId}`;
  const interruption = world.parkFor(url, {
    release,
    createdMs: octopus.now() - one.ageDays * dayMs,
    ...(one.kind === 'guided' && { type: 'GuidedFailure', title: 'Deploy requires failure guidance' }),
    ...(one.kind === 'linked' && { isLinkedToOther: true }),
    ...(one.kind === 'of another team' && { responsibleTeams: ['Others'] }),
    ...(one.kind === 'of another server' && {
      instructions: (run) => line('https://other.example', run.id),
    }),
    ...(one.kind === 'of another run' && { instructions: () => line(octopus.serverUri, 'Deployments-999') }),
  });
  if (one.kind === 'held by a person') interruption.responsible = ann;
  if (one.kind === 'taken-before') interruption.responsible = world.robot;
  const isOurs = one.kind === 'parked' || one.kind === 'withdrawn' || one.kind === 'taken-before';
  return { interruption, key: isOurs ? key : undefined };
}

function happen(world: ParkedWorld, judged: readonly JudgedRun[], one: Happening, ann: Person): void {
  const run = judged[one.of % judged.length];
  if (run === undefined) return;
  const { interruption, key } = run;
  const { octopus, site } = world;
  const isPending = interruption.task.interruptions.includes(interruption);
  if (one.kind === 'status') {
    if (key !== undefined && site.find(key) !== undefined) site.moveTo(key, one.status);
  } else if (one.kind === 'removed') {
    if (key !== undefined && site.find(key) !== undefined) site.remove(key);
  } else if (isPending && one.kind === 'answered') {
    interruption.responsible = ann;
    octopus.answerInterruption(interruption, interruption.type === 'GuidedFailure' ? 'Retry' : 'Abort', ann);
  } else if (isPending && one.kind === 'taken') interruption.responsible = ann;
  else if (isPending) octopus.cancel(interruption.task);
}

/** Lists what a pass without faults should have answered but did not. */
function leftOver(
  { site, robot }: ParkedWorld,
  { interruption, key }: JudgedRun,
  { parkLimitDays }: PassScenario,
): readonly string[] {
  const isOpen = interruption.answer === undefined && isStillPending(interruption);
  const isHeld = interruption.responsible !== undefined && interruption.responsible !== robot;
  const issue = key === undefined ? undefined : site.find(key);
  if (!isOpen || isHeld || issue === undefined) return [];
  if (String(issue.values.get('summary')).startsWith('Withdrawn')) return [];
  const now = site.siteClock.now();
  const time = (name: string): number | undefined => {
    const value = issue.values.get(site.field(name).id);
    return typeof value === 'string' ? Date.parse(value) : undefined;
  };
  const [start, end] = [time('Planned start'), time('Planned end')];
  const isNear = [start, end].some((bound) => bound !== undefined && Math.abs(bound - now) < minuteMs);
  const status = issue.status.name;
  if (status === 'Declined' || status === 'Completed') return [`${interruption.id} is still not aborted`];
  const isOld = parkLimitDays > 0 && now - interruption.createdMs > parkLimitDays * dayMs + minuteMs;
  if (isOld) return [`${interruption.id} is parked for too long`];
  if (isNear || status !== 'Implementing') return [];
  return (start ?? 0) <= now && (end ?? now) >= now ? [`${interruption.id} still waits`] : [];
}

function isStillPending(interruption: Interruption): boolean {
  return interruption.task.interruptions.includes(interruption);
}
