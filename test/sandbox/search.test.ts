import { describe, expect, it } from 'vitest';
import { titleWordsJql } from '../../src/jira/title-search.ts';
import { createCaller } from './caller.ts';
import { SettableClock } from './clock.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

const title = 'Octopus: Deploy "Web Site" version 1.0.1 to "Production"';

function start(options: SiteOptions = {}): { site: Site; clock: SettableClock } {
  const clock = new SettableClock();
  return { clock, site: createSite({ clock, ...options }) };
}

function find(
  site: Site,
  jql: string,
  more: Record<string, unknown> = {},
): { status: number; keys: unknown; body: string } {
  const path = site.flavour === 'cloud' ? '/rest/api/3/search/jql' : '/rest/api/2/search';
  const answer = createCaller(site)('POST', path, { jql, fields: ['summary'], ...more });
  const issues = (answer.json as { issues?: { key: string }[] }).issues;
  return { status: answer.status, keys: issues?.map((one) => one.key), body: answer.body };
}

describe.each(['cloud', 'dc'] as const)('a search (%s)', (flavour) => {
  it.each([
    ['project and open', 'project = "CHG" AND statusCategory != Done', ['CHG-3', 'CHG-1']],
    [
      'a phrase',
      String.raw`project = CHG AND summary ~ "\"Deploy  Web Site  version 1.0.1\""`,
      ['CHG-2', 'CHG-1'],
    ],
    ['words in any order', 'project = chg AND summary ~ "Site Octopus"', ['CHG-2', 'CHG-1']],
    ['what is closed', 'statusCategory = done', ['CHG-2']],
    ["the step's bound", titleWordsJql('CHG', title, []), ['CHG-2', 'CHG-1']],
    ['AND before OR', 'key = CHG-1 OR key = CHG-2 AND statusCategory != Done', ['CHG-1']],
    ['parentheses', '(key = CHG-1 OR key = CHG-2) AND statusCategory = Done', ['CHG-2']],
    ['what was changed lately', 'updated >= -1h ORDER BY created ASC', ['CHG-1', 'CHG-2', 'CHG-3']],
    ['what was created before', 'created < -1d', []],
    ["the account's own", 'project = CHG AND reporter = currentUser()', ['CHG-3']],
    ['an issue type by its id', 'issuetype = "10005" AND summary ~ Something', ['CHG-3']],
    ['another issue type', 'issuetype = "[System] Service request"', []],
    ['keys', 'key in (chg-1, CHG-3) ORDER BY key', ['CHG-1', 'CHG-3']],
  ])('answers %s', (_, jql, keys) => {
    const { site, clock } = start({ flavour });
    site.createRequest({ summary: title });
    clock.advance(1000);
    site.createRequest({
      summary: `${title} again`,
      status: 'Completed',
      fields: { 'Planned end': new Date('2026-07-01T00:00:00Z') },
    });
    clock.advance(1000);
    site.createRequest({ summary: 'Something else', status: 'Implementing', reporter: site.octopus });
    expect(find(site, jql)).toMatchObject({ status: 200, keys });
  });

  it.each([
    ['an unknown project', 'project = NOPE', "The value 'NOPE' does not exist for the field 'project'."],
    ['an unknown field', 'constructor = 1', "Field 'constructor' does not exist"],
    [
      'a field without permission',
      'nope = 1',
      "Field 'nope' does not exist or you do not have permission to view it.",
    ],
    ['an unknown issue type', 'issuetype = Nope', "The value 'Nope' does not exist"],
    ['another function', 'reporter = someone()', "The value 'someone()' does not exist"],
    ['an unknown key', 'key = CHG-99', "An issue with key 'CHG-99' does not exist for field 'key'."],
    ['equality of a text', 'summary = "x"', "The operator '=' is not supported by the 'summary' field."],
    ['a wrong date', 'created >= soon', "Date value 'soon' for field 'created' is invalid."],
    ['a text query it cannot read', 'summary ~ "[x"', "Unable to parse the text '[x' for field 'summary'."],
    ['an unknown category', 'statusCategory = Nope', "The value 'Nope' does not exist"],
    ['a text that does not end', 'summary ~ "abc', 'Error in the JQL Query'],
    ['another escape', String.raw`summary ~ "\?"`, 'Error in the JQL Query'],
    ['a dot in a bare value', 'summary ~ 1.0.1', 'Error in the JQL Query'],
    ['a missing value', 'project =', 'before the end of the query'],
    ['a missing operator', 'project CHG', 'Expecting an operator'],
    ['words after the query', 'project = CHG key = CHG-1', "Expecting 'OR', 'AND' or 'ORDER BY'"],
    ['an open parenthesis', '(project = CHG', "Expecting ')'"],
    ['an empty list', 'key in ()', 'Expecting a value'],
    ['what the step never asks for', 'NOT project = CHG', 'NOT'],
    ['an order by nothing known', 'project = CHG ORDER BY nope', "Field 'nope' does not exist"],
  ])('refuses %s with 400', (_, jql, message) => {
    const { site } = start({ flavour });
    const found = find(site, jql);
    expect(found.status).toBe(400);
    expect((JSON.parse(found.body) as { errorMessages: string[] }).errorMessages.join()).toContain(message);
  });

  it('shows a new request only after the index lag, while a read by key shows it at once', () => {
    const { site, clock } = start({ flavour, indexLagMs: 30_000 });
    site.createRequest({ summary: title });
    clock.advance(29_999);
    expect(find(site, 'project = CHG').keys).toEqual([]);
    expect(createCaller(site)('GET', '/rest/api/2/issue/CHG-1').status).toBe(200);
    clock.advance(1);
    expect(find(site, 'project = CHG').keys).toEqual(['CHG-1']);
  });

  it('shows edits, moves and removals only after the index lag', () => {
    const { site, clock } = start({ flavour, indexLagMs: 30_000 });
    site.createRequest({ summary: title, lagged: false });
    site.editSummary('CHG-1', 'Withdrawn');
    site.moveTo('CHG-1', 'Canceled');
    expect(find(site, 'statusCategory != Done AND summary ~ Octopus').keys).toEqual(['CHG-1']);
    clock.advance(30_000);
    expect(find(site, 'statusCategory != Done AND project = CHG').keys).toEqual([]);
    expect(find(site, 'summary ~ Withdrawn').keys).toEqual(['CHG-1']);
    site.remove('CHG-1');
    expect(find(site, 'summary ~ Withdrawn').keys).toEqual(['CHG-1']);
    clock.advance(30_000);
    expect(find(site, 'summary ~ Withdrawn').keys).toEqual([]);
  });

  it('draws a lag for each change from a range, the same for the same seed, and never out of order', () => {
    const shown = (seed: number): number[] => {
      const { site, clock } = start({ flavour, seed, indexLagMs: { minMs: 0, maxMs: 60_000 } });
      for (let index = 0; index < 20; index += 1) {
        site.createRequest({ summary: title });
        site.editSummary(`CHG-${index + 1}`, `${title} again`);
      }
      const counts: number[] = [];
      for (let second = 0; second < 60; second += 10) {
        counts.push((find(site, 'summary ~ again').keys as string[]).length);
        clock.advance(10_000);
      }
      counts.push((find(site, 'summary ~ again').keys as string[]).length);
      return counts;
    };
    expect(shown(7)).toEqual(shown(7));
    expect(shown(7)).not.toEqual(shown(8));
    expect(shown(7).at(-1)).toBe(20);
    expect(shown(7)[0]).toBeLessThan(20);
  });
});

describe('a search on Cloud', () => {
  it('pages by tokens until isLast', () => {
    const { site } = start({ searchPageLimit: 2 });
    for (let index = 0; index < 5; index += 1) {
      site.createRequest({ summary: title });
    }
    const keys: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < 3; page += 1) {
      const read = JSON.parse(find(site, 'project = CHG', { nextPageToken: token }).body);
      keys.push(...read.issues.map((one: { key: string }) => one.key));
      token = read.nextPageToken;
      expect(read.isLast).toBe(page === 2);
    }
    expect(keys).toEqual(['CHG-5', 'CHG-4', 'CHG-3', 'CHG-2', 'CHG-1']);
    expect(token).toBeUndefined();
  });

  it('can lead back to its first page without end', () => {
    const { site } = start({ searchPageLimit: 2, pageTokens: 'loop' });
    site.createRequest({ summary: title });
    const read = JSON.parse(find(site, 'project = CHG').body);
    expect(read).toMatchObject({ isLast: false });
    expect(JSON.parse(find(site, 'project = CHG', { nextPageToken: read.nextPageToken }).body)).toEqual(read);
  });

  it('gives only ids unless fields are named', () => {
    const { site } = start();
    const { id } = site.createRequest({ summary: title });
    const answer = createCaller(site)('POST', '/rest/api/2/search/jql', { jql: 'project = CHG' });
    expect(answer.json).toEqual({ issues: [{ id }], isLast: true });
  });

  it('shows an issue that is to be reconciled in spite of the lag, if it fits', () => {
    const { site } = start({ indexLagMs: 60_000 });
    const { id } = site.createRequest({ summary: title });
    const more = { reconcileIssues: [Number(id)] };
    expect(find(site, 'project = CHG', more).keys).toEqual(['CHG-1']);
    expect(find(site, 'summary ~ other', more).keys).toEqual([]);
  });

  it.each([
    ['a query without a restriction', { jql: 'ORDER BY created DESC' }, 'Unbounded JQL queries'],
    [
      'a member that does not exist',
      { jql: 'project = CHG', validateQuery: true },
      'Invalid request payload',
    ],
    ['expand as a list', { jql: 'project = CHG', expand: ['names'] }, 'Invalid request payload'],
    ['a token of another query', { jql: 'project = CHG', nextPageToken: 'WzIsIngiXQ' }, 'next page token'],
  ])('refuses %s', (_, body, message) => {
    const answer = createCaller(start().site)('POST', '/rest/api/3/search/jql', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(message);
  });

  it.each(['/rest/api/2/search', '/rest/api/3/search', '/rest/api/latest/search'])(
    'answers 410 on %s',
    (path) => {
      const call = createCaller(start().site);
      expect(call('GET', `${path}?jql=project%3DCHG`).status).toBe(410);
      expect(call('POST', path, { jql: 'project = CHG' }).status).toBe(410);
    },
  );

  it('finds nothing, and does not say why, for a login that failed', () => {
    const { site } = start();
    site.createRequest({ summary: title });
    const answer = createCaller(site, 'Basic d3Jvbmc=')('POST', '/rest/api/3/search/jql', {
      jql: 'project = CHG',
    });
    expect(answer).toMatchObject({ status: 200, json: { issues: [], isLast: true } });
    expect(answer.headers['x-seraph-loginreason']).toBe('AUTHENTICATED_FAILED');
  });
});

describe('a search on Data Center', () => {
  it('pages by startAt and gives the total', () => {
    const { site } = start({ flavour: 'dc' });
    for (let index = 0; index < 5; index += 1) {
      site.createRequest({ summary: title });
    }
    const read = JSON.parse(find(site, 'project = CHG', { startAt: 3, maxResults: 2 }).body);
    expect(read).toMatchObject({
      startAt: 3,
      maxResults: 2,
      total: 5,
      issues: [{ key: 'CHG-2' }, { key: 'CHG-1' }],
    });
  });

  it('knows no search/jql, and says so with status-code', () => {
    const { site } = start({ flavour: 'dc', contextPath: '/jira' });
    const answer = createCaller(site)('POST', '/rest/api/2/search/jql', { jql: 'project = CHG' });
    expect(answer).toMatchObject({ status: 404, json: { 'status-code': 404 } });
  });
});
