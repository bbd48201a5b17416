import { defaultWaitStatuses } from '../../domain/change/change-state.ts';
import { acceptsIssueType, isOfAllowedProject } from '../../domain/decision/decision.ts';
import { clockOff } from '../../domain/decision/worker-clock.ts';
import { attempt, Fault, faultWords } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { checkChangeRequest } from '../check-change-request.ts';
import type { PreparedRequest } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { approversFinding } from './approvers-check.ts';
import { Checklist, type Finding, type TestLine } from './checklist.ts';
import { plannedFieldsFinding } from './field-check.ts';
import type { ConnectionProbe, ServerInfo } from './ports.ts';
import { browseFinding, otherRights, rightKeys } from './right-checks.ts';
import { statusesFinding } from './status-check.ts';

interface TestSettings {
  readonly plannedStartField: string | undefined;
  readonly plannedEndField: string | undefined;
  /** Whether `ApproveTransition` is set; its transition cannot be tested without a change request. */
  readonly approves: boolean;
  /** Statuses to which `Report` moves a change request; empty ones are ignored. */
  readonly targets: readonly string[];
}

/**
 * Operation `Test` (V4): tests everything that a gate needs, and writes nothing to JSM.
 * @returns the checks, in the order in which they depend on each other
 */
export async function testConnection(
  context: RunContext,
  probe: ConnectionProbe,
  settings: TestSettings,
): Promise<readonly TestLine[]> {
  const list = new Checklist();
  if (!(await siteIsThere(context, probe, list))) return list.lines;
  const place = await requestCanBeRaised(context, probe, list);
  const planned = { start: settings.plannedStartField, end: settings.plannedEndField };
  await list.make('planned fields', async () =>
    plannedFieldsFinding(await probe.fields([planned.start ?? '', planned.end ?? '']), planned),
  );
  if (place !== undefined) await testProject(context, probe, settings, place, list);
  const { suppliedKey } = context.settings;
  if (suppliedKey !== undefined) await list.make('change request', () => supplied(context, suppliedKey));
  return list.lines;
}

/** Tests the account's permissions in the service project, its statuses, and who is asked to approve. */
async function testProject(
  context: RunContext,
  probe: ConnectionProbe,
  settings: TestSettings,
  { issueTypeId, people }: RaisePlace,
  list: Checklist,
): Promise<void> {
  const targets = settings.targets.filter((name) => name !== '');
  const rights = await list.make('may browse', async () =>
    browseFinding(context, await probe.permissions(rightKeys)),
  );
  const changesStatus = settings.approves || targets.length > 0;
  if (rights !== undefined) list.add(...otherRights(context, changesStatus, rights));
  // An account that may not browse the project sees no statuses either.
  if (rights?.get('BROWSE_PROJECTS') !== true) return;
  const { proceed, wait } = context.settings.rules.states;
  // A workflow need not have all default statuses.
  const others = [...wait.filter((name) => !defaultWaitStatuses.includes(name)), ...targets];
  await list.make(
    'statuses',
    async () => statusesFinding(await probe.statuses(), { proceed, others }, issueTypeId),
    'warning',
  );
  // A supplied or pre-approved change request does not get its approvers from this form.
  if (people === undefined || context.settings.suppliedKey !== undefined || settings.approves) return;
  await list.make(
    'approvers',
    () => approversFinding(context, people, () => probe.raised(issueTypeId)),
    'warning',
  );
}

/** Tests the URL, the clock, the kind of site and the login. Returns false if nothing else can be tested. */
async function siteIsThere(context: RunContext, probe: ConnectionProbe, list: Checklist): Promise<boolean> {
  const info = await list.make('reachable', async () => {
    const found = await serverInfo(probe);
    return ['pass', text`the site answers`, found];
  });
  if (info === undefined) return false;
  if (info instanceof Fault) {
    list.add({ name: 'login', result: 'fail', says: faultWords(info) });
    return false;
  }
  list.add(clockCheck(context, info.serverTime), {
    name: 'kind of site',
    result: 'pass',
    says: info.kind === 'cloud' ? text`Jira Cloud` : text`Jira Data Center ${info.version}`,
  });
  const account = await list.make('login', async () => {
    const found = await probe.account();
    return ['pass', text`logged in as ${found.name}`, found];
  });
  return account !== undefined;
}

/** Reads `serverInfo`. A site that refuses the login even for this request is still reachable. */
async function serverInfo(probe: ConnectionProbe): Promise<ServerInfo | Fault> {
  const info = await attempt(() => probe.serverInfo());
  if (info instanceof Fault && info.kind !== 'login' && info.kind !== 'forbidden') throw info;
  return info;
}

function clockCheck({ clock }: RunContext, serverTime: Date | undefined): TestLine {
  const name = 'clock';
  if (serverTime === undefined) {
    return {
      name,
      result: 'fail',
      says: text`neither the Date header nor serverInfo shows the site's time, so change windows cannot be checked; look for a proxy that removes the header`,
    };
  }
  const off = clockOff(clock.wallTime(), serverTime);
  return off === undefined
    ? { name, result: 'pass', says: text`the worker's clock agrees with the site's (${serverTime})` }
    : {
        name,
        result: 'warning',
        says: text`the worker's clock is ${off} the site's; the site's time is used`,
      };
}

interface RaisePlace {
  /** Type of the issues that the request type creates, if Jira shows it. */
  readonly issueTypeId: string | undefined;
  /** Undefined if a request cannot be raised. */
  readonly people: PreparedRequest['people'] | undefined;
}

/** @returns undefined if there is no service project */
async function requestCanBeRaised(
  context: RunContext,
  probe: ConnectionProbe,
  list: Checklist,
): Promise<RaisePlace | undefined> {
  const { serviceProject } = context.settings;
  const deskId = await list.make('service project', async () => {
    const id = await probe.serviceDeskId();
    return ['pass', text`${serviceProject} is the service desk ${id}`, id];
  });
  if (deskId === undefined) return undefined;
  const type = await list.make('request type', async () => {
    const found = await probe.requestType(deskId);
    return ['pass', text`${found.name} (${found.id})`, found];
  });
  const people = type && (await list.make('required fields', () => requiredFields(context)));
  return { issueTypeId: type?.issueTypeId, people };
}

async function requiredFields(context: RunContext): Promise<Finding<PreparedRequest['people']>> {
  const { serviceDesk, settings } = context;
  const prepared = await serviceDesk.prepareRequest({
    title: settings.title,
    description: settings.description,
    fields: settings.fields,
  });
  const { people } = prepared;
  if (!prepared.hasRunLine) {
    return [
      'warning',
      text`all covered, but the form has no description: a retried step cannot recognize its own change request`,
      people,
    ];
  }
  const later = prepared.later.map(({ name }) => name);
  return later.length === 0
    ? ['pass', text`all covered`, people]
    : [
        'warning',
        text`all covered; not on the form, so set after the request is raised: ${later.join(', ')}`,
        people,
      ];
}

/** L4, L14: tests whether the supplied change request is visible and may approve this deployment. */
async function supplied(context: RunContext, key: string): Promise<Finding> {
  const { rules } = context.settings;
  const { changeRequest } = await checkChangeRequest(context, key);
  const seen = text`${changeRequest.key} is visible; its status is ${changeRequest.status.name}`;
  if (!isOfAllowedProject(changeRequest, rules)) {
    return ['fail', text`${seen}, but its project is not one of ${rules.projects.join(', ')}`, undefined];
  }
  if (!acceptsIssueType(changeRequest, rules)) {
    const accepted = (rules.issueTypes ?? []).join(', ');
    return [
      'fail',
      text`${seen}, but its issue type ${changeRequest.issueType.name} is not one of ${accepted}`,
      undefined,
    ];
  }
  return ['pass', seen, undefined];
}
