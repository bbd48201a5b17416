import { type Finding, type PolicyProblem, readablePath, type Show, showUnless } from './problem.ts';
import { ruleFindings, tokenVariableFindings } from './rules.ts';
import { findSecrets } from './secrets.ts';
import { shapeFindings } from './shape.ts';
import type { PolicySource, SourceNode, SourceTree } from './source-tree.ts';

/** More than a person will mend in one go; a text that is no policy at all can have as many as it has lines. */
const mostShown = 200;

const tabMessage = 'A tab. Expected blanks: YAML is indented and separated with blanks.';

/** A problem before its line is looked up. */
interface Spotted {
  readonly offset: number;
  readonly pointer?: string | undefined;
  readonly message: string;
}

/** All that is wrong with a policy, in the order of its lines. */
export function problemsIn(source: PolicySource): readonly PolicyProblem[] {
  const nodes = source.trees.flatMap((tree) => [...tree.nodes.values()]);
  const secrets = findSecrets(source.text, nodes);
  const show = showUnless(secrets.words);
  const syntax = inOrder(source.faults)
    .slice(0, mostShown)
    .map((fault) => ({ ...fault, pointer: fault.pointer ?? innermost(nodes, fault.offset) }));
  // What YAML does not read well, and a secret, is told once, as that.
  const spot = ({ offset, pointer }: Spotted) => `${source.placeOf(offset).line} ${pointer}`;
  const told = new Set([...syntax, ...secrets.findings].filter(({ pointer }) => pointer !== '').map(spot));
  const all = inOrder<Spotted>([
    ...syntax,
    ...source.tabs.map((offset) => ({ offset, message: tabMessage })),
    ...secrets.findings,
    ...contents(source, show).filter((problem) => !told.has(spot(problem))),
  ]);
  const shown = all.slice(0, mostShown).map(({ offset, pointer, message }) => ({
    ...source.placeOf(offset),
    path: readablePath(pointer ?? innermost(nodes, offset), show),
    message,
  }));
  const last = shown.at(-1);
  const more = Math.max(all.length - mostShown, source.faults.length - mostShown);
  return last && more > 0 ? [...shown, { ...last, path: '', message: `And ${more} more problems.` }] : shown;
}

/** What is wrong with the policy behind the YAML, as far as the YAML can be relied on. */
function contents(source: PolicySource, show: Show): readonly Spotted[] {
  const [tree, ...others] = source.trees;
  const sure = (each: SourceTree) =>
    spotted(
      each,
      shapeFindings(each, show).filter(({ missing }) => !missing),
    );
  const broken = inOrder(source.faults.filter(({ structural }) => structural))[0];
  if (broken) {
    const { line } = source.placeOf(broken.offset);
    return sure(tree).filter(({ offset }) => source.placeOf(offset).line < line);
  }
  const lineOf = (pointer: string) => source.placeOf(offsetOf(tree, pointer, 'value')).line;
  return [
    ...spotted(tree, shapeFindings(tree, show)),
    ...spotted(tree, ruleFindings(tree.value, lineOf, show)),
    ...spotted(tree, tokenVariableFindings(tree, source.text)),
    ...others.flatMap(sure),
  ];
}

function spotted(tree: SourceTree, findings: readonly Finding[]): readonly Spotted[] {
  return findings.map(({ pointer, at, message }) => ({
    offset: offsetOf(tree, pointer, at),
    pointer,
    message,
  }));
}

/** Where a finding stands; something missing is looked for where its owner begins. */
function offsetOf(tree: SourceTree, pointer: string, at: Finding['at']): number {
  const node = tree.nodes.get(pointer);
  if (node) return at === 'key' ? (node.keyOffset ?? node.start) : node.start;
  return pointer === '' ? 0 : offsetOf(tree, pointer.slice(0, pointer.lastIndexOf('/')), 'value');
}

/** The pointer to the innermost part of the policy that an offset lies in. */
function innermost(nodes: readonly SourceNode[], offset: number): string {
  return nodes
    .filter(({ keyOffset, start, end }) => {
      const from = keyOffset ?? start;
      return offset === from || (from < offset && offset < end);
    })
    .reduce((longest, { pointer }) => (pointer.length > longest.length ? pointer : longest), '');
}

/** By their places, and each once: two trees of one text share most of what is wrong with them. */
function inOrder<Each extends Spotted>(problems: readonly Each[]): readonly Each[] {
  const unique = new Map(
    problems.map((problem) => [`${problem.offset} ${problem.pointer} ${problem.message}`, problem]),
  );
  return [...unique.values()].sort((a, b) => a.offset - b.offset);
}
