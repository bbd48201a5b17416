import { cutTo, safeLine } from '../domain/text.ts';
import { tokensIn } from './secrets.ts';

/** One problem in the text of a policy. It never shows a secret. */
export interface PolicyProblem {
  /** Line and column count from 1. */
  readonly line: number;
  readonly column: number;
  /** The place in the policy, such as `projects[0].connection`; empty for the policy as a whole. */
  readonly path: string;
  /** What is wrong, what was expected, and the nearest known word if there is one. */
  readonly message: string;
}

/** Formats a problem as one line: `line 4, column 3, projects[0].connection: ...`. */
export function describeProblem({ line, column, path, message }: PolicyProblem): string {
  return `line ${line}, column ${column}${path === '' ? '' : `, ${path}`}: ${message}`;
}

/** A problem before its line and column are known. */
export interface Finding {
  /** JSON pointer, as ajv writes it. */
  readonly pointer: string;
  /** Set if the key is wrong, not its value. */
  readonly ofKey?: true;
  readonly message: string;
}

/** Formats a text from the policy for a message. */
export type Show = (value: string) => string;

const notShown = '(not shown)';

/**
 * Returns a function that shows a text in quotes, on one line and shortened. It hides tokens, and texts that
 * contain one of the hidden ones.
 */
export function showExcept(hidden: readonly string[]): Show {
  return (value) => {
    // Short texts, such as `true`, occur in others by chance, so they are compared only as a whole.
    const isHidden = hidden.some((text) => (text.length < 6 ? value.trim() === text : value.includes(text)));
    return isHidden || tokensIn(value).length > 0 ? notShown : `"${cutTo(safeLine(value), 80)}"`;
  };
}

/** Returns the JSON pointer to a key or index of a parent, such as `/projects/0/name`. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Formats a JSON pointer for people: `/projects/0/name` as `projects[0].name`. */
export function readablePath(pointer: string, show: Show): string {
  const parts = pointer.split('/').slice(1);
  return parts.reduce((path, part) => {
    if (/^\d+$/.test(part)) return `${path}[${part}]`;
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!/^[A-Za-z][\w-]{0,39}$/.test(key) || show(key) === notShown) return `${path}[${show(key)}]`;
    return path === '' ? key : `${path}.${key}`;
  }, '');
}
