import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { playResume, resumeBreaches, resumePaths, resumeWorld } from './answered-pass.ts';
import { approvalsIn, jsonOf, type Read, readsOf } from './answered-reads.ts';
import {
  type ApprovalRequired,
  defaultRules,
  judge,
  type OracleRules,
  plannedIds,
} from './decision-oracle.ts';
import { type JsonPlace, type MutationName, mutated, mutationNames, placesIn } from './json-mutation.ts';
import { type Act, gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

type Variables = Readonly<Record<string, string>>;

/** A run that sends different requests from the others. */
interface AnswerPath {
  readonly operation: 'Gate' | 'Verify' | 'Report' | 'Test';
  /** Whether the run finds its change request by a number or by the title. */
  readonly by: 'number' | 'title';
  readonly variables: Variables;
  /** The status of the change request with the title at the beginning; undefined if there is none. */
  readonly status: string | undefined;
  readonly flavour?: 'cloud' | 'dc';
  /** Planned start and end are dates without a time. */
  readonly wholeDays?: boolean;
  /** Planned start and end, from the beginning of the run; an hour before and an hour after by default. */
  readonly window?: readonly [startMs: number, endMs: number];
  readonly approvedMs?: number;
  /** A2: which approvals are required, and whether the deployer or somebody else gives them. */
  readonly approval?: ApprovalRequired;
  readonly approver?: 'Dana Deployer' | 'Ann Approver' | 'nobody';
  /** A1 */
  readonly mustMention?: readonly string[];
  readonly description?: string;
  /** Another change request with the title, in this status. */
  readonly twin?: string;
}

const numberVariable = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
const supplied = { [numberVariable]: 'CHG-2' };
const earlierGate = {
  'Octopus.Action[Change gate].Output.ChangeRequest.Number': 'CHG-2',
  'Octopus.Action[Change gate].Output.Decision': 'Proceed',
};
const approved = 'Implementing';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const fail = { 'JsmChange.WhenPending': 'Fail' };
const deployer = { email: 'dana@acme.example', username: 'dana' };
const anyApprover = { 'JsmChange.ApprovalCheck': 'Approved' };
const otherApprover = { 'JsmChange.ApprovalCheck': 'OtherApprover' };

const answerPaths: Readonly<Record<string, AnswerPath>> = {
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
  // These must not exit with 0, unless a changed answer allows it.
  'gate, window over': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: supplied,
    window: [-2 * hourMs, -hourMs],
  },
  'gate, window to come, Data Center': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: { ...supplied, ...fail },
    flavour: 'dc',
    window: [hourMs, 2 * hourMs],
  },
  'verify, window over, by title': {
    operation: 'Verify',
    by: 'title',
    status: approved,
    variables: {},
    window: [-2 * hourMs, -hourMs],
  },
  'gate, approved': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: { ...supplied, ...anyApprover },
    approval: { check: 'approved', deployer },
    approver: 'Ann Approver',
  },
  'gate, approvals undecided': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: { ...supplied, ...anyApprover, ...fail },
    approval: { check: 'approved', deployer },
    approver: 'nobody',
  },
  'verify, approved by somebody else, Data Center': {
    operation: 'Verify',
    by: 'title',
    status: approved,
    variables: otherApprover,
    flavour: 'dc',
    approval: { check: 'other', deployer },
    approver: 'Ann Approver',
  },
  'gate, approved by oneself': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: { ...supplied, ...otherApprover, ...fail },
    approval: { check: 'other', deployer },
    approver: 'Dana Deployer',
  },
  'gate, mentioned': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: { ...supplied, 'JsmChange.SuppliedMustMention': 'Web Site\nWEB-12' },
    mustMention: ['Web Site', 'WEB-12'],
    description: 'Rolls out WEB-12, and more.',
  },
  'gate, not mentioned': {
    operation: 'Gate',
    by: 'number',
    status: approved,
    variables: { ...supplied, 'JsmChange.SuppliedMustMention': 'Web Site\nWEB-12' },
    mustMention: ['Web Site', 'WEB-12'],
    description: 'Rolls out WEB-123, and more.',
  },
  'gate, of another space': {
    operation: 'Gate',
    by: 'title',
    status: approved,
    variables: {},
    description: 'For somebody else.\n\nOctopus run: https://octopus.acme.example Spaces-2 Deployments-7',
  },
  'verify, of another server, Data Center': {
    operation: 'Verify',
    by: 'title',
    status: approved,
    variables: {},
    flavour: 'dc',
    description: 'For somebody else.\n\nOctopus run: https://other.example Spaces-1 Deployments-7',
  },
  'gate, one of two': { operation: 'Gate', by: 'title', status: approved, variables: {}, twin: 'Planning' },
};

/** All paths: those of one change request, and passes over parked deployments. */
export const allPaths: readonly string[] = [...Object.keys(answerPaths), ...Object.keys(resumePaths)];

/** One value that is wrong in one answer, or in every later answer to the same request too. */
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

/** Runs the step with one wrong value. A run that never ends, or an unexpected error, is a breach too. */
export async function runAnswer(mutant: AnswerMutant): Promise<AnswerOutcome> {
  const path = answerPaths[mutant.path];
  try {
    if (path === undefined) {
      const world = resumeWorld(mutant.path);
      const run = await playResume(world, rewriteBy(mutant));
      return { run, breaches: [...saidBreaches(run), ...resumeBreaches(world, run)] };
    }
    const site = siteOf(path);
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

/** Each value can be wrong in each of these ways, once and from then on. */
const ways = 2 * mutationNames.length;

/**
 * Returns the answers of undisturbed runs on all paths; of several answers to the same request, only the
 * first two and the last.
 */
export async function answersToMutate(): Promise<readonly AnswerToMutate[]> {
  const found: AnswerToMutate[] = [];
  for (const name of allPaths) {
    const path = answerPaths[name];
    const { requests } =
      path === undefined ? await playResume(resumeWorld(name)) : await play(path, siteOf(path));
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

/** Returns the number of mutants that these answers have. */
export function countMutants(answers: readonly AnswerToMutate[]): number {
  return answers.reduce((sum, { places }) => sum + ways * places.length, 0);
}

/**
 * Generates mutants of these answers in rotation. With enough cases, each value gets every mutation exactly
 * once.
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

/** Returns a step size that visits each position in a circle of this size exactly once. */
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
  const createdMs = site.siteClock.now() - hourMs;
  const usual = { createdMs, lagged: false };
  // Approved too, but for something else, or in a project from which none may be used.
  site.createRequest({ ...usual, summary: 'Something else', status: approved });
  site.createRequest({ ...usual, summary: deploymentTitle, project: 'OPS', status: approved });
  if (path.status !== undefined) {
    const [startMs, endMs] = path.window ?? [-hourMs, hourMs];
    const [start, end] = path.wholeDays
      ? ['2026-06-13', '2026-06-14']
      : [site.dateIn(startMs), site.dateIn(endMs)];
    const { description } = path;
    const fields = { 'Planned start': start, 'Planned end': end, ...(description && { description }) };
    const { key } = site.createRequest({ ...usual, summary: deploymentTitle, status: path.status, fields });
    if (path.approver !== undefined) setApprovals(site, key, path.approver);
  }
  if (path.twin !== undefined) {
    site.createRequest({ ...usual, summary: deploymentTitle, status: path.twin });
  }
  return site;
}

/** Sets three rounds of approvals: a declined one, the same again, and another. */
function setApprovals(site: SimulatedSite, key: string, approver: NonNullable<AnswerPath['approver']>): void {
  Object.assign(site.account('Dana Deployer'), { name: 'dana', emailAddress: 'dana@acme.example' });
  const given = { finalDecision: 'approved', approvers: { [approver]: 'approved' } } as const;
  const waiting = { approvers: { 'Ann Approver': 'pending', 'Bob Approver': 'approved' } } as const;
  const last = approver === 'nobody' ? waiting : given;
  site.setApproval(key, {
    name: 'CAB',
    finalDecision: 'declined',
    approvers: { 'Ann Approver': 'declined' },
  });
  site.setApproval(key, { name: 'CAB', ...last, furtherRound: true });
  site.setApproval(key, {
    name: 'Peers',
    finalDecision: 'approved',
    approvers: { 'Dana Deployer': 'approved' },
  });
  if (approver === 'nobody') {
    site.setApproval(key, { name: 'Peers', ...given, approvers: { 'Cid Chief': 'approved' } });
  }
}

type Rewrite = (
  body: string,
  number: number,
  request: { readonly method: string; readonly url: string },
) => string;

function rewriteBy(mutant: AnswerMutant | undefined): Rewrite {
  let struck: string | undefined;
  return (body, number, { method, url }) => {
    if (mutant === undefined) return body;
    const asked = `${method} ${url.split('?')[0]}`;
    if (number === mutant.request) struck = asked;
    const strikes = number === mutant.request || (mutant.repeats && asked === struck);
    return strikes ? mutated(body, mutant.place, mutant.mutation) : body;
  };
}

function play(path: AnswerPath, site: SimulatedSite, mutant?: AnswerMutant): Promise<SimulatedRun> {
  const approve: Act = [
    path.approvedMs ?? 0,
    () => {
      const own = site.openWithSummary(deploymentTitle).findLast(({ key }) => key.startsWith('CHG-'));
      if (path.approvedMs !== undefined && own !== undefined) site.moveTo(own.key, approved);
    },
  ];
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
    rewrite: rewriteBy(mutant),
  });
}

function breachesOf(path: AnswerPath, site: SimulatedSite, run: SimulatedRun): readonly string[] {
  const decides = path.operation === 'Gate' || path.operation === 'Verify';
  return [
    ...saidBreaches(run),
    ...(decides ? decidedBreaches(path, site, run) : gatedNothingBreaches(path, run)),
  ];
}

function saidBreaches(run: SimulatedRun): readonly string[] {
  const breaches: string[] = [];
  const trace = run.said.find(({ line }) =>
    /^\s+at .*:\d+|\b(?:Type|Range|Syntax|Reference)Error\b|Unexpected error/.test(line),
  );
  if (trace !== undefined) breaches.push(`[M2] it says: ${trace.line.slice(0, 300)}`);
  const forged = Object.entries(run.outputs).find(([, value]) => value.includes('#{'));
  if (forged !== undefined) breaches.push(`[X1] the output ${forged[0]} is ${forged[1].slice(0, 300)}`);
  return breaches;
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

/** Returns why the answers, as they arrived, do not allow an exit 0; undefined if they do. */
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
  if (path.by === 'title' && [...earlier, last].some((read) => read.answer.key === key && isForeign(read)))
    return '[L13] an answer shows the run line of another server or space';
  const others = path.by === 'title' ? othersOpen(reads, key) : [];
  if (others.length > 0) return `[L8] ${others.join(', ')} is open as well`;
  const { kind, rule } = verdictOn(path, last, earlier, site, run);
  return kind === 'proceed' ? undefined : `[${rule}] the rules say ${kind}`;
}

/** L13: returns true if the run line names a server or space other than those of `gateVariables`. */
function isForeign({ answer: { fields } }: Read): boolean {
  const { description } = fields ?? {};
  const [, server, space] = /^Octopus run: (\S+) (\S+) \S+$/m.exec(String(description)) ?? [];
  const isOfServer = server === undefined || server.includes('//octopus.acme.example');
  return !isOfServer || (space !== undefined && space !== 'Spaces-1');
}

/** L8: returns other change requests that are open under the title, according to the last read of each. */
function othersOpen(reads: readonly Read[], key: string): readonly string[] {
  const latest = new Map(reads.map((read) => [String(read.answer.key), read.answer.fields]));
  return [...latest].flatMap(([other, fields]) => {
    const category = JSON.stringify(fields?.['status'] ?? null);
    const isOpen = fields?.['summary'] === deploymentTitle && !category.includes('"key":"done"');
    const project = (fields?.['project'] as { key?: unknown } | undefined)?.key;
    // L16: text with anything around the key is not a key.
    const isOfProject = /^CHG-\d+$/.test(other) && (typeof project !== 'string' || project === 'CHG');
    return other !== key && isOfProject && isOpen ? [other] : [];
  });
}

function verdictOn(
  path: AnswerPath,
  last: Read,
  earlier: readonly Read[],
  site: SimulatedSite,
  run: SimulatedRun,
) {
  const myself = run.requests.findLast(({ path, outcome }) => path.endsWith('/myself') && outcome === 200);
  const zone = (jsonOf(myself?.text ?? '') as { timeZone?: unknown } | undefined)?.timeZone;
  const rules: OracleRules = {
    ...defaultRules,
    timeZone: typeof zone === 'string' ? zone : site.timeZone,
    ...(path.approval && { approval: path.approval }),
    ...(path.mustMention && { mustMention: path.mustMention }),
  };
  const siteNames = new Map(site.fields.map(({ id, name }) => [id, name]));
  const hadFields = new Set(
    earlier
      .filter(({ answer }) => answer.key === last.answer.key)
      .flatMap(({ answer }) => plannedIds(answer, rules, siteNames)),
  );
  const siteMs = last.request.served?.siteMs ?? 0;
  const nowMs = Math.floor(siteMs / 1000) * 1000;
  const approvals = approvalsIn(run, String(last.answer.key), last.request.sentMs);
  return judge(last.answer, rules, { nowMs, hadFields, siteNames, approvals });
}
