import type { ChangeStatus } from '../../domain/change/change-state.ts';
import type { SearchHit } from '../ports.ts';

/** What `serverInfo` says of a site. */
export interface ServerInfo {
  readonly kind: 'cloud' | 'data-center';
  readonly version: string;
  /** From the `Date` header, else from the body. */
  readonly serverTime: Date | undefined;
}

export interface SiteField {
  readonly id: string;
  readonly name: string;
  /** `datetime`, `string`, ... of the field's schema; empty if Jira does not show it. */
  readonly type: string;
}

/** A status that the workflow of an issue type has. */
export interface WorkflowStatus extends Pick<ChangeStatus, 'id' | 'name' | 'untranslatedName'> {
  readonly issueTypeId?: string | undefined;
}

/** What `Test` asks a JSM site besides what a gate asks; everything reads, nothing writes. */
export interface ConnectionProbe {
  serverInfo(): Promise<ServerInfo>;
  account(): Promise<{ readonly name: string; readonly timeZone: string | undefined }>;
  serviceDeskId(): Promise<string>;
  /** `issueTypeId`: of what it raises; undefined if Jira does not show it. */
  requestType(
    serviceDeskId: string,
  ): Promise<{ readonly id: string; readonly name: string; readonly issueTypeId: string | undefined }>;
  /**
   * Every field of the site or, if it has too many to list, the fields of the default planned names and those wanted.
   * @param wanted ids and names of fields
   */
  fields(wanted: readonly string[]): Promise<readonly SiteField[]>;
  /** Every status that a workflow of the service project has; one may come several times. */
  statuses(): Promise<readonly WorkflowStatus[]>;
  /** The last few change requests that the account has raised in the service project, the newest first. */
  raised(issueTypeId: string | undefined): Promise<readonly SearchHit[]>;
  /** Jira's permission keys and whether the account has each in the service project; those that it does not show are left out. */
  permissions(keys: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
}
