import type { Document, ParsedNode } from 'yaml';
import { expandTabs } from './tabs.ts';
import { yamlFault } from './yaml-fault.ts';
import { readTree } from './yaml-tree.ts';

/** The yaml package; it is handed in, so that it is loaded only when there is a policy. */
export type Yaml = typeof import('yaml');

/** A policy's text as YAML. */
export interface PolicySource {
  readonly faults: readonly SyntaxFault[];
  /** Offsets of tabs; the text is read as if they were blanks. */
  readonly tabs: readonly number[];
  /** One tree, or two where keys are doubled: with the first value of each and with the last. */
  readonly trees: readonly [SourceTree, ...SourceTree[]];
  /** Line and column, both from 1, of an offset. */
  placeOf(offset: number): Place;
  /** The text that the offsets count in. */
  readonly text: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
  /** What follows it in the text may read otherwise than it was meant. */
  readonly structural: boolean;
  /** The part of the policy that it is about, where that is not the one at the offset. */
  readonly pointer?: string;
}

/** The plain value of a YAML document, and where each part of it stands. */
export interface SourceTree {
  readonly value: unknown;
  /** By JSON pointer. */
  readonly nodes: ReadonlyMap<string, SourceNode>;
}

export interface SourceNode {
  readonly pointer: string;
  readonly key?: string;
  readonly keyOffset?: number;
  readonly start: number;
  readonly end: number;
  /** Set for text, numbers, booleans and null alone. */
  readonly scalar?: string | number | boolean | null;
  /** The scalar as it is written. */
  readonly written?: string;
}

/** Octopus hands the policy over in the environment, which carries no more than this in one variable. */
const longestPolicy = 131_072;
const deepestNesting = 40;

/** Reads a text as one YAML document. Never throws for what is in the text. */
export function readSource(yaml: Yaml, text: string): PolicySource {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.length > longestPolicy) {
    return unread(plain, 0, `Expected at most ${longestPolicy} characters, found ${plain.length}.`);
  }
  const {
    text: expanded,
    tabs,
    placeOf,
  } = expandTabs(plain, (candidate) => parse(yaml, candidate).faults.every((fault) => !fault.structural));
  const { document, faults } = parse(yaml, expanded);
  if (!document) return { faults, tabs, trees: [emptyTree], placeOf, text: expanded };
  const first = readTree(yaml, document, expanded, 'first');
  return {
    faults: [...faults, ...first.faults],
    tabs,
    trees: first.doubled ? [first.tree, readTree(yaml, document, expanded, 'last').tree] : [first.tree],
    placeOf,
    text: expanded,
  };
}

const emptyTree: SourceTree = { value: undefined, nodes: new Map() };

function unread(text: string, offset: number, message: string): PolicySource {
  const { placeOf } = expandTabs(text, () => true);
  return { faults: [{ offset, message, structural: true }], tabs: [], trees: [emptyTree], placeOf, text };
}

interface Parsed {
  readonly document: Document.Parsed<ParsedNode> | undefined;
  readonly faults: readonly SyntaxFault[];
}

function parse(yaml: Yaml, text: string): Parsed {
  const tokens = [...new yaml.Parser().parse(text)];
  const tooDeep = deeperThan(deepestNesting, tokens as readonly Token[]);
  if (tooDeep !== undefined) {
    const message = `Expected at most ${deepestNesting} levels of nesting.`;
    return { document: undefined, faults: [{ offset: tooDeep, message, structural: true }] };
  }
  const [, ...more] = tokens.filter((token) => token.type === 'document');
  const end = more[0] ? tokens.indexOf(more[0]) : tokens.length;
  const composer = new yaml.Composer<ParsedNode>({
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    // Found with the tree, without comparing each key with each.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document] = composer.compose(tokens.slice(0, end), true, text.length);
  return {
    document,
    faults: [
      ...[...(document?.errors ?? []), ...(document?.warnings ?? [])].map((error) => ({
        offset: error.pos[0],
        ...yamlFault(error.code, text.slice(error.pos[0], error.pos[0] + 1)),
      })),
      ...more.map((token) => ({
        offset: token.offset,
        message:
          'Another YAML document begins here. Expected one only: take away this line and what belongs to it.',
        structural: false,
      })),
    ],
  };
}

/** What of a token of the yaml package tells how deep it is nested. */
interface Token {
  readonly type: string;
  readonly offset?: number;
  readonly value?: Token;
  readonly items?: readonly { readonly key?: Token | null; readonly value?: Token }[];
}

/** The offset of the first token that is nested too deep; composing such a text would exhaust the stack. */
function deeperThan(limit: number, tokens: readonly Token[]): number | undefined {
  const pending = tokens.map((token) => ({ token, depth: 0 }));
  let offset: number | undefined;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { token, depth } = next;
    if (depth > limit) {
      offset = Math.min(offset ?? Number.POSITIVE_INFINITY, token.offset ?? 0);
      continue;
    }
    const inner = [token.value, ...(token.items ?? []).flatMap((item) => [item.key, item.value])];
    for (const each of inner) {
      if (typeof each === 'object' && each !== null) pending.push({ token: each, depth: depth + 1 });
    }
  }
  return offset;
}
