import type { Document, ParsedNode } from 'yaml';
import { Composer, Parser } from '../../node_modules/yaml/browser/dist/index.js';
import type { PolicySource, SourceTree, SyntaxFault } from './source-tree.ts';
import { expandTabs } from './tabs.ts';
import { yamlFault } from './yaml-fault.ts';
import { readTree } from './yaml-tree.ts';

/** Octopus hands the policy over in the environment, which carries no more than this in one variable. */
const longestPolicy = 131_072;
const deepestNesting = 40;

/** Reads a text as one YAML document. Never throws for what is in the text. */
export function readSource(text: string): PolicySource {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.length > longestPolicy) {
    return unread(plain, 0, `Expected at most ${longestPolicy} characters, found ${plain.length}.`);
  }
  const {
    text: expanded,
    tabs,
    placeOf,
  } = expandTabs(plain, (candidate) => parse(candidate).faults.every((fault) => !fault.structural));
  const { document, faults } = parse(expanded);
  if (!document) return { faults, tabs, trees: [emptyTree], placeOf, text: expanded };
  const first = readTree(document, expanded, 'first');
  return {
    faults: [...faults, ...first.faults],
    tabs,
    trees: first.doubled ? [first.tree, readTree(document, expanded, 'last').tree] : [first.tree],
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

function parse(text: string): Parsed {
  const tokens = [...new Parser().parse(text)];
  const tooDeep = deeperThan(deepestNesting, tokens as readonly Token[]);
  if (tooDeep !== undefined) {
    const message = `Expected at most ${deepestNesting} levels of nesting.`;
    return { document: undefined, faults: [{ offset: tooDeep, message, structural: true }] };
  }
  const [, ...more] = tokens.filter((token) => token.type === 'document');
  const end = more[0] ? tokens.indexOf(more[0]) : tokens.length;
  const composer = new Composer<ParsedNode>({
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
