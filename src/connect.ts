import type { ConnectionProbe } from './app/connection-test/ports.ts';
import { recordedServiceDesk } from './app/evidence/recorded-service-desk.ts';
import type { TaskLog } from './app/ports.ts';
import type { RunContext } from './app/run-context.ts';
import { namedStatuses } from './domain/change-state.ts';
import { RunEnded } from './domain/fault.ts';
import type { RunRecord } from './domain/run-record.ts';
import type { Evidence } from './evidence.ts';
import { createServiceDesk } from './jira/service-desk.ts';
import { Patience } from './jira/session/retry.ts';
import { Session } from './jira/session/session.ts';
import { createConnectionProbe } from './jira/site-probe.ts';
import { formsToMask } from './octopus/secrets.ts';
import { maskValue } from './octopus/service-message.ts';
import type { LineWriter } from './octopus/task-log.ts';
import type { Settings } from './settings/settings.ts';
import type { World } from './world.ts';

export interface Connection {
  readonly context: RunContext;
  /** What `Test` asks the site. */
  readonly probe: ConnectionProbe;
}

interface ConnectionOutput {
  readonly out: LineWriter;
  readonly log: TaskLog;
  readonly record: RunRecord;
  readonly evidence: Evidence;
  /** Aborts when the run is over, so that no timer outlives it. */
  readonly done: AbortSignal;
}

/** Everything that an operation works with. Masks the login before it is used (X3). */
export function connect(world: World, settings: Settings, output: ConnectionOutput): Connection {
  const { out, log, record, evidence, done } = output;
  for (const form of formsToMask(settings.username, settings.token)) out.write(maskValue(form));
  const { clock, random, killSignal } = world;
  const deadline = settings.waitLimitMs === 0 ? undefined : world.startedAt + settings.waitLimitMs;
  const limited = limitedSignal(world, deadline, done);
  const waits = settings.operation === 'Gate' || settings.operation === 'Verify';
  const patience = new Patience(settings.outageMs, waits, deadline);
  const session = new Session({
    site: settings.baseUrl,
    credentials: { username: settings.username, token: settings.token },
    send: world.send,
    clock,
    random,
    patience,
    userAgent: 'octopus-jsm-change-gate',
    signal: limited,
  });
  const { trail } = evidence;
  const desk = createServiceDesk({
    session,
    patience,
    serviceProject: settings.serviceProject,
    requestType: settings.requestType,
    openStatuses: namedStatuses(settings.rules.states),
    withApprovals: settings.rules.approval.check !== 'status',
    withDescription: settings.rules.mustMention.length > 0,
    plannedFields: {
      start: settings.plannedStartField,
      end: settings.plannedEndField,
      set: settings.fields.map(({ field }) => field),
    },
  });
  const serviceDesk = recordedServiceDesk(desk, trail, clock, settings.title);
  const sealRecord = () => evidence.seal();
  const shared = { clock, random, log, record, trail, sealRecord, deadline, settings };
  const boundTo = (signal: AbortSignal) => ({
    serviceDesk: serviceDesk.until(signal),
    sleep: (ms: number) => clock.sleep(ms, signal),
  });
  const unlimited: RunContext = {
    ...shared,
    ...boundTo(killSignal),
    get beyondWaitLimit() {
      return unlimited;
    },
  };
  return {
    context: { ...shared, ...boundTo(limited), beyondWaitLimit: unlimited },
    probe: createConnectionProbe(session, settings),
  };
}

/** P4: aborts at the wait limit, or when the process is asked to end. */
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
