/** What `Test` asks a JSM site beside what a gate asks; everything reads, nothing writes. */
export interface ConnectionProbe {
  serverInfo(signal: AbortSignal): Promise<{
    readonly kind: 'cloud' | 'data-center';
    readonly version: string;
    /** From the `Date` header, else from the body. */
    readonly serverTime: Date | undefined;
  }>;
  account(signal: AbortSignal): Promise<{ readonly name: string; readonly timeZone: string | undefined }>;
  serviceDeskId(signal: AbortSignal): Promise<string>;
  requestType(
    serviceDeskId: string,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly name: string }>;
  /** Fields of the request form and of the whole site. */
  fields(signal: AbortSignal): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** Jira's permission keys and whether the account has each in the service project. */
  permissions(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, boolean>>;
}
