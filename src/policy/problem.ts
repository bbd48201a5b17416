import { safeLine } from '../domain/text.ts';

/** One thing that is wrong in a policy's text. Nothing of it ever shows a secret. */
export interface PolicyProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters as the text has them. */
  readonly column: number;
  /** Where in the policy, such as `projects[0].connection`; blank for the policy as a whole. */
  readonly path: string;
  /** What is wrong, what was expected, and the nearest known word where there is one. */
  readonly message: string;
}

/** A problem as one line: `line 4, column 3, projects[0].connection: ...`. */
export function describeProblem(problem: PolicyProblem): string {
  const path = problem.path === '' ? '' : `, ${problem.path}`;
  return `line ${problem.line}, column ${problem.column}${path}: ${problem.message}`;
}

/** A problem before its place is looked up; the pointer is a JSON pointer, as ajv writes it. */
export interface Finding {
  readonly pointer: string;
  /** Whether the key is at fault or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  /** Tells that something is not there, which a text that is cut short tells wrongly. */
  readonly missing?: boolean;
}

/** How a text out of the policy is shown in a message. */
export type Show = (value: string) => string;

const longestShown = 80;

/** Shows texts in quotes, on one line and not too long, and none that holds one of the secrets. */
export function showUnless(secrets: readonly string[]): Show {
  return (value) => {
    if (secrets.some((secret) => value.includes(secret))) return '(not shown)';
    const line = [...safeLine(value)];
    return `"${line.length > longestShown ? `${line.slice(0, longestShown).join('')}...` : line.join('')}"`;
  };
}

/** `/projects/0/name` of a key. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The keys and indexes of a pointer. */
export function pointerParts(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `projects[0].name` of `/projects/0/name`. */
export function readablePath(pointer: string, show: Show): string {
  return pointerParts(pointer).reduce((path, part) => {
    if (/^\d+$/.test(part)) return `${path}[${part}]`;
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(part) || show(part) === '(not shown)') {
      return `${path}[${show(part)}]`;
    }
    return path === '' ? part : `${path}.${part}`;
  }, '');
}
