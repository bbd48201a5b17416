import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { asText } from '../../src/http/json.ts';
import { everyPage } from '../../src/jira/pages.ts';
import { good, type Script, scriptedSession } from './scripted-site.ts';

const path = '/rest/servicedeskapi/servicedesk';

async function list(script: Script) {
  const scripted = scriptedSession(script, { outageMs: 0 });
  const items = await everyPage(scripted.session, path, {
    parse: (json) => [asText(json) ?? []].flat(),
  });
  return { items, asked: scripted.site.requests.map(({ url }) => new URL(url).search) };
}

describe('a listing', () => {
  it('[C5] is read to its last page with any page size', async () => {
    const all = Array.from({ length: 120 }, (_, id) => `item ${id}`);
    const { items, asked } = await list((request) => {
      const start = Number(new URL(request.url).searchParams.get('start'));
      const values = all.slice(start, start + 50);
      return good({ start, limit: 50, size: values.length, isLastPage: start + 50 >= all.length, values });
    });
    expect(items).toEqual(all);
    expect(asked).toEqual(['?start=0&limit=100', '?start=50&limit=100', '?start=100&limit=100']);
  });

  it.each([
    ['says so', { isLastPage: true, values: ['a'] }, ['a']],
    ['is empty', { isLastPage: false, values: [] }, []],
  ])('ends with a page that %s', async (_what, page, expected) => {
    const { items, asked } = await list(() => good(page));
    expect(items).toEqual(expected);
    expect(asked).toHaveLength(1);
  });

  it.each([undefined, null, 'false', 0])(
    '[A2] is read further if its last-page flag is %j',
    async (isLastPage) => {
      const pages = [['a'], ['b'], []];
      const { items } = await list((_request, index) => good({ isLastPage, values: pages[index] }));
      expect(items).toEqual(['a', 'b']);
    },
  );

  it('[A2] keeps two items with the same id', async () => {
    const values = [
      { id: '1', name: 'CAB', finalDecision: 'approved' },
      { id: '1', name: 'Peers', finalDecision: 'pending' },
    ];
    const { session } = scriptedSession(() => good({ isLastPage: true, values }), { outageMs: 0 });
    const items = await everyPage(session, path, { parse: (json) => [json] });
    expect(items).toEqual(values);
  });

  it('omits items that cannot be parsed', async () => {
    expect((await list(() => good({ isLastPage: true, values: ['a', null, {}, 'b', 7] }))).items).toEqual([
      'a',
      'b',
      '7',
    ]);
  });

  it.each([{}, { values: null }, { values: 'a' }, [], null])('[F5] rejects %j as a page', async (page) => {
    await expect(list(() => good(page))).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('[F3] throws a fault if the listing never ends', async () => {
    let asked = 0;
    await expect(
      list(() => {
        asked += 1;
        return good({ isLastPage: false, values: [`${asked}`] });
      }),
    ).rejects.toBeInstanceOf(Fault);
    expect(asked).toBe(200);
  });

  it.each([
    ['isLastPage is false', { isLastPage: false }],
    ['its total is huge', { total: 1e9 }],
  ])('[F3] ends with a page without new items, although %s', async (_what, end) => {
    const values = [{ id: '1', name: 'a' }, { name: 'b' }];
    const { items, asked } = await list((_request, index) =>
      good({ ...end, values: index < 2 ? ['a', `b${index}`] : ['b1', 'a'], more: values }),
    );
    expect(items).toEqual(['a', 'b0', 'b1']);
    expect(asked).toHaveLength(3);
  });
});
