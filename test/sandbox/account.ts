/** A person or a service account of the site. */
export interface Account {
  accountId: string;
  /** The user name on Data Center. */
  name: string;
  /** The user key on Data Center. */
  key: string;
  displayName: string;
  emailAddress: string;
  /** True: the person's profile hides the email address from everybody. */
  hidesEmail?: boolean;
  timeZone: string;
  locale: string;
}

export function createAccount(name: string, displayName: string, more: Partial<Account> = {}): Account {
  return {
    accountId: `712020:${name}`,
    name,
    key: `JIRAUSER-${name}`,
    displayName,
    emailAddress: `${name}@acme.example`,
    timeZone: 'Europe/Berlin',
    locale: 'en_US',
    ...more,
  };
}

export type Flavour = 'cloud' | 'dc';

function avatars(base: string): Record<string, string> {
  const sizes = ['16x16', '24x24', '32x32', '48x48'];
  return Object.fromEntries(sizes.map((size) => [size, `${base}/avatar.png?size=${size}`]));
}

function shownEmail({ emailAddress, hidesEmail }: Account): Record<string, string> {
  return hidesEmail === true ? {} : { emailAddress };
}

/** Returns the user as the platform's API does. */
export function userJson(account: Account, base: string, flavour: Flavour): Record<string, unknown> {
  const common = {
    ...shownEmail(account),
    avatarUrls: avatars(base),
    displayName: account.displayName,
    active: true,
    timeZone: account.timeZone,
  };
  return flavour === 'cloud'
    ? {
        self: `${base}/rest/api/2/user?accountId=${encodeURIComponent(account.accountId)}`,
        accountId: account.accountId,
        ...common,
        accountType: 'atlassian',
      }
    : {
        self: `${base}/rest/api/2/user?username=${encodeURIComponent(account.name)}`,
        name: account.name,
        key: account.key,
        ...common,
      };
}

/** Returns the user as JSM's API does. */
export function jsmUserJson(account: Account, base: string, flavour: Flavour): Record<string, unknown> {
  const who =
    flavour === 'cloud' ? { accountId: account.accountId } : { name: account.name, key: account.key };
  const query = flavour === 'cloud' ? `accountId=${account.accountId}` : `username=${account.name}`;
  const self = `${base}/rest/api/2/user?${query}`;
  return {
    ...who,
    ...shownEmail(account),
    displayName: account.displayName,
    active: true,
    timeZone: account.timeZone,
    _links: { jiraRest: self, avatarUrls: avatars(base), self },
  };
}
