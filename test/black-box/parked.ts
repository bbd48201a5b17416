import type { NewRequest } from '../sandbox/model.ts';
import type { User } from '../sandbox/octopus/account.ts';
import type { ParkOptions } from '../sandbox/octopus/deploying-model.ts';
import type { Interruption } from '../sandbox/octopus/interruption.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { deploymentVariables, runbookRun } from '../sandbox/octopus-variables.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { type ActionOptions, type StartedAction, startAction } from './run-action.ts';

export const octopusKey = 'API-KEYOFTHEPASS123456789';

/** A JSM site and an Octopus server on loopback, with parked deployments. */
export interface ParkedServers {
  readonly sandbox: Sandbox;
  readonly octopus: OctopusServer;
  readonly robot: User;
  /** Raises a change request and parks a deployment that waits for it. */
  park(request?: Partial<NewRequest>, options?: ParkOptions): { key: string; interruption: Interruption };
  /** The variables of a pass. */
  variables(overrides?: Readonly<Record<string, string>>): Record<string, string>;
  /** Starts the bundle. */
  start(overrides?: Readonly<Record<string, string>>, options?: ActionOptions): StartedAction;
  close(): Promise<void>;
}

export async function startParked(
  options: { readonly record?: boolean; readonly contextPath?: string } = {},
): Promise<ParkedServers> {
  const sandbox = await startSandbox(options.record === undefined ? {} : { record: options.record });
  const octopus = await startOctopus(
    options.contextPath === undefined ? {} : { contextPath: options.contextPath },
  );
  const robot = octopus.addUser({
    username: 'change-gate',
    isService: true,
    teams: ['Change gate'],
    permissions: ['InterruptionView', 'InterruptionViewSubmitResponsible'],
    apiKey: octopusKey,
  });
  const variables: ParkedServers['variables'] = (overrides = {}) =>
    deploymentVariables(sandbox, {
      ...runbookRun,
      'Octopus.Web.ServerUri': octopus.url,
      'JsmChange.Operation': 'Resume',
      'JsmChange.OctopusApiKey': octopusKey,
      ...overrides,
    });
  return {
    sandbox,
    octopus,
    robot,
    variables,
    park: (request = {}, parked = {}) => {
      const { key } = sandbox.site.createRequest({ summary: 'A change', status: 'Implementing', ...request });
      const changeRequest = `${sandbox.url}/browse/${key}`;
      return {
        key,
        interruption: octopus.park({ responsibleTeams: ['Change gate'], changeRequest, ...parked }),
      };
    },
    start: (overrides, action) => startAction(variables(overrides), action),
    close: async () => {
      await sandbox.close();
      await octopus.close();
    },
  };
}
