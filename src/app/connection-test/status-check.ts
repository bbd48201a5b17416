import { type ChangeStatus, foldName } from '../../domain/change-state.ts';
import { nearWords } from '../../domain/nearest-word.ts';
import { text } from '../../domain/text.ts';
import type { Finding } from './checklist.ts';

/** So many near names help; more would not be read. */
const mostNearWords = 3;

/**
 * The statuses that the step is told of: a name that no workflow of the service project has is misspelt. Of those that let a
 * deployment go, one has to be there at least.
 */
export function statusesFinding(
  statuses: readonly Pick<ChangeStatus, 'id' | 'name' | 'untranslatedName'>[],
  told: { readonly proceed: readonly string[]; readonly others: readonly string[] },
): Finding {
  const labels = statuses.flatMap(({ id, name, untranslatedName }) => [
    name,
    ...(untranslatedName === undefined ? [] : [untranslatedName]),
    id,
  ]);
  const known = new Set(labels.map(foldName));
  const isUnknown = (status: string): boolean => !known.has(foldName(status));
  const unknown = [...new Set([...told.proceed, ...told.others])].filter(isUnknown);
  if (unknown.length === 0) {
    return [
      'pass',
      text`the service project has: ${[...told.proceed, ...told.others].join(', ')}`,
      undefined,
    ];
  }
  const near = [
    ...new Set(unknown.flatMap((status) => nearWords(status, labels).slice(0, mostNearWords))),
  ].filter((label) => !/^\d+$/.test(label));
  const hint = near.length === 0 ? text`` : text`; near are: ${near.join(', ')}`;
  const says = text`the service project has no status: ${unknown.join(', ')}${hint}.`;
  return told.proceed.every(isUnknown)
    ? [
        'fail',
        text`${says} So no change request could ever let a deployment go: check JsmChange.ProceedStatuses.`,
        undefined,
      ]
    : ['warning', text`${says} Check the statuses in the step's parameters or the policy.`, undefined];
}
