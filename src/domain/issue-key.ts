import { withoutSlashesAtEnd } from './base-url.ts';

/** Matched before upper-casing, which would turn `ß-12` into `SS-12`. */
const keyPattern = /^[A-Za-z][A-Za-z0-9_]*-[1-9][0-9]*$/;

export type SuppliedNumber =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'other-site'; readonly host: string }
  /** A link that names two different change requests. */
  | { readonly kind: 'two-keys'; readonly keys: readonly [string, string] }
  | { readonly kind: 'not-a-key' };

/** Returns the key in upper case, or undefined if the text is not a Jira issue key. */
export function issueKey(text: string): string | undefined {
  const key = text.trim();
  return keyPattern.test(key) ? key.toUpperCase() : undefined;
}

/** Returns the project of a key: `CHG` for `CHG-12`. */
export function projectKeyOf(key: string): string {
  return key.slice(0, key.lastIndexOf('-'));
}

/** Returns the number in a key: 12 for `CHG-12`. */
export function issueNumberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1));
}

/**
 * L2: reads a change request number as people enter it: a key in upper or lower case, or a link to the change
 * request on the same site (`/browse/KEY`, a portal or queue link, `selectedIssue=KEY`).
 * @param site root URL of the JSM site, with its context path
 */
export function suppliedNumber(text: string, site: URL): SuppliedNumber {
  const key = issueKey(text) ?? issueKey(shown(text));
  if (key !== undefined) return { kind: 'key', key };
  const link = parseLink(text);
  if (link === undefined) return { kind: 'not-a-key' };
  if (link.host !== site.host) return { kind: 'other-site', host: link.host };
  const { named, meant } = keysInLink(link, site);
  const [first, second] = named;
  if (first !== undefined && second !== undefined) return { kind: 'two-keys', keys: [first, second] };
  return meant === undefined ? { kind: 'not-a-key' } : { kind: 'key', key: meant };
}

/** Returns whether a number is a link, so that it depends on the site which change request it names. */
export function isLink(text: string): boolean {
  return parseLink(text) !== undefined;
}

/** Decodes a segment of a path; one that is not encoded correctly stays as it is, and is no key. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Removes invisible characters (soft hyphens, direction marks, zero widths), as copied from a page. */
function shown(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

function parseLink(text: string): URL | undefined {
  const link = shown(text).trim();
  return /^https?:\/\//i.test(link) && URL.canParse(link) ? new URL(link) : undefined;
}

/** Returns the different keys anywhere in a link to the site, and the key that the link leads to. */
function keysInLink(
  link: URL,
  site: URL,
): { readonly named: readonly string[]; readonly meant: string | undefined } {
  const context = withoutSlashesAtEnd(site.pathname);
  const isOfSite = link.pathname === context || link.pathname.startsWith(`${context}/`);
  if (!isOfSite) return { named: [], meant: undefined };
  const segments = link.pathname
    .slice(context.length)
    .split('/')
    .map((segment) => shown(decoded(segment)).trim())
    .filter((segment) => segment !== '');
  const selected = link.searchParams
    .getAll('selectedIssue')
    .map((value) => shown(value).trim())
    .filter((value) => value !== '');
  return {
    named: [...new Set([...segments, ...selected].flatMap((part) => issueKey(part) ?? []))],
    meant: issueKey(selected[0] ?? segments.at(-1) ?? ''),
  };
}
