import { titleProblem } from './app/creation.ts';
import type { TaskLog } from './app/ports.ts';
import type { Ending, RunContext, RunRecord } from './app/run-context.ts';
import { notRequiredReason } from './domain/approval-scope.ts';
import { RunEnded } from './domain/fault.ts';
import { suppliedNumber } from './domain/issue-key.ts';
import { text } from './domain/text.ts';
import { cleanTitle, deploymentTitle, runbookTitle } from './domain/title.ts';
import { Patience } from './jira/retry.ts';
import { createServiceDesk } from './jira/service-desk.ts';
import { Session } from './jira/session.ts';
import type { InputProblem } from './octopus/input-error.ts';
import {
  type RunInputs,
  type RunNames,
  readApprovalScope,
  readFields,
  readNames,
  readRun,
  readSite,
  readSuppliedNumbers,
  type SiteInputs,
} from './octopus/inputs.ts';
import { description, octopusRun } from './octopus/run-facts.ts';
import { formsToMask } from './octopus/secrets.ts';
import { maskValue } from './octopus/service-message.ts';
import type { LineWriter } from './octopus/task-log.ts';
import type { Variables } from './octopus/variables.ts';
import { inputProblems, notRequired } from './stop-early.ts';
import type { World } from './world.ts';

export interface Preparation {
  readonly world: World;
  readonly variables: Variables;
  readonly log: TaskLog;
  readonly out: LineWriter;
  readonly record: RunRecord;
  /** Aborts when the run is over, so that no timer outlives it. */
  readonly done: AbortSignal;
}

export type PreparedGate =
  | { readonly kind: 'ready'; readonly context: RunContext }
  | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * Reads everything that a gate needs. Whether approval is required is decided first, from what decides it
 * alone; then all that is wrong is reported together, before any network call.
 */
export async function prepareGate(preparation: Preparation): Promise<PreparedGate> {
  const { variables, log } = preparation;
  const scope = readApprovalScope(variables);
  if (scope.problems.length > 0) return ended(inputProblems(scope.problems, log));
  const reason = notRequiredReason(scope.value);
  if (reason !== undefined) return ended(notRequired(reason));

  const site = readSite(variables);
  const run = readRun(variables);
  const fields = readFields(variables);
  const supplied = readSuppliedNumbers(variables);
  const names = readNames(variables, supplied.value.length === 0 && fields.value.title === undefined);
  const title = cleanTitle(fields.value.title ?? defaultTitle(names.value));
  const problems = [site, run, fields, supplied, names].flatMap((read) => read.problems);
  if (supplied.value.length === 0) problems.push(...titleProblems(title));
  if (problems.length > 0) return ended(inputProblems(problems, log));

  const number = chooseNumber(supplied.value, site.value.baseUrl);
  if (number.kind === 'ended') return number;
  return {
    kind: 'ready',
    context: createContext(preparation, site.value, run.value, {
      suppliedKey: number.key,
      title,
      fields: fields.value.fields,
    }),
  };
}

function ended(ending: Ending): { readonly kind: 'ended'; readonly ending: Ending } {
  return { kind: 'ended', ending };
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
  return [{ variable, message: text`must give a shorter title. ${problem}` }];
}

/** L1, L2, L4: the one key that was supplied, or undefined. */
function chooseNumber(
  supplied: readonly { readonly variable: string; readonly value: string }[],
  site: URL,
):
  | { readonly kind: 'key'; readonly key: string | undefined }
  | { readonly kind: 'ended'; readonly ending: Ending } {
  const keys = new Set<string>();
  for (const { variable, value } of supplied) {
    const number = suppliedNumber(value, site);
    if (number.kind === 'other-site') {
      return ended({
        decision: 'Stop',
        reason: text`${variable} is a link to ${number.host}, and the step's JSM site is ${site.host}.`,
        advice: text`Supply the number of a change request of that site; it looks like CHG-123.`,
      });
    }
    if (number.kind === 'not-a-key') {
      return ended({
        decision: 'Stop',
        reason: text`${variable} is "${value}", which is no number of a change request.`,
        advice: text`A number looks like CHG-123: the key of a Jira project, a hyphen and digits. A link to the change request will do as well.`,
      });
    }
    keys.add(number.key);
  }
  if (keys.size > 1) {
    return ended({
      decision: 'Stop',
      reason: text`Different change requests are supplied: ${supplied.map(({ variable, value }) => `${value} in ${variable}`).join(', ')}.`,
      advice: text`Supply one number, or the same in both variables.`,
    });
  }
  return { kind: 'key', key: [...keys][0] };
}

function createContext(
  { world, variables, log, out, record, done }: Preparation,
  site: SiteInputs,
  run: RunInputs,
  subject: Pick<RunContext['settings'], 'suppliedKey' | 'title' | 'fields'>,
): RunContext {
  const { clock, random, send, killSignal, startedAt } = world;
  for (const form of formsToMask(site.username, site.token)) out.write(maskValue(form));
  const patience = new Patience(run.outageMs);
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
  const deadline = run.waitLimitMs === 0 ? undefined : startedAt + run.waitLimitMs;
  return {
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
      description: description(variables),
      whenPending: run.whenPending,
      pollIntervalMs: run.pollIntervalMs,
      ...subject,
    },
  };
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
