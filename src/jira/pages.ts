import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asObject, need } from './json.ts';
import type { Session } from './session/session.ts';

const pageSize = 100;
const mostPages = 200;

/** All items of a listing of servicedeskapi (`start`, `limit`, `isLastPage`); items that parse to undefined are left out. */
export async function pages<T>(
  session: Session,
  path: string,
  member: string,
  parse: (json: unknown) => T | undefined,
  mostTries?: number,
): Promise<readonly T[]> {
  const items: T[] = [];
  let start = 0;
  for (let page = 0; page < mostPages; page += 1) {
    const { length, parsed, isLast } = await session.call({
      method: 'GET',
      path: `${path}?start=${start}&limit=${pageSize}`,
      ...(mostTries !== undefined && { mostTries }),
      parse: (json) => {
        const body = need(asObject(json), 'page');
        const values = need(asArray(body[member]), member);
        const parsed = values.flatMap((value) => parse(value) ?? []);
        return { length: values.length, parsed, isLast: body['isLastPage'] !== false };
      },
    });
    items.push(...parsed);
    if (isLast || length === 0) return items;
    start += length;
  }
  throw new Fault(
    'refused',
    text`The listing ${path} did not end after ${mostPages} pages.`,
    text`Tell the JSM administrator; the site's answers are at fault.`,
  );
}
