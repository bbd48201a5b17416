import { foldName } from '../domain/change-state.ts';
import { Fault } from '../domain/fault.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { ConnectionProbe } from './connection-probe.ts';
import type { RunContext } from './run-context.ts';
import { takeLook } from './take-look.ts';

export type CheckResult = 'pass' | 'warning' | 'fail';

export interface Check {
  readonly name: string;
  readonly result: CheckResult;
  readonly says: Text;
}

export interface TestSettings {
  readonly requestType: string;
  readonly plannedStartField: string | undefined;
  readonly plannedEndField: string | undefined;
  /** A status is to be changed by `Report` or `ApproveTransition`. */
  readonly changesStatus: boolean;
}

/** How far the worker's clock may be off before it is worth a word. */
const clockToleranceMs = 60_000;

/**
 * Operation `Test` (V4): tries everything that a gate needs and writes nothing to JSM.
 * @returns one check after the other, in the order in which they depend on each other
 */
export async function testConnection(
  context: RunContext,
  probe: ConnectionProbe,
  settings: TestSettings,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const { signal } = context;
  /** Runs one check; a fault makes it fail. What depends on a failed one is not tried. */
  const check = async <T>(
    name: string,
    attempt: () => Promise<readonly [CheckResult, Text, T]>,
  ): Promise<T | undefined> => {
    try {
      const [result, says, value] = await attempt();
      checks.push({ name, result, says });
      return value;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      checks.push({ name, result: 'fail', says: text`${error.summary} ${error.advice}` });
      return undefined;
    }
  };

  const info = await check('reachable', async () => {
    const found = await probe.serverInfo(signal);
    return ['pass', text`the site answers`, found];
  });
  if (info === undefined) return checks;
  checks.push(clockCheck(context, info.serverTime));
  checks.push({
    name: 'kind of site',
    result: 'pass',
    says: info.kind === 'cloud' ? text`Jira Cloud` : text`Jira Data Center ${info.version}`,
  });
  const account = await check('login', async () => {
    const found = await probe.account(signal);
    return ['pass', text`logged in as ${found.name}`, found];
  });
  if (account === undefined) return checks;

  const { serviceProject } = context.settings;
  const deskId = await check('service project', async () => {
    const id = await probe.serviceDeskId(signal);
    return ['pass', text`${serviceProject} is the service desk ${id}`, id];
  });
  if (deskId !== undefined) {
    const type = await check('request type', async () => {
      const found = await probe.requestType(deskId, signal);
      return ['pass', text`${found.name} (${found.id})`, found];
    });
    if (type !== undefined) await check('required fields', () => requiredFields(context));
  }
  await check('planned fields', () => plannedFields(probe, settings, signal));
  const rights = await check('may browse', () => browseRight(context, probe));
  if (rights !== undefined) checks.push(...otherRights(context, settings, rights));
  if (context.settings.suppliedKey !== undefined) await check('change request', () => suppliedOne(context));
  return checks;
}

function clockCheck({ clock }: RunContext, serverTime: Date | undefined): Check {
  const name = 'clock';
  if (serverTime === undefined) {
    return {
      name,
      result: 'fail',
      says: text`neither the Date header nor serverInfo tells the site's time, so no change window can be judged; look for a proxy that removes the header`,
    };
  }
  const offMs = Math.abs(clock.wallTime().getTime() - serverTime.getTime());
  return offMs > clockToleranceMs
    ? {
        name,
        result: 'warning',
        says: text`the worker's clock is off by ${Math.round(offMs / 1000)} s; the site's time decides`,
      }
    : { name, result: 'pass', says: text`the worker's clock agrees with the site's (${serverTime})` };
}

async function requiredFields(context: RunContext): Promise<readonly [CheckResult, Text, true]> {
  const { serviceDesk, settings, signal } = context;
  const prepared = await serviceDesk.prepareRequest(
    { title: settings.title, description: settings.description, fields: settings.fields },
    signal,
  );
  if (!prepared.hasRunLine) {
    return [
      'warning',
      text`all covered, but the form has no description: a retried step can't tell its own change request`,
      true,
    ];
  }
  const later = prepared.later.map(({ name }) => name);
  return later.length === 0
    ? ['pass', text`all covered`, true]
    : ['warning', text`all covered; not on the form, and to be set by editing: ${later.join(', ')}`, true];
}

async function plannedFields(
  probe: ConnectionProbe,
  settings: TestSettings,
  signal: AbortSignal,
): Promise<readonly [CheckResult, Text, true]> {
  const fields = await probe.fields(signal);
  const bounds = [
    ['Planned start', settings.plannedStartField, ['Planned start', 'Change start date']],
    ['Planned end', settings.plannedEndField, ['Planned end', 'Change completion date']],
  ] as const;
  const found = bounds.map(([bound, configured, defaults]) => {
    const wanted = (configured === undefined ? defaults : [configured]).map(foldName);
    const matching = fields.filter(
      ({ id, name }) => wanted.includes(foldName(name)) || wanted.includes(foldName(id)),
    );
    const list = matching.map(({ id, name }) => `${name} (${id})`).join(', ');
    return { bound, configured, list };
  });
  const says = join(
    found.map(({ bound, configured, list }) =>
      list === '' ? text`${bound}: no field ${configured ?? 'of its usual names'}` : text`${bound}: ${list}`,
    ),
    '; ',
  );
  if (found.some(({ configured, list }) => configured !== undefined && list === '')) {
    return ['fail', text`${says}. Check JsmChange.PlannedStartField and JsmChange.PlannedEndField.`, true];
  }
  return found.some(({ list }) => list === '')
    ? ['warning', text`${says}. Without these fields a change request has no window.`, true]
    : ['pass', says, true];
}

const rightKeys = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'ADD_COMMENTS',
  'TRANSITION_ISSUES',
] as const;

async function browseRight(
  context: RunContext,
  probe: ConnectionProbe,
): Promise<readonly [CheckResult, Text, ReadonlyMap<string, boolean>]> {
  const rights = await probe.permissions(rightKeys, context.signal);
  return rights.get('BROWSE_PROJECTS') === true
    ? ['pass', text`the account sees change requests`, rights]
    : [
        'fail',
        text`the account lacks the permission Browse projects in ${context.settings.serviceProject}`,
        rights,
      ];
}

/** Each right beside browsing, with what it is needed for; one that this configuration does not need only warns. */
function otherRights(
  { settings }: RunContext,
  { changesStatus }: TestSettings,
  rights: ReadonlyMap<string, boolean>,
): readonly Check[] {
  const needs = [
    ['may create', 'CREATE_ISSUES', 'Create issues', true, 'raise change requests'],
    [
      'may edit',
      'EDIT_ISSUES',
      'Edit issues',
      false,
      'withdraw a doubled change request and set fields that the form lacks',
    ],
    ['may comment', 'ADD_COMMENTS', 'Add comments', settings.customerComments, 'write comments'],
    ['may transition', 'TRANSITION_ISSUES', 'Transition issues', changesStatus, 'change the status'],
  ] as const;
  return needs.map(([name, key, permission, isNeeded, purpose]) => {
    if (rights.get(key) === true) return { name, result: 'pass', says: text`the account may ${purpose}` };
    return {
      name,
      result: isNeeded ? 'fail' : 'warning',
      says: text`the account lacks the permission ${permission} in ${settings.serviceProject}, which is needed to ${purpose}`,
    };
  });
}

async function suppliedOne(context: RunContext): Promise<readonly [CheckResult, Text, true]> {
  const { changeRequest } = await takeLook(context, context.settings.suppliedKey ?? '', undefined);
  return ['pass', text`${changeRequest.key} is visible; its status is ${changeRequest.status.name}`, true];
}
