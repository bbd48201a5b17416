import { isNamed } from '../../domain/change/change-state.ts';
import { nearWords } from '../../domain/nearest-word.ts';
import { text } from '../../domain/text.ts';
import type { Finding } from './checklist.ts';
import type { WorkflowStatus } from './ports.ts';

/** Nobody would read more similar names than this. */
const mostNearWords = 3;

/**
 * Tests the configured statuses: a name that is in no workflow of the service project is misspelt. At least
 * one status that proceeds must exist. If the workflow of what the request type creates has none, that is
 * only a warning, since people may supply change requests of other types.
 *
 * @param raisedType id of the issue type that the request type raises
 */
export function statusesFinding(
  statuses: readonly WorkflowStatus[],
  configured: { readonly proceed: readonly string[]; readonly others: readonly string[] },
  raisedType?: string,
): Finding {
  const isUnknown = (status: string): boolean => !statuses.some((one) => isNamed(one, status));
  const unknown = [...new Set([...configured.proceed, ...configured.others])].filter(isUnknown);
  if (unknown.length === 0) {
    const reached = statuses.filter(({ issueTypeId }) => issueTypeId === raisedType);
    const isReachable = (status: string): boolean => reached.some((one) => isNamed(one, status));
    // If Jira lists no status for this type, nothing is known about its workflow.
    if (reached.length > 0 && !configured.proceed.some(isReachable)) {
      return [
        'warning',
        text`the workflow of the request type has none of these statuses: ${configured.proceed.join(', ')}. Check Statuses that proceed (JsmChange.ProceedStatuses) and Request type (JsmChange.RequestType).`,
        undefined,
      ];
    }
    return [
      'pass',
      text`the service project has: ${[...configured.proceed, ...configured.others].join(', ')}`,
      undefined,
    ];
  }
  const labels = statuses.flatMap(labelsOf);
  const near = [
    ...new Set(unknown.flatMap((status) => nearWords(status, labels).slice(0, mostNearWords))),
  ].filter((label) => !/^\d+$/.test(label));
  const hint = near.length === 0 ? text`` : text`; similar names: ${near.join(', ')}`;
  const says = text`the service project does not have: ${unknown.join(', ')}${hint}.`;
  return configured.proceed.every(isUnknown)
    ? [
        'fail',
        text`${says} No change request could ever allow a deployment: check Statuses that proceed (JsmChange.ProceedStatuses).`,
        undefined,
      ]
    : [
        'warning',
        text`${says} Check Statuses that proceed (JsmChange.ProceedStatuses), Statuses that wait (JsmChange.WaitStatuses), Status on success (JsmChange.SuccessStatus) and Status on failure (JsmChange.FailureStatus).`,
        undefined,
      ];
}

function labelsOf({ id, name, untranslatedName }: WorkflowStatus): readonly string[] {
  return [name, ...(untranslatedName === undefined ? [] : [untranslatedName]), id];
}
