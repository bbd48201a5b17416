import { withoutSlashesAtEnd } from './base-url.ts';

/** Tested before case is folded: `ß-12` in capitals would be `SS-12`. */
const keyPattern = /^[A-Za-z][A-Za-z0-9_]*-[1-9][0-9]*$/;

export type SuppliedNumber =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'other-site'; readonly host: string }
  /** A link that names two different change requests. */
  | { readonly kind: 'two-keys'; readonly keys: readonly [string, string] }
  | { readonly kind: 'not-a-key' };

/** The key in capitals, or undefined if the text is not a Jira issue key. */
export function issueKey(text: string): string | undefined {
  const key = text.trim();
  return keyPattern.test(key) ? key.toUpperCase() : undefined;
}

/** 12 of `CHG-12`. */
export function issueNumberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1));
}

/**
 * L2: reads a change request's number as people give it: a key in any case, or a link to it on the same
 * site (`/browse/KEY`, a portal or queue link, `selectedIssue=KEY`).
 * @param site root URL of the JSM site, with its context path
 */
export function suppliedNumber(text: string, site: URL): SuppliedNumber {
  const key = issueKey(text) ?? issueKey(shown(text));
  if (key !== undefined) return { kind: 'key', key };
  const link = parseLink(shown(text).trim());
  if (link === undefined) return { kind: 'not-a-key' };
  if (link.host !== site.host) return { kind: 'other-site', host: link.host };
  const { named, meant } = keysInLink(link, site);
  const [first, second] = named;
  if (first !== undefined && second !== undefined) return { kind: 'two-keys', keys: [first, second] };
  return meant === undefined ? { kind: 'not-a-key' } : { kind: 'key', key: meant };
}

/** Without marks that show nothing (soft hyphens, direction marks, zero widths), as copied from a page. */
function shown(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

function parseLink(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text);
}

/** The different keys that a link of the site names anywhere, and the one that it leads to. */
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
    .filter((segment) => segment !== '');
  const selected = link.searchParams.getAll('selectedIssue');
  return {
    named: [...new Set([...segments, ...selected].flatMap((part) => issueKey(part) ?? []))],
    meant: issueKey(selected[0] ?? segments.at(-1) ?? ''),
  };
}
