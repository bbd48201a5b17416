import { getProxyForUrl } from 'proxy-from-env';
import { isLoopback } from '../domain/base-url.ts';
import { TransportError } from './transport.ts';

/** Environment variables, of which only the proxy variables are used. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

const proxyVariables = ['https_proxy', 'http_proxy', 'all_proxy'];

/**
 * The proxy for a URL according to `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower
 * case; never one for a loopback host (X2).
 * @returns undefined if requests go directly to the site
 */
export function proxyFor(url: URL, env: ProxyEnvironment): URL | undefined {
  if (isLoopback(url.hostname)) return undefined;
  const proxy = getProxyForUrl(url.href);
  if (proxy === '') return undefined;
  // A proxy without a protocol is plain http, as for curl, but proxy-from-env adds the URL's protocol.
  const bare = proxy.slice(`${url.protocol}//`.length);
  const isBare = proxyVariables.some((name) => env[name] === bare || env[name.toUpperCase()] === bare);
  const address = isBare ? `http://${bare}` : proxy;
  const isUsable = URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
  if (!isUsable)
    throw new TransportError(
      'bad-proxy',
      'expected a URL that begins with http or https, such as that of proxy.acme.example:3128',
    );
  return new URL(address);
}
