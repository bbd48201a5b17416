import type { ServerInfo } from '../app/connection-test/ports.ts';
import { asInstant, asObject, asText, need } from '../http/json.ts';
import type { Call } from './session/call.ts';
import type { Session } from './session/session.ts';

interface SiteInfo extends ServerInfo {
  /** W9: another answer must confirm the time. */
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

/** The account that the step is logged in with. */
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

/** W9: how often the time is requested until two answers agree. */
const mostTries = 3;

/** W9: reads the site's time with a separate request, which is repeated while the time is doubted. */
export async function siteTime(session: Session): Promise<Date | undefined> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { serverTime, isTimeDoubted } = await session.call(serverInfo);
    if (!isTimeDoubted) return serverTime;
  }
  return undefined;
}
