import type { ChangeRules } from '../domain/decision/decision.ts';
import type { RunRecord } from '../domain/decision/run-record.ts';
import type { CommentMode } from '../domain/deployment/announcement.ts';
import type { DeploymentFacts } from '../domain/deployment/deployment-facts.ts';
import type { OctopusRun } from '../domain/deployment/run-line.ts';
import type { Trail } from './evidence/trail.ts';
import type { Clock, FieldSetting, Random, ServiceDesk, TaskLog } from './ports.ts';

/** The settings of a gate, after all inputs were validated. */
interface GateSettings {
  readonly rules: ChangeRules;
  /** Key of the service project, in upper case. */
  readonly serviceProject: string;
  /** Key of a supplied change request (L1); undefined: the title is looked up. */
  readonly suppliedKey: string | undefined;
  /** L4: key of the change request that an earlier step left, so this step does not find it by its title. */
  readonly earlierKey: string | undefined;
  /** L5 to L7 */
  readonly title: string;
  readonly run: OctopusRun;
  /** Description for a new change request, without the run line. */
  readonly description: string;
  readonly fields: readonly FieldSetting[];
  /** V2, V5: `TransitionField[...]` variables. */
  readonly transitionFields: readonly FieldSetting[];
  /** What is deployed, for people: see {@link DeploymentFacts}. */
  readonly deployment: DeploymentFacts;
  /** V3 */
  readonly customerComments: CommentMode;
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
  /**
   * E4: adds the digest of the change record so far to it and returns the digest; undefined if there is none.
   */
  readonly sealRecord: () => Promise<string | undefined>;
  /**
   * Returns a context for work that the wait limit must not cut short (P4); a signal to the process does.
   * @param until steady clock at which the work ends anyway
   */
  readonly beyondWaitLimit: (until?: number) => RunContext;
  /** Steady clock at the wait limit; undefined: none. */
  readonly deadline: number | undefined;
}
