import { describe, expect, it } from 'vitest';
import { createCaller } from './caller.ts';
import { SettableClock } from './clock.ts';
import { type Fault, type FaultOrder, faultCatalogue } from './fault.ts';
import { createSite, type Site } from './site.ts';

const issue = '/rest/api/2/issue/CHG-1';
const create = '/rest/servicedeskapi/request';
const newRequest = { serviceDeskId: '10', requestTypeId: '25', requestFieldValues: { summary: 'A change' } };

function start(...faults: FaultOrder[]): Site {
  const site = createSite({ clock: new SettableClock(), faults });
  site.createRequest({ summary: 'There already' });
  return site;
}

function statuses(site: Site, count: number, path = issue): number[] {
  const call = createCaller(site);
  return Array.from({ length: count }, () => call('GET', path).status);
}

describe('faults on order', () => {
  it('strike at the n-th request and so many after it', () => {
    const site = start({ fault: { kind: 'status', status: 503 }, at: 2, count: 2 });
    expect(statuses(site, 5)).toEqual([200, 503, 503, 200, 200]);
  });

  it('strike at the n-th request of a method and path', () => {
    const site = start({ fault: { kind: 'status', status: 500 }, method: 'GET', path: /\/issue\//, at: 2 });
    const call = createCaller(site);
    expect(call('GET', '/rest/api/2/serverInfo').status).toBe(200);
    expect(call('GET', issue).status).toBe(200);
    expect(call('PUT', issue, { fields: { summary: 'x' } }).status).toBe(204);
    expect(call('GET', issue).status).toBe(500);
    expect(call('GET', issue).status).toBe(200);
  });

  it('last as long as an outage on the clock of the site', () => {
    const clock = new SettableClock();
    const site = createSite({ clock });
    site.createRequest({ summary: 'There already' });
    const fromMs = clock.now() + 1000;
    site.faults.add({ fault: { kind: 'status', status: 502 }, fromMs, untilMs: fromMs + 600_000 });
    expect(statuses(site, 1)).toEqual([200]);
    clock.advance(1000);
    expect(statuses(site, 2)).toEqual([502, 502]);
    clock.advance(600_000);
    expect(statuses(site, 1)).toEqual([200]);
  });

  it('strike by chance, the same for the same seed', () => {
    const run = (seed: number): number[] => {
      const faults: FaultOrder[] = [{ fault: { kind: 'status', status: 502 }, probability: 0.2 }];
      const site = createSite({ clock: new SettableClock(), seed, faults });
      site.createRequest({ summary: 'There already' });
      return statuses(site, 500);
    };
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
    const share = run(3).filter((status) => status === 502).length / 500;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });

  it('can be called off', () => {
    const site = start({ fault: { kind: 'status', status: 503 } });
    expect(statuses(site, 1)).toEqual([503]);
    site.faults.clear();
    expect(statuses(site, 1)).toEqual([200]);
  });

  it.each([
    ['seconds', { retryAfterSeconds: 7 }, '7'],
    ['a date', { retryAfterSeconds: 7, retryAfterAsDate: true }, 'Sat, 13 Jun 2026 08:00:07 GMT'],
    ['zero', { retryAfterSeconds: 0 }, '0'],
  ])('say when to come back in %s', (_, more, value) => {
    const answer = createCaller(start({ fault: { kind: 'status', status: 429, ...more } }))('GET', issue);
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': value } });
  });

  it.each([
    ['before', false, 1],
    ['after', true, 2],
  ])('lose the answer of a create %s the write', (_, afterWork, count) => {
    for (const fault of [
      { kind: 'reset', afterWork },
      { kind: 'hang', afterWork },
      { kind: 'status', status: 502, afterWork },
    ] as const) {
      const site = start({ fault, method: 'POST', path: /\/request$/ });
      const answer = createCaller(site)('POST', create, newRequest);
      expect(answer.json).toBeUndefined();
      expect(site.issues()).toHaveLength(count);
    }
  });

  it.each<[string, Fault]>([
    ['half of the JSON', { kind: 'truncated-json' }],
    ['nothing', { kind: 'empty' }],
    ['a page', { kind: 'login-page' }],
  ])('answer 200 with %s', (_, fault) => {
    const answer = createCaller(start({ fault }))('GET', issue);
    expect(answer.status).toBe(200);
    expect(answer.json).toBeUndefined();
  });

  it('answer with JSON of another shape, or with more than 5 MB of it', () => {
    expect(createCaller(start({ fault: { kind: 'wrong-shape' } }))('GET', issue).json).toBeInstanceOf(Array);
    const body = createCaller(start({ fault: { kind: 'oversized' } }))('GET', issue).body;
    expect(body.length).toBeGreaterThan(5 * 1024 * 1024);
  });

  it('instruct the transport what to do with the connection', () => {
    expect(createCaller(start({ fault: { kind: 'reset' } }))('GET', issue).fault).toEqual({ kind: 'reset' });
    expect(createCaller(start({ fault: { kind: 'hang' } }))('GET', issue).fault).toEqual({ kind: 'hang' });
    const slow = createCaller(start({ fault: { kind: 'slow', delayMs: 50 } }))('GET', issue);
    expect(slow).toMatchObject({ status: 200, fault: { kind: 'slow', delayMs: 50 }, json: { key: 'CHG-1' } });
    const cut = createCaller(start({ fault: { kind: 'cut-off' } }))('GET', issue);
    expect(cut.fault).toEqual({ kind: 'cut-off', afterBytes: Math.floor(cut.body.length / 2) });
  });

  it.each(Object.entries(faultCatalogue))('change the answer: %s', (_, fault) => {
    const good = createCaller(start())('GET', issue);
    const { status, body, fault: connection } = createCaller(start({ fault }))('GET', issue);
    expect({ status, body, connection }).not.toEqual({
      status: good.status,
      body: good.body,
      connection: undefined,
    });
  });
});

describe('the rate limit', () => {
  it('answers 429 beyond so many requests a second of one endpoint and method', () => {
    const clock = new SettableClock();
    const site = createSite({ clock, rateLimitPerSecond: 3 });
    site.createRequest({ summary: 'There already' });
    expect(statuses(site, 5)).toEqual([200, 200, 200, 429, 429]);
    expect(statuses(site, 1, '/rest/api/2/serverInfo')).toEqual([200]);
    expect(createCaller(site)('GET', issue).headers).toMatchObject({
      'retry-after': '1',
      'ratelimit-reason': 'jira-burst-based',
    });
    clock.advance(1000);
    expect(statuses(site, 1)).toEqual([200]);
  });
});

describe('the time of a site', () => {
  it('is the clock of the test, in whole seconds', () => {
    const clock = new SettableClock(Date.parse('2026-06-13T10:00:00.999Z'));
    const site = createSite({ clock });
    const answer = createCaller(site)('GET', '/rest/api/2/serverInfo');
    expect(answer.headers['date']).toBe('Sat, 13 Jun 2026 10:00:00 GMT');
    expect(answer.json).toMatchObject({ serverTime: '2026-06-13T12:00:00.000+0200' });
    clock.advance(1);
    expect(createCaller(site)('GET', issue).headers['date']).toBe('Sat, 13 Jun 2026 10:00:01 GMT');
  });

  it('can be left out or garbled', () => {
    const site = createSite({ dateHeader: 'none', serverTime: 'none' });
    const call = createCaller(site);
    expect(call('GET', '/rest/api/2/serverInfo').headers).not.toHaveProperty('date');
    expect(call('GET', '/rest/api/2/serverInfo').json).not.toHaveProperty('serverTime');
    site.behaviour.dateHeader = 'garbled';
    site.behaviour.serverTime = 'garbled';
    expect(Date.parse(call('GET', '/rest/api/2/serverInfo').headers['date'] ?? '')).toBeNaN();
    expect(call('GET', '/rest/api/2/serverInfo').body).toContain('half past ten');
  });

  it('leads an issue through the statuses that are planned for it', () => {
    const clock = new SettableClock();
    const site = createSite({ clock });
    site.createRequest({ summary: 'There already' });
    site.follow('CHG-1', [
      [10_000, 'Planning'],
      [20_000, 'Implementing'],
    ]);
    const seen = [0, 9_999, 1, 9_999, 1].map((ms) => {
      clock.advance(ms);
      return site.issue('CHG-1').status.name;
    });
    expect(seen).toEqual(['Review', 'Review', 'Planning', 'Planning', 'Implementing']);
  });

  it('orders planned acts by their time, and shows each its own', () => {
    const clock = new SettableClock();
    const site = createSite({ clock });
    const startMs = clock.now();
    site.createRequest({ summary: 'There already' });
    const seen: [string, number][] = [];
    site.after(20_000, (model) => seen.push(['second', model.now() - startMs]));
    site.after(10_000, (model) => {
      seen.push(['first', model.now() - startMs]);
      model.after(15_000, (later) => seen.push(['third', later.now() - startMs]));
    });
    site.after(40_000, () => seen.push(['not yet', 0]));
    clock.advance(30_000);
    createCaller(site)('GET', issue);
    expect(seen).toEqual([
      ['first', 10_000],
      ['second', 20_000],
      ['third', 25_000],
    ]);
  });
});
