import type { Clock, Random } from '../app/ports.ts';
import type { Fault } from '../domain/fault.ts';

/** F1: a failure that another try may overcome. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** The error to throw if there is no further try. */
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
  /** No answer, or a status that invites a retry: 408, 429, 5xx. */
  | 'outage'
  /** F5: an answer that is not the expected JSON. */
  | 'broken-answer'
  /** F3: a 409, which is retried once. */
  | 'conflict';

/** F1: whether a status invites a retry. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Is notified of the course of an outage (P5). */
export interface OutageWatch {
  triesAgain(fault: Fault, since: number, nextAt: number, endsAt: number | undefined): void;
  over(): void;
}

/** F2: how long the site may be unreachable in the current state of the run. */
export class Patience {
  /** False for an operation that waits for nothing. */
  readonly isWait: boolean;
  readonly deadline: number;
  readonly #outageMs: number;
  readonly #watch: OutageWatch | undefined;
  #goodAnswer = false;
  #goodCheck = false;
  /** Steady clock at the first failure of the current outage, and at the latest one or the try after it. */
  #outage: { readonly since: number; readonly until: number } | undefined;
  #addsUp = false;
  /** How long the outages before that have lasted, if they add up. */
  #spentMs = 0;
  #putOffSince: number | undefined;

  /**
   * @param outageMs the longest outage; if 0, a request that fails three times ends the run
   * @param isWait false for an operation that waits for nothing: it tolerates 2 minutes at most
   * @param deadline steady clock at the wait limit: the run does not wait for a `Retry-After` beyond it (F1)
   */
  constructor(outageMs: number, isWait = true, deadline = Number.POSITIVE_INFINITY, watch?: OutageWatch) {
    this.deadline = deadline;
    this.#watch = watch;
    this.#outageMs = isWait ? outageMs : Math.min(outageMs, firstContactMs);
    this.isWait = isWait;
  }

  /**
   * R6: returns the patience of a pass with one server. Its outages add up to 2 minutes: otherwise a pass would
   * try for 2 minutes for each of a thousand change requests that do not load.
   */
  static ofPass(): Patience {
    const patience = new Patience(firstContactMs, false);
    patience.#addsUp = true;
    return patience;
  }

  /** Records an answer that was understood. */
  sawGoodAnswer(): void {
    this.#goodAnswer = true;
    if (this.#putOffSince !== undefined) return;
    if (this.#addsUp && this.#outage !== undefined) this.#spentMs += this.#outage.until - this.#outage.since;
    this.#outage = undefined;
    this.#watch?.over();
  }

  /**
   * Records a failure.
   * @param startedAt what {@link outageStart} returned when the request began
   * @param until steady clock up to which the failure costs time
   */
  sawFailure(startedAt: number, until: number): void {
    this.#outage = { since: this.#outage?.since ?? startedAt + this.#spentMs, until };
  }

  /** Reports that another try follows; all times are on the steady clock. */
  triesAgain(fault: Fault, startedAt: number, nextAt: number): void {
    this.sawFailure(startedAt, nextAt);
    // P4: some requests may outlast the wait limit.
    const limits = [this.endsAt(startedAt) ?? Number.POSITIVE_INFINITY, this.deadline];
    const endsAt = Math.min(...limits.filter((at) => at >= nextAt));
    this.#watch?.triesAgain(
      fault,
      startedAt + this.#spentMs,
      nextAt,
      Number.isFinite(endsAt) ? endsAt : undefined,
    );
  }

  /**
   * Steady clock from which the outage counts for a request that begins now. An operation that waits for
   * nothing continues without an answer that it does not need, so one outage counts for all its requests.
   */
  outageStart(now: number): number {
    if (this.isWait) return this.#putOffSince ?? now;
    return this.#putOffSince ?? (this.#outage?.since ?? now) - this.#spentMs;
  }

  /**
   * Makes the requests that precede a try of a write. If an outage puts the write off, they belong to it: they
   * have no outage of their own, and their good answers do not end it.
   * @param since steady clock at the start of that outage; undefined before the first try
   */
  async beforeTry(since: number | undefined, requests: () => Promise<void>): Promise<void> {
    this.#putOffSince = since;
    try {
      await requests();
    } finally {
      this.#putOffSince = undefined;
    }
  }

  /** Records a good check. */
  sawGoodCheck(): void {
    this.sawGoodAnswer();
    this.#goodCheck = true;
  }

  get goodAnswer(): boolean {
    return this.#goodAnswer;
  }

  get goodCheck(): boolean {
    return this.#goodCheck;
  }

  /**
   * How many tries a failure of this kind allows, and whether failures of other kinds count as well;
   * undefined if only the length of the outage limits the tries.
   */
  mostTries(kind: TransientKind): { readonly tries: number; readonly of: 'kind' | 'all' } | undefined {
    if (kind === 'conflict') return { tries: 2, of: 'kind' };
    if (this.#outageMs === 0) return { tries: fewTries, of: 'all' };
    return kind === 'broken-answer' && !this.#goodCheck ? { tries: fewTries, of: 'kind' } : undefined;
  }

  /** How long a request may keep failing. */
  get limitMs(): number {
    return this.#goodAnswer ? this.#outageMs : Math.min(this.#outageMs, firstContactMs);
  }

  /** Steady clock at which the run's patience ends; undefined if only tries are counted. */
  endsAt(startedAt: number): number | undefined {
    const endsAt = startedAt + this.limitMs;
    if (this.#addsUp) return endsAt + lastAnswerMs;
    if (this.mostTries('outage') === undefined) return endsAt;
    return this.isWait ? undefined : startedAt + firstContactMs;
  }
}

const fewTries = 3;
/** F2: the longest outage before the first good answer. */
const firstContactMs = 120_000;
/** R6: how long a request may take when the outages of a pass have added up to their limit. */
const lastAnswerMs = 4000;
/** F1: the longest `Retry-After` that the run waits for if tries are counted. */
const longestRetryAfterMs = 30_000;
/** F2: the last try starts this long before the run's patience ends. */
const lastTryMs = 2000;
export const firstDelayMs = 1000;
const longestDelayMs = 30_000;

/** The clock, the limits and the signal that all retries of a run use. */
export interface Retrying {
  readonly clock: Clock;
  readonly random: Random;
  readonly patience: Patience;
  /** Ends every request and every wait between two tries. */
  readonly signal: AbortSignal;
}

export interface RetryOptions extends Retrying {
  /** Allows fewer tries than the patience does, for a call that the run can do without. */
  readonly mostTries?: number | undefined;
  /** A status that ends the tries after a few answers, because the caller then has an alternative. */
  readonly finalStatus?: number | undefined;
  /** P4: no further try starts after the wait limit, although one in progress may outlast it. */
  readonly endsWithWait?: true;
  /** Precedes each try, and ends the tries by rejecting. Its requests belong to the same outage. */
  readonly beforeTry?: (() => Promise<void>) | undefined;
}

/**
 * F1: retries a request while its failures are transient, with growing, jittered delays that are never
 * shorter than `Retry-After`. Rejects with the last fault, or with the signal's reason.
 * @param attempt makes one try, given the steady clock at which patience ends, or undefined if tries count
 */
export async function retried<T>(
  options: RetryOptions,
  attempt: (endsAt: number | undefined) => Promise<T>,
): Promise<T> {
  const { clock, patience, signal, beforeTry } = options;
  const failures: TransientFailure[] = [];
  let startedAt: number | undefined;
  for (;;) {
    if (beforeTry !== undefined) await patience.beforeTry(startedAt, beforeTry);
    startedAt ??= patience.outageStart(clock.now());
    try {
      const value = await attempt(patience.endsAt(startedAt));
      patience.sawGoodAnswer();
      return value;
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      failures.push(error);
      patience.sawFailure(startedAt, clock.now());
      const pauseMs = pauseAfter(error, failures, startedAt, options);
      if (pauseMs === undefined) throw error.fault;
      patience.triesAgain(error.fault, startedAt, clock.now() + pauseMs);
      await clock.sleep(pauseMs, signal);
    }
  }
}

/** F1, F2: ms until the next try; undefined if there is none. */
function pauseAfter(
  { kind, retryAfterMs = 0 }: TransientFailure,
  failures: readonly TransientFailure[],
  startedAt: number,
  { clock, random, patience, mostTries, finalStatus, endsWithWait }: RetryOptions,
): number | undefined {
  const now = clock.now();
  const elapsedMs = now - startedAt;
  const delay = delayMs(failures.length, retryAfterMs, random());
  // F1: a limit that has passed does not end reads: the search for a lost create may outlast it (P4).
  const { deadline } = patience;
  if (endsWithWait ? now + delay > deadline : now <= deadline && now + retryAfterMs > deadline)
    return undefined;
  if (failures.length >= (mostTries ?? Number.POSITIVE_INFINITY)) return undefined;
  const ofFinalStatus = failures.filter(({ fault }) => fault.status === finalStatus);
  if (finalStatus !== undefined && ofFinalStatus.length >= fewTries) return undefined;
  const counted = patience.mostTries(kind);
  if (counted !== undefined) {
    if (!patience.isWait && elapsedMs + delay > firstContactMs) return undefined;
    const { length } = counted.of === 'all' ? failures : failures.filter((failure) => failure.kind === kind);
    return length < counted.tries && retryAfterMs <= longestRetryAfterMs ? delay : undefined;
  }
  const leftMs = patience.limitMs - elapsedMs;
  if (leftMs <= lastTryMs || retryAfterMs > leftMs) return undefined;
  // Shorten the last delay so that a last try fits before patience ends, but never below `Retry-After`.
  return Math.max(Math.min(delay, leftMs - lastTryMs), retryAfterMs);
}

/**
 * The delay in ms after a number of failed tries, with jitter.
 * @param random a number from 0 up to 1
 */
export function delayMs(tries: number, retryAfterMs: number | undefined, random: number): number {
  const grown = Math.min(firstDelayMs * 2 ** (tries - 1), longestDelayMs);
  const jittered = grown * (0.7 + 0.6 * random);
  return Math.max((retryAfterMs ?? 0) * (1 + 0.1 * random), jittered);
}

/**
 * Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3); of several values the longest counts.
 * @param now the server's time at the same answer
 * @returns ms; undefined if absent or unreadable
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  // Several values are joined by commas. A date also contains a comma; its weekday is then skipped.
  const delays = (header ?? '').split(',').flatMap((value) => retryDelay(value.trim(), now) ?? []);
  return delays.length === 0 ? undefined : Math.max(...delays);
}

function retryDelay(value: string, now: Date): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  if (Number.isNaN(at) || !/[A-Za-z]/.test(value)) return undefined;
  return Math.max(0, at - now.getTime());
}
