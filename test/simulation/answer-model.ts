import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { judge, type OracleRules, plannedIds, statusLists } from './decision-oracle.ts';
import { type JsonPlace, type MutationName, mutated, mutationNames, placesIn } from './json-mutation.ts';
import { type Act, gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import type { SimulatedRequest } from './simulated-network.ts';
import { SimulatedSite } from './simulated-site.ts';

type Variables = Readonly<Record<string, string>>;

/** A run that comes by its answers in a way of its own. */
interface AnswerPath {
  readonly operation: 'Gate' | 'Verify' | 'Report' | 'Test';
  /** What the run goes by: a number, or the title. */
  readonly by: 'number' | 'title';
  readonly variables: Variables;
  /** The status of the change request of the title at the beginning; undefined: there is none. */
  readonly status: string | undefined;
  readonly flavour?: 'cloud' | 'dc';
  /** Planned start and end are dates without a time. */
  readonly wholeDays?: boolean;
  readonly approvedMs?: number;
}

const numberVariable = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
const supplied = { [numberVariable]: 'CHG-2' };
const earlierGate = {
  'Octopus.Action[Change gate].Output.ChangeRequest.Number': 'CHG-2',
  'Octopus.Action[Change gate].Output.Decision': 'Proceed',
};
const approved = 'Implementing';
const minuteMs = 60_000;

export const answerPaths: Readonly<Record<string, AnswerPath>> = {
  'gate, supplied': { operation: 'Gate', by: 'number', status: approved, variables: supplied },
  'gate, supplied, Data Center': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: supplied,
    flavour: 'dc',
  },
  'gate, supplied, whole days': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: supplied,
    wholeDays: true,
  },
  'gate, waiting': {
    operation: 'Gate',
    by: 'number',
    status: 'Authorize',
    variables: { ...supplied, 'JsmChange.CustomerComments': 'True' },
    approvedMs: minuteMs,
  },
  'gate, by title': { operation: 'Gate', by: 'title', status: approved, variables: {} },
  'gate, creating': {
    operation: 'Gate',
    by: 'title',
    status: undefined,
    variables: {
      'Octopus.JiraServiceManagement.Field[Planned end]': '2026-06-13T10:00:00.000+0000',
      'Octopus.JiraServiceManagement.Field[Change risk]': 'Low',
    },
    approvedMs: minuteMs,
  },
  'gate, creating, pre-approved': {
    operation: 'Gate',
    by: 'title',
    status: undefined,
    variables: { 'JsmChange.ApproveTransition': 'Implement standard change' },
  },
  'verify, supplied': { operation: 'Verify', by: 'number', status: approved, variables: supplied },
  'verify, of a gate': { operation: 'Verify', by: 'number', status: approved, variables: earlierGate },
  'verify, by title': { operation: 'Verify', by: 'title', status: approved, variables: {} },
  report: {
    operation: 'Report',
    by: 'number',
    status: approved,
    variables: {
      ...earlierGate,
      'JsmChange.SuccessStatus': 'Completed',
      'JsmChange.CustomerComments': 'True',
    },
  },
  test: { operation: 'Test', by: 'title', status: approved, variables: {} },
};

/** One value that is wrong in one answer, or in every answer to the same request from then on. */
interface AnswerMutant {
  readonly path: string;
  /** The number of the request, from 1. */
  readonly request: number;
  readonly place: JsonPlace;
  readonly mutation: MutationName;
  readonly repeats: boolean;
}

interface AnswerOutcome {
  readonly run: SimulatedRun | undefined;
  readonly breaches: readonly string[];
}

/** A run that never ends, or that nobody can explain, is a breach as well. */
export async function runAnswer(mutant: AnswerMutant): Promise<AnswerOutcome> {
  const path = answerPaths[mutant.path];
  if (path === undefined) throw new Error(`there is no path ${mutant.path}`);
  const site = siteOf(path);
  try {
    const run = await play(path, site, mutant);
    return { run, breaches: breachesOf(path, site, run) };
  } catch (error) {
    return { run: undefined, breaches: [`the run came to no end: ${String(error)}`] };
  }
}

/** One answer of an undisturbed run, with every place in it. */
interface AnswerToMutate {
  readonly path: string;
  readonly request: number;
  readonly places: readonly JsonPlace[];
}

/** Each value may be wrong in each of these ways, once and from then on. */
const ways = 2 * mutationNames.length;

/** The answers of undisturbed runs of all paths; of several to the same request the first two and the last. */
export async function answersToMutate(): Promise<readonly AnswerToMutate[]> {
  const found: AnswerToMutate[] = [];
  for (const [name, path] of Object.entries(answerPaths)) {
    const { requests } = await play(path, siteOf(path));
    const asked = requests.map((request) => `${request.method} ${request.path}`);
    requests.forEach(({ text = '' }, index) => {
      const json = jsonOf(text);
      const before = asked.slice(0, index).filter((one) => one === asked[index]).length;
      const isLast = asked.lastIndexOf(asked[index] ?? '') === index;
      if (json === undefined || (before > 1 && !isLast)) return;
      found.push({ path: name, request: index + 1, places: placesIn(json) });
    });
  }
  return found;
}

/** How many mutants these answers have. */
export function countMutants(answers: readonly AnswerToMutate[]): number {
  return answers.reduce((sum, { places }) => sum + ways * places.length, 0);
}

/**
 * Mutants of these answers, which take turns. Each value has its turn in every way if there are enough cases, and none
 * has two.
 */
export function* answerMutants(
  answers: readonly AnswerToMutate[],
  cases: number,
  seed: number,
): Generator<AnswerMutant> {
  let made = 0;
  for (let round = 0; made < Math.min(cases, countMutants(answers)); round += 1) {
    for (const [index, { path, request, places }] of answers.entries()) {
      const size = ways * places.length;
      if (round >= size) continue;
      if (made === cases) return;
      made += 1;
      const at = (seed + index * 7 + round * strideFor(size)) % size;
      const way = at % ways;
      yield {
        path,
        request,
        place: places[Math.floor(at / ways)] ?? [],
        mutation: mutationNames[way >> 1] ?? 'deleted',
        repeats: way % 2 === 1,
      };
    }
  }
}

/** A step through a circle of this size that comes by each of its places once. */
function strideFor(size: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, Math.floor(size * 0.618));
  while (divisor(stride, size) !== 1) stride += 1;
  return stride;
}

function siteOf(path: AnswerPath): SimulatedSite {
  const site = new SimulatedSite({
    flavour: path.flavour ?? 'cloud',
    projects: [
      { key: 'CHG', serviceDeskId: '10', approvals: { Authorize: ['Ann Approver'] } },
      { key: 'OPS' },
    ],
  });
  const hourMs = 60 * minuteMs;
  const createdMs = site.siteClock.now() - hourMs;
  const usual = { createdMs, lagged: false };
  // Approved as well, but for something else, or where nobody may take one from.
  site.createRequest({ ...usual, summary: 'Something else', status: approved });
  site.createRequest({ ...usual, summary: deploymentTitle, project: 'OPS', status: approved });
  if (path.status !== undefined) {
    const [start, end] = path.wholeDays
      ? ['2026-06-13', '2026-06-14']
      : [site.dateIn(-hourMs), site.dateIn(hourMs)];
    const fields = { 'Planned start': start, 'Planned end': end };
    site.createRequest({ ...usual, summary: deploymentTitle, status: path.status, fields });
  }
  return site;
}

function play(path: AnswerPath, site: SimulatedSite, mutant?: AnswerMutant): Promise<SimulatedRun> {
  const approve: Act = [
    path.approvedMs ?? 0,
    () => {
      const own = site.openWithSummary(deploymentTitle).findLast(({ key }) => key.startsWith('CHG-'));
      if (path.approvedMs !== undefined && own !== undefined) site.moveTo(own.key, approved);
    },
  ];
  let struck: string | undefined;
  return simulate({
    site,
    variables: gateVariables(site, {
      'JsmChange.Operation': path.operation,
      'JsmChange.WaitLimitMinutes': '5',
      'JsmChange.OutageMinutes': '2',
      ...path.variables,
    }),
    at: [approve],
    untilMs: 60 * minuteMs,
    rewrite: (body, number, { method, url }) => {
      if (mutant === undefined) return body;
      const asked = `${method} ${url.split('?')[0]}`;
      if (number === mutant.request) struck = asked;
      const strikes = number === mutant.request || (mutant.repeats && asked === struck);
      return strikes ? mutated(body, mutant.place, mutant.mutation) : body;
    },
  });
}

function breachesOf(path: AnswerPath, site: SimulatedSite, run: SimulatedRun): readonly string[] {
  const breaches: string[] = [];
  const trace = run.said.find(({ line }) =>
    /^\s+at .*:\d+|\b(?:Type|Range|Syntax|Reference)Error\b|Unexpected error/.test(line),
  );
  if (trace !== undefined) breaches.push(`[M2] it says: ${trace.line.slice(0, 300)}`);
  const forged = Object.entries(run.outputs).find(([, value]) => value.includes('#{'));
  if (forged !== undefined) breaches.push(`[X1] the output ${forged[0]} is ${forged[1].slice(0, 300)}`);
  const decides = path.operation === 'Gate' || path.operation === 'Verify';
  return [...breaches, ...(decides ? decidedBreaches(path, site, run) : gatedNothingBreaches(path, run))];
}

function gatedNothingBreaches({ operation }: AnswerPath, run: SimulatedRun): readonly string[] {
  const says = run.summary.some((line) => /gated nothing/.test(line));
  const mayEnd = run.exitCode === 0 || (operation === 'Test' && (run.resultMessage ?? '') !== '');
  return says && mayEnd ? [] : [`[V4] ${operation} ended with ${run.exitCode}: ${run.summary.at(-1)}`];
}

function decidedBreaches(path: AnswerPath, site: SimulatedSite, run: SimulatedRun): readonly string[] {
  const { Decision = '', DecisionReason = '' } = run.outputs;
  const told = run.lines.filter((line) =>
    line.startsWith("##octopus[setVariable name='RGVjaXNpb24='"),
  ).length;
  const breaches: string[] = [];
  if (told !== 1 || DecisionReason === '') breaches.push(`[M2] it told ${told} decisions: ${DecisionReason}`);
  if ((run.exitCode === 0) !== (Decision === 'Proceed'))
    breaches.push(`[F7] exit ${run.exitCode} with ${Decision}`);
  if (run.exitCode !== 0 && (run.resultMessage ?? '') === '')
    breaches.push('[M2] a stop without a result message');
  const why = run.exitCode === 0 ? notAllowed(path, site, run) : undefined;
  if (why !== undefined) breaches.push(`[F7] exit 0, but ${why}`);
  return breaches;
}

interface Read {
  readonly asked: string;
  readonly answer: {
    readonly id?: unknown;
    readonly key?: unknown;
    readonly fields?: Readonly<Record<string, unknown>>;
  };
  readonly request: SimulatedRequest;
}

/** Why what the answers said, as they arrived, does not allow an exit 0; undefined: it does. */
function notAllowed(path: AnswerPath, site: SimulatedSite, run: SimulatedRun): string | undefined {
  const key = run.outputs['ChangeRequest.Number'];
  const reads = readsOf(run);
  const last = reads.findLast(({ answer }) => answer.key === key);
  if (key === undefined || last === undefined) return `no answer is about ${key}`;
  const agedMs = run.endedAtMs - (last.request.arrivedMs ?? 0);
  if (agedMs > 10_000) return `[W8] the check is ${agedMs} ms old`;
  const earlier = reads.slice(0, reads.indexOf(last));
  const isOfIssue = ({ answer, asked }: Read): boolean =>
    answer.id === last.answer.id || asked === last.answer.id;
  if (last.asked !== key && !earlier.some(isOfIssue)) return `[L16] ${last.asked} was answered as ${key}`;
  const isItsOwn =
    path.by === 'number'
      ? [...earlier, last].some(({ asked, answer }) => asked === 'CHG-2' && answer.id === last.answer.id)
      : [...earlier, last].some(
          ({ answer }) => answer.key === key && answer.fields?.['summary'] === deploymentTitle,
        );
  if (!isItsOwn) return `[L5] ${key} was never seen to be what the run goes by`;
  const { kind, rule } = verdictOn(last, earlier, site, run);
  return kind === 'proceed' ? undefined : `[${rule}] the rules say ${kind}`;
}

function verdictOn(last: Read, earlier: readonly Read[], site: SimulatedSite, run: SimulatedRun) {
  const myself = run.requests.findLast(({ path, outcome }) => path.endsWith('/myself') && outcome === 200);
  const zone = (jsonOf(myself?.text ?? '') as { timeZone?: unknown } | undefined)?.timeZone;
  const rules: OracleRules = {
    ...(statusLists(undefined, undefined) ?? { proceed: [], wait: [] }),
    projects: ['CHG'],
    issueTypes: undefined,
    requirePlannedEnd: false,
    startField: undefined,
    endField: undefined,
    setFields: [],
    timeZone: typeof zone === 'string' ? zone : site.timeZone,
  };
  const siteNames = new Map(site.fields.map(({ id, name }) => [id, name]));
  const hadFields = new Set(
    earlier
      .filter(({ answer }) => answer.key === last.answer.key)
      .flatMap(({ answer }) => plannedIds(answer, rules, siteNames)),
  );
  const siteMs = last.request.served?.siteMs ?? 0;
  return judge(last.answer, rules, { nowMs: Math.floor(siteMs / 1000) * 1000, hadFields, siteNames });
}

function readsOf(run: SimulatedRun): readonly Read[] {
  return run.requests.flatMap((request) => {
    const asked = /\/issue\/([^/]+)$/.exec(request.path)?.[1];
    const answer = jsonOf(request.text ?? '');
    if (request.method !== 'GET' || request.outcome !== 200 || asked === undefined) return [];
    if (typeof answer !== 'object' || answer === null) return [];
    return [{ asked: decodeURIComponent(asked), answer: answer as Read['answer'], request }];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
