import { json, type Reply } from '../exchange.ts';

/** Octopus' default for `take`. */
const usualTake = 30;

interface PageOptions<Item> {
  readonly query: URLSearchParams;
  /** The path of the list, for its links. */
  readonly path: string;
  readonly itemType: string;
  readonly longestPage: number;
  /** Newest first. */
  readonly items: readonly Item[];
  readonly toJson: (item: Item) => unknown;
}

/** Returns one page of a list, in Octopus' envelope. */
export function page<Item>({ query, path, itemType, longestPage, items, toJson }: PageOptions<Item>): Reply {
  const skip = count(query.get('skip'), 0);
  const take = Math.min(count(query.get('take'), usualTake), longestPage);
  const pages = take === 0 ? 0 : Math.ceil(items.length / take);
  const last = Math.max(0, pages - 1);
  const at = (from: number, size: number): string => `${path}?skip=${from}&take=${size}`;
  const more = skip + take < items.length && take > 0;
  return json(200, {
    ItemType: itemType,
    TotalResults: items.length,
    ItemsPerPage: take,
    NumberOfPages: Math.max(1, pages),
    LastPageNumber: last,
    Items: items.slice(skip, skip + take).map(toJson),
    Links: {
      Self: at(skip, take),
      Template: `${path}{?skip,take}`,
      'Page.All': at(0, 2_147_483_647),
      'Page.Current': at(skip, take),
      ...(more && { 'Page.Next': at(skip + take, take) }),
      'Page.Last': at(last * take, take),
    },
  });
}

function count(text: string | null, otherwise: number): number {
  return text !== null && /^\d+$/.test(text) ? Number(text) : otherwise;
}

/**
 * Returns the values of a query parameter, which may be repeated or comma-separated; undefined if there is no
 * limit.
 */
export function choices(query: URLSearchParams, name: string): readonly string[] | undefined {
  const values = query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .filter((value) => value !== '');
  return values.length === 0 ? undefined : values;
}

/** Returns true if a query asks for one of these values, or does not limit them. */
export function isChosen(query: URLSearchParams, name: string, ...values: (string | undefined)[]): boolean {
  const chosen = choices(query, name);
  return chosen === undefined || values.some((value) => value !== undefined && chosen.includes(value));
}

/** Formats a time as Octopus does: ISO 8601 with an offset. */
export function time(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}
