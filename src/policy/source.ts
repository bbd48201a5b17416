import type { Node, Scalar } from 'yaml';
import * as yaml from '../../node_modules/yaml/browser/dist/index.js';
import { type Finding, type PolicyProblem, pointerTo } from './problem.ts';
import { secretMessage, tokensIn } from './secrets.ts';
import { yamlFault } from './yaml-fault.ts';

const longestPolicy = 131_072;
const mostValues = 20_000;
const deepestLevel = 20;

/** A value, and the offsets at which its key and itself begin. */
interface Place {
  readonly value: unknown;
  readonly keyOffset: number;
  readonly offset: number;
}

/** The text of a policy, parsed as YAML. Its parts are identified by JSON pointers. */
export interface PolicySource {
  readonly value: unknown;
  readonly places: ReadonlyMap<string, Place>;
  /** Every text, number and boolean; a duplicate key has several. */
  readonly scalars: readonly { readonly pointer: string; readonly text: string }[];
  /** Problems with how the values are written. */
  readonly findings: readonly Finding[];
  /** Problems in comments, by their offsets. */
  readonly inComments: readonly { readonly offset: number; readonly message: string }[];
  readonly positionOf: (offset: number) => Pick<PolicyProblem, 'line' | 'column'>;
}

/** Parses a text as one YAML document, or returns the first fault that prevents this. */
export function readSource(text: string): PolicySource | { readonly fault: PolicyProblem } {
  const lines = new yaml.LineCounter();
  const positionOf = (offset: number) => {
    const { line, col: column } = lines.linePos(offset);
    return { line, column };
  };
  const fault = (offset: number, message: string) => {
    return { fault: { ...positionOf(offset), path: '', message } };
  };
  if (text.length > longestPolicy) {
    const message = `Expected at most ${longestPolicy} characters, found ${text.length}.`;
    return { fault: { line: 1, column: 1, path: '', message } };
  }
  const document = yaml.parseDocument(text, {
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    // Duplicate keys are found below, without comparing each key with every other.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const [first] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first) return fault(first.pos[0], yamlFault(first.code));
  const tree = treeOf(document.contents, text);
  if (!('excess' in tree)) return { ...tree, positionOf };
  const limits = `Expected at most ${mostValues} values and ${deepestLevel} levels, aliases included.`;
  return fault(tree.excess, limits);
}

/** Returns the tree of a document, or the offset at which it exceeds the limits, with aliases expanded. */
function treeOf(
  contents: Node | null,
  text: string,
): Omit<PolicySource, 'positionOf'> | { readonly excess: number } {
  const places = new Map<string, Place>();
  const scalars: { pointer: string; text: string }[] = [];
  const findings: Finding[] = [];
  const anchors = new Map<string, Node>();
  const lostExpressions = expressionsInComments(text);
  let values = 0;
  let excess: number | undefined;

  const read = (node: Node | null, pointer: string, level: number, key?: number): unknown => {
    const [start, end] = node?.range ?? [key ?? 0, key ?? 0];
    values += 1;
    if (values > mostValues || level > deepestLevel) excess ??= start;
    if (excess !== undefined) return null;
    if (node && !yaml.isAlias(node) && node.anchor) anchors.set(node.anchor, node);
    const target = yaml.isAlias(node) ? anchors.get(node.source) : undefined;
    const value = target
      ? read(target, pointer, level + 1)
      : (readCollection(node, pointer, level + 1) ?? readScalar(node, pointer, start, end));
    places.set(pointer, { value, keyOffset: key ?? start, offset: start });
    return value;
  };

  const readCollection = (node: Node | null, pointer: string, level: number): object | undefined => {
    if (yaml.isSeq<Node>(node)) {
      return node.items.map((item, index) => read(item, pointerTo(pointer, index), level));
    }
    // `stringKeys` makes every other key a fault.
    if (!yaml.isMap<Scalar<string>, Node | null>(node)) return undefined;
    // Without a prototype, so that no key, such as `__proto__`, has a special meaning.
    const map: Record<string, unknown> = Object.create(null);
    for (const { key, value } of node.items) {
      const place = pointerTo(pointer, key.value);
      const message = 'Duplicate key. Expected each key once.';
      if (Object.hasOwn(map, key.value)) findings.push({ pointer: place, ofKey: true, message });
      map[key.value] = read(value, place, level, key.range?.[0]);
    }
    return map;
  };

  const readScalar = (node: Node | null, pointer: string, start: number, end: number): unknown => {
    const written = text.slice(start, end);
    const value = yaml.isScalar(node) ? (node.value ?? null) : null;
    if (value !== null) scalars.push({ pointer, text: typeof value === 'string' ? value : written });
    const lost = written.endsWith('\n') ? undefined : expressionAfter(end);
    const message = yaml.isAlias(node)
      ? 'An alias (*) without an anchor (&) above it. Put a value that begins with * in quotes.'
      : expressionFault(pointer, String(value), lost);
    if (message !== undefined) findings.push({ pointer, message });
    return value;
  };

  /** Takes the expression that a comment right after a value begins with: the problem is the value's. */
  const expressionAfter = (end: number): string | undefined => {
    const at = end + text.slice(end).search(/[\S\n]|$/u);
    const lost = lostExpressions.get(at);
    lostExpressions.delete(at);
    return lost;
  };

  const value = read(contents, '', 0);
  if (excess !== undefined) return { excess };
  const known = [...scalars.map((scalar) => scalar.text), ...places.keys()];
  const strayTokens = tokensIn(text).filter(([token]) => !known.some((each) => each.includes(token)));
  const inComments = [
    ...[...lostExpressions].map(([offset, expression]) => {
      const message = `${expression} was not resolved, and YAML reads it as a comment. Check the Octopus variable that it names, and its scope.`;
      return { offset, message };
    }),
    ...strayTokens.map(({ index }) => ({ offset: index, message: secretMessage })),
  ];
  return { value, places, scalars, findings, inComments };
}

/** Finds the comments that begin with an expression: YAML would silently leave out what it stands for. */
function expressionsInComments(text: string): Map<number, string> {
  const found = new Map<number, string>();
  let offset = 0;
  for (const token of new yaml.Lexer().lex(text)) {
    // These tokens mark a document, a flow error and a scalar; the text does not contain them.
    if (/^[\x02\x18\x1f]$/.test(token)) continue;
    const [expression] = /^#\{[^}\p{Cc}]*\}?/u.exec(token) ?? [];
    if (expression !== undefined) found.set(offset, expression);
    offset += token.length;
  }
  return found;
}

/**
 * Y5: returns what is wrong with an expression in a value, or with one that YAML reads as a comment after it:
 * the value would silently be cut short.
 */
function expressionFault(pointer: string, value: string, lost: string | undefined): string | undefined {
  if (/^\/connections\/\d+\/(?!name$)/.test(pointer)) {
    const expression = /#\{[^}\p{Cc}]*\}?/u.exec(value)?.[0] ?? lost;
    return (
      expression && `${expression} was not resolved. Check the Octopus variable that it names, and its scope.`
    );
  }
  return lost && `A # after a space begins a comment, so ${lost} is lost. Put the whole value in quotes.`;
}
