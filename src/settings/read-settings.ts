import type { TaskLog } from '../app/ports.ts';
import type { ChangeRequestSource } from '../domain/change/change-request.ts';
import type { ChangeRules } from '../domain/decision/decision.ts';
import { type Ended, ended, type Outcome } from '../domain/decision/outcome.ts';
import type { RunRecord } from '../domain/decision/run-record.ts';
import { cleanTitle } from '../domain/deployment/title.ts';
import { isDeciding, type Operation, operations } from '../domain/operation.ts';
import { text } from '../domain/text.ts';
import { type EarlierSteps, readEarlierSteps } from '../octopus/earlier-steps.ts';
import { deployer, deploymentFacts, description, octopusRun } from '../octopus/run-facts.ts';
import type { Secrets } from '../octopus/secrets.ts';
import type { Variables } from '../octopus/variables.ts';
import { decideChangeControl } from './change-control.ts';
import { readFields, readTransitionFields } from './change-request-fields.ts';
import { policyRefused } from './early-outcomes.ts';
import { defaultTitle, noteMissingNames, noteTitle, noteUnparkable } from './run-names.ts';
import { readRunParameters } from './run-parameters.ts';
import type { RunSettings, Settings, SiteSettings } from './settings.ts';
import { StepInput } from './step-input.ts';
import { type ChosenNumber, chooseNumber, readSuppliedNumbers } from './supplied-numbers.ts';
import { printsRequests } from './worker-environment.ts';

/** What settings are read from, and what reading them updates. */
export interface SettingsSource {
  readonly variables: Variables;
  /** The worker's environment, in which some entries would make Node print secrets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives the tokens before any message can contain them. */
  readonly secrets: Secrets;
  readonly log: TaskLog;
  /** Receives the site and a supplied number as soon as they are known. */
  readonly record: RunRecord;
}

export type SettingsReading =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** No approval is required, or the input is invalid. */
  | Ended;

/** Returns the operation. An unknown one counts as `Gate`, and is reported with the other problems. */
export function readOperation(variables: Variables): Operation {
  return new StepInput(variables).choice('JsmChange.Operation', operations);
}

/** E1: whether a record is wanted, even if the rest of the input is invalid. */
export function readEvidenceRecord(variables: Variables): boolean {
  return new StepInput(variables).checkbox('JsmChange.EvidenceRecord');
}

/**
 * Reads all settings of a run. First it determines whether approval is required, using only the inputs that
 * this depends on (I4); then it reports all problems together, before any request (I3).
 */
export async function readSettings(source: SettingsSource): Promise<SettingsReading> {
  const { variables, secrets, log, record } = source;
  const input = new StepInput(variables);
  const operation = input.choice('JsmChange.Operation', operations);
  const control = await decideChangeControl(input, operation, log);
  if (control.kind === 'ended') return control;
  if (control.kind === 'required') secrets.add(control.site.username, control.site.token);

  const run = runOf(operation, readRunParameters(input));
  const { title: givenTitle, fields } = readFields(input, secrets.isIn);
  const transitionFields = readTransitionFields(input, secrets.isIn);
  const supplied = readSuppliedNumbers(input);
  const earlier = readEarlierSteps(variables);
  const isByTitle =
    supplied.length === 0 &&
    isDeciding(operation) &&
    (operation !== 'Verify' || earlier.numbers.length === 0);
  const title = readTitle(input, operation, { isByTitle, givenTitle });
  if (operation === 'Request') noteUnparkable(input);
  noteTracing(source.env, input);
  if (control.kind === 'required') noteMissingLeave(control.site, run.approveTransition, input);

  const address =
    control.kind === 'required' && !input.isWrong('JsmChange.BaseUrl') ? control.site.baseUrl : undefined;
  const number = chooseNumber(supplied, address);
  const left = numberLeft(operation, earlier, address);
  const wrong = wrongNumber(number, left);
  noteSubject(record, address, number, 'Supplied');
  if (control.kind === 'policy-unusable' || input.problems.length > 0) {
    if (keyIn(number) === undefined) noteSubject(record, address, left, 'Matched');
    const policyProblems = control.kind === 'policy-unusable' ? control.problems : [];
    return ended(withNumber(policyRefused(policyProblems, input.problems, log), wrong));
  }
  if (wrong !== undefined) return wrong;
  const { site } = control;
  const suppliedKey = keyIn(number);
  const earlierKey = keyIn(left);
  // X3: texts that people may read in JSM show no secret either, however the secret got into a variable.
  const shown = variables.map(secrets.redact);
  return {
    kind: 'settings',
    settings: {
      ...site,
      ...run,
      // R1: the `Request` has already run the transition, if it was needed.
      approveTransition: operation === 'Gate' && earlierKey !== undefined ? '' : run.approveTransition,
      operation,
      rules: rulesOf(site, suppliedKey !== undefined, variables),
      suppliedKey,
      earlierKey,
      earlierDecisions: earlier.decisions,
      title,
      fields,
      transitionFields,
      run: octopusRun(variables),
      deployment: deploymentFacts(shown),
      description: description(shown),
    },
  };
}

/** @param isSupplied A1: a number that an earlier step left does not count as supplied */
function rulesOf(site: SiteSettings, isSupplied: boolean, variables: Variables): ChangeRules {
  return {
    states: site.states,
    projects: site.allowedProjects,
    issueTypes: site.issueTypes,
    requirePlannedEnd: site.requirePlannedEnd,
    mustMention: isSupplied ? site.suppliedMustMention : [],
    approval: { check: site.approvalCheck, deployer: deployer(variables) },
  };
}

/** Returns the title, and notes what is wrong with it and with the names that the operation needs. */
function readTitle(
  input: StepInput,
  operation: Operation,
  { isByTitle, givenTitle }: { readonly isByTitle: boolean; readonly givenTitle: string | undefined },
): string {
  if (operation !== 'Test') {
    noteMissingNames(input, { byTitle: isByTitle && givenTitle === undefined, byPolicy: false });
  }
  const title = cleanTitle(givenTitle ?? defaultTitle(input.variables));
  if (isByTitle) noteTitle(title, input);
  return title;
}

/** Records what the ending can say about the change request, even if the input is invalid. */
function noteSubject(
  record: RunRecord,
  address: URL | undefined,
  number: ChosenNumber,
  source: ChangeRequestSource,
): void {
  if (address !== undefined) record.site = address;
  const key = keyIn(number);
  if (key === undefined) return;
  record.key = key;
  record.source = source;
}

/** Adds what is wrong with the numbers to the outcome for invalid input. */
function withNumber(outcome: Outcome, wrong: Ended | undefined): Outcome {
  return wrong !== undefined
    ? { ...outcome, reason: text`${outcome.reason} ${wrong.outcome.reason}` }
    : outcome;
}

/** L4: what earlier steps left matters only without a supplied number. */
function wrongNumber(supplied: ChosenNumber, left: ChosenNumber): Ended | undefined {
  if (supplied.kind === 'ended') return supplied;
  return left.kind === 'ended' && supplied.key === undefined ? left : undefined;
}

function keyIn(number: ChosenNumber): string | undefined {
  return number.kind === 'key' ? number.key : undefined;
}

/**
 * L4: returns the number that earlier steps of this run left. `Gate` uses only that of a `Request`; `Verify`
 * and `Report` use any; the other operations use none.
 */
function numberLeft(operation: Operation, earlier: EarlierSteps, address: URL | undefined): ChosenNumber {
  if (operation === 'Gate') return chooseNumber(earlier.requested, address);
  const uses = operation === 'Verify' || operation === 'Report';
  return chooseNumber(uses ? earlier.numbers : [], address);
}

/** R1: `Request` never waits, so the settings for how long a gate waits do not apply. */
function runOf(operation: Operation, run: RunSettings): RunSettings {
  return operation === 'Request' ? { ...run, whenPending: 'fail', waitLimitMs: 0 } : run;
}

/** V5 */
function noteMissingLeave(site: SiteSettings, approveTransition: string, input: StepInput): void {
  if (approveTransition === '' || site.mayApproveTransition) return;
  const message = text`is set, but the policy's entry for this project does not say preApproved: true.`;
  input.note('JsmChange.ApproveTransition', message);
}

/** X3 */
export function noteTracing(env: SettingsSource['env'], input: StepInput): void {
  if (!printsRequests(env)) return;
  const message = text`is set in the worker's environment, so Node would print every request with its token. Remove it there.`;
  input.note('NODE_DEBUG', message);
}
