import { describe, expect, it } from 'vitest';
import { attempt, Fault } from '../../src/domain/fault.ts';
import { text } from '../../src/domain/text.ts';
import { Patience } from '../../src/http/retry.ts';
import { type HttpRequest, TransportError, type TransportFailure } from '../../src/http/transport.ts';
import { OctopusSession } from '../../src/octopus-server/octopus-session.ts';
import { ManualClock } from '../jira/manual-clock.ts';
import { untilDone } from '../jira/scripted-site.ts';

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const apiKey = 'API-SECRETOFTHESERVER';
const error = (message: string): string =>
  JSON.stringify({ ErrorMessage: message, Errors: [message, 'And more'] });

/** A session whose server gives these replies in order; the last one repeats. */
function sessionOf(server: string, ...replies: readonly (Reply | TransportError)[]) {
  const clock = new ManualClock();
  const requests: { readonly request: HttpRequest; readonly atMs: number }[] = [];
  const session = new OctopusSession({
    server: new URL(server),
    apiKey,
    clock,
    random: () => 0.5,
    patience: new Patience(120_000, false),
    userAgent: 'test',
    signal: untilDone,
    send: async (request) => {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? {};
      requests.push({ request, atMs: clock.now() });
      if (reply instanceof TransportError) throw reply;
      const { status = 200, headers = {}, body = '{}' } = reply;
      return { status, header: (name) => headers[name], text: body };
    },
  });
  const call = { path: '/api/users/me', advice: text`Do this.`, parse: (json: unknown) => json };
  return {
    requests,
    read: () => attempt(() => session.read({ ...call, method: 'GET' })),
    write: () => attempt(() => session.write({ ...call, method: 'PUT', body: { A: 1 } })),
  };
}

const root = 'https://octopus.acme.example/octopus/';

describe('A session at the Octopus server', () => {
  it('[R7] sends the key in its header, and keeps the path of the server', async () => {
    const { read, write, requests } = sessionOf(root);
    expect(await read()).toEqual({});
    expect(await write()).toEqual({ kind: 'done' });
    const [first, second] = requests.map(({ request }) => request);
    expect(first?.url).toBe('https://octopus.acme.example/octopus/api/users/me');
    expect(first?.headers).toMatchObject({ 'X-Octopus-ApiKey': apiKey, 'Cache-Control': 'no-cache' });
    expect(first?.freshConnection).toBe(false);
    expect([second?.method, second?.body, second?.freshConnection]).toEqual(['PUT', '{"A":1}', true]);
  });

  it.each([
    [400, 'rejected'],
    [401, 'login'],
    [403, 'forbidden'],
    [404, 'missing'],
    [409, 'conflict'],
  ])("[R7][F3] treats Octopus' own %s as final, and quotes it with advice", async (status, kind) => {
    const { read, requests } = sessionOf(root, { status, body: error('You lack something.') });
    const fault = await read();
    expect(fault).toMatchObject({ kind, status });
    expect((fault as Fault).message).toContain('You lack something. And more');
    expect((fault as Fault).message).toContain('Do this.');
    expect(requests.length).toBe(1);
  });

  it('[R7][F3] treats another 404 as a wrong URL', async () => {
    const fault = await sessionOf(root, { status: 404, body: '<html>' }).read();
    expect(fault).toMatchObject({ kind: 'wrong-url' });
    expect((fault as Fault).message).toContain('JsmChange.OctopusUrl');
  });

  it('[R7][F3] treats a 403 web page as an answer of something in front of the server', async () => {
    const ofOctopus = await sessionOf(root, { status: 403, body: error('No.') }).read();
    const ofProxy = await sessionOf(root, { status: 403, body: '<html>Blocked</html>' }).read();
    const advice = [ofOctopus, ofProxy].map((fault) => (fault as Fault).advice.line);
    expect(advice).toEqual(['Do this.', expect.stringMatching(/^Do this\. A web page .* proxy/)]);
  });

  it('[R7][X4] does not follow a redirect', async () => {
    const { read, requests } = sessionOf(root, {
      status: 302,
      headers: { location: 'https://evil.example' },
    });
    expect(await read()).toMatchObject({ kind: 'refused' });
    expect(requests.length).toBe(1);
  });

  it.each([408, 429, 500, 502, 503])('[R7][F1] retries a read after %s', async (status) => {
    const { read, requests } = sessionOf(root, { status }, { status }, {});
    expect(await read()).toEqual({});
    expect(requests.length).toBe(3);
  });

  it('[R7][F1] never undercuts Retry-After, in any request to this server', async () => {
    const { read, write, requests } = sessionOf(
      root,
      { status: 429, headers: { 'retry-after': '30' } },
      { body: '{}' },
    );
    expect(await write()).toMatchObject({ kind: 'later' });
    expect(await read()).toEqual({});
    expect((requests[1]?.atMs ?? 0) - (requests[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(30_000);
  });

  it.each([408, 500, 503])('[R5] does not repeat a write that is answered with %s', async (status) => {
    const { write, requests } = sessionOf(root, { status });
    expect(await write()).toMatchObject({ kind: 'unreachable', status });
    expect(requests.length).toBe(1);
  });

  it.each(['lost', 'timeout', 'not-connected'] as const)(
    '[R5] does not repeat a write that ends with %s',
    async (kind) => {
      const { write, requests } = sessionOf(root, new TransportError(kind, 'ECONNRESET'));
      expect(await write()).toMatchObject({ kind: 'unreachable' });
      expect(requests.length).toBe(1);
    },
  );

  it.each([
    'unknown-host',
    'certificate',
    'bad-proxy',
    'too-large',
  ] as const satisfies readonly TransportFailure[])(
    '[R7][F2] gives up immediately on %s at first contact, and names the host',
    async (kind) => {
      const { read, requests } = sessionOf(root, new TransportError(kind, 'CODE'));
      const fault = await read();
      expect(fault).toMatchObject({ kind: 'refused' });
      expect((fault as Fault).message).toContain('octopus.acme.example');
      expect(requests.length).toBe(1);
    },
  );

  it.each(['<html>a login page</html>', '', '{"Id":', '[1'])(
    '[R7][F5] tries three times at first contact if the body is not JSON (%j)',
    async (body) => {
      const { read, requests } = sessionOf(root, { body });
      const fault = await read();
      expect(fault).toBeInstanceOf(Fault);
      expect(requests.length).toBe(3);
    },
  );

  it('[R7][X3] never shows the key in a fault', async () => {
    for (const reply of [
      { status: 401, body: error('no') },
      { status: 500 },
      new TransportError('lost', 'x'),
    ]) {
      const fault = await sessionOf(root, reply).read();
      expect((fault as Fault).message).not.toContain(apiKey);
    }
  });
});
