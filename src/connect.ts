import type { ConnectionProbe } from './app/connection-test/ports.ts';
import { recordedServiceDesk } from './app/evidence/recorded-service-desk.ts';
import { OutageReport } from './app/outage-report.ts';
import type { RunContext } from './app/run-context.ts';
import { namedStatuses } from './domain/change/change-state.ts';
import { RunEnded } from './domain/fault.ts';
import { isDeciding } from './domain/operation.ts';
import type { Evidence } from './evidence.ts';
import { Patience } from './http/retry.ts';
import { createServiceDesk } from './jira/service-desk.ts';
import { Session } from './jira/session/session.ts';
import { createConnectionProbe } from './jira/site-probe.ts';
import { formsToMask } from './octopus/secrets.ts';
import { maskValue } from './octopus/service-message.ts';
import type { LineWriter } from './octopus/task-log.ts';
import type { Settings } from './settings/settings.ts';
import { productVersion } from './version.ts';
import type { RunTools, World } from './world.ts';

/** The `User-Agent` of every request. */
export const userAgent = `octopus-jsm-change-gate/${productVersion}`;

export interface Connection {
  readonly context: RunContext;
  /** The reads that only `Test` needs. */
  readonly probe: ConnectionProbe;
}

/**
 * Creates what an operation needs. Masks the login before it is used (X3).
 * @param done aborts when the run is over, so that no timer outlives the run
 */
export function connect(
  world: World,
  settings: Settings,
  { out, log, record }: RunTools,
  evidence: Evidence,
  done: AbortSignal,
): Connection {
  maskLogin(out, settings.username, settings.token);
  const { clock, random } = world;
  const deadline = settings.waitLimitMs === 0 ? undefined : world.startedAt + settings.waitLimitMs;
  const limited = limitedSignal(world, deadline, done);
  const patience = new Patience(
    settings.outageMs,
    isDeciding(settings.operation),
    deadline,
    new OutageReport(clock, log),
  );
  const { session, serviceDesk: desk } = siteAccess(world, settings, patience, limited);
  const { trail } = evidence;
  const serviceDesk = recordedServiceDesk(desk, trail, clock, settings.title);
  const sealRecord = () => evidence.seal();
  const shared = { clock, random, log, record, trail, sealRecord, deadline, settings };
  const contextOf = (signal: AbortSignal): RunContext => ({
    ...shared,
    serviceDesk: serviceDesk.until(signal),
    sleep: (ms) => clock.sleep(ms, signal),
    beyondWaitLimit: (until) => contextOf(limitedSignal(world, until, done)),
  });
  return {
    context: contextOf(limited),
    probe: createConnectionProbe(session, settings),
  };
}

/** X3: masks the forms of a secret that Octopus does not mask automatically. */
export function maskLogin(out: LineWriter, username: string, secret: string): void {
  for (const form of formsToMask(username, secret)) out.write(maskValue(form));
}

/** The settings that are needed to access one JSM site. */
type SiteLogin = Pick<
  Settings,
  'baseUrl' | 'username' | 'token' | 'plannedStartField' | 'plannedEndField' | 'rules'
> &
  Partial<Pick<Settings, 'serviceProject' | 'requestType' | 'fields'>>;

/** Creates the session at one JSM site, and the service desk that uses it. */
export function siteAccess(world: World, site: SiteLogin, patience: Patience, signal: AbortSignal) {
  const { clock, random, send } = world;
  const { baseUrl, username, token, plannedStartField, plannedEndField, rules } = site;
  const session = new Session({
    site: baseUrl,
    credentials: { username, token },
    send,
    clock,
    random,
    patience,
    userAgent,
    signal,
  });
  const set = (site.fields ?? []).map(({ field }) => field);
  const reads = {
    session,
    patience,
    withApprovals: rules.approval.check !== 'status',
    withDescription: rules.mustMention.length > 0,
    plannedFields: { start: plannedStartField, end: plannedEndField, set },
  };
  const serviceDesk = createServiceDesk({
    ...reads,
    serviceProject: site.serviceProject ?? '',
    requestType: site.requestType ?? '',
    openStatuses: namedStatuses(rules.states),
  });
  return { session, reads, serviceDesk };
}

/** P4: returns a signal that aborts at the wait limit, or when the process is asked to end. */
function limitedSignal(
  { clock, killSignal }: World,
  deadline: number | undefined,
  done: AbortSignal,
): AbortSignal {
  const limited = new AbortController();
  const end = (): void => limited.abort(killSignal.reason);
  if (killSignal.aborted) end();
  killSignal.addEventListener('abort', end, { once: true });
  if (deadline !== undefined) {
    clock.sleep(Math.max(0, deadline - clock.now()), done).then(
      () => limited.abort(new RunEnded('wait-limit')),
      () => undefined,
    );
  }
  return limited.signal;
}
