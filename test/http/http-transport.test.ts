import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport, type HttpTransport } from '../../src/http/http-transport.ts';
import { proxyFor } from '../../src/http/proxy-choice.ts';
import { type HttpRequest, largestAnswerBytes, TransportError } from '../../src/http/transport.ts';
import { type ForwardProxyOptions, startForwardProxy } from '../black-box/forward-proxy.ts';
import { untilDone } from '../jira/scripted-site.ts';

const closers: (() => Promise<void> | void)[] = [];
const environment = { ...process.env };

afterEach(async () => {
  process.env = { ...environment };
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A site on loopback that answers with the given function and records the requests. */
async function aSite(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const seen: { readonly method: string; readonly path: string; readonly body: string }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      seen.push({ method: request.method ?? '', path: request.url ?? '', body });
      answer(request, response, body);
    });
  });
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, seen, connections: () => connections };
}

/** Accepts connections and handles them with the given function. */
async function aTcpServer(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
    // Otherwise the end of the connection would go unnoticed.
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, open: () => sockets.size };
}

/** Nobody listens on this port, and the system assigns it to no server of another test. */
const closedPort = 1;

function aTransport(): HttpTransport {
  const transport = createHttpTransport(process.env);
  closers.push(() => transport.close());
  return transport;
}

function get(url: string, over: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url,
    headers: { Authorization: 'Basic aHVudGVyMg==' },
    timeoutMs: 5000,
    freshConnection: false,
    ...over,
  };
}

async function failureOf(request: HttpRequest, signal = untilDone): Promise<TransportError> {
  const outcome = await aTransport()
    .send(request, signal)
    .catch((error: unknown) => error);
  if (!(outcome instanceof TransportError))
    throw new Error(`expected a transport error, not ${String(outcome)}`);
  return outcome;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let wait = 0; wait < 200 && !isSo(); wait += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

describe('an exchange', () => {
  it('carries method, path, headers and body, and returns status, headers and text', async () => {
    const site = await aSite((request, response, body) => {
      response.writeHead(201, { 'X-AAccountId': '557058:11', Date: 'Sat, 13 Jun 2026 10:00:00 GMT' });
      response.end(JSON.stringify({ auth: request.headers.authorization, body }));
    });
    const answer = await aTransport().send(
      get(`${site.url}/jira/rest?x=1`, { method: 'POST', body: '{"título":"変更"}' }),
      untilDone,
    );
    expect(answer.status).toBe(201);
    expect(answer.header('x-aaccountid')).toBe('557058:11');
    expect(answer.header('date')).toBe('Sat, 13 Jun 2026 10:00:00 GMT');
    expect(answer.header('x-none')).toBeUndefined();
    expect(JSON.parse(answer.text)).toEqual({ auth: 'Basic aHVudGVyMg==', body: '{"título":"変更"}' });
    expect(site.seen).toEqual([{ method: 'POST', path: '/jira/rest?x=1', body: '{"título":"変更"}' }]);
  });

  it('decompresses the answer', async () => {
    const site = await aSite((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"key":"CHG-12"}'));
    });
    expect((await aTransport().send(get(site.url), untilDone)).text).toBe('{"key":"CHG-12"}');
  });

  it.each([204, 304, 404, 500])('returns a %i unchanged', async (status) => {
    const site = await aSite((_request, response) => response.writeHead(status).end());
    expect((await aTransport().send(get(site.url), untilDone)).status).toBe(status);
  });

  it.each([301, 302, 303, 307, 308])('[X4] does not follow a %i', async (status) => {
    const site = await aSite((_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const answer = await aTransport().send(get(site.url), untilDone);
    expect(answer.status).toBe(status);
    expect(new URL(answer.header('location') ?? '', site.url).pathname).toBe('/elsewhere');
    expect(site.seen.map(({ path }) => path)).toEqual(['/']);
  });
});

describe('connections', () => {
  it('[C3] are kept for reads, and new for writes', async () => {
    const site = await aSite((_request, response) => response.end('{}'));
    const { send } = aTransport();
    for (let read = 0; read < 3; read += 1) await send(get(site.url), untilDone);
    expect(site.connections()).toBe(1);
    for (let write = 0; write < 2; write += 1) {
      await send(get(site.url, { method: 'POST', body: '{}', freshConnection: true }), untilDone);
    }
    expect(site.connections()).toBe(3);
    await send(get(site.url), untilDone);
    expect(site.connections()).toBe(3);
  });

  it('end when the transport is closed', async () => {
    let open = 0;
    const site = await aTcpServer((socket) => {
      open += 1;
      socket.on('close', () => {
        open -= 1;
      });
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    });
    const transport = aTransport();
    await transport.send(get(site.url), untilDone);
    expect(open).toBe(1);
    transport.close();
    await until(() => open === 0);
  });
});

describe('the size of an answer', () => {
  const limit = 5_000_000;

  it('[X5] is at most 5 MB', () => {
    expect(largestAnswerBytes).toBe(limit);
  });

  it.each<[string, (response: ServerResponse, body: Buffer) => void]>([
    [
      'with its length given',
      (response, body) => response.writeHead(200, { 'content-length': body.length }).end(body),
    ],
    ['in chunks', (response, body) => response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(body)],
    [
      'compressed',
      (response, body) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body)),
    ],
  ])('[X5] %s may be 5 MB, but not one byte more', async (_what, write) => {
    const site = await aSite((request, response) =>
      write(response, Buffer.alloc(Number(request.url?.slice(1)), 'x')),
    );
    expect((await aTransport().send(get(`${site.url}/${limit}`), untilDone)).text).toHaveLength(limit);
    expect(await failureOf(get(`${site.url}/${limit + 1}`))).toMatchObject({
      failure: 'too-large',
      detail: 'over 5000000 bytes',
    });
  });
});

describe('a failure', () => {
  it('[F2] without a listener is not-connected', async () => {
    expect(await failureOf(get(`http://127.0.0.1:${closedPort}`))).toMatchObject({
      failure: 'not-connected',
      detail: 'ECONNREFUSED',
    });
  });

  it('[F2] for an impossible host name is unknown-host', async () => {
    expect(await failureOf(get(`http://${'x'.repeat(64)}.example`))).toMatchObject({
      failure: 'unknown-host',
      detail: 'ENOTFOUND',
    });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['closed without an answer', (socket) => socket.end()],
    ['reset without an answer', (socket) => socket.resetAndDestroy()],
    ['cut off in the head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-')],
    ['cut off in the body', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":')],
    [
      'cut off in its chunks',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n'),
    ],
    ['not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    [
      'not compressed as its header says',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain'),
    ],
  ])('[C3][F5] is lost if the answer is %s', async (_what, serve) => {
    const site = await aTcpServer((socket) => socket.once('data', () => serve(socket)));
    expect(
      await failureOf(get(site.url, { method: 'POST', body: '{}', freshConnection: true })),
    ).toMatchObject({
      failure: 'lost',
    });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['never answers', () => undefined],
    ['never ends its head', (socket) => socket.write('HTTP/1.1 200 OK\r\n')],
    ['never ends its body', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{')],
  ])('[P4] is a timeout if a site %s, and closes the connection', async (_what, serve) => {
    const site = await aTcpServer((socket) => socket.once('data', () => serve(socket)));
    const startedAt = performance.now();
    expect(await failureOf(get(site.url, { timeoutMs: 100 }))).toMatchObject({
      failure: 'timeout',
      detail: 'no answer within 0.1 s',
    });
    expect(performance.now() - startedAt).toBeLessThan(1100);
    await until(() => site.open() === 0);
  });

  it('[P4] at the end of the run has its reason, and closes the connection', async () => {
    const end = new AbortController();
    const site = await aTcpServer((socket) => socket.once('data', () => end.abort(new Error('told to end'))));
    await expect(aTransport().send(get(site.url), end.signal)).rejects.toThrow('told to end');
    await until(() => site.open() === 0);
    await expect(aTransport().send(get(site.url), end.signal)).rejects.toThrow('told to end');
  });

  it('[X3] contains neither the login nor the URL', async () => {
    const site = await aTcpServer((socket) => socket.resetAndDestroy());
    const error = await failureOf(get(`${site.url}/secret-path?secret=1`));
    expect(`${error.message} ${error.detail}`).not.toMatch(/secret|aHVudGVyMg|127\.0\.0\.1/);
  });

  it('of a request that cannot be sent is a bug, not a network fault', async () => {
    const site = await aSite((_request, response) => response.end('{}'));
    const request = get(site.url, { headers: { Authorization: 'Bearer 変更' } });
    await expect(aTransport().send(request, untilDone)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a proxy', () => {
  /** Replaces the loopback address with a name for which the proxy is used. */
  function away(url: string): string {
    return url.replace('127.0.0.1', 'site.test');
  }

  it.each(['http://localhost:8080', 'http://127.0.0.1', 'https://127.8.9.10/jira', 'http://[::1]:8080'])(
    '[X2] is never used for loopback: %s',
    (url) => {
      const env = {
        HTTP_PROXY: 'http://proxy:3128',
        HTTPS_PROXY: 'http://proxy:3128',
        ALL_PROXY: 'http://proxy:3128',
      };
      process.env = { ...environment, ...env };
      expect(proxyFor(new URL(url), env)).toBeUndefined();
      expect(proxyFor(new URL('http://localhost.example'), env)?.href).toBe('http://proxy:3128/');
    },
  );

  async function aProxy(options?: ForwardProxyOptions) {
    const proxy = await startForwardProxy(options);
    closers.push(() => proxy.close());
    return proxy;
  }

  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
    '[X6] from %s sees only CONNECT, even for http',
    async (name) => {
      const site = await aSite((_request, response) => response.end('{"key":"CHG-12"}'));
      const proxy = await aProxy();
      process.env[name] = proxy.url;
      const answer = await aTransport().send(get(`${away(site.url)}/rest?x=1`), untilDone);
      expect(answer.text).toBe('{"key":"CHG-12"}');
      expect(proxy.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
        `CONNECT site.test:${site.port}`,
      ]);
      expect(proxy.requests[0]?.headers).not.toHaveProperty('authorization');
    },
  );

  it('[X6] gets its login from its URL, and the site does not get it', async () => {
    let headers: IncomingMessage['headers'] = {};
    const site = await aSite((request, response) => {
      headers = request.headers;
      response.end('{}');
    });
    const proxy = await aProxy();
    process.env['HTTP_PROXY'] = proxy.url.replace('//', '//octo%40acme:p%40ss@');
    await aTransport().send(get(away(site.url)), untilDone);
    const login = Buffer.from('octo@acme:p@ss').toString('base64');
    expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${login}`);
    expect(headers).not.toHaveProperty('proxy-authorization');
    expect(headers['authorization']).toBe('Basic aHVudGVyMg==');
  });

  it('[X6] without a protocol is a plain proxy, as for curl', async () => {
    const site = await aSite((_request, response) => response.end('{}'));
    const proxy = await aProxy();
    process.env['HTTP_PROXY'] = proxy.url.replace('http://', '');
    expect((await aTransport().send(get(away(site.url)), untilDone)).status).toBe(200);
    expect(proxy.requests).toHaveLength(1);
  });

  it.each([
    ['HTTPS_PROXY', 'proxy.acme.example:3128', 'http://proxy.acme.example:3128/'],
    ['https_proxy', 'octopus:secret@proxy:3128', 'http://octopus:secret@proxy:3128/'],
    ['HTTPS_PROXY', 'http://proxy:3128', 'http://proxy:3128/'],
    ['HTTPS_PROXY', 'https://proxy', 'https://proxy/'],
    ['ALL_PROXY', 'proxy:3128', 'http://proxy:3128/'],
    ['HTTP_PROXY', 'http://proxy:3128', undefined],
    ['HTTPS_PROXY', '', undefined],
  ])('[X6] %s=%s uses the proxy %s for an https site', (name, value, proxy) => {
    process.env[name] = value;
    expect(proxyFor(new URL('https://acme.atlassian.net'), process.env)?.href).toBe(proxy);
  });

  it.each([
    ['acme.atlassian.net', true],
    ['ACME.ATLASSIAN.NET', true],
    ['.atlassian.net', true],
    ['*.atlassian.net', true],
    ['*', true],
    ['localhost, acme.atlassian.net', true],
    ['acme.atlassian.net:443', true],
    ['acme.atlassian.net:8443', false],
    ['other.example', false],
    ['', false],
  ])('[X6] NO_PROXY=%s means no proxy: %s', (value, isDirect) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      process.env = { ...environment, HTTPS_PROXY: 'http://proxy:3128', [name]: value };
      expect(proxyFor(new URL('https://acme.atlassian.net/rest'), process.env) === undefined).toBe(isDirect);
    }
  });

  it.each(['socks5://proxy:1080', 'ftp://proxy', 'http://', 'http://[::'])(
    '[F2][X6] with an invalid URL is reported, without its login: %s',
    async (value) => {
      process.env['HTTP_PROXY'] = value.replace('//', '//octopus:hunter2@');
      const error = await failureOf(get('http://site.test:9'));
      expect(error.failure).toBe('bad-proxy');
      expect(error.message).not.toContain('hunter2');
    },
  );

  it.each([
    [403, 'bad-proxy'],
    [407, 'bad-proxy'],
    [502, 'not-connected'],
    [503, 'not-connected'],
    [504, 'not-connected'],
  ])('[F2][X6] that refuses with %i is not mistaken for the site: %s', async (status, failure) => {
    const site = await aSite((_request, response) => response.end('{}'));
    const proxy = await aProxy({ refuse: status });
    process.env['HTTP_PROXY'] = proxy.url.replace('//', '//octopus:hunter2@');
    const error = await failureOf(get(away(site.url), { method: 'POST', body: '{}', freshConnection: true }));
    expect(error.failure).toBe(failure);
    expect(error.detail).toBe(`the proxy ${new URL(proxy.url).host}: status ${status}`);
    expect(site.seen).toEqual([]);
    expect(proxy.requests.map(({ method }) => method)).toEqual(['CONNECT']);
    expect(proxy.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('[F2] that is not a proxy is not mistaken for the site', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n').resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(() => resolve())));
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await failureOf(get('http://site.test:9'))).toMatchObject({
      failure: 'not-connected',
      detail: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+: an answer that is not HTTP$/),
    });
  });

  it('[F2][C3] that is unreachable counts as nothing sent', async () => {
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${closedPort}`;
    expect(await failureOf(get('http://site.test:9'))).toMatchObject({
      failure: 'not-connected',
      detail: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+: ECONNREFUSED$/),
    });
  });

  it('[F2] with an impossible host name is unknown-host', async () => {
    process.env['HTTP_PROXY'] = `http://${'x'.repeat(64)}.example:3128`;
    expect(await failureOf(get('http://site.test:9'))).toMatchObject({ failure: 'unknown-host' });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.end()],
    ['speaks another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ])('[C3] that %s counts as nothing sent', async (_what, serve) => {
    const proxy = await aTcpServer((socket) => socket.once('data', () => serve(socket)));
    process.env['HTTP_PROXY'] = proxy.url;
    expect(await failureOf(get('http://site.test:9'))).toMatchObject({ failure: 'not-connected' });
  });

  it('[P4] that is silent is a timeout, and its connection is closed', async () => {
    const proxy = await aTcpServer(() => undefined);
    process.env['HTTP_PROXY'] = proxy.url;
    expect(await failureOf(get('http://site.test:9', { timeoutMs: 100 }))).toMatchObject({
      failure: 'timeout',
    });
    await until(() => proxy.open() === 0);
  });

  it('[P4] that leads to a silent site is a timeout, and its connection is closed', async () => {
    const site = await aTcpServer(() => undefined);
    const proxy = await aTcpServer((socket) => {
      const upstream = connect(Number(new URL(site.url).port), '127.0.0.1');
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      socket.on('close', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    process.env['HTTP_PROXY'] = proxy.url;
    expect(await failureOf(get(away(site.url), { timeoutMs: 100 }))).toMatchObject({ failure: 'timeout' });
    await until(() => proxy.open() === 0);
  });
});
