import type { Alias, Document, Node, ParsedNode, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq } from '../../node_modules/yaml/browser/dist/index.js';
import { pointerTo } from './problem.ts';
import type { SourceNode, SourceTree, SyntaxFault } from './source-tree.ts';

const mostAliases = 100;
const mostNodes = 20_000;
const doubledKey = 'This key is here twice. Expected each key once.';
const tooMuch = `Too much: expected at most ${mostAliases} aliases and ${mostNodes} values.`;

/**
 * The plain value of a document. Aliases are followed here, to bound what they multiply to.
 *
 * @param ofDoubled which value of a key counts that is there twice
 */
export function readTree(
  document: Document.Parsed<ParsedNode>,
  text: string,
  ofDoubled: 'first' | 'last',
): { readonly tree: SourceTree; readonly faults: readonly SyntaxFault[]; readonly doubled: boolean } {
  const reader = new TreeReader(text, ofDoubled);
  const value = reader.read(document.contents, '');
  return { tree: { value, nodes: reader.nodes }, faults: reader.faults, doubled: reader.doubled };
}

interface Key {
  readonly name: string;
  readonly offset: number;
}

class TreeReader {
  readonly nodes = new Map<string, SourceNode>();
  readonly faults: SyntaxFault[] = [];
  /** Whether a key was there twice. */
  doubled = false;
  readonly #text: string;
  readonly #ofDoubled: 'first' | 'last';
  readonly #anchors = new Map<string, Node>();
  /** The collections that the reader is in. */
  readonly #open = new Set<Node>();
  #aliases = 0;
  #count = 0;

  constructor(text: string, ofDoubled: 'first' | 'last') {
    this.#text = text;
    this.#ofDoubled = ofDoubled;
  }

  read(node: Node | null, pointer: string, key?: Key): unknown {
    const [start, end] = node?.range ?? [key?.offset ?? 0, key?.offset ?? 0];
    const place = { pointer, start, end, ...(key && { key: key.name, keyOffset: key.offset }) };
    this.nodes.set(pointer, place);
    this.#count += 1;
    if (this.#count > mostNodes)
      return this.#count === mostNodes + 1 ? this.#fault(place, start, tooMuch) : null;
    if (isAlias(node)) return this.#readAlias(node, place);
    if (isNode(node) && node.anchor) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#within(node, () => this.#readMap(node, pointer));
    if (isSeq(node)) return this.#within(node, () => this.#readSeq(node, pointer));
    return this.#readScalar(isScalar(node) ? node.value : null, place);
  }

  #readAlias(node: Alias, place: SourceNode): unknown {
    // Told by the parser: a star that is not in quotes.
    if (node.source === '') return null;
    const target = this.#anchors.get(node.source);
    const { pointer, start, key, keyOffset } = place;
    if (!target) {
      return this.#fault(
        place,
        start,
        'An alias (*) of something that no anchor (&) named before. Put * in quotes.',
      );
    }
    if (this.#open.has(target)) {
      return this.#fault(place, start, 'An alias (*) of something that it is itself a part of.');
    }
    this.#aliases += 1;
    if (this.#aliases > mostAliases) return this.#fault(place, start, tooMuch);
    const value = this.read(
      target,
      pointer,
      key === undefined || keyOffset === undefined ? undefined : { name: key, offset: keyOffset },
    );
    this.nodes.set(pointer, { ...this.nodes.get(pointer), ...place });
    return value;
  }

  #within<Value>(node: Node, read: () => Value): Value {
    this.#open.add(node);
    const value = read();
    this.#open.delete(node);
    return value;
  }

  #readSeq(node: YAMLSeq, pointer: string): unknown[] {
    return node.items.map((item, index) => this.read(item as Node | null, pointerTo(pointer, index)));
  }

  #readMap(node: YAMLMap, pointer: string): object {
    // Without a prototype, so that no key means more than itself.
    const value: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      if (!isScalar(pair.key) || typeof pair.key.value !== 'string') continue;
      const name = pair.key.value;
      const offset = pair.key.range?.[0] ?? 0;
      const child = pointerTo(pointer, name);
      if (Object.hasOwn(value, name)) {
        this.doubled = true;
        this.faults.push({ offset, message: doubledKey, structural: false, pointer: child });
        if (this.#ofDoubled === 'first') continue;
      }
      value[name] = this.read(pair.value as Node | null, child, { name, offset });
    }
    return value;
  }

  #readScalar(value: unknown, place: SourceNode): string | number | boolean | null {
    const { pointer, start, end } = place;
    const scalar = scalarOf(value);
    this.nodes.set(pointer, { ...place, scalar, written: this.#text.slice(start, end) });
    const lineEnd = this.#text.indexOf('\n', end);
    const rest = this.#text.slice(end, lineEnd === -1 ? undefined : lineEnd);
    if (this.#text[end - 1] === '\n' || !/^\s*#\{/.test(rest)) return scalar;
    const [expression = ''] = /#\{[^}]*\}?/.exec(rest) ?? [];
    if (/^\/connections\/\d+\//.test(place.pointer)) {
      const message = `Holds the Octopus expression ${expression}, which was not resolved. Check the variable that it names, and its scope.`;
      return this.#fault(place, end + rest.indexOf('#'), message);
    }
    return this.#fault(
      place,
      end + rest.indexOf('#'),
      'A # after a blank begins a comment, so that the rest of this line is lost. Put the whole value in quotes.',
    );
  }

  #fault({ pointer }: SourceNode, offset: number, message: string): null {
    this.faults.push({ offset, message, structural: false, pointer });
    return null;
  }
}

function scalarOf(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}
