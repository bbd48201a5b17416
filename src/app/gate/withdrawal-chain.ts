import type { ChangeRequest, ChangeRequestSource } from '../../domain/change/change-request.ts';
import type { Ended } from '../../domain/decision/outcome.ts';
import { mostWithdrawals, withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { text } from '../../domain/text.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';
import { believedTwice } from './doubt.ts';
import { glanceIfVisible, isOpenOfTitle, usable } from './lookup.ts';

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

/** Returns the open change request to which the references of withdrawn ones lead; undefined if to none. */
export async function openOneNamed(context: RunContext, summary: string): Promise<ChangeRequest | undefined> {
  let named = withdrawnInFavourOf(summary);
  for (let followed = 0; named !== undefined && followed < mostWithdrawals; followed += 1) {
    const key = named;
    const other = await believedTwice(context, () => glanceIfVisible(context, key));
    if (other === undefined) return undefined;
    if (isOpenOfTitle(context, other)) return other;
    named = withdrawnInFavourOf(other.summary);
  }
  return undefined;
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
