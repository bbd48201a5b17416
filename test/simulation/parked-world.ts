import type { NewRequest } from '../sandbox/model.ts';
import type { User } from '../sandbox/octopus/account.ts';
import type { ParkOptions } from '../sandbox/octopus/deploying-model.ts';
import type { Interruption } from '../sandbox/octopus/interruption.ts';
import { createOctopus, type Octopus, type OctopusOptions } from '../sandbox/octopus/octopus.ts';
import {
  type Act,
  gateVariables,
  type RunOptions,
  type SimulatedRun,
  simulate,
  simulateRuns,
} from './simulate.ts';
import type { SimulatedRequest } from './simulated-network.ts';
import { SimulatedSite } from './simulated-site.ts';

export const octopusKey = 'API-KEYOFTHEPASS123456789';
const octopusHost = 'octopus.acme.example';

type PassOptions = Omit<RunOptions, 'variables' | 'servers'> & {
  readonly untilMs?: number;
  readonly at?: readonly Act[];
};

/** A JSM site and an Octopus server with parked deployments, in virtual time. */
export class ParkedWorld {
  readonly site: SimulatedSite;
  readonly octopus: Octopus;
  /** The service account of the pass: the only member of the responsible team. */
  readonly robot: User;
  readonly #servers: Map<string, Pick<SimulatedSite, 'answer'>>;

  constructor(
    site: ConstructorParameters<typeof SimulatedSite>[0] = {},
    octopus: Omit<OctopusOptions, 'clock'> = {},
  ) {
    this.site = new SimulatedSite(site);
    this.octopus = createOctopus({ ...octopus, clock: this.site.siteClock });
    this.robot = this.octopus.addUser({
      username: 'change-gate',
      isService: true,
      teams: ['Change gate'],
      permissions: ['InterruptionView', 'InterruptionViewSubmitResponsible'],
      apiKey: octopusKey,
    });
    this.#servers = new Map([[octopusHost, this.octopus]]);
  }

  /** Adds another JSM site that passes can reach. */
  addSite(baseUrl: string, options: ConstructorParameters<typeof SimulatedSite>[0] = {}): SimulatedSite {
    const site = new SimulatedSite({ ...options, baseUrl, time: this.site.time });
    this.#servers.set(new URL(baseUrl).host, site);
    return site;
  }

  /** Raises a change request, and parks a deployment that waits for it. */
  park(
    request: Partial<NewRequest> = {},
    options: ParkOptions = {},
    site: SimulatedSite = this.site,
  ): { readonly key: string; readonly interruption: Interruption } {
    const release = `1.0.${this.octopus.interruptions.length}`;
    const { key } = site.createRequest({
      summary: `Octopus: Deploy "Web Site" version ${release} to "Production"`,
      status: 'Implementing',
      lagged: false,
      ...request,
    });
    return { key, interruption: this.parkFor(`${site.baseUrl}/browse/${key}`, { release, ...options }) };
  }

  /** Parks a deployment that waits for the change request behind this link. */
  parkFor(changeRequest: string, options: ParkOptions = {}): Interruption {
    return this.octopus.park({ responsibleTeams: ['Change gate'], changeRequest, ...options });
  }

  /** Returns the variables of a pass. */
  variables(overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
    return gateVariables(this.site, {
      'Octopus.Project.Name': 'Operations',
      'Octopus.Runbook.Id': 'Runbooks-9',
      'Octopus.Runbook.Name': 'Resume parked deployments',
      'Octopus.RunbookRun.Id': 'RunbookRuns-500',
      'JsmChange.Operation': 'Resume',
      'JsmChange.OctopusApiKey': octopusKey,
      'JsmChange.WaitLimitMinutes': '',
      ...overrides,
    });
  }

  /** Runs one pass, or another operation, to its end. */
  pass(overrides: Readonly<Record<string, string>> = {}, options: PassOptions = {}): Promise<SimulatedRun> {
    const { site } = this;
    return simulate({ site, ...options, variables: this.variables(overrides), servers: this.#servers });
  }

  /** Runs several passes in parallel. */
  passes(
    runs: readonly Omit<RunOptions, 'variables'>[],
    overrides: Readonly<Record<string, string>> = {},
    at: readonly Act[] = [],
  ): Promise<readonly SimulatedRun[]> {
    const { site } = this;
    const variables = this.variables(overrides);
    const servers = this.#servers;
    return simulateRuns({ site, at, runs: runs.map((run) => ({ ...run, variables, servers })) });
  }
}

/** Returns the button that was pressed, if any. */
export function answerOf({ answer }: Interruption): string | undefined {
  return answer?.given;
}

export function toOctopus({ requests }: SimulatedRun): readonly SimulatedRequest[] {
  return requests.filter(({ host }) => host === octopusHost);
}

export function toJira({ requests }: SimulatedRun): readonly SimulatedRequest[] {
  return requests.filter(({ host }) => host !== octopusHost);
}

/** Returns the totals of a pass, by their words. */
export function total({ said }: SimulatedRun): Record<string, number> {
  const line = said.findLast((one) => one.line.startsWith('Resume: '))?.line ?? '';
  return Object.fromEntries(
    [...line.matchAll(/(\d+) ([a-z ]+)/g)].map(([, count, what]) => [what, Number(count)]),
  );
}
