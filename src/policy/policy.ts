import type { StateSets } from '../domain/change/change-state.ts';

/** A policy (docs/policy.md) with its defaults: names are trimmed, and each project has its connection. */
export interface Policy {
  readonly enabled: boolean;
  /** V3 */
  readonly customerComments: 'none' | 'public' | 'internal';
  /** What happens to a project or an environment that no entry names. */
  readonly unlisted: 'warn' | 'stop';
  readonly projects: readonly ProjectEntry[];
  readonly environments: readonly EnvironmentEntry[];
  readonly states: StateSets;
  /** Field name or id; undefined: the fields that the step looks for by default. */
  readonly plannedStart: string | undefined;
  readonly plannedEnd: string | undefined;
  readonly requirePlannedEnd: boolean;
  /** Empty: change requests of any type count. */
  readonly issueTypes: readonly string[];
  /** Keys of further Jira projects from which a supplied change request may come. */
  readonly allowedProjects: readonly string[];
  /** A1: what a supplied change request must mention. */
  readonly suppliedMustMention: readonly ('project' | 'release' | 'environment' | 'tenant')[];
  /** A2 */
  readonly approvalCheck: 'status' | 'approved' | 'other-approver';
}

export interface Connection {
  readonly name: string;
  /** The root URL of the site without a slash at its end. */
  readonly baseUrl: string;
  /** Empty: the secret is a personal access token of Data Center. */
  readonly username: string;
  /** The name of the Octopus variable that contains the secret. */
  readonly tokenVariable: string;
}

/** The entry of a project, or of every other project when its name is `*`. */
export type ProjectEntry = UncontrolledProject | ControlledProject;

interface UncontrolledProject {
  readonly name: string;
  readonly changeControlled: false;
}

export interface ControlledProject {
  readonly name: string;
  readonly changeControlled: true;
  readonly connection: Connection;
  readonly serviceProject: string;
  /** Name or id. */
  readonly requestType: string;
  /** Names of change controlled runbooks; `*` means all. */
  readonly runbooks: readonly string[];
  /** V5: `ApproveTransition` may be used. */
  readonly preApproved: boolean;
}

/** The entry of an environment, or of every other environment when its name is `*`. */
export interface EnvironmentEntry {
  readonly name: string;
  readonly changeControlled: boolean;
}
