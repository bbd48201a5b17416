import fc from 'fast-check';
import { createCaller } from '../sandbox/caller.ts';
import { plannedEndId, plannedStartId } from '../sandbox/defaults.ts';
import type { FieldDefinition } from '../sandbox/field.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { type CategoryKey, createWorkflow } from '../sandbox/workflow.ts';
import {
  type ApprovalRequired,
  dayStart,
  judge,
  type OracleRules,
  plannedIds,
  sameName,
  statusLists,
  type Verdict,
} from './decision-oracle.ts';
import { gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import { epochMs, SimulatedSite } from './simulated-site.ts';

/**
 * A planned field's value: unset, an instant near the site's clock, a day near it, or something that is not a
 * date.
 */
type PlannedValue =
  | null
  | { readonly fromNowMs: number; readonly form: 'jira' | 'zulu' | 'colon'; readonly offsetMinutes: number }
  | { readonly fromTodayDays: number }
  | { readonly odd: unknown };

/** One change request, one configuration and one clock. */
interface DecisionScenario {
  readonly operation: 'Gate' | 'Verify';
  readonly path: 'supplied' | 'title';
  readonly flavour: 'cloud' | 'dc';
  readonly byPolicy: boolean;
  readonly status: string;
  readonly category: CategoryKey;
  readonly proceed: readonly string[] | undefined;
  readonly wait: readonly string[] | undefined;
  readonly project: string;
  readonly allowedProjects: readonly string[];
  readonly issueType: string;
  /** Only a policy has these two settings. */
  readonly issueTypes: readonly string[] | undefined;
  readonly requirePlannedEnd: boolean;
  readonly summary: string;
  readonly dateFields: 'current' | 'older' | 'both' | 'none';
  /** Further fields with the same names as the planned fields. */
  readonly twins: boolean;
  readonly startField: string | undefined;
  readonly endField: string | undefined;
  readonly setFields: readonly string[];
  readonly hidden: readonly string[];
  /** Only on Cloud: on Data Center such a field cannot be distinguished from a missing one. */
  readonly failing: readonly string[];
  /** By field name; for twins by id. */
  readonly values: Readonly<Record<string, PlannedValue>>;
  readonly day: { readonly timeZone: string; readonly today: string };
  /** The site's clock at the beginning, from the start or the end of that day in that time zone. */
  readonly clockFrom: 'its start' | 'its end';
  readonly clockMs: number;
  readonly dateHeader: 'on' | 'none' | 'garbled';
  readonly serverTime: 'on' | 'none' | 'garbled';
  /** By how much the worker's clock is wrong. */
  readonly workerMs: number;
  /** Whether an answer still names a field that does not load. */
  readonly failingNames: 'kept' | 'lost';
  readonly approvalCheck: ApprovalRequired['check'];
  readonly deployer: { readonly email: string; readonly username: string };
  readonly isTriggered: boolean;
  /** As the site returns them. */
  readonly approvals: readonly unknown[];
  /** A1: the texts of a parameter, and the names that a policy lists instead. */
  readonly mentions: { readonly texts: readonly string[]; readonly names: readonly string[] };
  readonly description: string;
}

const names = [
  'Implementing',
  'implementing',
  'IMPLEMENTING',
  'Implementing now',
  'Implement',
  'Awaiting implementation',
  'Awaiting  Implementation',
  'Review',
  'Planning',
  'planning',
  'Authorize',
  'Preview',
  'Awaiting CAB approval',
  'Peer review / change manager approval',
  'Approved',
  'APPROVED',
  'Genehmigt für Betrieb',
  'genehmigt\u00a0FÜR betrieb',
  'Declined',
  'Completed',
  'Closed',
  '承認済み',
  'Go: "now", yes',
];

/** T3: a list may contain it instead of the name. */
const statusId = '10777';

/** An entry in a list may differ from the site's name in spaces and case. */
const listed = fc
  .tuple(fc.constantFrom(...names, statusId), fc.constantFrom('as is', 'upper', 'lower', 'spaced'))
  .map(([name, how]) => {
    if (how === 'upper') return name.toUpperCase();
    if (how === 'lower') return name.toLowerCase();
    return how === 'spaced' ? `  ${name.replace(' ', '   ')} ` : name;
  });

/** The two lists, usually without a name in both, and a status that is often in one of them. */
const statuses = fc
  .record({
    listed: fc.uniqueArray(listed, { maxLength: 6, comparator: sameName }),
    first: fc.nat(6),
    overlap: fc.constantFrom(false, false, false, false, false, false, false, false, false, true),
    from: fc.constantFrom('proceed', 'proceed', 'proceed', 'wait', 'any'),
    at: fc.nat(),
    any: fc.constantFrom(...names),
  })
  .map(({ listed, first, overlap, from, at, any }) => {
    const [before, after] = [listed.slice(0, first), listed.slice(first)];
    const proceed = before.length > 0 ? before : undefined;
    const wait = after.length > 0 ? [...after, ...(overlap ? before.slice(0, 1) : [])] : undefined;
    const chosen = from === 'any' ? [] : (statusLists(proceed, wait)?.[from] ?? []);
    const likely = names.filter((name) => chosen.some((one) => sameName(one, name)));
    return { proceed, wait, status: likely[at % likely.length] ?? any };
  });

/** Draws one value in most cases, and occasionally one of the others. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
}

const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const near = [0, 1, 999, secondMs, secondMs + 1, 60_000, hourMs, dayMs];
const fromNow = fc
  .tuple(fc.constantFrom(...near), fc.constantFrom(-1, 1))
  .map(([ms, sign]) => (ms === 0 ? 0 : sign * ms));

const oddities: readonly unknown[] = [
  '',
  'soon',
  '13/Jun/26 10:00',
  '2026-06-13T10:00:00.000',
  '2026-06-13 10:00:00.000+0000',
  '2026-02-30',
  '2026-02-30T10:00:00.000+0000',
  '2026-06-13T25:00:00.000+0000',
  '2026-06-13T10:00:00.000+9900',
  '2026-13-01',
  '2026-06-13T10:00:00.000+0000 or later',
  1_781_337_600_000,
  0,
  false,
  {},
  [],
  ['2026-06-13'],
];

const plannedValue: fc.Arbitrary<PlannedValue> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  {
    weight: 6,
    arbitrary: fc.record({
      fromNowMs: fromNow,
      form: fc.constantFrom('jira', 'zulu', 'colon'),
      offsetMinutes: fc.constantFrom(0, 0, 600, -210, 345, 840, -720),
    }),
  },
  { weight: 4, arbitrary: fc.record({ fromTodayDays: fc.constantFrom(-1, 0, 0, 1) }) },
  { weight: 1, arbitrary: fc.constantFrom(...oddities).map((odd) => ({ odd })) },
);

/** Mostly days on which the zone's clocks change. */
const days = [
  { timeZone: 'Europe/Berlin', today: '2026-03-29' },
  { timeZone: 'Europe/Berlin', today: '2026-10-25' },
  { timeZone: 'America/New_York', today: '2026-03-08' },
  { timeZone: 'America/New_York', today: '2026-11-01' },
  { timeZone: 'America/St_Johns', today: '2026-11-01' },
  { timeZone: 'Pacific/Auckland', today: '2026-04-05' },
  { timeZone: 'Pacific/Auckland', today: '2026-09-27' },
  { timeZone: 'Europe/Berlin', today: '2026-06-13' },
  { timeZone: 'Asia/Kolkata', today: '2026-06-13' },
  { timeZone: 'Pacific/Kiritimati', today: '2026-06-13' },
  { timeZone: 'Etc/UTC', today: '2026-12-31' },
] as const;

const fieldNames = ['Planned start', 'Change start date', 'Planned end', 'Change completion date'];
const twinStart: FieldDefinition = { id: 'customfield_10871', name: 'planned  start', kind: 'datetime' };
const twinEnd: FieldDefinition = { id: 'customfield_10872', name: 'Planned End', kind: 'datetime' };

const dana = { email: 'dana@acme.example', username: 'dana' };

/** People as a site shows them: their addresses may be hidden or masked, and Cloud has no user names. */
const person = fc.constantFrom<Readonly<Record<string, unknown>>>(
  { displayName: 'Dana', emailAddress: ' DANA@acme.example', name: 'dana' },
  { displayName: 'Dana', emailAddress: 'dana at acme dot example', name: 'D.Deployer' },
  { displayName: 'Dana', emailAddress: 'dana.d@acme.example', name: 'DANA' },
  { displayName: 'Dana' },
  { displayName: 'Ann', emailAddress: 'ann@acme.example' },
  { displayName: 'Ann', emailAddress: 'ann@acme.example', name: 'ann' },
  { displayName: 'Ann', emailAddress: '', name: 'ann' },
  { displayName: 'Ann', emailAddress: null },
);

const decisionOfPerson = mostly<unknown>('approved', 'pending', 'declined', 'APPROVED', undefined);

const approval = fc.record({
  id: fc.constantFrom<unknown>('1', '2', '9', '10', 11, 'x', undefined),
  name: mostly<unknown>('CAB', 'Peers', ' cab', '', null, undefined),
  finalDecision: mostly('approved', 'pending', 'declined', 'Approved', 'withdrawn'),
  createdDate: fc.constantFrom<unknown>(
    { jira: '2026-06-13T08:00:00.000+0000' },
    { jira: '2026-06-13T10:30:00.000+0200' },
    { iso8601: '2026-06-13T09:00:00+0000', jira: 'soon' },
    undefined,
  ),
  approvers: fc.array(fc.record({ approver: person, approverDecision: decisionOfPerson }), { maxLength: 2 }),
});

/** For each text, places that mention it, and places that only contain it. */
const mentioned = [
  ...['Web Site', 'WEB   SITE', 'the Web\u00a0Site.', 'Web Sites', 'MyWeb Site', 'Web Site_2', 'Web'],
  ...[
    '1.0.1',
    'v1.0.1',
    '(1.0.1)',
    '1.0.1.',
    '1.0.1-rc',
    '1.0.1.5',
    '11.0.1',
    '2.1.0.1',
    '1\\.0\\.1',
    '1.0.1 - rc',
  ],
  ...[
    'Production',
    'PRODUCTION!',
    'Preproduction',
    'Productions',
    'u\u0308ber',
    'Über',
    'Überall',
    '本番環境',
    '本番',
  ],
];
const wantedTexts = ['Web Site', '1.0.1', '0.1', 'production', 'ÜBER', '本番', '  web  site ', 'C#'];
/** A1: the names that a policy can list, with their values in this run. */
const mentionNames = { project: 'Web Site', release: '1.0.1', environment: 'Production', tenant: '' };

type Configuration = Omit<DecisionScenario, 'status' | 'proceed' | 'wait'>;

const configuration: fc.Arbitrary<Configuration> = fc.record({
  operation: fc.constantFrom('Gate', 'Verify'),
  path: mostly('supplied', 'title'),
  flavour: mostly('cloud', 'dc'),
  byPolicy: fc.boolean(),
  category: mostly('indeterminate', 'new', 'done'),
  project: mostly('CHG', 'OPS', 'HR'),
  allowedProjects: fc.subarray(['OPS', 'HR', 'CHG']),
  issueType: mostly('[System] Change', '[System] Service request'),
  issueTypes: mostly<readonly string[] | undefined>(
    undefined,
    ['[system] CHANGE'],
    ['Incident', '[System] Change'],
    ['Incident'],
  ),
  requirePlannedEnd: fc.boolean(),
  summary: mostly(
    deploymentTitle,
    'Something else',
    `Withdrawn in favour of CHG-9: ${deploymentTitle}`,
    `Withdrawn in favour of nobody: ${deploymentTitle}`,
  ),
  dateFields: mostly('current', 'older', 'both', 'none'),
  twins: mostly(false, true),
  startField: mostly<string | undefined>(
    undefined,
    'planned START',
    plannedStartId,
    'Change start date',
    'Start of the works',
  ),
  endField: mostly<string | undefined>(
    undefined,
    'Planned end',
    plannedEndId,
    'Change completion date',
    'End of the works',
  ),
  setFields: mostly<readonly string[]>([], ...fieldNames.map((name) => [name])),
  hidden: mostly<readonly string[]>([], ...fieldNames.map((name) => [name])),
  failing: mostly<readonly string[]>(
    [],
    [],
    [],
    ['Planned start'],
    ['Change completion date'],
    ['Change risk'],
  ),
  values: fc.record(
    Object.fromEntries([...fieldNames, twinStart.id, twinEnd.id].map((name) => [name, plannedValue])),
  ),
  day: fc.constantFrom(...days),
  clockFrom: fc.constantFrom('its start', 'its end'),
  clockMs: fc.oneof(
    fc.constantFrom(-secondMs, -1, 0, 1, 999, secondMs),
    fc.constantFrom(-1, 1).map((sign) => sign * (hourMs / 2)),
    fc.integer({ min: -dayMs, max: dayMs }),
  ),
  dateHeader: mostly('on', 'none', 'garbled'),
  serverTime: fc.constantFrom('on', 'on', 'none', 'garbled'),
  workerMs: fc.constantFrom(0, 0, 0, 45_000, -45_000, hourMs, -3 * dayMs),
  failingNames: fc.constantFrom('kept', 'lost'),
  approvalCheck: fc.constantFrom('status', 'status', 'approved', 'other'),
  deployer: mostly(dana, { ...dana, email: '' }, { ...dana, email: 'dana' }, { email: '', username: '' }),
  isTriggered: mostly(false, true),
  approvals: fc.array(approval, { maxLength: 3 }),
  mentions: mostly<DecisionScenario['mentions']>(
    { texts: [], names: [] },
    ...wantedTexts.map((text) => ({ texts: [text], names: ['project', 'tenant'] })),
    { texts: ['Web Site', '1.0.1'], names: ['release', 'environment'] },
  ),
  description: fc.array(fc.constantFrom(...mentioned), { maxLength: 8 }).map((parts) => parts.join(' ; ')),
});

export const decisionScenario: fc.Arbitrary<DecisionScenario> = fc
  .tuple(configuration, statuses)
  .map(([configured, named]) => ({ ...configured, ...named }));

interface DecisionOutcome {
  readonly run: SimulatedRun;
  readonly verdict: Verdict;
  /** How the run differs from the verdict; undefined if it does not. */
  readonly breach: string | undefined;
}

/** Runs the step once in a scenario, and compares its ending with the oracle's verdict. */
export async function runDecision(given: DecisionScenario): Promise<DecisionOutcome> {
  const scenario = consistent(given);
  const { site, key } = siteOf(scenario);
  const run = await simulate({
    site,
    latency: 0,
    worker: { offsetMs: startOf(scenario) - epochMs + scenario.workerMs },
    variables: variablesOf(scenario, site, key),
    rewrite: (body, _number, { url }) =>
      new URL(url).pathname.endsWith('/approval')
        ? JSON.stringify({ isLastPage: true, values: scenario.approvals })
        : body,
  });
  const verdict = verdictOn(scenario, site, key, run);
  return { run, verdict, breach: breachOf(scenario, verdict, run) };
}

/**
 * Makes a scenario consistent: a lookup by title only finds change requests of the service project, and a
 * gate that finds none would raise one.
 */
function consistent(scenario: DecisionScenario): DecisionScenario {
  const failing = scenario.flavour === 'cloud' ? scenario.failing : [];
  const { byPolicy } = scenario;
  const policyOnly = byPolicy ? {} : { issueTypes: undefined, requirePlannedEnd: false };
  const one = { ...scenario, ...policyOnly, failing };
  return one.path === 'supplied' ? one : { ...one, project: 'CHG', operation: 'Verify' };
}

function startOf({ day: { today, timeZone }, clockFrom, clockMs }: DecisionScenario): number {
  return dayStart(clockFrom === 'its start' ? today : dayAfter(today, 1), timeZone) + clockMs;
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

function siteOf(scenario: DecisionScenario): { readonly site: SimulatedSite; readonly key: string } {
  const workflow = createWorkflow([[statusId, scenario.status, scenario.category]], []);
  const site = new SimulatedSite({
    startMs: startOf(scenario),
    flavour: scenario.flavour,
    timeZone: scenario.day.timeZone,
    projects: ['CHG', 'OPS', 'HR'].map((key) => ({ key, workflow })),
    dateFields: scenario.dateFields,
    fields: scenario.twins ? [twinStart, twinEnd] : [],
    hiddenFields: scenario.hidden,
    failingFields: scenario.failing,
    failingFieldNames: scenario.failingNames,
    dateHeader: scenario.dateHeader,
    serverTime: scenario.serverTime,
  });
  const values = Object.entries(scenario.values).filter(([name]) =>
    site.fields.some((field) => field.id === name || field.name === name),
  );
  const { key } = site.createRequest({
    summary: scenario.summary,
    project: scenario.project,
    issueType: scenario.issueType,
    lagged: false,
    createdMs: startOf(scenario) - dayMs,
    fields: {
      description: scenario.description,
      ...Object.fromEntries(values.map(([name, value]) => [name, textOf(value, scenario)])),
    },
  });
  return { site, key };
}

function textOf(value: PlannedValue, scenario: DecisionScenario): unknown {
  if (value === null) return null;
  if ('odd' in value) return value.odd;
  if ('fromTodayDays' in value) {
    return dayAfter(scenario.day.today, value.fromTodayDays);
  }
  const ms = Math.floor(startOf(scenario) / secondMs) * secondMs + value.fromNowMs;
  if (value.form === 'zulu') return new Date(ms).toISOString();
  const size = Math.abs(value.offsetMinutes);
  const two = (number: number): string => String(number).padStart(2, '0');
  const [hours, minutes] = [two(Math.floor(size / 60)), two(size % 60)];
  const offset = `${value.offsetMinutes < 0 ? '-' : '+'}${hours}${value.form === 'colon' ? ':' : ''}${minutes}`;
  return new Date(ms + value.offsetMinutes * 60_000).toISOString().replace('Z', offset);
}

function variablesOf(scenario: DecisionScenario, site: SimulatedSite, key: string): Record<string, string> {
  const fields = scenario.setFields.map((name) => [
    `Octopus.JiraServiceManagement.Field[${name}]`,
    '2026-06-13T10:00:00.000+0000',
  ]);
  return gateVariables(site, {
    'JsmChange.Operation': scenario.operation,
    'JsmChange.WhenPending': 'Fail',
    'Octopus.Deployment.CreatedBy.EmailAddress': scenario.deployer.email,
    'Octopus.Deployment.CreatedBy.Username': scenario.deployer.username,
    'Octopus.Deployment.CreatedBy.DisplayName': scenario.deployer.username,
    'Octopus.Deployment.Trigger.Id': scenario.isTriggered ? 'ProjectTriggers-1' : '',
    'Octopus.JiraServiceManagement.ChangeRequest.Number': scenario.path === 'supplied' ? key : '',
    ...Object.fromEntries(fields),
    ...(scenario.byPolicy
      ? { 'JsmChange.Policy': policyOf(scenario, site) }
      : {
          'JsmChange.ProceedStatuses': scenario.proceed?.join('\n') ?? '',
          'JsmChange.WaitStatuses': scenario.wait?.join('\n') ?? '',
          'JsmChange.AllowedProjects': scenario.allowedProjects.join(', '),
          'JsmChange.PlannedStartField': scenario.startField ?? '',
          'JsmChange.PlannedEndField': scenario.endField ?? '',
          'JsmChange.SuppliedMustMention': scenario.mentions.texts.join('\n'),
          'JsmChange.ApprovalCheck': { status: '', approved: 'Approved', other: 'OtherApprover' }[
            scenario.approvalCheck
          ],
        }),
  });
}

/** Returns the policy as JSON, which is valid YAML. */
function policyOf(scenario: DecisionScenario, site: SimulatedSite): string {
  const { proceed, wait } = scenario;
  return JSON.stringify({
    version: 1,
    connections: [
      {
        name: 'Acme',
        baseUrl: site.baseUrl,
        username: scenario.flavour === 'dc' ? 'octopus' : 'octopus@acme.example',
        tokenVariable: 'JsmChange.Token',
      },
    ],
    projects: [{ name: '*', connection: 'Acme', serviceProject: 'CHG' }],
    environments: [{ name: '*' }],
    ...(proceed || wait ? { states: { ...(proceed && { proceed }), ...(wait && { wait }) } } : {}),
    ...(scenario.startField && { plannedStart: scenario.startField }),
    ...(scenario.endField && { plannedEnd: scenario.endField }),
    requirePlannedEnd: scenario.requirePlannedEnd,
    approvalCheck: { status: 'status', approved: 'approved', other: 'otherApprover' }[scenario.approvalCheck],
    suppliedMustMention: scenario.mentions.names,
    ...(scenario.issueTypes && { issueTypes: scenario.issueTypes }),
    ...(scenario.allowedProjects.length > 0 && { allowedProjects: scenario.allowedProjects }),
  });
}

function verdictOn(scenario: DecisionScenario, site: SimulatedSite, key: string, run: SimulatedRun): Verdict {
  const lists = statusLists(scenario.proceed, scenario.wait);
  if (lists === undefined) return { kind: 'stop', rule: 'T4' };
  const rules: OracleRules = {
    ...scenario,
    ...lists,
    timeZone: scenario.day.timeZone,
    projects: ['CHG', ...scenario.allowedProjects],
    mustMention: scenario.path === 'supplied' ? textsToMention(scenario) : [],
    approval: {
      check: scenario.approvalCheck,
      deployer: scenario.isTriggered && isNobody(scenario.deployer) ? undefined : scenario.deployer,
    },
  };
  const isOpen = scenario.category !== 'done' || judgesStatus(rules, scenario.status);
  if (scenario.path === 'title' && (scenario.summary !== deploymentTitle || !isOpen)) {
    return { kind: 'stop', rule: 'L5' };
  }
  const { failing } = scenario;
  site.behaviour.failingFields = [];
  const issue = createCaller(site)('GET', `/rest/api/2/issue/${key}?fields=*all&expand=names`).json;
  const failingIds = failing.map((name) => site.fields.find((field) => field.name === name)?.id);
  if (plannedIds(issue, rules).some((id) => failingIds.includes(id)))
    return { kind: 'stop', rule: 'W12 fault' };
  const isTimed = scenario.dateHeader === 'on' || scenario.serverTime === 'on';
  const servedMs = run.requests.flatMap(({ served }) => served?.siteMs ?? []).at(-1) ?? site.siteClock.now();
  const approvals: unknown = JSON.parse(JSON.stringify(scenario.approvals));
  return judge(issue, rules, {
    nowMs: isTimed ? Math.floor(servedMs / secondMs) * secondMs : undefined,
    approvals: approvals as readonly unknown[],
  });
}

function textsToMention({ byPolicy, mentions: { texts, names } }: DecisionScenario): readonly string[] {
  return byPolicy ? names.map((name) => mentionNames[name as keyof typeof mentionNames]) : texts;
}

function isNobody({ email, username }: DecisionScenario['deployer']): boolean {
  return email === '' && username === '';
}

/** L5: a status in either list is open, regardless of its category. */
function judgesStatus(rules: OracleRules, status: string): boolean {
  const bare = { key: 'CHG-1', fields: { summary: '', status: { name: status, id: statusId } } };
  const any = {
    ...rules,
    issueTypes: undefined,
    startField: undefined,
    endField: undefined,
    setFields: [],
    mustMention: [],
    approval: { check: 'status', deployer: undefined } as const,
  };
  return judge(bare, any, { nowMs: undefined }).rule !== 'T3';
}

function breachOf(
  scenario: DecisionScenario,
  { kind, rule }: Verdict,
  run: SimulatedRun,
): string | undefined {
  const expected = kind === 'proceed' ? ['Proceed'] : rule === 'T4' ? ['Error'] : ['Stop'];
  // A field that does not load is either a fault or a missing field, depending on how it is read.
  if (rule === 'W12 fault') expected.push('Error');
  const { Decision = '' } = run.outputs;
  const exitCode = kind === 'proceed' ? 0 : 1;
  if (run.exitCode === exitCode && expected.includes(Decision)) return undefined;
  return `[${rule}] ${scenario.operation} ended with ${run.exitCode} ${Decision}, not ${exitCode} ${expected.join(' or ')}: ${run.outputs['DecisionReason']}`;
}
