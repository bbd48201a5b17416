import type { ApprovalCheck } from '../domain/change/approval-check.ts';
import type { StateSets } from '../domain/change/change-state.ts';
import type { CommentMode } from '../domain/deployment/announcement.ts';

/** A policy (docs/policy.md) with its defaults. Names are trimmed; each project contains its connection. */
export interface Policy {
  readonly enabled: boolean;
  /** V3 */
  readonly customerComments: CommentMode;
  /** What the step does if no entry names the project or the environment. */
  readonly unlisted: 'warn' | 'stop';
  readonly connections: readonly Connection[];
  readonly projects: readonly ProjectEntry[];
  readonly environments: readonly EnvironmentEntry[];
  readonly states: StateSets;
  /** Field name or id; undefined: the default fields. */
  readonly plannedStart: string | undefined;
  readonly plannedEnd: string | undefined;
  readonly requirePlannedEnd: boolean;
  /** Empty: change requests of any type are accepted. */
  readonly issueTypes: readonly string[];
  /** Keys of other Jira projects whose change requests may be supplied. */
  readonly allowedProjects: readonly string[];
  /** A1: what a supplied change request must mention. */
  readonly suppliedMustMention: readonly ('project' | 'release' | 'environment' | 'tenant')[];
  /** A2 */
  readonly approvalCheck: ApprovalCheck;
}

export interface Connection {
  readonly name: string;
  /** The root URL of the site, without a trailing slash. */
  readonly baseUrl: string;
  /** Empty: the secret is a Data Center personal access token. */
  readonly username: string;
  /** The name of the Octopus variable that contains the secret. */
  readonly tokenVariable: string;
}

/** The entry of a project, or of every other project if its name is `*`. */
export type ProjectEntry = UncontrolledProject | ControlledProject;

interface UncontrolledProject {
  readonly name: string;
  readonly changeControlled: false;
  /** R3: runs may still be parked from the time when the project was change controlled. */
  readonly connection?: Connection | undefined;
  readonly serviceProject?: string | undefined;
}

export interface ControlledProject {
  readonly name: string;
  readonly changeControlled: true;
  /** One of the policy's connections. */
  readonly connection: Connection;
  readonly serviceProject: string;
  /** Name or id. */
  readonly requestType: string;
  /** Names of change controlled runbooks; `*` means all. */
  readonly runbooks: readonly string[];
  /** V5: whether `ApproveTransition` may be used. */
  readonly preApproved: boolean;
}

/** The entry of an environment, or of every other environment if its name is `*`. */
export interface EnvironmentEntry {
  readonly name: string;
  readonly changeControlled: boolean;
}
