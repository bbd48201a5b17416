import type { FieldSetting } from '../app/ports.ts';
import type { ApprovalCheck } from '../domain/change/approval-check.ts';
import type { StateSets } from '../domain/change/change-state.ts';
import type { ChangeRules } from '../domain/decision/decision.ts';
import type { CommentMode } from '../domain/deployment/announcement.ts';
import type { DeploymentFacts } from '../domain/deployment/deployment-facts.ts';
import type { OctopusRun } from '../domain/deployment/run-line.ts';
import type { Operation } from '../domain/operation.ts';

/** The JSM site that a run uses, and how it uses it: from the parameters, or from a policy instead. */
export interface SiteSettings {
  readonly baseUrl: URL;
  /** Empty: the token is a Data Center personal access token. */
  readonly username: string;
  readonly token: string;
  /** The variable that contains the token of the policy's connection; undefined without a policy. */
  readonly policyToken: string | undefined;
  /** In upper case. */
  readonly serviceProject: string;
  /** Name or id. */
  readonly requestType: string;
  readonly states: StateSets;
  /** Name or id; undefined: the default fields. */
  readonly plannedStartField: string | undefined;
  readonly plannedEndField: string | undefined;
  /** In upper case; they include the service project. */
  readonly allowedProjects: readonly string[];
  /** V3 */
  readonly customerComments: CommentMode;
  /** A1: what a supplied change request must mention. */
  readonly suppliedMustMention: readonly string[];
  readonly approvalCheck: ApprovalCheck;
  readonly requirePlannedEnd: boolean;
  /** Undefined: change requests of any type are accepted. */
  readonly issueTypes: readonly string[] | undefined;
  /** V5: whether `ApproveTransition` may be used. */
  readonly mayApproveTransition: boolean;
}

/** How a run behaves, regardless of the site. */
export interface RunSettings {
  readonly whenPending: 'wait' | 'fail';
  readonly pollIntervalMs: number;
  /** 0: no limit. */
  readonly waitLimitMs: number;
  readonly outageMs: number;
  /** V5: id, name or target status of a transition; empty: none. */
  readonly approveTransition: string;
  /** V2; empty: the status is not changed. */
  readonly successStatus: string;
  readonly failureStatus: string;
  /** E1 */
  readonly evidenceRecord: boolean;
}

/** All settings of a run, after every input was validated. */
export interface Settings extends SiteSettings, RunSettings {
  readonly operation: Operation;
  readonly rules: ChangeRules;
  /** Key of a supplied change request (L1); undefined if none was supplied. */
  readonly suppliedKey: string | undefined;
  /** Key that an earlier step of this run left (L4); `Gate` uses only that of a `Request`. */
  readonly earlierKey: string | undefined;
  /** What the earlier steps of this run decided. */
  readonly earlierDecisions: readonly string[];
  /** L5 to L7 */
  readonly title: string;
  /** `Field[...]` variables, without the summary. */
  readonly fields: readonly FieldSetting[];
  /** `TransitionField[...]` variables. */
  readonly transitionFields: readonly FieldSetting[];
  readonly run: OctopusRun;
  readonly deployment: DeploymentFacts;
  /** Description for a change request that the step creates, without its run line. */
  readonly description: string;
}
