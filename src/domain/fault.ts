import type { Text } from './text.ts';

/** What went wrong, as far as the flow of a run depends on it. */
export type FaultKind =
  /** 401, or an answer that was served anonymously (F4). */
  | 'login'
  /** 403 */
  | 'forbidden'
  /** 404 with Jira's own JSON: missing or not visible. */
  | 'missing'
  /** 404 from something that is not Jira's API. */
  | 'wrong-url'
  /** 409 */
  | 'conflict'
  /** 400: Jira does not accept the request. */
  | 'rejected'
  /** 400 or 404 to a create: nothing was raised. */
  | 'not-raised'
  /** Out of reach for longer than the run tolerates: connection faults, time-outs, 408, 429, 5xx, broken answers. */
  | 'unreachable'
  /** At once and finally: an unknown host, a refused certificate, an answer over the size limit, another status. */
  | 'refused'
  /** An answer whose fields have no names, so that none can be told to be a planned one (W12). */
  | 'window-unknown'
  /** The configuration asks for something that JSM does not have (C5). */
  | 'configuration';

/**
 * A fault that ends what was tried: a sentence for people, and what they can do.
 * Outcomes of the rules are values; this is thrown.
 */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  readonly kind: FaultKind;
  /** What happened and where. */
  readonly summary: Text;
  /** What to do about it. */
  readonly advice: Text;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(
    kind: FaultKind,
    summary: Text,
    advice: Text,
    options: ErrorOptions & { readonly status?: number | undefined } = {},
  ) {
    super(`${summary.line} ${advice.line}`, options);
    this.kind = kind;
    this.status = options.status;
    this.summary = summary;
    this.advice = advice;
  }
}

/** F3: what is believed after a good check only if the next one shows it again. */
export const doubtedKinds: ReadonlySet<FaultKind> = new Set(['login', 'forbidden', 'missing', 'wrong-url']);

/** The run has to end: by its wait limit (P4) or by a signal (F6). No further request is made. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
  readonly by: 'wait-limit' | 'signal';

  constructor(by: 'wait-limit' | 'signal') {
    super(by === 'wait-limit' ? 'The wait limit is reached.' : 'The run was asked to stop.');
    this.by = by;
  }
}

/** What an action came to: its value, or the fault that it met. Anything else that is thrown is thrown on. */
export async function attempt<T>(action: () => Promise<T>): Promise<T | Fault> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
