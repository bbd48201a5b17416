import type { ChangeRules } from '../domain/decision/decision.ts';
import type { RunRecord } from '../domain/decision/run-record.ts';
import type { DeploymentFacts } from '../domain/deployment/deployment-facts.ts';
import type { OctopusRun } from '../domain/deployment/run-line.ts';
import type { Trail } from './evidence/trail.ts';
import type { Clock, FieldSetting, Random, ServiceDesk, TaskLog } from './ports.ts';

/** What a gate is asked to do, after every input was checked. */
interface GateSettings {
  readonly rules: ChangeRules;
  /** Key of the service project, in capitals. */
  readonly serviceProject: string;
  /** Key of a supplied change request (L1); undefined: by title. */
  readonly suppliedKey: string | undefined;
  /** L4: key of the change request of an earlier step; it was not found by its title here. */
  readonly earlierKey: string | undefined;
  /** L5 to L7 */
  readonly title: string;
  readonly run: OctopusRun;
  /** Description of a change request that is created, without its run line. */
  readonly description: string;
  readonly fields: readonly FieldSetting[];
  /** V2, V5: `TransitionField[...]` variables. */
  readonly transitionFields: readonly FieldSetting[];
  /** What the run is, for people: see {@link DeploymentFacts}. */
  readonly deployment: DeploymentFacts;
  /** V3 */
  readonly customerComments: 'none' | 'public' | 'internal';
  /** V5: id, name or target status of a transition; empty: none. */
  readonly approveTransition: string;
  readonly whenPending: 'wait' | 'fail';
  readonly pollIntervalMs: number;
}

export interface RunContext {
  readonly serviceDesk: ServiceDesk;
  readonly clock: Clock;
  /** Waits; rejects with the reason when the run ends. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: Random;
  readonly log: TaskLog;
  readonly settings: GateSettings;
  readonly record: RunRecord;
  /** E2 */
  readonly trail: Trail;
  /** E4: the digest of the change record as it is now, which stays in it; undefined without a record. */
  readonly sealRecord: () => Promise<string | undefined>;
  /**
   * The same run for what the wait limit must not cut short (P4): a signal to the process ends it.
   * @param until steady clock at which it ends all the same
   */
  readonly beyondWaitLimit: (until?: number) => RunContext;
  /** Steady clock at the wait limit; undefined: none. */
  readonly deadline: number | undefined;
}
