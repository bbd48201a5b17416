import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RecordedRequest, SiteAnswer } from './exchange.ts';
import type { Pages } from './pages/pages.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

export interface SandboxOptions extends SiteOptions {
  /** Serves https with this key and certificate (PEM). */
  tls?: { key: string; cert: string };
  /** Answers are compressed, as Jira's are for clients that take it. */
  gzip?: boolean;
  /** The port to listen on; by default any free one. */
  port?: number;
  /** Serves pages for people as well. */
  pages?: (site: Site) => Pages;
}

export interface Sandbox {
  /** The address of the site, context path included: what a step's `BaseUrl` is set to. */
  readonly url: string;
  /** The address of Cloud's gateway for this site. */
  readonly gatewayUrl: string;
  readonly site: Site;
  /** Every request so far, with what was answered. */
  readonly requests: RecordedRequest[];
  /** Connections that clients have opened so far. */
  connectionCount(): number;
  close(): Promise<void>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return headers;
}

function send(response: ServerResponse, answer: SiteAnswer, gzip: boolean): void {
  if (gzip && answer.body !== '') {
    const body = gzipSync(answer.body);
    const more = { 'content-encoding': 'gzip', 'content-length': String(body.length) };
    response.writeHead(answer.status, { ...answer.headers, ...more });
    response.end(body);
    return;
  }
  response.writeHead(answer.status, { ...answer.headers, ...lengthOf(answer) });
  response.end(answer.body);
}

function lengthOf(answer: SiteAnswer): Record<string, string> {
  return answer.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(answer.body)) };
}

function cutOff(response: ServerResponse, answer: SiteAnswer, afterBytes: number): void {
  response.writeHead(answer.status, { ...answer.headers, ...lengthOf(answer) });
  const part = Buffer.from(answer.body).subarray(0, afterBytes);
  response.write(part, () => response.socket?.destroy());
}

function deliver(response: ServerResponse, answer: SiteAnswer, gzip: boolean): void {
  const fault = answer.fault;
  switch (fault?.kind) {
    case undefined:
      send(response, answer, gzip);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'cut-off':
      cutOff(response, answer, fault.afterBytes);
      return;
    case 'slow': {
      const timer = setTimeout(() => send(response, answer, gzip), fault.delayMs);
      response.on('close', () => clearTimeout(timer));
    }
  }
}

/** Starts a Jira Service Management stand-in on loopback. Without options: project CHG on Cloud, in real time. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { tls, port, gzip, pages: createPages, ...siteOptions } = options;
  const site = createSite({ record: true, ...siteOptions });
  const pages = createPages?.(site);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    response.sendDate = false;
    request.on('error', () => response.destroy());
    response.on('error', () => {});
    void answerRequest({ site, pages }, request, response, gzip ?? false);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  // Longer than any interval between two looks, so that no test meets a connection that is just being closed.
  server.keepAliveTimeout = 120_000;
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port ?? 0, '127.0.0.1', resolve);
  });
  const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}${site.contextPath}`;
  if (options.baseUrl === undefined) {
    site.baseUrl = url;
  }
  return {
    url,
    gatewayUrl: `${origin}${site.gatewayPath}`,
    site,
    requests: site.requests,
    connectionCount: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerRequest(
  { site, pages }: { site: Site; pages: Pages | undefined },
  request: IncomingMessage,
  response: ServerResponse,
  gzip: boolean,
): Promise<void> {
  let body: string;
  try {
    body = await readBody(request);
  } catch {
    // The client hung up before it had sent everything: there is nobody to answer.
    return;
  }
  let answer: SiteAnswer;
  try {
    const asked = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: headersOf(request),
      ...(body === '' ? {} : { body }),
    };
    answer = pages?.answer(asked) ?? site.answer(asked);
  } catch (error) {
    // A defect of the sandbox itself must not look like one of Jira's answers.
    answer = {
      status: 599,
      headers: {},
      body: `sandbox: ${error instanceof Error ? error.stack : String(error)}`,
    };
  }
  deliver(response, answer, gzip && request.headers['accept-encoding']?.includes('gzip') === true);
}
