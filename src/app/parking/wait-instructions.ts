import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { parkLine } from '../../domain/deployment/park-line.ts';
import { plain, type Text, text } from '../../domain/text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';

/** X1: how much of a text from outside is shown, so that the park line behind it is never cut off. */
const longestShown = 400;

/**
 * R2: what a person reads at the parked deployment, in Markdown, and in the last line what a pass of `Resume` does.
 * @param needed what is awaited
 * @param approvers who has approved and who still has to, if JSM shows it
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

/** Text from outside as code, in which no kind of Markdown sees links, HTML or emphasis. */
function inert(value: string): string {
  const characters = [...text`${value}`.line.replaceAll('`', "'")];
  const shown = characters.length > longestShown ? [...characters.slice(0, longestShown), '...'] : characters;
  return `\`${shown.join('')}\``;
}
