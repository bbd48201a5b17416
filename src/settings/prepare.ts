import type { RunContext } from '../app/run-context.ts';
import { createContext } from '../connect.ts';
import { suppliedNumber } from '../domain/issue-key.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { RunRecord } from '../domain/run-record.ts';
import { text } from '../domain/text.ts';
import { cleanTitle, deploymentTitle, runbookTitle } from '../domain/title.ts';
import type { Session } from '../jira/session/session.ts';
import { earlierGates } from '../octopus/earlier-steps.ts';
import { decideChangeControl } from './change-control.ts';
import {
  type Operation,
  type Read,
  type RunInputs,
  type RunNames,
  readFields,
  readNames,
  readRun,
  readSuppliedNumbers,
  type SiteInputs,
} from './from-parameters.ts';
import { leaveProblems, titleProblems, tracingProblems } from './further-problems.ts';
import type { InputProblem } from './input-problems.ts';
import type { Preparation } from './preparation.ts';
import { inputProblems, policyProblems } from './refusals.ts';
import { type ChosenNumber, chooseNumber, type NumberSource } from './supplied-numbers.ts';

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
  /** @property site the root URL of the JSM site, where it is needed and known */
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly site?: URL };

/**
 * Reads everything that an operation needs. Whether approval is required is decided first, from what decides
 * it alone; then all that is wrong is reported together, before any network call.
 */
export async function prepare(preparation: Preparation): Promise<Prepared> {
  const { operation, variables, log, secrets } = preparation;
  const control = await decideChangeControl(variables, operation, log);
  if (control.kind === 'ended') return control;

  const run = readRun(variables);
  const fields = readFields(variables);
  const supplied = readSuppliedNumbers(variables);
  if (control.kind === 'unusable') {
    const others = [...preparation.operationProblems, ...[run, fields, supplied].flatMap(problemsOf)];
    return { kind: 'ended', outcome: policyProblems(control.problems, others, log) };
  }
  const { site } = control;
  secrets.add(site.value.username, site.value.token);
  const earlier = earlierGates(variables);
  const byTitle =
    supplied.value.length === 0 &&
    (operation === 'Gate' || (operation === 'Verify' && earlier.numbers.length === 0));
  const names = readNames(variables, byTitle && fields.value.title === undefined);
  const title = cleanTitle(fields.value.title ?? defaultTitle(names.value));
  const problems = [
    ...preparation.operationProblems,
    ...[site, run, fields, supplied].flatMap(problemsOf),
    ...(operation === 'Test' ? [] : names.problems),
    ...(byTitle ? titleProblems(title) : []),
    ...leaveProblems(site.value, run.value),
    ...tracingProblems(preparation.world.env),
  ];
  const number = chooseNumber(supplied.value, site.value.baseUrl);
  if (problems.length > 0) {
    return unusable(preparation.record, site, number, inputProblems(problems, log));
  }
  if (number.kind === 'ended') return number;
  const gates = chooseNumber(
    numbersOfGates(operation, earlier.numbers, site.value.baseUrl),
    site.value.baseUrl,
  );
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

/**
 * Input that can't be used, with the supplied number as far as it can be told: of which site a link is, and what
 * the link to a change request is (1.4, M1), only the right address of the site tells.
 */
function unusable(
  record: RunRecord,
  site: Read<SiteInputs>,
  number: ChosenNumber,
  outcome: Outcome,
): Prepared {
  if (site.problems.some(({ variable }) => variable === 'JsmChange.BaseUrl'))
    return { kind: 'ended', outcome };
  const { baseUrl } = site.value;
  if (number.kind === 'ended') {
    const reason = text`${outcome.reason} ${number.outcome.reason}`;
    return { kind: 'ended', outcome: { ...outcome, reason }, site: baseUrl };
  }
  if (number.key !== undefined) {
    record.key = number.key;
    record.source = 'Supplied';
  }
  return { kind: 'ended', outcome, site: baseUrl };
}

/** L4: `Gate` goes by none of them, so that it minds only what is a number of this site. */
function numbersOfGates(
  operation: Operation,
  numbers: readonly NumberSource[],
  site: URL,
): readonly NumberSource[] {
  if (operation === 'Test') return [];
  return operation === 'Gate'
    ? numbers.filter(({ value }) => suppliedNumber(value, site).kind === 'key')
    : numbers;
}

function defaultTitle(names: RunNames): string {
  return names.runbook === undefined
    ? deploymentTitle(names)
    : runbookTitle({ ...names, runbook: names.runbook });
}

function problemsOf({ problems }: Read<unknown>): readonly InputProblem[] {
  return problems;
}
