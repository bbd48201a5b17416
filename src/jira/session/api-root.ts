import { rootOf } from '../../domain/base-url.ts';
import { Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { TransientFailure } from '../../http/retry.ts';

/** How often a gateway that has not accepted the login yet is tried before the site's refusal is final. */
const gatewayTries = 3;
/** The root URL, up to the cloud id, of the gateway at which Cloud's scoped tokens work. */
const gatewayRoot = 'https://api.atlassian.com/ex/jira/';

/** The root URL of a site's API: the site or, once the site has refused a scoped token, Cloud's gateway. */
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

  /** Why the site refused the login; undefined if the gateway is not in use. */
  get refusedBySite(): Fault | undefined {
    return this.#refusedBySite;
  }

  /**
   * Uses the gateway from now on: Cloud's scoped and service-account tokens get a 401 at the site and work
   * only there.
   * @param refused thrown if there is no gateway to try
   */
  async turnToGateway(refused: Fault, cloudId: () => Promise<string | undefined>): Promise<void> {
    if (this.#triedGateway) throw refused;
    this.#triedGateway = true;
    const id = await cloudId();
    if (id === undefined) throw refused;
    this.#url = `${gatewayRoot}${id}`;
    this.#refusedBySite = refused;
  }

  /** F3: the fault if the gateway can't be reached. Since the site has refused, a few tries are enough. */
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

/** The link at which people open an issue of a site. */
export function browseUrlAt(site: URL, key: string): URL {
  return new URL(`${rootOf(site)}/browse/${encodeURIComponent(key)}`);
}
