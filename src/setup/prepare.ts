import { titleProblem } from '../app/creation.ts';
import type { TaskLog } from '../app/ports.ts';
import type { RunContext } from '../app/run-context.ts';
import type { Ending } from '../domain/ending.ts';
import { RunEnded } from '../domain/fault.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { text } from '../domain/text.ts';
import { cleanTitle, deploymentTitle, runbookTitle } from '../domain/title.ts';
import { Patience } from '../jira/retry.ts';
import { createServiceDesk } from '../jira/service-desk.ts';
import { Session } from '../jira/session.ts';
import { earlierGates } from '../octopus/earlier-gates.ts';
import type { InputProblem } from '../octopus/input-error.ts';
import {
  type Operation,
  type RunInputs,
  type RunNames,
  readFields,
  readNames,
  readRun,
  readSuppliedNumbers,
  type SiteInputs,
} from '../octopus/inputs.ts';
import { deploymentFacts, description, octopusRun } from '../octopus/run-facts.ts';
import { formsToMask, type Secrets } from '../octopus/secrets.ts';
import { maskValue } from '../octopus/service-message.ts';
import type { LineWriter } from '../octopus/task-log.ts';
import type { Variables } from '../octopus/variables.ts';
import { decideChangeControl } from './change-control.ts';
import { inputProblems } from './stop-early.ts';
import { chooseNumber } from './supplied-numbers.ts';
import type { World } from './world.ts';

export interface Preparation {
  readonly operation: Operation;
  /** Said with the other problems, where approval is required at all. */
  readonly operationProblems: readonly InputProblem[];
  readonly world: World;
  readonly variables: Variables;
  readonly secrets: Secrets;
  readonly log: TaskLog;
  readonly out: LineWriter;
  readonly record: RunRecord;
  /** Aborts when the run is over, so that no timer outlives it. */
  readonly done: AbortSignal;
}

export type Prepared =
  | {
      readonly kind: 'ready';
      readonly context: RunContext;
      readonly session: Session;
      readonly site: SiteInputs;
      readonly run: RunInputs;
      /** The change request of a gate or verify earlier in the same run. */
      readonly earlierKey: string | undefined;
      /** What those decided. */
      readonly earlierDecisions: readonly string[];
    }
  | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * Reads everything that an operation needs. Whether approval is required is decided first, from what decides
 * it alone; then all that is wrong is reported together, before any network call.
 */
export async function prepare(preparation: Preparation): Promise<Prepared> {
  const { operation, variables, log, secrets } = preparation;
  const control = await decideChangeControl(variables, operation, log);
  if (control.kind === 'ended') return control;

  const { site } = control;
  secrets.add(site.value.username, site.value.token);
  const run = readRun(variables);
  const fields = readFields(variables);
  const supplied = readSuppliedNumbers(variables);
  const earlier = earlierGates(variables);
  const byTitle =
    supplied.value.length === 0 &&
    (operation === 'Gate' || (operation === 'Verify' && earlier.numbers.length === 0));
  const names = readNames(variables, byTitle && fields.value.title === undefined);
  const title = cleanTitle(fields.value.title ?? defaultTitle(names.value));
  const problems = [
    ...preparation.operationProblems,
    ...[site, run, fields, supplied].flatMap((read) => read.problems),
    ...(operation === 'Test' ? [] : names.problems),
    ...(byTitle ? titleProblems(title) : []),
    ...leaveProblems(site.value, run.value),
    ...tracingProblems(preparation.world.env),
  ];
  if (problems.length > 0) return { kind: 'ended', ending: inputProblems(problems, log) };

  const number = chooseNumber(supplied.value, site.value.baseUrl);
  if (number.kind === 'ended') return number;
  const gates = chooseNumber(goesByEarlier(operation) ? earlier.numbers : [], site.value.baseUrl);
  if (gates.kind === 'ended' && number.key === undefined) return gates;
  const { context, session } = createContext(preparation, site.value, run.value, {
    suppliedKey: number.key,
    title,
    fields: fields.value.fields,
  });
  return {
    kind: 'ready',
    context,
    session,
    site: site.value,
    run: run.value,
    earlierKey: gates.kind === 'ended' ? undefined : gates.key,
    earlierDecisions: earlier.decisions,
  };
}

/** What a gate earlier in the same run has found is what `Verify` and `Report` are about. */
function goesByEarlier(operation: Operation): boolean {
  return operation === 'Verify' || operation === 'Report';
}

function defaultTitle(names: RunNames): string {
  return names.runbook === undefined
    ? deploymentTitle(names)
    : runbookTitle({ ...names, runbook: names.runbook });
}

/** L12 */
function titleProblems(title: string): readonly InputProblem[] {
  const problem = titleProblem(title);
  if (problem === undefined) return [];
  const variable = 'Octopus.JiraServiceManagement.Field[summary]';
  return [{ variable, message: text`must give another title. ${problem}` }];
}

/** V5 */
function leaveProblems(site: SiteInputs, run: RunInputs): readonly InputProblem[] {
  if (run.approveTransition === '' || site.approveTransitionAllowed) return [];
  const message = text`is set, and the policy does not say preApproved: true for this project.`;
  return [{ variable: 'JsmChange.ApproveTransition', message }];
}

/** X3 */
function tracingProblems(env: World['env']): readonly InputProblem[] {
  const variable = 'NODE_DEBUG';
  if ((env[variable] ?? '') === '') return [];
  const message = text`is set in the worker's environment: Node would print every request, with the token in it. Remove it there.`;
  return [{ variable, message }];
}

function createContext(
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
  const patience = new Patience(run.outageMs, operation === 'Gate' || operation === 'Verify', deadline);
  const session = new Session({
    site: site.baseUrl,
    credentials: { username: site.username, token: site.token },
    send,
    clock,
    random,
    patience,
    userAgent: 'octopus-jsm-change-gate',
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
  const context: RunContext = {
    serviceDesk,
    clock,
    random,
    log,
    record,
    killSignal,
    signal: limitedSignal(world, deadline, done),
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
