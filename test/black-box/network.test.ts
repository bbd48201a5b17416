import { describe, expect } from 'vitest';
import { defaultScopedToken, defaultToken, defaultUsername } from '../sandbox/defaults.ts';
import { startSandbox } from '../sandbox/server.ts';
import { createCertificates } from './certificates.ts';
import { startForwardProxy } from './forward-proxy.ts';
import { number, scenario } from './scenario.ts';

const approved = { status: 'Implementing' };

/** The site's URL under a name that only the stand-in for a proxy resolves. */
function byName({ url }: { url: string }, name = 'site.test'): string {
  return url.replace('127.0.0.1', name);
}
const certificates = createCertificates(['IP:127.0.0.1', 'DNS:site.test', 'DNS:api.atlassian.com']);
const trusted = { NODE_EXTRA_CA_CERTS: certificates.authorityPath };
const { key, cert } = certificates;
const tls = { key, cert };

describe('the address of the site', () => {
  scenario.for(['http://jira.acme.example', 'http://10.0.0.7:8080/jira', 'http://127.0.0.1.acme.example'])(
    '[X2] is rejected without https: %s',
    async (url, { jsm }) => {
      const { run } = await jsm();
      const ended = await run({ [number]: 'CHG-1', 'JsmChange.BaseUrl': url });
      expect(ended).toMatchObject({
        exitCode: 1,
        decision: 'Error',
        result: expect.stringMatching(/BaseUrl.*https/),
      });
    },
  );

  scenario.for([
    'jira.acme.example',
    'ftp://jira.acme.example',
    'https://',
    'https://dana:pw@acme.atlassian.net',
  ])('[X2] is rejected if it is not valid: %s', async (url, { jsm }) => {
    const { run } = await jsm();
    const ended = await run({ [number]: 'CHG-1', 'JsmChange.BaseUrl': url });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', result: expect.stringMatching(/BaseUrl/) });
  });
});

describe('an answer', () => {
  scenario('[X4] that redirects is not followed', async ({ jsm }) => {
    const elsewhere = await startSandbox();
    const headers = { location: `${elsewhere.url}/rest/api/2/issue/CHG-1` };
    const { raise, run } = await jsm({ faults: [{ fault: { kind: 'status', status: 302, headers } }] });
    const ended = await run({ [number]: raise(approved) });
    await elsewhere.close();
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      result: expect.stringMatching(/redirect/),
    });
    expect(elsewhere.connectionCount()).toBe(0);
  });

  scenario('[X5] over 5 MB is refused', async ({ jsm }) => {
    const { raise, run } = await jsm({ faults: [{ fault: { kind: 'oversized' } }] });
    const ended = await run({ [number]: raise(approved) });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      result: expect.stringMatching(/over 5 MB/),
    });
    expect(ended.requests).toHaveLength(1);
  });

  scenario('[X5] with a large change request is accepted', async ({ jsm }) => {
    const { raise, run } = await jsm({ issueBodyBytes: 4_000_000 });
    const ended = await run({ [number]: raise(approved) });
    expect(ended.decision).toBe('Proceed');
  });
});

describe('a certificate', () => {
  scenario('[X6] from a private authority is accepted with NODE_EXTRA_CA_CERTS', async ({ jsm }) => {
    const { raise, run } = await jsm({ tls });
    const ended = await run({ [number]: raise(approved) }, { environment: trusted });
    expect(ended.decision).toBe('Proceed');
  });

  scenario(
    '[F2] from an unknown authority stops the run immediately, with a suggested fix',
    async ({ jsm }) => {
      const { raise, run } = await jsm({ tls });
      const ended = await run({ [number]: raise(approved) }, { environment: {} });
      expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
      expect(ended.result).toMatch(/certificate is not trusted.*NODE_EXTRA_CA_CERTS/);
    },
  );

  scenario("[F2] is checked even if the worker's environment says otherwise", async ({ jsm }) => {
    const { raise, run } = await jsm({ tls });
    const ended = await run(
      { [number]: raise(approved) },
      { environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
    );
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [], stderr: '' });
    expect(ended.result).toMatch(/certificate is not trusted/);
  });

  scenario('[F2] for another host stops the run immediately', async ({ jsm }) => {
    const { raise, run } = await jsm({ tls: createCertificates(['DNS:jira.acme.example'], certificates) });
    const ended = await run({ [number]: raise(approved) }, { environment: trusted });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.result).toMatch(/certificate is not trusted/);
  });
});

describe('a forward proxy', () => {
  scenario.for(['HTTPS_PROXY', 'https_proxy'])(
    '[X6] from %s sees CONNECT but not the login',
    async (name, { jsm }) => {
      const { raise, run, sandbox } = await jsm({ tls });
      const proxy = await startForwardProxy();
      const proxyUrl = proxy.url.replace('://', '://worker:proxy%20pass@');
      const ended = await run(
        { [number]: raise(approved), 'JsmChange.BaseUrl': byName(sandbox) },
        { environment: { ...trusted, [name]: proxyUrl, DEBUG: '*' } },
      );
      await proxy.close();
      expect(ended).toMatchObject({ decision: 'Proceed', stderr: '' });
      // One tunnel for the check, and one for the read of who approved (A3).
      const connect = `CONNECT ${new URL(byName(sandbox)).host}`;
      expect(proxy.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([connect, connect]);
      const basic = Buffer.from('worker:proxy pass').toString('base64');
      expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${basic}`);
      expect(proxy.requests[0]?.headers['authorization']).toBeUndefined();
      const seen = Buffer.concat(proxy.bytes).toString('latin1');
      for (const secret of [
        defaultToken,
        Buffer.from(`${defaultUsername}:${defaultToken}`).toString('base64'),
      ]) {
        expect(seen).not.toContain(secret);
      }
      expect(ended.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    },
  );

  scenario('[X2] is never used for loopback', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const proxy = await startForwardProxy();
    const ended = await run({ [number]: raise(approved) }, { environment: { http_proxy: proxy.url } });
    await proxy.close();
    expect(ended.decision).toBe('Proceed');
    expect(proxy.requests).toEqual([]);
  });

  scenario.for([
    ['IP:192.0.2.1', 'Proceed'],
    ['DNS:site.test', 'Error'],
  ] as const)(
    '[X6] leads to a site by IP address whose certificate is for %s: %s',
    async ([name, decision], { jsm }) => {
      const { raise, run, sandbox } = await jsm({ tls: createCertificates([name], certificates) });
      const proxy = await startForwardProxy();
      const ended = await run(
        { [number]: raise(approved), 'JsmChange.BaseUrl': byName(sandbox, '192.0.2.1') },
        { environment: { ...trusted, HTTPS_PROXY: proxy.url } },
      );
      await proxy.close();
      expect(ended.decision).toBe(decision);
    },
  );

  scenario('[X6] that requires a login is named', async ({ jsm }) => {
    const { raise, run, sandbox } = await jsm({ tls, speed: 10 });
    const proxy = await startForwardProxy({ refuse: 407 });
    const environment = { ...trusted, HTTPS_PROXY: proxy.url };
    const ended = await run(
      { [number]: raise(approved), 'JsmChange.BaseUrl': byName(sandbox) },
      { environment },
    );
    await proxy.close();
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error', requests: [] });
    expect(ended.result).toMatch(/407.*proxy/i);
  });
});

describe("Cloud's gateway", () => {
  const scoped = { 'JsmChange.Token': defaultScopedToken };

  scenario(
    '[F4] accepts the scoped token that the site refuses, and links still lead to the site',
    async ({ jsm }) => {
      const { raise, run, sandbox } = await jsm({ tls });
      const proxy = await startForwardProxy({ lead: () => new URL(sandbox.url).host });
      const ended = await run(
        { [number]: raise(approved), ...scoped, 'JsmChange.BaseUrl': byName(sandbox) },
        { environment: { ...trusted, HTTPS_PROXY: proxy.url } },
      );
      await proxy.close();
      expect(ended.decision).toBe('Proceed');
      expect(ended.requests.map(({ path }) => path.replace(/\?.*/, ''))).toEqual([
        '/rest/api/2/issue/CHG-1',
        '/_edge/tenant_info',
        `/ex/jira/${sandbox.site.cloudId}/rest/api/2/issue/CHG-1`,
        `/ex/jira/${sandbox.site.cloudId}/rest/servicedeskapi/request/CHG-1/approval`,
      ]);
      // This address never gets the login.
      expect(ended.requests[1]?.headers['authorization']).toBeUndefined();
      expect(proxy.requests.map(({ target }) => target)).toContain('api.atlassian.com:443');
    },
  );

  scenario('[F4] that is unreachable does not hide that the site refuses the login', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 10 });
    const ended = await run({ [number]: raise(approved), 'JsmChange.Token': 'expired-last-week' });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expect(ended.result).toMatch(/login at the JSM site failed.*gateway.*cannot be reached.*has not expired/);
  });
});
