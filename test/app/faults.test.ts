import { describe, expect, it } from 'vitest';
import type { TransportFailure } from '../../src/http/transport.ts';
import { operate } from '../operations/operation-run.ts';
import type { Fault } from '../sandbox/fault.ts';
import { defaultLogins } from '../sandbox/login.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { gateVariables, type SimulatedRun, simulate } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { checks, gaps, gate, hourMs, minuteMs, said, secondMs, siteWith, supplied } from './gate-run.ts';

const fail = { 'JsmChange.WhenPending': 'Fail' };
const outage = 'JsmChange.OutageMinutes';
const interval = 'JsmChange.PollIntervalSeconds';
const fieldOf = 'Octopus.JiraServiceManagement.Field';

/** A wait that is approved after 10 minutes, with faults from minute 5. */
async function waitWith(
  fault: Fault,
  forMs: number,
  overrides: Readonly<Record<string, string>> = {},
): Promise<SimulatedRun> {
  const { site, key } = siteWith();
  const from = site.siteClock.now() + 5 * minuteMs;
  site.faults.add({ fault, fromMs: from, untilMs: from + forMs });
  return gate(
    site,
    { ...supplied(key), ...overrides },
    {
      at: [[10 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    },
  );
}

const transient: Record<string, Fault> = {
  '408': { kind: 'status', status: 408 },
  '429': { kind: 'status', status: 429 },
  '500': { kind: 'status', status: 500 },
  '502': { kind: 'status', status: 502 },
  '503': { kind: 'status', status: 503 },
  '504': { kind: 'status', status: 504 },
  '599': { kind: 'status', status: 599 },
  'a timeout': { kind: 'hang' },
  'a reset': { kind: 'reset' },
  'a connection that breaks': { kind: 'cut-off' },
};

describe('transient faults', () => {
  it.each(Object.entries(transient))(
    '[F1] retries %s at first contact, with growing delays',
    async (_n, fault) => {
      const { site, key } = siteWith({ status: 'Implementing' }, { faults: [{ fault, at: 1, count: 4 }] });
      const run = await gate(site, { ...supplied(key), 'JsmChange.OutageMinutes': '60' });
      if (fault.kind === 'hang') {
        // Four timeouts of 30 s exceed what first contact allows (F2).
        expect(run.exitCode).toBe(1);
        return;
      }
      expect(run.exitCode).toBe(0);
      // After three 500 answers the first read is repeated without `failFast` (W12), without a delay.
      const count = fault.kind === 'status' && fault.status === 500 ? 2 : 4;
      const between = gaps(checks(run, key)).slice(0, count);
      expect(between).toHaveLength(count);
      for (const [index, gap] of between.entries()) {
        expect(gap).toBeGreaterThanOrEqual(0.7 * secondMs * 2 ** index);
        expect(gap).toBeLessThanOrEqual(1.3 * secondMs * 2 ** index);
      }
    },
  );

  it.each(Object.entries(transient))('[F1] survives %s for 4 minutes of a wait', async (_name, fault) => {
    const run = await waitWith(fault, 4 * minuteMs);
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
    expect(run.endedAtMs).toBeLessThan(11 * minuteMs);
  });

  it.each([
    ['in seconds', 90, false],
    ['as a date', 90, true],
  ])('[F1] never retries before a Retry-After %s', async (_form, retryAfterSeconds, retryAfterAsDate) => {
    for (const offsetMs of [0, 5 * hourMs, -5 * hourMs]) {
      const { site, key } = siteWith({ status: 'Implementing' });
      // The date refers to the server's clock, which may differ widely from the worker's.
      site.siteClock.offsetMs = offsetMs;
      site.faults.add({ fault: { kind: 'status', status: 503, retryAfterSeconds, retryAfterAsDate }, at: 1 });
      const run = await gate(site, supplied(key));
      expect(run.exitCode).toBe(0);
      const [gap = 0] = gaps(run.requests);
      expect(gap).toBeGreaterThanOrEqual((retryAfterSeconds - (retryAfterAsDate ? 1 : 0)) * secondMs);
      expect(gap).toBeLessThanOrEqual(1.15 * retryAfterSeconds * secondMs);
    }
  });

  it('[F1] does not retry immediately after Retry-After 0', async () => {
    const { site, key } = siteWith(
      { status: 'Implementing' },
      {
        faults: [{ fault: { kind: 'status', status: 429, retryAfterSeconds: 0 }, at: 1, count: 3 }],
      },
    );
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(0);
    expect(Math.min(...gaps(checks(run)))).toBeGreaterThanOrEqual(0.7 * secondMs);
  });

  it('[F1] ends the run immediately if Retry-After exceeds the rest of the permitted outage', async () => {
    const run = await waitWith({ kind: 'status', status: 503, retryAfterSeconds: 1200 }, 4 * minuteMs);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.endedAtMs).toBeLessThan(6 * minuteMs);
    const within = await waitWith({ kind: 'status', status: 503, retryAfterSeconds: 600 }, 4 * minuteMs);
    expect(within.exitCode).toBe(0);
  });

  it("[F1] ends the run immediately if Retry-After exceeds the wait limit, and quotes the site's answer", async () => {
    const run = await waitWith({ kind: 'status', status: 503, retryAfterSeconds: 600 }, 4 * minuteMs, {
      'JsmChange.WaitLimitMinutes': '8',
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.endedAtMs).toBeLessThan(6 * minuteMs);
    expect(run.resultMessage).toMatch(/503/);
  });

  it('[F1] with OutageMinutes 0 ends the run if Retry-After exceeds 30 s, but not for a shorter one', async () => {
    const over = await waitWith({ kind: 'status', status: 503, retryAfterSeconds: 31 }, minuteMs, {
      [outage]: '0',
    });
    expect(over).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    const under = await waitWith({ kind: 'status', status: 503, retryAfterSeconds: 29 }, 20 * secondMs, {
      [outage]: '0',
    });
    expect(under.exitCode).toBe(0);
  });
});

describe('an outage', () => {
  it('[F2] longer than OutageMinutes ends the wait with an error', async () => {
    const run = await waitWith({ kind: 'reset' }, 10 * hourMs, { [outage]: '15' });
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Error', 'ChangeRequest.Status': 'Review' },
    });
    expect(run.endedAtMs).toBeGreaterThanOrEqual(20 * minuteMs);
    expect(run.endedAtMs).toBeLessThan(21 * minuteMs);
    expect(run.resultMessage).toMatch(/the connection broke/);
  });

  it('[F2] starts a new count after a good check', async () => {
    const { site, key } = siteWith();
    for (let hour = 0; hour < 6; hour += 1) {
      const from = site.siteClock.now() + hour * hourMs + 5 * minuteMs;
      site.faults.add({
        fault: { kind: 'status', status: 503 },
        fromMs: from,
        untilMs: from + 13 * minuteMs,
      });
    }
    const run = await gate(site, supplied(key), {
      at: [[6 * hourMs, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
  });

  it('[F2] with OutageMinutes 0 ends the run after three failed tries', async () => {
    const run = await waitWith({ kind: 'status', status: 502 }, 10 * hourMs, { [outage]: '0' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.requests.filter(({ outcome }) => outcome === 502)).toHaveLength(3);
    const two = await waitWith({ kind: 'status', status: 502 }, secondMs, { [outage]: '0' });
    expect(two.exitCode).toBe(0);
  });

  it.each([1, 15])(
    '[F2] from the create request on ends the run after OutageMinutes %i, also between two tries of it',
    async (minutes) => {
      const site = new SimulatedSite();
      let began = 0;
      const run = await gate(
        site,
        { [outage]: String(minutes) },
        {
          failure: ({ method, url }) => {
            if (method === 'POST' && url.endsWith('/servicedeskapi/request')) began ||= site.time.now;
            return began === 0 ? undefined : 'not-connected';
          },
        },
      );
      expect(run.outputs['DecisionCode']).toBe('Unreachable');
      expect(run.endedAtMs - began).toBeLessThanOrEqual(minutes * minuteMs + secondMs);
      expect(run.endedAtMs - began).toBeGreaterThan(minutes * minuteMs - 5 * secondMs);
    },
  );

  it('[F2] lasts at most 2 minutes before the first good answer', async () => {
    for (const minutes of ['15', '1440']) {
      const { site, key } = siteWith({}, { faults: [{ fault: { kind: 'reset' } }] });
      const run = await gate(site, { ...supplied(key), [outage]: minutes });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.endedAtMs).toBeGreaterThan(100 * secondMs);
      expect(run.endedAtMs).toBeLessThan(125 * secondMs);
    }
    const { site, key } = siteWith({}, { faults: [{ fault: { kind: 'reset' } }] });
    const shorter = await gate(site, { ...supplied(key), [outage]: '1' });
    expect(shorter.endedAtMs).toBeLessThan(65 * secondMs);
  });

  it.each(['unknown-host', 'certificate'] as const)(
    '[F2] %s at first contact stops the run immediately',
    async (failure) => {
      const { site, key } = siteWith();
      const run = await gate(site, supplied(key), { failure: () => failure });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.requests).toHaveLength(1);
    },
  );

  it.each(['unknown-host', 'certificate', 'not-connected'] as const)(
    '[F2] %s during a wait counts as an outage',
    async (failure: TransportFailure) => {
      const { site, key } = siteWith();
      const run = await gate(site, supplied(key), {
        failure: () => (site.time.now > 5 * minuteMs && site.time.now < 9 * minuteMs ? failure : undefined),
        at: [[10 * minuteMs, () => site.moveTo(key, 'Implementing')]],
      });
      expect(run.exitCode).toBe(0);
    },
  );
});

const refusals: Record<string, Fault> = {
  '400': { kind: 'status', status: 400, body: '{"errorMessages":["Bad request"],"errors":{}}' },
  '401': { kind: 'status', status: 401, body: 'Client must be authenticated to access this resource.' },
  '403': { kind: 'status', status: 403, body: '{"errorMessages":["Forbidden"],"errors":{}}' },
  '404': { kind: 'status', status: 404, body: '{"errorMessages":["Issue does not exist"],"errors":{}}' },
};

describe('refusals', () => {
  it.each(['401', '403', '404'])('[F3] does not retry a %s at first contact', async (status) => {
    const { site, key } = siteWith({ status: 'Implementing' }, { flavour: 'dc' });
    site.faults.add({ fault: refusals[status] as Fault, at: 1 });
    const run = await gate(site, supplied(key));
    expect(run.exitCode).toBe(1);
    expect(checks(run, key)).toHaveLength(1);
    expect(run.resultMessage).toBeTruthy();
  });

  it.each(['401', '403', '404'])(
    '[F3] does not retry a %s at the first check of a change request found by title',
    async (status) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      site.faults.add({ fault: refusals[status] as Fault, path: /failFast/, at: 1 });
      const run = await gate(site);
      expect(run.exitCode).toBe(1);
      expect(checks(run, key)).toHaveLength(1);
    },
  );

  it('[F3] stops if the change request is deleted while the run waits, and says so', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, {}, { at: [[minuteMs, () => site.remove(key)]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/The change request CHG-1 no longer exists/);
  });

  it('[F3] does not retry a 400 at first contact', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    site.faults.add({ fault: refusals['400'] as Fault, path: /\/issue\// });
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    // The first read asks Jira to fail rather than omit a field (W12); the second read does not ask, and
    // decides.
    expect(checks(run, key)).toHaveLength(1);
    expect(run.endedAtMs).toBeLessThan(secondMs);
  });

  it.each(['401', '403', '404'])('[F3] does not act on one %s after a good check', async (status) => {
    const { site, key } = siteWith();
    site.faults.add({ fault: refusals[status] as Fault, fromMs: site.siteClock.now() + minuteMs, at: 1 });
    const run = await gate(site, supplied(key), {
      at: [[5 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
    expect(run.requests.filter(({ outcome }) => outcome === Number(status))).toHaveLength(1);
  });

  it.each(['401', '403', '404'])('[F3] acts on a second %s one interval later', async (status) => {
    const { site, key } = siteWith();
    site.faults.add({ fault: refusals[status] as Fault, fromMs: site.siteClock.now() + minuteMs });
    const run = await gate(site, { ...supplied(key), [interval]: '20' });
    expect(run.exitCode).toBe(1);
    const refused = run.requests.filter(({ outcome }) => outcome === Number(status));
    expect(refused).toHaveLength(2);
    expect(gaps(refused)[0]).toBeGreaterThanOrEqual(20 * secondMs);
    expect(gaps(refused)[0]).toBeLessThanOrEqual(24 * secondMs);
  });

  it('[F3] does not count one refusal twice because of an outage after it', async () => {
    const { site, key } = siteWith();
    const start = site.siteClock.now();
    site.faults.add({ fault: refusals['401'] as Fault, fromMs: start + minuteMs, at: 1 });
    site.faults.add({
      fault: { kind: 'status', status: 503 },
      fromMs: start + minuteMs + 5 * secondMs,
      untilMs: start + 3 * minuteMs,
    });
    const run = await gate(site, supplied(key), {
      at: [[5 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    });
    expect(run.exitCode).toBe(0);
  });

  it('[F3] does not end the run on one 401 to a check for racing runs after a good check', async () => {
    const site = new SimulatedSite();
    for (let number = 0; number < 5; number += 1) site.createRequest({ summary: 'Other' });
    site.faults.add({ fault: refusals['401'] as Fault, method: 'GET', path: /CHG-3\?/, at: 1 });
    const run = await gate(site, {}, { at: [[5 * minuteMs, () => site.moveTo('CHG-6', 'Implementing')]] });
    expect(run.exitCode).toBe(0);
  });

  it('[F3] reads once more after a 409', async () => {
    const conflict: Fault = {
      kind: 'status',
      status: 409,
      body: '{"errorMessages":["Conflict"],"errors":{}}',
    };
    const once = siteWith({ status: 'Implementing' }, { faults: [{ fault: conflict, at: 1 }] });
    expect((await gate(once.site, supplied(once.key))).exitCode).toBe(0);
    const twice = siteWith({ status: 'Implementing' }, { faults: [{ fault: conflict, at: 1, count: 2 }] });
    const run = await gate(twice.site, supplied(twice.key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.requests).toHaveLength(2);
  });

  it.each([302, 402, 405, 410, 418, 451])(
    '[F3] ends with an error on status %i immediately, at first contact and later',
    async (status) => {
      const first = siteWith({ status: 'Implementing' }, { faults: [{ fault: { kind: 'status', status } }] });
      const run = await gate(first.site, supplied(first.key));
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.requests).toHaveLength(1);
      const later = await waitWith({ kind: 'status', status }, secondMs * 30);
      expect(later).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    },
  );
});

describe('logins', () => {
  it('[F4] treats an issue that is served anonymously as a 401', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await gate(site, { ...supplied(key), 'JsmChange.Token': 'wrong-token-000000' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/JsmChange\.Token|JsmChange\.Username/);
  });

  it('[F4] stops after two checks if the login expires during the wait', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), {
      at: [
        [minuteMs, () => site.logins.splice(0)],
        [minuteMs, () => site.moveTo(key, 'Implementing')],
      ],
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.endedAtMs).toBeLessThan(2 * minuteMs);
  });

  it('[F4] survives a login that fails briefly', async () => {
    const { site, key } = siteWith();
    const run = await gate(site, supplied(key), {
      at: [
        [minuteMs, () => site.logins.splice(0)],
        [minuteMs + 19 * secondMs, () => site.logins.push(...defaultLogins('cloud'))],
        [2 * minuteMs, () => site.moveTo(key, 'Implementing')],
      ],
    });
    expect(run.exitCode).toBe(0);
  });

  it('[F4] must get one answer from myself before it relies on anything, if no header names the account', async () => {
    const { site, key } = siteWith({ status: 'Implementing' }, { loginHeaders: false });
    const good = await gate(site, supplied(key));
    expect(good.exitCode).toBe(0);
    expect(good.requests.filter(({ path }) => path.endsWith('/myself'))).toHaveLength(1);
    const bad = await gate(site, { ...supplied(key), 'JsmChange.Token': 'wrong-token-000000' });
    expect(bad).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
  });

  it('[F4] detects a wrong token on Data Center as well', async () => {
    const { site, key } = siteWith({ status: 'Implementing' }, { flavour: 'dc' });
    expect((await gate(site, supplied(key))).exitCode).toBe(0);
    const run = await gate(site, { ...supplied(key), 'JsmChange.Token': 'wrong-token-000000' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
  });
});

const broken: Record<string, Fault> = {
  'a login page': { kind: 'login-page' },
  'a truncated answer': { kind: 'truncated-json' },
  'an empty body': { kind: 'empty' },
  'JSON of another shape': { kind: 'wrong-shape' },
};

describe('broken answers', () => {
  it.each(Object.entries(broken))(
    '[F5] ends with a clear message after three tries of %s at first contact',
    async (_name, fault) => {
      const { site, key } = siteWith({ status: 'Implementing' }, { faults: [{ fault }] });
      // These answers name the account, so no other request comes first.
      const run = await gate(site, supplied(key));
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.resultMessage).toMatch(/web page|cut off|empty body|unexpected JSON/);
      expect(run.requests.length).toBeLessThanOrEqual(9);
      expect(run.endedAtMs).toBeLessThan(30 * secondMs);
    },
  );

  it.each(Object.entries(broken))('[F5] treats %s after a good check as an outage', async (_name, fault) => {
    const overcome = await waitWith(fault, 4 * minuteMs);
    expect(overcome.exitCode).toBe(0);
    const lasting = await waitWith(fault, 10 * hourMs);
    expect(lasting).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(lasting.endedAtMs).toBeGreaterThan(19 * minuteMs);
    expect(lasting.endedAtMs).toBeLessThan(21 * minuteMs);
  });

  it('[F5] does not count other failures among the three tries', async () => {
    const { site, key } = siteWith(
      { status: 'Implementing' },
      {
        faults: [
          { fault: { kind: 'status', status: 503 }, at: 1, count: 4 },
          { fault: { kind: 'empty' }, at: 5, count: 2 },
        ],
      },
    );
    expect((await gate(site, supplied(key))).exitCode).toBe(0);
  });

  it('[F5] refuses an answer over the size limit', async () => {
    const { site, key } = siteWith(
      { status: 'Implementing' },
      { faults: [{ fault: { kind: 'oversized' } }] },
    );
    const run = await gate(site, supplied(key));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/over 5 MB/);
  });
});

describe('endings from outside', () => {
  it('[F6] ends with exit code 1, a message and its outputs on a signal at any moment', async () => {
    for (let terminateMs = 0; terminateMs < 40 * secondMs; terminateMs += 777) {
      const site = new SimulatedSite();
      const run = await gate(site, {}, { terminateMs, seed: terminateMs });
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
      expect(run.endedAtMs - terminateMs).toBeLessThanOrEqual(0.001);
      expect(run.resultMessage).toMatch(/cancelled/);
    }
  });

  it.each<[string, 'GET' | 'POST' | 'PUT', RegExp, Readonly<Record<string, string>>]>([
    ['a field is set later', 'PUT', /\/issue\/CHG-\d$/, { [`${fieldOf}[Impact]`]: 'Minor' }],
    [
      'a planned time is set again',
      'PUT',
      /\/issue\/CHG-\d$/,
      { [`${fieldOf}[Planned start]`]: '2026-06-14T08:00:00Z' },
    ],
    ["the run's own change request is read back", 'GET', /\/issue\/CHG-2\b/, {}],
    ['approvals are read for a withdrawal', 'GET', /\/CHG-2\/approval/, {}],
    ["the run's own change request is withdrawn", 'PUT', /\/issue\/CHG-2$/, {}],
    ['the withdrawal is explained', 'POST', /\/CHG-2\/comment/, {}],
    ['the withdrawn change request is closed', 'POST', /\/CHG-2\/transitions/, {}],
    ['the approvers are read', 'GET', /\/CHG-1\/approval/, {}],
    ['comments are read', 'GET', /\/CHG-1\/comment/, { 'JsmChange.CustomerComments': 'True' }],
    ['a comment is written', 'POST', /\/CHG-1\/comment/, { 'JsmChange.CustomerComments': 'True' }],
    ['ApproveTransition is run', 'POST', /\/CHG-\d\/transitions/, { 'JsmChange.ApproveTransition': '61' }],
    [
      'the comment on ApproveTransition is written',
      'POST',
      /\/CHG-\d\/comment/,
      { 'JsmChange.ApproveTransition': '61' },
    ],
  ])('[F6] does not report a refusal for a signal while %s', async (what, method, path, overrides) => {
    const site = new SimulatedSite({
      indexLagMs: minuteMs,
      ignoredOnCreate: ['Planned start'],
      faults: [{ fault: { kind: 'hang' }, method, path }],
    });
    // Another run raises a change request at the same moment, unless the run must continue with its own.
    const hasRival = !/later|again|Approve/.test(what);
    const raise = () => hasRival && site.createRequest({ summary: deploymentTitle });
    const run = await gate(site, overrides, { at: [[1000, raise]], terminateMs: 12 * secondMs });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.endedAtMs - 12 * secondMs).toBeLessThanOrEqual(0.001);
    expect(run.resultMessage).toMatch(/cancelled/);
    expect(run.warnings.slice(0, -1)).toEqual([]);
    const last = run.requests.at(-1);
    expect([last?.method, last?.outcome]).toEqual([method, 'aborted']);
    expect(last?.path).toMatch(path);
  });

  it.each(['Report', 'Test'] as const)(
    '[F6] [M2] says why a %s failed that got a signal while its last output was written',
    async (operation) => {
      const { site, key } = siteWith({ status: 'Implementing' });
      const run = await operate(site, operation, supplied(key), { terminateAtEnd: true });
      expect(run).toMatchObject({ exitCode: 1, resultMessage: expect.stringContaining('cancelled') });
      expect(said(run)).toContain('cancelled');
    },
  );

  it('[F6] can be killed at any moment, and a rerun continues with one change request', async () => {
    for (let crashMs = 0; crashMs < 12 * secondMs; crashMs += 97) {
      const site = new SimulatedSite({ indexLagMs: 1500, seed: crashMs });
      await gate(site, {}, { crashMs, seed: crashMs });
      const began = site.time.now;
      const rerun = await simulate({
        site,
        variables: gateVariables(site),
        startMs: 2 * secondMs,
        seed: crashMs + 1,
        at: [[minuteMs, () => site.moveTo('CHG-1', 'Implementing')]],
      });
      expect([crashMs, rerun.exitCode, site.issues().length]).toEqual([crashMs, 0, 1]);
      expect(rerun.endedAtMs - began).toBeLessThan(2 * minuteMs);
    }
  });

  it('[F6] a rerun does not repeat a create request that was in progress at the signal', async () => {
    const site = new SimulatedSite({
      faults: [{ fault: { kind: 'slow', delayMs: 20 * secondMs }, method: 'POST', path: /request$/, at: 1 }],
    });
    const ended = await gate(site, {}, { terminateMs: 10 * secondMs });
    expect(ended.exitCode).toBe(1);
    const rerun = await gate(site, fail);
    expect(rerun.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Matched',
    });
    expect(site.issues()).toHaveLength(1);
    expect(said(rerun)).toContain('CHG-1');
  });
});
