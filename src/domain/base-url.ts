/** Returns what is wrong with a site's root URL (X2), or undefined. The message quotes no part of it. */
export function baseUrlFault(value: string): string | undefined {
  const trimmed = value.trim();
  const url = /\s/u.test(trimmed) || !URL.canParse(trimmed) ? undefined : new URL(trimmed);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'Expected the root URL of the Jira site, beginning with https.';
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'Expected a URL that begins with https; plain http is accepted for loopback hosts only.';
  }
  if (/^api\.atlassian(?:-us-gov-mod|-us-gov)?\.com$/i.test(url.hostname)) {
    return "Expected the URL of the Jira site itself, such as https://acme.atlassian.net, not that of Atlassian's API gateway, which is used automatically if the token needs it.";
  }
  if (url.username !== '' || url.password !== '') {
    return 'Expected a URL without a user name and password in it.';
  }
  if (/\/(?:(?:browse|rest)(?:\/|$)|servicedesk\/(?:customer|agent)\b)/i.test(url.pathname)) {
    return 'Expected the root URL of the site, without the part that leads to a page of it (such as /browse/CHG-1).';
  }
  if (/[?#]/.test(trimmed)) return 'Expected the root URL of the site, with nothing after its path.';
  return undefined;
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
