import type { Fault } from '../sandbox/fault.ts';
import { ParkedWorld, toJira, toOctopus } from './parked-world.ts';
import { PassJudge } from './pass-judge.ts';
import type { SimulatedRun } from './simulate.ts';

export const servers = ['Octopus', 'Jira'] as const;
export type FaultyServer = (typeof servers)[number];

interface OneFaultPass {
  readonly run: SimulatedRun;
  /** What the pass, or a later pass without faults, answered wrongly or failed to answer. */
  readonly breaches: readonly string[];
  /** How many of the deployments that it could have answered it answered. */
  readonly answered: 'all' | 'some' | 'none';
}

const dayMs = 86_400_000;

/** Two proceed and one is aborted; of the two that wait, one is approved, but its window has not begun. */
const cases = [
  { status: 'Implementing', answer: 'Proceed' },
  { status: 'Declined', answer: 'Abort' },
  { status: 'Implementing', answer: 'Proceed' },
  { status: 'Authorize', answer: undefined },
  { status: 'Implementing', startMs: dayMs, answer: undefined },
] as const;

/** Runs a pass over parked deployments, with one fault at the n-th request to one of the servers. */
export async function runPass(
  flavour: 'cloud' | 'dc',
  fault?: { readonly server: FaultyServer; readonly fault: Fault; readonly at: number },
): Promise<OneFaultPass> {
  const world = new ParkedWorld({ flavour });
  const parked = cases.map((one) => ({
    ...world.park({
      status: one.status,
      ...('startMs' in one && { fields: { 'Planned start': world.site.dateIn(one.startMs) } }),
    }),
    expected: one.answer,
  }));
  const judge = new PassJudge(world, 0, 1000);
  const { site, octopus } = world;
  if (fault !== undefined) (fault.server === 'Jira' ? site : octopus).faults.add(fault);
  const variables = { 'JsmChange.ParkLimitDays': '0' };
  const run = await world.pass(variables, { latency: 50 });
  const answers = parked.filter(({ interruption }) => interruption.answer !== undefined).length;
  const during = judge.breaches(parked);
  site.faults.clear();
  octopus.faults.clear();
  const next = await world.pass(variables, { latency: 50 });
  const left = parked.filter(({ interruption, expected }) => interruption.answer?.given !== expected);
  return {
    run,
    breaches: [
      ...during,
      ...judge.breaches(parked),
      ...left.map(({ interruption: { id } }) => `${id} is not as it should be after another pass`),
      ...(next.exitCode === 0 ? [] : ['a pass without faults exits 1']),
    ],
    answered: answers === 3 ? 'all' : answers === 0 ? 'none' : 'some',
  };
}

/** Returns the purposes of a pass' requests to one server, as the table names them. */
export function purposesOf(run: SimulatedRun, server: FaultyServer): readonly string[] {
  const sent = server === 'Jira' ? toJira(run) : toOctopus(run);
  return sent.map(({ method, path }) => {
    if (path.endsWith('/responsible')) return 'take';
    if (path.endsWith('/submit')) return 'submit';
    if (path.endsWith('/bulkfetch')) return 'bulk read';
    if (path.endsWith('/field')) return 'fields';
    return method === 'GET' && server === 'Octopus' ? 'list' : 'check';
  });
}
