import { getProxyForUrl } from 'proxy-from-env';
import { isLoopback } from '../domain/base-url.ts';
import { TransportError } from './transport.ts';

/** The environment, of which the proxy variables count. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

const proxyVariables = ['https_proxy', 'http_proxy', 'all_proxy'];

/**
 * The proxy for a URL by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case; never for loopback
 * (X2).
 * @returns undefined if the site is asked directly
 */
export function proxyFor(url: URL, env: ProxyEnvironment): URL | undefined {
  if (isLoopback(url.hostname)) return undefined;
  const proxy = getProxyForUrl(url.href);
  if (proxy === '') return undefined;
  // Without a protocol it is plain http, as for curl; proxy-from-env adds the protocol of the URL.
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
