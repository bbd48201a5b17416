import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ForwardProxyOptions {
  /**
   * Returns the target of a CONNECT as `host:port`. By default it is on loopback for every host, since the
   * step uses no proxy for loopback (X2).
   */
  readonly lead?: (target: string) => string;
  /** Refuses every CONNECT with this status. */
  readonly refuse?: number;
}

/** A forward proxy on loopback that records all it sees. */
export interface ForwardProxy {
  readonly url: string;
  readonly requests: {
    readonly method: string;
    readonly target: string;
    readonly headers: IncomingHttpHeaders;
  }[];
  /** The bytes that clients sent through its tunnels. */
  readonly bytes: Buffer[];
  close(): Promise<void>;
}

export async function startForwardProxy({ lead, refuse }: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const requests: ForwardProxy['requests'] = [];
  const bytes: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    // A plain-text request, which a client must not send.
    requests.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers });
    response.writeHead(502).end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  server.on('connect', (request, stream, head) => {
    const client = stream as Socket;
    requests.push({ method: 'CONNECT', target: request.url ?? '', headers: request.headers });
    if (refuse !== undefined) {
      client.end(`HTTP/1.1 ${refuse} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`tcp://${(lead ?? toLoopback)(request.url ?? '')}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      client.on('data', (chunk: Buffer) => {
        bytes.push(chunk);
        upstream.write(chunk);
      });
      upstream.pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function toLoopback(target: string): string {
  return target.replace(/^.*:/, '127.0.0.1:');
}
