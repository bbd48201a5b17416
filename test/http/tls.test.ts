import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, createCertificates } from '../black-box/certificates.ts';
import { type ForwardProxy, startForwardProxy } from '../black-box/forward-proxy.ts';

const fixture = fileURLToPath(new URL('fixtures/send-requests.ts', import.meta.url));

let certificates: Certificates;
let site: Server;
let root: string;
/** The same site by a name for which the proxy is used. */
let away: string;
let proxy: ForwardProxy;

/** Sends requests from a separate process, and returns the outcome of each. */
async function sent(
  urls: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<unknown[]> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', fixture, ...urls],
    {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as unknown[];
}

beforeAll(async () => {
  certificates = createCertificates(['DNS:localhost', 'DNS:site.test']);
  site = createServer({ key: certificates.key, cert: certificates.cert }, (_request, response) => {
    response.end('{"key":"CHG-12"}');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  root = `https://localhost:${(site.address() as AddressInfo).port}`;
  away = root.replace('localhost', 'site.test');
  proxy = await startForwardProxy();
});

afterAll(async () => {
  await proxy.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  rmSync(certificates.folder, { recursive: true, force: true });
});

const good = { status: 200, text: '{"key":"CHG-12"}' };

describe('a site with a certificate of a private authority', () => {
  it('[F2] is refused if its authority is not trusted', async () => {
    const [outcome] = await sent([root], {});
    expect(outcome).toEqual({ failure: 'certificate', detail: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('[X6] is accepted with NODE_EXTRA_CA_CERTS, but not under a name that the certificate lacks', async () => {
    const outcomes = await sent([root, root.replace('localhost', '127.0.0.1')], {
      NODE_EXTRA_CA_CERTS: certificates.authorityPath,
    });
    expect(outcomes).toEqual([good, { failure: 'certificate', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' }]);
  });

  it('[X6] is reached through a proxy, which sees only CONNECT and encrypted data', async () => {
    const outcomes = await sent([away, away], {
      NODE_EXTRA_CA_CERTS: certificates.authorityPath,
      HTTPS_PROXY: proxy.url.replace('//', '//octopus:p%40ss@'),
    });
    expect(outcomes).toEqual([good, good]);
    expect(proxy.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `CONNECT ${new URL(away).host}`,
      `CONNECT ${new URL(away).host}`,
    ]);
    const login = `Basic ${Buffer.from('octopus:p@ss').toString('base64')}`;
    for (const { headers } of proxy.requests) {
      expect(headers['proxy-authorization']).toBe(login);
      expect(headers).not.toHaveProperty('authorization');
    }
    expect(Buffer.concat(proxy.bytes).toString('latin1')).not.toMatch(/hunter2|Authorization|\/ HTTP/i);
  });

  it('[X6] is refused through a proxy as well if its authority is not trusted', async () => {
    const [outcome] = await sent([away], { HTTPS_PROXY: proxy.url });
    expect(outcome).toEqual({ failure: 'certificate', detail: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });
});

describe('a proxy over TLS', () => {
  it('[X6] is used if its certificate is valid, and otherwise gets no request', async () => {
    const seen: string[] = [];
    const sockets = new Set<Socket>();
    const server = createTlsServer({ key: certificates.key, cert: certificates.cert }, (client) => {
      client.once('data', (head: Buffer) => {
        seen.push(head.toString('latin1').split('\r\n')[0] ?? '');
        const upstream = connect(Number(new URL(root).port), '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          client.pipe(upstream).pipe(client);
        });
        sockets.add(upstream);
        upstream.on('error', () => client.destroy());
      });
      client.on('error', () => client.destroy());
    });
    server.on('connection', (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const trusted = { NODE_EXTRA_CA_CERTS: certificates.authorityPath };
      expect(await sent([away], { ...trusted, HTTPS_PROXY: `https://localhost:${port}` })).toEqual([good]);
      expect(seen).toEqual([`CONNECT ${new URL(away).host} HTTP/1.1`]);
      expect(await sent([away], { ...trusted, HTTPS_PROXY: `https://127.0.0.1:${port}` })).toEqual([
        { failure: 'not-connected', detail: `the proxy 127.0.0.1:${port}: ERR_TLS_CERT_ALTNAME_INVALID` },
      ]);
      expect(seen).toHaveLength(1);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
