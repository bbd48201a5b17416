import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../src/domain/fault.ts';
import { text } from '../../../src/domain/text.ts';
import { asObject, asText, need } from '../../../src/http/json.ts';
import { Patience } from '../../../src/http/retry.ts';
import type { TransportError } from '../../../src/http/transport.ts';
import type { Call } from '../../../src/jira/session/call.ts';
import { authorization, loginState, siteKindOf } from '../../../src/jira/session/login.ts';
import type { Session } from '../../../src/jira/session/session.ts';
import {
  answerOf,
  byPath,
  failure,
  good,
  inOrder,
  provenHeaders,
  type Reply,
  refusal,
  type Script,
  scriptedSession,
} from '../scripted-site.ts';

const keyCall: Call<string> = {
  method: 'GET',
  path: '/rest/api/2/issue/CHG-12?fields=summary',
  parse: (json) => need(asText(asObject(json)?.['key']), 'key'),
};

const raise: Call<string> = {
  method: 'POST',
  path: '/rest/servicedeskapi/request',
  body: { serviceDeskId: '10' },
  parse: (json) => need(asText(asObject(json)?.['issueKey']), 'issueKey'),
};

const issue = good({ key: 'CHG-12' });
/** For tests in which time passes: an answer with an unchanged `Date` would look cached. */
const undated: Reply = { json: { key: 'CHG-12' }, headers: { 'x-aaccountid': '557058:11' } };
const account = { accountId: '557058:11', displayName: 'Octopus' };

async function fault(attempt: Promise<unknown>): Promise<Fault> {
  const outcome = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Fault)) throw new Error(`expected a fault, not ${String(outcome)}`);
  return outcome;
}

async function faultOf(script: Script, over: Parameters<typeof scriptedSession>[1] = {}) {
  const scripted = scriptedSession(script, over);
  return { ...scripted, fault: await fault(scripted.session.call(keyCall)) };
}

describe('a request', () => {
  it('asks for English and JSON, with its own User-Agent, at the site with its context path', async () => {
    const { session, site } = scriptedSession(inOrder(issue), {
      site: new URL('https://jira.acme.example:8443/jira/'),
    });
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests).toHaveLength(1);
    expect(site.requests[0]).toMatchObject({
      method: 'GET',
      url: 'https://jira.acme.example:8443/jira/rest/api/2/issue/CHG-12?fields=summary',
      timeoutMs: 30_000,
      freshConnection: false,
      headers: {
        Accept: 'application/json',
        'User-Agent': 'test',
        'Accept-Language': 'en',
        'X-Force-Accept-Language': 'true',
        'X-ExperimentalApi': 'opt-in',
      },
    });
    expect(site.requests[0]?.body).toBeUndefined();
    expect(site.requests[0]?.headers).not.toHaveProperty('Content-Type');
  });

  it('[C3] uses a new connection for a write, but not for a search', async () => {
    const { session, site } = scriptedSession(inOrder(issue, good({ issueKey: 'CHG-13' }), issue));
    await session.call(keyCall);
    await session.once(raise);
    await session.call({ ...keyCall, method: 'POST', path: '/rest/api/3/search/jql', body: {} });
    expect(site.requests.map(({ freshConnection }) => freshConnection)).toEqual([false, true, false]);
    expect(site.requests[1]?.headers['Content-Type']).toBe('application/json');
    expect(site.body(1)).toEqual({ serviceDeskId: '10' });
  });

  it.each([
    [{ username: 'octopus@acme.example', token: 'tökén' }, 'Basic b2N0b3B1c0BhY21lLmV4YW1wbGU6dMO2a8Opbg=='],
    [{ username: '', token: 'NjQ2pat' }, 'Bearer NjQ2pat'],
  ])('logs in: %j', (credentials, header) => {
    expect(authorization(credentials)).toBe(header);
  });

  it.each([
    ['https://acme.atlassian.net', 'cloud'],
    ['https://ACME.ATLASSIAN.NET', 'cloud'],
    ['https://acme.jira.com', 'cloud'],
    ['https://jira.acme.example', undefined],
    ['https://atlassian.net.evil.example', undefined],
    ['https://notatlassian.net', undefined],
  ])('to %s means that the site is %s', (site, deployment) => {
    expect(siteKindOf(new URL(site))).toBe(deployment);
  });

  it('links to the site with its context path', () => {
    const { session } = scriptedSession(inOrder(issue), { site: new URL('https://jira.acme.example/jira/') });
    expect(session.browseUrl('CHG-12').href).toBe('https://jira.acme.example/jira/browse/CHG-12');
  });
});

describe("the server's time", () => {
  const timeCall: Call<Date | undefined> = { ...keyCall, parse: (_json, { serverTime }) => serverTime };

  it.each([
    ['Sat, 13 Jun 2026 10:00:00 GMT', '2026-06-13T10:00:00.000Z'],
    ['Tue, 29 Feb 2028 23:59:59 GMT', '2028-02-29T23:59:59.000Z'],
  ])('[W9] is the Date header: %s', async (date, iso) => {
    const { session } = scriptedSession(inOrder(good({}, { date })));
    expect((await session.call(timeCall))?.toISOString()).toBe(iso);
  });

  it.each([
    '',
    'now',
    '2026-06-13T10:00:00Z',
    'Sat, 13 Jun 2026 10:00:00',
    'Sat, 13 Jun 2026 10:00:00 CEST',
    'Sat, 13 Xyz 2026 10:00:00 GMT',
    '1781344800',
    'Sat, 31 Feb 2026 10:00:00 GMT',
    'Sat, 13 Jun 2026 23:59:60 GMT',
    'Sat, 13 Jun 2026 24:00:00 GMT',
    'Fri, 13 Jun 2026 10:00:00 GMT',
  ])('[W9] %j is not a readable Date', async (date) => {
    const { session } = scriptedSession(inOrder(good({}, { date })));
    await expect(session.call(timeCall)).resolves.toBeUndefined();
  });

  it.each<[string, Reply]>([
    ['that is 900 s old by its Age', good({ key: 'CHG-12' }, { age: '900' })],
    ['with several ages, one of them 11 s', good({ key: 'CHG-12' }, { age: '0, 11' })],
    ['dated a minute before', good({ key: 'CHG-12' }, { date: 'Sat, 13 Jun 2026 09:59:00 GMT' })],
    ['dated before the request', issue],
  ])('[W8] treats an answer %s as an outage', async (_what, stale) => {
    const { session, site, clock } = scriptedSession(
      inOrder(issue, stale, good({ key: 'CHG-12' }, { date: 'Sat, 13 Jun 2026 10:00:30 GMT' })),
    );
    await session.call(timeCall);
    clock.advance(15_000);
    await expect(session.call(timeCall)).resolves.toEqual(new Date('2026-06-13T10:00:30Z'));
    expect(site.requests).toHaveLength(3);
  });

  it('[W8] reports a cache that keeps answering as an outage, and names it', async () => {
    const { fault: thrown } = await faultOf(inOrder(good({ key: 'CHG-12' }, { age: '900' })));
    expect(thrown.kind).toBe('unreachable');
    expect(thrown.message).toMatch(/is 900 s old, so it came from a cache\..*proxy/);
  });

  it('[W8] is bracketed by two moments of the steady clock', async () => {
    const { session, clock } = scriptedSession(inOrder({ ...issue, afterMs: 250 }));
    const before = clock.now();
    const timed = await session.call({
      ...keyCall,
      parse: (_json, { askedAt, answeredAt }) => ({ askedAt, answeredAt }),
    });
    expect(timed).toEqual({ askedAt: before, answeredAt: before + 250 });
  });
});

describe('a status', () => {
  it.each([
    [400, 'rejected'],
    [403, 'forbidden'],
    [404, 'missing'],
    [405, 'refused'],
    [406, 'refused'],
    [410, 'refused'],
    [412, 'refused'],
    [418, 'refused'],
    [451, 'refused'],
  ])('[F3] %i is not retried: %s', async (status, kind) => {
    const { fault: thrown, site, clock } = await faultOf(inOrder(refusal(status, 'Because.')));
    expect(thrown).toMatchObject({ kind, status });
    expect(thrown.summary.line).toBe(
      `GET /rest/api/2/issue/CHG-12 was answered with status ${status}: Because.`,
    );
    expect(site.requests).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });

  it.each([405, 407, 410, 412])('[F3] %i gives the same advice for every call', async (status) => {
    const { session } = scriptedSession(inOrder(refusal(status, 'No.')));
    const call = { ...keyCall, advice: text`Check the service project.` };
    expect((await fault(session.call(call))).advice.line).toMatch(/JsmChange.BaseUrl.*proxy/);
  });

  it.each([408, 429, 500, 502, 503, 504, 599])('[F1] %i is retried', async (status) => {
    const { session, site } = scriptedSession(inOrder({ status }, { status, text: '<html>busy' }, issue));
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests).toHaveLength(3);
  });

  it.each(['not-connected', 'lost', 'timeout'] as const)('[F1] "%s" is retried', async (kind) => {
    const { session, site } = scriptedSession(inOrder(failure(kind), issue));
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests).toHaveLength(2);
  });

  it('[F1] with Retry-After is retried only after that time', async () => {
    const { session, clock } = scriptedSession(
      inOrder({ status: 429, headers: { 'Retry-After': '20', Date: provenHeaders.date } }, issue),
    );
    await session.call(keyCall);
    expect(clock.sleeps).toHaveLength(1);
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(20_000);
  });

  it.each([
    ["by the server's clock", { Date: provenHeaders.date }, 30_000],
    ["without a Date by the worker's", {}, 28_000],
  ])('[F1] with a date in Retry-After is retried only after that time, %s', async (_what, headers, least) => {
    const until = { 'Retry-After': 'Sat, 13 Jun 2026 10:00:30 GMT', ...headers };
    const { session, clock } = scriptedSession(inOrder({ status: 503, headers: until }, issue));
    await session.call(keyCall);
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(least);
  });

  it.each<[string, Reply, number]>([
    ['its Retry-After', { status: 429, headers: { 'Retry-After': '4, 20' } }, 20_000],
    ['a moment without one', { status: 429 }, 700],
  ])('[F3] 429 to any request delays the next one by %s', async (_what, reply, least) => {
    const { session, site, clock } = scriptedSession(inOrder(reply, issue));
    const limitedAt = clock.now();
    await fault(
      session.call({ ...keyCall, path: '/rest/servicedeskapi/request/CHG-12/approval', mostTries: 1 }),
    );
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests).toHaveLength(2);
    expect(clock.now() - limitedAt).toBeGreaterThanOrEqual(least);
  });

  it('[F1][F3] with a delay beyond the rest of the outage is a fault before the next request', async () => {
    const { session, site } = scriptedSession(inOrder({ status: 429, headers: { 'Retry-After': '3600' } }));
    await fault(session.call({ ...keyCall, mostTries: 1 }));
    expect(await fault(session.call(keyCall))).toMatchObject({ kind: 'unreachable', status: 429 });
    expect(site.requests).toHaveLength(1);
  });

  it.each([
    [400, 'rejected'],
    [401, 'login'],
    [403, 'forbidden'],
    [404, 'wrong-url'],
  ])(
    '[F3][F5] %i with a web page is %s at first contact, and an outage after a good check',
    async (status, kind) => {
      const page = { status, text: '<html>Request blocked</html>', headers: { server: 'firewall' } };
      const account404 = byPath({
        'GET /rest/api/2/issue': page,
        'GET /rest/api/2/myself': good(account),
      });
      const first = await faultOf(account404, { site: new URL('https://jira.acme.example') });
      expect(first.fault.kind).toBe(kind);
      expect(first.fault.advice.line).toMatch(/proxy, a firewall, an IP allow list/);
      expect(first.fault.advice.line).not.toContain('licence');

      const { session, patience, site } = scriptedSession(inOrder(undated, page, page, page, page, undated));
      await session.call(keyCall);
      patience.sawGoodCheck();
      await expect(session.call(keyCall)).resolves.toBe('CHG-12');
      expect(site.requests).toHaveLength(6);
    },
  );

  it.each<[string, Reply]>([
    ['a 404 in plain text', { status: 404, text: '404 page not found' }],
    ['a 404 in JSON of a router', { status: 404, text: '{"message":"no Route matched with those values"}' }],
    ['a 403 in plain text', { status: 403, text: 'RBAC: access denied' }],
    ['an empty 403', { status: 403, text: '' }],
    ['an empty 400', { status: 400, text: '' }],
  ])('[F3][F5] from elsewhere is an outage after a good check: %s', async (_what, reply) => {
    const elsewhere = { ...reply, headers: { server: 'envoy' } };
    const { session, patience, site } = scriptedSession(inOrder(undated, elsewhere, elsewhere, undated));
    await session.call(keyCall);
    patience.sawGoodCheck();
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests).toHaveLength(4);

    const first = await faultOf(
      byPath({ 'GET /rest/api/2/issue': elsewhere, 'GET /rest/api/2/myself': good(account) }),
      { site: new URL('https://jira.acme.example') },
    );
    expect(first.fault.advice.line).toMatch(/proxy, a firewall, an IP allow list/);
  });

  it.each<[string, Reply, string]>([
    [
      "a 404 with Jira's request id",
      { status: 404, text: '', headers: { 'X-AREQUESTID': '1' } },
      'wrong-url',
    ],
    ["a 403 of Cloud's gateway", { status: 403, json: { code: 403, message: 'No scope.' } }, 'forbidden'],
    ["Jira's own 404", { status: 404, json: { errorMessages: ['No.'], errors: {} } }, 'missing'],
    ['a 401 in plain text', { status: 401, text: 'Client must be authenticated.' }, 'login'],
  ])('[F3] from Jira counts even after a good check: %s', async (_what, reply, kind) => {
    const { session, patience } = scriptedSession(inOrder(issue, reply), {
      site: new URL('https://jira.acme.example'),
    });
    await session.call(keyCall);
    patience.sawGoodCheck();
    expect((await fault(session.call(keyCall))).kind).toBe(kind);
  });

  it('[F3] 401 of Data Center is a web page, but still a failed login after a good check', async () => {
    const { session, patience } = scriptedSession(
      inOrder(issue, { status: 401, text: '<html>401</html>', headers: { 'X-AREQUESTID': '1' } }),
      { site: new URL('https://jira.acme.example') },
    );
    await session.call(keyCall);
    patience.sawGoodCheck();
    expect((await fault(session.call(keyCall))).kind).toBe('login');
  });

  it('[F3] 409 is read once more', async () => {
    const once = scriptedSession(inOrder(refusal(409, 'Edited.'), issue));
    await expect(once.session.call(keyCall)).resolves.toBe('CHG-12');
    const { fault: thrown, site } = await faultOf(inOrder(refusal(409, 'Edited.')));
    expect(thrown).toMatchObject({ kind: 'conflict', status: 409 });
    expect(site.requests).toHaveLength(2);
  });

  it.each(['unknown-host', 'certificate', 'bad-proxy'] as const)(
    '[F2] "%s" stops immediately at first contact, and is an outage later',
    async (kind) => {
      const first = await faultOf(inOrder(failure(kind)));
      expect(first.fault.kind).toBe('refused');
      expect(first.site.requests).toHaveLength(1);

      const { session } = scriptedSession(inOrder(issue, failure(kind), issue));
      await session.call(keyCall);
      await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    },
  );

  it('[X5] is never retried if the answer is too large', async () => {
    const { session, site } = scriptedSession(inOrder(issue, failure('too-large', 'over 5000000 bytes')));
    await session.call(keyCall);
    expect((await fault(session.call(keyCall))).kind).toBe('refused');
    expect(site.requests).toHaveLength(2);
  });

  it('[F2] is not awaited longer than the outage in the last request', async () => {
    const { session, site, clock } = scriptedSession(inOrder(failure('timeout')), { outageMs: 45_000 });
    const startedAt = clock.now();
    expect((await fault(session.call(keyCall))).kind).toBe('unreachable');
    expect(clock.now() - startedAt).toBeLessThanOrEqual(46_000);
    expect(site.requests.every(({ timeoutMs }) => timeoutMs <= 30_000 && timeoutMs >= 1000)).toBe(true);
  });

  it('[P4] is not a fault if the run ends, and nothing is sent after that', async () => {
    const end = new AbortController();
    const { session, site, clock } = scriptedSession(inOrder({ status: 503 }));
    clock.onSleep = () => end.abort(new Error('told to end'));
    await expect(session.until(end.signal).call(keyCall)).rejects.toThrow('told to end');
    await expect(session.until(end.signal).call(keyCall)).rejects.toThrow('told to end');
    expect(site.requests).toHaveLength(1);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('[X4] %i is not followed, and its host is reported', async (status) => {
    const { fault: thrown, site } = await faultOf(
      inOrder({ status, headers: { location: 'https://login.acme.example/sso?next=hunter2' } }),
    );
    expect(thrown).toMatchObject({ kind: 'refused', status });
    expect(thrown.message).toContain('to login.acme.example, which is not followed');
    expect(thrown.message).not.toContain('hunter2');
    expect(site.requests).toHaveLength(1);
  });

  it.each([undefined, '/login.jsp', 'https://[', ''])(
    '[X4] is not followed with the location %j either',
    async (location) => {
      const headers = location === undefined ? {} : { location };
      const { fault: thrown, site } = await faultOf(inOrder({ status: 302, headers }));
      expect(thrown.kind).toBe('refused');
      expect(site.requests).toHaveLength(1);
    },
  );
});

describe('a body that is not the expected JSON', () => {
  const bodies: readonly (readonly [string, Reply, string])[] = [
    ['a login page', { text: '<!DOCTYPE html><html>hunter2</html>' }, 'a web page instead of JSON'],
    ['nothing', { text: '' }, 'an empty body'],
    ['a truncated answer', { text: '{"key":"CHG-1' }, 'a body that is not JSON or was cut off'],
    ['plain text', { text: 'hunter2' }, 'a body that is not JSON or was cut off'],
    ['JSON of the wrong shape', { json: { id: 7 } }, 'the answer has no key'],
    ['an array', { json: [] }, 'the answer has no key'],
    ['null', { json: null }, 'the answer has no key'],
    ['a string', { json: 'CHG-12' }, 'the answer has no key'],
    ['JSON 50,000 deep', { text: `${'['.repeat(50_000)}${']'.repeat(50_000)}` }, 'a body that is not JSON'],
  ];

  it.each(bodies)(
    '[F5] is tried three times at first contact and reported clearly: %s',
    async (_what, reply, words) => {
      const { fault: thrown, site } = await faultOf(inOrder({ ...reply, headers: provenHeaders }));
      expect(thrown.kind).toBe('unreachable');
      expect(thrown.message).toContain(words);
      expect(thrown.message).toContain('GET /rest/api/2/issue/CHG-12');
      expect(thrown.message).not.toContain('hunter2');
      expect(site.requests).toHaveLength(3);
    },
  );

  it('[F5] is an outage after a good check', async () => {
    const { session, patience, site } = scriptedSession(
      inOrder(...Array.from({ length: 6 }, () => ({ text: '<html>', headers: provenHeaders })), issue),
    );
    patience.sawGoodCheck();
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests).toHaveLength(7);
  });

  it('[F5] is not a fault if the status alone shows success', async () => {
    const { session } = scriptedSession(inOrder({ status: 204, text: '', headers: provenHeaders }));
    const call: Call<string> = { ...keyCall, method: 'PUT', bodyMatters: false, parse: () => 'done' };
    await expect(session.call(call)).resolves.toBe('done');
  });

  it('does not hide a bug of the parser as a fault of the site', async () => {
    const { session } = scriptedSession(inOrder(issue));
    const call: Call<string> = {
      ...keyCall,
      parse: () => {
        throw new RangeError('ours');
      },
    };
    await expect(session.call(call)).rejects.toThrow(RangeError);
  });
});

describe('the login under which an answer was served', () => {
  it.each([
    [{ 'x-aaccountid': '557058:11' }, 'proven'],
    [{ 'X-AAccountId': '557058:11', 'x-seraph-loginreason': 'OK' }, 'proven'],
    [{ 'x-ausername': 'octopus' }, 'proven'],
    [{ 'x-ausername': 'octopus', 'x-seraph-loginreason': 'OUT, OK' }, 'proven'],
    [{ 'x-ausername': 'anonymous' }, 'anonymous'],
    [{ 'x-ausername': ' Anonymous ' }, 'anonymous'],
    [{ 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }, 'anonymous'],
    [{ 'x-seraph-loginreason': 'authenticated_failed' }, 'anonymous'],
    [{ 'x-aaccountid': '557058:11', 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }, 'anonymous'],
    [{ 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' }, 'denied'],
    [{ 'x-ausername': 'octopus', 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' }, 'denied'],
    [{ 'x-aaccountid': ' ' }, 'unknown'],
    [{ 'x-ausername': '' }, 'unknown'],
    [{ 'x-seraph-loginreason': 'OK' }, 'unknown'],
    [{}, 'unknown'],
  ])('[F4] is read from %j: %s', (headers, state) => {
    expect(loginState(answerOf({ headers }))).toBe(state);
  });

  it.each([200, 404, 400, 403])(
    '[F4] failed if an anonymous %i arrives regardless of its body',
    async (status) => {
      const { fault: thrown, site } = await faultOf(
        inOrder({ status, json: { issues: [] }, headers: { 'x-ausername': 'anonymous' } }),
        { site: new URL('https://jira.acme.example') },
      );
      expect(thrown).toMatchObject({ kind: 'login', status: 401 });
      expect(thrown.message).toContain('served it anonymously');
      expect(site.requests).toHaveLength(1);
    },
  );

  it.each([408, 429, 500, 502, 503])(
    '[F1] [F4] is unknown after an anonymous %i, which is retried',
    async (status) => {
      const nobody = { status, text: 'Starting up', headers: { 'x-ausername': 'anonymous' } };
      const { session, site } = scriptedSession(
        inOrder(nobody, nobody, { json: { key: 'CHG-12' }, headers: { 'x-ausername': 'octopus' } }),
        { site: new URL('https://jira.acme.example') },
      );
      await expect(session.call(keyCall)).resolves.toBe('CHG-12');
      expect(site.requests).toHaveLength(3);
    },
  );

  it.each(['AUTHENTICATED_FAILED', 'AUTHENTICATION_DENIED'])(
    '[F4] failed if a 503 says %s, which is not retried',
    async (reason) => {
      const { fault: thrown, site } = await faultOf(
        inOrder({ status: 503, text: '', headers: { 'x-seraph-loginreason': reason } }),
        { site: new URL('https://jira.acme.example') },
      );
      expect(thrown.kind).toBe('login');
      expect(site.requests).toHaveLength(1);
    },
  );

  it.each([200, 404])(
    '[F4] is accepted for a %i after `myself` has answered, if no header shows it',
    async (status) => {
      const { session, site } = scriptedSession(
        byPath({
          'GET /rest/api/2/issue': { status, json: { key: 'CHG-12', errorMessages: ['None.'] } },
          'GET /rest/api/2/myself': { json: account },
        }),
        { site: new URL('https://jira.acme.example') },
      );
      const outcome = session.call(keyCall);
      if (status === 200) await expect(outcome).resolves.toBe('CHG-12');
      else expect((await fault(outcome)).kind).toBe('missing');
      expect(site.calls).toEqual(['GET /rest/api/2/issue/CHG-12', 'GET /rest/api/2/myself']);
    },
  );

  it('[F4] is checked with `myself` once in a run', async () => {
    const { session, site } = scriptedSession(
      byPath({
        'GET /rest/api/2/issue': { json: { key: 'CHG-12' } },
        'GET /rest/api/2/myself': { json: account },
      }),
      { site: new URL('https://jira.acme.example') },
    );
    for (let check = 0; check < 3; check += 1) await session.call(keyCall);
    expect(site.calls.filter((call) => call.endsWith('/myself'))).toHaveLength(1);
  });

  it('[F4] needs no `myself` if it is proven', async () => {
    const { session, site } = scriptedSession(inOrder(issue, { json: { key: 'CHG-12' } }));
    await session.call(keyCall);
    await session.call(keyCall);
    expect(site.calls).toEqual(['GET /rest/api/2/issue/CHG-12', 'GET /rest/api/2/issue/CHG-12']);
  });

  it.each<[string, Reply]>([
    ['401', { status: 401, text: 'Client must be authenticated to access this resource.' }],
    ['an anonymous 200', { json: {}, headers: { 'x-ausername': 'anonymous' } }],
    ['a CAPTCHA', { status: 403, headers: { 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' } }],
  ])(
    '[F4] failed if `myself` fails with %s; the change request is not reported as missing',
    async (_what, reply) => {
      const { fault: thrown } = await faultOf(
        byPath({
          'GET /rest/api/2/issue': { status: 404, json: { errorMessages: ['None.'] } },
          'GET /rest/api/2/myself': reply,
        }),
        { site: new URL('https://jira.acme.example') },
      );
      expect(thrown).toMatchObject({ kind: 'login', status: 401 });
    },
  );

  it.each<[string, Reply]>([
    ['names no account', { json: { self: 'x' } }],
    ['is a login page', { text: '<html>' }],
  ])('[F4] is not proven by a `myself` that %s', async (_what, reply) => {
    const { fault: thrown } = await faultOf(
      byPath({ 'GET /rest/api/2/issue': { json: { key: 'CHG-12' } }, 'GET /rest/api/2/myself': reply }),
      { site: new URL('https://jira.acme.example') },
    );
    expect(thrown.kind).toBe('unreachable');
  });

  it.each(['accountId', 'name', 'emailAddress', 'displayName'])(
    '[F4] is proven by a `myself` that names the account by its %s',
    async (name) => {
      const { session } = scriptedSession(
        byPath({
          'GET /rest/api/2/issue': { json: { key: 'CHG-12' } },
          'GET /rest/api/2/myself': { json: { [name]: 'octopus' } },
        }),
      );
      await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    },
  );

  it('[F4] failed if it is lost after it was proven', async () => {
    const { session } = scriptedSession(
      inOrder(issue, {
        json: { key: 'CHG-12' },
        headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
      }),
    );
    await session.call(keyCall);
    expect((await fault(session.call(keyCall))).kind).toBe('login');
  });

  it('[F3][F4] must be proven before anything is returned, for any status and headers', async () => {
    const headers = fc.record(
      {
        'x-aaccountid': fc.constantFrom('', '557058:11'),
        'x-ausername': fc.constantFrom('', 'anonymous', 'octopus'),
        'x-seraph-loginreason': fc.constantFrom('OK', 'OUT', 'AUTHENTICATED_FAILED', 'AUTHENTICATION_DENIED'),
      },
      { requiredKeys: [] },
    );
    const replies = fc.record({
      status: fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 500),
      headers,
      json: fc.constantFrom({ key: 'CHG-12' }, account, {}),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(replies, { minLength: 1, maxLength: 4 }), async (script) => {
        const { session, site } = scriptedSession(inOrder(...script), {
          site: new URL('https://jira.acme.example'),
          outageMs: 0,
        });
        const outcome = await session.call(keyCall).catch((error: unknown) => error);
        if (outcome instanceof Error) return;
        const seen = site.requests.map((_request, index) => script[Math.min(index, script.length - 1)]);
        expect(
          seen.some((reply, index) => {
            const state = reply === undefined ? 'unknown' : loginState(answerOf(reply));
            const isMyself = site.calls[index]?.endsWith('/myself') === true;
            return state === 'proven' || (isMyself && state === 'unknown' && (reply?.status ?? 0) < 300);
          }),
        ).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a failed login', () => {
  const dataCenter = { site: new URL('https://jira.acme.example') };
  const pat = { username: '', token: 'hunter2-hunter2' };

  it.each<[string, Reply, Parameters<typeof scriptedSession>[1], readonly string[]]>([
    [
      'an HTML 401 of Data Center',
      { status: 401, text: '<html>401</html>' },
      dataCenter,
      ['status 401', 'user name on Data Center'],
    ],
    [
      'a personal access token',
      { status: 401, json: { message: 'Client must be authenticated to access this resource.' } },
      { ...dataCenter, credentials: pat },
      ['(JsmChange.Username) is empty', 'personal access token', 'expired or been revoked'],
    ],
    [
      'a CAPTCHA',
      { status: 403, text: '<html>', headers: { 'X-Seraph-LoginReason': 'AUTHENTICATION_DENIED' } },
      dataCenter,
      ['CAPTCHA', 'did not check the token', 'Log in to Jira once in a browser as octopus@acme.example'],
    ],
    [
      'a missing scope',
      { status: 401, json: { code: 401, message: 'Unauthorized; scope does not match' } },
      dataCenter,
      ['lacks a scope', 'read:jira-work', 'write:servicedesk-request'],
    ],
  ])('[F3] from %s is reported with advice, and never retried', async (_what, reply, over, words) => {
    const { fault: thrown, site } = await faultOf(inOrder(reply), over);
    expect(thrown).toMatchObject({ kind: 'login', status: 401 });
    for (const word of words) expect(thrown.message).toContain(word);
    expect(thrown.message).not.toContain('hunter2');
    expect(site.requests).toHaveLength(1);
  });

  it.each([undefined, 'Check the service project.'])(
    '[F3] because Basic is switched off is reported as such for every call (advice: %s)',
    async (advice) => {
      const { fault: thrown } = await faultOfCall(
        inOrder({
          status: 403,
          json: { message: 'Basic Authentication has been disabled on this instance.' },
          headers: { 'x-ausername': 'octopus' },
        }),
        advice,
      );
      expect(thrown.kind).toBe('forbidden');
      expect(thrown.advice.line).toContain('personal access token');
    },
  );

  it('[F3] on Cloud mentions an expired token, a password and an empty user name', async () => {
    const script = byPath({
      'GET /rest/api/2/issue': { status: 401, headers: { server: 'AtlassianEdge' } },
      'GET /_edge/tenant_info': { status: 404 },
    });
    const { fault: thrown } = await faultOf(script);
    expect(thrown.advice.line).toMatch(/email.*API token.*expired.*password does not work/);
    const blank = await faultOf(script, { credentials: pat });
    expect(blank.fault.advice.line).toContain("(JsmChange.Username) to the account's email");
  });

  it('[F4] with a 401 is not said to have been served', async () => {
    const { fault: thrown } = await faultOf(
      inOrder({ status: 401, headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' } }),
      dataCenter,
    );
    expect(thrown.message).not.toContain('served it anonymously');
  });

  async function faultOfCall(script: Script, advice: string | undefined) {
    const scripted = scriptedSession(script, dataCenter);
    const call = { ...keyCall, ...(advice !== undefined && { advice: text`${advice}` }) };
    return { ...scripted, fault: await fault(scripted.session.call(call)) };
  }
});

describe("Cloud's gateway for scoped tokens", () => {
  const cloudId = '2bbc6974-df19-4608-a10c-cc3bc207239d';
  const unauthorized: Reply = { status: 401, headers: { server: 'AtlassianEdge' } };
  const tenant: Reply = { json: { cloudId } };

  function gateway(routes: Parameters<typeof byPath>[0], over: Parameters<typeof scriptedSession>[1] = {}) {
    return scriptedSession(
      byPath({ 'GET /rest/api/2/issue': unauthorized, 'GET /_edge/tenant_info': tenant, ...routes }),
      over,
    );
  }

  it('[F3] is tried after a 401 at the site and used for the rest of the run, but links still go to the site', async () => {
    const { session, site } = gateway({ [`GET /ex/jira/${cloudId}/rest/api/2/issue`]: issue });
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
    expect(site.requests.map(({ url }) => url)).toEqual([
      'https://acme.atlassian.net/rest/api/2/issue/CHG-12?fields=summary',
      'https://acme.atlassian.net/_edge/tenant_info',
      `https://api.atlassian.com/ex/jira/${cloudId}/rest/api/2/issue/CHG-12?fields=summary`,
      `https://api.atlassian.com/ex/jira/${cloudId}/rest/api/2/issue/CHG-12?fields=summary`,
    ]);
    expect(session.browseUrl('CHG-12').href).toBe('https://acme.atlassian.net/browse/CHG-12');
  });

  it('[X3] needs tenant_info, which never gets the token', async () => {
    const { session, site } = gateway({ [`GET /ex/jira/${cloudId}/rest/api/2/issue`]: issue });
    await session.call(keyCall);
    const asked = site.requests.filter(({ url }) => url.includes('tenant_info'));
    expect(asked).toHaveLength(1);
    expect(Object.keys(asked[0]?.headers ?? {}).map((name) => name.toLowerCase())).not.toContain(
      'authorization',
    );
    expect(JSON.stringify(asked)).not.toMatch(/hunter2|aHVudGVyMi/);
  });

  it('[F3] is tried after an anonymous answer as well', async () => {
    const anonymous = good(
      { key: 'CHG-12' },
      { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED', 'x-aaccountid': '' },
    );
    const { session } = gateway({
      'GET /rest/api/2/issue': anonymous,
      [`GET /ex/jira/${cloudId}/rest/api/2/issue`]: issue,
    });
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
  });

  it.each([200, 404])(
    '[F3][F4] is tried if a %i does not show the login and `myself` answers 401',
    async (status) => {
      const { session, site } = gateway({
        'GET /rest/api/2/issue': { status, json: { key: 'CHG-99', errorMessages: ['None.'] } },
        'GET /rest/api/2/myself': unauthorized,
        [`GET /ex/jira/${cloudId}/rest/api/2/myself`]: { json: account },
        [`GET /ex/jira/${cloudId}/rest/api/2/issue`]: issue,
      });
      await expect(session.call(keyCall)).resolves.toBe('CHG-12');
      expect(site.calls).toEqual([
        'GET /rest/api/2/issue/CHG-12',
        'GET /rest/api/2/myself',
        'GET /_edge/tenant_info',
        `GET /ex/jira/${cloudId}/rest/api/2/myself`,
        `GET /ex/jira/${cloudId}/rest/api/2/issue/CHG-12`,
      ]);
    },
  );

  it('[F3] reports a token that both it and the site refuse once', async () => {
    const { session, site } = gateway({ [`GET /ex/jira/${cloudId}`]: { status: 401, json: { code: 401 } } });
    const thrown = await fault(session.call(keyCall));
    expect(thrown).toMatchObject({ kind: 'login', status: 401 });
    expect(thrown.message).toContain('gateway');
    expect(site.requests).toHaveLength(3);
  });

  it('[F3] names a missing scope', async () => {
    const { session } = gateway({
      [`GET /ex/jira/${cloudId}`]: {
        status: 401,
        json: { code: 401, message: 'Unauthorized; scope does not match' },
      },
    });
    expect((await fault(session.call(keyCall))).message).toContain('lacks a scope');
  });

  it.each<[string, Reply]>([
    ['is not JSON', { text: '<html>' }],
    ['names no site', { json: {} }],
    ['names no id', { json: { cloudId: '../../evil' } }],
    ['names another host', { json: { cloudId: 'x@evil.example/' } }],
    ['is missing', { status: 404, text: '' }],
  ])("[F3] is not used if tenant_info %s, and the site's refusal stands", async (_what, reply) => {
    const { session, site } = gateway({ 'GET /_edge/tenant_info': reply });
    expect((await fault(session.call(keyCall))).kind).toBe('login');
    expect(site.requests.every(({ url }) => url.startsWith('https://acme.atlassian.net/'))).toBe(true);
    expect(site.requests).toHaveLength(2);
  });

  it.each<[string, Reply | TransportError]>([
    ['a reset', failure('lost')],
    ['a time-out', failure('timeout')],
    ['a 408', { status: 408 }],
    ['a 429', { status: 429, headers: { 'retry-after': '20' } }],
    ['a 503', { status: 503 }],
  ])(
    '[F1] is found after %s of tenant_info, without another try of the login at the site',
    async (_what, reply) => {
      const replies = [reply, tenant];
      const route = byPath({
        'GET /rest/api/2/issue': unauthorized,
        [`GET /ex/jira/${cloudId}/rest/api/2/issue`]: issue,
      });
      const { session, site } = scriptedSession((request, index) =>
        request.url.includes('tenant_info') ? (replies.shift() ?? tenant) : route(request, index),
      );
      await expect(session.call(keyCall)).resolves.toBe('CHG-12');
      expect(site.calls.map((call) => call.replace(cloudId, 'ID'))).toEqual([
        'GET /rest/api/2/issue/CHG-12',
        'GET /_edge/tenant_info',
        'GET /_edge/tenant_info',
        'GET /ex/jira/ID/rest/api/2/issue/CHG-12',
      ]);
    },
  );

  it.each<[string, Reply | TransportError, string]>([
    ['is unreachable', failure('lost'), 'ECONNRESET'],
    ['is overloaded', { status: 503 }, '503'],
  ])(
    '[F3] is given up after three tries in which tenant_info %s, and both causes are named',
    async (_what, reply, why) => {
      const { session, site, clock } = gateway({ 'GET /_edge/tenant_info': reply });
      const thrown = await fault(session.call(keyCall));
      expect(thrown.kind).toBe('login');
      expect(thrown.message).toMatch(/login at the JSM site failed.*whose address the site did not give/);
      expect(thrown.summary.line).toContain(why);
      expect(thrown.advice.line).toContain('try again later');
      expect(clock.now()).toBeLessThanOrEqual(10_000);
      expect(site.calls.filter((call) => call.includes('tenant_info'))).toHaveLength(3);
      expect(site.calls.filter((call) => call.includes('/issue/'))).toHaveLength(1);
    },
  );

  it.each<[string, Reply, string]>([
    ['on Data Center', { status: 401, text: '<html>' }, 'https://jira.acme.example'],
    [
      'after a CAPTCHA, which precedes any check of the token',
      { status: 401, headers: { 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' } },
      'https://acme.atlassian.net',
    ],
  ])('[F3] is not tried %s', async (_what, reply, root) => {
    const { site } = await faultOf(inOrder(reply), { site: new URL(root) });
    expect(site.requests).toHaveLength(1);
  });

  it('[F3] is not tried once the site has accepted the token, since the token then expired', async () => {
    const { session, site } = scriptedSession(inOrder(issue, unauthorized));
    await session.call(keyCall);
    expect((await fault(session.call(keyCall))).kind).toBe('login');
    expect(site.requests).toHaveLength(2);
  });

  it('[F1] [F2] is tried again while it cannot be reached', async () => {
    const replies = [failure('not-connected', 'ECONNREFUSED'), failure('timeout'), issue];
    const route = byPath({ 'GET /rest/api/2/issue': unauthorized, 'GET /_edge/tenant_info': tenant });
    const { session } = scriptedSession((request, index) =>
      request.url.includes('/ex/jira/') ? (replies.shift() ?? issue) : route(request, index),
    );
    await expect(session.call(keyCall)).resolves.toBe('CHG-12');
  });

  it('[F3] is given up if it cannot be reached in three tries, and both causes are named', async () => {
    const { session, site, clock } = gateway({
      [`GET /ex/jira/${cloudId}`]: failure('not-connected', 'ECONNREFUSED'),
    });
    const thrown = await fault(session.call(keyCall));
    expect(thrown.kind).toBe('login');
    expect(thrown.message).toMatch(/login at the JSM site failed.*cannot be reached.*allow the worker/);
    expect(clock.now()).toBeLessThanOrEqual(10_000);
    expect(site.requests).toHaveLength(5);
    expect(site.calls.filter((call) => call.includes('tenant_info'))).toHaveLength(1);
  });

  it.each(['unknown-host', 'certificate', 'bad-proxy'] as const)(
    '[F2] [F3] is given up immediately after the failure "%s", which needs somebody to act',
    async (what) => {
      const { session, site } = gateway({ [`GET /ex/jira/${cloudId}`]: failure(what) });
      const thrown = await fault(session.call(keyCall));
      expect(thrown.kind).toBe('login');
      expect(thrown.message).toContain('cannot be reached');
      expect(site.requests).toHaveLength(3);
    },
  );
});

describe('a write that must not be repeated', () => {
  async function proven(...replies: readonly (Reply | TransportError)[]): Promise<{
    readonly session: Session;
    readonly site: ReturnType<typeof scriptedSession>['site'];
  }> {
    const scripted = scriptedSession(inOrder(issue, ...replies));
    await scripted.session.call(keyCall);
    return scripted;
  }

  it('[C3] returns the answer that arrived', async () => {
    const { session } = await proven({ ...good({ issueKey: 'CHG-13' }), status: 201 });
    await expect(session.once(raise)).resolves.toEqual({ kind: 'done', value: 'CHG-13' });
  });

  it.each([
    ['a timeout', failure('timeout')],
    ['a reset', failure('lost')],
    ['an answer that is too large to read', failure('too-large')],
    ['500', { status: 500 }],
    ['502', { status: 502, text: '<html>' }],
    ['503', { status: 503, headers: { 'retry-after': '1' } }],
    ['504', { status: 504 }],
    ['408', { status: 408 }],
    ['a 201 that is not JSON', { status: 201, text: '<html>', headers: provenHeaders }],
    ['a truncated 201', { status: 201, text: '{"issueKey":', headers: provenHeaders }],
    ['a 201 without the key', { status: 201, json: {}, headers: provenHeaders }],
    ['an empty 200', { text: '', headers: provenHeaders }],
  ])('[C3] counts %s after sending as a lost answer, and sends nothing again', async (_what, reply) => {
    const { session, site } = await proven(reply);
    await expect(session.once(raise)).resolves.toMatchObject({ kind: 'lost' });
    expect(site.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  it.each([
    ['429', { status: 429, headers: { 'retry-after': '1' } }],
    ['409', { status: 409 }],
    ['a refused connection', failure('not-connected', 'ECONNREFUSED')],
    ['an unknown host', failure('unknown-host', 'ENOTFOUND')],
    ['a proxy that refuses', failure('bad-proxy', 'status 407')],
    ['a refused certificate', failure('certificate', 'CERT_HAS_EXPIRED')],
  ])('[C3] is retried after %s, since nothing was done', async (_what, reply) => {
    const { session, site } = await proven(reply, good({ issueKey: 'CHG-13' }));
    await expect(session.once(raise)).resolves.toEqual({ kind: 'done', value: 'CHG-13' });
    expect(site.calls.filter((call) => call.startsWith('POST'))).toHaveLength(2);
  });

  it.each([400, 403, 404])('[C3] is refused by a %i', async (status) => {
    const { session, site } = await proven(refusal(status, 'No.'));
    expect(await fault(session.once(raise))).toMatchObject({ status });
    expect(site.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  it('[C3][F4] waits until the login is proven', async () => {
    let myself = 0;
    const { session, site } = scriptedSession(
      byPath({
        'POST /rest/servicedeskapi/request': { status: 201, json: { issueKey: 'CHG-13' } },
        'GET /rest/api/2/myself': () => {
          myself += 1;
          return myself === 1 ? failure('not-connected', 'ECONNREFUSED') : { json: account };
        },
      }),
      { site: new URL('https://jira.acme.example') },
    );
    await expect(session.once(raise)).resolves.toEqual({ kind: 'done', value: 'CHG-13' });
    expect(site.calls).toEqual([
      'GET /rest/api/2/myself',
      'GET /rest/api/2/myself',
      'POST /rest/servicedeskapi/request',
    ]);
  });

  it('[C3] never sends a create request again that may have been carried out, for any faults', async () => {
    const replies = fc.array(
      fc.oneof(
        fc.constantFrom(
          failure('lost'),
          failure('timeout'),
          failure('not-connected'),
          failure('unknown-host'),
          failure('too-large'),
        ),
        fc.record({
          status: fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504),
          headers: fc.constantFrom(provenHeaders, {}, { 'x-ausername': 'anonymous' }),
          text: fc.constantFrom('', '{}', '{"issueKey":"CHG-13"}', '<html>', JSON.stringify(account)),
        }),
      ),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(replies, async (script) => {
        let creates = 0;
        const { session, site } = scriptedSession(
          (request, index) => {
            const reply = script[index % script.length] ?? { status: 500 };
            const mayBeDone =
              'failure' in reply
                ? !['not-connected', 'unknown-host'].includes(reply.failure)
                : ![401, 409, 429].includes(reply.status ?? 200);
            if (request.method === 'POST' && mayBeDone) creates += 1;
            return reply;
          },
          { outageMs: 60_000 },
        );
        await session.once(raise).catch(() => undefined);
        expect(creates).toBeLessThanOrEqual(1);
        expect(site.requests.length).toBeLessThan(200);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('error texts', () => {
  it('[X3] contain no form of the login, for any answer of the site', async () => {
    const echo = 'Basic b2N0b3B1c0BhY21lLmV4YW1wbGU6aHVudGVyMi1odW50ZXIy';
    for (const reply of [
      { status: 400, text: `<html>${echo}</html>` },
      { status: 401, text: echo },
      { status: 302, headers: { location: `https://octopus:${echo}@login.example/` } },
      failure('lost', 'ECONNRESET'),
    ]) {
      const { fault: thrown } = await faultOf(inOrder(reply), { outageMs: 0 });
      expect(thrown.message).not.toMatch(/b2N0b3B1|hunter2/);
    }
  });
});

describe('patience', () => {
  it('[F2] knows after every good answer that the site was reachable', async () => {
    const { session, patience } = scriptedSession(inOrder(issue), { patience: new Patience(900_000) });
    expect(patience.goodAnswer).toBe(false);
    await session.call(keyCall);
    expect(patience.goodAnswer).toBe(true);
  });
});
