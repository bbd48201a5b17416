import { Fault } from '../../domain/fault.ts';
import type { Text } from '../../domain/text.ts';
import { TransientFailure } from '../../http/retry.ts';
import { isTooLarge, TransportError } from '../../http/transport.ts';
import type { Call } from './call.ts';

/** C3: a write may have been done, and no answer says so: neither tried again nor a good answer. */
export class LostAnswer extends Error {
  override readonly name = 'LostAnswer';
  readonly why: Text;

  constructor(why: Text) {
    super(why.line);
    this.why = why;
  }
}

/** C3: the fault of a write that may have been done, as no answer says; undefined if it was not done. */
export function lostAnswer(error: unknown): Fault | undefined {
  if (error instanceof TransientFailure) return wasNotDone(error) ? undefined : error.fault;
  return error instanceof Fault && isTooLarge(error) ? error : undefined;
}

export function conflictOf<T>({ conflictEnds }: Call<T>, error: unknown): Fault | undefined {
  const isConflict = error instanceof TransientFailure && error.kind === 'conflict';
  return conflictEnds === true && isConflict ? error.fault : undefined;
}

/** C3: refused before any work was done, or never sent. */
function wasNotDone({ fault, kind }: TransientFailure): boolean {
  if (fault.status === 429 || kind === 'conflict') return true;
  // F3: a web page with a status that refuses: what is in front of Jira did not let it pass.
  if (kind === 'broken-answer' && fault.status !== undefined) return true;
  const { cause } = fault;
  return (
    cause instanceof TransportError &&
    ['not-connected', 'unknown-host', 'certificate', 'bad-proxy'].includes(cause.failure)
  );
}
