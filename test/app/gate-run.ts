import type { NewRequest } from '../sandbox/model.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import type { Act } from '../simulation/simulate.ts';
import { gateVariables, type RunOptions, type SimulatedRun, simulate } from '../simulation/simulate.ts';
import type { SimulatedRequest } from '../simulation/simulated-network.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';

export const numberVariable = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
export const secondMs = 1000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;

/** Runs the gate at a site with the default variables and the given ones. */
export function gate(
  site: SimulatedSite,
  overrides: Readonly<Record<string, string>> = {},
  options: Omit<RunOptions, 'variables'> & { readonly at?: readonly Act[]; readonly untilMs?: number } = {},
): Promise<SimulatedRun> {
  return simulate({ site, variables: gateVariables(site, overrides), ...options });
}

/** A site with one change request that has the default deployment's title. */
export function siteWith(
  request: Partial<NewRequest> = {},
  options: ConstructorParameters<typeof SimulatedSite>[0] = {},
): { readonly site: SimulatedSite; readonly key: string } {
  const site = new SimulatedSite(options);
  const { key } = site.createRequest({ summary: deploymentTitle, lagged: false, ...request });
  return { site, key };
}

/** The variable that supplies a number. */
export function supplied(number: string): Record<string, string> {
  return { [numberVariable]: number };
}

/** Reads of an issue by its key. */
export function reads(run: SimulatedRun, key?: string): readonly SimulatedRequest[] {
  return run.requests.filter(
    ({ method, path }) =>
      method === 'GET' && (key === undefined ? /\/issue\/[^/]+$/.test(path) : path.endsWith(`/issue/${key}`)),
  );
}

/** Checks: reads by key that request every field that decides. */
export function checks(run: SimulatedRun, key?: string): readonly SimulatedRequest[] {
  return reads(run, key).filter(({ query }) => query.includes('failFast'));
}

export function searches(run: SimulatedRun): readonly SimulatedRequest[] {
  return run.requests.filter(({ path }) => path.includes('/search'));
}

export function creations(run: SimulatedRun): readonly SimulatedRequest[] {
  return run.requests.filter(
    ({ method, path }) => method === 'POST' && path.endsWith('/servicedeskapi/request'),
  );
}

/** All requests except reads and searches. */
export function writes(run: SimulatedRun): readonly SimulatedRequest[] {
  return run.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('/search'));
}

/** The milliseconds between each request and the one before it. */
export function gaps(requests: readonly SimulatedRequest[]): readonly number[] {
  return requests.slice(1).map((request, index) => request.sentMs - (requests[index]?.settledMs ?? 0));
}

/** All lines that a person reads, in one text. */
export function said(run: SimulatedRun): string {
  return run.said.map(({ line }) => line).join('\n');
}

/** The run line of a run in the same space; by default that of {@link gate}. */
export function runLineOf(deployment = '421'): string {
  return `Octopus run: https://octopus.acme.example Spaces-1 Deployments-${deployment}`;
}

/** A change request that another run raised, with so many later ones that it is out of reach of C4's reads. */
export function raisedMeanwhile(site: SimulatedSite): () => void {
  return () => {
    site.createRequest({ summary: deploymentTitle, lagged: false });
    for (let other = 0; other < 5; other += 1) site.createRequest({ summary: 'Another change' });
  };
}
