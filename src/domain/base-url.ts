/** Returns what is wrong with a site's root URL (X2), or undefined. The message quotes no part of it. */
export function baseUrlFault(value: string): string | undefined {
  const trimmed = value.trim();
  const url = webUrl(trimmed);
  if (url === undefined) return 'Expected the root URL of the Jira site, beginning with https.';
  const unencrypted = unencryptedFault(url);
  if (unencrypted !== undefined) return unencrypted;
  if (/^api\.atlassian(?:-us-gov-mod|-us-gov)?\.com$/i.test(url.hostname)) {
    return "Expected the URL of the Jira site itself, such as https://acme.atlassian.net, not that of Atlassian's API gateway, which is used automatically if the token needs it.";
  }
  const withLogin = loginInUrlFault(url);
  if (withLogin !== undefined) return withLogin;
  if (/\/(?:(?:browse|rest)(?:\/|$)|servicedesk\/(?:customer|agent)\b)/i.test(url.pathname)) {
    return 'Expected the root URL of the site, without the part that leads to a page of it (such as /browse/CHG-1).';
  }
  if (/[?#]/.test(trimmed)) return 'Expected the root URL of the site, with nothing after its path.';
  return undefined;
}

/** Parses an HTTP or HTTPS URL; undefined if it is not one, or contains a space. */
export function webUrl(value: string): URL | undefined {
  const url = !/\s/u.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** X2: returns what is wrong with a URL to which a login would be sent unencrypted. */
export function unencryptedFault({ protocol, hostname }: URL): string | undefined {
  return protocol === 'http:' && !isLoopback(hostname)
    ? 'Expected a URL that begins with https; plain http is accepted for loopback hosts only.'
    : undefined;
}

/** X2: returns what is wrong with a URL that contains a login. */
export function loginInUrlFault({ username, password }: URL): string | undefined {
  return username !== '' || password !== ''
    ? 'Expected a URL without a user name and password in it.'
    : undefined;
}

/** Returns a root URL without surrounding spaces and trailing slashes. */
export function trimBaseUrl(value: string): string {
  return withoutSlashesAtEnd(value.trim());
}

/** Returns the root URL of a site or server, with its context path and without a trailing slash. */
export function rootOf({ origin, pathname }: URL): string {
  return `${origin}${withoutSlashesAtEnd(pathname)}`;
}

/** Removes trailing slashes in linear time, unlike a regular expression (X1). */
export function withoutSlashesAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/** X2: whether a host, as `URL.hostname` gives it, is `localhost`, ::1 or in 127.0.0.0/8. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
}
