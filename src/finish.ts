import type { Check, CheckResult } from './app/connection-test/checklist.ts';
import type { TaskLog } from './app/ports.ts';
import type { Outcome } from './domain/outcome.ts';
import { plain, type Text, text } from './domain/text.ts';
import { resultMessage } from './octopus/service-message.ts';
import type { LineWriter } from './octopus/task-log.ts';

interface Lines {
  readonly out: LineWriter;
  readonly log: TaskLog;
  readonly redact: (text: string) => string;
}

/** V2: what ends a `Report` early is a warning, and never fails a deployment. */
export function endReport(outcome: Outcome | undefined, { log }: Lines): void {
  if (outcome !== undefined) {
    const line = text`Nothing is reported. ${outcome.reason} ${outcome.advice ?? text``}`;
    if (outcome.verdict === 'NotRequired') log.info(line);
    else log.warning(line);
  }
  log.highlight(text`Report: this step gated nothing.`);
}

/** Of one width, so that the checks stand below each other. */
const resultWords: Readonly<Record<CheckResult, Text>> = {
  pass: text`pass     `,
  warning: text`warning  `,
  fail: text`fail     `,
};

/** V4: one line a check, and what failed as the step's result. */
export function endTest(checks: readonly Check[], { out, log, redact }: Lines): void {
  for (const { name, result, says } of checks) {
    const line = text`${resultWords[result]}${name}: ${says}`;
    if (result === 'pass') log.info(line);
    else log.warning(line);
  }
  const failed = checks.filter(({ result }) => result === 'fail');
  const warned = checks.filter(({ result }) => result === 'warning');
  log.highlight(
    text`Test: ${checks.length} checks, failed: ${failed.length}, warnings: ${warned.length}. This step gated nothing.`,
  );
  if (failed.length > 0) {
    const reasons = failed.map(({ name, says }) => `${name}: ${sentence(plain(says))}`).join(' ');
    out.write(resultMessage(redact(`The test of the JSM connection failed. ${reasons}`)));
  }
}

function sentence(says: string): string {
  return /[.!?]$/.test(says.trim()) ? says.trim() : `${says.trim()}.`;
}

/** A `Test` that could not begin, as the one check that failed, or as one that has nothing to try. */
export function outcomeAsCheck(outcome: Outcome): Check {
  const says = text`${outcome.reason} ${outcome.advice ?? text``}`;
  return outcome.verdict === 'NotRequired'
    ? { name: 'configuration', result: 'warning', says }
    : { name: 'configuration', result: 'fail', says };
}
