import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asNumber, asObject, type JsonObject, need } from '../http/json.ts';
import type { AnswerFacts } from './session/call.ts';
import type { Session } from './session/session.ts';

const pageSize = 100;
const mostPages = 200;

interface Listing<T> {
  /** The property of a page that contains its items; by default `values`. */
  readonly member?: string;
  /** Reads one item; an empty list skips it. */
  readonly parse: (json: unknown) => readonly T[];
  readonly mostTries?: number;
  /** Is called with the times of each page's request and answer. */
  readonly saw?: (facts: AnswerFacts) => unknown;
}

/** Reads all items of a listing. Stops at a page with nothing new, whatever the site says or omits (F3). */
export async function everyPage<T>(
  session: Session,
  path: string,
  { member = 'values', parse, mostTries, saw }: Listing<T>,
): Promise<readonly T[]> {
  const items: T[] = [];
  const seen = new Set<string>();
  let start = 0;
  const isOfServiceDesk = path.includes('/servicedeskapi/');
  const [from, size] = isOfServiceDesk ? ['start', 'limit'] : ['startAt', 'maxResults'];
  for (let page = 0; page < mostPages; page += 1) {
    const { values, parsed, isLast, facts } = await session.call({
      path: `${path}${path.includes('?') ? '&' : '?'}${from}=${start}&${size}=${pageSize}`,
      ...(mostTries !== undefined && { mostTries }),
      parse: (json, facts) => {
        const body = need(asObject(json), 'page');
        const values = need(asArray(body[member]), member);
        return {
          values,
          parsed: values.map((value) => parse(value)),
          isLast: isLastPage(body, start + values.length),
          facts,
        };
      },
    });
    saw?.(facts);
    // Compare whole items, so that both of two that share an id by mistake are kept.
    const isNew = values.map((value) => seen.size < seen.add(JSON.stringify(value)).size);
    items.push(...parsed.filter((_parsed, index) => isNew[index]).flat());
    if (isLast || !isNew.includes(true)) return items;
    start += values.length;
  }
  throw new Fault(
    'refused',
    text`The listing ${path} did not end after ${mostPages} pages.`,
    text`Ask the Jira administrator; the fault is in the site's answers.`,
  );
}

function isLastPage(body: JsonObject, end: number): boolean {
  const isLast = body['isLastPage'] ?? body['isLast'];
  const total = asNumber(body['total']);
  return typeof isLast === 'boolean' ? isLast : total !== undefined && end >= total;
}
