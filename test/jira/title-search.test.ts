import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { search, titlePhraseJql, titleWordsJql } from '../../src/jira/title-search.ts';
import { byPath, good, type Reply, refusal, type Script, scriptedSession } from './scripted-site.ts';

const dataCenterHeaders = { 'x-ausername': 'octopus', 'x-anodeid': 'n1' };
const onCloud = { site: new URL('https://acme.atlassian.net') };
const elsewhere = { site: new URL('https://jira.acme.example') };

function hit(number: number) {
  return { id: String(number), key: `CHG-${number}`, fields: { summary: `title ${number}` } };
}

function keys(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `CHG-${from + index}`);
}

function hits(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, index) => hit(from + index));
}

async function found(script: Script, over: Parameters<typeof scriptedSession>[1] = onCloud) {
  const scripted = scriptedSession(script, over);
  const outcome = search(scripted.session, 'project = "CHG"');
  return { ...scripted, outcome, keys: (await outcome).map(({ key }) => key) };
}

describe('a search on Cloud', () => {
  it('[L5] requests the summary, and reads every page', async () => {
    const { site, keys: all } = await found(
      byPath({
        'POST /rest/api/3/search/jql': (_request, index) =>
          good(
            [
              { issues: hits(1, 100), nextPageToken: 'a', isLast: false },
              { issues: hits(101, 130), nextPageToken: 'b' },
              { issues: hits(131, 131), isLast: true, nextPageToken: 'c' },
            ][index],
          ),
      }),
    );
    expect(all).toEqual(keys(1, 131));
    expect([0, 1, 2].map((index) => site.body(index))).toEqual([
      { jql: 'project = "CHG"', fields: ['summary', 'status'], maxResults: 100 },
      { jql: 'project = "CHG"', fields: ['summary', 'status'], maxResults: 100, nextPageToken: 'a' },
      { jql: 'project = "CHG"', fields: ['summary', 'status'], maxResults: 100, nextPageToken: 'b' },
    ]);
  });

  it.each([
    { nextPageToken: null },
    { nextPageToken: '' },
    {},
    { isLast: true },
    { isLast: true, nextPageToken: 'x' },
  ])('[L5] ends with a page that has %j', async (end) => {
    const { site, keys: all } = await found(() => good({ issues: hits(1, 2), ...end }));
    expect(all).toEqual(['CHG-1', 'CHG-2']);
    expect(site.requests).toHaveLength(1);
  });

  it('[L5] does not end with an empty page in the middle', async () => {
    const { keys: all } = await found((_request, index) =>
      good(index === 0 ? { issues: [], nextPageToken: 'a' } : { issues: [hit(7)], isLast: true }),
    );
    expect(all).toEqual(['CHG-7']);
  });

  it('[L5] throws a fault if page tokens repeat, instead of looping', async () => {
    const script: Script = (_request, index) =>
      good({ issues: [hit(index + 1)], nextPageToken: index % 2 === 0 ? 'a' : 'b', isLast: false });
    await expect(found(script)).rejects.toThrow(/did not end/);
    let asked = 0;
    const counted: Script = (request, index) => {
      asked += 1;
      return script(request, index);
    };
    await found(counted).catch(() => undefined);
    expect(asked).toBe(3);
  });

  it('[F3] ends with a page without new hits', async () => {
    const { keys: all, site } = await found((_request, index) =>
      good({ issues: hits(1, 2), nextPageToken: `t${index}`, isLast: false }),
    );
    expect(all).toEqual(['CHG-1', 'CHG-2']);
    expect(site.requests).toHaveLength(2);
  });

  it.each(['', 12, 'CHG-1\n', 'CHG', null])('[L16] rejects a hit with the key %j', async (key) => {
    await expect(
      found(() => good({ issues: [{ ...hit(1), key }], isLast: true }), { ...onCloud, outageMs: 0 }),
    ).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('[L5] throws a fault if the pages never end', async () => {
    let asked = 0;
    await expect(
      found((_request, index) => {
        asked += 1;
        return good({ issues: [], nextPageToken: `t${index}` });
      }),
    ).rejects.toBeInstanceOf(Fault);
    expect(asked).toBe(100);
  });

  it.each<[string, Reply]>([
    ['no issues', good({ isLast: true })],
    ['only ids', good({ issues: [{ id: '1' }], isLast: true })],
    ['no summaries', good({ issues: [{ id: '1', key: 'CHG-1' }], isLast: true })],
    ['a web page', { ...good(undefined), text: '<html>' }],
  ])('[F5] does not mistake %s for an empty result', async (_what, reply) => {
    await expect(found(() => reply, { ...onCloud, outageMs: 0 })).rejects.toBeInstanceOf(Fault);
  });

  it('[F4] does not trust an empty result that was served anonymously', async () => {
    await expect(
      found(
        () => ({
          json: { issues: [], isLast: true },
          headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
        }),
        elsewhere,
      ),
    ).rejects.toMatchObject({ kind: 'login' });
  });

  it('[F3] reports a project that Jira does not know, with what to check', async () => {
    const words = "The value 'CHG' does not exist for the field 'project'.";
    await expect(found(() => refusal(400, words))).rejects.toMatchObject({ kind: 'rejected', status: 400 });
    await found(() => refusal(400, words)).catch((error: Fault) => {
      expect(error.message).toContain(words);
      expect(error.message).toContain('JsmChange.ServiceProject');
    });
  });
});

describe('a search on Data Center', () => {
  const page = (from: number, to: number, total: number) =>
    good({ startAt: from - 1, maxResults: 100, total, issues: hits(from, to) }, dataCenterHeaders);

  it('[L5] reads every page up to the total', async () => {
    const scripted = scriptedSession(
      byPath({
        'POST /jira/rest/api/2/search': (request) => {
          const { startAt } = JSON.parse(request.body ?? '') as { readonly startAt: number };
          return page(startAt + 1, Math.min(startAt + 100, 250), 250);
        },
      }),
      { site: new URL('https://jira.acme.example/jira') },
    );
    scripted.session.learnSiteKind('data-center');
    const all = await search(scripted.session, 'x');
    expect(all.map(({ key }) => key)).toEqual(keys(1, 250));
    expect([0, 1, 2].map((index) => scripted.site.body(index))).toEqual([
      { jql: 'x', startAt: 0, maxResults: 100, fields: ['summary', 'status'] },
      { jql: 'x', startAt: 100, maxResults: 100, fields: ['summary', 'status'] },
      { jql: 'x', startAt: 200, maxResults: 100, fields: ['summary', 'status'] },
    ]);
  });

  it('[L5] reads to the end at a site that returns fewer hits than requested', async () => {
    const scripted = scriptedSession((request) => {
      const { startAt } = JSON.parse(request.body ?? '') as { readonly startAt: number };
      return page(startAt + 1, Math.min(startAt + 20, 50), 50);
    }, elsewhere);
    scripted.session.learnSiteKind('data-center');
    await expect(search(scripted.session, 'x')).resolves.toHaveLength(50);
  });

  it.each([undefined, null, 'many'])('[F5] rejects a page whose total is %j', async (total) => {
    const scripted = scriptedSession(() => good({ issues: hits(1, 100), total }, dataCenterHeaders), {
      ...elsewhere,
      outageMs: 0,
    });
    scripted.session.learnSiteKind('data-center');
    await expect(search(scripted.session, 'x')).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('[L5] ends if the total shrinks during the search', async () => {
    const scripted = scriptedSession((_request, index) =>
      index === 0 ? page(1, 100, 200) : good({ issues: [], total: 100 }, dataCenterHeaders),
    );
    scripted.session.learnSiteKind('data-center');
    await expect(search(scripted.session, 'x')).resolves.toHaveLength(100);
  });
});

describe('a site of unknown kind', () => {
  const gone: Reply = refusal(410, 'The requested API has been removed. Please migrate.');
  const unknownPath: Reply = {
    status: 404,
    json: { message: 'null for uri: https://jira.acme.example/rest/api/3/search/jql', 'status-code': 404 },
    headers: { date: 'Sat, 13 Jun 2026 10:00:00 GMT' },
  };
  const oldSearch = good({ issues: [hit(1)], total: 1 }, { 'x-aaccountid': '' });
  const myself: Reply = { json: { name: 'octopus' } };

  it.each([
    ['404', unknownPath],
    ['an HTML 404', { ...unknownPath, json: undefined, text: '<html>' }],
    ['405', { ...unknownPath, status: 405 }],
    ['404 with headers that show it', { ...unknownPath, headers: dataCenterHeaders }],
  ])('[L5] is Data Center if the new search returns %s, and stays so', async (_what, reply) => {
    const {
      session,
      site,
      keys: all,
    } = await found(
      byPath({
        'POST /rest/api/3/search/jql': reply,
        'POST /rest/api/2/search': oldSearch,
        'GET /rest/api/2/myself': myself,
      }),
      elsewhere,
    );
    expect(all).toEqual(['CHG-1']);
    expect(session.siteKind).toBe('data-center');
    const before = site.requests.length;
    await search(session, 'x');
    expect(site.calls.slice(before)).toEqual(['POST /rest/api/2/search']);
  });

  it('[L5] is identified by headers without an extra request', async () => {
    const { session, site } = scriptedSession(
      byPath({
        'GET /rest/api/2/myself': { json: { name: 'octopus' }, headers: dataCenterHeaders },
        'POST /rest/api/2/search': good({ issues: [], total: 0 }, dataCenterHeaders),
      }),
      elsewhere,
    );
    await session.call({ method: 'GET', path: '/rest/api/2/myself', parse: () => undefined });
    await search(session, 'x');
    expect(site.calls).toEqual(['GET /rest/api/2/myself', 'POST /rest/api/2/search']);
  });

  it('[L5] is Cloud if it looked like Data Center and answers 410', async () => {
    const scripted = scriptedSession(
      byPath({
        'POST /rest/api/2/search': gone,
        'POST /rest/api/3/search/jql': good({ issues: [hit(1)], isLast: true }),
      }),
      elsewhere,
    );
    scripted.session.learnSiteKind('data-center');
    await expect(search(scripted.session, 'x')).resolves.toHaveLength(1);
    expect(scripted.session.siteKind).toBe('cloud');
  });

  it('[F3] is reported if it has neither search, instead of as a site without hits', async () => {
    await expect(
      found(
        byPath({
          'POST /rest/api/3/search/jql': unknownPath,
          'POST /rest/api/2/search': { status: 404, text: '<html>' },
          'GET /rest/api/2/myself': myself,
        }),
        elsewhere,
      ),
    ).rejects.toMatchObject({ kind: 'wrong-url' });
  });
});

const deployTitle = 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"';

/** Replaces the strings of a query, `"..."` with `\"` and `\\` inside, and returns them. */
function strings(jql: string): { readonly values: readonly string[]; readonly rest: string } {
  const values: string[] = [];
  const rest = jql.replace(/"((?:[^"\\]|\\["\\])*)"/g, (_all, value: string) => {
    values.push(value.replace(/\\(["\\])/g, '$1'));
    return '?';
  });
  return { values, rest };
}

describe('the search by a phrase', () => {
  it('[L5] is limited to the service project, and to open or recently changed change requests (L9)', () => {
    expect(titlePhraseJql('CHG', deployTitle, [])).toBe(
      String.raw`project = "CHG" AND summary ~ "\"Octopus: Deploy Web Site version 1.0.1 to Dev\"" AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC`,
    );
  });

  it.each([
    ['a "b" c', '"a b c"'],
    ['a\\b', '"a b"'],
    ['\\"', '""'],
    ['a [b] {c} * ? + - & | ! ( ) ^ ~ :', '"a [b] {c} * ? + - & | ! ( ) ^ ~ :"'],
    ['#{x} AND summary ~ "y"', '"#{x} AND summary ~ y"'],
    ['  サイト  Ü ', '"サイト Ü"'],
  ])('[L12] searches for %s as %s', (words, phrase) => {
    expect(strings(titlePhraseJql('CHG', words, [])).values).toEqual(['CHG', phrase]);
  });

  it('[L12] lets no title break out of its string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (project, words) => {
        const { values, rest } = strings(titlePhraseJql(project, words, []));
        expect(rest).toBe(
          'project = ? AND summary ~ ? AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC',
        );
        expect(values[0]).toBe(project);
        expect(values[1]).toMatch(/^"[^"\\]*"$/);
      }),
    );
  });
});

describe('the search by words', () => {
  it('[L5] has no phrase, and searches for plain words in open or recently changed change requests (L9)', () => {
    expect(titleWordsJql('CHG', deployTitle, [])).toBe(
      'project = "CHG" AND summary ~ "Octopus Deploy Web Site version Dev" AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC',
    );
  });

  it.each([
    ['App.Web 1.0 x', undefined],
    ['AND or Not to', undefined],
    ['*stars* (brackets) word?', 'stars brackets word'],
    ['-minus +plus !bang', 'minus plus bang'],
    ['naïve サイト', 'naïve サイト'],
    ['same same Same', 'same Same'],
    ['', undefined],
    ['12345', undefined],
  ])('[L12] searches for "%s" as %j', (words, sought) => {
    expect(strings(titleWordsJql('CHG', words, [])).values).toEqual(
      sought === undefined ? ['CHG'] : ['CHG', sought],
    );
  });

  it('[L12] lets no title break out of its string or add an operator of the text query', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const { values, rest } = strings(titleWordsJql('CHG', words, []));
        expect(rest).toMatch(
          /^project = \?( AND summary ~ \?)? AND \(statusCategory != Done OR updated >= -30d\) ORDER BY created DESC$/,
        );
        expect(values[1] ?? '').toMatch(/^[\p{L}\p{M} ]*$/u);
      }),
    );
  });
});
