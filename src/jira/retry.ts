import type { Clock, Random } from '../app/ports.ts';
import type { Fault } from '../domain/fault.ts';

/** F1: a failed try that another one may overcome. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** What is thrown when no further try is made. */
  readonly fault: Fault;
  /** From `Retry-After`. */
  readonly retryAfterMs: number | undefined;
  readonly kind: TransientKind;

  constructor(fault: Fault, kind: TransientKind, retryAfterMs?: number) {
    super(fault.message, { cause: fault });
    this.fault = fault;
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

export type TransientKind =
  /** No answer, or a status that says to come again: 408, 429, 5xx. */
  | 'outage'
  /** F5: an answer that is not the JSON expected. */
  | 'broken-answer'
  /** F3: a 409, read again once. */
  | 'conflict';

/** F2: how long the site may be out of reach in the present state of the run. */
export class Patience {
  readonly #outageMs: number;
  #goodAnswer = false;
  #goodLook = false;

  /**
   * @param outageMs 0: what three tries of a request don't overcome ends the run
   * @param isWait false in an operation that waits for nothing: it bears 2 minutes at most
   */
  constructor(outageMs: number, isWait = true) {
    this.#outageMs = isWait ? outageMs : Math.min(outageMs, firstContactMs);
  }

  /** Any answer that was understood. */
  sawGoodAnswer(): void {
    this.#goodAnswer = true;
  }

  /** A look at a change request that was understood. */
  sawGoodLook(): void {
    this.#goodAnswer = true;
    this.#goodLook = true;
  }

  get goodAnswer(): boolean {
    return this.#goodAnswer;
  }

  /** Most tries of a failure of this kind; undefined: as long as the outage may last. */
  mostTries(kind: TransientKind): number | undefined {
    if (kind === 'conflict') return 2;
    if (this.#outageMs === 0 || (kind === 'broken-answer' && !this.#goodLook)) return fewTries;
    return undefined;
  }

  /** How long a request may fail altogether. */
  get limitMs(): number {
    return this.#goodAnswer ? this.#outageMs : Math.min(this.#outageMs, firstContactMs);
  }
}

const fewTries = 3;
/** F2: before any good answer. */
const firstContactMs = 120_000;
/** F1: the longest `Retry-After` that is waited for where tries are counted. */
const longestRetryAfterMs = 30_000;
const firstDelayMs = 1000;
const longestDelayMs = 30_000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Fewer tries than the patience allows, for what the run can do without. */
  readonly mostTries?: number | undefined;
  /** So many answers of this status are enough, since the caller has another way then. */
  readonly enough?: EnoughAnswers | undefined;
}

export interface EnoughAnswers {
  readonly status: number;
  readonly tries: number;
}

/**
 * F1: tries a request again while its failures are transient, with growing jittered delays that never
 * undercut `Retry-After`. Rejects with the last fault, or with the signal's reason.
 */
export async function retried<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const { clock, random, patience, signal, enough } = options;
  const startedAt = clock.now();
  let sameAnswers = 0;
  for (let tries = 1; ; tries += 1) {
    try {
      const value = await attempt();
      patience.sawGoodAnswer();
      return value;
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      if (enough !== undefined && error.fault.status === enough.status) sameAnswers += 1;
      if (enough !== undefined && sameAnswers >= enough.tries) throw error.fault;
      const delay = delayMs(tries, error.retryAfterMs, random());
      if (!mayTryAgain(options, error, tries, clock.now() - startedAt, delay)) throw error.fault;
      await clock.sleep(clip(delay, options, error, startedAt), signal);
    }
  }
}

function mayTryAgain(
  { patience, mostTries }: RetryOptions,
  failure: TransientFailure,
  tries: number,
  elapsedMs: number,
  delay: number,
): boolean {
  if (mostTries !== undefined && tries >= mostTries) return false;
  const counted = patience.mostTries(failure.kind);
  if (counted !== undefined) {
    return tries < counted && (failure.retryAfterMs ?? 0) <= longestRetryAfterMs;
  }
  const leftMs = patience.limitMs - elapsedMs;
  return (
    leftMs > 0 && (failure.retryAfterMs === undefined || delay <= leftMs || failure.retryAfterMs <= leftMs)
  );
}

/** The last delay before the outage is over is cut to its end, but never below `Retry-After`. */
function clip(
  delay: number,
  { patience, clock }: RetryOptions,
  failure: TransientFailure,
  startedAt: number,
): number {
  if (patience.mostTries(failure.kind) !== undefined) return delay;
  const leftMs = patience.limitMs - (clock.now() - startedAt);
  return Math.max(Math.min(delay, leftMs), failure.retryAfterMs ?? 0);
}

/**
 * @param tries so many have failed
 * @param random 0 up to 1
 */
export function delayMs(tries: number, retryAfterMs: number | undefined, random: number): number {
  const grown = Math.min(firstDelayMs * 2 ** (tries - 1), longestDelayMs);
  const jittered = grown * (0.7 + 0.6 * random);
  if (retryAfterMs === undefined) return jittered;
  return Math.max(retryAfterMs * (1 + 0.1 * random), jittered);
}

/**
 * `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
 * @param now the server's time, from the same answer
 * @returns ms; undefined when absent or unreadable
 */
export function parseRetryAfter(header: string | undefined, now: Date | undefined): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  if (Number.isNaN(at) || now === undefined || !/[A-Za-z]/.test(value)) return undefined;
  return Math.max(0, at - now.getTime());
}
