import { describe, expect } from 'vitest';
import { type Fault, type FaultOrder, faultCatalogue } from '../sandbox/fault.ts';
import { number, type Run, scenario } from './scenario.ts';

const approved = { status: 'Implementing' };
const issue = /\/rest\/api\/2\/issue\//;

function checks({ requests }: Run): readonly unknown[] {
  return requests.filter(({ path }) => issue.test(path));
}

function statusFault(status: number, more: Partial<Extract<Fault, { kind: 'status' }>> = {}): Fault {
  return { kind: 'status', status, ...more };
}

describe('a temporary fault', () => {
  scenario.for<[string, Fault]>([
    ['408', statusFault(408)],
    ['429', statusFault(429)],
    ['500', statusFault(500)],
    ['503', statusFault(503)],
    ['a reset connection', { kind: 'reset' }],
    ['an answer that is cut off', { kind: 'cut-off' }],
    ['an answer that never arrives', { kind: 'hang' }],
    ['[F5] half of the JSON', { kind: 'truncated-json' }],
    ['[F5] a login page with status 200', { kind: 'login-page' }],
    ['[F5] an empty answer', { kind: 'empty' }],
  ])('[F1] is overcome by a retry: %s', async ([, fault], { jsm }) => {
    const { raise, run } = await jsm({ speed: 10, faults: [{ fault, at: 1, count: 2 }] });
    const ended = await run({ [number]: raise(approved) });
    expect(ended).toMatchObject({ exitCode: 0, decision: 'Proceed' });
    expect(ended.requests.length).toBeGreaterThanOrEqual(3);
  });

  scenario.for([false, true])(
    '[F1] is not retried before Retry-After (as a date: %s)',
    async (asDate, { jsm }) => {
      const fault = statusFault(429, { retryAfterSeconds: 20, retryAfterAsDate: asDate });
      const { raise, run } = await jsm({ speed: 10, faults: [{ fault, at: 1 }] });
      const ended = await run({ [number]: raise(approved) });
      const [first, second] = ended.requests;
      // A date has whole seconds.
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(19_000);
      expect(ended.decision).toBe('Proceed');
    },
  );

  scenario.for([401, 403, 404])('[F3] is not trusted after a single check: %i', async (status, { jsm }) => {
    const body = '{"errorMessages":["No."],"errors":{}}';
    const faults: FaultOrder[] = [{ fault: statusFault(status, { body }), path: issue, at: 3 }];
    const { raise, run, site, afterChecks } = await jsm({ speed: 10, faults });
    const key = raise();
    afterChecks(5, () => site.moveTo(key, 'Implementing'));
    const ended = await run({ [number]: key });
    expect(ended.decision).toBe('Proceed');
    expect(ended.lines).toContainEqual({ level: 'warning', text: expect.stringMatching(/again/) });
  });
});

describe('a permanent fault', () => {
  scenario.for<[string, Fault, RegExp]>([
    ['400', faultCatalogue['400'] ?? statusFault(400), /status 400.*Bad request/],
    ['403', faultCatalogue['403'] ?? statusFault(403), /status 403.*Forbidden/],
    ['418', statusFault(418), /status 418/],
    ['302', faultCatalogue['302 to a login page'] ?? statusFault(302), /redirect.*login\.acme\.example/],
  ])('[F3] ends the run immediately with advice: %s', async ([, fault, words], { jsm }) => {
    const { raise, run } = await jsm({ faults: [{ fault, path: issue }] });
    const ended = await run({ [number]: raise(approved) });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', result: expect.stringMatching(words) });
    // With 400 once with failFast, which a site may refuse, and once without.
    expect(checks(ended).length).toBeLessThanOrEqual(fault.kind === 'status' && fault.status === 400 ? 2 : 1);
  });

  scenario.for(['truncated JSON', 'login page with status 200', 'empty body', 'JSON of the wrong shape'])(
    '[F5] is reported after three tries at first contact: %s',
    async (name, { jsm }) => {
      const { raise, run } = await jsm({
        speed: 20,
        faults: [{ fault: faultCatalogue[name] ?? statusFault(500) }],
      });
      const ended = await run({ [number]: raise(approved) });
      expect(ended).toMatchObject({
        exitCode: 1,
        decision: 'Error',
        result: expect.stringMatching(/BaseUrl/),
      });
      expect(checks(ended)).toHaveLength(3);
    },
  );

  scenario('[F2] is reported after three tries if no outage is permitted', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 10, faults: [{ fault: statusFault(503) }] });
    const ended = await run({ [number]: raise(approved), 'JsmChange.OutageMinutes': '0' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expect(ended.requests).toHaveLength(3);
  });

  scenario('[F2] ends the run after two minutes if no answer was good', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 60, faults: [{ fault: statusFault(503) }] });
    const ended = await run({ [number]: raise(approved) });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      reason: expect.stringMatching(/status 503/),
    });
    const lastedMs = (ended.requests.at(-1)?.atMs ?? 0) - (ended.requests[0]?.atMs ?? 0);
    expect(lastedMs).toBeGreaterThan(60_000);
    expect(lastedMs).toBeLessThan(180_000);
  });

  scenario('[F2] without a listener is reported with the host and the ways out', async ({ jsm }) => {
    const { run } = await jsm({ speed: 60 });
    // A fixed port: a free one from the system could be assigned to another test's site a moment later.
    const ended = await run({ [number]: 'CHG-1', 'JsmChange.BaseUrl': 'http://127.0.0.1:9' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expect(ended.result).toMatch(/127\.0\.0\.1.*ECONNREFUSED.*HTTPS_PROXY/);
  });

  scenario('[F1] with a Retry-After beyond the permitted outage ends the run', async ({ jsm }) => {
    const fault = statusFault(429, { retryAfterSeconds: 3600 });
    const { raise, run } = await jsm({ faults: [{ fault }] });
    const ended = await run({ [number]: raise(approved) });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expect(ended.requests).toHaveLength(1);
  });
});

describe('a login', () => {
  scenario('[F4] that fails is never retried', async ({ jsm }) => {
    const { raise, run } = await jsm({ flavour: 'dc' });
    const ended = await run({
      [number]: raise(approved),
      'JsmChange.Username': 'octopus',
      'JsmChange.Token': 'the-password-of-last-month',
    });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      result: expect.stringMatching(/JsmChange\.Token/),
    });
    expect(ended.requests).toHaveLength(1);
  });

  scenario('[F4] that no header shows is proven once by myself', async ({ jsm }) => {
    const { raise, run } = await jsm({ loginHeaders: false });
    const ended = await run({ [number]: raise(approved) });
    expect(ended.decision).toBe('Proceed');
    expect(ended.requests.map(({ path }) => path.replace(/\?.*/, '')).sort()).toEqual([
      '/rest/api/2/issue/CHG-1',
      '/rest/api/2/myself',
      // The approvers, for the ending (A3).
      '/rest/servicedeskapi/request/CHG-1/approval',
    ]);
  });

  scenario('[F4] that Jira denies until a CAPTCHA is solved says so', async ({ jsm }) => {
    const { raise, run } = await jsm({ flavour: 'dc', captcha: true });
    const ended = await run({ [number]: raise(approved), 'JsmChange.Username': 'octopus' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', result: expect.stringMatching(/CAPTCHA/) });
    expect(ended.requests).toHaveLength(1);
  });

  scenario('[F4] with a personal access token needs no user name', async ({ jsm }) => {
    const { raise, run } = await jsm({ flavour: 'dc', contextPath: '/jira' });
    const login = { 'JsmChange.Username': '', 'JsmChange.Token': 'sandbox-pat-0987654321' };
    const ended = await run({ ...login, [number]: raise(approved) });
    expect(ended.decision).toBe('Proceed');
    expect(ended.requests[0]?.headers['authorization']).toBe('Bearer sandbox-pat-0987654321');
  });
});

describe('with any fault', () => {
  const staying = Object.entries(faultCatalogue).filter(([, fault]) => fault.kind !== 'slow');
  scenario.for(staying)('[F7] only an approval allows the deployment: %s', async ([, fault], { jsm }) => {
    const { raise, run } = await jsm({ speed: 60, faults: [{ fault }] });
    const ended = await run({ [number]: raise(approved), 'JsmChange.OutageMinutes': '0' });
    expect(ended.exitCode).toBe(1);
    expect(['Error', 'Stop']).toContain(ended.decision);
  });
});
