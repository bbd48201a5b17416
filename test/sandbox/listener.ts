import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { SiteAnswer, SiteRequest } from './exchange.ts';

export interface ListenerOptions {
  /** Serves https with this key and certificate (PEM). */
  tls?: { key: string; cert: string } | undefined;
  /** Compresses answers for clients that accept it. */
  gzip?: boolean | undefined;
  /** The port to listen on; any free port by default. */
  port?: number | undefined;
}

/** A server on loopback that delivers a stand-in's answers, including connection faults. */
interface Listener {
  /** Protocol, host and port. */
  readonly origin: string;
  /** The number of connections that clients have opened so far. */
  connectionCount(): number;
  close(): Promise<void>;
}

/**
 * Serves the result of `answer` for each request. If `answer` throws, the status is 599, which no real server
 * sends.
 */
export async function listen(
  answer: (request: SiteRequest) => SiteAnswer,
  { tls, gzip = false, port = 0 }: ListenerOptions = {},
): Promise<Listener> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    response.sendDate = false;
    request.on('error', () => response.destroy());
    response.on('error', () => {});
    void answerRequest(answer, request, response, gzip);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  // Longer than any interval between two checks, so that no test uses a connection that is just being closed.
  server.keepAliveTimeout = 120_000;
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectionCount: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerRequest(
  answer: (request: SiteRequest) => SiteAnswer,
  request: IncomingMessage,
  response: ServerResponse,
  gzip: boolean,
): Promise<void> {
  let body: string;
  try {
    body = await readBody(request);
  } catch {
    // The client hung up before it had sent everything, so nobody is waiting for an answer.
    return;
  }
  let given: SiteAnswer;
  try {
    given = answer({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: headersOf(request),
      ...(body === '' ? {} : { body }),
    });
  } catch (error) {
    // A defect of the stand-in must not look like an answer of the server.
    given = {
      status: 599,
      headers: {},
      body: `sandbox: ${error instanceof Error ? error.stack : String(error)}`,
    };
  }
  deliver(response, given, gzip && request.headers['accept-encoding']?.includes('gzip') === true);
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
