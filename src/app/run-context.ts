import type { ChangeRequestSource } from '../domain/change-request.ts';
import type { ChangeRules, Look } from '../domain/decision.ts';
import type { OctopusRun } from '../domain/run-line.ts';
import type { Text } from '../domain/text.ts';
import type { Clock, FieldSetting, Random, ServiceDesk, TaskLog } from './ports.ts';

/** What a gate is asked to do, after every input was checked. */
export interface GateSettings {
  readonly rules: ChangeRules;
  /** Key of the service project, in capitals. */
  readonly serviceProject: string;
  /** Key of a supplied change request (L1); undefined: by title. */
  readonly suppliedKey: string | undefined;
  /** L5 to L7 */
  readonly title: string;
  readonly run: OctopusRun;
  /** Description of a change request that is created, without its run line. */
  readonly description: string;
  readonly fields: readonly FieldSetting[];
  /** What the run is, for people: see {@link DeploymentFacts}. */
  readonly deployment: DeploymentFacts;
  /** V3 */
  readonly customerComments: boolean;
  /** V5: id, name or target status of a transition; blank: none. */
  readonly approveTransition: string;
  readonly whenPending: 'wait' | 'fail';
  readonly pollIntervalMs: number;
}

/** What a run is, as Octopus tells it; what it does not tell is blank. */
export interface DeploymentFacts {
  readonly project: string;
  readonly release: string;
  readonly environment: string;
  /** Blank for a deployment. */
  readonly runbook: string;
  readonly isRunbookRun: boolean;
  readonly tenant: string;
  readonly tenantTags: string;
  /** Who asked for it. */
  readonly requester: string;
  /** The task's page in the Octopus portal. */
  readonly taskUrl: string;
  /** First line of the deployment's error; blank when it has none. */
  readonly error: string;
}

/** What the run has learned so far; it outlives a fault, so that every ending can write its outputs. */
export interface RunRecord {
  key?: string;
  source?: ChangeRequestSource;
  look?: TimedLook;
}

/** A look and its age. */
export interface TimedLook extends Look {
  /** Steady clock when the request left. */
  readonly askedAt: number;
  /** Steady clock when the answer was here. */
  readonly answeredAt: number;
}

/** How a run ended. */
export interface Ending {
  readonly decision: 'NotRequired' | 'Proceed' | 'Stop' | 'TimedOut' | 'Error';
  /** One sentence. */
  readonly reason: Text;
  /** What to do, where there is something. */
  readonly advice?: Text;
}

export interface RunContext {
  readonly serviceDesk: ServiceDesk;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: TaskLog;
  readonly settings: GateSettings;
  readonly record: RunRecord;
  /** Aborts at the wait limit and when the process is told to end. */
  readonly signal: AbortSignal;
  /** Aborts only when the process is told to end: for what the wait limit must not cut (P4). */
  readonly killSignal: AbortSignal;
  /** Steady clock at the wait limit; undefined: none. */
  readonly deadline: number | undefined;
}
