import { attempt, Fault, faultWords } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { PassContext } from './pass-context.ts';
import type { Answer, Interruption, WriteOutcome } from './ports.ts';

/** R6: how long Octopus may delay one write. */
const patienceMs = 120_000;

export type Answered =
  | { readonly kind: 'done' }
  /** R5: a person or another pass has already answered it. */
  | { readonly kind: 'by-others' }
  /** The decision behind the answer has changed. */
  | { readonly kind: 'outdated' }
  /** It is still pending, and left to the next pass; `fault` is set if Octopus did not confirm the write. */
  | { readonly kind: 'left'; readonly why: Text; readonly fault?: Fault }
  /** Octopus cannot be used for the rest of this pass. */
  | { readonly kind: 'octopus-lost'; readonly fault: Fault };

/**
 * R4, R5: takes responsibility for an interruption and submits an answer.
 * @param confirmed called right before submitting; returns the notes, or undefined if the decision changed
 */
export async function answerInterruption(
  { octopus, clock, sleep }: PassContext,
  interruption: Interruption,
  answer: Answer,
  confirmed: () => Promise<string | undefined>,
): Promise<Answered> {
  const { id } = interruption;
  const until = clock.now() + patienceMs;
  let isOwn = interruption.isOwn;
  for (;;) {
    const notes = isOwn ? await confirmed() : '';
    if (notes === undefined) return { kind: 'outdated' };
    const sent = await attempt(() => (isOwn ? octopus.submit(id, answer, notes) : octopus.take(id)));
    if (sent instanceof Fault) return afterFault(sent, isOwn);
    if (sent.kind === 'done') {
      if (isOwn) return { kind: 'done' };
      isOwn = true;
    } else {
      if (clock.now() + sent.delayMs > until) return lost(sent);
      await sleep(sent.delayMs);
    }
  }

  /** R5: reads the interruption once; if it is still pending, it is left to the next pass. */
  async function afterFault(fault: Fault, wasSubmitted: boolean): Promise<Answered> {
    const now = await attempt(() => octopus.interruption(id));
    if (now instanceof Fault) {
      return now.kind === 'missing' || now.kind === 'forbidden'
        ? { kind: 'left', why: text`${fault.summary} ${faultWords(now)}` }
        : { kind: 'octopus-lost', fault: now };
    }
    if (!now.isPending) {
      const mayBeOurs = wasSubmitted && (fault.status ?? 500) >= 500;
      return mayBeOurs && now.isOwn && now.result === answer ? { kind: 'done' } : { kind: 'by-others' };
    }
    if (now.isTaken && !now.isOwn) {
      return { kind: 'left', why: text`another user has taken responsibility for the Manual Intervention.` };
    }
    return { kind: 'left', why: faultWords(fault), fault };
  }
}

function lost(sent: Extract<WriteOutcome, { kind: 'later' }>): Answered {
  const fault = new Fault(
    'unreachable',
    sent.why,
    text`Octopus limits the request rate of this account; run this again later.`,
  );
  return { kind: 'octopus-lost', fault };
}
