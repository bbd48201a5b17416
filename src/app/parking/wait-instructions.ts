import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { parkLine } from '../../domain/deployment/park-line.ts';
import { cutTo, plain, type Text, text, withoutExpressions } from '../../domain/text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';

/** X1: how many characters of a text from outside are shown, so that the park line is never cut off. */
const longestShown = 400;

/**
 * R2: returns what a person reads at the parked deployment, in Markdown. The last line is for `Resume`.
 * @param needed what the deployment is waiting for
 * @param approvers who has approved and who still has to decide, if JSM shows it
 */
export function waitInstructions(
  context: RunContext,
  { changeRequest: { key, status } }: TimedCheck,
  needed: Text,
  approvers: Text | undefined,
): string {
  const line = parkLine(context.serviceDesk.browseUrl(key), context.settings.run);
  if (line === undefined) throw new Error('The settings have no server, space or run for a park line.');
  return [
    `The change request ${changeRequestLink(context, key).line} is ${inert(status.name)}. This step waits for ${inert(plain(needed))}.`,
    ...(approvers === undefined ? [] : [inert(plain(approvers))]),
    'It continues automatically: no one has to answer here. *Proceed* skips nothing, because the gate checks the change request again; *Abort* ends the deployment.',
    line,
  ].join('\n\n');
}

/** Returns text from outside as inline code, so that no Markdown finds links, HTML or emphasis in it. */
function inert(value: string): string {
  // The output would lengthen expressions after the cut.
  const line = withoutExpressions(text`${value}`.line.replaceAll('`', "'"));
  return `\`${cutTo(line, longestShown)}\``;
}
