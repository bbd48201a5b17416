import { type ChangeStatus, foldName } from '../../domain/change-state.ts';
import { nearWords } from '../../domain/nearest-word.ts';
import { text } from '../../domain/text.ts';
import type { Finding } from './checklist.ts';

/** More near names than this would not be read. */
const mostNearWords = 3;

/**
 * The configured statuses: a name that no workflow of the service project has is misspelt. At least one of those that
 * allow a deployment has to exist.
 */
export function statusesFinding(
  statuses: readonly Pick<ChangeStatus, 'id' | 'name' | 'untranslatedName'>[],
  configured: { readonly proceed: readonly string[]; readonly others: readonly string[] },
): Finding {
  const labels = statuses.flatMap(({ id, name, untranslatedName }) => [
    name,
    ...(untranslatedName === undefined ? [] : [untranslatedName]),
    id,
  ]);
  const known = new Set(labels.map(foldName));
  const isUnknown = (status: string): boolean => !known.has(foldName(status));
  const unknown = [...new Set([...configured.proceed, ...configured.others])].filter(isUnknown);
  if (unknown.length === 0) {
    return [
      'pass',
      text`the service project has: ${[...configured.proceed, ...configured.others].join(', ')}`,
      undefined,
    ];
  }
  const near = [
    ...new Set(unknown.flatMap((status) => nearWords(status, labels).slice(0, mostNearWords))),
  ].filter((label) => !/^\d+$/.test(label));
  const hint = near.length === 0 ? text`` : text`; similar names: ${near.join(', ')}`;
  const says = text`the service project has no status: ${unknown.join(', ')}${hint}.`;
  return configured.proceed.every(isUnknown)
    ? [
        'fail',
        text`${says} No change request could ever allow a deployment: check Statuses that proceed (JsmChange.ProceedStatuses).`,
        undefined,
      ]
    : ['warning', text`${says} Check the statuses in the step's parameters or the policy.`, undefined];
}
