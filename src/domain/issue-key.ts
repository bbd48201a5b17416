/** Tested before case is folded: `ß-12` in capitals would be `SS-12`. */
const keyPattern = /^[A-Za-z][A-Za-z0-9_]*-[1-9][0-9]*$/;

export type SuppliedNumber =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'other-site'; readonly host: string }
  | { readonly kind: 'not-a-key' };

/** The key in capitals, or undefined when the text is no Jira issue key. */
export function issueKey(text: string): string | undefined {
  const key = text.trim();
  return keyPattern.test(key) ? key.toUpperCase() : undefined;
}

/** `CHG` of `CHG-12`. */
export function projectKeyOf(key: string): string {
  return key.slice(0, key.lastIndexOf('-'));
}

/** 12 of `CHG-12`. */
export function issueNumberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1));
}

/**
 * L2: reads a change request's number as people give it: a key in any case, or a link to it on the same
 * site (`/browse/KEY`, a portal or queue link that ends with the key, `selectedIssue=KEY`).
 * @param site root URL of the JSM site, with its context path
 */
export function suppliedNumber(text: string, site: URL): SuppliedNumber {
  // What shows nothing comes along when a number is copied from a page.
  const seen = text.replace(/[\u200B-\u200F\u2060\uFEFF]/gu, '');
  const key = issueKey(seen);
  if (key !== undefined) return { kind: 'key', key };
  const link = parseLink(seen.trim());
  if (link === undefined) return { kind: 'not-a-key' };
  if (link.host !== site.host) return { kind: 'other-site', host: link.host };
  const fromLink = keyInLink(link, site);
  return fromLink === undefined ? { kind: 'not-a-key' } : { kind: 'key', key: fromLink };
}

function parseLink(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text);
}

function keyInLink(link: URL, site: URL): string | undefined {
  const context = site.pathname.replace(/\/+$/, '');
  if (link.pathname !== context && !link.pathname.startsWith(`${context}/`)) return undefined;
  const selected = link.searchParams.get('selectedIssue');
  if (selected !== null) return issueKey(selected);
  const last = link.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .at(-1);
  return last === undefined ? undefined : issueKey(last);
}
