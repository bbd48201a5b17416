import { baseUrlFault } from '../domain/base-url.ts';
import { foldName, stateSets } from '../domain/change/change-state.ts';
import { nearestWord } from '../domain/nearest-word.ts';
import { foldPolicyName } from './policy-name.ts';
import { type Finding, pointerTo, type Show } from './problem.ts';
import type { PolicySource } from './source.ts';
import { defaultTokenVariable } from './written-policy.ts';

/** How findings name places and texts. */
type Words = { readonly lineOf: (pointer: string) => number; readonly show: Show };

/** Finds what the JSON Schema of a policy cannot express. Parts of the wrong shape are skipped. */
export function ruleFindings({ value, scalars }: PolicySource, words: Words): readonly Finding[] {
  const policy = fieldsOf(value);
  const states = fieldsOf(policy['states']);
  const connections = entriesOf(policy, 'connections');
  const projects = entriesOf(policy, 'projects');
  const ofOctopus = [
    namesOf(connections),
    namesOf(projects),
    namesOf(entriesOf(policy, 'environments')),
    ...projects.map(({ fields, pointer }) => textsIn(fields, 'runbooks', pointer)),
  ];
  const ofJira = [
    ...['proceed', 'wait'].map((key) => textsIn(states, key, '/states')),
    ...['issueTypes', 'allowedProjects'].map((key) => textsIn(policy, key)),
  ];
  return [
    ...ofOctopus.flatMap((texts) => duplicates(texts, foldPolicyName, words)),
    ...ofJira.flatMap((texts) => duplicates(texts, foldName, words)),
    ...connections.flatMap(connectionFindings),
    ...unknownConnections(namesOf(projects, 'connection'), namesOf(connections), words),
    ...stateFindings(states, words),
    ...windowFindings(policy),
    // Names and values are single lines in Octopus and in Jira, in headers and in the task log.
    ...scalars
      .filter(({ text }) => /\p{Cc}/u.test(text.trim()))
      .map(({ pointer }) =>
        wrong(pointer, 'A line break or a control character. Expected text on one line.'),
      ),
  ];
}

function duplicates(texts: readonly Text[], fold: typeof foldName, { lineOf, show }: Words): Finding[] {
  const first = new Map<string, string>();
  return texts.flatMap(({ text, pointer }) => {
    const earlier = first.get(fold(text));
    if (earlier === undefined) first.set(fold(text), pointer);
    const message = (line: number) =>
      `Duplicate name ${show(text)}: it is also on line ${line}. Case and surrounding spaces are ignored.`;
    return earlier === undefined ? [] : wrong(pointer, message(lineOf(earlier)));
  });
}

function connectionFindings({ fields, pointer }: Entry): Finding[] {
  const { baseUrl } = fields;
  const fault = typeof baseUrl === 'string' ? baseUrlFault(baseUrl) : undefined;
  const names = fields['tokenVariable'] === undefined ? namesOf([{ fields, pointer }]) : [];
  const message = `Set tokenVariable: the default, ${defaultTokenVariable('...')}, cannot contain an equals sign.`;
  return [
    ...(fault === undefined ? [] : [wrong(`${pointer}/baseUrl`, fault)]),
    ...names.filter(({ text }) => text.includes('=')).map((name) => wrong(name.pointer, message)),
  ];
}

/** S4 */
function unknownConnections(named: readonly Text[], known: readonly Text[], { show }: Words): Finding[] {
  const names = known.map(({ text }) => text.trim());
  const folded = new Set(names.map(foldPolicyName));
  const list = `Expected one of those under connections: ${names.map(show).join(', ') || 'there is none'}.`;
  return named.flatMap(({ text, pointer }) => {
    if (folded.has(foldPolicyName(text))) return [];
    const near = nearestWord(text, names);
    const wayOut = near === undefined ? list : `Did you mean ${show(near)}?`;
    return wrong(pointer, `Unknown connection ${show(text)}. ${wayOut}`);
  });
}

/** Y2 */
function stateFindings(states: Fields, { show }: Words): Finding[] {
  const named = (key: string) =>
    states[key] === undefined ? undefined : textsIn(states, key).map(({ text }) => text);
  const sets = stateSets({ proceed: named('proceed'), wait: named('wait') });
  if (states['proceed'] === undefined && sets.proceed.length === 0) {
    const message =
      'This removes the only default status from proceed, so no change request could proceed. Set proceed as well.';
    return [wrong('/states/wait', message)];
  }
  return textsIn(states, 'wait', '/states')
    .filter(({ text }) => sets.inBoth.includes(text))
    .map(({ text, pointer }) =>
      wrong(pointer, `${show(text)} is under proceed and under wait. Expected one.`),
    );
}

function windowFindings({ plannedStart: start, plannedEnd: end }: Fields): Finding[] {
  if (typeof start !== 'string' || typeof end !== 'string' || foldName(start) !== foldName(end)) return [];
  return [wrong('/plannedEnd', 'The same field as plannedStart. Expected another one.')];
}

function wrong(pointer: string, message: string): Finding {
  return { pointer, at: 'value', message };
}

type Fields = Readonly<Record<string, unknown>>;
type Entry = { readonly fields: Fields; readonly pointer: string };
type Text = { readonly text: string; readonly pointer: string };

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function entriesOf(policy: Fields, key: string): readonly Entry[] {
  const list: unknown = policy[key];
  if (!Array.isArray(list)) return [];
  return list.map((entry, index) => ({ fields: fieldsOf(entry), pointer: `/${key}/${index}` }));
}

function namesOf(entries: readonly Entry[], key = 'name'): readonly Text[] {
  return entries.flatMap(({ fields, pointer }) => textOf(fields[key], pointerTo(pointer, key)));
}

function textsIn(fields: Fields, key: string, owner = ''): readonly Text[] {
  const list: unknown = fields[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((text, index) => textOf(text, `${owner}/${key}/${index}`));
}

function textOf(text: unknown, pointer: string): readonly Text[] {
  return typeof text === 'string' && text.trim() !== '' ? [{ text, pointer }] : [];
}
