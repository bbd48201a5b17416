import type { TaskLog } from '../app/ports.ts';
import { type Ended, ended, type Outcome } from '../domain/decision/outcome.ts';
import type { RunRecord } from '../domain/decision/run-record.ts';
import { cleanTitle } from '../domain/deployment/title.ts';
import { text } from '../domain/text.ts';
import { type EarlierSteps, readEarlierSteps } from '../octopus/earlier-steps.ts';
import { deployer, deploymentFacts, description, octopusRun } from '../octopus/run-facts.ts';
import type { Secrets } from '../octopus/secrets.ts';
import type { Variables } from '../octopus/variables.ts';
import { decideChangeControl } from './change-control.ts';
import { readFields, readTransitionFields } from './change-request-fields.ts';
import { inputRefused, policyRefused } from './early-outcomes.ts';
import { defaultTitle, noteMissingNames, noteTitle, noteUnparkable } from './run-names.ts';
import { readRunParameters } from './run-parameters.ts';
import {
  isDeciding,
  type Operation,
  operations,
  type RunSettings,
  type Settings,
  type SiteSettings,
} from './settings.ts';
import { StepInput } from './step-input.ts';
import { type ChosenNumber, chooseNumber, readSuppliedNumbers } from './supplied-numbers.ts';

/** What settings are read from, and what reading them leaves behind. */
export interface SettingsSource {
  readonly variables: Variables;
  /** The worker's environment, for what in it would show secrets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Learns the tokens before anything is said about them. */
  readonly secrets: Secrets;
  readonly log: TaskLog;
  /** Learns the site and a supplied number as soon as they are known. */
  readonly record: RunRecord;
}

export type SettingsReading =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** No approval is required, or the input is not usable. */
  | Ended;

/** The operation; one that is not known counts as `Gate`, and is reported with the other problems. */
export function readOperation(variables: Variables): Operation {
  return operationIn(new StepInput(variables));
}

function operationIn(input: StepInput): Operation {
  return input.choice('JsmChange.Operation', operations);
}

/** E1: whether a record is wanted, as far as an input shows it that is not usable otherwise. */
export function readEvidenceRecord(variables: Variables): boolean {
  return new StepInput(variables).checkbox('JsmChange.EvidenceRecord');
}

/**
 * Reads everything that a run goes by. Whether approval is required is decided first, only from what decides
 * it (I4); then all that is wrong is reported together, before any request (I3).
 */
export async function readSettings(source: SettingsSource): Promise<SettingsReading> {
  const { variables, secrets, log, record } = source;
  const input = new StepInput(variables);
  const operation = operationIn(input);
  const control = await decideChangeControl(input, operation, log);
  if (control.kind === 'ended') return control;
  if (control.kind === 'required') secrets.add(control.site.username, control.site.token);

  const run = runOf(operation, readRunParameters(input));
  const { title: givenTitle, fields } = readFields(input, secrets.isIn);
  const transitionFields = readTransitionFields(input, secrets.isIn);
  const supplied = readSuppliedNumbers(input);
  if (control.kind === 'policy-unusable') return ended(policyRefused(control.problems, input.problems, log));
  const { site } = control;
  const earlier = readEarlierSteps(variables);
  const isByTitle =
    supplied.length === 0 &&
    isDeciding(operation) &&
    (operation !== 'Verify' || earlier.numbers.length === 0);
  if (operation !== 'Test') {
    noteMissingNames(input, { byTitle: isByTitle && givenTitle === undefined, byPolicy: false });
  }
  const title = cleanTitle(givenTitle ?? defaultTitle(variables));
  if (isByTitle) noteTitle(title, input);
  if (operation === 'Request') noteUnparkable(input);
  noteMissingLeave(site, run.approveTransition, input);
  noteTracing(source.env, input);

  const number = chooseNumber(supplied, site.baseUrl);
  if (!input.isWrong('JsmChange.BaseUrl')) noteSubject(record, site, number);
  if (input.problems.length > 0) return ended(refused(input, number, log));
  if (number.kind === 'ended') return number;
  const left = numberLeft(operation, earlier, site);
  if (left.kind === 'ended' && number.key === undefined) return left;
  const earlierKey = left.kind === 'key' ? left.key : undefined;
  // X3: what people may read in JSM shows no secret either, however it came into a variable.
  const shown = variables.map(secrets.redact);
  return {
    kind: 'settings',
    settings: {
      ...site,
      ...run,
      // R1: the Request has run it, or would have.
      approveTransition: operation === 'Gate' && earlierKey !== undefined ? '' : run.approveTransition,
      operation,
      rules: {
        states: site.states,
        projects: site.allowedProjects,
        issueTypes: site.issueTypes,
        requirePlannedEnd: site.requirePlannedEnd,
        // A1: what an earlier step left was not supplied by anybody.
        mustMention: number.key === undefined ? [] : site.suppliedMustMention,
        approval: { check: site.approvalCheck, deployer: deployer(variables) },
      },
      suppliedKey: number.key,
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

/** What the ending can say about the change request, even if the input is not usable. */
function noteSubject(record: RunRecord, site: SiteSettings, number: ChosenNumber): void {
  record.site = site.baseUrl;
  if (number.kind === 'key' && number.key !== undefined) {
    record.key = number.key;
    record.source = 'Supplied';
  }
}

/** A number that is not usable is reported with the rest, unless only the right address of the site could show it. */
function refused(input: StepInput, number: ChosenNumber, log: TaskLog): Outcome {
  const outcome = inputRefused(input.problems, log);
  return number.kind === 'ended' && !input.isWrong('JsmChange.BaseUrl')
    ? { ...outcome, reason: text`${outcome.reason} ${number.outcome.reason}` }
    : outcome;
}

/** L4: the one number that earlier steps of this run left. `Gate` uses that of a `Request`, and the others none. */
function numberLeft(operation: Operation, earlier: EarlierSteps, site: SiteSettings): ChosenNumber {
  if (operation === 'Gate') return chooseNumber(earlier.requested, site.baseUrl);
  const uses = operation === 'Verify' || operation === 'Report';
  return chooseNumber(uses ? earlier.numbers : [], site.baseUrl);
}

/** R1: `Request` never waits, and has nothing to do with how long a gate would. */
function runOf(operation: Operation, run: RunSettings): RunSettings {
  return operation === 'Request' ? { ...run, whenPending: 'fail', waitLimitMs: 0 } : run;
}

/** V5 */
function noteMissingLeave(site: SiteSettings, approveTransition: string, input: StepInput): void {
  if (approveTransition === '' || site.mayApproveTransition) return;
  const message = text`is set, but the policy's entry for this project does not say preApproved: true.`;
  input.note('JsmChange.ApproveTransition', message);
}

/** Parts of Node whose traces contain requests or their contents. */
const tellingParts: readonly string[] = ['http', 'https', 'net', 'tls', 'stream'];

/** X3 */
export function noteTracing(env: SettingsSource['env'], input: StepInput): void {
  const variable = 'NODE_DEBUG';
  const traced = (env[variable] ?? '').split(',').map((part) => part.trim().toLowerCase());
  if (!traced.some((part) => part.includes('*') || tellingParts.includes(part))) return;
  const message = text`is set in the worker's environment, so Node would print every request with its token. Remove it there.`;
  input.note(variable, message);
}
