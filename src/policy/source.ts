import type { Node, YAMLMap } from 'yaml';
import * as yaml from '../../node_modules/yaml/browser/dist/index.js';
import { type Finding, type PolicyProblem, pointerTo } from './problem.ts';
import { yamlFault } from './yaml-fault.ts';

const longestPolicy = 131_072;
const mostValues = 20_000;
const deepestLevel = 20;

/** A policy's text as YAML. */
export interface PolicySource {
  readonly text: string;
  readonly value: unknown;
  /** Where each part is written, by JSON pointer. */
  readonly places: ReadonlyMap<string, SourcePlace>;
  /** Every text, number and boolean; a duplicate key has several. */
  readonly scalars: readonly { readonly pointer: string; readonly text: string }[];
  /** Problems of how it is written. */
  readonly findings: readonly Finding[];
  readonly positionOf: (offset: number) => Pick<PolicyProblem, 'line' | 'column'>;
}

/** Offsets in the text. */
interface SourcePlace {
  readonly key: number | undefined;
  readonly value: number;
}

/** Reads a text as one YAML document, or finds the first fault because of which it is not one. */
export function readSource(text: string): PolicySource | { readonly fault: PolicyProblem } {
  const lines = new yaml.LineCounter();
  const positionOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fault = (offset: number, message: string) => ({
    fault: { ...positionOf(offset), path: '', message },
  });
  if (text.length > longestPolicy) {
    return fault(0, `Expected at most ${longestPolicy} characters, found ${text.length}.`);
  }
  const document = yaml.parseDocument(text, {
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    // The reader finds duplicate keys, without comparing each key with each.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const [first] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first) return fault(first.pos[0], yamlFault(first.code));
  const reader = new TreeReader(text);
  const value = reader.read(document.contents, '', 0);
  const { places, scalars, findings, excess } = reader;
  return excess === undefined
    ? { text, value, places, scalars, findings, positionOf }
    : fault(excess, `Expected at most ${mostValues} values and ${deepestLevel} levels, aliases included.`);
}

/** Builds the plain value of a document, and limits what aliases multiply to. */
class TreeReader {
  readonly places = new Map<string, SourcePlace>();
  readonly scalars: { pointer: string; text: string }[] = [];
  readonly findings: Finding[] = [];
  /** Offset of what goes beyond a limit; nothing is read from there on. */
  excess: number | undefined;
  readonly #text: string;
  readonly #anchors = new Map<string, Node>();
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(node: Node | null, pointer: string, level: number, key?: number): unknown {
    const [start, end] = node?.range ?? [key ?? 0, key ?? 0];
    this.#values += 1;
    if (this.#values > mostValues || level > deepestLevel) this.excess ??= start;
    if (this.excess !== undefined) return null;
    let value: unknown = null;
    if (yaml.isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target) value = this.read(target, pointer, level + 1);
      else
        this.#find(
          pointer,
          'An alias (*) without an anchor (&) above it. Put a value that begins with * in quotes.',
        );
    } else {
      if (yaml.isNode(node) && node.anchor) this.#anchors.set(node.anchor, node);
      if (yaml.isMap(node)) value = this.#readMap(node, pointer, level + 1);
      else if (yaml.isSeq(node)) {
        value = node.items.map((item, index) =>
          this.read(item as Node, pointerTo(pointer, index), level + 1),
        );
      } else value = this.#readScalar(yaml.isScalar(node) ? (node.value ?? null) : null, pointer, start, end);
    }
    this.places.set(pointer, { key, value: start });
    return value;
  }

  #readMap(node: YAMLMap, pointer: string, level: number): object {
    // Without a prototype, so that no key means more than itself.
    const value: Record<string, unknown> = Object.create(null);
    for (const { key, value: child } of node.items) {
      if (!yaml.isScalar(key)) continue;
      const name = String(key.value ?? '');
      const place = pointerTo(pointer, name);
      if (Object.hasOwn(value, name)) {
        this.findings.push({ pointer: place, at: 'key', message: 'Duplicate key. Expected each key once.' });
      }
      value[name] = this.read(child as Node | null, place, level, key.range?.[0]);
    }
    return value;
  }

  #readScalar(value: unknown, pointer: string, start: number, end: number): unknown {
    const written = this.#text.slice(start, end);
    if (value !== null) this.scalars.push({ pointer, text: typeof value === 'string' ? value : written });
    // YAML reads ` #{...}` as a comment.
    const [lost] = /^[^\S\n]*#\{[^}\p{Cc}]*\}?/u.exec(this.#text.slice(end, end + 200)) ?? [];
    const isLost = lost !== undefined && !written.endsWith('\n');
    if (/^\/connections\/\d+\/(?!name$)/.test(pointer)) {
      const [expression = isLost ? lost.trim() : undefined] = /#\{[^}\p{Cc}]*\}?/u.exec(String(value)) ?? [];
      if (expression !== undefined) {
        this.#find(
          pointer,
          `${expression} was not resolved. Check the Octopus variable that it names, and its scope.`,
        );
      }
    } else if (isLost) {
      this.#find(
        pointer,
        `A # after a space begins a comment, so ${lost.trim()} is lost. Put the whole value in quotes.`,
      );
    }
    return value;
  }

  #find(pointer: string, message: string): void {
    this.findings.push({ pointer, at: 'value', message });
  }
}
