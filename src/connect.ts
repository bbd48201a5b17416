import type { RunContext } from './app/run-context.ts';
import { RunEnded } from './domain/fault.ts';
import { createServiceDesk } from './jira/service-desk.ts';
import { Patience } from './jira/session/retry.ts';
import { Session } from './jira/session/session.ts';
import { deploymentFacts, description, octopusRun } from './octopus/run-facts.ts';
import { formsToMask } from './octopus/secrets.ts';
import { maskValue } from './octopus/service-message.ts';
import type { RunInputs, SiteInputs } from './settings/from-parameters.ts';
import type { Preparation } from './settings/preparation.ts';
import type { World } from './world.ts';

/** Everything that an operation works with, out of input that was checked; masks the login first (X3). */
export function createContext(
  { operation, world, variables, log, out, record, done, secrets }: Preparation,
  site: SiteInputs,
  run: RunInputs,
  subject: Pick<RunContext['settings'], 'suppliedKey' | 'title' | 'fields'>,
): { readonly context: RunContext; readonly session: Session } {
  const { clock, random, send, killSignal, startedAt } = world;
  // X3: what people may read in JSM shows no secret either, however it came into a variable.
  const shown = variables.map(secrets.redact);
  for (const form of formsToMask(site.username, site.token)) out.write(maskValue(form));
  const deadline = run.waitLimitMs === 0 ? undefined : startedAt + run.waitLimitMs;
  const signal = limitedSignal(world, deadline, done);
  const patience = new Patience(run.outageMs, operation === 'Gate' || operation === 'Verify', deadline);
  const session = new Session({
    site: site.baseUrl,
    credentials: { username: site.username, token: site.token },
    send,
    clock,
    random,
    patience,
    userAgent: 'octopus-jsm-change-gate',
    signal,
  });
  const serviceDesk = createServiceDesk({
    session,
    patience,
    serviceProject: site.serviceProject,
    requestType: site.requestType,
    plannedFields: {
      start: site.plannedStartField,
      end: site.plannedEndField,
      set: subject.fields.map(({ field }) => field),
    },
  });
  const boundTo = (end: AbortSignal) => ({
    serviceDesk: serviceDesk.until(end),
    sleep: (ms: number) => clock.sleep(ms, end),
  });
  const shared = {
    clock,
    random,
    log,
    record,
    deadline,
    settings: {
      rules: {
        states: site.states,
        projects: site.allowedProjects,
        issueTypes: site.issueTypes,
        requirePlannedEnd: site.requirePlannedEnd,
      },
      serviceProject: site.serviceProject,
      run: octopusRun(variables),
      deployment: deploymentFacts(shown),
      description: description(shown),
      whenPending: run.whenPending,
      pollIntervalMs: run.pollIntervalMs,
      customerComments: site.customerComments,
      approveTransition: run.approveTransition,
      ...subject,
    },
  };
  const unlimited: RunContext = {
    ...shared,
    ...boundTo(killSignal),
    get beyondWaitLimit() {
      return unlimited;
    },
  };
  const context: RunContext = { ...shared, ...boundTo(signal), beyondWaitLimit: unlimited };
  return { context, session };
}

/** P4: aborts at the wait limit, or when the process is told to end. */
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
