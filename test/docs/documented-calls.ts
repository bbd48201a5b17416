import { readFileSync } from 'node:fs';

/** The text of `docs/jira-calls.md`. */
export const callsDocument = readFileSync(new URL('../../docs/jira-calls.md', import.meta.url), 'utf8');

interface DocumentedCall {
  /** `GET /rest/api/2/issue/{key}` */
  readonly call: string;
  readonly when: string;
  readonly permission: string;
  readonly classic: readonly string[];
  readonly granular: readonly string[];
}

/** Every call in the tables of `docs/jira-calls.md`. */
export const documentedCalls: readonly DocumentedCall[] = [
  ...callsDocument.matchAll(/^\| `((?:GET|POST|PUT|DELETE) \/[^`]+)` \|(.*)\|$/gm),
].map(([, call = '', rest = '']) => {
  const [when = '', permission = '', classic = '', granular = ''] = rest
    .split('|')
    .map((cell) => cell.trim());
  const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return { call, when, permission, classic: codes(classic), granular: codes(granular) };
});

/**
 * The documented call for a request: the match with the fewest variable parts. The path must not include a
 * query.
 */
export function documentedCallOf(method: string, path: string): string | undefined {
  const fitting = documentedCalls.filter(({ call }) => {
    const [verb, shape = ''] = call.split(' ');
    return verb === method && new RegExp(`^${shape.replace(/\{[^}]*\}/g, '[^/]+')}$`).test(path);
  });
  return fitting.sort((a, b) => a.call.split('{').length - b.call.split('{').length)[0]?.call;
}
