import { fastSiteClock } from '../../test/black-box/fast-site-clock.ts';
import { deploymentVariables } from '../../test/sandbox/octopus-variables.ts';
import { type Sandbox, startSandbox } from '../../test/sandbox/server.ts';

/** A site on loopback with one change request, and the variables of a gate that gets its number. */
interface ChangeOnSite {
  readonly sandbox: Sandbox;
  readonly key: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Resolves when the next request arrives, with the time by `performance.now()`. */
  nextArrival(): Promise<number>;
}

/**
 * Starts a site with a change request that allows its deployment, unless another status is given.
 * @param speed how many times as fast as real time the clocks of the site and of its client run
 */
export async function readyChange(status = 'Implementing', speed = 1): Promise<ChangeOnSite> {
  const sandbox = await startSandbox({
    record: false,
    ...(speed !== 1 && { clock: fastSiteClock(speed) }),
  });
  const { site } = sandbox;
  const { key } = site.createRequest({ summary: 'A change that is supplied', status });
  let arrived: ((atMs: number) => void) | undefined;
  const answer = site.answer.bind(site);
  site.answer = (request) => {
    arrived?.(performance.now());
    arrived = undefined;
    return answer(request);
  };
  return {
    sandbox,
    key,
    variables: deploymentVariables(sandbox, { 'Octopus.JiraServiceManagement.ChangeRequest.Number': key }),
    nextArrival: () =>
      new Promise((resolve) => {
        arrived = resolve;
      }),
  };
}
