import { rootOf } from '../../domain/base-url.ts';
import { Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';

/** How often the way to the gateway is tried before the site's refusal is final. */
const mostTries = 3;
/** The root URL, up to the cloud id, of the gateway at which Cloud's scoped tokens work. */
const gatewayRoot = 'https://api.atlassian.com/ex/jira/';

/** The root URL of a site's API: the site or, once the site has refused a scoped token, Cloud's gateway. */
export class ApiRoot {
  #url: string;
  #state: 'site' | 'asking' | 'gateway' | 'no-gateway' = 'site';
  #refusedBySite: Fault | undefined;
  #failures = 0;

  constructor(site: URL) {
    this.#url = rootOf(site);
  }

  get url(): string {
    return this.#url;
  }

  /** Why the site refused the login; undefined if the gateway is neither in use nor asked for. */
  get refusedBySite(): Fault | undefined {
    return this.#refusedBySite;
  }

  /**
   * Turns to the gateway: Cloud's scoped and service-account tokens get a 401 at the site and work only there.
   * @param refused thrown if the gateway was tried already
   */
  turnToGateway(refused: Fault): void {
    if (this.#state !== 'site') throw refused;
    this.#state = 'asking';
    this.#refusedBySite = refused;
  }

  /**
   * Finishes a turn to the gateway. A failure that another try may overcome leaves it to the next request, so
   * that the site does not get the login again that it has refused.
   * @param cloudId asks the site for its cloud id
   */
  async finishTurn(cloudId: () => Promise<string | undefined>): Promise<void> {
    const refused = this.#refusedBySite;
    if (this.#state !== 'asking' || refused === undefined) return;
    const id = await cloudId();
    if (id === undefined) {
      this.#state = 'no-gateway';
      this.#refusedBySite = undefined;
      throw refused;
    }
    this.#state = 'gateway';
    this.#url = `${gatewayRoot}${id}`;
  }

  /**
   * F3: returns the fault to show if a request on the way to the gateway fails: it names the site's refusal as
   * well. Since the site has refused the login, a few tries are enough.
   */
  outOfReach(refused: Fault, fault: Fault): { readonly shown: Fault; readonly isFinal: boolean } {
    this.#failures += 1;
    const [what, advice] =
      this.#state === 'asking'
        ? [text`whose address the site did not give`, text`try again later`]
        : [text`which cannot be reached`, text`allow the worker to reach the gateway`];
    const shown = new Fault(
      'login',
      text`${refused.summary} Scoped tokens only work through Cloud's gateway, ${what}: ${fault.summary}`,
      text`${refused.advice} If it is a scoped token, ${advice}.`,
      { status: 401, cause: fault },
    );
    return { shown, isFinal: this.#failures >= mostTries };
  }
}

/** The link at which people open an issue of a site. */
export function browseUrlAt(site: URL, key: string): URL {
  return new URL(`${rootOf(site)}/browse/${encodeURIComponent(key)}`);
}
