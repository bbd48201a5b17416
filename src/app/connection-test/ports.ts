import type { Named } from '../../domain/change/change-state.ts';
import type { SearchHit } from '../ports.ts';

/** What `serverInfo` says about a site. */
export interface ServerInfo {
  readonly kind: 'cloud' | 'data-center';
  readonly version: string;
  /** From the `Date` header, or else from the body. */
  readonly serverTime: Date | undefined;
}

export interface SiteField {
  readonly id: string;
  readonly name: string;
  /** The type in the field's schema, such as `datetime` or `string`; empty if Jira does not show it. */
  readonly type: string;
}

/** A status in the workflow of an issue type. */
export interface WorkflowStatus extends Named {
  readonly issueTypeId?: string | undefined;
}

/** The requests that `Test` makes to a JSM site in addition to those of a gate. All of them only read. */
export interface ConnectionProbe {
  serverInfo(): Promise<ServerInfo>;
  account(): Promise<{ readonly name: string }>;
  serviceDeskId(): Promise<string>;
  /** Returns the request type, with the id of the issue type that it creates if Jira shows it. */
  requestType(
    serviceDeskId: string,
  ): Promise<{ readonly id: string; readonly name: string; readonly issueTypeId: string | undefined }>;
  /**
   * Returns every field of the site or, if there are too many, the default planned fields and those in
   * `wanted`.
   * @param wanted ids and names of fields
   */
  fields(wanted: readonly string[]): Promise<readonly SiteField[]>;
  /** Returns every status in the workflows of the service project, possibly more than once. */
  statuses(): Promise<readonly WorkflowStatus[]>;
  /** Returns the last few change requests that the account raised in the service project, newest first. */
  raised(issueTypeId: string | undefined): Promise<readonly SearchHit[]>;
  /** Returns whether the account has each permission in the service project, as far as Jira shows it. */
  permissions(keys: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
}
