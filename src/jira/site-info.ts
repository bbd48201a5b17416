import type { ServerInfo } from '../app/connection-test/ports.ts';
import { asInstant, asObject, asText, need } from '../http/json.ts';
import type { Call } from './session/call.ts';
import type { Session } from './session/session.ts';

interface SiteInfo extends ServerInfo {
  /** W9 */
  readonly isTimeDoubted: boolean;
}

export const serverInfo: Call<SiteInfo> = {
  path: '/rest/api/2/serverInfo',
  parse: (json, { serverTime, isTimeDoubted }) => {
    const info = need(asObject(json), 'server information');
    return {
      kind: info['deploymentType'] === 'Cloud' ? 'cloud' : 'data-center',
      version: asText(info['version']) ?? '',
      serverTime: serverTime ?? asInstant(info['serverTime']),
      isTimeDoubted,
    };
  },
};

/** Who the step is logged in as. */
interface Account {
  readonly name: string;
  /** IANA name of the account's time zone, if Jira gives it. */
  readonly timeZone: string | undefined;
}

export const myself: Call<Account> = {
  path: '/rest/api/2/myself',
  parse: (json) => {
    const account = need(asObject(json), 'account');
    const name = asText(account['displayName']) ?? asText(account['name']) ?? asText(account['accountId']);
    return { name: need(name, 'name of the account'), timeZone: asText(account['timeZone']) };
  },
};

/** W9: so often the time is asked for until two answers agree. */
const mostTries = 3;

/** W9: the site's time from a request of its own. One that is doubted is asked for again. */
export async function siteTime(session: Session): Promise<Date | undefined> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { serverTime, isTimeDoubted } = await session.call(serverInfo);
    if (!isTimeDoubted) return serverTime;
  }
  return undefined;
}
