import { Fault } from '../../domain/fault.ts';
import type { Text } from '../../domain/text.ts';
import { TransientFailure } from '../../http/retry.ts';
import { isTooLarge, TransportError } from '../../http/transport.ts';
import type { Call } from './call.ts';

/** C3: a write may have been carried out, but no answer confirms it; neither retried nor a good answer. */
export class LostAnswer extends Error {
  override readonly name = 'LostAnswer';
  readonly why: Text;

  constructor(why: Text) {
    super(why.line);
    this.why = why;
  }
}

/** C3: the fault of a write that may have been carried out without confirmation; undefined if it was not. */
export function lostAnswer(error: unknown): Fault | undefined {
  if (error instanceof TransientFailure) return wasNotDone(error) ? undefined : error.fault;
  return error instanceof Fault && isTooLarge(error) ? error : undefined;
}

export function conflictOf({ conflictEnds }: Call<unknown>, error: unknown): Fault | undefined {
  const isConflict = error instanceof TransientFailure && error.kind === 'conflict';
  return conflictEnds === true && isConflict ? error.fault : undefined;
}

/** C3: whether a write was refused before any work was done, or was never sent. */
function wasNotDone({ fault, kind }: TransientFailure): boolean {
  if (fault.status === 429 || kind === 'conflict') return true;
  // F3: a refusal that is not Jira's own: a system in front of Jira did not let the request pass.
  if (kind === 'broken-answer' && fault.status !== undefined) return true;
  const { cause } = fault;
  return (
    cause instanceof TransportError &&
    ['not-connected', 'unknown-host', 'certificate', 'bad-proxy'].includes(cause.failure)
  );
}
