import { attempt, Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { PassContext } from './pass-context.ts';
import type { Answer, Interruption, WriteOutcome } from './ports.ts';

/** R6: how long Octopus may put off one write. */
const patienceMs = 120_000;

export type Answered =
  | { readonly kind: 'done' }
  /** R5: it was answered meanwhile, by a person or another pass. */
  | { readonly kind: 'by-others' }
  /** What it would have been answered on no longer holds. */
  | { readonly kind: 'outdated' }
  /** Still pending: left to the next pass. */
  | { readonly kind: 'left'; readonly why: Text }
  /** Octopus itself is lost for this pass. */
  | { readonly kind: 'octopus-lost'; readonly fault: Fault };

/**
 * R4, R5: takes responsibility for an interruption and presses a button.
 * @param confirmed asked right before it is pressed: the notes for the answer, or undefined if it no longer holds
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

  /** R5: read once; what is still pending is left to the next pass. */
  async function afterFault(fault: Fault, wasSubmitted: boolean): Promise<Answered> {
    const now = await attempt(() => octopus.interruption(id));
    if (now instanceof Fault) {
      return now.kind === 'missing' || now.kind === 'forbidden'
        ? { kind: 'left', why: text`${fault.summary} ${now.summary} ${now.advice}` }
        : { kind: 'octopus-lost', fault: now };
    }
    if (!now.isPending) {
      const mayBeOurs = wasSubmitted && (fault.status ?? 500) >= 500;
      return mayBeOurs && now.isOwn && now.result === answer ? { kind: 'done' } : { kind: 'by-others' };
    }
    if (now.isTaken && !now.isOwn) {
      return { kind: 'left', why: text`another user has taken responsibility for the Manual Intervention.` };
    }
    return { kind: 'left', why: text`${fault.summary} ${fault.advice}` };
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
