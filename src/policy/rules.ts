import { baseUrlFault } from '../domain/base-url.ts';
import { stateSets } from '../domain/change/change-state.ts';
import { foldName, foldOctopusName } from '../domain/names.ts';
import { nearestWord } from '../domain/nearest-word.ts';
import type { Finding, Show } from './problem.ts';
import type { PolicySource } from './source.ts';
import { defaultTokenVariable } from './written-policy.ts';

/** How findings name places and texts. */
type Words = { readonly lineOf: (pointer: string) => number; readonly show: Show };

/** The places with names that must differ within their list; `*` means any index. */
const octopusNames = [
  '/connections/*/name',
  '/projects/*/name',
  '/environments/*/name',
  '/projects/*/runbooks/*',
];
const jiraNames = ['/states/proceed/*', '/states/wait/*', '/issueTypes/*', '/allowedProjects/*'];

/** Finds what the JSON Schema of a policy cannot express. Parts of the wrong shape are skipped. */
export function ruleFindings(source: PolicySource, words: Words): readonly Finding[] {
  const textsAt = (place: string) => textsIn(source.value, place.split('/').slice(1));
  const proceed = source.places.has('/states/proceed') ? textsAt('/states/proceed/*') : undefined;
  return [
    ...duplicates(octopusNames.flatMap(textsAt), foldOctopusName, words),
    ...duplicates(jiraNames.flatMap(textsAt), foldName, words),
    ...textsAt('/connections/*/baseUrl').flatMap(({ text, pointer }) => {
      const message = baseUrlFault(text);
      return message === undefined ? [] : { pointer, message };
    }),
    ...unfitDefaults(textsAt('/connections/*/name'), source),
    ...unknownConnections(textsAt('/projects/*/connection'), textsAt('/connections/*/name'), words),
    ...stateFindings(proceed, textsAt('/states/wait/*'), words),
    ...windowFindings(textsAt('/plannedStart'), textsAt('/plannedEnd')),
    // Names and values are single lines in Octopus and in Jira, in headers and in the task log.
    ...source.scalars
      .filter(({ text }) => /\p{Cc}/u.test(text.trim()))
      .map(({ pointer }) => {
        return { pointer, message: 'A line break or a control character. Expected text on one line.' };
      }),
  ];
}

function duplicates(texts: readonly Text[], fold: typeof foldName, { lineOf, show }: Words): Finding[] {
  const first = new Map<string, string>();
  return texts.flatMap(({ text, pointer }) => {
    const list = pointer.replace(/\/\d+(?:\/name)?$/, '');
    const name = `${list} ${fold(text)}`;
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, pointer);
      return [];
    }
    const message = `Duplicate name ${show(text)}: it is also on line ${lineOf(earlier)}. Case and surrounding spaces are ignored.`;
    return { pointer, message };
  });
}

/** Y6: finds names of connections from which the default of tokenVariable cannot be made. */
function unfitDefaults(names: readonly Text[], { places }: PolicySource): Finding[] {
  const message = `Set tokenVariable: the default, ${defaultTokenVariable('...')}, cannot contain an equals sign.`;
  return names
    .filter(({ text }) => text.includes('='))
    .filter(({ pointer }) => !places.has(pointer.replace(/name$/, 'tokenVariable')))
    .map(({ pointer }) => ({ pointer, message }));
}

/** S4 */
function unknownConnections(named: readonly Text[], known: readonly Text[], { show }: Words): Finding[] {
  const names = known.map(({ text }) => text.trim());
  const folded = new Set(names.map(foldOctopusName));
  const list = `Expected one of those under connections: ${names.map(show).join(', ') || 'there is none'}.`;
  return named.flatMap(({ text, pointer }) => {
    if (folded.has(foldOctopusName(text))) return [];
    const near = nearestWord(text, names);
    const wayOut = near === undefined ? list : `Did you mean ${show(near)}?`;
    return { pointer, message: `Unknown connection ${show(text)}. ${wayOut}` };
  });
}

/** Y2: `proceed` is undefined if the policy does not set it. */
function stateFindings(
  proceed: readonly Text[] | undefined,
  wait: readonly Text[],
  { show }: Words,
): Finding[] {
  const sets = stateSets({ proceed: proceed?.map(({ text }) => text), wait: wait.map(({ text }) => text) });
  if (proceed === undefined && sets.proceed.length === 0) {
    const message =
      'This removes the only default status from proceed, so no change request could proceed. Set proceed as well.';
    return [{ pointer: '/states/wait', message }];
  }
  return wait
    .filter(({ text }) => sets.inBoth.includes(text))
    .map(({ text, pointer }) => {
      return { pointer, message: `${show(text)} is under proceed and under wait. Expected one.` };
    });
}

function windowFindings([start]: readonly Text[], [end]: readonly Text[]): Finding[] {
  if (!start || !end || foldName(start.text) !== foldName(end.text)) return [];
  return [{ pointer: end.pointer, message: 'The same field as plannedStart. Expected another one.' }];
}

type Text = { readonly text: string; readonly pointer: string };

/** Returns the texts at the end of a path of keys; the key `*` stands for every index of a list. */
function textsIn(value: unknown, [key, ...others]: readonly string[], pointer = ''): readonly Text[] {
  if (key === undefined) {
    return typeof value === 'string' && value.trim() !== '' ? [{ text: value, pointer }] : [];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== (key === '*')) return [];
  return Object.entries(value)
    .filter(([name]) => key === '*' || key === name)
    .flatMap(([name, inner]) => textsIn(inner, others, `${pointer}/${name}`));
}
