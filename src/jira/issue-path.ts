/** What every read of a change request asks for. */
export const lookFields = ['summary', 'status', 'issuetype', 'project', 'created'];

/** The address of a read of an issue, with what is asked of it. */
export function issuePath(key: string, query: Readonly<Record<string, string>>): string {
  return `/rest/api/2/issue/${encodeURIComponent(key)}?${new URLSearchParams(query).toString()}`;
}
