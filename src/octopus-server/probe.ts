import type { OctopusProbe } from '../app/parking/ports.ts';
import { text } from '../domain/text.ts';
import { asArray, asObject, asText, need } from '../http/json.ts';
import type { OctopusSession } from './octopus-session.ts';

/** Creates the probe with which `Test` examines the Octopus server. */
export function createOctopusProbe(session: OctopusSession, spaceId: string): OctopusProbe {
  const advice = text`Check Octopus API key (JsmChange.OctopusApiKey): a key of this server that has not expired.`;
  return {
    version: () =>
      session.read({
        path: '/api',
        advice,
        parse: (json) => need(asText(asObject(json)?.['Version']), 'Version'),
      }),
    account: () =>
      session.read({
        path: '/api/users/me',
        advice,
        parse: (json) => need(asText(asObject(json)?.['Username']), 'Username'),
      }),
    spaces: () =>
      session.read({
        path: '/api/spaces/all',
        advice: text`Give the account a role in the space ${spaceId}.`,
        parse: (json) => {
          const spaces = need(asArray(json), 'list of spaces').map(asObject);
          return new Map(spaces.map((space) => [asText(space?.['Id']) ?? '', asText(space?.['Name']) ?? '']));
        },
      }),
    mayListInterruptions: () =>
      session.read({
        path: `/api/${encodeURIComponent(spaceId)}/interruptions?pendingOnly=true&skip=0&take=1`,
        advice: text`Give the account the permission InterruptionView in the space ${spaceId}.`,
        parse: (json) => void need(asArray(asObject(json)?.['Items']), 'Items'),
      }),
  };
}
