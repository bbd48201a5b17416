import type { RecordedRequest } from './exchange.ts';
import { type ListenerOptions, listen } from './listener.ts';
import type { Pages } from './pages/pages.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

export interface SandboxOptions extends SiteOptions, ListenerOptions {
  /** Creates pages for people, which are served too. */
  pages?: (site: Site) => Pages;
}

export interface Sandbox {
  /** The address of the site, including the context path: the value for a step's `BaseUrl`. */
  readonly url: string;
  /** The address of Cloud's gateway for this site. */
  readonly gatewayUrl: string;
  readonly site: Site;
  /** Every request so far, with its answer. */
  readonly requests: RecordedRequest[];
  /** The number of connections that clients have opened so far. */
  connectionCount(): number;
  close(): Promise<void>;
}

/**
 * Starts a Jira Service Management stand-in on loopback. Without options: project CHG on Cloud, in real time.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { tls, port, gzip, pages: createPages, ...siteOptions } = options;
  const site = createSite({ record: true, ...siteOptions });
  const pages = createPages?.(site);
  const { origin, connectionCount, close } = await listen(
    (request) => pages?.answer(request) ?? site.answer(request),
    {
      tls,
      port,
      gzip,
    },
  );
  const url = `${origin}${site.contextPath}`;
  if (options.baseUrl === undefined) {
    site.baseUrl = url;
  }
  return {
    url,
    gatewayUrl: `${origin}${site.gatewayPath}`,
    site,
    requests: site.requests,
    connectionCount,
    close,
  };
}
