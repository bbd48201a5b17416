import type { TestLine, TestResult } from './app/connection-test/checklist.ts';
import type { Outcome } from './domain/decision/outcome.ts';
import type { DecidingOperation, Operation } from './domain/operation.ts';
import { plain, type Text, text } from './domain/text.ts';
import { browseUrlAt } from './jira/session/api-root.ts';
import { writeOutcome } from './octopus/outcome-lines.ts';
import { resultMessage } from './octopus/service-message.ts';
import type { RunTools } from './world.ts';

/** The step's two exit codes: 0 allows the deployment to proceed, 1 does not. */
export type ExitCode = 0 | 1;

/** The result of an operation. */
export type Result =
  /** How a deciding operation ended, or why another operation could not do its work. */
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** `Report` has finished; the task log already contains its messages. */
  | { readonly kind: 'reported' }
  /** `Resume` has finished; any failure fails the run (R6). */
  | { readonly kind: 'resumed'; readonly failures: readonly Text[] }
  /** `Test` has finished. */
  | { readonly kind: 'tested'; readonly lines: readonly TestLine[] };

/**
 * Writes how a run ended, as its operation requires.
 * @returns 0 if the outcome does not stop the deployment (O1), after every `Report` (V2), and after a
 *   `Resume` (R6) or a `Test` (V4) without failures
 */
export function writeEnding(operation: Operation, result: Result, tools: RunTools): ExitCode {
  switch (operation) {
    case 'Report':
      return endReport(result, tools);
    case 'Resume':
      return endResume(result, tools);
    case 'Test':
      return endTest(result, tools);
    default:
      return endDecided(operation, result, tools);
  }
}

/**
 * O1, F7: the verdicts that exit with 0. For a `Request`, 0 allows nothing; it only means that nothing
 * stopped the `Request` (R1).
 */
const notStopped: Readonly<Record<DecidingOperation, readonly Outcome['verdict'][]>> = {
  Gate: ['Proceed', 'NotRequired'],
  Request: ['Ready', 'Pending', 'NotRequired'],
  Verify: ['Proceed', 'NotRequired'],
};

function endDecided(operation: DecidingOperation, result: Result, tools: RunTools): ExitCode {
  if (result.kind !== 'outcome') throw new Error('A gate ended without an outcome.');
  const { record, log } = tools;
  const { site, key } = record;
  const url = site === undefined || key === undefined ? undefined : browseUrlAt(site, key);
  const exitCode = exitCodeOf(operation, result.outcome);
  const parks = operation === 'Request';
  if (parks) log.highlight(text`Request: this step gated nothing.`);
  writeOutcome(result.outcome, record, { ...tools, url, isStop: exitCode === 1, parks });
  return exitCode;
}

/** O1 */
export function exitCodeOf(operation: DecidingOperation, { verdict }: Outcome): ExitCode {
  return notStopped[operation].includes(verdict) ? 0 : 1;
}

/** V2: a problem that prevents a `Report` is only a warning, and never fails a deployment. */
function endReport(result: Result, { log, record }: RunTools): ExitCode {
  if (result.kind === 'outcome') {
    const { verdict, reason, advice } = result.outcome;
    const nothing = record.mayHaveReported ? text`` : text`Nothing was reported. `;
    const line = text`${nothing}${reason} ${advice ?? text``}`;
    if (verdict === 'NotRequired') log.info(line);
    else log.warning(line);
  }
  log.highlight(text`Report: this step gated nothing.`);
  return 0;
}

/** R6: any failure of a pass fails the run; a policy that is switched off (S3) is only a warning. */
function endResume(result: Result, { out, log, redact }: RunTools): ExitCode {
  if (result.kind !== 'outcome' && result.kind !== 'resumed')
    throw new Error('A pass ended without a result.');
  const failures =
    result.kind === 'resumed'
      ? result.failures
      : [text`${result.outcome.reason} ${result.outcome.advice ?? text``}`];
  for (const failure of failures) log.warning(failure);
  if (failures.length === 0 || (result.kind === 'outcome' && result.outcome.verdict === 'NotRequired'))
    return 0;
  out.write(resultMessage(redact(failures.map((failure) => plain(failure)).join(' '))));
  return 1;
}

/** F6: says why an operation that decides nothing fails although it has done its work: it got a signal. */
export function writeLateCancel({ out, log, redact }: RunTools): void {
  const reason = text`The step was cancelled after its work was done.`;
  log.warning(reason);
  out.write(resultMessage(redact(plain(reason))));
}

/** Padded to the same width, so that the lines align. */
const resultWords: Readonly<Record<TestResult, Text>> = {
  pass: text`pass     `,
  warning: text`warning  `,
  fail: text`fail     `,
};

/** V4: writes one line per item of the checklist, and the failed items as the step's result. */
function endTest(result: Result, { out, log, redact }: RunTools): ExitCode {
  const lines = testLinesOf(result);
  for (const { name, result, says } of lines) {
    const line = text`${resultWords[result]}${name}: ${says}`;
    if (result === 'pass') log.info(line);
    else log.warning(line);
  }
  const failed = lines.filter(({ result }) => result === 'fail');
  const warned = lines.filter(({ result }) => result === 'warning');
  log.highlight(
    text`Test: ${lines.length} checks, ${failed.length} failed, ${warned.length} with warnings. This step gated nothing.`,
  );
  if (failed.length === 0) return 0;
  const reasons = failed.map(({ name, says }) => `${name}: ${sentence(plain(says))}`).join(' ');
  out.write(resultMessage(redact(`The test of the JSM connection failed. ${reasons}`)));
  return 1;
}

/**
 * Returns the checklist of a `Test`. A `Test` that could not start has one item: a warning if there is
 * nothing to test, else a failure.
 */
export function testLinesOf(result: Result): readonly TestLine[] {
  if (result.kind === 'tested') return result.lines;
  if (result.kind !== 'outcome') return [];
  const { verdict, reason, advice } = result.outcome;
  const says = text`${reason} ${advice ?? text``}`;
  return [{ name: 'configuration', result: verdict === 'NotRequired' ? 'warning' : 'fail', says }];
}

function sentence(says: string): string {
  return /[.!?]$/.test(says.trim()) ? says.trim() : `${says.trim()}.`;
}
