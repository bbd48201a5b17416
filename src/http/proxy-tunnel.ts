import type { ClientRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { codeOf, TransportError, type TransportFailure } from './transport.ts';

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1];

/**
 * Checks the certificate against a host that is an IP address: the agent does not pass it on, and Node would
 * check against `localhost`.
 */
function forItsOwnHost(options: ConnectOptions): ConnectOptions {
  const { host } = options;
  if (host === undefined || host === null || isIP(host) === 0) return options;
  return Object.assign(options, {
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  });
}

/**
 * A CONNECT tunnel for one request (X6). It ends with the request, even if the proxy is silent, and a failure
 * before the site is reached never counts as an answer from the site.
 */
export class ProxyTunnel extends HttpsProxyAgent<string> {
  #failure: TransportError | undefined;

  constructor(proxy: URL, signal: AbortSignal) {
    super(proxy.href, { keepAlive: false });
    this.connectOpts = Object.assign(this.connectOpts, { signal });
  }

  /** Why the site was not reached; undefined if it was. */
  get failure(): TransportError | undefined {
    return this.#failure;
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    let status: number | undefined;
    request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      status = statusCode;
    });
    try {
      const socket = await super.connect(request, forItsOwnHost(options));
      if (status === 200) return socket;
      socket.destroy();
    } catch (error) {
      const code = codeOf(error);
      this.#failure = this.#failed(code === 'ENOTFOUND' ? 'unknown-host' : 'not-connected', code);
      throw error;
    }
    const isRefused = status === 403 || status === 407;
    this.#failure = this.#failed(
      isRefused ? 'bad-proxy' : 'not-connected',
      Number.isNaN(status) ? 'an answer that is not HTTP' : `status ${status}`,
    );
    throw this.#failure;
  }

  #failed(failure: TransportFailure, why = 'no answer'): TransportError {
    return new TransportError(failure, `the proxy ${this.proxy.host}: ${why}`);
  }
}
