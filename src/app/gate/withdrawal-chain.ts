import type { ChangeRequest, ChangeRequestSource } from '../../domain/change/change-request.ts';
import type { Ended } from '../../domain/decision/outcome.ts';
import { withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { text } from '../../domain/text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';
import { openOneNamed, usable } from './lookup.ts';

export type Followed =
  | { readonly kind: 'not-withdrawn' }
  /** The one to continue with, after at most `mostWithdrawals` references. */
  | { readonly kind: 'found'; readonly changeRequest: ChangeRequest }
  /** It was withdrawn, and the last one named is closed, missing or has another title. */
  | { readonly kind: 'nowhere' }
  | Ended;

/** L10: follows the reference in the summary of a withdrawn change request to the one that is still open. */
export async function followWithdrawals(context: RunContext, summary: string): Promise<Followed> {
  if (withdrawnInFavourOf(summary) === undefined) return { kind: 'not-withdrawn' };
  const named = await openOneNamed(context, summary);
  return named === undefined ? { kind: 'nowhere' } : usable(context, named);
}

/** Makes another change request the one that the run uses, and says so. */
export function continueWith(
  context: RunContext,
  { key, source }: { readonly key: string; readonly source: ChangeRequestSource },
  insteadOf: string,
): void {
  context.log.highlight(
    text`The step continues with the change request ${changeRequestLink(context, key)} instead of ${insteadOf}.`,
  );
  context.record.key = key;
  context.record.source = source;
}
