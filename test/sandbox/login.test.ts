import { describe, expect, it } from 'vitest';
import { basicHeader, createCaller } from './caller.ts';
import {
  dataCenterUsername,
  defaultPersonalAccessToken,
  defaultScopedToken,
  defaultToken,
  defaultUsername,
} from './defaults.ts';
import { createSite } from './site.ts';

const good = basicHeader(defaultUsername, defaultToken);
const wrong = basicHeader(defaultUsername, 'expired');
const scoped = basicHeader(defaultUsername, defaultScopedToken);

describe('logins on Cloud', () => {
  it('accepts email and token, and says whose they are', () => {
    const answer = createCaller(createSite(), good)('GET', '/rest/api/2/myself');
    expect(answer).toMatchObject({
      status: 200,
      json: { accountId: '712020:octopus', timeZone: 'Europe/Berlin' },
    });
    expect(answer.headers['x-aaccountid']).toBe('712020%3Aoctopus');
  });

  it.each([
    ['a wrong token', wrong],
    ['no login', ''],
    ['a personal access token', `Bearer ${defaultPersonalAccessToken}`],
    ['a scoped token', scoped],
  ])('answers 401 on myself with bare text for %s', (_, header) => {
    const answer = createCaller(createSite(), header)('GET', '/rest/api/2/myself');
    expect(answer).toMatchObject({
      status: 401,
      body: 'Client must be authenticated to access this resource.',
    });
  });

  it('serves a wrong login as anonymous, with a header as the only trace', () => {
    const site = createSite();
    site.createRequest({ summary: 'A change' });
    const call = createCaller(site, wrong);
    for (const [path, status] of [
      ['/rest/api/2/issue/CHG-1', 404],
      ['/rest/api/2/field', 200],
      ['/rest/api/2/serverInfo', 200],
      ['/rest/api/2/issue/CHG-1/transitions', 404],
    ] as const) {
      const answer = call('GET', path);
      expect(answer.status).toBe(status);
      expect(answer.headers['x-seraph-loginreason']).toBe('AUTHENTICATED_FAILED');
      expect(answer.headers['x-aaccountid']).toBeUndefined();
    }
    expect(call('GET', '/rest/servicedeskapi/servicedesk').status).toBe(401);
  });

  it('can leave out every header that shows it', () => {
    const site = createSite({ loginHeaders: false });
    for (const header of [good, wrong]) {
      const answer = createCaller(site, header)('GET', '/rest/api/2/serverInfo');
      expect(Object.keys(answer.headers).filter((name) => /^x-(?:a|seraph)/.test(name))).toEqual([
        'x-arequestid',
      ]);
    }
  });

  it('denies any login while a CAPTCHA is due', () => {
    const answer = createCaller(createSite({ captcha: true }), good)('GET', '/rest/api/2/serverInfo');
    expect(answer.headers['x-seraph-loginreason']).toBe('AUTHENTICATION_DENIED');
  });

  it('accepts scoped tokens only through the gateway, and only those there', () => {
    const site = createSite();
    site.createRequest({ summary: 'A change' });
    const path = `${site.gatewayPath}/rest/api/2/issue/CHG-1`;
    const answer = createCaller(site, scoped)('GET', path);
    expect(answer.status).toBe(200);
    expect((answer.json as { self: string }).self).toBe(
      `https://acme.atlassian.net${site.gatewayPath}/rest/api/2/issue/107001`,
    );
    expect(createCaller(site, good)('GET', path)).toMatchObject({ status: 401, json: { code: 401 } });
    expect(createCaller(site, '')('GET', '/_edge/tenant_info').json).toEqual({ cloudId: site.cloudId });
  });

  it('refuses a scoped token that lacks the scope', () => {
    const site = createSite({
      logins: [{ kind: 'scoped', username: 'a@b', secret: 'c', scopes: ['read:jira-work'] }],
    });
    site.createRequest({ summary: 'A change' });
    const call = createCaller(site, basicHeader('a@b', 'c'));
    expect(call('GET', `${site.gatewayPath}/rest/api/2/issue/CHG-1`).status).toBe(200);
    expect(call('GET', `${site.gatewayPath}/rest/api/2/myself`)).toMatchObject({
      status: 401,
      json: { code: 401, message: 'Unauthorized; scope does not match' },
    });
  });
});

describe('logins on Data Center', () => {
  const basic = basicHeader(dataCenterUsername, defaultToken);

  it.each([
    ['Basic', basic],
    ['a personal access token', `Bearer ${defaultPersonalAccessToken}`],
  ])('takes %s', (_, header) => {
    const site = createSite({ flavour: 'dc', contextPath: '/jira' });
    const answer = createCaller(site, header)('GET', '/rest/api/2/myself');
    expect(answer).toMatchObject({
      status: 200,
      json: { name: 'octopus', self: expect.stringContaining('/jira/rest/') },
    });
    expect(answer.headers).toMatchObject({ 'x-ausername': 'octopus', 'x-seraph-loginreason': 'OK' });
  });

  it('answers a wrong login with 401 and HTML, also if anonymous callers may look', () => {
    const call = createCaller(createSite({ flavour: 'dc' }), wrong);
    for (const path of ['/rest/api/2/myself', '/rest/api/2/serverInfo']) {
      const answer = call('GET', path);
      expect(answer.status).toBe(401);
      expect(answer.headers['content-type']).toContain('text/html');
    }
  });

  it('calls who comes without a login anonymous', () => {
    const answer = createCaller(createSite({ flavour: 'dc' }), '')('GET', '/rest/api/2/serverInfo');
    expect(answer).toMatchObject({ status: 200, headers: { 'x-ausername': 'anonymous' } });
  });

  it('says that Basic is switched off, and still accepts a personal access token', () => {
    const site = createSite({ flavour: 'dc', basicDisabled: true });
    expect(createCaller(site, basic)('GET', '/rest/api/2/myself')).toMatchObject({
      status: 403,
      json: { message: 'Basic Authentication has been disabled on this instance.' },
    });
    const bearer = `Bearer ${defaultPersonalAccessToken}`;
    expect(createCaller(site, bearer)('GET', '/rest/api/2/myself').status).toBe(200);
  });

  it('answers 403 while a CAPTCHA is due', () => {
    const answer = createCaller(createSite({ flavour: 'dc', captcha: true }), basic)(
      'GET',
      '/rest/api/2/myself',
    );
    expect(answer).toMatchObject({
      status: 403,
      headers: { 'x-seraph-loginreason': 'AUTHENTICATION_DENIED' },
    });
  });
});

describe('what is in front of a site', () => {
  it('redirects to a login page', () => {
    const answer = createCaller(createSite({ frontDoor: 'redirect' }))('GET', '/rest/api/2/myself');
    expect(answer).toMatchObject({ status: 302, headers: { location: expect.stringContaining('login') } });
  });

  it('serves a login page with status 200', () => {
    const answer = createCaller(createSite({ frontDoor: 'login-page' }))('GET', '/rest/api/2/issue/CHG-1');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/html');
  });

  it('answers 404 with HTML outside the context path', () => {
    const site = createSite({ flavour: 'dc', contextPath: '/jira' });
    const answer = site.answer({ method: 'GET', path: '/rest/api/2/myself', headers: {} });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toContain('text/html');
  });
});
