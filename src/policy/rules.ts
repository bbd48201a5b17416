import { baseUrlFault } from '../domain/base-url.ts';
import { foldName, stateSets } from '../domain/change-state.ts';
import { nearestWord } from '../domain/nearest-word.ts';
import { type Finding, pointerTo, type Show } from './problem.ts';
import type { SourceTree } from './source-tree.ts';

/** What the JSON Schema of a policy cannot say. Parts of another shape are passed over. */
export function ruleFindings(
  value: unknown,
  lineOf: (pointer: string) => number,
  show: Show,
): readonly Finding[] {
  const policy = isRecord(value) ? value : {};
  const lists = ['connections', 'projects', 'environments'].map((key) => namesOf(policy, key));
  const strings = [
    stringsOf(policy, 'issueTypes'),
    stringsOf(policy, 'allowedProjects'),
    stringsOf(policy['states'], 'proceed', '/states'),
    stringsOf(policy['states'], 'wait', '/states'),
    ...entriesOf(policy, 'projects').map(({ entry, pointer }) => stringsOf(entry, 'runbooks', pointer)),
  ];
  return [
    ...[...lists, ...strings].flatMap((named) => doubled(named, lineOf, show)),
    ...entriesOf(policy, 'connections').flatMap(connectionFindings),
    ...connectionNameFindings(policy, show),
    ...stateFindings(policy['states'], show),
    ...fieldFindings(policy),
    ...controlCharacters(value, ''),
  ];
}

interface Named {
  readonly name: string;
  readonly pointer: string;
}

function doubled(
  named: readonly Named[],
  lineOf: (pointer: string) => number,
  show: Show,
): readonly Finding[] {
  const first = new Map<string, Named>();
  return named.flatMap((each) => {
    const folded = foldName(each.name);
    const earlier = first.get(folded);
    if (!earlier) {
      first.set(folded, each);
      return [];
    }
    const message = `${show(each.name)} is named twice: line ${lineOf(earlier.pointer)} has it too. Names compare trimmed and without case.`;
    return [{ pointer: each.pointer, at: 'value' as const, message }];
  });
}

function connectionFindings({ entry, pointer }: Entry): readonly Finding[] {
  return ['baseUrl', 'username', 'tokenVariable'].flatMap((key) => {
    const value = entry[key];
    const message = typeof value === 'string' ? connectionFault(key, value) : undefined;
    return message === undefined ? [] : [{ pointer: pointerTo(pointer, key), at: 'value' as const, message }];
  });
}

function connectionFault(key: string, value: string): string | undefined {
  if (value.includes('#{')) {
    const [expression = ''] = /#\{[^}]*\}?/.exec(value) ?? [];
    return key === 'tokenVariable'
      ? `An Octopus expression (${expression}). Expected the name of the variable alone, such as JsmChange.Token.`
      : `An Octopus expression (${expression}) that nothing has replaced. Expected the value itself, or a variable that exists.`;
  }
  if (value.trim() === '') return undefined;
  if (key === 'baseUrl') return baseUrlFault(value);
  if (key === 'tokenVariable' && value.includes('=')) {
    return 'Expected the name of an Octopus variable without an equals sign, which the environment cannot carry in a name.';
  }
  return undefined;
}

/** The script around the action looks for these names in the policy's text, before anything has parsed it. */
export function tokenVariableFindings({ nodes }: SourceTree, text: string): readonly Finding[] {
  return [...nodes.values()].flatMap(({ pointer, start, end }) => {
    if (!/^\/connections\/\d+\/tokenVariable$/.test(pointer)) return [];
    const written = text.slice(start, end).trim();
    const isPlain = !/^[*|>]|\n/.test(written) && !/^".*\\/.test(written.replace(/\\["\\]/g, ''));
    const message =
      'Expected the name as it is, on one line: no alias, no block of lines, no escapes of single characters.';
    return isPlain ? [] : [{ pointer, at: 'value' as const, message }];
  });
}

function connectionNameFindings(policy: Fields, show: Show): readonly Finding[] {
  const names = namesOf(policy, 'connections').map(({ name }) => name.trim());
  const known = new Set(names.map(foldName));
  return entriesOf(policy, 'projects').flatMap(({ entry, pointer }) => {
    const name = entry['connection'];
    if (typeof name !== 'string' || name.trim() === '' || known.has(foldName(name))) return [];
    const near = nearestWord(name, names);
    const wayOut = near
      ? `Did you mean ${show(near)}?`
      : `Expected one of those under connections: ${names.map(show).join(', ') || 'there is none'}.`;
    const message = `Unknown connection ${show(name)}. ${wayOut}`;
    return [{ pointer: pointerTo(pointer, 'connection'), at: 'value' as const, message }];
  });
}

function stateFindings(states: unknown, show: Show): readonly Finding[] {
  const proceed = stringsOf(states, 'proceed', '/states');
  const wait = stringsOf(states, 'wait', '/states');
  const isNamed = (key: string) => isRecord(states) && states[key] !== undefined;
  const sets = stateSets({
    proceed: isNamed('proceed') ? proceed.map(({ name }) => name) : undefined,
    wait: isNamed('wait') ? wait.map(({ name }) => name) : undefined,
  });
  const inBoth = wait
    .filter(({ name }) => sets.inBoth.includes(name))
    .map(({ name, pointer }) => ({
      pointer,
      at: 'value' as const,
      message: `${show(name)} is named under proceed and under wait. Expected each status under one of them.`,
    }));
  const left = { pointer: '/states/wait', at: 'value' as const };
  return isNamed('proceed') || sets.proceed.length > 0
    ? inBoth
    : [
        {
          ...left,
          message:
            'The only status of proceed is named under wait, so that nothing could proceed. Name another under proceed.',
        },
      ];
}

function fieldFindings(policy: Fields): readonly Finding[] {
  const { plannedStart: start, plannedEnd: end } = policy;
  if (typeof start !== 'string' || typeof end !== 'string' || foldName(start) !== foldName(end)) return [];
  const message = 'The same field as plannedStart. Expected another: a change window has two ends.';
  return foldName(start) === '' ? [] : [{ pointer: '/plannedEnd', at: 'value', message }];
}

/** Names and values stand on one line in Octopus and in Jira, in headers and in the task log. */
function controlCharacters(value: unknown, pointer: string): readonly Finding[] {
  if (typeof value === 'string') {
    const message = 'A line end or a control character. Expected text on one line.';
    return /\p{Cc}/u.test(value.trim()) ? [{ pointer, at: 'value', message }] : [];
  }
  if (Array.isArray(value))
    return value.flatMap((each, index) => controlCharacters(each, pointerTo(pointer, index)));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => controlCharacters(each, pointerTo(pointer, key)));
}

type Fields = Readonly<Record<string, unknown>>;

interface Entry {
  readonly entry: Fields;
  readonly pointer: string;
}

function entriesOf(policy: Fields, key: string): readonly Entry[] {
  const list = policy[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) =>
    isRecord(entry) ? [{ entry, pointer: pointerTo(pointerTo('', key), index) }] : [],
  );
}

function namesOf(policy: Fields, key: string): readonly Named[] {
  return entriesOf(policy, key).flatMap(({ entry, pointer }) => {
    const name = entry['name'];
    return typeof name === 'string' && name.trim() !== ''
      ? [{ name, pointer: pointerTo(pointer, 'name') }]
      : [];
  });
}

function stringsOf(owner: unknown, key: string, parent = ''): readonly Named[] {
  const list = isRecord(owner) ? owner[key] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((name: unknown, index) =>
    typeof name === 'string' && name.trim() !== ''
      ? [{ name, pointer: pointerTo(pointerTo(parent, key), index) }]
      : [],
  );
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
