/**
 * The part of Octopus' variable expressions that run conditions and Instructions use: `#{Name}`, `#{if A}`,
 * `#{if A == "text"}`, `#{if A != B}`, `#{unless A}`, `#{else}`, `#{/if}`, `#{/unless}`. Expressions within
 * values are evaluated too. Whatever cannot be resolved stays unchanged.
 */
export type Lookup = (name: string) => string | undefined;

/** Returns a lookup of variables by name, ignoring case. */
export function lookupIn(variables: Readonly<Record<string, string>>): Lookup {
  const folded = new Map(Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => folded.get(name.toLowerCase());
}

/** The nesting depth at which circular references end. */
const deepest = 10;

export function evaluate(text: string, lookup: Lookup, depth = 0): string {
  if (depth > deepest || !text.includes('#{')) return text;
  const parts = text.split(/(#\{[^{}]*\})/).filter((part) => part !== '');
  return evaluateParts(parts, (name) => {
    const value = lookup(name);
    return value === undefined ? undefined : evaluate(value, lookup, depth + 1);
  });
}

/** Returns true if Octopus treats the text of a condition as true. */
export function isTruthy(text: string): boolean {
  return !['', '0', 'no', 'false'].includes(text.trim().toLowerCase());
}

interface Block {
  readonly kind: 'if' | 'unless';
  readonly holds: boolean;
  /** Whether the current branch is shown. */
  isShown: boolean;
}

/** The conditional blocks around the current position in a text. */
class Blocks {
  readonly #open: Block[] = [];

  get isShown(): boolean {
    return this.#open.every((block) => block.isShown);
  }

  /** The innermost block. */
  get last(): Block | undefined {
    return this.#open.at(-1);
  }

  /** Returns true if this expression begins, switches or ends a block. */
  take(inner: string, lookup: Lookup): boolean {
    const opening = /^(if|unless)\s+(.+)$/s.exec(inner);
    if (opening !== null) {
      const kind = opening[1] === 'if' ? 'if' : 'unless';
      const holds = condition(opening[2] ?? '', lookup) === (kind === 'if');
      this.#open.push({ kind, holds, isShown: holds });
      return true;
    }
    const { last } = this;
    if (last === undefined) return false;
    if (inner === 'else') last.isShown = !last.holds;
    else if (inner === `/${last.kind}`) this.#open.pop();
    else return false;
    return true;
  }
}

function evaluateParts(parts: readonly string[], lookup: Lookup): string {
  const blocks = new Blocks();
  let result = '';
  for (const part of parts) {
    const inner = /^#\{(.*)\}$/s.exec(part)?.[1]?.trim();
    if (inner !== undefined && blocks.take(inner, lookup)) continue;
    if (blocks.isShown) result += inner === undefined ? part : (lookup(inner) ?? part);
  }
  if (blocks.last !== undefined) throw new Error(`#{${blocks.last.kind}} has no end: ${parts.join('')}`);
  return result;
}

/** Comparisons are case-sensitive; a missing variable counts as empty. */
function condition(text: string, lookup: Lookup): boolean {
  const compared = /^(.+?)\s*(==|!=)\s*(.+)$/s.exec(text);
  if (compared === null) return isTruthy(lookup(text) ?? '');
  const [, left = '', operator, right = ''] = compared;
  const quoted = /^"(.*)"$/s.exec(right);
  const isEqual = (lookup(left) ?? '') === (quoted === null ? (lookup(right) ?? '') : quoted[1]);
  return isEqual === (operator === '==');
}
