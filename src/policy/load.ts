import { foldName, stateSets } from '../domain/change-state.ts';
import { trimBaseUrl } from './base-url.ts';
import type { Connection, Policy, ProjectEntry } from './policy.ts';
import { type Finding, type PolicyProblem, readablePath, type Show, showUnless } from './problem.ts';
import { ruleFindings } from './rules.ts';
import { findSecrets, secretMessage } from './secrets.ts';
import { shapeFindings } from './shape.ts';
import { type PolicySource, readSource, type SourceTree } from './source.ts';

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/**
 * Reads the text of a policy: the policy with its defaults, or all that is wrong with the text, in the order
 * of its lines. Nothing in a text makes it throw, and no problem shows a secret.
 */
export async function loadPolicy(text: string): Promise<PolicyResult> {
  // Only a run that has a policy pays for the package.
  const yaml = await import(/* webpackMode: "eager" */ 'yaml');
  const source = readSource(yaml, text);
  const problems = problemsIn(source);
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, policy: policyOf(source.trees[0].value as WrittenPolicy) };
}

const tabMessage = 'A tab. Expected blanks: YAML is indented and separated with blanks.';

function problemsIn(source: PolicySource): readonly PolicyProblem[] {
  const [tree, ...others] = source.trees;
  const secrets = findSecrets(
    source.text,
    source.trees.flatMap(({ nodes }) => [...nodes.values()]),
  );
  const show = showUnless(secrets.words);
  const at = (offset: number, message: string, pointer = innermost(source.trees, offset)) => ({
    ...source.placeOf(offset),
    path: readablePath(pointer, show),
    message,
  });
  const syntax = source.faults.map(({ offset, message, pointer }) => at(offset, message, pointer));
  const marks = [
    ...source.tabs.map((offset) => at(offset, tabMessage)),
    ...secrets.offsets.map((offset) => at(offset, secretMessage)),
  ];
  const placed = (each: SourceTree, findings: readonly Finding[]) =>
    findings.map(({ pointer, at, message }) => ({
      ...source.placeOf(offsetOf(each, pointer, at)),
      path: readablePath(pointer, show),
      message,
    }));
  // What YAML does not read well is told once, as that.
  const spot = ({ line, path }: PolicyProblem) => `${line} ${path}`;
  const reported = new Set(syntax.map(spot));
  const further = contents(source, show, placed).filter((problem) => !reported.has(spot(problem)));
  const secret = [tree, ...others].flatMap((each) =>
    placed(
      each,
      secrets.findings.filter(({ pointer }) => each.nodes.has(pointer)),
    ),
  );
  return inOrder([...syntax, ...marks, ...secret, ...further]);
}

/** What is wrong with the policy behind the YAML, as far as the YAML can be relied on. */
function contents(
  source: PolicySource,
  show: Show,
  placed: (tree: SourceTree, findings: readonly Finding[]) => PolicyProblem[],
): readonly PolicyProblem[] {
  const [tree, ...others] = source.trees;
  const broken = source.faults
    .filter(({ structural }) => structural)
    .map(({ offset }) => source.placeOf(offset).line);
  if (broken.length > 0) {
    const firstBroken = Math.min(...broken);
    const sure = shapeFindings(tree, show).filter(({ missing }) => !missing);
    return placed(tree, sure).filter(({ line }) => line < firstBroken);
  }
  const lineOf = (pointer: string) => source.placeOf(offsetOf(tree, pointer, 'value')).line;
  return [
    ...placed(tree, [...shapeFindings(tree, show), ...ruleFindings(tree.value, lineOf, show)]),
    ...others.flatMap((other) => placed(other, shapeFindings(other, show))),
  ];
}

/** Where a finding stands; something missing is looked for where its owner begins. */
function offsetOf(tree: SourceTree, pointer: string, at: Finding['at']): number {
  const node = tree.nodes.get(pointer);
  if (node) return at === 'key' ? (node.keyOffset ?? node.start) : node.start;
  return pointer === '' ? 0 : offsetOf(tree, pointer.slice(0, pointer.lastIndexOf('/')), 'value');
}

/** The pointer to the innermost part of the policy that an offset lies in. */
function innermost(trees: readonly SourceTree[], offset: number): string {
  const around = trees
    .flatMap(({ nodes }) => [...nodes.values()])
    .filter(({ keyOffset, start, end }) => {
      const from = keyOffset ?? start;
      return offset === from || (from < offset && offset < end);
    });
  return around.reduce((longest, { pointer }) => (pointer.length > longest.length ? pointer : longest), '');
}

function inOrder(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  const unique = new Map(
    problems.map((problem) => [JSON.stringify([problem.line, problem.path, problem.message]), problem]),
  );
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A policy as it is written, after it was found to fit the JSON Schema and the rules. */
interface WrittenPolicy {
  readonly enabled?: boolean;
  readonly customerComments?: boolean;
  readonly unlisted?: 'warn' | 'stop';
  readonly connections?: readonly WrittenConnection[];
  readonly projects?: readonly WrittenProject[];
  readonly environments?: readonly { readonly name: string; readonly changeControlled?: boolean }[];
  readonly states?: { readonly proceed?: readonly string[]; readonly wait?: readonly string[] };
  readonly plannedStart?: string;
  readonly plannedEnd?: string;
  readonly requirePlannedEnd?: boolean;
  readonly issueTypes?: readonly string[];
  readonly allowedProjects?: readonly string[];
}

interface WrittenConnection {
  readonly name: string;
  readonly baseUrl: string;
  readonly username?: string;
  readonly tokenVariable: string;
}

interface WrittenProject {
  readonly name: string;
  readonly changeControlled?: boolean;
  readonly connection?: string;
  readonly serviceProject?: string;
  readonly requestType?: string | number;
  readonly runbooks?: readonly string[] | string;
  readonly preApproved?: boolean;
}

function policyOf(written: WrittenPolicy): Policy {
  const connections = (written.connections ?? []).map(connectionOf);
  const { proceed, wait } = stateSets({
    proceed: written.states?.proceed?.map(trim),
    wait: written.states?.wait?.map(trim),
  });
  return {
    enabled: written.enabled ?? true,
    customerComments: written.customerComments ?? false,
    unlisted: written.unlisted ?? 'warn',
    projects: (written.projects ?? []).map((project) => projectOf(project, connections)),
    environments: (written.environments ?? []).map(({ name, changeControlled = true }) => ({
      name: name.trim(),
      changeControlled,
    })),
    states: { proceed, wait },
    plannedStart: written.plannedStart?.trim(),
    plannedEnd: written.plannedEnd?.trim(),
    requirePlannedEnd: written.requirePlannedEnd ?? false,
    issueTypes: (written.issueTypes ?? []).map(trim),
    allowedProjects: (written.allowedProjects ?? []).map(trim),
  };
}

function connectionOf(written: WrittenConnection): Connection {
  return {
    name: written.name.trim(),
    baseUrl: trimBaseUrl(written.baseUrl),
    username: (written.username ?? '').trim(),
    tokenVariable: written.tokenVariable.trim(),
  };
}

function projectOf(written: WrittenProject, connections: readonly Connection[]): ProjectEntry {
  const name = written.name.trim();
  if (written.changeControlled === false) return { name, changeControlled: false };
  const sought = foldName(written.connection ?? '');
  const connection = connections.find((each) => foldName(each.name) === sought);
  if (!connection) throw new Error('A policy passed its rules with a connection that it does not have.');
  return {
    name,
    changeControlled: true,
    connection,
    serviceProject: (written.serviceProject ?? '').trim(),
    requestType: String(written.requestType ?? 'Request a change').trim(),
    runbooks: [written.runbooks ?? []].flat().map(trim),
    preApproved: written.preApproved ?? false,
  };
}

function trim(text: string): string {
  return text.trim();
}
