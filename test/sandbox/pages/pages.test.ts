import { describe, expect, it } from 'vitest';
import { loginHeader } from '../caller.ts';
import { SettableClock } from '../clock.ts';
import { plannedEndId, plannedStartId } from '../defaults.ts';
import type { SiteAnswer } from '../exchange.ts';
import { createSite, type Site, type SiteOptions } from '../site.ts';
import { markup } from './markup.ts';
import { Pages } from './pages.ts';

const host = '127.0.0.1:8080';
const form = { host, origin: `http://${host}`, 'content-type': 'application/x-www-form-urlencoded' };

interface Visitor {
  readonly site: Site;
  readonly clock: SettableClock;
  readonly pages: Pages;
  get(path: string, headers?: Record<string, string>): SiteAnswer | undefined;
  send(
    path: string,
    fields: Record<string, string>,
    headers?: Record<string, string>,
  ): SiteAnswer | undefined;
}

/** Creates somebody in front of a browser, and a change request that waits for Ann's approval. */
function visitor(options: SiteOptions = {}): Visitor {
  const clock = new SettableClock();
  const site = createSite({
    clock,
    projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver'] } }],
    record: true,
    ...options,
  });
  site.createRequest({ summary: 'A change' });
  const pages = new Pages(site);
  return {
    site,
    clock,
    pages,
    get: (path, headers = { host }) => pages.answer({ method: 'GET', path, headers }),
    send: (path, fields, headers = form) =>
      pages.answer({ method: 'POST', path, headers, body: new URLSearchParams(fields).toString() }),
  };
}

const backToChange = { status: 303, headers: { location: '/browse/CHG-1' } };

describe('the pages of the sandbox', () => {
  it.each(['/', '/browse/CHG-1', '/browse/CHG-7'])('say at %s that they are a stand-in', (path) => {
    expect(visitor().get(path)?.body).toContain('A stand-in, not Jira and not Octopus.');
  });

  it('list the change requests, and show each with its status, window, approvers, comments and history', () => {
    const { site, clock, get } = visitor();
    site.setField('CHG-1', plannedStartId, new Date('2026-06-13T09:00:00Z'));
    site.setField('CHG-1', plannedEndId, 'soon');
    clock.advance(60_000);
    site.decide('CHG-1', 'Ann Approver', 'approved');
    site.addComment(site.issue('CHG-1'), site.octopus, 'Deployed.', true);
    expect(get('/')?.body).toMatch(/<a href="\/browse\/CHG-1">CHG-1<\/a>.*Planning.*<bdi>A change</);
    const page = get('/browse/CHG-1')?.body ?? '';
    for (const part of [
      'Planning</span>',
      '2026-06-13 09:00:00 UTC',
      '<dd>soon</dd>',
      'Ann Approver: <span class="decision approved">approved',
      'Deployed.',
      'Status: Review → Planning',
      '08:01:00 UTC</time> Approval of Ann Approver: pending → approved',
    ]) {
      expect(page).toContain(part);
    }
  });

  it('show texts in the direction of their language', () => {
    const { site, get } = visitor();
    site.editSummary('CHG-1', 'نشر الموقع 1.0.1');
    site.addComment(site.issue('CHG-1'), site.octopus, 'تم النشر.', true);
    expect(get('/')?.body).toContain('<bdi>نشر الموقع 1.0.1</bdi>');
    const page = get('/browse/CHG-1')?.body;
    expect(page).toContain('<bdi>نشر الموقع 1.0.1</bdi></h1>');
    expect(page).toContain('<p class="text" dir="auto">تم النشر.</p>');
  });

  it('show every time of the history in UTC', () => {
    const { site, get } = visitor({ timeZone: 'Europe/Berlin' });
    site.setField('CHG-1', plannedStartId, new Date('2026-06-13T09:00:00Z'));
    expect(get('/browse/CHG-1')?.body).toMatch(
      /Planned start: not set → <time[^>]*>2026-06-13 09:00:00 UTC<\/time>/,
    );
  });

  it('lead to further pages of the site, if there are any', () => {
    const { site } = visitor();
    const link = markup`<a href="/try">The deployment</a>`;
    const pages = new Pages(site, { link, answer: () => undefined });
    for (const path of ['/', '/browse/CHG-1', '/browse/CHG-7'])
      expect(pages.answer({ method: 'GET', path, headers: { host } })?.body).toContain(link.text);
  });

  it('keep texts from Jira and from deployments text', () => {
    const { site, get } = visitor();
    const hostile = `</title><script>alert(1)</script>" onload='x' &amp;`;
    site.editSummary('CHG-1', hostile);
    site.setField('CHG-1', plannedStartId, hostile);
    site.addComment(site.issue('CHG-1'), site.account(hostile), hostile, false);
    site.setApproval('CHG-1', { name: hostile, approvers: { [hostile]: 'pending' } });
    for (const path of ['/', '/browse/CHG-1']) {
      const page = get(path)?.body ?? '';
      expect(page).toContain(
        '&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;amp;',
      );
      expect(page.match(/<script/g)).toHaveLength(1);
      expect(page).not.toContain("onload='");
    }
  });

  it('leave the API, its record and other addresses to the site', () => {
    const { site, get, send } = visitor();
    expect(get('/rest/api/2/issue/CHG-1')).toBeUndefined();
    expect(get('/browser')).toBeUndefined();
    expect(send('/rest/api/2/issue/CHG-1/comment', {})).toBeUndefined();
    get('/browse/CHG-1');
    expect(site.requests).toEqual([]);
  });

  it('stand below a context path, and find a change request under another form of its key', () => {
    const { site, get, send } = visitor({ flavour: 'dc', contextPath: '/jira' });
    expect(get('/')).toMatchObject({ status: 303, headers: { location: '/jira/' } });
    expect(get('/jira/')?.body).toContain('<a href="/jira/browse/CHG-1">');
    expect(get('/jira/browse/chg-1')).toMatchObject({ headers: { location: '/jira/browse/CHG-1' } });
    expect(send('/jira/browse/CHG-1/move', { transition: '61' })).toMatchObject({ status: 303 });
    expect(site.issue('CHG-1').status.name).toBe('Implementing');
  });
});

describe('a button', () => {
  it('approves and declines as the approver', () => {
    const { site, send } = visitor();
    expect(send('/browse/CHG-1/decide', { who: 'Ann Approver', decision: 'approved' })).toMatchObject(
      backToChange,
    );
    expect(site.issue('CHG-1').status.name).toBe('Planning');
    const other = visitor();
    other.send('/browse/CHG-1/decide', { who: 'Ann Approver', decision: 'declined' });
    expect(other.site.issue('CHG-1').status.name).toBe('Declined');
  });

  it('moves along the workflow', () => {
    const { site, send } = visitor();
    expect(send('/browse/CHG-1/move', { transition: '121' })).toMatchObject(backToChange);
    expect(site.issue('CHG-1').status.name).toBe('Canceled');
  });

  it.each([
    [{ preset: 'open-now' }, '2026-06-13T07:59:00.000Z', '2026-06-13T09:00:00.000Z'],
    [{ preset: 'opens-soon' }, '2026-06-13T08:00:30.000Z', '2026-06-13T09:00:00.000Z'],
    [{ preset: 'over' }, '2026-06-13T06:00:00.000Z', '2026-06-13T07:00:00.000Z'],
    [{ preset: 'none' }, undefined, undefined],
    [{ start: '2026-06-14T10:00', end: '' }, '2026-06-14T10:00:00.000Z', undefined],
    [{ start: '', end: '2026-06-14T10:00:05' }, undefined, '2026-06-14T10:00:05.000Z'],
  ])('sets the window %j', (fields, start, end) => {
    const { site, send } = visitor({ timeZone: 'UTC' });
    site.setField('CHG-1', plannedStartId, new Date());
    expect(send('/browse/CHG-1/window', fields)).toMatchObject(backToChange);
    const { values } = site.issue('CHG-1');
    const text = (id: string) => (values.get(id) as string | undefined)?.replace('+0000', 'Z');
    expect([text(plannedStartId), text(plannedEndId)]).toEqual([start, end]);
  });

  it('breaks the site for a minute, or until it is repaired; the pages still work', () => {
    const { site, clock, get, send } = visitor();
    const ask = () =>
      site.answer({
        method: 'GET',
        path: '/rest/api/2/issue/CHG-1',
        headers: { authorization: loginHeader(site) },
      }).status;
    for (const repair of [() => clock.advance(60_000), () => send('/browse/outage', { what: 'end' })]) {
      expect(ask()).toBe(200);
      expect(send('/browse/outage', { what: 'begin' })).toMatchObject({ status: 303 });
      expect(ask()).toBe(503);
      clock.advance(59_000);
      expect(ask()).toBe(503);
      expect(get('/browse/CHG-1')?.body).toMatch(/The site is down.* answered with 503: 2\./);
      repair();
      expect(ask()).toBe(200);
      expect(get('/browse/CHG-1')?.body).toContain('The site answers.');
    }
  });

  it('leads back to the page that it was on', () => {
    const { send } = visitor();
    const from = (referer: string) =>
      send('/browse/outage', { what: 'begin' }, { ...form, referer })?.headers['location'];
    expect(from(`http://${host}/try`)).toBe('/try');
    expect(from('https://evil.example/try')).toBe('/');
    expect(from('nonsense')).toBe('/');
  });

  it.each([
    [
      '/browse/CHG-1/decide',
      { who: 'Bob Board', decision: 'approved' },
      409,
      'Bob Board has nothing to decide',
    ],
    ['/browse/CHG-1/decide', { who: 'Ann Approver', decision: 'pending' }, 409, 'no such decision'],
    ['/browse/CHG-1/move', { transition: '81' }, 409, 'CHG-1 is Review'],
    ['/browse/CHG-1/window', { start: 'tomorrow' }, 409, '&quot;tomorrow&quot; is not a date and time'],
    ['/browse/CHG-1/window', { start: '2026-02-30T99:00' }, 409, 'is not a date and time'],
    ['/browse/CHG-1/window', { preset: 'constructor' }, 409, 'no such window'],
    ['/browse/CHG-1/constructor', {}, 404, 'Not found'],
    ['/browse/CHG-7/move', { transition: '121' }, 404, 'Not found'],
  ])('that does not fit changes nothing and says why: %s %j', (path, fields, status, message) => {
    const { site, send } = visitor();
    const { revision } = site.issue('CHG-1');
    const answer = send(path, fields);
    expect(answer?.status).toBe(status);
    expect(answer?.body).toContain(message);
    expect(answer?.body).toContain('<nav><a href="/">All change requests</a></nav>');
    expect(site.issue('CHG-1').revision).toBe(revision);
  });
});

describe('the guard of the pages', () => {
  const { origin: _origin, ...noOrigin } = form;

  it.each([
    ['a form of another site', { ...form, origin: 'https://evil.example' }],
    ['a form of another port', { ...form, origin: 'http://127.0.0.1:9090' }],
    ['a form in a frame without an origin', { ...form, origin: 'null' }],
    ['a request that names no origin', noOrigin],
    ['what a script sends as text', { ...form, 'content-type': 'text/plain' }],
    ['another name for this machine', { ...form, host: 'evil.example', origin: 'http://evil.example' }],
    ['a name that begins like one of this machine', { ...form, host: 'localhost.evil.example' }],
  ])('refuses %s', (_name, headers) => {
    const { site, send } = visitor();
    const answer = send('/browse/CHG-1/move', { transition: '61' }, headers);
    expect(answer).toMatchObject({ status: 403 });
    expect(site.issue('CHG-1').status.name).toBe('Review');
  });

  it.each(['127.0.0.1:8080', 'localhost', 'LOCALHOST:8080', '[::1]:8080'])('accepts the host %s', (name) => {
    expect(visitor().get('/browse/CHG-1', { host: name })?.status).toBe(200);
  });

  it('shows a page only under a name of this machine', () => {
    const answer = visitor().get('/browse/CHG-1', { host: 'evil.example' });
    expect(answer?.status).toBe(403);
    expect(answer?.body).not.toContain('A change');
  });

  it('changes nothing by GET', () => {
    const { site, get } = visitor();
    expect(get('/browse/CHG-1/move?transition=61')?.status).toBe(404);
    expect(site.issue('CHG-1').status.name).toBe('Review');
  });

  it('lets no script run but that of the pages', () => {
    const policy = visitor().get('/browse/CHG-1')?.headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
  });
});
