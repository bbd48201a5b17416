import fc from 'fast-check';
import type { TransportFailure } from '../../src/http/transport.ts';
import { type Fault, type FaultOrder, faultCatalogue } from '../sandbox/fault.ts';
import { defaultLogins } from '../sandbox/login.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { type Act, gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import type { SimulatedRequest } from './simulated-network.ts';
import { SimulatedSite } from './simulated-site.ts';

/** Something that happens to the change request or to the site, in ms from the beginning. */
type Happening =
  | { readonly kind: 'status'; readonly atMs: number; readonly status: string }
  | {
      readonly kind: 'window';
      readonly atMs: number;
      readonly bound: 'Planned start' | 'Planned end';
      /** In ms from then on, or a literal text; null unsets the field. */
      readonly value: number | string | null;
    }
  | {
      readonly kind: 'logins-gone' | 'logins-back' | 'hidden' | 'shown' | 'removed' | 'moved';
      readonly atMs: number;
    }
  | { readonly kind: 'date'; readonly atMs: number; readonly header: 'on' | 'none' | 'garbled' }
  | { readonly kind: 'fields-fail'; readonly atMs: number; readonly fields: readonly string[] }
  | ({ readonly kind: 'approval'; readonly atMs: number } & SomeApproval)
  | { readonly kind: 'retitled'; readonly atMs: number; readonly summary: string }
  | { readonly kind: 'site-clock' | 'worker-clock'; readonly atMs: number; readonly offsetMs: number };

/** A2: one approval, or a further round of it. */
interface SomeApproval {
  readonly name: string;
  readonly who: string;
  readonly decision: 'approved' | 'declined' | 'pending';
}

/** One whole run, and everything that goes wrong around it. */
interface FaultScenario {
  readonly seed: number;
  readonly path: 'supplied' | 'matched' | 'created' | 'verified';
  readonly whenPending: 'Wait' | 'Fail';
  readonly pollSeconds: number;
  readonly limitMinutes: number;
  readonly outageMinutes: number;
  readonly flavour: 'cloud' | 'dc';
  /** The status of the change request that exists from the start. */
  readonly firstStatus: string;
  /**
   * When somebody approves the existing change request, before anything else happens; undefined for nobody.
   */
  readonly approvedMs: number | undefined;
  readonly approvalCheck: 'Status' | 'Approved' | 'OtherApprover';
  /** A2: who approves it at that time. */
  readonly approver: string;
  /** Whether Octopus provides the email address of the deployer. */
  readonly isDeployerKnown: boolean;
  readonly loginHeaders: boolean;
  readonly comments: boolean;
  /** Empty for none. */
  readonly approveTransition: string;
  readonly slowestMs: number;
  readonly lagMs: number;
  readonly happenings: readonly Happening[];
  readonly faults: readonly FaultOrder[];
  /** Failures before a request reaches the site, with the number of the request. */
  readonly network: readonly { readonly at: number; readonly failure: TransportFailure }[];
}

const spanMs = 10 * 60_000;
const moment = fc.integer({ min: 0, max: spanMs });
const statuses = [
  'Implementing',
  'Implementing',
  'Implementing',
  'Review',
  'Planning',
  'Authorize',
  'Declined',
  'Completed',
];

/** Dana deploys; Bob's email address is hidden. */
const people = ['Ann Approver', 'Bob Board', 'Dana Deployer'];

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('approval'),
      atMs: moment,
      name: fc.constantFrom('CAB', 'CAB', 'Peers'),
      who: fc.constantFrom(...people),
      decision: fc.constantFrom('approved', 'declined', 'pending'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('status'), atMs: moment, status: fc.constantFrom(...statuses) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('window'),
      atMs: moment,
      bound: fc.constantFrom('Planned start', 'Planned end'),
      value: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -120_000, max: spanMs }) },
        { weight: 2, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constantFrom('soon', '2026-06-13', '') },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('logins-gone', 'logins-back', 'hidden', 'shown', 'removed', 'moved'),
      atMs: moment,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('date'),
      atMs: moment,
      header: fc.constantFrom('on', 'none', 'garbled'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fields-fail'),
      atMs: moment,
      fields: fc.constantFrom([], ['Planned start'], ['Planned end'], ['Change risk']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('retitled'),
      atMs: moment,
      summary: fc.constantFrom(
        'Something else',
        `Withdrawn in favour of CHG-1: ${deploymentTitle}`,
        deploymentTitle,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('site-clock', 'worker-clock'),
      atMs: moment,
      offsetMs: fc.constantFrom(0, -7_200_000, 7_200_000, 90_000, -90_000),
    }),
  },
);

/** Statuses that end a run, and statuses that it can overcome. */
const finalStatuses = [200, 201, 204, 205, 299, 300, 304, 402, 410, 418, 425, 451];

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.values(faultCatalogue)) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 100, max: 45_000 }).map((delayMs): Fault => ({ kind: 'slow', delayMs })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(408, 429, 500, 502, 503, 505, 599)
      .map((status): Fault => ({ kind: 'status', status })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...finalStatuses).map((status): Fault => ({ kind: 'status', status })),
  },
);

const faultOrder: fc.Arbitrary<FaultOrder> = fc.oneof(
  fc.record({ fault, at: fc.integer({ min: 1, max: 25 }), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ fault, probability: fc.constantFrom(0.02, 0.1, 0.4) }),
);

export const faultScenario: fc.Arbitrary<FaultScenario> = fc.record({
  seed: fc.integer({ min: 1, max: 1e9 }),
  path: fc.constantFrom('supplied', 'matched', 'created', 'verified'),
  whenPending: fc.constantFrom('Wait', 'Wait', 'Wait', 'Fail'),
  pollSeconds: fc.constantFrom(1, 5, 15, 60),
  limitMinutes: fc.constantFrom(1, 12, 12),
  outageMinutes: fc.constantFrom(0, 1, 5),
  flavour: fc.constantFrom('cloud', 'cloud', 'dc'),
  firstStatus: fc.constantFrom('Review', 'Review', 'Implementing'),
  approvedMs: fc.option(moment, { nil: undefined, freq: 4 }),
  approvalCheck: fc.constantFrom('Status', 'Status', 'Approved', 'OtherApprover'),
  approver: fc.constantFrom('Ann Approver', 'Ann Approver', ...people),
  isDeployerKnown: fc.constantFrom(true, true, true, false),
  loginHeaders: fc.constantFrom(true, true, true, false),
  comments: fc.constantFrom(false, false, true),
  approveTransition: fc.constantFrom('', '', '', 'Implement standard change', 'Approve'),
  slowestMs: fc.constantFrom(10, 200, 2000, 8000),
  lagMs: fc.constantFrom(0, 0, 3000, 30_000),
  happenings: fc.oneof(fc.constant([]), fc.array(happening, { maxLength: 6 })),
  faults: fc.oneof(fc.constant([]), fc.array(faultOrder, { maxLength: 4 })),
  network: fc.oneof(
    fc.constant([]),
    fc.array(
      fc.record({
        at: fc.integer({ min: 1, max: 20 }),
        failure: fc.constantFrom<TransportFailure>(
          'not-connected',
          'unknown-host',
          'certificate',
          'lost',
          'timeout',
        ),
      }),
      { maxLength: 2 },
    ),
  ),
});

/**
 * Runs a scenario.
 * @param variables override those of the scenario
 */
export async function runFaults(
  scenario: FaultScenario,
  variables: Readonly<Record<string, string>> = {},
): Promise<SimulatedRun> {
  const { path } = scenario;
  const site = new SimulatedSite({
    seed: scenario.seed,
    flavour: scenario.flavour,
    indexLagMs: scenario.lagMs,
    loginHeaders: scenario.loginHeaders,
    projects: [{ key: 'CHG', serviceDeskId: '10' }, { key: 'OPS' }],
  });
  // Only a run that raises its own change request begins without one.
  if (path !== 'created') {
    site.createRequest({ summary: deploymentTitle, lagged: false, status: scenario.firstStatus });
  }
  Object.assign(site.account('Dana Deployer'), { name: 'dana', emailAddress: 'DANA@acme.example' });
  site.account('Bob Board').hidesEmail = true;
  site.faults.add(...scenario.faults);
  const { approvedMs, approver: who } = scenario;
  const happenings: readonly Happening[] = [
    ...(approvedMs === undefined
      ? []
      : ([
          { kind: 'status', atMs: approvedMs, status: 'Implementing' },
          { kind: 'approval', atMs: approvedMs, name: 'CAB', who, decision: 'approved' },
        ] as const)),
    ...scenario.happenings,
  ];
  const worker = { offsetMs: 0 };
  let sent = 0;
  return simulate({
    site,
    seed: scenario.seed,
    worker,
    variables: gateVariables(site, {
      'JsmChange.Operation': path === 'verified' ? 'Verify' : 'Gate',
      'JsmChange.WhenPending': scenario.whenPending,
      'JsmChange.PollIntervalSeconds': String(scenario.pollSeconds),
      'JsmChange.WaitLimitMinutes': String(scenario.limitMinutes),
      'JsmChange.OutageMinutes': String(scenario.outageMinutes),
      'JsmChange.CustomerComments': String(scenario.comments),
      'JsmChange.ApproveTransition': scenario.approveTransition,
      'JsmChange.ApprovalCheck': scenario.approvalCheck,
      'Octopus.Deployment.CreatedBy.EmailAddress': scenario.isDeployerKnown ? 'dana@acme.example' : '',
      'Octopus.JiraServiceManagement.ChangeRequest.Number': path === 'supplied' ? 'CHG-1' : '',
      ...variables,
    }),
    latency: { minMs: 1, maxMs: scenario.slowestMs },
    failure: () => {
      sent += 1;
      return scenario.network.find(({ at }) => at === sent)?.failure;
    },
    at: happenings.map((one): Act => [one.atMs, () => happen(site, worker, one)]),
  });
}

/** Applies an event to the newest change request, or to the site. */
function happen(site: SimulatedSite, worker: { offsetMs: number }, one: Happening): void {
  const key = site.issues().at(-1)?.key;
  switch (one.kind) {
    case 'status':
      if (key !== undefined) site.moveTo(key, one.status);
      return;
    case 'window':
      if (key !== undefined) {
        site.setField(key, one.bound, typeof one.value === 'number' ? site.dateIn(one.value) : one.value);
      }
      return;
    case 'approval':
      if (key !== undefined) site.setApproval(key, approvalOf(one));
      return;
    case 'logins-gone':
      site.logins.splice(0);
      return;
    case 'logins-back':
      site.logins.push(...defaultLogins(site.flavour));
      return;
    case 'hidden':
      site.behaviour.permissions.browse = false;
      return;
    case 'shown':
      site.behaviour.permissions.browse = true;
      return;
    case 'removed':
      if (key !== undefined) site.remove(key);
      return;
    case 'moved':
      if (key?.startsWith('CHG') === true) site.moveIssueToProject(key, 'OPS');
      return;
    case 'date':
      site.behaviour.dateHeader = one.header;
      return;
    case 'fields-fail':
      // Data Center cannot be asked to fail fast, so the answer would not show the failure.
      if (site.flavour === 'cloud') site.behaviour.failingFields = one.fields;
      return;
    case 'retitled':
      if (key !== undefined) site.editSummary(key, one.summary);
      return;
    case 'site-clock':
      site.siteClock.offsetMs = one.offsetMs;
      return;
    case 'worker-clock':
      worker.offsetMs = one.offsetMs;
      return;
  }
}

function approvalOf({ name, who, decision }: SomeApproval): Parameters<SimulatedSite['setApproval']>[1] {
  return { name, finalDecision: decision, approvers: { [who]: decision }, furtherRound: true };
}

/** W8: the maximum age of the site's answers on which an exit 0 may rest. */
const freshMs = 10_000;

/**
 * Returns what is wrong with an exit 0, judged by what the site itself returned to this run; undefined if
 * nothing is. It knows nothing about how the step decides.
 * @param scenario what the run required of the approvals (A2); nothing by default
 */
export function unseenApproval(
  run: SimulatedRun,
  { approvalCheck, isDeployerKnown }: RequiredApproval = { approvalCheck: 'Status', isDeployerKnown: true },
): string | undefined {
  if (run.exitCode !== 0) return undefined;
  const key = run.outputs['ChangeRequest.Number'];
  if (run.outputs['Decision'] !== 'Proceed' || key === undefined)
    return 'the outputs do not tell what was approved';
  const unseen = oldOrMissing(run, key, (request) => isApproval(request, key));
  if (unseen !== undefined || approvalCheck === 'Status') return unseen;
  if (approvalCheck === 'OtherApprover' && !isDeployerKnown) return 'nobody is known to be other';
  const given = oldOrMissing(run, key, (request) => isGiven(request, key, approvalCheck));
  return given === undefined ? undefined : `by its approvals: ${given}`;
}

export type RequiredApproval = Pick<FaultScenario, 'approvalCheck' | 'isDeployerKnown'>;

function oldOrMissing(
  run: SimulatedRun,
  key: string,
  isGood: (request: SimulatedRequest) => boolean,
): string | undefined {
  const good = run.requests.filter(isGood);
  if (good.length === 0)
    return `nothing that the site served to the run shows ${key} approved and inside its window`;
  const newest = Math.max(...good.map(({ arrivedMs }) => arrivedMs ?? 0));
  const ageMs = run.endedAtMs - newest;
  return ageMs <= freshMs
    ? undefined
    : `the newest approval that the site served is ${Math.round(ageMs)} ms old`;
}

interface ApprovalJson {
  readonly id: string;
  readonly name: string;
  readonly finalDecision: string;
  readonly approvers: readonly {
    readonly approver: { readonly emailAddress?: string };
    readonly approverDecision: string;
  }[];
}

/** A2: returns true for an unaltered answer in which the last round of every approval is approved. */
function isGiven({ path, outcome, text }: SimulatedRequest, key: string, check: string): boolean {
  if (outcome !== 200 || !path.endsWith(`/request/${key}/approval`)) return false;
  try {
    const listed = (JSON.parse(text ?? '') as { values: readonly ApprovalJson[] }).values;
    // No scenario fills a second page; each round has a higher id than the one before.
    const last = [...new Map(listed.map((one) => [one.name, one])).values()];
    const isByOther = last
      .flatMap(({ approvers }) => approvers)
      .some(
        ({ approver: { emailAddress }, approverDecision }) =>
          approverDecision === 'approved' &&
          emailAddress !== undefined &&
          emailAddress.toLowerCase() !== 'dana@acme.example',
      );
    const isAll = last.length > 0 && last.every(({ finalDecision }) => finalDecision === 'approved');
    return isAll && (check === 'Approved' || isByOther);
  } catch {
    return false;
  }
}

function isApproval({ served, outcome, text }: SimulatedRequest, key: string): boolean {
  if (served === undefined || outcome !== 200 || text === undefined) return false;
  if (served.key !== key || !key.startsWith('CHG-') || served.status !== 'Implementing') return false;
  if (!shows(text, key)) return false;
  // The site reports its time in whole seconds.
  return bound(served.plannedStart, served.siteMs, 'start') && bound(served.plannedEnd, served.siteMs, 'end');
}

/** Returns true if the answer arrived unaltered. */
function shows(text: string, key: string): boolean {
  try {
    const issue = JSON.parse(text) as { key?: unknown; fields?: { status?: { name?: unknown } } };
    return issue.key === key && issue.fields?.status?.name === 'Implementing';
  } catch {
    return false;
  }
}

function bound(value: unknown, nowMs: number, which: 'start' | 'end'): boolean {
  if (value === undefined || value === null) return true;
  // The only day that scenarios ever set is the day of the simulation.
  if (/^\d{4}-\d{2}-\d{2}$/.test(String(value)))
    return new Date(nowMs).toISOString().startsWith(String(value));
  const at = Date.parse(String(value).replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (Number.isNaN(at)) return false;
  return which === 'start' ? nowMs >= at : Math.floor(nowMs / 1000) * 1000 <= at;
}
