import { withoutSlashesAtEnd } from '../../domain/base-url.ts';
import { Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { TransientFailure } from '../../http/retry.ts';

/** How often a gateway that has not been proven yet is tried before the site's refusal stands. */
const gatewayTries = 3;
/** Of the gateway at which Cloud's scoped tokens work, up to the cloud id. */
const gatewayRoot = 'https://api.atlassian.com/ex/jira/';

/** Where the API of a site is: at the site, or at Cloud's gateway once the site has refused a scoped token. */
export class ApiRoot {
  #url: string;
  #triedGateway = false;
  #refusedBySite: Fault | undefined;
  #gatewayFailures = 0;

  constructor(site: URL) {
    this.#url = rootOf(site);
  }

  get url(): string {
    return this.#url;
  }

  /** Why the site refused the login, if the gateway is used since. */
  get refusedBySite(): Fault | undefined {
    return this.#refusedBySite;
  }

  /**
   * Scoped and service-account tokens of Cloud get a 401 at the site and only work at the gateway, which is
   * used from now on.
   * @param refused what is thrown when there is no gateway to try
   */
  async turnToGateway(refused: Fault, cloudId: () => Promise<string | undefined>): Promise<void> {
    if (this.#triedGateway) throw refused;
    this.#triedGateway = true;
    const id = await cloudId();
    if (id === undefined) throw refused;
    this.#url = `${gatewayRoot}${id}`;
    this.#refusedBySite = refused;
  }

  /** F3: the site has refused the login; a gateway that can't be asked is no reason to wait for another answer. */
  gatewayOutOfReach(refused: Fault, fault: Fault, isFinal: boolean): Fault | TransientFailure {
    this.#gatewayFailures += 1;
    const both = new Fault(
      'login',
      text`${refused.summary} Scoped tokens only work through Cloud's gateway, which cannot be reached: ${fault.summary}`,
      text`${refused.advice} If it is a scoped token, allow the worker to reach the gateway.`,
      { status: 401, cause: fault },
    );
    return isFinal || this.#gatewayFailures >= gatewayTries ? both : new TransientFailure(both, 'outage');
  }
}

/** The link under which people open an issue of a site. */
export function browseUrlAt(site: URL, key: string): URL {
  return new URL(`${rootOf(site)}/browse/${encodeURIComponent(key)}`);
}

/** The root URL without a slash at its end. */
function rootOf(site: URL): string {
  return `${site.origin}${withoutSlashesAtEnd(site.pathname)}`;
}
