import type { TaskLog } from '../app/ports.ts';
import type { PlannedTime } from '../domain/change/change-window.ts';
import type { Outcome } from '../domain/decision/outcome.ts';
import { checkOfKey, type RunRecord, statusOfKey } from '../domain/decision/run-record.ts';
import { isoUtc } from '../domain/instant.ts';
import { link, plain, shortened, text, withoutExpressions } from '../domain/text.ts';
import { resultMessage, setVariable } from './service-message.ts';
import type { LineWriter } from './task-log.ts';

interface OutcomeOptions {
  readonly out: LineWriter;
  readonly log: TaskLog;
  readonly redact: (text: string) => string;
  /** The link that opens the change request. */
  readonly url: URL | undefined;
  /** Whether the step exits with 1. */
  readonly isStop: boolean;
  /** R2: whether the operation is `Request`. */
  readonly parks: boolean;
}

/**
 * Writes how a `Gate`, `Request` or `Verify` ended: the Task Summary's line (M1), the output variables (O2)
 * and the reason (M2).
 */
export function writeOutcome(outcome: Outcome, record: RunRecord, options: OutcomeOptions): void {
  const { out, log, redact, url, isStop, parks } = options;
  const { verdict, reason } = outcome;
  const { key } = record;
  const subject = key === undefined || url === undefined ? text`` : text`${link(key, url)}: `;
  const advice = outcome.advice === undefined ? text`` : text` ${outcome.advice}`;
  log.highlight(text`${subject}${verdict}. ${reason}${advice}`);
  const outputs = {
    ...changeRequestOutputs(record, url),
    Decision: verdict,
    DecisionCode: outcome.code,
    DecisionReason: plain(reason),
    ...(parks && { WaitInstructions: outcome.waitInstructions ?? '' }),
  };
  for (const [name, value] of Object.entries(outputs)) {
    out.write(setVariable(name, outputValue(redact(value))));
  }
  if (isStop) {
    out.write(resultMessage(redact(`${plain(reason)}${plain(advice)}`)));
  }
}

function changeRequestOutputs(record: RunRecord, url: URL | undefined): Readonly<Record<string, string>> {
  const { key, source } = record;
  const check = checkOfKey(record);
  const status = statusOfKey(record);
  return {
    ...(key !== undefined && { 'ChangeRequest.Number': key }),
    ...(url !== undefined && { 'ChangeRequest.Url': url.href }),
    ...(status !== undefined && { 'ChangeRequest.Status': status.name }),
    ...(check !== undefined && {
      'ChangeRequest.PlannedStart': timeOutput(check.window.start),
      'ChangeRequest.PlannedEnd': timeOutput(check.window.end),
    }),
    ...(source !== undefined && { 'ChangeRequest.Source': source }),
  };
}

function timeOutput(time: PlannedTime): string {
  return time.kind === 'set' ? isoUtc(time.at) : '';
}

/** X1: the longest value of an output variable, in characters. */
const longestOutput = 2000;

/** X1, O5: shortens a value, and puts a space into each `#{`, which Octopus would evaluate in later steps. */
function outputValue(value: string): string {
  const harmless = withoutExpressions(value.slice(0, 2 * longestOutput));
  const characters = [...harmless];
  return characters.length > longestOutput
    ? `${characters.slice(0, longestOutput - shortened.length).join('')}${shortened}`
    : harmless;
}
